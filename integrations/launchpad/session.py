"""A Launchpad session that never asks questions: saved credentials or none, a time-out always, no cache on disk.

One Launchpad object per thread (launchpadlib and httplib2 are not made for sharing). Source: launchpadlib 2.x.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integrations.contract import Refused, Transient

TIMEOUT_S = 30
APPLICATION = "czar"


def connect(root: str, version: str, credentials_file: Path) -> Any:
    """A logged-in `Launchpad`. Raises Transient, or Refused where the credentials are no good."""
    from launchpadlib.credentials import Credentials
    from launchpadlib.launchpad import Launchpad
    from lazr.restfulclient.errors import HTTPError

    credentials = _load(Credentials, credentials_file)
    try:
        return Launchpad(credentials, None, None, service_root=root, version=version, cache=None, timeout=TIMEOUT_S)
    except HTTPError as error:
        status = int(error.response.status)
        if status in (401, 403):
            raise Refused(f"{root} refuses the credentials in {credentials_file} ({status})") from error
        raise Transient(f"{root}: {status}") from error
    except OSError as error:
        raise Transient(f"{root} cannot be reached: {error}") from error


def _load(kind: Any, file: Path) -> Any:
    try:
        return kind.load_from_path(str(file))
    except Exception as error:
        raise Refused(f"{file} holds no Launchpad credentials: make them with launchpadlib, chmod 600") from error

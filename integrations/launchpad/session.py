"""A Launchpad session that never asks questions: saved credentials or none, a time-out always, no cache on disk.

One Launchpad object per thread (launchpadlib and httplib2 are not made for sharing). Source: launchpadlib 2.x.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from launchpadlib import launchpad as library
from launchpadlib.credentials import Credentials
from launchpadlib.errors import HTTPError

from integrations.contract import Refused, Transient

TIMEOUT_S = 30


class Session(library.Launchpad):  # type: ignore[misc]  # launchpadlib has no types
    """A `Launchpad` that leaves no connection open where it fails, and repeats nothing by itself.

    launchpadlib would repeat calls answered with 502 or 503 for half a minute, those that write too.
    """

    def __init__(self, credentials: Credentials, root: str, version: str) -> None:
        self.credential_store = self.authorization_engine = None
        self._http: Any = None
        proxies = library.proxy_info_from_environment
        try:
            super(library.Launchpad, self).__init__(credentials, root, None, TIMEOUT_S, proxies, version, max_retries=0)
        except BaseException:
            self.close()
            raise

    def httpFactory(self, *given: Any) -> Any:  # noqa: N802  # launchpadlib's name
        """What talks HTTP."""
        self._http = super().httpFactory(*given)
        return self._http

    def close(self) -> None:
        """Give up the connection."""
        if self._http is not None:
            self._http.close()


def connect(root: str, version: str, credentials_file: Path) -> Session:
    """A logged-in `Launchpad`. Raises Transient, or Refused where the credentials are no good."""
    credentials = _load(credentials_file)
    with _translated(root, credentials_file):
        return Session(credentials, root, version)


def whoami(root: str, version: str, credentials_file: Path) -> str:
    """The name Launchpad knows us by. Raises as `connect`."""
    session = connect(root, version, credentials_file)
    try:
        with _translated(root, credentials_file):
            return str(session.me.name)
    finally:
        session.close()


@contextmanager
def _translated(root: str, file: Path) -> Iterator[None]:
    """What launchpadlib raises, in our words."""
    try:
        yield
    except HTTPError as error:
        status = int(error.response.status)
        if status in (401, 403):
            raise Refused(f"{root} refuses the credentials in {file} ({status})") from error
        raise Transient(f"{root}: {status}") from error
    except OSError as error:
        raise Transient(f"{root} cannot be reached: {error}") from error
    except Exception as error:  # launchpadlib trusts whatever comes: a page of a proxy is an AttributeError somewhere
        raise Transient(f"{root} does not answer as a Launchpad does: {type(error).__name__}: {error}") from error


def _load(file: Path) -> Credentials:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not UTF-8 text") from error
    credentials = Credentials()
    try:
        credentials.load(io.StringIO(text))
    except Exception as error:
        raise Refused(f"{file} holds no Launchpad credentials: make them with launchpadlib, chmod 600") from error
    return credentials

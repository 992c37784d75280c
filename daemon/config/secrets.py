"""Secrets are only ever files: found, refused where too many may read them, and never shown.

A `…_file` is looked for in `$CREDENTIALS_DIRECTORY` (systemd's LoadCredential), then in the config directory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

CREDENTIALS = "CREDENTIALS_DIRECTORY"


class BadSecret(Exception):
    """A secret cannot be used; the message names the file and the remedy, never what is in it."""


def find(name: str, directory: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The file of a secret, once it is there and closed to others. Raises BadSecret."""
    for place in _places(name, directory, environ):
        try:
            mode = place.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadSecret(f"{place}: {error.strerror}") from error
        _refuse_open(place, mode, directory)
        return place
    tried = " nor ".join(str(place) for place in _places(name, directory, environ))
    raise BadSecret(f"there is no {tried}: write the secret there, then chmod 600 it")


def read(name: str, directory: Path, environ: Mapping[str, str] = os.environ) -> SecretStr:
    """A secret without the line break at its end; its repr hides it. Raises BadSecret."""
    place = find(name, directory, environ)
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSecret(f"{place}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadSecret(f"{place}: is not UTF-8 text") from None
    if not text.strip():
        raise BadSecret(f"{place}: is empty")
    return SecretStr(text.rstrip("\r\n"))


def _places(name: str, directory: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    credentials = environ.get(CREDENTIALS)
    if credentials and Path(name).name == name:
        return Path(credentials) / name, directory / name
    return (directory / name,)


def _refuse_open(place: Path, mode: int, directory: Path) -> None:
    if not stat.S_ISREG(mode):
        raise BadSecret(f"{place}: is no file")
    ours = place.absolute().is_relative_to(directory.absolute())
    if mode & stat.S_IROTH or (ours and mode & stat.S_IRGRP):
        who = "everybody" if mode & stat.S_IROTH else "its group"
        raise BadSecret(f"{place}: mode {stat.S_IMODE(mode):03o} lets {who} read it: chmod 600 {place}")

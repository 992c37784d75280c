"""Rosters as of an instant, from governance's file and the release liaisons', each kept in git or lying on disk."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from integrations.governance.history import NO_VERSION, Version
from integrations.governance.shapes import Unreadable, read
from rules.roster import Roster

ROSTERS_KEPT = 256  # of some 100 KB each; a clock that runs forward needs two


class Kept(Protocol):
    """A file somewhere that may have been another one earlier: `History` or `PlainFile`."""

    def version(self, instant: datetime) -> Version:
        """The version as of an instant."""

    def text(self, version: Version) -> str:
        """The file in that version."""

    def refresh(self) -> bool:
        """Look for new versions; whether there were."""


class PlainFile:
    """A file on disk: the same at every instant, until `refresh` reads it again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version, text = self._read()
        self._texts = {self._version: text}

    def version(self, instant: datetime) -> Version:  # noqa: ARG002  (a file has no history)
        return self._version

    def text(self, version: Version) -> str:
        return self._texts[version]

    def refresh(self) -> bool:
        before = self._version
        version, text = self._read()
        self._texts = {before: self._texts[before], version: text}  # somebody may be about to read the one before
        self._version = version
        return version != before

    def _read(self) -> tuple[Version, str]:
        try:
            raw = self.path.read_bytes()
            text = raw.decode()
        except OSError as error:
            raise Unreadable(f"{self.path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Unreadable(f"{self.path}: not UTF-8 text at byte {error.start}") from error
        # Named as git would (`git hash-object`), so that people can find it in a history.
        blob = hashlib.sha1(b"blob %d\0%b" % (len(raw), raw), usedforsecurity=False).hexdigest()
        return Version(landed=datetime.min.replace(tzinfo=UTC), revision=blob, blob=blob), text


class GovernanceRosters:
    """The roster at an instant; asking again for the same two versions gives the same object."""

    def __init__(self, governance: Kept, liaisons: Kept | None = None) -> None:
        self._governance = governance
        self._liaisons = liaisons
        self._roster = lru_cache(maxsize=ROSTERS_KEPT)(self._read)

    def at(self, instant: datetime) -> Roster:
        """The roster as of an instant; its revision names both versions. Raises Unreadable."""
        liaisons = self._liaisons.version(instant) if self._liaisons else NO_VERSION
        return self._roster(self._governance.version(instant), liaisons)

    def refresh(self) -> bool:
        """Look for new versions of both; whether there were."""
        found = [kept.refresh() for kept in (self._governance, self._liaisons) if kept]
        return any(found)

    def _read(self, governance: Version, liaisons: Version) -> Roster:
        also = self._liaisons.text(liaisons) if self._liaisons else ""
        return read(self._governance.text(governance), liaisons=also, revision=_revision(governance, liaisons))


def _revision(governance: Version, liaisons: Version) -> str:
    named = (("governance", governance), ("liaisons", liaisons))
    return ", ".join(f"{name} {version.revision[:8]}" for name, version in named if version.revision)

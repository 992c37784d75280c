"""Release requests: what a change to release files asks for, as plain values.

A *release* is one (repo, version, SHA): what somebody signs. A *request* is all that one change asks for. How the files
are written is the business of `integrations/releases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

HIDDEN = "hidden"
"""The kind of a tag that the diff does not show and that the tagger would make all the same."""


class Release(NamedTuple):
    """One tag on one commit of one repo; a sign-off is for exactly this. `sha` has 40 hex digits, in lower case."""

    repo: str
    version: str
    sha: str

    def __str__(self) -> str:
        return f"{self.repo} {self.version} {self.sha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A tag that a request asks for.

    `kind` is new-version, hash-changed, repo-added, repo-renamed, version-renamed or HIDDEN; `provenance` fresh, moved,
    copied (`origin` names the other file) or unknown: the other file, or this one before the change, cannot be looked
    at. `team` is what the file says after the change and `team_before` what it said before, or the file that it comes
    from; "" where nothing is said. `line` counts from 1 in the file after the change.
    `brought_by` is the account whose upload brought it into the request, and `since` the patch set.
    """

    release: Release
    file: str
    kind: str
    provenance: str = "fresh"
    origin: str = ""
    deliverable: str = ""
    team: str = ""
    team_before: str = ""
    line: int = 0
    brought_by: str = ""
    since: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch that a request asks for: `location` is a version, or the SHA by repo; `kind` new-branch or
    location-changed; `team` is what the file says after the change.
    """

    file: str
    branch: str
    location: str | Mapping[str, str]
    kind: str
    team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in a file, at a line (0: no line of its own)."""

    file: str
    line: int
    because: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.because}" if self.line else f"{self.file}: {self.because}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that one patch set asks for. With `refusals` no signature helps; `notes` are shown to people."""

    wanted: tuple[Wanted, ...] = ()
    branches: tuple[Branch, ...] = ()
    refusals: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def releases(self) -> tuple[Release, ...]:
        """What is to be signed, each once, in the order of the files."""
        return tuple(dict.fromkeys(one.release for one in self.wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One patch set: who uploaded it and when (account id, "" where somebody did it in their name) and what was new in
    it, as compared with the patch set before.
    """

    patch_set: int
    revision: str
    uploader: str
    at: datetime
    brought: tuple[Release, ...] = ()

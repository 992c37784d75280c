"""One tag, looked up (Documentation/rest-api-projects.html#get-tag)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from integrations.gerrit.rest import NotFound, Rest

LASTS = timedelta(minutes=1)
MOST_KEPT = 20_000


def tagged_commit(rest: Rest, repo: str, version: str) -> str | None:
    """The commit that the tag is on, "" where there is no such tag, None where the project is hidden from us or not
    there. Raises Transient, Refused.

    Gerrit shows a tag to who may read a branch or tag that holds its commit: of others it says that there is none.
    """
    return _found(rest, repo, version) or _missing(rest, repo)


class Tags:
    """Tags as they were a minute ago at most: a request may name hundreds, and is looked at again and again. Any thread
    may use it.
    """

    def __init__(self, rest: Rest, clock: Callable[[], datetime]) -> None:
        self._rest = rest
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[datetime, str | None]] = {}
        self._readable: set[str] = set()
        self._lock = threading.Lock()

    def of(self, repo: str, version: str) -> str | None:
        """As `tagged_commit`."""
        with self._lock:
            at, commit = self._kept.get((repo, version), (None, None))
        now = self._clock()
        if at and at <= now < at + LASTS:
            return commit
        commit = _found(self._rest, repo, version) or self._missing(repo)
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
                self._readable.clear()
            self._kept[repo, version] = now, commit
        return commit

    def _missing(self, repo: str) -> str | None:
        """A project that could be read once is not asked for again."""
        if repo in self._readable:
            return ""
        missing = _missing(self._rest, repo)
        if missing is not None:
            self._readable.add(repo)
        return missing


def _found(rest: Rest, repo: str, version: str) -> str:
    if not _is_name(version) or not _is_name(repo):
        return ""
    try:
        tag = rest.get(f"{_project(repo)}/tags/{quote(version, safe='')}")
    except NotFound:
        return ""
    if tag["ref"] != f"refs/tags/{version}":  # a full ref name finds a tag of another name
        return ""
    return str(tag.get("object") or tag["revision"])


def _missing(rest: Rest, repo: str) -> str | None:
    """What it means that a tag is not found."""
    if not _is_name(repo):
        return None
    try:
        rest.get(_project(repo))
    except NotFound:
        return None
    return ""


def _project(repo: str) -> str:
    return f"projects/{quote(repo, safe='')}"


def _is_name(text: str) -> bool:
    """No URL may be changed by what is no name in git either."""
    return not {"", ".", ".."}.intersection(text.split("/"))

"""Catch-up of tags over REST (Documentation/rest-api-projects.txt#list-tags): what the stream missed of `refs/tags/*`.

Each repo is looked at once when the daemon starts, again after the stream had a gap, and once a day; one at a time, so
that the server hardly notices. What is found is compared with the tags as they were found last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import structlog

from integrations.contract import Hear, Heard, Malformed, Refused, Transient
from integrations.gerrit.rest import Rest
from rules import events as e

log = structlog.get_logger()

NAME = "gerrit-tags"
PAGE = 500
PACE_S = 0.5  # between two calls: a community of 500 repos is looked through in some minutes
LEAST_S = 600.0  # between two looks at one repo, however often the stream is cut
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 300.0
NEVER = float("-inf")
NO_SHA = "0" * 40
PREFIX = "refs/tags/"


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    repo: str
    tag: str
    old: str
    new: str
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the sweep asks of others, each time anew: which repos to look at, and by repo how its tags were found last,
    version to commit, "" where it was gone, and which of them were `strange`: these are heard again as they are, since
    somebody may have signed them meanwhile. `hidden` is told of repos that cannot be seen, "" if there are none.
    """

    repos: Callable[[], Collection[str]]
    tags: Callable[[str], Mapping[str, str]]
    strange: Callable[[str], Collection[str]]
    hidden: Callable[[str], None]


class TagSweep:
    """The worker. The mark of a repo is when it was looked at last; without one, they are seen for the first time."""

    name = NAME

    def __init__(
        self,
        rest: Rest,
        hear: Hear,
        known: Known,
        *,
        read_mark: Callable[[str], datetime | None],
        write_mark: Callable[[str, datetime], None],
        clock: Callable[[], datetime],
        every: timedelta = timedelta(hours=24),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest = rest
        self._hear = hear
        self._known = known
        self._read_mark = read_mark
        self._write_mark = write_mark
        self._clock = clock
        self._every_s = every.total_seconds()
        self._monotonic = monotonic
        self._swept: dict[str, float] = {}  # monotonic seconds of the last look since the start
        self._put_off: dict[str, float] = {}  # until when a repo is let be that has not been looked at
        self._hidden: set[str] = set()
        self._asked = NEVER  # the stream had a gap then
        self._not_before = NEVER
        self._tries = 0
        self._trouble = ""
        self._closing = threading.Event()

    def request(self, because: str) -> None:
        """Look at all repos again, soon. Any thread may ask."""
        log.debug("gerrit.tags.requested", because=because)
        self._asked = self._monotonic()

    def step(self, wait_s: float) -> bool:
        """Look at one repo, if one is due."""
        repo = self._next() if self._monotonic() >= self._not_before else None
        if repo is None:
            self._closing.wait(wait_s)
            return False
        try:
            self._look(repo)
        except Refused:
            self._hidden.add(repo)
        except Transient as error:
            self._failed(repo, str(error))
            return False
        else:
            self._hidden.discard(repo)
        self._done(repo)
        return True

    def trouble(self) -> str:
        """Why tags cannot be looked at now, "" if they can."""
        return self._trouble

    def close(self) -> None:
        """Stop waiting."""
        self._closing.set()

    def _next(self) -> str | None:
        """The repo that is due longest."""
        now, repos = self._monotonic(), self._known.repos()
        due = min(((self._due(repo), repo) for repo in repos), default=None)
        return due[1] if due and due[0] <= now else None

    def _due(self, repo: str) -> float:
        last = self._swept.get(repo)
        if last is None:
            return self._put_off.get(repo, NEVER)
        if repo in self._hidden:  # it may have been made meanwhile, or opened to us
            return last + LEAST_S
        return max(self._asked, last + LEAST_S) if last <= self._asked else last + self._every_s

    def _look(self, repo: str) -> None:
        """Hear what is new; the mark moves when all of it is kept."""
        found, first, began = self._list(repo), self._read_mark(repo) is None, self._clock()
        known, strange = self._known.tags(repo), self._known.strange(repo)
        lines = [
            _Line(at=self._rest.server_time or began, repo=repo, tag=tag, old=old, new=new, first=first)
            for tag, old, new in _news(known, found, strange)
        ]
        things = [Heard(sequence=n, raw=msgspec.json.encode(line)) for n, line in enumerate(lines)]
        if things:
            self._hear(NAME, f"{began:%Y-%m-%dT%H:%M:%S.%fZ} {repo}", things)
        self._write_mark(repo, began)

    def _list(self, repo: str) -> dict[str, str]:
        """Tag to the commit it is on."""
        found: dict[str, str] = {}
        while True:
            path = f"projects/{quote(repo, safe='')}/tags/"
            page = self._rest.get(path, [("n", str(PAGE)), ("S", str(len(found)))])
            fresh = {tag: sha for tag, sha in map(_tag, page) if tag not in found}
            found |= fresh
            if len(page) < PAGE or not fresh:
                return found

    def _done(self, repo: str) -> None:
        now = self._monotonic()
        self._swept[repo] = now
        self._not_before = now + PACE_S
        self._tries, self._trouble = 0, ""
        self._hidden &= set(self._known.repos())
        some = ", ".join(sorted(self._hidden)[:3]) + (" …" if len(self._hidden) > 3 else "")
        self._known.hidden(
            f"the tags of some repos cannot be seen ({len(self._hidden)}): {some}" if self._hidden else ""
        )

    def _failed(self, repo: str, because: str) -> None:
        """Everything rests for a while, and this repo longest: it may be the only one that cannot be read."""
        now = self._monotonic()
        self._not_before = now + min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._tries, 10))
        self._swept.pop(repo, None)
        self._put_off[repo] = now + LONGEST_RETRY_S
        if because != self._trouble:
            log.warning("gerrit.tags.failed", because=because)
        self._trouble = because
        self._tries += 1


def _tag(info: dict[str, Any]) -> tuple[str, str]:
    """Of a TagInfo; `object` is the commit of an annotated tag."""
    return str(info["ref"]).removeprefix(PREFIX), str(info.get("object") or info["revision"])


def _news(
    known: Mapping[str, str], found: Mapping[str, str], strange: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """`(tag, old, new)` of what is new, moved or gone, or still there and strange."""
    for tag in sorted({*known, *found}):
        old, new = known.get(tag) or NO_SHA, found.get(tag) or NO_SHA
        if old != new or (tag in strange and tag in found):
            yield tag, old, new


def parse(raw: bytes) -> e.TagSeen:
    """A line of ours as an event. Raises Malformed."""
    try:
        line = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"not a tag that was swept: {error}") from error
    return e.TagSeen(
        at=line.at, repo=line.repo, ref=f"{PREFIX}{line.tag}", old=line.old, new=line.new, first=line.first
    )


_decode = msgspec.json.Decoder(_Line).decode

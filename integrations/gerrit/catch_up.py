"""Catch-up over REST: finds what the stream missed, after every connection, after dropped events, and now and then.

What it has found up to which instant is kept in the journal and only moved when a whole listing was appended; each
listing begins well before that, and changes that stand as they were last seen are left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from integrations.contract import Hear, Heard, Refused, Transient
from integrations.gerrit.infos import instant
from integrations.gerrit.rest import Rest
from integrations.gerrit.rows import list_changes, read_row, reduced
from rules import events as e

log = structlog.get_logger()

NAME = "gerrit-rest"
OVERLAP = timedelta(minutes=10)  # clock skew, index lag, a vote under way
SECOND_LOOK_S = 5.0  # the server may register a stream a moment after it accepted it
PAGE = 200
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0


class CatchUp:
    """The worker. `mark` gives and keeps the instant up to which nothing is missing; commands begin with a word of
    `listen`.
    """

    name = NAME

    def __init__(
        self,
        rest: Rest,
        hear: Hear,
        *,
        read_mark: Callable[[], datetime | None],
        write_mark: Callable[[datetime], None],
        clock: Callable[[], datetime],
        every: timedelta = timedelta(minutes=10),
        listen: tuple[str, ...] = ("czar",),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest = rest
        self._hear = hear
        self._read_mark = read_mark
        self._write_mark = write_mark
        self._clock = clock
        self._monotonic = monotonic
        self._every_s = every.total_seconds()
        self._listen = listen
        self._regular = 0.0  # monotonic seconds of the next listing, come what may
        self._asked: list[float] = []  # and of those asked for besides
        self._wake = threading.Condition()
        self._seen: dict[int, tuple[str, str]] = {}
        self._trouble = "has not caught up yet"
        self._tries = 0

    def request(self, because: str) -> None:
        """Catch up now, and once more in a moment. Any thread may ask."""
        log.debug("gerrit.catch_up.requested", because=because)
        now = self._monotonic()
        with self._wake:
            self._trouble = self._trouble or f"catching up: {because}"
            self._asked += [now, now + SECOND_LOOK_S]
            self._wake.notify_all()

    def step(self, wait_s: float) -> bool:
        """Run one listing if it is time to."""
        with self._wake:
            if not self._is_due():
                self._wake.wait(min(wait_s, max(0.0, self._due() - self._monotonic())))
            if not self._is_due():
                return False
            now = self._monotonic()
            self._asked = [due for due in self._asked if due > now]
        try:
            found = self._run()
        except (Transient, Refused) as error:
            self._failed(str(error))
            return False
        with self._wake:
            self._regular = self._monotonic() + self._every_s
            self._tries = 0
            if not self._is_due():  # else somebody asked meanwhile: what is found then counts
                self._trouble = ""
        log.debug("gerrit.catch_up.done", found=found)
        return True

    def trouble(self) -> str:
        """Why something may be missing now, "" if nothing is."""
        return self._trouble

    def close(self) -> None:
        """Stop waiting."""
        with self._wake:
            self._wake.notify_all()

    def _is_due(self) -> bool:
        return self._due() <= self._monotonic()

    def _due(self) -> float:
        return min((self._regular, *self._asked))

    def _run(self) -> int:
        mark = self._read_mark()
        since = (mark or self._clock()) - OVERLAP
        connection = f"{self._clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        start, found, began = 0, 0, None
        while True:
            rows, more = self._page(since, start)
            began = began or self._rest.server_time or self._clock()
            new = [row for row in rows if self._seen.get(row["_number"]) != _version(row)]
            if new:
                kept = (reduced(row, self._listen, self._rest.user) for row in new)
                things = [Heard(sequence=found + n, raw=raw) for n, raw in enumerate(kept)]
                self._hear(NAME, connection, things)
                self._seen.update((row["_number"], _version(row)) for row in new)
            found += len(new)
            if not more:
                break
            start += len(rows)
        self._forget(since)
        self._write_mark(began)
        return found

    def _page(self, since: datetime, start: int) -> tuple[list[dict[str, Any]], bool]:
        rows = list_changes(self._rest, f'after:"{since:%Y-%m-%d %H:%M:%S}"', count=PAGE, start=start)
        return rows, bool(rows and rows[-1].get("_more_changes"))

    def _forget(self, since: datetime) -> None:
        """Rows older than any listing to come need no remembering."""
        self._seen = {number: seen for number, seen in self._seen.items() if instant(seen[0]) >= since}

    def _failed(self, because: str) -> None:
        wait_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._tries, 10))
        with self._wake:
            self._regular = self._monotonic() + wait_s
            if because != self._trouble:
                log.warning("gerrit.catch_up.failed", because=because)
            self._trouble = because
            self._tries += 1


def _version(row: dict[str, Any]) -> tuple[str, str]:
    """Every write to a change moves `updated`, which has whole seconds, and the name of its newest note."""
    return str(row["updated"]), str(row.get("meta_rev_id", ""))


def parse(raw: bytes) -> e.ChangeSeen:
    """A change row as an event. Raises Malformed."""
    return read_row(raw, e.ChangeSeen)

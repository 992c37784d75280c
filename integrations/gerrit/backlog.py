"""The changes that were there before us: so many of them a day, oldest first, each once.

One walk a day (UTC). How far it came is one instant, so that it can be kept like any other: its date is the day of the
last walk, its microseconds since midnight are the number of the last change walked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

import structlog

from integrations.contract import Hear, Heard, Refused, Transient
from integrations.gerrit.infos import instant
from integrations.gerrit.rest import Rest
from integrations.gerrit.rows import Row, list_changes, read_row, reduced
from rules import events as e

log = structlog.get_logger()

NAME = "gerrit-backlog"
PAGE = 500
OVERLAP = 20  # rows of the page before: a listing shifts when changes are closed meanwhile
AT_ONCE = 20  # changes read in one call
RETRY_S = 300.0
READY = "status:open -is:wip"


class Backlog:
    """The worker. `per_day` (0: no walking) and `since` are asked anew each time; commands begin with a word of
    `listen`.
    """

    name = NAME

    def __init__(
        self,
        rest: Rest,
        hear: Hear,
        *,
        per_day: Callable[[], int],
        since: Callable[[], datetime],
        read_mark: Callable[[], datetime | None],
        write_mark: Callable[[datetime], None],
        clock: Callable[[], datetime],
        listen: tuple[str, ...] = ("czar",),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest = rest
        self._hear = hear
        self._per_day = per_day
        self._since = since
        self._read_mark = read_mark
        self._write_mark = write_mark
        self._clock = clock
        self._listen = listen
        self._monotonic = monotonic
        self._not_before = 0.0  # monotonic seconds
        self._trouble = ""
        self._closing = threading.Event()

    def step(self, wait_s: float) -> bool:
        """Walk once a day."""
        if not self._is_due():
            self._closing.wait(wait_s)
            return False
        try:
            found = self._walk()
        except (Transient, Refused) as error:
            self._failed(str(error))
            return False
        self._trouble = ""
        log.info("gerrit.backlog.walked", found=found)
        return True

    def trouble(self) -> str:
        """Why old changes cannot be walked now, "" if they can."""
        return self._trouble

    def close(self) -> None:
        """Stop waiting."""
        self._closing.set()

    def _is_due(self) -> bool:
        if self._per_day() <= 0 or self._monotonic() < self._not_before:
            return False
        mark = self._read_mark()
        return mark is None or mark.date() < self._clock().date()

    def _walk(self) -> int:
        """How many were heard. The mark moves when all of them are kept."""
        mark, now = self._read_mark(), self._clock()
        last = number_of(mark) if mark else 0
        numbers = sorted(self._waiting(last))[: self._per_day()]
        rows = [
            row for start in range(0, len(numbers), AT_ONCE) for row in self._read(numbers[start : start + AT_ONCE])
        ]
        things = [
            Heard(sequence=n, raw=reduced(row, self._listen, self._rest.user))
            for n, row in enumerate(sorted(rows, key=lambda row: int(row["_number"])))
        ]
        if things:
            self._hear(NAME, f"{now:%Y-%m-%dT%H:%M:%S.%fZ}", things)
        self._write_mark(mark_of(now.date(), max([last, *numbers])))
        return len(things)

    def _waiting(self, last: int) -> set[int]:
        """The numbers of those older than `since` that come after `last`."""
        since = self._since()
        return {row["_number"] for row in self._listed() if row["_number"] > last and instant(row["created"]) < since}

    def _listed(self) -> Iterator[Row]:
        start = 0
        while True:
            rows = list_changes(self._rest, READY, count=PAGE, start=start, options=("SKIP_DIFFSTAT",))
            yield from rows
            if not (rows and rows[-1].get("_more_changes")):
                return
            start += max(1, len(rows) - OVERLAP)

    def _read(self, numbers: list[int]) -> list[Row]:
        """Those of them that are still open and ready."""
        query = " OR ".join(f"change:{number}" for number in numbers)
        return list_changes(self._rest, f"{READY} ({query})", count=len(numbers))

    def _failed(self, because: str) -> None:
        self._not_before = self._monotonic() + RETRY_S
        if because != self._trouble:
            log.warning("gerrit.backlog.failed", because=because)
        self._trouble = because


def parse(raw: bytes) -> e.BacklogSeen:
    """A change row as an event. Raises Malformed."""
    return read_row(raw, e.BacklogSeen)


def mark_of(day: date, number: int) -> datetime:
    """The day of a walk and the last change walked as one instant."""
    return datetime.combine(day, time_of_day(), UTC) + timedelta(microseconds=number)


def number_of(mark: datetime) -> int:
    """The last change walked."""
    return (mark - datetime.combine(mark.date(), time_of_day(), UTC)) // timedelta(microseconds=1)

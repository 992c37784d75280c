"""What was heard: appended by sources, read in order by the decider."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from daemon.journal.codec import Codec
from daemon.journal.database import Database
from daemon.journal.instants import from_us, to_us
from daemon.journal.tables import connections, dictionaries, heard
from integrations.contract import Heard

MOST_RAW_BYTES = 1_000_000
"""A longer line is kept cut off, which makes it malformed: shown, and never in the way."""


SEQS_AT_ONCE = 1_000
MOST_FRESH_BYTES = 8_000_000
"""Kept in memory between commit and decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing heard, as read back. `raw` is None once pruned."""

    seq: int
    source: str
    at: datetime
    raw: bytes | None


class Intake:
    """The journal's beginning. `hear` may be called by any thread; one decider reads.

    What was just committed is handed over in memory, in order; the rest is read from the database.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        columns = ("seq", "connection", "sequence", "at", "raw")
        self._insert = database.hot(insert(heard).inline().values(dict.fromkeys(columns)))
        self._codec = Codec(self._dictionaries())
        self._ids: dict[tuple[str, str], int] = {}
        self._sources: dict[int, str] = {}
        self._hearing = threading.Lock()
        self._last: int | None = None  # the last number given; None: to be read
        self._fresh: deque[Line] = deque()
        self._fresh_bytes = 0
        self._more = threading.Condition()
        self._nudged = False

    def hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        """Append durably, in one commit. Raises Transient where that is impossible now."""
        if not things:
            return
        at = self._clock()
        raws = [thing.raw[:MOST_RAW_BYTES] for thing in things]
        with self._hearing:
            first = self._append(source, connection, things, raws, to_us(at))
            lines = [Line(seq=first + n, source=source, at=at, raw=raw) for n, raw in enumerate(raws)]
            self._hand_over(lines)

    def next(self, after: int, limit: int) -> list[Line]:
        """What was heard after that number, in order."""
        with self._more:
            while self._fresh and self._fresh[0].seq <= after:
                self._fresh_bytes -= len(self._fresh.popleft().raw or b"")
            if self._fresh and self._fresh[0].seq == after + 1:
                return list(islice(self._fresh, limit))
        query = select(heard.c.seq, heard.c.connection, heard.c.at, heard.c.raw).where(heard.c.seq > after)
        with self._database.read() as connection:
            return [self._line(row) for row in connection.execute(query.order_by(heard.c.seq).limit(limit))]

    def lines(self, seqs: Sequence[int]) -> list[Line]:
        """Some of what was heard, by number, in order."""
        found: list[Line] = []
        wanted = sorted(seqs)
        columns = (heard.c.seq, heard.c.connection, heard.c.at, heard.c.raw)
        with self._database.read() as connection:
            for start in range(0, len(wanted), SEQS_AT_ONCE):
                query = select(*columns).where(heard.c.seq.in_(wanted[start : start + SEQS_AT_ONCE]))
                found += [self._line(row) for row in connection.execute(query.order_by(heard.c.seq))]
        return found

    def wait(self, wait_s: float) -> None:
        """Until something was heard or somebody nudges, at most so long; at once if that was since the last wait."""
        with self._more:
            if not self._nudged:
                self._more.wait(wait_s)
            self._nudged = False

    def nudge(self) -> None:
        """Wake who waits: there is something else to do."""
        with self._more:
            self._nudged = True
            self._more.notify_all()

    def _append(self, source: str, name: str, things: Sequence[Heard], raws: list[bytes], at: int) -> int:
        """Commit the rows; gives the number of the first."""
        packed = [self._codec.pack(raw) for raw in raws]
        trained = self._codec.train(raws)
        last, self._last = self._last, None  # read again should this fail
        with self._database.write() as writing:
            if last is None:
                last = writing.execute(select(func.max(heard.c.seq))).scalar() or 0
            place = self._connection(writing, source, name)
            rows = [
                (last + 1 + n, place, thing.sequence, at, raw)
                for n, (thing, raw) in enumerate(zip(things, packed, strict=True))
            ]
            writing.exec_driver_sql(self._insert, rows)
            count = connections.c.heard + len(things)
            writing.execute(update(connections).where(connections.c.id == place).values(heard=count))
            if trained:
                writing.execute(insert(dictionaries), {"id": trained[0], "content": trained[1]})
        self._last = last + len(things)
        self._ids[source, name] = place
        if trained:
            self._codec.adopt(trained[1])
        return last + 1

    def _hand_over(self, lines: list[Line]) -> None:
        """Keep them for the decider, unless it is too far behind: then it reads them from the database."""
        size = sum(len(line.raw or b"") for line in lines)
        with self._more:
            gap = bool(self._fresh) and self._fresh[-1].seq + 1 != lines[0].seq
            if gap or self._fresh_bytes + size > MOST_FRESH_BYTES:
                self._fresh.clear()
                self._fresh_bytes = 0
            self._fresh.extend(lines)
            self._fresh_bytes += size
            self._nudged = True
            self._more.notify_all()

    def _line(self, row: Any) -> Line:
        return Line(seq=row.seq, source=self._source(row.connection), at=from_us(row.at), raw=self._unpack(row.raw))

    def _unpack(self, packed: bytes | None) -> bytes | None:
        if packed is None:
            return None
        try:
            return self._codec.unpack(packed)
        except KeyError:  # another process trained a dictionary since
            self._codec = Codec(self._dictionaries())
            return self._codec.unpack(packed)

    def _dictionaries(self) -> dict[int, bytes]:
        with self._database.read() as connection:
            return {
                row.id: row.content for row in connection.execute(select(dictionaries.c.id, dictionaries.c.content))
            }

    def _source(self, place: int) -> str:
        if place not in self._sources:
            with self._database.read() as connection:
                rows = connection.execute(select(connections.c.id, connections.c.source)).all()
            self._sources = {row.id: row.source for row in rows}
        return self._sources[place]

    def _connection(self, writing: Connection, source: str, name: str) -> int:
        """The number of a connection, made at its first line."""
        place = self._ids.get((source, name))
        if place is None:
            query = select(connections.c.id).where(connections.c.source == source, connections.c.name == name)
            place = writing.execute(query).scalar()
        if place is None:
            made = writing.execute(insert(connections).values(source=source, name=name, heard=0))
            place = int(made.inserted_primary_key[0])  # type: ignore[index]
        return place

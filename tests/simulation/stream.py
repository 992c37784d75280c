"""Gerrit's stream without SSH: as GerritStream does, but from the stand-in's queue, in chunks the seed cuts."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from integrations.contract import Hear, Transient
from integrations.gerrit.stream import CHUNK_BYTES, EVENT_TYPES, NAME, Lines
from integrations.gerrit.wire import is_dropped_output
from integrations.sandbox.gerrit.faults import CutHow, Faults
from integrations.sandbox.gerrit.state import State
from integrations.sandbox.gerrit.stream import StreamQueue

RETRY_S = 20.0


class ChoppedStream:
    """Reads while connected. What is under way when the connection ends is lost, also half a line."""

    name = NAME

    def __init__(
        self,
        state: State,
        faults: Faults,
        account_id: int,
        hear: Hear,
        *,
        missed: Callable[[str], None],
        later: Callable[[float, Callable[[], None]], None],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        chance: random.Random,
    ) -> None:
        self._state = state
        self._faults = faults
        self._account_id = account_id
        self._hear = hear
        self._missed = missed
        self._later = later
        self._clock = clock
        self._monotonic = monotonic
        self._chance = chance
        self._connected = False
        self._queue: StreamQueue | None = None
        self._on_the_way = b""
        self._lines = Lines()
        self._dropped = False
        self._next_try = 0.0
        self._connection = ""
        self._connections = 0
        self._ended: Callable[[], None] = lambda: None

    def step(self, wait_s: float) -> bool:
        """Connect if it is time to, else read what is there."""
        if not self._connected:
            return self._connect()
        data = self._receive()
        if data:
            self._take(data)
            return True
        if self._dropped:
            self._dropped = False
            self._missed("the backlog after dropped events is drained")
        return False

    def close(self) -> None:
        """The connection ends."""
        if self._queue:
            self._queue.close()
        self._ended()
        self._connected, self._queue, self._on_the_way = False, None, b""
        self._connections += 1
        self._ended = lambda: None

    def _connect(self) -> bool:
        if self._monotonic() < self._next_try:
            return False
        if not self._faults.is_flowing() or self._faults.is_login_refused("czar-bot"):
            self._next_try = self._monotonic() + RETRY_S
            return False
        self._connected, self._lines, self._dropped = True, Lines(), False
        self._connections += 1
        self._connection = f"{self._clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        self._ended = self._faults.stream_opened(self._cut, self._lose)
        number = self._connections
        # The server registers the listener a moment after it accepted the command.
        self._later(self._chance.choice((0.0, 0.0, 4.0)), lambda: self._register(number))
        self._missed("connected")
        return True

    def _register(self, number: int) -> None:
        if number == self._connections and self._connected:
            self._queue = StreamQueue(self._state, self._account_id, EVENT_TYPES)

    def _cut(self, how: CutHow) -> None:
        self.close()
        self._next_try = self._monotonic() + self._chance.uniform(0.2, RETRY_S)

    def _lose(self, lines: int) -> None:
        if self._queue:
            self._queue.lose(lines)

    def _receive(self) -> bytes:
        while self._queue and len(self._on_the_way) < CHUNK_BYTES:
            line = self._queue.take()
            if line is None:
                break
            self._on_the_way += line.encode() + b"\n"
        size = self._chance.choice((CHUNK_BYTES, self._chance.randint(1, 3000)))
        data, self._on_the_way = self._on_the_way[:size], self._on_the_way[size:]
        return data

    def _take(self, data: bytes) -> None:
        things = self._lines.take(data)
        if not things:
            return
        if any(is_dropped_output(thing.raw) for thing in things):
            self._dropped = True
            self._missed("the server dropped events")
        try:
            self._hear(NAME, self._connection, things)
        except Transient:
            self._cut("eof")

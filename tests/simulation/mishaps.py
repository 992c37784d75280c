"""What goes wrong besides the stand-in's faults: the process is killed, the disk gives up, a call arrives late."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import requests
from requests.adapters import BaseAdapter
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from daemon.journal.database import Database
from integrations.sandbox.gerrit.in_process import InProcess
from tests.clock import Clock

ANSWER_S = 30.0  # how long the daemon waits for an answer
LATE_S = 4.9  # a call arrives at most so long after the daemon gave up on it: less than it waits in doubt
TICK_S = 1e-6
MOST_PAGES = 4_294_967_294


class Killed(BaseException):
    """The process ends here."""


class Doom:
    """Ends the process at the n-th of the points it passes."""

    def __init__(self) -> None:
        self._left: int | None = None

    def arm(self, points: int) -> None:
        """At that point from now on."""
        self._left = points

    def disarm(self) -> None:
        """It lives on."""
        self._left = None

    def point(self) -> None:
        """A point at which a process can end."""
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            raise Killed


class Time:
    """The clock, and what happens by itself when it moves on."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def tick(self) -> datetime:
        """What the clock shows: never the same twice."""
        self.clock.pass_s(TICK_S)
        return self.clock()

    def later(self, after_s: float, call: Callable[[], None]) -> None:
        """When so many seconds have passed; at once where none."""
        if after_s <= 0:
            call()
            return
        heapq.heappush(self._agenda, (self.clock.monotonic_s() + after_s, next(self._count), call))

    def pass_s(self, seconds: float) -> None:
        """Let time go by; what is due meanwhile happens at its instant."""
        until_s = self.clock.monotonic_s() + seconds
        while self._agenda and self._agenda[0][0] <= until_s:
            due_s, _, call = heapq.heappop(self._agenda)
            self.clock.pass_s(max(0.0, due_s - self.clock.monotonic_s()))
            call()
        self.clock.pass_s(max(0.0, until_s - self.clock.monotonic_s()))


class Door(BaseAdapter):
    """The way to the stand-in's REST: time-outs take their time, calls may arrive late, people act meanwhile."""

    def __init__(self, inside: InProcess, time: Time, doom: Doom, chance: random.Random) -> None:
        super().__init__()
        self._inside = inside
        self._time = time
        self._doom = doom
        self._chance = chance
        self.late = 0  # so many of the next calls that write arrive after the time-out
        self.busy: list[int] = []  # changes for which a call is under way
        self.between: Callable[[], None] = lambda: None  # happens after an answer left the server
        self.before: Callable[[requests.PreparedRequest], None] = lambda request: None  # sees each call that writes
        self.written: list[requests.PreparedRequest] = []  # calls that the server got to see

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Like `InProcess`."""
        writes = request.method != "GET"
        if writes and self.late:
            self.late -= 1
            self._send_late(request, self._chance.uniform(self._chance.choice((0, ANSWER_S + 1)), ANSWER_S + LATE_S))
            self._time.pass_s(ANSWER_S)
            raise requests.ReadTimeout(request=request)
        try:
            self._doom.point()
        except Killed:
            if writes and self._chance.random() < 0.5:
                self._send_late(request, self._chance.uniform(0, LATE_S))
            raise
        if writes:
            self.before(request)
        response = self._send(request)
        if request.path_url.endswith("/detail?o=CURRENT_REVISION"):  # what acts looks
            with self._under_way(number_of(request)):
                self.between()
        elif not writes:
            self.between()
        self._doom.point()
        return response

    def close(self) -> None:
        """Nothing is open."""

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        if request.method != "GET":
            self.written.append(request)
        try:
            return self._inside.send(request)
        except requests.ReadTimeout:
            self._time.pass_s(ANSWER_S)
            raise

    def _send_late(self, request: requests.PreparedRequest, after_s: float) -> None:
        number = number_of(request)

        def arrive() -> None:
            self.busy.remove(number)
            try:
                self._send(request)
            except requests.RequestException:  # nobody waits for this answer
                pass

        self.busy.append(number)
        self._time.later(after_s, arrive)

    @contextmanager
    def _under_way(self, number: int) -> Iterator[None]:
        self.busy.append(number)
        yield
        self.busy.remove(number)


def number_of(request: requests.PreparedRequest) -> int:
    """Of the change it is about."""
    return int(request.path_url.partition("~")[2].partition("/")[0])


class Disk:
    """Under the journal: fine, full (as SQLite itself finds it), or broken (writes fail, some at the commit)."""

    def __init__(self, doom: Doom, chance: random.Random) -> None:
        self._doom = doom
        self._chance = chance
        self.state = "fine"

    def put_under(self, database: Database) -> None:
        """From now on this database stands on it. Commits are not synced: nobody pulls the plug here."""
        event.listen(database.engine, "connect", _unsynced)
        event.listen(database.engine, "begin", self._begin)
        event.listen(database.engine, "before_cursor_execute", self._execute)
        event.listen(database.engine, "commit", self._commit)
        write = database.write

        @contextmanager
        def mortal_write() -> Iterator[Connection]:
            self._doom.point()
            with write() as connection:
                yield connection
            self._doom.point()

        database.write = mortal_write  # type: ignore[method-assign]

    def _begin(self, connection: Connection) -> None:
        if connection.get_execution_options().get("writing"):
            most = 1 if self.state == "full" else MOST_PAGES
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")

    def _execute(self, *given: Any) -> None:
        if not given[2].startswith(("INSERT", "UPDATE", "DELETE")):
            return
        self._doom.point()
        if self.state == "broken" and self._chance.random() < 0.5:
            raise OperationalError(given[2], {}, Exception("disk I/O error"))

    def _commit(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("writing"):
            return
        self._doom.point()
        if self.state == "broken":
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))


def _unsynced(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")

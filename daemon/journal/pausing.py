"""What people paused and resumed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select

from daemon.journal.database import Database
from daemon.journal.instants import to_us
from daemon.journal.records import pause_of, pause_row
from daemon.journal.tables import marks, pauses
from rules.state import Pause

RESUMED = "resumed:"
"""Begins the names of marks that say when a scope was resumed."""


class Pausing:
    """Pauses by scope: `acting` (nothing is done), a rule's id, or `*` (nobody is asked)."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._marks = database.putting(marks, "name")
        self._pauses = database.putting(pauses, "scope")

    def all(self) -> tuple[Pause, ...]:
        """Those in force."""
        with self._database.read() as connection:
            return tuple(pause_of(row) for row in connection.execute(select(pauses).order_by(pauses.c.at)).mappings())

    def pause(self, scope: str, because: str, at: datetime) -> None:
        """From now on, until resumed."""
        with self._database.write() as connection:
            self._pauses(connection, [pause_row(Pause(scope=scope, because=because, at=at))])

    def resume(self, scope: str | None = None) -> tuple[str, ...]:
        """End one pause, or all; gives the scopes that were paused. What was asked before counts for no limit."""
        ended = tuple(pause.scope for pause in self.all() if scope in (None, pause.scope))
        with self._database.write() as connection:
            connection.execute(delete(pauses).where(pauses.c.scope.in_(ended)))
            self._marks(connection, [{"name": f"{RESUMED}{scope}", "value": to_us(self._clock())} for scope in ended])
        return ended

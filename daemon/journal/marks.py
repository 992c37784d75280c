"""Single instants the daemon must not forget: its first start, how far catch-up has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from daemon.journal.database import Database
from daemon.journal.instants import from_us, to_us
from daemon.journal.tables import marks

FIRST_START = "first_start"


class Marks:
    """Named instants."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.putting(marks, "name")

    def get(self, name: str) -> datetime | None:
        """The instant, None if it was never set."""
        with self._database.read() as connection:
            us = connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar()
        return None if us is None else from_us(us)

    def put(self, name: str, at: datetime) -> None:
        """Set it."""
        with self._database.write() as connection:
            self._put(connection, [{"name": name, "value": to_us(at)}])

    def first(self, name: str, now: datetime) -> datetime:
        """The instant; set to now, in whole seconds as servers date things, the first time it is asked for."""
        known = self.get(name)
        if known is None:
            known = now.replace(microsecond=0)
            self.put(name, known)
        return known

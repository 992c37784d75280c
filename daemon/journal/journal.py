"""The journal opened: one database and the parts that work on it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from daemon.journal.acting import Acting
from daemon.journal.database import Database
from daemon.journal.deciding import Deciding
from daemon.journal.intake import Intake
from daemon.journal.marks import Marks
from daemon.journal.pausing import Pausing
from daemon.journal.signoffs import Signoffs
from daemon.journal.telling import Telling
from daemon.journal.views import Views

Clock = Callable[[], datetime]


def now() -> datetime:
    """The wall clock, handed to everything that is not a test."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Heard, decided, done; marks, pauses and what people ask."""

    database: Database
    intake: Intake
    deciding: Deciding
    acting: Acting
    telling: Telling
    marks: Marks
    pausing: Pausing
    signoffs: Signoffs
    views: Views

    def close(self) -> None:
        """Give up all connections."""
        self.database.close()


def open_journal(url: str, clock: Clock, chance: random.Random) -> Journal:
    """Open it, made or upgraded as needed. Raises Transient, UnknownSchema."""
    database = Database(url)
    try:
        database.upgrade()
    except BaseException:
        database.close()
        raise
    return Journal(
        database=database,
        intake=Intake(database, clock),
        deciding=Deciding(database, clock),
        acting=Acting(database, clock, chance),
        telling=Telling(database, clock, chance),
        marks=Marks(database),
        pausing=Pausing(database, clock),
        signoffs=Signoffs(database),
        views=Views(database, clock),
    )

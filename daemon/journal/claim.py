"""One daemon per journal: two would act twice."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from daemon.journal.database import Database

DAEMONS_LOCK = 0x637A6401
"""Session lock on PostgreSQL; it ends with the connection, also when the process is killed."""


class Claimed(Exception):
    """Another daemon has the journal."""


@contextmanager
def claim(database: Database, state: Path) -> Iterator[Callable[[], bool]]:
    """Hold the journal; gives what tells whether it is held still. Raises Claimed."""
    holding = _claim_postgresql(database) if database.is_postgresql else _claim_file(_lock_file(database, state))
    with holding as held:
        yield held


def _lock_file(database: Database, state: Path) -> Path:
    """Beside the database, which two daemons of different states may share."""
    file = database.engine.url.database
    return Path(file).with_suffix(".lock") if file else state / "czar.lock"


@contextmanager
def _claim_file(path: Path) -> Iterator[Callable[[], bool]]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Claimed(f"another czar is running on this journal ({path})") from None
        yield lambda: True  # the kernel holds it as long as we live
    finally:
        os.close(descriptor)


@contextmanager
def _claim_postgresql(database: Database) -> Iterator[Callable[[], bool]]:
    with database.engine.connect() as connection:
        connection.detach()  # closed at the end, not kept in the pool with the lock on it
        held = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({DAEMONS_LOCK})").scalar()
        connection.commit()
        if not held:
            raise Claimed("another czar is running on this database")
        yield lambda: _is_alive(connection)


def _is_alive(connection: Connection) -> bool:
    """Whether the connection that has the lock is there: a restarted server forgets it."""
    try:
        connection.exec_driver_sql("SELECT 1")
        connection.commit()
    except DBAPIError:
        return False
    return True

"""One database: SQLite in a file (WAL, every commit synced) or PostgreSQL. One writer at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.dml import Insert
from tenacity import Retrying, retry_if_exception_message, stop_after_delay, wait_random_exponential

from daemon.journal import tables
from integrations.contract import Transient

BUSY_WAIT_S = 30
CLOSE_WAIT_S = 1.0
GONE = (OperationalError, InternalError, InterfaceError)
"""Full, away, locked, or read-only after a failover: another connection may do better later."""
WRITERS_LOCK = 0x637A6172
"""Advisory lock on PostgreSQL: rows of `heard` are committed in the order of their numbers, whoever writes."""


class UnknownSchema(Exception):
    """The journal was made by a newer czar, which must be used to read it."""


class Database:
    """Connections to the journal. `write` serialises within the process, the database does so between processes."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reading = self.engine
        if self.is_postgresql:  # SQLite's transactions see one state anyway
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._lock = threading.Lock()
        self._writer: Connection | None = None

    @property
    def is_postgresql(self) -> bool:
        """Whether this is PostgreSQL, else SQLite."""
        return self.engine.dialect.name == "postgresql"

    def upgrade(self) -> None:
        """Bring the tables to the newest revision; a new database gets them all.

        Raises Transient if it cannot be opened or written, UnknownSchema if it was made by a newer czar.
        """
        try:
            if self.revision() == tables.HEAD:
                return
            from daemon.journal.migrations.upgrade import upgrade

            upgrade(self.engine)
        except DatabaseError as error:
            raise Transient(f"the journal cannot be opened: {error.orig}") from error

    def revision(self) -> str | None:
        """The schema's revision, None for an empty database."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction on the writing connection: all of it or nothing. Raises Transient if that cannot be now."""
        with self._lock:
            try:
                connection = self._writer = self._writer or self.engine.connect().execution_options(writing=True)
                with connection.begin():
                    if self.is_postgresql:
                        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
                    yield connection
            except GONE as error:
                self._drop_writer()
                raise Transient(f"the journal cannot be written: {error.orig}") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view on a connection of its own. Raises Transient where it cannot be read."""
        try:
            with self._reading.connect() as connection, connection.begin():
                yield connection
        except GONE as error:
            raise Transient(f"the journal cannot be read: {error.orig}") from error

    def hot(self, statement: Insert | Select[Any]) -> str:
        """A statement as the driver takes it, with positions for parameters in the order of its columns."""
        return str(statement.compile(dialect=self.engine.dialect))

    def putting(self, table: Table, key: str | tuple[str, ...], *, add: str = "", keep: bool = False) -> Putting:
        """Insert rows, or change those with the same key: `add` names a column to add to, `keep` changes none."""
        return Putting(self, table, (key,) if isinstance(key, str) else key, add, keep)

    def close(self) -> None:
        """Give up all connections."""
        if self._lock.acquire(timeout=CLOSE_WAIT_S):  # else a writer was abandoned: it ends with the process
            self._drop_writer()
            self._lock.release()
        self.engine.dispose()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.invalidate()
            self._writer.close()
            self._writer = None


class Putting:
    """One compiled statement that puts many rows at once. Rows have all columns but a number of the table's own."""

    def __init__(self, database: Database, table: Table, keys: tuple[str, ...], add: str, keep: bool) -> None:
        dialect = postgresql if database.is_postgresql else sqlite
        own_number = table.c.get("id") is not None
        self._columns = [column.name for column in table.columns if not (own_number and column.name == "id")]
        statement = dialect.insert(table).inline().values(dict.fromkeys(self._columns))
        if keep:
            final = statement.on_conflict_do_nothing(index_elements=keys)
        else:
            changed = {name: statement.excluded[name] for name in self._columns if name not in keys}
            if add:
                changed[add] = table.c[add] + statement.excluded[add]
            final = statement.on_conflict_do_update(index_elements=keys, set_=changed)
        self._text = database.hot(final)
        self._values = itemgetter(*self._columns)

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put them, in order."""
        if rows:
            connection.exec_driver_sql(self._text, [self._values(row) for row in rows])


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "postgresql":
        return create_engine(url, paramstyle="format", pool_pre_ping=True)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_WAIT_S, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by us, not by the driver
    # Whoever changes to WAL while somebody else does is told at once that it is locked, whatever the time-out.
    patient = Retrying(
        retry=retry_if_exception_message(match="database is locked"),
        stop=stop_after_delay(BUSY_WAIT_S),
        wait=wait_random_exponential(multiplier=0.01, max=0.5),
        reraise=True,
    )
    patient(connection.execute, "PRAGMA journal_mode=WAL").close()
    for setting in ("synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}").close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

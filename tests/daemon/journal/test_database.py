"""One database: transactions that are whole or not at all, on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from daemon.journal.database import Database
from daemon.journal.journal import Journal
from daemon.journal.tables import counters, marks
from integrations.contract import Transient
from tests.daemon.journals import Place
from tests.real.postgresql import RealPostgresql
from tests.waiting import until


def test_a_transaction_is_wholly_there(journal: Journal) -> None:
    with journal.database.write() as connection:
        connection.execute(insert(marks).values(name="a", value=1))
        connection.execute(insert(marks).values(name="b", value=2))
    assert _count(journal.database) == 2


def test_or_not_at_all(journal: Journal) -> None:
    with pytest.raises(ZeroDivisionError), journal.database.write() as connection:
        _write_and(connection, lambda: 1 / 0)
    assert _count(journal.database) == 0


def test_after_a_refused_statement_writing_goes_on(journal: Journal) -> None:
    again = insert(marks).values(name="a", value=2)
    with pytest.raises(IntegrityError), journal.database.write() as connection:
        _write_and(connection, lambda: connection.execute(again))
    with journal.database.write() as connection:
        connection.execute(insert(marks).values(name="a", value=3))
    assert _count(journal.database) == 1


def test_a_reader_sees_one_state_however_often_it_asks(place: Place) -> None:
    reader, writer = place.open().database, place.open().database
    asked = select(func.count()).select_from(marks)
    with reader.read() as connection:
        before = connection.execute(asked).scalar()
        with writer.write() as other:
            other.execute(insert(marks).values(name="a", value=1))
        assert connection.execute(asked).scalar() == before == 0
    assert _count(reader) == 1


def test_a_reader_does_not_stop_the_writer_and_the_other_way_round(place: Place) -> None:
    database, other = place.open().database, place.open().database
    with database.read() as reading:
        reading.execute(select(marks)).all()
        with other.write() as writing:
            writing.execute(insert(marks).values(name="a", value=1))
            assert _count(database) == 0


def test_writers_of_two_processes_come_one_after_the_other(place: Place) -> None:
    one, other = place.open().database, place.open().database
    order: list[str] = []

    def second() -> None:
        began.set()
        with other.write() as connection:
            order.append("second writes")
            connection.execute(insert(marks).values(name="b", value=1))

    began = threading.Event()
    thread = threading.Thread(target=second)
    with one.write() as connection:
        connection.execute(insert(marks).values(name="a", value=1))
        thread.start()
        began.wait(10)
        order.append("first is done")
    thread.join(30)
    assert order == ["first is done", "second writes"]
    assert _count(one) == 2


def test_every_commit_of_sqlite_is_synced_and_deleted_text_is_overwritten(sqlite_journal: Journal) -> None:
    with sqlite_journal.database.write() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_postgresql_syncs_every_commit_unless_its_owner_says_otherwise(place: Place) -> None:
    if place.is_sqlite:
        pytest.skip("a setting of PostgreSQL")
    with place.open().database.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_database_that_is_not_there_is_transient_for_all(tmp_path: Path) -> None:
    gone = Database(f"sqlite:///{tmp_path}/no/such/folder/czar.db")
    with pytest.raises(Transient, match="cannot be opened: unable to open database file"):
        gone.upgrade()
    with pytest.raises(Transient, match="cannot be read: unable to open"), gone.read():
        pass
    with pytest.raises(Transient, match="cannot be written: unable to open"), gone.write():
        pass
    gone.close()


def test_a_server_that_is_not_there_is_transient_for_all(tmp_path: Path) -> None:
    gone = Database(f"postgresql+psycopg://czar@/czar?host={tmp_path}")
    with pytest.raises(Transient, match="the journal cannot be opened"):
        gone.upgrade()
    with pytest.raises(Transient, match="the journal cannot be read"), gone.read():
        pass
    with pytest.raises(Transient, match="the journal cannot be written"), gone.write():
        pass
    gone.close()


@pytest.mark.full
def test_after_the_server_restarted_the_next_try_works(postgresql: RealPostgresql) -> None:
    with postgresql.database() as url:
        database = Database(url)
        with database.write() as connection:
            connection.execute(insert(marks).values(name="a", value=1))
        postgresql.drop_connections()
        assert _count(database) == 1
        with pytest.raises(Transient, match="cannot be written"), database.write():
            pass
        with database.write() as connection:
            connection.execute(insert(marks).values(name="b", value=1))
        assert _count(database) == 2
        database.close()


@pytest.mark.full
def test_a_connection_lost_in_the_middle_leaves_nothing(postgresql: RealPostgresql) -> None:
    with postgresql.database() as url:
        database = Database(url)
        with pytest.raises(Transient), database.write() as connection:
            _write_and(connection, postgresql.drop_connections)
        assert _count(database) == 0
        database.close()


def test_a_locked_database_is_transient_and_free_afterwards(
    sqlite_journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.journal.database.BUSY_WAIT_S", 0.01)
    file = sqlite_journal.database.engine.url.database
    other = Database(f"sqlite:///{file}")
    with sqlite_journal.database.write(), pytest.raises(Transient, match="locked"), other.write():
        pass
    with other.write() as connection:
        connection.execute(insert(marks).values(name="a", value=1))
    other.close()


WRITE_AND_DIE = """
import os, sys
from sqlalchemy import insert
from daemon.journal.database import Database
from daemon.journal.tables import marks
with Database(sys.argv[1]).write() as connection:
    connection.execute(insert(marks).values(name="a", value=1))
    os._exit(9)
"""


def test_a_writer_killed_in_the_middle_leaves_nothing_and_locks_nobody_out(place: Place) -> None:
    done = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, place.url], check=False, timeout=60)
    assert done.returncode == 9
    database = place.open().database
    assert _count(database) == 0
    with database.write() as connection:
        connection.execute(insert(marks).values(name="b", value=1))


def test_putting_changes_the_row_with_the_same_key(journal: Journal) -> None:
    put = journal.database.putting(marks, "name")
    add = journal.database.putting(counters, "name", add="value")
    keep = journal.database.putting(marks, "name", keep=True)
    with journal.database.write() as connection:
        put(connection, [{"name": "a", "value": 1}, {"name": "a", "value": 2}])
        keep(connection, [{"name": "a", "value": 3}, {"name": "b", "value": 4}])
        add(connection, [{"name": "n", "value": 5}, {"name": "n", "value": 6}])
        put(connection, [])
    with journal.database.read() as connection:
        assert {row.name: row.value for row in connection.execute(select(marks))} == {"a": 2, "b": 4}
        assert {row.name: row.value for row in connection.execute(select(counters))} == {"n": 11}


def test_closing_ends_all_connections(place: Place) -> None:
    database = place.open().database
    with database.write() as connection:
        connection.execute(insert(marks).values(name="a", value=1))
    database.close()
    database.close()
    until(lambda: _count(database) == 1, 5, "it to be usable again")
    database.close()


def _write_and(connection: Connection, do: Callable[[], object]) -> None:
    connection.execute(insert(marks).values(name="a", value=1))
    do()


def _count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(marks)).scalar() or 0

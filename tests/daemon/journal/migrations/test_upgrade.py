"""Schemas through time: new, current, old, unknown, half made."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from daemon.journal.database import Database, UnknownSchema
from daemon.journal.journal import open_journal
from daemon.journal.migrations.upgrade import upgrade
from daemon.journal.tables import HEAD, metadata
from integrations.contract import Transient
from tests.clock import START, Clock
from tests.daemon.journals import Place


def test_an_empty_database_gets_all_tables(empty_url: str) -> None:
    database = Database(empty_url)
    assert database.revision() is None
    database.upgrade()
    assert database.revision() == HEAD
    assert _tables(database) == {*metadata.tables, "alembic_version"}
    database.close()


def test_upgrading_again_changes_nothing(place: Place) -> None:
    journal = place.open()
    journal.marks.put("mark", START)
    upgrade(journal.database.engine)
    assert place.open().marks.get("mark") == START


def test_an_older_journal_is_upgraded_when_opened(empty_url: str) -> None:
    database = Database(empty_url)
    with database.write() as connection:  # as before the first revision: Alembic's table, and nothing in it
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    assert database.revision() is None
    database.upgrade()
    assert database.revision() == HEAD
    database.close()


def test_a_journal_of_a_newer_czar_is_refused_in_plain_words_and_left_alone(place: Place, clock: Clock) -> None:
    database = place.open().database
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownSchema, match=r"made by a newer czar: .*'9999'"):
        open_journal(place.url, clock, random.Random(1))
    assert database.revision() == "9999"


def test_an_upgrade_that_fails_leaves_nothing_half_made(empty_url: str) -> None:
    database = Database(empty_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE stranger (item INTEGER)"))
        connection.execute(text("CREATE INDEX decisions_item ON stranger (item)"))
    with pytest.raises(Transient, match="the journal cannot be opened"):
        database.upgrade()
    assert _tables(database) == {"stranger"}
    with database.write() as connection:
        connection.execute(text("DROP TABLE stranger"))
    database.upgrade()
    assert database.revision() == HEAD
    database.close()


def test_two_who_make_it_at_once_both_find_it_made(empty_url: str) -> None:
    faults: list[BaseException] = []
    start = threading.Barrier(2)

    def make() -> None:
        database = Database(empty_url)
        try:
            start.wait(10)
            database.upgrade()
        except BaseException as error:  # noqa: BLE001  shown by the assertion below
            faults.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def test_what_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "czar.db").write_bytes(b"these are no tables" * 100)
    database = Database(f"sqlite:///{tmp_path}/czar.db")
    with pytest.raises(Transient, match="the journal cannot be opened: file is not a database"):
        database.upgrade()
    database.close()


def _tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())

"""Schemas through time: new, current, old, unknown, half made."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, insert, inspect, select, text

from daemon.journal.database import Database, UnknownSchema
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal, open_journal
from daemon.journal.migrations.upgrade import upgrade
from daemon.journal.tables import HEAD, metadata
from integrations.contract import Transient
from rules.arrangements import Arrangement
from rules.signoff.ledger import Head
from rules.state import Case, Effects, Read, close
from tests.clock import START, Clock
from tests.daemon.journals import Place, comment, decision
from tests.daemon.signed import audit, chain, entry, gate

SAMPLES = Path(__file__).parents[3] / "samples"
HOUR = timedelta(hours=1)


@pytest.fixture
def old_url(empty_url: str) -> str:
    """The URL of a journal of revision 0001, with what was decided on four changes."""
    return _filled(empty_url, "0001")


@pytest.fixture
def newer_url(empty_url: str) -> str:
    """The URL of a journal of revision 0002, with what was decided on three changes."""
    return _filled(empty_url, "0002")


@pytest.fixture
def upgraded(old_url: str, tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    """That journal, opened three hours after it began."""
    clock.now = START + 3 * HOUR
    with Place(old_url, tmp_path, clock) as place:
        yield place.open()


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


class TestOfRevision0001:
    def test_is_upgraded_when_opened(self, old_url: str) -> None:
        database = Database(old_url)
        assert database.revision() == "0001"
        database.upgrade()
        assert database.revision() == HEAD
        database.close()

    def test_has_the_columns_and_indexes_of_a_fresh_one_afterwards(self, old_url: str) -> None:
        database = Database(old_url)
        database.upgrade()
        upgraded = _shape(database)
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        with database.write() as connection:
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
        database.upgrade()
        assert upgraded == _shape(database)
        database.close()

    def test_keeps_every_row(self, old_url: str) -> None:
        before = _rows(old_url)
        database = Database(old_url)
        database.upgrade()
        database.close()
        after = _rows(old_url)
        for table in before.keys() - {"alembic_version"}:
            kept = [{name: row[name] for name in before[table][0]} for row in after[table]] if before[table] else []
            assert kept == before[table]

    def test_tells_its_cases_with_what_they_did_not_know_then(self, upgraded: Journal) -> None:
        found = upgraded.views.cases()
        assert [(one.key, one.state, one.end) for one in found] == [
            ("gerrit:1/release/ann", "closed", "removed"),
            ("gerrit:1/docs/bob", "open", ""),
            ("gerrit:2/release/ann", "closed", "acted"),
            ("gerrit:2/docs/bob", "open", ""),
            ("gerrit:3/release/ann", "closed", "merged"),
            ("gerrit:3/docs/bob", "closed", "merged"),
            ("gerrit:1/release/bob", "open", ""),
        ]
        assert found[-1] == Case(
            item="gerrit:1",
            repo="openstack/nova",
            slot="release",
            duty="release",
            team="nova",
            rule="ask-release",
            person="bob",
            role="czar",
            state="open",
            opened=START + 2 * HOUR,
            because="is next in line for release",
        )

    def test_tells_what_was_decided_and_done(self, upgraded: Journal) -> None:
        told = upgraded.views.story("gerrit:1")
        assert [one.event for one in told] == ["PatchsetCreated", "ReviewerRemoved"]
        assert all(one.detail and one.detail.facts and one.detail.facts.change for one in told)
        assert told[1].detail is not None
        assert [(one.person, one.code) for one in told[1].detail.verdicts[0].candidates] == [
            ("ann", "removed"),
            ("bob", ""),
        ]
        assert [(done.action.key, done.state) for done in told[1].actions] == [
            ("AddReviewer:gerrit:1/release/bob", "done"),
            ("Comment:gerrit:1/release/bob", "done"),
        ]
        assert [item for item, _ in upgraded.views.since(0)] == ["gerrit:1", "gerrit:2", "gerrit:3", "gerrit:1"]

    def test_gives_a_book_to_go_on_with(self, upgraded: Journal) -> None:
        book = upgraded.deciding.book()
        upgraded.deciding.refresh(book, ["gerrit:1"])
        assert (book.items_of("ann"), book.items_of("bob")) == (set(), {"gerrit:1"})
        assert book.last_asked("bob") == START + 2 * HOUR
        assert [one.person for one in book.cases("gerrit:1")] == ["ann", "bob", "bob"]
        assert {person: no.how for person, no in book.declined("gerrit:1").items()} == {"ann": "removed"}
        assert (set(book.paused), book.arrangements) == ({"watch-docs"}, ())
        assert not book.was_read("gerrit:1", "m1")
        assert [one.key for one in upgraded.deciding.open()] == [
            "gerrit:1/docs/bob",
            "gerrit:2/docs/bob",
            "gerrit:1/release/bob",
        ]
        assert (upgraded.deciding.due(START + 999 * HOUR), upgraded.deciding.unrouted()) == ([], [])
        assert upgraded.deciding.waiting() == [(8, "gerrit:9"), (9, "gerrit:4")]

    def test_takes_new_decisions(self, upgraded: Journal, clock: Clock) -> None:
        (open_,) = (one for one in upgraded.views.cases() if one.key == "gerrit:1/release/bob")
        away = Arrangement(kind="optout", person="ann", at=clock(), item="gerrit:1")
        effects = Effects(
            cases=(close(open_, "acted", "bob voted"),),
            arrangements=(away,),
            read=(Read(message="m1", item="gerrit:1", person="ann", at=clock()),),
        )
        last = upgraded.intake.next(0, 99)[-1].seq
        decided = decision(1, comment(7), effects=effects)
        upgraded.deciding.record(Batch(upto=last, decided=[(last, decided, None)], waited=[8, 9]))
        assert upgraded.views.cases_of("gerrit:1")[-1].end == "acted"
        assert upgraded.deciding.book().arrangements == (away,)
        todo = upgraded.acting.take()
        assert todo is not None
        assert todo.actions == (comment(7),)

    def test_stays_as_it_is_where_the_upgrade_fails(self, old_url: str) -> None:
        database = Database(old_url)
        before = _shape(database)
        with database.write() as connection:
            connection.execute(text("CREATE TABLE messages_read (message INTEGER)"))
        with pytest.raises(Transient, match="the journal cannot be opened"):
            database.upgrade()
        assert database.revision() == "0001"
        with database.write() as connection:
            connection.execute(text("DROP TABLE messages_read"))
        assert _shape(database) == before
        database.upgrade()
        assert database.revision() == HEAD
        database.close()

    def test_is_upgraded_once_where_two_open_it(self, old_url: str) -> None:
        assert _faults_of_two(old_url) == []


class TestOfRevision0002:
    def test_is_the_same_as_a_fresh_one_afterwards_with_every_row_it_had(self, newer_url: str) -> None:
        before = _rows(newer_url)
        database = Database(newer_url)
        assert database.revision() == "0002"
        database.upgrade()
        assert database.revision() == HEAD
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        upgraded = _shape(database)
        after = _rows(newer_url)
        assert {name: after[name] for name in before.keys() - {"alembic_version"}} == {
            name: rows for name, rows in before.items() if name != "alembic_version"
        }
        with database.write() as connection:
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
        database.upgrade()
        assert upgraded == _shape(database)
        database.close()

    def test_goes_on_as_it_was_and_takes_what_is_signed(self, newer_url: str, tmp_path: Path, clock: Clock) -> None:
        clock.now = START + 3 * HOUR
        with Place(newer_url, tmp_path, clock) as place:
            journal = place.open()
            book = journal.deciding.book()
            journal.deciding.refresh(book, ["gerrit:1"])
            assert (book.items_of("bob"), book.head, book.open_gates()) == ({"gerrit:1"}, Head(), ())
            assert [one.kind for one in book.arrangements] == ["away"]
            assert journal.deciding.waiting() == [(4, "gerrit:3")]
            made = chain(entry())
            effects = Effects(ledger=made, gates=(gate(),), audits=(audit(),))
            journal.deciding.record(Batch(upto=4, decided=[(4, decision(3, effects=effects), None)], waited=[4]))
            assert journal.signoffs.entries() == made
            assert journal.deciding.book().open_gates() == (gate(),)

    def test_stays_as_it_is_where_the_upgrade_fails(self, newer_url: str) -> None:
        database = Database(newer_url)
        with database.write() as connection:
            connection.execute(text("CREATE TABLE audits (repo INTEGER)"))
        before = _shape(database)
        with pytest.raises(Transient, match="the journal cannot be opened"):
            database.upgrade()
        assert (database.revision(), _shape(database)) == ("0002", before)
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
    assert _faults_of_two(empty_url) == []


def test_what_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "czar.db").write_bytes(b"these are no tables" * 100)
    database = Database(f"sqlite:///{tmp_path}/czar.db")
    with pytest.raises(Transient, match="the journal cannot be opened: file is not a database"):
        database.upgrade()
    database.close()


def _tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def _faults_of_two(url: str) -> list[BaseException]:
    """What befalls two who bring one database up to date at once."""
    faults: list[BaseException] = []
    start = threading.Barrier(2)

    def make() -> None:
        database = Database(url)
        try:
            start.wait(10)
            database.upgrade()
        except BaseException as error:  # noqa: BLE001  shown by the assertion of the caller
            faults.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def _filled(url: str, revision: str) -> str:
    """The tables of then, and the rows of the sample."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript((SAMPLES / f"journal-{revision}.sql").read_text())
        connection.close()
    else:
        _fill_postgresql(url, revision)
    return url


def _fill_postgresql(url: str, revision: str) -> None:
    rows = sqlite3.connect(":memory:")
    rows.executescript((SAMPLES / f"journal-{revision}.sql").read_text())
    rows.row_factory = sqlite3.Row
    engine, old = create_engine(url), MetaData()
    with engine.begin() as connection:
        connection.exec_driver_sql((SAMPLES / f"journal-{revision}-postgresql.sql").read_text())
        old.reflect(connection)
        for table in old.sorted_tables:
            flags = [column.name for column in table.columns if column.type.python_type is bool]
            found = [dict(row) for row in rows.execute(f"SELECT * FROM {table.name}")]
            for row in found:
                row.update({name: bool(row[name]) for name in flags})
                connection.execute(insert(table).values(row))
        for name, number in (("connections", "id"), ("heard", "seq"), ("cases", "id"), ("actions", "id")):
            counted = f"SELECT setval(pg_get_serial_sequence('{name}', '{number}'), max({number})) FROM {name}"
            connection.execute(text(counted))
    engine.dispose()
    rows.close()


def _rows(url: str) -> dict[str, list[dict[str, Any]]]:
    """All there is, by table."""
    engine, found = create_engine(url), MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(table.columns[0])).mappings()]
            for table in found.sorted_tables
        }
    engine.dispose()
    return rows


def _shape(database: Database) -> object:
    """Columns by table but for their order, indexes and keys."""
    with database.engine.connect() as connection:
        known = inspect(connection)
        return {
            table: (
                {one["name"]: (str(one["type"]), one["nullable"], one["default"]) for one in known.get_columns(table)},
                sorted((str(one["name"]), one["column_names"]) for one in known.get_indexes(table)),
                known.get_pk_constraint(table)["constrained_columns"],
                sorted(one["column_names"] for one in known.get_unique_constraints(table)),
            )
            for table in known.get_table_names()
        }

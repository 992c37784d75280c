"""The tables themselves: what a fresh journal has, and that it is what the code describes."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError

from daemon.journal import migrations
from daemon.journal.journal import Journal
from daemon.journal.tables import HEAD, actions, cases, heard, metadata


def test_a_fresh_journal_has_exactly_the_described_tables(journal: Journal) -> None:
    with journal.database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_newest_migration() -> None:
    script = ScriptDirectory(migrations.__path__[0])
    assert script.get_heads() == [HEAD]


@pytest.mark.parametrize("table", [actions, cases], ids=lambda table: str(table.name))
def test_keys_are_unique(journal: Journal, table: object) -> None:
    assert table in (actions, cases)
    with journal.database.engine.connect() as connection:
        unique = inspect(connection).get_unique_constraints("actions" if table is actions else "cases")
    assert [one["column_names"] for one in unique] == [["key"]]


def test_numbers_of_what_was_heard_are_never_given_twice(journal: Journal) -> None:
    with journal.database.write() as connection:
        connection.execute(insert(heard), {"seq": 7, "connection": 1, "sequence": 0, "at": 0, "raw": None})
    with pytest.raises(IntegrityError), journal.database.write() as connection:
        connection.execute(insert(heard), {"seq": 7, "connection": 1, "sequence": 1, "at": 0, "raw": None})
    with journal.database.read() as connection:
        assert connection.execute(select(heard.c.sequence)).scalars().all() == [0]

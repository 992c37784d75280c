"""Entries, gates and audits as rows, and back."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, insert, select

from daemon.journal.instants import from_us, to_us
from daemon.journal.journal import Journal
from daemon.journal.signoff_rows import audit_of, audit_row, entry_of, entry_row, gate_of, gate_row
from daemon.journal.tables import audits, gates, ledger
from rules.signoff.ledger import ACTS, Entry, faults
from rules.signoff.requests import Problem, Release, Wanted
from rules.state import Audit, Gate
from tests.clock import START
from tests.daemon.signed import chain, entry

EMPTIED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)  # by each example
WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.integers(0, to_us(START) * 3).map(from_us)
RELEASE = st.builds(Release, WORDS, WORDS, WORDS)
ENTRIES = st.builds(
    Entry,
    act=st.sampled_from(ACTS),
    release=RELEASE,
    **dict.fromkeys(("item", "account", "person", "revision", "source", "because"), WORDS),
    patch_set=st.integers(1, 999),
    at=INSTANTS,
    rights=st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple),
    own=st.booleans(),
)
PROBLEMS = st.builds(Problem, file=ANYTHING, line=st.integers(0, 9), because=ANYTHING)
WANTED = st.builds(
    Wanted,
    release=st.builds(Release, ANYTHING, ANYTHING, ANYTHING),
    **dict.fromkeys(("file", "kind", "provenance", "origin", "deliverable", "team", "team_before"), ANYTHING),
    line=st.integers(0, 9),
)
GATES = st.builds(
    Gate,
    **dict.fromkeys(("item", "repo", "state"), WORDS),
    **dict.fromkeys(("topic", "revision", "because", "shown", "disagrees"), ANYTHING),
    patch_set=st.integers(1, 999),
    wanted=st.lists(WANTED, max_size=3).map(tuple),
    refusals=st.lists(PROBLEMS, max_size=3).map(tuple),
    value=st.integers(-1, 1),
    due=st.none() | INSTANTS,
    judged=st.lists(ANYTHING, max_size=3).map(tuple),
    asked=st.lists(st.tuples(RELEASE, INSTANTS), max_size=2).map(tuple),
)
AUDITS = st.builds(Audit, release=RELEASE, **dict.fromkeys(("state", "because", "person"), WORDS), at=INSTANTS)


@EMPTIED
@given(st.lists(ENTRIES, min_size=1, max_size=3))
def test_any_entry_comes_back_with_a_hash_that_still_fits(sqlite_journal: Journal, entries: list[Entry]) -> None:
    made = chain(*entries)
    found = tuple(entry_of(row) for row in _through(sqlite_journal, ledger, [entry_row(one) for one in made]))
    assert found == made
    assert list(faults(found)) == []


@EMPTIED
@given(GATES)
def test_any_gate_comes_back(sqlite_journal: Journal, gate: Gate) -> None:
    (row,) = _through(sqlite_journal, gates, [gate_row(gate)])
    assert gate_of(row) == gate


@EMPTIED
@given(AUDITS)
def test_any_audit_comes_back(sqlite_journal: Journal, audit: Audit) -> None:
    (row,) = _through(sqlite_journal, audits, [audit_row(audit)])
    assert audit_of(row) == audit


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    there = START.astimezone(timezone(timedelta(hours=9)))
    assert entry_row(entry(at=there)) == entry_row(entry(at=there.astimezone(UTC)))


def test_tables_have_a_column_for_every_field() -> None:
    release = set(Release._fields)
    assert {column.name for column in ledger.columns} == set(Entry.__dataclass_fields__) - {"release"} | release
    assert {column.name for column in audits.columns} == set(Audit.__dataclass_fields__) - {"release"} | release


def _through(journal: Journal, table: Table, rows: list[dict[str, Any]]) -> list[Any]:
    """As the database gives them back."""
    with journal.database.write() as connection:
        connection.execute(table.delete())
        connection.execute(insert(table), rows)
        return list(connection.execute(select(table)).mappings())

"""What was heard, read once more."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from daemon.journal import hindsight
from daemon.journal.hindsight import events, heard_since
from daemon.journal.journal import Journal
from daemon.journal.tables import heard as table
from integrations.gerrit import wire
from tests.clock import Clock
from tests.daemon.journals import SOURCE, heard, line, merged, pushed

PARSERS = {SOURCE: wire.parse}


def test_everything_since_an_instant_is_read_in_order(
    journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hindsight, "AT_ONCE", 2)
    journal.intake.hear(SOURCE, "one", heard(b"old"))
    clock.pass_s(60)
    since = clock()
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b", b"c", first=1))
    clock.pass_s(60)
    journal.intake.hear("gerrit-rest", "two", heard(b"d", b"e"))
    assert [(one.source, one.raw) for one in heard_since(journal, since)] == [
        (SOURCE, b"a"),
        (SOURCE, b"b"),
        (SOURCE, b"c"),
        ("gerrit-rest", b"d"),
        ("gerrit-rest", b"e"),
    ]


def test_nothing_heard_since_is_nothing(journal: Journal, clock: Clock) -> None:
    assert list(heard_since(journal, clock())) == []


def test_the_decider_gets_what_was_read_in_between_all_the_same(journal: Journal, clock: Clock) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    assert len(list(heard_since(journal, clock()))) == 2
    assert [one.raw for one in journal.intake.next(0, 10)] == [b"a", b"b"]


def test_events_are_what_can_be_read_and_is_about_changes(journal: Journal, clock: Clock) -> None:
    dropped = b'{"type":"dropped-output","eventCreatedOn":1}'
    journal.intake.hear(SOURCE, "one", heard(pushed(1), b"nonsense", line("no-idea"), dropped, merged(2)))
    journal.intake.hear("somebody-else", "two", heard(pushed(3)))
    found = events(heard_since(journal, clock()), PARSERS)
    assert [(type(one).__name__, one.item) for one in found] == [
        ("PatchsetCreated", "gerrit:1"),
        ("ChangeMerged", "gerrit:2"),
    ]


def test_what_was_pruned_is_left_out(journal: Journal, clock: Clock) -> None:
    journal.intake.hear(SOURCE, "one", heard(pushed(1), merged(2)))
    with journal.database.write() as connection:
        connection.execute(update(table).where(table.c.seq == 1).values(raw=None))
    assert [one.item for one in events(heard_since(journal, clock()), PARSERS)] == ["gerrit:2"]

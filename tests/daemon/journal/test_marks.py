"""Single instants that must not be forgotten."""

from __future__ import annotations

from datetime import timedelta

from daemon.journal.journal import Journal
from tests.clock import START
from tests.daemon.journals import Place


def test_a_mark_never_set_is_none(journal: Journal) -> None:
    assert journal.marks.get("caught_up") is None


def test_the_last_instant_counts_also_after_a_restart(place: Place) -> None:
    marks = place.open().marks
    marks.put("caught_up", START)
    marks.put("caught_up", START + timedelta(microseconds=1))
    assert place.open().marks.get("caught_up") == START + timedelta(microseconds=1)


def test_the_first_start_is_set_once_in_whole_seconds(place: Place) -> None:
    first = place.open().marks.first("first_start", START + timedelta(microseconds=5))
    assert first == START
    assert place.open().marks.first("first_start", START + timedelta(days=1)) == START

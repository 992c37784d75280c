"""What people paused and resumed."""

from __future__ import annotations

from datetime import timedelta

from daemon.journal.journal import Journal
from rules.state import Pause
from tests.clock import START
from tests.daemon.journals import Place


def test_a_pause_is_in_force_until_resumed_also_after_a_restart(place: Place) -> None:
    place.open().pausing.pause("acting", "too many mails", START)
    assert place.open().pausing.all() == (Pause(scope="acting", because="too many mails", at=START),)
    assert place.open().pausing.resume("acting") == ("acting",)
    assert place.open().pausing.all() == ()


def test_pausing_twice_keeps_the_last_reason(journal: Journal) -> None:
    journal.pausing.pause("acting", "one", START)
    journal.pausing.pause("acting", "two", START + timedelta(hours=1))
    assert [pause.because for pause in journal.pausing.all()] == ["two"]


def test_pauses_are_told_oldest_first(journal: Journal) -> None:
    journal.pausing.pause("b", "", START + timedelta(hours=1))
    journal.pausing.pause("a", "", START + timedelta(hours=2))
    journal.pausing.pause("c", "", START)
    assert [pause.scope for pause in journal.pausing.all()] == ["c", "b", "a"]


def test_one_pause_ends_and_the_others_stay(journal: Journal) -> None:
    for scope in ("acting", "*", "ask-release"):
        journal.pausing.pause(scope, "", START)
    assert journal.pausing.resume("*") == ("*",)
    assert {pause.scope for pause in journal.pausing.all()} == {"acting", "ask-release"}


def test_resuming_without_a_scope_ends_all(journal: Journal) -> None:
    for scope in ("acting", "*"):
        journal.pausing.pause(scope, "", START)
    assert set(journal.pausing.resume()) == {"acting", "*"}
    assert journal.pausing.all() == ()


def test_resuming_what_is_not_paused_says_so(journal: Journal) -> None:
    assert journal.pausing.resume("acting") == ()
    assert journal.pausing.resume() == ()

"""What people are to be told, as the journal keeps it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.telling import FEWEST_TRIES, GIVE_UP_AFTER, LONGEST_RETRY_S, Waiting
from rules.state import ACTING, Effects, close
from tests.clock import START, Clock
from tests.daemon.journals import Place, case, comment, decision
from tests.daemon.notices import arrange, arrangement, notice, order

TODAY = date(2026, 3, 4)
KEYS = (notice().key,)


class Told(NamedTuple):
    """A piece of work for somebody."""

    person: str


def waiting(journal: Journal) -> Waiting:
    """All that waits."""
    found = journal.telling.waiting()
    assert found
    return found


def test_nothing_waits_at_first(journal: Journal) -> None:
    nothing: dict[str, Any] = {"notices": {}, "cases": {}, "told": {}, "last": {}, "digests": {}}
    assert waiting(journal) == Waiting(**nothing, unreachable={}, again={}, arrangements=())


def test_what_waits_is_given_by_person_oldest_first(journal: Journal, clock: Clock) -> None:
    order(journal, notice(2), notice(1, "bob"))
    clock.pass_s(60)
    order(journal, notice(1))
    found = waiting(journal).notices
    assert {person: [one.action for one in notices] for person, notices in found.items()} == {
        "ann": [notice(2), notice(1)],
        "bob": [notice(1, "bob")],
    }
    assert [one.since for one in found["ann"]] == [START, START + timedelta(minutes=1)]


def test_the_cases_that_are_reminded_of_are_given_as_they_are_now(journal: Journal) -> None:
    now_it_is = close(case(1), "merged", "is merged")
    for seq, of_then in enumerate(((case(1), case(2), case(3)), (now_it_is,)), 1):
        one = decision(seq, effects=Effects(cases=of_then))
        journal.deciding.record(Batch(upto=seq, decided=[(seq, one, None)]))
    order(journal, notice(1, case=case(1).key), notice(2, "bob", case=case(2).key), notice(3), notice(4, case="gone"))
    assert waiting(journal).cases == {case(1).key: now_it_is, case(2).key: case(2)}


def test_what_need_not_be_told_any_more_is_refused_and_says_nothing_of_the_person(journal: Journal) -> None:
    order(journal, notice(1), notice(2))
    journal.telling.postpone("ann", (notice(1).key,), "is down", doubt=False)
    journal.telling.drop((notice(1).key,), "no longer needed: it is snoozed")
    assert [one.action for one in waiting(journal).notices["ann"]] == [notice(2)]
    assert journal.telling.unreachable() == ("ann",)
    (told,) = (done for one in journal.views.story("gerrit:1") for done in one.actions)
    assert (told.state, told.outcome) == ("refused", "no longer needed: it is snoozed")


def test_when_somebody_was_told_last_is_known(journal: Journal, clock: Clock) -> None:
    order(journal, notice(1), notice(2))
    for number in (1, 2):
        clock.pass_s(60)
        journal.telling.sent("ann", (notice(number).key,), START.date())
    assert waiting(journal).last == {"ann": START + timedelta(minutes=2)}


def test_what_is_done_to_items_is_not_here_and_what_people_are_told_is_nowhere_else(journal: Journal) -> None:
    order(journal, notice())
    assert journal.acting.take() is None
    arrange(journal, arrangement("quiet"))
    assert waiting(journal).arrangements == (arrangement("quiet"),)
    assert list(waiting(journal).notices) == ["ann"]


def test_what_waits_for_a_person_holds_up_nothing_on_its_item(journal: Journal, clock: Clock) -> None:
    order(journal, notice(1))
    journal.telling.start(KEYS)
    journal.telling.postpone("ann", KEYS, "down", doubt=False)
    journal.deciding.record(Batch(upto=9, decided=[(9, decision(1, comment(1)), None)]))
    todo = journal.acting.take()
    assert todo
    assert (todo.actions, todo.doubt) == ((comment(1),), False)


def test_while_acting_is_paused_nobody_is_told(journal: Journal) -> None:
    order(journal, notice())
    journal.pausing.pause(ACTING, "maintenance", START)
    assert journal.telling.waiting() is None
    assert journal.telling.take(lambda waiting, but: Told("ann")) is None
    journal.pausing.resume()
    assert waiting(journal).notices


def test_two_never_have_the_same_person(journal: Journal) -> None:
    def choose(_waiting: Waiting, but: frozenset[str]) -> Told | None:
        return next((Told(person) for person in ("ann", "bob") if person not in but), None)

    taken = [journal.telling.take(choose) for _ in range(3)]
    assert taken == [Told("ann"), Told("bob"), None]
    journal.telling.give_back("ann")
    assert journal.telling.take(choose) == Told("ann")


def test_before_it_is_sent_it_is_in_doubt_also_after_a_crash(place: Place) -> None:
    journal = place.open()
    order(journal, notice(), notice(2))
    journal.telling.start(KEYS)
    found = waiting(place.open()).notices["ann"]
    assert [(one.doubt, one.tries) for one in found] == [(True, 1), (False, 0)]


def test_what_was_sent_is_counted_for_their_day_and_never_waits_again(place: Place) -> None:
    journal = place.open()
    order(journal, notice(), notice(2))
    journal.telling.start(KEYS)
    journal.telling.sent("ann", KEYS, TODAY)
    journal.telling.sent("ann", (notice(2).key,), TODAY)
    found = waiting(place.open())
    assert found.notices == {}
    assert found.told == {("ann", TODAY): 2}
    assert journal.views.stats().messages["done"] == 2


def test_only_the_last_day_is_remembered_of_each_person(journal: Journal) -> None:
    for person, day in (("ann", 3), ("ann_", 3), ("ann", 4)):
        journal.telling.sent(person, (), date(2026, 3, day))
    assert waiting(journal).told == {("ann", TODAY): 1, ("ann_", date(2026, 3, 3)): 1}


def test_what_is_refused_is_kept_with_its_reason(journal: Journal) -> None:
    order(journal, notice())
    journal.telling.refuse("ann", KEYS, "has opted out")
    assert waiting(journal).notices == {}
    (told,) = journal.views.story("gerrit:1")
    assert [(done.state, done.outcome) for done in told.actions] == [("refused", "has opted out")]


def test_a_digest_is_remembered_over_restarts_sent_or_not(place: Place) -> None:
    journal = place.open()
    journal.telling.sent("ann", (), TODAY, digest=START)
    journal.telling.refuse("bob:x", (), "", digest=START)
    assert waiting(place.open()).digests == {"ann": START, "bob:x": START}


def test_who_could_not_be_reached_is_tried_again_later_and_later(place: Place, clock: Clock) -> None:
    journal = place.open()
    order(journal, notice())
    waits = []
    for _ in range(12):
        journal.telling.start(KEYS)
        journal.telling.postpone("ann", KEYS, "down", doubt=False)
        found = waiting(place.open())
        assert found.unreachable == {"ann": START}
        waits.append((found.again["ann"] - clock()).total_seconds())
        clock.now = found.again["ann"]
    assert 15 <= waits[0] <= 30
    assert waits[-1] > 4 * waits[0]
    assert all(wait <= LONGEST_RETRY_S for wait in waits)
    assert journal.telling.unreachable() == ("ann",)
    assert [(one.tries, one.doubt, one.since) for one in found.notices["ann"]] == [(12, False, START)]
    journal.telling.sent("ann", KEYS, TODAY)
    assert (waiting(journal).unreachable, waiting(journal).again) == ({}, {})


@pytest.mark.parametrize("doubt", [True, False])
def test_a_try_that_failed_leaves_no_doubt_unless_it_may_have_arrived(doubt: bool, journal: Journal) -> None:
    order(journal, notice())
    journal.telling.start(KEYS)
    journal.telling.postpone("ann", KEYS, "no answer", doubt=doubt)
    assert [one.doubt for one in waiting(journal).notices["ann"]] == [doubt]


def test_it_is_hopeless_after_days_and_several_tries(journal: Journal, clock: Clock) -> None:
    telling = journal.telling
    assert not telling.is_hopeless("ann", FEWEST_TRIES)
    telling.postpone("ann", (), "down", doubt=False)
    assert not telling.is_hopeless("ann", FEWEST_TRIES)
    clock.pass_s(GIVE_UP_AFTER.total_seconds() + 1)
    assert telling.is_hopeless("ann", FEWEST_TRIES)
    assert telling.is_hopeless("ann", None)
    assert not telling.is_hopeless("ann", FEWEST_TRIES - 1)

"""What is to be done: taken up item by item, marked before it is tried, settled afterwards."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from daemon.journal.acting import LONGEST_RETRY_S, Todo
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import actions
from integrations.contract import Outcome, Transient
from rules.actions import Action, Notify, RemoveReviewer
from rules.state import ACTING, Case, Effects, close
from tests.clock import START, Clock
from tests.daemon.journals import REPO, Place, add_reviewer, case, comment, decision, failing


def order(journal: Journal, number: int, *todo: Action) -> None:
    """Decide that something is to be done."""
    seq = journal.deciding.upto() + 1
    journal.deciding.record(Batch(upto=seq, decided=[(seq, decision(number, *todo), None)]))


def taken(journal: Journal) -> Todo:
    """What is to be done next."""
    todo = journal.acting.take()
    assert todo is not None
    return todo


def done(*todo: Action) -> list[Outcome]:
    """All went well."""
    return [Outcome(key=action.key, done=True, because="done") for action in todo]


def test_nothing_is_to_be_done_at_first(journal: Journal) -> None:
    assert journal.acting.take() is None


def test_all_that_belongs_to_an_item_is_taken_together_in_order(journal: Journal) -> None:
    order(journal, 1, add_reviewer(), comment())
    order(journal, 2, comment(2))
    order(journal, 1, add_reviewer(person="bob"))
    todo = taken(journal)
    assert todo.actions == (add_reviewer(), comment(), add_reviewer(person="bob"))
    assert (todo.item, todo.tries, todo.doubt) == ("gerrit:1", 0, False)


class TestOver:
    def taken_after(self, journal: Journal, *todo: Action, ended: Case) -> Todo | None:
        """What is left to do where a case ended, or began anew, while it waited."""
        order(journal, 1, *todo)
        seq = journal.deciding.upto() + 1
        journal.deciding.record(Batch(upto=seq, decided=[(seq, decision(1, effects=Effects(cases=(ended,))), None)]))
        return journal.acting.take()

    @pytest.mark.parametrize("end", ["removed", "declined", "reassigned", "answered"])
    def test_nobody_is_asked_whose_place_is_taken(self, journal: Journal, end: str) -> None:
        ask = replace(comment(), key="Comment:gerrit:1/release/ann")
        assert self.taken_after(journal, add_reviewer(), ask, ended=close(case(), end, "")) is None
        (told, _) = journal.views.story("gerrit:1")
        assert [(one.state, one.outcome) for one in told.actions] == [("refused", "no longer needed")] * 2

    def test_nobody_is_reminded_who_has_acted(self, journal: Journal) -> None:
        reminder = replace(comment(), key="Comment:gerrit:1/release/ann#1")
        assert self.taken_after(journal, reminder, ended=close(case(), "acted", "")) is None

    def test_who_acted_before_they_were_put_on_it_is_put_on_it(self, journal: Journal) -> None:
        todo = self.taken_after(journal, add_reviewer(), ended=close(case(), "acted", ""))
        assert todo is not None
        assert todo.actions == (add_reviewer(),)

    def test_nobody_is_taken_off_who_is_asked_again(self, journal: Journal) -> None:
        off = RemoveReviewer(item="gerrit:1", repo=REPO, key="RemoveReviewer:x", person="ann", account="id-of-ann")
        assert self.taken_after(journal, off, ended=case()) is None

    def test_what_may_be_under_way_is_looked_at(self, journal: Journal) -> None:
        order(journal, 1, add_reviewer())
        journal.acting.start(taken(journal))
        journal.acting.give_back("gerrit:1")
        assert self.taken_after(journal, ended=close(case(), "declined", "")) is not None

    def test_what_is_about_no_case_is_done(self, journal: Journal) -> None:
        reply = replace(comment(), key="Comment:reply:m1")
        assert self.taken_after(journal, reply, ended=close(case(), "acted", "")) is not None


def test_what_people_are_told_is_left_to_others_whatever_its_state(journal: Journal) -> None:
    told = Notify(item="gerrit:1", repo="r", key="Notify:1", person="ann", reason="reminder", text="it waits")
    order(journal, 1, told)
    assert journal.acting.take() is None
    journal.telling.start([told.key])
    order(journal, 1, comment())
    todo = taken(journal)
    assert (todo.actions, todo.doubt) == ((comment(),), False)


def test_the_item_that_waited_longest_comes_first(journal: Journal, clock: Clock) -> None:
    order(journal, 2, comment(2))
    clock.pass_s(1)
    order(journal, 1, comment(1))
    assert [taken(journal).item, taken(journal).item, journal.acting.take()] == ["gerrit:2", "gerrit:1", None]


def test_nobody_else_gets_an_item_until_it_is_given_back(journal: Journal) -> None:
    order(journal, 1, comment())
    todo = taken(journal)
    order(journal, 1, add_reviewer())
    assert journal.acting.take() is None
    journal.acting.give_back(todo.item)
    assert taken(journal).actions == (comment(), add_reviewer())


def test_two_who_take_at_once_never_have_the_same_item(journal: Journal) -> None:
    for n in range(1, 9):
        order(journal, n, comment(n))
    items: list[str] = []
    start = threading.Barrier(4)

    def take() -> None:
        start.wait(10)
        while todo := journal.acting.take():
            items.append(todo.item)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(items) == [f"gerrit:{n}" for n in range(1, 9)]


def test_before_it_is_tried_it_is_in_doubt_also_after_a_crash(place: Place) -> None:
    journal = place.open()
    order(journal, 1, comment())
    journal.acting.start(taken(journal))
    again = taken(place.open())
    assert (again.doubt, again.tries) == (True, 1)


def test_what_is_settled_is_never_taken_again(place: Place) -> None:
    journal = place.open()
    order(journal, 1, add_reviewer(), comment())
    todo = taken(journal)
    journal.acting.start(todo)
    refused = Outcome(key=comment().key, done=False, because="the change is merged")
    journal.acting.settle(todo, [*done(add_reviewer()), refused])
    assert place.open().acting.take() is None
    assert _rows(journal) == [("done", "done", False), ("refused", "the change is merged", False)]
    assert journal.views.stats().actions == {"done": 1, "pending": 0, "refused": 1, "observed": 0}


def test_what_has_no_outcome_is_due_at_once_and_not_in_doubt(journal: Journal) -> None:
    order(journal, 1, add_reviewer(), comment())
    todo = taken(journal)
    journal.acting.start(todo)
    journal.acting.settle(todo, done(add_reviewer()))
    journal.acting.give_back(todo.item)
    again = taken(journal)
    assert (again.actions, again.doubt) == ((comment(),), False)


def test_what_was_decided_meanwhile_is_untouched_by_the_outcomes(journal: Journal) -> None:
    order(journal, 1, comment())
    todo = taken(journal)
    order(journal, 1, add_reviewer())
    journal.acting.start(todo)
    journal.acting.settle(todo, done(comment()))
    journal.acting.give_back(todo.item)
    again = taken(journal)
    assert (again.actions, again.tries) == ((add_reviewer(),), 0)


def test_what_is_postponed_is_due_at_its_time_also_after_a_restart(place: Place, clock: Clock) -> None:
    journal = place.open()
    order(journal, 1, comment())
    todo = taken(journal)
    journal.acting.postpone(todo, "the server is away", doubt=True, after_s=60)
    clock.pass_s(59.9)
    assert place.open().acting.take() is None
    clock.pass_s(0.1)
    again = taken(place.open())
    assert again.doubt
    assert _rows(journal) == [("pending", "the server is away", True)]


def test_an_item_that_is_postponed_does_not_block_others(journal: Journal) -> None:
    order(journal, 1, comment(1))
    order(journal, 2, comment(2))
    todo = taken(journal)
    journal.acting.postpone(todo, "", doubt=False)
    journal.acting.give_back(todo.item)
    assert taken(journal).item == "gerrit:2"
    assert journal.acting.take() is None


def test_the_pace_doubles_up_to_a_quarter_of_an_hour(journal: Journal) -> None:
    for tries in range(200):
        for _ in range(3):
            longest = min(900.0, 0.5 * 2.0 ** min(tries, 30))
            assert longest / 2 <= journal.acting.pace_s(tries) <= longest
    assert timedelta(minutes=15).total_seconds() == LONGEST_RETRY_S


def test_items_do_not_come_back_in_step(journal: Journal) -> None:
    assert len({journal.acting.pace_s(12) for _ in range(10)}) == 10


def test_a_pause_of_acting_holds_everything_until_resumed(journal: Journal) -> None:
    order(journal, 1, comment())
    journal.pausing.pause(ACTING, "too many mails", START)
    assert journal.acting.take() is None
    journal.pausing.resume(ACTING)
    assert taken(journal).item == "gerrit:1"


@pytest.mark.parametrize("scope", ["*", "ask-release"])
def test_a_pause_of_asking_does_not_hold_what_was_decided(journal: Journal, scope: str) -> None:
    order(journal, 1, comment())
    journal.pausing.pause(scope, "", START)
    assert taken(journal).item == "gerrit:1"


def test_a_journal_that_cannot_be_written_settles_nothing(journal: Journal) -> None:
    order(journal, 1, add_reviewer(), comment())
    todo = taken(journal)
    with failing(journal, "UPDATE actions"):
        with pytest.raises(Transient):
            journal.acting.start(todo)
        with pytest.raises(Transient):
            journal.acting.settle(todo, done(*todo.actions))
        with pytest.raises(Transient):
            journal.acting.postpone(todo, "", doubt=False)
    assert _rows(journal) == [("pending", "", False)] * 2


def test_an_action_of_a_newer_version_does_not_stop_the_others(journal: Journal, clock: Clock) -> None:
    order(journal, 1, comment(1))
    order(journal, 2, comment(2))
    with journal.database.write() as connection:
        connection.execute(update(actions).where(actions.c.item == "gerrit:1").values(kind="Teleport"))
    with pytest.raises(KeyError, match="Teleport"):
        journal.acting.take()
    assert taken(journal).item == "gerrit:2"
    clock.pass_s(LONGEST_RETRY_S)
    with pytest.raises(KeyError, match="Teleport"):
        journal.acting.take()


def _rows(journal: Journal) -> list[tuple[str, str, bool]]:
    with journal.database.read() as connection:
        rows = connection.execute(select(actions).order_by(actions.c.id)).all()
    return [(row.state, row.outcome, row.doubt) for row in rows]

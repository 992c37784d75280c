"""Carrying out what was decided: marked before it is tried, looked at before it is repeated."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from daemon.journal.acting import LONGEST_RETRY_S
from daemon.journal.deciding import Batch
from daemon.journal.instants import from_us
from daemon.journal.journal import Journal
from daemon.journal.tables import actions
from daemon.workers.actor import LOOK_AGAIN_S
from integrations.contract import Transient
from rules.actions import Action
from rules.state import ACTING
from tests.clock import START, Clock
from tests.daemon.journals import (
    FakeGerrit,
    Office,
    Place,
    add_reviewer,
    comment,
    decision,
    failing,
    pushed,
    settings,
)


@pytest.fixture
def gerrit() -> FakeGerrit:
    """With no reviewers on anything."""
    return FakeGerrit()


@pytest.fixture
def office(journal: Journal, gerrit: FakeGerrit, clock: Clock) -> Office:
    """At work."""
    return Office(journal, gerrit, clock)


def order(journal: Journal, number: int, *todo: Action) -> None:
    """Decide that something is to be done."""
    seq = journal.deciding.upto() + 1
    journal.deciding.record(Batch(upto=seq, decided=[(seq, decision(number, *todo), None)]))


def act(office: Office) -> None:
    """Until nothing is due."""
    while office.actor.step(0):
        pass


def states(journal: Journal) -> list[tuple[str, bool, int]]:
    """State, doubt and tries of all actions."""
    with journal.database.read() as connection:
        rows = connection.execute(select(actions).order_by(actions.c.id)).all()
    return [(row.state, row.doubt, row.tries) for row in rows]


def test_without_anything_to_do_it_says_so(office: Office) -> None:
    assert not office.actor.step(0)


def test_what_was_decided_is_done_as_one_request(office: Office) -> None:
    order(office.journal, 1, add_reviewer(), comment())
    act(office)
    assert (office.gerrit.reviewers, office.gerrit.said) == (
        {"gerrit:1": ["id-of-ann"]},
        {"gerrit:1": ["please look"]},
    )
    assert office.gerrit.requests == 1
    assert states(office.journal) == [("done", False, 1)] * 2
    assert office.troubles == {"hands": ""}


def test_an_action_is_in_doubt_in_the_journal_before_it_is_tried(office: Office) -> None:
    seen: list[tuple[str, bool, int]] = []

    class Watching(FakeGerrit):
        def _fail(self, item: str) -> None:
            seen.extend(states(office.journal))

    watched = Office(office.journal, Watching(), Clock())
    order(office.journal, 1, comment())
    act(watched)
    assert seen == [("pending", True, 1)]


def test_a_server_that_is_away_is_tried_again_until_it_is_back(office: Office, clock: Clock) -> None:
    order(office.journal, 1, comment())
    office.gerrit.down = "503 from Gerrit"
    for _ in range(40):
        act(office)
        clock.pass_s(LONGEST_RETRY_S)
    assert office.troubles == {"hands": "503 from Gerrit"}
    assert len(office.gerrit.asked) == 40
    office.gerrit.down = ""
    act(office)
    assert office.gerrit.said == {"gerrit:1": ["please look"]}
    assert office.troubles == {"hands": ""}


def test_waits_between_tries_grow_to_15_minutes_at_most(office: Office, clock: Clock) -> None:
    order(office.journal, 1, comment())
    office.gerrit.down = "503 from Gerrit"
    waits: list[float] = []
    for _ in range(16):
        assert office.actor.step(0)
        assert not office.actor.step(0)
        with office.journal.database.read() as connection:
            due = from_us(connection.execute(select(actions.c.next_try)).scalar_one())
        waits.append((due - clock()).total_seconds())
        clock.pass_s(waits[-1])
    assert waits[0] <= 0.5
    assert waits[5] > 4 * waits[1]
    assert all(450 <= wait <= 900 for wait in waits[12:])


def test_an_answer_that_was_lost_is_found_by_looking(office: Office, clock: Clock) -> None:
    order(office.journal, 1, add_reviewer(), comment())
    office.gerrit.silent = True
    act(office)
    assert states(office.journal) == [("pending", True, 1)] * 2
    office.gerrit.silent = False
    clock.pass_s(60)
    act(office)
    assert office.gerrit.asked == [("gerrit:1", False), ("gerrit:1", True)]
    assert office.gerrit.requests == 1
    assert [state for state, _, _ in states(office.journal)] == ["done", "done"]


def test_while_in_doubt_it_looks_once_more_before_it_acts_again(office: Office, clock: Clock) -> None:
    order(office.journal, 1, comment())
    office.gerrit.late = True
    act(office)
    office.gerrit.late = False
    office.gerrit.under_way.clear()  # it never arrived
    clock.pass_s(60)
    act(office)
    assert office.gerrit.requests == 1
    clock.pass_s(LOOK_AGAIN_S)
    act(office)
    assert office.gerrit.asked == [("gerrit:1", False), ("gerrit:1", True), ("gerrit:1", False)]
    assert office.gerrit.said == {"gerrit:1": ["please look"]}


def test_a_request_that_arrives_late_is_not_repeated(office: Office, clock: Clock) -> None:
    order(office.journal, 1, comment())
    office.gerrit.late = True
    act(office)
    clock.pass_s(60)
    act(office)  # looks: nothing there yet
    office.gerrit.arrive()
    office.gerrit.late = False
    clock.pass_s(LOOK_AGAIN_S)
    act(office)
    assert office.gerrit.said == {"gerrit:1": ["please look"]}
    assert office.gerrit.requests == 1


def test_doubt_stays_though_the_next_look_cannot_be_had(office: Office, clock: Clock) -> None:
    order(office.journal, 1, comment())
    office.gerrit.silent = True
    act(office)
    office.gerrit.down = "503 from Gerrit"
    clock.pass_s(60)
    act(office)
    assert states(office.journal) == [("pending", True, 2)]


def test_a_daemon_killed_after_the_request_does_not_repeat_it(place: Place, gerrit: FakeGerrit, clock: Clock) -> None:
    first = place.open()
    order(first, 1, add_reviewer(), comment())
    with failing(first, "UPDATE actions SET state"), pytest.raises(Transient):
        Office(first, gerrit, clock).actor.step(0)  # done at Gerrit, not written down
    act(Office(place.open(), gerrit, clock))
    assert gerrit.requests == 1
    assert gerrit.said == {"gerrit:1": ["please look"]}
    assert [state for state, _, _ in states(first)] == ["done", "done"]


def test_a_journal_that_cannot_be_written_stops_acting_before_anything_is_sent(office: Office) -> None:
    order(office.journal, 1, comment())
    with failing(office.journal, "UPDATE actions"), pytest.raises(Transient):
        office.actor.step(0)
    assert office.gerrit.asked == []
    act(office)
    assert office.gerrit.said == {"gerrit:1": ["please look"]}


def test_a_refused_reviewer_is_heard_of_and_somebody_else_is_asked(
    place: Place, gerrit: FakeGerrit, clock: Clock
) -> None:
    office = Office(place.open(), gerrit, clock, goes_by=settings(ourselves="czar-bot"))
    gerrit.refuses = frozenset({"ann"})
    office.hear(pushed())
    office.work()
    assert office.events() == ["PatchsetCreated", "AskRefused"]
    assert gerrit.reviewers == {"gerrit:1": ["id-of-bob"]}
    ends = {case.person: (case.state, case.end) for case in office.journal.views.cases()}
    assert ends == {"ann": ("closed", "refused"), "bob": ("open", "")}


def test_a_refusal_that_is_not_about_the_person_asks_nobody_else(office: Office) -> None:
    office.gerrit.closed = frozenset({"gerrit:1"})
    order(office.journal, 1, add_reviewer(), comment())
    office.work()
    assert [state for state, _, _ in states(office.journal)] == ["refused", "refused"]
    assert office.journal.views.stats().heard == {}


def test_a_refusal_is_told_before_it_is_settled(place: Place, gerrit: FakeGerrit, clock: Clock) -> None:
    """A crash between the two loses nothing: somebody else is asked, and what is over is not tried again."""
    journal = place.open()
    gerrit.refuses = frozenset({"ann"})
    office = Office(journal, gerrit, clock)
    office.hear(pushed())
    office.decide()
    office.looker.step(0)
    office.decide()
    with failing(journal, "UPDATE actions SET state"), pytest.raises(Transient):
        office.actor.step(0)
    again = Office(place.open(), gerrit, clock)
    again.work()
    clock.pass_s(60)
    again.work()
    assert again.events() == ["PatchsetCreated", "AskRefused"]
    assert gerrit.reviewers == {"gerrit:1": ["id-of-bob"]}


def test_a_fault_in_one_item_does_not_stop_the_others(office: Office, clock: Clock) -> None:
    office.gerrit.broken = frozenset({"gerrit:1"})
    order(office.journal, 1, comment(1))
    clock.pass_s(1)
    order(office.journal, 2, comment(2))
    with pytest.raises(KeyError):
        office.actor.step(0)
    assert office.actor.step(0)
    assert list(office.gerrit.said) == ["gerrit:2"]
    office.gerrit.broken = frozenset()
    for _ in range(2):
        clock.pass_s(60)
        act(office)
    assert list(office.gerrit.said) == ["gerrit:2", "gerrit:1"]


def test_two_actors_never_work_on_the_same_item(journal: Journal, clock: Clock) -> None:
    at_work: list[str] = []
    clashes: list[str] = []

    class Slow(FakeGerrit):
        def _fail(self, item: str) -> None:
            if item in at_work:
                clashes.append(item)
            at_work.append(item)
            meet.wait(0.02)
            at_work.remove(item)

    meet = threading.Event()
    office = Office(journal, Slow(), clock)
    for n in range(6):
        order(journal, n % 3, replace(comment(n % 3), key=f"Comment:{n}", text=str(n)))
    threads = [threading.Thread(target=act, args=(office,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    act(office)
    assert clashes == []
    assert {item: sorted(said) for item, said in office.gerrit.said.items()} == {
        f"gerrit:{n}": [str(n), str(n + 3)] for n in range(3)
    }


def test_a_pause_stops_acting_and_nothing_else(office: Office) -> None:
    office.journal.pausing.pause(ACTING, "too many mails", START)
    office.hear(pushed())
    office.work()
    assert office.events() == ["PatchsetCreated"]
    assert [case.person for case in office.journal.views.cases(open_only=True)] == ["ann"]
    assert (office.gerrit.asked, office.journal.views.stats().actions["pending"]) == ([], 2)
    office.journal.pausing.resume(ACTING)
    office.work()
    assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

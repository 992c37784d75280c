"""What the simulation once found broken, each told for itself: a world in which nothing happens by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.journal.tables import actions
from integrations.contract import Transient
from integrations.sandbox.gerrit.records import Change
from rules.state import ACTING
from rules.verdicts import Limits
from tests.simulation.community import BOT, CAP, OWNERS
from tests.simulation.promise import Promise
from tests.simulation.world import DAY_S, HOUR_S, World

MINUTE_S = 60.0
WAITING = 200
UNLIMITED = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)


@pytest.fixture
def world(empty: Path) -> Iterator[World]:
    """The daemon has started, caught up and listens."""
    made = World(empty, seed=0)
    made.work_until_idle()
    made.time.pass_s(10)
    made.work_until_idle()
    yield made
    made.close()


def pushed(world: World) -> Change:
    """A new change of nova, heard and decided; nobody was asked on the server yet."""
    dev = world.accounts["dev"]
    change = world.state.push(dev, "org/nova", subject="Do it", files={"doc/index.rst": "words\n"})
    others = [worker for worker in world.process.workers if "actor" not in worker.name]
    while any(worker.step(0.0) for worker in others):
        pass
    with world.process.journal.database.read() as connection:
        assert [row.state for row in connection.execute(actions.select())] == ["pending", "pending"]
    return change


def cases(world: World, change: Change) -> list[tuple[str, str, str]]:
    """Who, state, end."""
    found = world.process.journal.views.cases_of(f"gerrit:{change.number}")
    return [(case.person, case.state, case.end) for case in found]


def unheard(world: World) -> None:
    """What the stream has to say is lost."""
    world.faults.drop_output(100)


def test_an_ask_that_met_an_abandoned_change_is_made_up_for_when_it_is_restored(world: World) -> None:
    change = pushed(world)
    dev = world.accounts["dev"]
    world.state.abandon(change.number, dev)
    world.work_until_idle()
    assert world.accounts["dee"] not in change.reviewers
    world.state.restore(change.number, dev)
    world.calm_down()
    assert cases(world, change) == [("dee", "open", "")]
    assert change.reviewers[world.accounts["dee"]] == "REVIEWER"
    Promise(world).in_the_end()


def test_an_ask_that_met_a_hidden_change_is_made_up_for_when_it_is_public(world: World) -> None:
    change = pushed(world)
    dev = world.accounts["dev"]
    world.state.set_private(change.number, dev, True)
    world.work_until_idle()
    world.state.set_private(change.number, dev, False)
    world.calm_down()
    assert change.reviewers[world.accounts["dee"]] == "REVIEWER"
    Promise(world).in_the_end()


def test_a_change_whose_restoring_was_not_heard_waits_again(world: World) -> None:
    change = pushed(world)
    dev = world.accounts["dev"]
    world.work_until_idle()
    world.state.abandon(change.number, dev)
    world.work_until_idle()
    assert cases(world, change) == [("dee", "closed", "abandoned")]
    unheard(world)
    world.state.restore(change.number, dev)
    world.calm_down()
    assert cases(world, change) == [("dee", "open", "")]


def test_what_happens_before_the_first_listing_is_caught_up_with(empty: Path) -> None:
    world = World(empty, seed=0)
    world.faults.freeze()
    world.faults.answer(503, times=1_000)
    world.work_until_idle()
    dev = world.accounts["dev"]
    change = world.state.push(dev, "org/nova", subject="Do it", files={"doc/index.rst": "words\n"})
    world.time.pass_s(3 * DAY_S)
    world.calm_down()
    assert change.reviewers[world.accounts["dee"]] == "REVIEWER"
    world.close()


def test_what_is_newly_decided_does_not_cut_short_the_wait_in_doubt(world: World) -> None:
    change = pushed(world)
    world.door.late = 1
    actor = world.process.workers[-1]
    actor.step(0.0)  # sends, and gives up on the answer
    world.time.pass_s(1.0)
    actor.step(0.0)  # looks, sees nothing yet, and waits
    world.state.set_topic(change.number, world.accounts["dev"], "api-v2")
    world.calm_down()
    Promise(world).in_the_end()


def test_who_is_asked_for_two_slots_is_added_once(world: World) -> None:
    change = pushed(world)
    world.process.journal.pausing.pause(ACTING, "a person said so", world.clock())
    world.state.set_topic(change.number, world.accounts["dev"], "api-v2")
    world.work_until_idle()
    world.calm_down()
    dee = world.accounts["dee"]
    assert [one.state for one in change.reviewer_updates if one.reviewer == dee] == ["REVIEWER"]
    Promise(world).in_the_end()


def try_in_vain(world: World, seconds: float) -> None:
    """So long, and every worker works once: where nothing is to be had there is no end to trying."""
    world.time.pass_s(seconds)
    for worker in world.process.workers:
        with suppress(Transient):
            worker.step(0.0)


@pytest.mark.full
def test_after_an_hour_without_rest_everybody_is_asked_once_for_each_change(world: World) -> None:
    world.process.settings = replace(world.process.settings, limits=UNLIMITED)
    journal, dev = world.process.journal, world.accounts["dev"]
    world.faults.shut_rest()
    began = len(world.state.changes)
    for number in range(WAITING):
        repo, file = sorted(OWNERS)[number % 3], ("src/a.py", "doc/a.rst")[number % 2]
        world.state.push(dev, repo, subject="Do it", files={file: f"{number}\n"}, options=["topic=api-v2"])
        try_in_vain(world, HOUR_S / WAITING)
    for _ in range(10):  # the stream comes in pieces
        try_in_vain(world, 1)
    new = list(world.state.changes.values())[began:]
    assert {f"gerrit:{change.number}" for change in new} == {item for _, item in journal.deciding.waiting()}
    world.faults.open_rest()
    for _ in range(30):
        world.time.pass_s(MINUTE_S)
        world.work_until_idle()
    assert not journal.deciding.waiting()
    promise = Promise(world)
    promise.each_step()
    for change in new:
        asks = [message for message in change.messages if message.author == world.accounts[BOT]]
        assert len(asks) <= 1, change.number
        assert len(asks) == any(case.person for case in journal.views.cases_of(f"gerrit:{change.number}"))
    asked = Counter(case.person for case in journal.views.cases() if case.waits and case.rule == "any-code")
    assert 0 < asked["ann"] <= CAP["ann"]
    assert asked["bob"] > 10

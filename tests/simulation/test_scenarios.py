"""What the simulation once found broken, each told for itself: a world in which nothing happens by chance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.journal.acting import ACTING
from daemon.journal.tables import actions
from integrations.sandbox.gerrit.records import Change
from tests.simulation.promise import Promise
from tests.simulation.world import DAY_S, World


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

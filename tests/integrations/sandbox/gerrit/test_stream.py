"""One listener's queue."""

from __future__ import annotations

import json

from integrations.sandbox.gerrit.stream import MOST_WAITING, StreamQueue
from tests.integrations.sandbox.gerrit.world import World


def kinds(queue: StreamQueue) -> list[str]:
    return [json.loads(line)["type"] for line in iter(queue.take, None)]


def test_a_queue_hears_the_chosen_kinds_from_its_beginning_on() -> None:
    world = World()
    world.push()
    queue = StreamQueue(world.state, world.bot.account_id, ["patchset-created"])
    world.push()
    assert kinds(queue) == ["patchset-created"]
    queue.close()
    world.push()
    assert kinds(queue) == []


def test_more_than_128_waiting_lines_are_lost_and_said_so_before_the_next_line() -> None:
    world = World()
    queue = StreamQueue(world.state, world.bot.account_id, ["patchset-created"])
    for _ in range(MOST_WAITING + 3):
        world.push()
    heard = kinds(queue)
    assert heard[0] == "dropped-output"
    assert heard[1:] == ["patchset-created"] * MOST_WAITING


def test_lines_can_be_lost_on_order() -> None:
    world = World()
    queue = StreamQueue(world.state, world.bot.account_id, ["patchset-created"])
    queue.lose(1)
    world.push()
    world.push()
    assert kinds(queue) == ["dropped-output", "patchset-created"]


def test_private_changes_of_others_are_not_heard() -> None:
    world = World()
    queue = StreamQueue(world.state, world.bot.account_id)
    change = world.push(options=("private",))
    assert kinds(queue) == []
    world.state.set_private(change.number, world.ann.account_id, False)
    assert kinds(queue) == ["ref-updated", "private-state-changed"]

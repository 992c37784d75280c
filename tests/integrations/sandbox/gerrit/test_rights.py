"""Who may take whom off a change."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.records import Account
from integrations.sandbox.gerrit.rights import may_remove, removable
from integrations.sandbox.gerrit.state import Review
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def world() -> World:
    return World()


def who_may(world: World) -> list[str]:
    """Of all people, who may take Bob off change 1."""
    change = world.state.changes[1]
    people: list[Account] = [world.ann, world.bob, world.cyd, world.bot, world.state.admin]
    return [one.username for one in people if may_remove(world.state, change, one.account_id, world.bob.account_id)]


def test_oneself_the_owner_and_administrators_may(world: World) -> None:
    world.push(options=("r=bob",))
    assert who_may(world) == ["ann", "bob", "admin"]


def test_the_owner_may_not_take_off_who_is_against(world: World) -> None:
    world.push(options=("r=bob",))
    world.state.review(1, world.bob.account_id, Review(labels={"Code-Review": -1}))
    assert who_may(world) == ["bob", "admin"]


@pytest.mark.parametrize("action", ["ALLOW", "DENY"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_group_may_be_given_the_right(world: World, action: str, everywhere: bool) -> None:
    change = world.push(options=("r=bob",))
    access = world.state.global_access if everywhere else world.state.projects[PROJECT].access
    rules = {world.state.groups[SERVICE_USERS].uuid: {"action": action}}
    access["refs/*"] = {"permissions": {"removeReviewer": {"rules": rules}}}
    assert ("czar-bot" in who_may(world)) is (action == "ALLOW")
    found = removable(world.state, change, world.bot.account_id)
    assert found == ([world.bob.account_id] if action == "ALLOW" else [])

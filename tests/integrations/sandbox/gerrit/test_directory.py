"""People, groups, and who hears the stream."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.records import Refusal
from tests.integrations.sandbox.gerrit.world import World


@pytest.fixture
def world() -> World:
    return World()


def test_a_full_name_of_two_people_is_ambiguous(world: World) -> None:
    world.state.add_account("bob2", name="Bob")
    assert world.state.find_account("bob").username == "bob"
    world.state.add_account("b3", name="Cyd Two")
    world.state.add_account("b4", name="Cyd Two")
    with pytest.raises(Refusal, match="ambiguous"):
        world.state.find_account("Cyd Two")


def test_an_inactive_account_is_found_by_its_id_only(world: World) -> None:
    world.state.edit_account(world.bob.account_id, active=False)
    assert world.state.find_account(str(world.bob.account_id)).username == "bob"
    with pytest.raises(Refusal, match="only matches inactive accounts"):
        world.state.find_account("bob")


def test_keys_are_kept_without_their_comment(world: World) -> None:
    world.state.edit_account(world.bob.account_id, keys=["ssh-ed25519 AAAA bob@laptop"])
    assert world.state.accounts[world.bob.account_id].keys == ("ssh-ed25519 AAAA",)


def test_who_stops_listening_hears_no_more(world: World) -> None:
    heard: list[object] = []
    end = world.state.subscribe(heard.append)
    world.push()
    count = len(heard)
    end()
    end()
    world.push()
    assert len(heard) == count > 0


def test_there_is_no_second_group_of_a_name(world: World) -> None:
    with pytest.raises(Refusal, match="409"):
        world.state.add_group("Service Users")
    with pytest.raises(Refusal, match="404"):
        world.state.group("none")

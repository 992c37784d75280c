"""People, groups, projects and who hears the stream."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.records import Refusal
from tests.integrations.sandbox.gerrit.world import PROJECT, World


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


def test_a_tag_is_made_moved_and_removed(world: World) -> None:
    for new in ("a" * 40, "b" * 40, "0" * 40):
        world.state.update_ref(PROJECT, "refs/tags/1", new, by=world.ann.account_id)
    olds = [line["refUpdate"]["oldRev"] for line in world.told(refs=True)]
    assert olds == ["0" * 40, "a" * 40, "b" * 40]
    assert "refs/tags/1" not in world.state.project(PROJECT).refs


def test_there_is_no_second_project_or_group_of_a_name(world: World) -> None:
    with pytest.raises(Refusal, match="409"):
        world.state.add_project(PROJECT)
    with pytest.raises(Refusal, match="409"):
        world.state.add_group("Service Users")
    with pytest.raises(Refusal, match="404"):
        world.state.group("none")

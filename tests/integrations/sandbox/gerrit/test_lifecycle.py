"""From abandoned to merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.sandbox.gerrit.records import Refusal
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_change_beside_the_tip_lands_by_a_merge_commit(world: World) -> None:
    one, two = world.push(), world.push(files={"b": "x"})
    world.state.merge(one.number, world.bob.account_id)
    world.state.merge(two.number, world.bob.account_id)
    tip = world.state.project(PROJECT).branches["master"].tip
    assert tip not in (one.current.revision, two.current.revision)


def test_a_submission_may_make_a_patch_set_nobody_heard_of(world: World) -> None:
    change = world.push()
    before = change.current
    rebased = replace(before, number=2, revision="d" * 40)
    world.told()
    world.state.merge(change.number, world.bob.account_id, new_rev="d" * 40, rebased=rebased)
    (merged,) = world.told()
    assert (merged["type"], merged["patchSet"]["number"], merged["newRev"]) == ("change-merged", 2, "d" * 40)


def test_hashtags_tell_what_came_and_what_went(world: World) -> None:
    change = world.push(options=("hashtag=a",))
    world.told()
    world.state.set_hashtags(change.number, world.ann.account_id, add=["b", "a"], remove=["a"])
    world.state.set_hashtags(change.number, world.ann.account_id, add=["b"])
    (line,) = world.told()
    assert (line["added"], line["removed"], line["hashtags"]) == (["b"], ["a"], ["b"])


def test_only_what_is_abandoned_can_be_restored_and_merged_changes_stay(world: World) -> None:
    change = world.push()
    with pytest.raises(Refusal, match="409 change is new"):
        world.state.restore(change.number, world.ann.account_id)
    world.state.merge(change.number, world.bob.account_id)
    with pytest.raises(Refusal, match="409"):
        world.state.delete(change.number, world.ann.account_id)


def test_a_chain_is_what_stands_on_each_other_and_is_not_merged(world: World) -> None:
    lowest = world.push()
    middle = world.push(parents=(lowest.current.revision,))
    highest = world.push(parents=(middle.current.revision,))
    alone = world.push()
    for change in (lowest, middle, highest):
        assert world.state.related(change) == [highest, middle, lowest]
    assert world.state.related(alone) == []
    world.state.abandon(highest.number, world.ann.account_id)
    world.state.merge(lowest.number, world.bob.account_id)
    assert world.state.related(middle) == [highest, middle]


def test_a_chain_holds_on_to_current_patch_sets_only(world: World) -> None:
    lowest = world.push()
    higher = world.push(parents=(lowest.current.revision,))
    world.push(change_id=lowest.change_id, files={"b.txt": "1\n"})
    assert world.state.related(higher) == []

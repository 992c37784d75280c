"""From the first push to the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.sandbox.gerrit.records import Refusal
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def world() -> World:
    return World()


def test_the_same_change_id_makes_a_patch_set_of_the_same_branch_only(world: World) -> None:
    world.state.update_ref(PROJECT, "refs/heads/stable", "c" * 40, by=world.ann.account_id)
    change = world.push()
    assert world.push(change_id=change.change_id, files={"a.txt": "2\n"}).current.number == 2
    assert world.push(change_id=change.change_id, branch="stable").number == 2


@pytest.mark.parametrize("option", ["nonsense", "r=nobody", "l=No-Label+1"])
def test_a_push_with_a_bad_option_is_refused_as_a_whole(world: World, option: str) -> None:
    with pytest.raises(Refusal):
        world.push(options=(option,))
    assert not world.state.changes


def test_closed_changes_take_no_more_pushes(world: World) -> None:
    change = world.push()
    world.state.merge(change.number, world.bob.account_id)
    with pytest.raises(Refusal, match=f"409 change {change.number} closed"):
        world.push(change_id=change.change_id)


def test_the_files_of_a_push_are_compared_with_the_branch(world: World) -> None:
    world.state.merge(world.push(files={"a": "1\n2\n3\n", "same": "x"}).number, world.bob.account_id)
    files = world.push(files={"a": "1\n2\nthree\n", "same": "x", "b": "new\n"}).current.files
    assert {path: (file.status, file.insertions, file.deletions) for path, file in files.items()} == {
        "a": ("M", 1, 1),
        "b": ("A", 1, 0),
    }


def test_a_rebase_keeps_the_kind_trivial(world: World) -> None:
    change = world.push()
    world.state.merge(world.push(files={"other": "x"}).number, world.bob.account_id)
    again = world.push(change_id=change.change_id, message=change.current.message)
    assert again.current.kind == "TRIVIAL_REBASE"


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


def test_a_picked_change_knows_where_from(world: World) -> None:
    world.state.update_ref(PROJECT, "refs/heads/stable", "c" * 40, by=world.ann.account_id)
    change = world.push()
    world.told()
    picked = world.state.cherry_pick(change.number, world.bob.account_id, change.current, "stable", "Again\n")
    assert (picked.branch, picked.owner, picked.cherry_pick_of) == ("stable", world.bob.account_id, (1, 1))
    assert picked.current.files == change.current.files
    (event,) = world.told()
    assert (event["change"]["cherryPickOfChange"], event["change"]["cherryPickOfPatchSet"]) == (1, 1)
    message = f"Again\n\nChange-Id: {change.change_id}\n"
    same = world.state.cherry_pick(change.number, world.bob.account_id, change.current, "stable", message)
    assert (same.change_id, same.number) == (change.change_id, 3)

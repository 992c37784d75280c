"""Patch sets."""

from __future__ import annotations

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


def test_an_edited_message_is_a_patch_set_with_the_same_files(world: World) -> None:
    change = world.push()
    world.state.edit_message(1, world.bob.account_id, f"Better\n\nChange-Id: {change.change_id}\n")
    first, second = change.patch_sets
    assert (second.kind, second.files, second.uploader) == ("NO_CODE_CHANGE", first.files, world.bob.account_id)
    assert change.messages[-1].text == "Patch Set 2: Commit message was updated."
    assert (change.subject, second.author) == ("Better", first.author)
    for message, reason in ((second.message, "are the same"), ("No footer\n", "missing Change-Id footer")):
        with pytest.raises(Refusal, match=reason):
            world.state.edit_message(1, world.bob.account_id, message)


def test_a_rebase_moves_a_change_onto_the_branch_or_the_newest_patch_set_below(world: World) -> None:
    below = world.push(files={"below": "1\n"})
    change = world.push(files={"a.txt": "1\n"}, parents=(below.current.revision,))
    world.push(change_id=below.change_id, files={"below": "2\n"})
    world.state.rebase(change.number, world.ann.account_id)
    assert (change.current.parents, change.current.kind) == ((below.current.revision,), "TRIVIAL_REBASE")
    assert change.messages[-1].text == "Patch Set 2: Patch Set 1 was rebased"
    with pytest.raises(Refusal, match="already up to date"):
        world.state.rebase(change.number, world.ann.account_id)
    other = world.push(files={"a.txt": "3\n"})
    world.state.merge(below.number, world.bob.account_id)
    world.state.merge(other.number, world.bob.account_id)
    with pytest.raises(Refusal, match="conflict"):
        world.state.rebase(change.number, world.ann.account_id)


def test_a_push_tells_what_became_of_the_votes(world: World) -> None:
    change = world.push(options=("l=Code-Review+1",))
    assert change.messages[-1].text == "Uploaded patch set 1: Code-Review+1."
    world.push(change_id=change.change_id, files={"a.txt": "2\n"})
    condition = "changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN"
    outdated = f'Outdated Votes:\n* Code-Review+1 (copy condition: "{condition}")\n'
    assert change.messages[-1].text == f"Uploaded patch set 2.\n\n{outdated}"


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ({"a": None}, {"a": ("D", "")}),
        ({"a": None, "b": "1\n2\n3\n"}, {"b": ("R", "a")}),
        ({"a": None, "b": "1\n2\n3\n4\n"}, {"b": ("R", "a")}),
        ({"a": None, "b": "other\n"}, {"a": ("D", ""), "b": ("A", "")}),
        ({"b": "1\n2\n3\n"}, {"b": ("A", "")}),
        ({"a": None, "none": None}, {"a": ("D", "")}),
    ],
)
def test_files_may_be_deleted_and_renamed(
    world: World, files: dict[str, str | None], shown: dict[str, tuple[str, str]]
) -> None:
    world.state.merge(world.push(files={"a": "1\n2\n3\n"}).number, world.bob.account_id)
    found = world.push(files=files).current.files
    assert {path: (file.status, file.old_path) for path, file in found.items()} == shown

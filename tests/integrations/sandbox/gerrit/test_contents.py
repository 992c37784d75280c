"""What stands in a commit."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.gerrit import contents
from integrations.sandbox.gerrit.records import FileChange
from tests.integrations.sandbox.gerrit.world import PROJECT, World


def text(world: World, revision: str, path: str) -> tuple[bool, str | None]:
    place = world.state.project(PROJECT)
    return contents.found(place, place.branches["master"], revision, path)


def landed(world: World, **how: Any) -> str:
    """The tip after one more change."""
    world.state.merge(world.push(**how).number, world.bob.account_id)
    return world.state.project(PROJECT).branches["master"].tip


def test_a_commit_shows_its_own_files_and_those_below_it() -> None:
    world = World()
    first = landed(world, files={"a": "1\n", "b": "1\n"})
    second = landed(world, files={"a": "2\n"})
    third = landed(world, files={"b": None})
    assert [text(world, one, "a")[1] for one in (first, second, third)] == ["1\n", "2\n", "2\n"]
    assert [text(world, one, "b") for one in (second, third)] == [(True, "1\n"), (False, None)]
    assert text(world, third, "c") == (False, None)


def test_a_renamed_file_is_not_where_it_was() -> None:
    world = World()
    first = landed(world, files={"a": "1\n"})
    landed(world, files={"a": None, "b": "1\n"})
    last = landed(world, files={"c": "1\n"})
    assert (text(world, first, "a"), text(world, last, "a"), text(world, last, "b")) == (
        (True, "1\n"),
        (False, None),
        (True, "1\n"),
    )


def test_a_merge_has_the_files_of_both() -> None:
    world = World()
    one, two = world.push(files={"a": "1\n"}), world.push(files={"b": "1\n"})
    for change in (one, two):
        world.state.merge(change.number, world.bob.account_id)
    merge = world.state.project(PROJECT).branches["master"].tip
    landed(world, files={"c": "1\n"})
    assert (text(world, merge, "a"), text(world, merge, "b")) == ((True, "1\n"), (True, "1\n"))
    assert text(world, merge, "c") == (False, None)


def test_a_change_on_another_one_is_compared_with_that() -> None:
    world = World()
    below = world.push(files={"a": "1\n"})
    above = world.push(files={"a": "1\n", "b": "1\n"}, parents=(below.current.revision,))
    assert set(above.current.files) == {"b"}


def test_below_a_commit_nobody_has_seen_stands_the_branch() -> None:
    world = World()
    landed(world, files={"a": "1\n"})
    assert text(world, "f" * 40, "a") == (True, "1\n")


def test_what_is_known_of_a_file_may_be_said_instead_of_its_text() -> None:
    world = World()
    known = FileChange(status="M", insertions=3)
    assert world.push(files={"a": known}).current.files == {"a": known}


def test_a_text_may_be_given_with_the_one_before() -> None:
    assert contents.edited("1\n", "1\n2\n") == FileChange(
        status="M", insertions=1, deletions=0, content="1\n2\n", before="1\n"
    )
    assert (contents.edited(None, "1\n").status, contents.edited("1\n", None).status) == ("A", "D")

"""Projects, and the rules they have from their parents."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.records import Label, Refusal, Requirement
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_tag_is_made_moved_and_removed(world: World) -> None:
    for new in ("a" * 40, "b" * 40, "0" * 40):
        world.state.update_ref(PROJECT, "refs/tags/1", new, by=world.ann.account_id)
    olds = [line["refUpdate"]["oldRev"] for line in world.told(refs=True)]
    assert olds == ["0" * 40, "a" * 40, "b" * 40]
    assert "refs/tags/1" not in world.state.project(PROJECT).refs


def test_there_is_no_second_project_of_a_name(world: World) -> None:
    with pytest.raises(Refusal, match="409"):
        world.state.add_project(PROJECT)


def test_a_child_has_the_labels_of_its_parents_and_its_own_come_first(world: World) -> None:
    world.state.set_label(PROJECT, Label(name="Release-Signoff", values={-1: "no", 0: "", 1: "yes"}))
    world.state.add_project("kid", parent=PROJECT)
    assert list(world.state.labels_in("kid")) == ["Code-Review", "Release-Signoff"]
    world.state.set_label("kid", Label(name="Release-Signoff", values={0: "", 1: "yes"}))
    assert world.state.labels_in("kid")["Release-Signoff"].lowest == 0
    assert [place.name for place in world.state.children(PROJECT)] == ["kid"]
    assert [place.name for place in world.state.children("All-Projects", recursive=True)] == [PROJECT, "kid"]


@pytest.mark.parametrize("overridable", [True, False])
def test_a_childs_requirement_counts_where_the_parent_lets_it(world: World, overridable: bool) -> None:
    world.state.set_requirement(PROJECT, Requirement(name="x", submittable_if="is:false", overridable=overridable))
    world.state.add_project("kid", parent=PROJECT)
    world.state.set_requirement("kid", Requirement(name="x", submittable_if="is:true"))
    change = world.state.push(world.ann.account_id, "kid", subject="x", files={"a": "1\n"})
    found = world.state.requirements_of(change)["x"].submittable_if
    assert found == ("is:true" if overridable else "is:false")


def test_an_annotated_tag_points_to_a_tag_object(world: World) -> None:
    commit = world.state.project(PROJECT).branches["master"].tip
    revision = world.state.put_tag(PROJECT, "1", commit, by=None, message="One")
    assert world.state.project(PROJECT).tag_objects[revision].commit == commit != revision
    assert world.state.put_tag(PROJECT, "1", commit, by=None) == commit  # moved, and plain now
    assert [line["refUpdate"]["newRev"] for line in world.told(refs=True)] == [revision, commit]


def test_a_new_branch_has_the_files_of_where_it_begins(world: World) -> None:
    world.state.merge(world.push(files={"a": "1\n"}).number, world.bob.account_id)
    tip = world.state.project(PROJECT).branches["master"].tip
    world.state.update_ref(PROJECT, "refs/heads/stable", tip, by=None)
    assert world.push(branch="stable", files={"a": "1\n"}).current.files == {}

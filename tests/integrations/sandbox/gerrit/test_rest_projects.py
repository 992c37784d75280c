"""Projects, branches and tags by REST."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.gerrit.doorstep import Door
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def door() -> Door:
    return Door(World())


def test_projects_are_made_and_listed(door: Door) -> None:
    admin = door.world.state.admin
    assert door(admin, "PUT", "/projects/a%2Fb", {"create_empty_commit": True})[0] == 201
    assert door.world.kinds(refs=True) == ["ref-updated", "project-created"]
    assert door(admin, "PUT", "/projects/a%2Fb")[0] == 409
    assert sorted(door(admin, "GET", "/projects/")[1]) == ["a/b", PROJECT]
    assert door(admin, "GET", "/projects/a%2Fb")[1]["id"] == "a%2Fb"
    assert door(admin, "PUT", "/projects/a%2Fb/tags/1.0")[0] == 201
    assert door.world.told(refs=True)[0]["refUpdate"]["refName"] == "refs/tags/1.0"


def test_a_project_has_a_parent_and_children(door: Door) -> None:
    admin, parent = door.world.state.admin, PROJECT.replace("/", "%2F")
    assert door(admin, "PUT", "/projects/kid", {"parent": PROJECT})[1]["parent"] == PROJECT
    assert door(admin, "GET", "/projects/kid/parent") == (200, PROJECT)
    assert [one["name"] for one in door(admin, "GET", f"/projects/{parent}/children/")[1]] == ["kid"]
    assert [one["name"] for one in door(admin, "GET", "/projects/All-Projects/children/")[1]] == [PROJECT]
    assert door(admin, "PUT", "/projects/orphan", {"parent": "none"})[0] == 404
    assert "parent" not in door(admin, "GET", "/projects/All-Projects")[1]


def test_tags_come_in_pages_and_by_name(door: Door) -> None:
    admin, where = door.world.state.admin, f"/projects/{PROJECT.replace('/', '%2F')}/tags"
    for name in ("1.0", "1.1", "v2"):
        assert door(admin, "PUT", f"{where}/{name}", {"message": "x"})[0] == 201
    for query, names in (("", ["1.0", "1.1", "v2"]), ("n=1&S=1", ["1.1"]), ("r=1.*", ["1.0", "1.1"]), ("m=V", ["v2"])):
        found = door(door.world.ann, "GET", f"{where}/?{query}")[1]
        assert [one["ref"].removeprefix("refs/tags/") for one in found] == names
        assert all(one["object"] != one["revision"] for one in found)
    assert door(door.world.ann, "DELETE", f"{where}/v2")[0] == 403
    assert (door(admin, "DELETE", f"{where}/v2")[0], door(admin, "DELETE", f"{where}/v2")[0]) == (204, 404)
    assert door(door.world.ann, "PUT", f"{where}/v3") == (403, "not permitted: create on refs/tags/v3")
    assert door(admin, "PUT", f"{where}/v3", {"revision": "0" * 40})[0] == 422


def test_a_tag_that_goes_is_not_heard_by_all(door: Door) -> None:
    door.world.state.put_tag(PROJECT, "1", "a" * 40, by=None)
    door.world.state.update_ref(PROJECT, "refs/tags/1", "0" * 40, by=None)
    people = (door.world.bot, door.world.state.admin)
    heard = [[door.world.state.may_hear(who.account_id, line) for line in door.world.lines] for who in people]
    assert heard == [[True, False], [True, True]]

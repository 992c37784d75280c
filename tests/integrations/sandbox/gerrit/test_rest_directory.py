"""Accounts and groups by REST."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.gerrit.doorstep import Door
from tests.integrations.sandbox.gerrit.world import World


@pytest.fixture
def door() -> Door:
    return Door(World())


def test_an_account_is_found_by_id_name_and_address(door: Door) -> None:
    bob = door.world.bob
    for name in (str(bob.account_id), "bob", "BOB", "bob@example.org", "Bob%20%3Cbob@example.org%3E"):
        assert door(bob, "GET", f"/accounts/{name}")[1]["_account_id"] == bob.account_id
    assert door(bob, "GET", "/accounts/self")[1]["username"] == "bob"
    assert door(bob, "GET", "/accounts/bob/detail")[1]["registered_on"]
    assert door(bob, "GET", "/accounts/nobody") == (404, "Account 'nobody' not found")


def test_searching_an_address_matches_prefixes_and_active_people_only(door: Door) -> None:
    door.world.state.add_account("bob2", email="bob@example.org.uk")
    ask = "/accounts/?q=email:bob@example.org&o=DETAILS"
    assert [one["username"] for one in door(door.world.ann, "GET", ask)[1]] == ["bob", "bob2"]
    door.world.state.edit_account(door.world.bob.account_id, active=False)
    assert [one["username"] for one in door(door.world.ann, "GET", ask)[1]] == ["bob2"]


def test_only_an_administrator_makes_accounts(door: Door) -> None:
    body = {"name": "Eve", "email": "eve@example.org", "http_password": "x", "groups": ["Service Users"]}
    assert door(door.world.ann, "PUT", "/accounts/eve", body)[0] == 403
    admin = door.world.state.admin
    status, eve = door(admin, "PUT", "/accounts/eve", body)
    assert (status, eve["username"]) == (201, "eve")
    assert door.world.state.is_service(eve["_account_id"])
    assert door(admin, "PUT", "/accounts/eve", body)[0] == 409
    assert door(admin, "PUT", "/accounts/eve2", {"email": "eve@example.org"})[0] == 422


def test_capabilities_tell_who_may_read_the_stream(door: Door) -> None:
    assert door(door.world.bot, "GET", "/accounts/self/capabilities")[1]["streamEvents"] is True
    assert "streamEvents" not in door(door.world.ann, "GET", "/accounts/self/capabilities")[1]
    assert door(door.world.state.admin, "GET", "/accounts/self/capabilities")[1]["administrateServer"] is True


def test_groups_have_members(door: Door) -> None:
    admin = door.world.state.admin
    status, group = door(admin, "PUT", "/groups/Release%20Team", {"members": ["ann"]})
    assert (status, group["name"]) == (201, "Release Team")
    assert door(admin, "PUT", "/groups/Release%20Team/members/bob")[0] == 201
    members = door(door.world.ann, "GET", f"/groups/{group['id']}/members/?recursive")[1]
    assert [member["username"] for member in members] == ["ann", "bob"]


def test_a_groups_detail_shows_who_is_in_it_until_they_are_taken_out(door: Door) -> None:
    admin, ann = door.world.state.admin, door.world.ann
    door(admin, "PUT", "/groups/team", {"members": ["ann", "bob"]})
    status, other = door(admin, "PUT", "/groups/other")
    assert (status, door(admin, "PUT", "/groups/team/groups/other")[0]) == (201, 201)
    detail = door(ann, "GET", "/groups/team/detail")[1]
    assert [one["username"] for one in detail["members"]] == ["ann", "bob"]
    assert [one["name"] for one in detail["includes"]] == ["other"]
    assert detail["owner"] == "Administrators"
    gone = {"members": [str(ann.account_id)]}
    for path, body in (("members.delete", gone), ("groups.delete", {"groups": [other["id"]]})):
        assert door(ann, "POST", f"/groups/team/{path}", body)[0] == 403
        assert door(admin, "POST", f"/groups/team/{path}", body)[0] == 204
    detail = door(ann, "GET", "/groups/team/detail")[1]
    assert ([one["username"] for one in detail["members"]], detail["includes"]) == (["bob"], [])
    assert door(ann, "GET", "/groups/nobody/detail")[0] == 404

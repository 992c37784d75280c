"""Labels, submit requirements and access by REST."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.sandbox.gerrit.access import REGISTERED
from integrations.sandbox.gerrit.directory import SERVICE_USERS
from tests.integrations.sandbox.gerrit.doorstep import Door
from tests.integrations.sandbox.gerrit.world import PROJECT, World

PLACE = f"/projects/{PROJECT.replace('/', '%2F')}"


@pytest.fixture
def door() -> Door:
    return Door(World())


def test_the_gate_of_a_release_can_be_set_up(door: Door) -> None:
    admin, bot = door.world.state.admin, door.world.bot
    place = f"/projects/{PROJECT.replace('/', '%2F')}"
    values = {"-1": "missing", " 0": "none", "+1": "signed"}
    label = {"values": values, "function": "NoBlock", "copy_condition": "changekind:NO_CODE_CHANGE"}
    assert door(admin, "PUT", f"{place}/labels/Release-Signoff", label)[0] == 201
    needed = "label:Release-Signoff=MAX,user=czar-bot AND -label:Release-Signoff=MIN"
    requirement = {"name": "Release-Signoff", "submittability_expression": needed}
    assert door(admin, "PUT", f"{place}/submit_requirements/Release-Signoff", requirement)[0] == 201
    group = door(admin, "GET", "/groups/Service%20Users")[1]["id"]
    rules = {group: {"min": -1, "max": 1, "action": "ALLOW"}}
    permission = {"label-Release-Signoff": {"label": "Release-Signoff", "exclusive": True, "rules": rules}}
    access = {"add": {"refs/heads/*": {"permissions": permission}}}
    assert door(admin, "POST", f"{place}/access", access)[0] == 200
    door.world.push()
    review = "/changes/1/revisions/current/review"
    assert door(admin, "POST", review, {"labels": {"Release-Signoff": 1}})[0] == 403
    assert door(door.world.bob, "POST", review, {"labels": {"Code-Review": 2}})[0] == 200
    status, text = door(admin, "POST", "/changes/1/submit")
    assert (status, "submit requirement 'Release-Signoff' is unsatisfied." in text) == (409, True)
    assert door(bot, "POST", review, {"labels": {"Release-Signoff": 1}})[0] == 200
    assert door(admin, "POST", "/changes/1/submit")[1]["status"] == "MERGED"


@pytest.mark.parametrize("kind", ["labels", "submit_requirements"])
def test_only_who_reads_the_configuration_sees_it_and_only_administrators_write_it(door: Door, kind: str) -> None:
    ann, admin, state = door.world.ann, door.world.state.admin, door.world.state
    body = {"values": {"0": "", "+1": "yes"}, "submittability_expression": "is:true"}
    assert door(ann, "GET", f"{PLACE}/{kind}/") == (403, "read refs/meta/config not permitted")
    assert door(admin, "PUT", f"{PLACE}/{kind}/X", body)[0] == 201
    assert door(admin, "PUT", f"{PLACE}/{kind}/X", body)[0] == 200
    state.allow(PROJECT, "refs/meta/config", "read", state.group(SERVICE_USERS).uuid)
    assert [one["name"] for one in door(door.world.bot, "GET", f"{PLACE}/{kind}/")[1]] == ["X"]
    inherited = door(door.world.bot, "GET", f"{PLACE}/{kind}/?inherited")[1]
    assert [one["name"] for one in inherited] == ["Code-Review", "X"]
    assert door(door.world.bot, "PUT", f"{PLACE}/{kind}/X", body)[0] == 403
    assert door(admin, "DELETE", f"{PLACE}/{kind}/X") == (204, "")
    assert door(admin, "DELETE", f"{PLACE}/{kind}/X")[0] == door(admin, "GET", f"{PLACE}/{kind}/X")[0] == 404


def test_what_makes_no_sense_is_refused(door: Door) -> None:
    admin = door.world.state.admin
    for body in ({}, {"values": {"x": ""}}, {"values": {"1": ""}, "copy_condition": "foo:1"}):
        assert door(admin, "PUT", f"{PLACE}/labels/X", body)[0] == 400
    for expression in ("", "foo:1"):
        assert door(admin, "PUT", f"{PLACE}/submit_requirements/X", {"submittability_expression": expression})[0] == 400
    rule: dict[str, Any] = {"add": {"refs/*": {"permissions": {"read": {"rules": {"none": {}}}}}}}
    assert door(admin, "POST", f"{PLACE}/access", rule) == (422, "none is not a valid group ID")
    assert door(door.world.ann, "POST", f"{PLACE}/access", rule)[0] == 403


def test_who_may_not_read_the_configuration_sees_the_rules_of_groups_they_know(door: Door) -> None:
    state = door.world.state
    for group in (state.group(SERVICE_USERS).uuid, REGISTERED):
        state.allow(PROJECT, "refs/heads/*", "submit", group)
    seen = {who.username: door(who, "GET", f"{PLACE}/access")[1] for who in (door.world.ann, door.world.bot)}
    rules = {name: len(info["local"]["refs/heads/*"]["permissions"]["submit"]["rules"]) for name, info in seen.items()}
    assert rules == {"ann": 1, "czar-bot": 2}
    assert not any(info["config_visible"] for info in seen.values())


def test_rules_are_taken_away_by_name_or_with_their_section(door: Door) -> None:
    admin, state = door.world.state.admin, door.world.state
    for permission in ("submit", "read"):
        state.allow(PROJECT, "refs/heads/*", permission, REGISTERED)
    body: dict[str, Any] = {"remove": {"refs/heads/*": {"permissions": {"submit": {"rules": {REGISTERED: {}}}}}}}
    left = door(admin, "POST", f"{PLACE}/access", body)[1]["local"]
    assert set(left["refs/heads/*"]["permissions"]) == {"read"}
    assert door(admin, "POST", f"{PLACE}/access", {"remove": {"refs/heads/*": {}}})[1]["local"] == {}

"""What the gate is, and what is told of one that is not so."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from integrations.gerrit.gate.gate import (
    Gate,
    access_faults,
    instructions,
    label_faults,
    patch,
    patch_for_tags,
    patches,
    requirement_faults,
    strangers,
)
from tests.integrations.gerrit.answers import ANN, BOB, BOT

GATE = Gate(project="openstack/releases", label="Release-Signoff", bot="bot")
OPENS = "label:Release-Signoff=MAX,user=bot AND -label:Release-Signoff=MIN"
LABEL = {
    "name": "Release-Signoff",
    "function": "NoBlock",
    "values": {"-1": "Refused or vetoed", " 0": "Waits for sign-off", "+1": "Signed off"},
    "default_value": 0,
}
REQUIREMENT = {
    "name": "Release-Signoff",
    "applicability_expression": "-branch:refs/meta/config",
    "submittability_expression": OPENS,
    "allow_override_in_child_projects": False,
}
OURS, OTHER = "u1", "u2"
VOTE = {"action": "ALLOW", "min": -1, "max": 1}


def test_it_opens_only_by_the_vote_of_the_bot_by_name() -> None:
    assert GATE.opens() == OPENS
    assert GATE.opens(7) == "label:Release-Signoff=MAX,user=7 AND -label:Release-Signoff=MIN"
    assert (GATE.group, GATE.right) == ("bot-gate", "label-Release-Signoff")


def test_a_label_as_it_must_be_has_no_faults_whatever_its_texts() -> None:
    assert label_faults(GATE, LABEL) == ""
    assert label_faults(GATE, LABEL | {"values": {"-1": "Nein", " 0": "?", "+1": "Ja"}}) == ""


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        ({"copy_condition": "is:ANY"}, "copy_condition is is:ANY"),
        ({"allow_post_submit": True}, "allow_post_submit is True"),
        ({"can_override": True}, "can_override is True"),
        ({"ignore_self_approval": True}, "ignore_self_approval is True"),
        ({"branches": ["refs/heads/x"]}, "branches is ['refs/heads/x']"),
        ({"function": "MaxWithBlock"}, "its function is MaxWithBlock"),
        ({"default_value": 1}, "its default is 1"),
        ({"values": {" 0": "", "+1": ""}}, "its values are [0, 1]"),
        ({"name": "release-signoff"}, "its name is release-signoff"),
    ],
)
def test_each_fault_of_a_label_is_told(edited: dict[str, Any], said: str) -> None:
    assert label_faults(GATE, LABEL | edited) == said


def test_a_requirement_as_it_must_be_has_no_faults() -> None:
    assert requirement_faults(GATE, REQUIREMENT) == ""
    assert requirement_faults(GATE, REQUIREMENT | {"submittability_expression": f"  {OPENS}\n"}) == ""
    everywhere = {key: value for key, value in REQUIREMENT.items() if key != "applicability_expression"}
    assert requirement_faults(GATE, everywhere) == ""


def test_the_bots_account_id_is_as_good_as_its_name_and_no_other_id_is() -> None:
    by_id = REQUIREMENT | {"submittability_expression": GATE.opens(7)}
    assert requirement_faults(GATE, by_id, 7) == ""
    assert "it is fulfilled by" in requirement_faults(GATE, by_id, 8)
    assert "it is fulfilled by" in requirement_faults(GATE, by_id)


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        ({"submittability_expression": "label:Release-Signoff>0"}, "it is fulfilled by 'label:Release-Signoff>0'"),
        ({"submittability_expression": f"{OPENS} OR is:true"}, f"it is fulfilled by '{OPENS} OR is:true'"),
        ({"override_expression": "label:Code-Review=MAX"}, "it is overridden by 'label:Code-Review=MAX'"),
        ({"applicability_expression": "is:false"}, "it applies only where 'is:false'"),
        ({"allow_override_in_child_projects": True}, "child projects may override it"),
        ({"name": "release-signoff"}, "its name is release-signoff"),
    ],
)
def test_each_fault_of_a_requirement_is_told(edited: dict[str, Any], said: str) -> None:
    assert requirement_faults(GATE, REQUIREMENT | edited) == said


def test_what_is_not_there_is_told() -> None:
    assert label_faults(GATE, None) == requirement_faults(GATE, None) == "there is none"
    assert access_faults(GATE, OURS, {}, {}) == access_faults(GATE, None, {}, {}) == "bot-gate may not"


def voting(rules: dict[str, Any], *, exclusive: bool = True) -> dict[str, Any]:
    """Sections of access with the right to vote on branches."""
    permission = {"rules": rules} | ({"exclusive": True} if exclusive else {})
    return {"refs/heads/*": {"permissions": {"label-Release-Signoff": permission}}}


def test_the_right_to_vote_belongs_to_the_bots_group_alone() -> None:
    names = {OTHER: "core"}
    assert access_faults(GATE, OURS, voting({OURS: VOTE}), names) == ""
    assert access_faults(GATE, OURS, voting({OURS: VOTE, OTHER: {"action": "BLOCK"}}), names) == ""
    assert access_faults(GATE, OURS, voting({OURS: VOTE, OTHER: VOTE}), names) == "core may too"
    assert access_faults(GATE, OURS, voting({OURS: VOTE}, exclusive=False), names) == "it is not exclusive"
    assert access_faults(GATE, OURS, voting({OURS: VOTE | {"min": 0}}), names) == "bot-gate may not"
    assert access_faults(GATE, OURS, voting({OURS: {"action": "DENY"}}), names) == "bot-gate may not"


def test_whoever_is_in_the_group_beside_the_bot_is_a_stranger() -> None:
    nameless = {"_account_id": 99}
    group = {"members": [BOT, ANN, nameless], "includes": [{"id": "u9", "name": "core"}, {"id": "u10"}]}
    assert list(strangers(GATE, group)) == ["ann", "account 99", "group core", "group u10"]
    assert list(strangers(GATE, {"members": [BOT | {"username": "Bot"}, BOB]})) == ["Bot", "bob"]
    assert list(strangers(GATE, {"members": [BOT]})) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("label.Release-Signoff.function", "NoBlock"),
        ("label.Release-Signoff.value", "-1 Refused or vetoed\n0 Waits for sign-off\n+1 Signed off"),
        ("label.Release-Signoff.defaultValue", "0"),
        ("label.Release-Signoff.allowPostSubmit", "false"),
        ("label.Release-Signoff.canOverride", "false"),
        ("submit-requirement.Release-Signoff.submittableIf", OPENS),
        ("submit-requirement.Release-Signoff.applicableIf", "-branch:refs/meta/config"),
        ("submit-requirement.Release-Signoff.canOverrideInChildProjects", "false"),
        ("access.refs/heads/*.label-Release-Signoff", "-1..+1 group bot-gate"),
        ("access.refs/heads/*.exclusiveGroupPermissions", "label-Release-Signoff"),
        ("access.refs/meta/config.read", "group bot-gate"),
    ],
)
def test_the_patch_is_what_git_config_reads(key: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "project.config"
    file.write_text(patch(GATE))
    command = ["git", "config", "--file", str(file), "--get-all", key]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{value}\n"


def test_nothing_in_the_patch_copies_or_overrides() -> None:
    assert "copyCondition" not in patch(GATE)
    assert "overrideIf" not in patch(GATE)


def test_the_patch_says_what_goes_into_the_groups_file() -> None:
    assert patch(GATE).endswith("# UUID<tab>bot-gate\n")


def test_all_projects_is_patched_once_for_all_gates(tmp_path: Path) -> None:
    other = Gate(project="other/releases", label="Go", bot="bot")
    assert patches([]) == ""
    assert patches([GATE, other]) == patch_for_tags(GATE) + patch(GATE) + patch(other)
    file = tmp_path / "project.config"
    file.write_text(patch_for_tags(GATE))
    command = ["git", "config", "--file", str(file), "--list"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert found == "access.refs/*.read=group bot-gate\n"
    assert "# All-Projects: groups in refs/meta/config" in patch_for_tags(GATE)


def test_the_instructions_tell_of_group_and_tags_once_and_of_each_repo() -> None:
    other = Gate(project="other/releases", label="Go", bot="bot")
    group, tags, *repos = instructions([GATE, other])
    assert "create-group" in group
    assert "hears of every tag, also of commits on no branch" in tags
    assert [one.split(" the label ")[0] for one in repos] == ["In openstack/releases", "In other/releases"]
    assert instructions([]) == ()


def test_the_instructions_name_group_repo_and_label() -> None:
    said = "\n".join(instructions([GATE]))
    for words in ("create-group --member bot --visible-to-all bot-gate", "openstack/releases", "Release-Signoff"):
        assert words in said

"""The gate of a repo of release requests: a label that the bot alone may vote, and a requirement that counts that vote.

https://gerrit-review.googlesource.com/Documentation/config-labels.html, config-submit-requirements.html,
access-control.html. The requirement names the bot, so that a vote which somebody else was allowed by mistake opens
nothing. No vote is ever copied: each patch set starts shut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.gerrit.setup import ALL_PROJECTS

ALL_REFS = "refs/*"
BRANCHES = "refs/heads/*"
CONFIG = "refs/meta/config"
VALUES = {"-1": "Refused or vetoed", " 0": "Waits for sign-off", "+1": "Signed off"}
APPLIES = f"-branch:{CONFIG}"
MUST_BE_OFF = ("copy_condition", "allow_post_submit", "can_override", "ignore_self_approval", "branches")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Which label of which repo the bot votes."""

    project: str
    label: str
    bot: str

    @property
    def group(self) -> str:
        """The group that holds the bot alone."""
        return f"{self.bot}-gate"

    @property
    def right(self) -> str:
        """The right to vote."""
        return f"label-{self.label}"

    def opens(self, bot: str | int = "") -> str:
        """What opens the gate; the bot goes by its username or its account id."""
        return f"label:{self.label}=MAX,user={bot or self.bot} AND -label:{self.label}=MIN"

    @property
    def description(self) -> str:
        """For people who wonder why they may not submit."""
        return f"{self.bot} votes once each release asked for is signed off."


def label_faults(gate: Gate, found: Mapping[str, Any] | None) -> str:
    """What is not as it must be; their texts may be any."""
    if found is None:
        return "there is none"
    values = sorted(int(value) for value in found["values"])
    wrong = [f"its name is {found['name']}"] if found["name"] != gate.label else []
    wrong += [f"its values are {values}"] if values != [-1, 0, 1] else []
    wrong += [f"its function is {found['function']}"] if found.get("function") != "NoBlock" else []
    wrong += [f"its default is {found['default_value']}"] if found.get("default_value", 0) else []
    return "; ".join((*wrong, *(f"{key} is {found[key]}" for key in MUST_BE_OFF if found.get(key))))


def requirement_faults(gate: Gate, found: Mapping[str, Any] | None, account_id: int | None = None) -> str:
    """What is not as it must be. The bot may go by its account id there, where that is known."""
    if found is None:
        return "there is none"
    opens, applies = _plain(found["submittability_expression"]), _plain(found.get("applicability_expression", ""))
    good = {gate.opens(), gate.opens(account_id or "")}
    wrong = [f"its name is {found['name']}"] if found["name"] != gate.label else []
    wrong += [f"it is fulfilled by {opens!r}"] if opens not in good else []
    wrong += [f"it applies only where {applies!r}"] if applies not in ("", APPLIES) else []
    if overridden := found.get("override_expression"):
        wrong.append(f"it is overridden by {overridden!r}")
    if found.get("allow_override_in_child_projects"):
        wrong.append("child projects may override it")
    return "; ".join(wrong)


def access_faults(gate: Gate, group: str | None, local: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is wrong with the right to vote on branches; `group` by its UUID, others by `names`."""
    vote = permission(local, BRANCHES, gate.right)
    rules = vote.get("rules", {})
    others = [names.get(one, one) for one, rule in rules.items() if one != group and rule["action"] == "ALLOW"]
    wrong = [] if group and _allows(rules.get(group, {})) else [f"{gate.group} may not"]
    wrong += [f"{', '.join(sorted(others))} may too"] if others else []
    wrong += ["it is not exclusive"] if vote and not vote.get("exclusive") else []
    return "; ".join(wrong)


def patches(gates: Sequence[Gate]) -> str:
    """For All-Projects, once, and for each repo: what a patch would add."""
    return "".join((*map(patch_for_tags, gates[:1]), *map(patch, gates)))


def patch_for_tags(gate: Gate) -> str:
    """The part of All-Projects' project.config, and of its file `groups`, by which the bot hears of every tag."""
    return f"""
# {ALL_PROJECTS}: project.config in {CONFIG}
[access "{ALL_REFS}"]
	read = group {gate.group}
{_into_groups(gate, ALL_PROJECTS)}"""


def patch(gate: Gate) -> str:
    """The part of the repo's project.config, and of its file `groups`, as a patch would add it."""
    values = "".join(f"\tvalue = {value.strip()} {text}\n" for value, text in VALUES.items())
    return f"""
# {gate.project}: project.config in {CONFIG}
[label "{gate.label}"]
	function = NoBlock
{values}	defaultValue = 0
	allowPostSubmit = false
	canOverride = false
[submit-requirement "{gate.label}"]
	description = {gate.description}
	applicableIf = {APPLIES}
	submittableIf = {gate.opens()}
	canOverrideInChildProjects = false
[access "{BRANCHES}"]
	exclusiveGroupPermissions = {gate.right}
	{gate.right} = -1..+1 group {gate.group}
	read = group {gate.group}
[access "{CONFIG}"]
	read = group {gate.group}
{_into_groups(gate, gate.project)}"""


def _into_groups(gate: Gate, project: str) -> str:
    return f"""# {project}: groups in {CONFIG}; the UUID as the server shows it: gerrit ls-groups -v -q {gate.group}
# UUID<tab>{gate.group}
"""


def instructions(gates: Sequence[Gate]) -> tuple[str, ...]:
    """What a person does by hand, for all gates and for each."""
    return (*(text for gate in gates[:1] for text in _for_all(gate)), *map(_for_one, gates))


def _for_all(gate: Gate) -> tuple[str, ...]:
    return (
        f"""A group that holds {gate.bot} and nobody else, so that it alone may vote where releases are asked for:
  ssh -p 29418 ADMIN@HOST gerrit create-group --member {gate.bot} --visible-to-all {gate.group}""",
        f"""The right read on {ALL_REFS} for that group in {ALL_PROJECTS}, in the same change as the rights above:
  by it {gate.bot} hears of every tag, also of commits on no branch.""",
    )


def _for_one(gate: Gate) -> str:
    return f"""In {gate.project} the label {gate.label}, the submit requirement of that name, and the right to vote.
  As a change for review: czar gerrit setup --format project.config"""


def strangers(gate: Gate, group: Mapping[str, Any]) -> Iterator[str]:
    """Who is in the group beside the bot."""
    members = group.get("members", ())
    yield from (_called(one) for one in members if not is_bot(gate, one))
    yield from (f"group {one.get('name', one['id'])}" for one in group.get("includes", ()))


def permission(local: Mapping[str, Any], ref: str, name: str) -> dict[str, Any]:
    """One permission of a section of access, {} where there is none."""
    found: dict[str, Any] = local.get(ref, {}).get("permissions", {}).get(name, {})
    return found


def is_bot(gate: Gate, member: Mapping[str, Any]) -> bool:
    """Whether a member of a group is the bot."""
    return bool(member.get("username") == gate.bot)


def _called(member: Mapping[str, Any]) -> str:
    return str(member.get("username") or f"account {member['_account_id']}")


def _plain(expression: str) -> str:
    return re.sub(r"\s+", " ", expression).strip()


def _allows(rule: Mapping[str, Any]) -> bool:
    return (rule.get("action"), rule.get("min"), rule.get("max")) == ("ALLOW", -1, 1)

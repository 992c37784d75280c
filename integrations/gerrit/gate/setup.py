"""The gate of a repo of release requests at the server: what of it is there, and putting it right.

https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html, rest-api-groups.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.contract import Refused
from integrations.gerrit.gate.access import access_of, project_path
from integrations.gerrit.gate.gate import (
    ALL_REFS,
    APPLIES,
    BRANCHES,
    CONFIG,
    VALUES,
    Gate,
    access_faults,
    is_bot,
    label_faults,
    permission,
    requirement_faults,
    strangers,
)
from integrations.gerrit.rest import NotFound, Rest
from integrations.gerrit.setup import ALL_PROJECTS, Step, account_of


def needed(rest: Rest, gates: Sequence[Gate]) -> tuple[Step, ...]:
    """What is there and what is not as it must be, seen with an administrator's eyes. Raises Transient, Refused."""
    shared = (_seen(rest, gate, part) for gate in gates[:1] for part in SHARED_PARTS)
    return (*shared, *(step for gate in gates for step in _needed(rest, gate)))


def apply(rest: Rest, gates: Sequence[Gate]) -> tuple[Step, ...]:
    """Put right what is not, and say what was there before. Twice is once. Raises Transient, Refused."""
    for gate in gates:
        if not _is_there(rest, gate):
            raise Refused(_no_repo(gate))
    parts = [(gate, part) for gate in gates[:1] for part in SHARED_PARTS]
    parts += [(gate, part) for gate in gates for part in PARTS]
    return tuple(_put_right(rest, gate, part) for gate, part in parts)


def label_of(rest: Rest, project: str, label: str) -> Mapping[str, Any] | None:
    """The project's own one, whatever its case. Raises Transient, Refused."""
    return _named(rest.get(f"{project_path(project)}/labels/"), label)


def requirement_of(rest: Rest, project: str, name: str) -> Mapping[str, Any] | None:
    """The project's own one, whatever its case. Raises Transient, Refused."""
    return _named(rest.get(f"{project_path(project)}/submit_requirements/"), name)


def group_of(rest: Rest, name: str) -> Mapping[str, Any] | None:
    """A group with its members and the groups it includes, None where there is none or it is hidden."""
    try:
        found: Mapping[str, Any] = rest.get(f"groups/{quote(name, safe='')}/detail")
    except NotFound:
        return None
    return found


def group_id(rest: Rest, gate: Gate) -> str | None:
    """The UUID of the bot's group, None where there is none or it is hidden."""
    group = group_of(rest, gate.group)
    return str(group["id"]) if group else None


def unread(rest: Rest, gate: Gate, project: str, *refs: str) -> list[str]:
    """The refs that the bot's group may not read by that project's own rights. Raises Transient, Refused."""
    local, group = access_of(rest, project).local, group_id(rest, gate)
    rules = {ref: permission(local, ref, "read").get("rules", {}) for ref in refs}
    return [ref for ref, given in rules.items() if given.get(group, {}).get("action") != "ALLOW"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing to look at and to put right; `look` says what is wrong with it."""

    what: Callable[[Gate], str]
    look: Callable[[Rest, Gate], str]
    make: Callable[[Rest, Gate], None]


def _needed(rest: Rest, gate: Gate) -> tuple[Step, ...]:
    if not _is_there(rest, gate):
        return (Step(what=f"{gate.project} is there", done=False, because=_no_repo(gate)),)
    return tuple(_seen(rest, gate, part) for part in PARTS)


def _seen(rest: Rest, gate: Gate, part: _Part) -> Step:
    wrong = part.look(rest, gate)
    return Step(what=part.what(gate), done=not wrong, because=wrong)


def _put_right(rest: Rest, gate: Gate, part: _Part) -> Step:
    before = _seen(rest, gate, part)
    if before.done:
        return before
    part.make(rest, gate)
    after = _seen(rest, gate, part)
    return Step(what=after.what, done=after.done, because=after.because or f"put right; before: {before.because}")


def _is_there(rest: Rest, gate: Gate) -> bool:
    try:
        rest.get(project_path(gate.project))
    except NotFound:
        return False
    return True


def _no_repo(gate: Gate) -> str:
    return f"there is no repo {gate.project}, or it is hidden from us"


def _named(found: list[dict[str, Any]], name: str) -> Mapping[str, Any] | None:
    return next((one for one in found if one["name"].lower() == name.lower()), None)


def _look_at_group(rest: Rest, gate: Gate) -> str:
    group = group_of(rest, gate.group)
    if group is None:
        return "there is no such group"
    wrong = [] if any(is_bot(gate, one) for one in group.get("members", ())) else [f"{gate.bot} is not in it"]
    others = ", ".join(strangers(gate, group))
    return "; ".join((*wrong, *([f"there is also {others}"] if others else ())))


def _make_group(rest: Rest, gate: Gate) -> None:
    path, group = f"groups/{quote(gate.group, safe='')}", group_of(rest, gate.group)
    if group is None:
        about = f"{gate.bot} alone, which votes where releases are asked for"
        rest.put(path, {"members": [gate.bot], "visible_to_all": True, "description": about})
        return
    rest.put(f"{path}/members/{quote(gate.bot, safe='')}", {})
    others = [str(one["_account_id"]) for one in group.get("members", ()) if not is_bot(gate, one)]
    if others:
        rest.post(f"{path}/members.delete", {"members": others})
    if included := [one["id"] for one in group.get("includes", ())]:
        rest.post(f"{path}/groups.delete", {"groups": included})


# label, requirement, access


def _look_at_label(rest: Rest, gate: Gate) -> str:
    return label_faults(gate, label_of(rest, gate.project, gate.label))


def _make_label(rest: Rest, gate: Gate) -> None:
    found = label_of(rest, gate.project, gate.label)
    off = {"allow_post_submit": False, "can_override": False, "ignore_self_approval": False, "branches": []}
    body = {"name": gate.label, "function": "NoBlock", "values": VALUES, "default_value": 0, **off}
    name = found["name"] if found else gate.label  # one in other case is renamed
    rest.put(f"{project_path(gate.project)}/labels/{name}", body | {"unset_copy_condition": True})


def _look_at_requirement(rest: Rest, gate: Gate) -> str:
    account = account_of(rest, gate.bot)
    found = requirement_of(rest, gate.project, gate.label)
    return requirement_faults(gate, found, account["_account_id"] if account else None)


def _make_requirement(rest: Rest, gate: Gate) -> None:
    body = {
        "name": gate.label,
        "description": gate.description,
        "applicability_expression": APPLIES,
        "submittability_expression": gate.opens(),
        "allow_override_in_child_projects": False,
    }
    rest.put(f"{project_path(gate.project)}/submit_requirements/{gate.label}", body)


def _look_at_access(rest: Rest, gate: Gate) -> str:
    found = access_of(rest, gate.project)
    names = {grant.group: grant.group_name for grant in found.grants}
    return access_faults(gate, group_id(rest, gate), found.local, names)


def _make_access(rest: Rest, gate: Gate) -> None:
    """In one commit: nobody else may vote in between."""
    local = access_of(rest, gate.project).local
    rule = {_id_for_rights(rest, gate): {"action": "ALLOW", "min": -1, "max": 1}}
    vote = {gate.right: {"label": gate.label, "exclusive": True, "rules": rule}}
    body: dict[str, Any] = {"add": {BRANCHES: {"permissions": vote}}}
    if rules := permission(local, BRANCHES, gate.right).get("rules"):
        body["remove"] = {BRANCHES: {"permissions": {gate.right: {"rules": {one: {} for one in rules}}}}}
    rest.post(f"{project_path(gate.project)}/access", body)


def _look_at_read(rest: Rest, gate: Gate) -> str:
    return _not(unread(rest, gate, gate.project, BRANCHES, CONFIG))


def _make_read(rest: Rest, gate: Gate) -> None:
    _let_read(rest, gate, gate.project, *unread(rest, gate, gate.project, BRANCHES, CONFIG))


def _look_at_tags(rest: Rest, gate: Gate) -> str:
    return _not(unread(rest, gate, ALL_PROJECTS, ALL_REFS))


def _make_tags(rest: Rest, gate: Gate) -> None:
    _let_read(rest, gate, ALL_PROJECTS, ALL_REFS)


def _not(refs: list[str]) -> str:
    return "; ".join(f"not {ref}" for ref in refs)


def _let_read(rest: Rest, gate: Gate, project: str, *refs: str) -> None:
    rule = {"read": {"rules": {_id_for_rights(rest, gate): {"action": "ALLOW"}}}}
    rest.post(f"{project_path(project)}/access", {"add": {ref: {"permissions": rule} for ref in refs}})


def _id_for_rights(rest: Rest, gate: Gate) -> str:
    group = group_id(rest, gate)
    if group is None:
        raise Refused(f"the group {gate.group} was made, but does not show: who asks has to be an administrator")
    return group


SHARED_PARTS = (
    _Part(what=lambda gate: f"the group {gate.group} holds {gate.bot} alone", look=_look_at_group, make=_make_group),
    _Part(
        what=lambda gate: (
            f"{gate.group} hears of every tag, also of commits on no branch: may read {ALL_REFS} of {ALL_PROJECTS}"
        ),
        look=_look_at_tags,
        make=_make_tags,
    ),
)
"""Once for all gates."""

PARTS = (
    _Part(
        what=lambda gate: f"{gate.project} has the label {gate.label}: -1, 0, +1, never copied, blocks nothing itself",
        look=_look_at_label,
        make=_make_label,
    ),
    _Part(
        what=lambda gate: f"{gate.project} has the submit requirement {gate.label}: {gate.opens()}",
        look=_look_at_requirement,
        make=_make_requirement,
    ),
    _Part(
        what=lambda gate: f"{gate.group} alone may vote {gate.label} on {BRANCHES} of {gate.project}",
        look=_look_at_access,
        make=_make_access,
    ),
    _Part(
        what=lambda gate: f"{gate.group} may read {BRANCHES} and {CONFIG} of {gate.project}",
        look=_look_at_read,
        make=_make_read,
    ),
)
"""Of each gate."""

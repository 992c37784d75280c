"""REST about the rules of a project: labels, submit requirements, access.

https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html. Who may not read refs/meta/config sees
little of it; only administrators set it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from integrations.sandbox.gerrit import requirements, votes
from integrations.sandbox.gerrit.access import PROJECT_OWNERS, SYSTEM_GROUPS, may_do
from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.label_views import label_info, requirement_info
from integrations.sandbox.gerrit.records import NO_SHA, Label, Project, Refusal, Requirement
from integrations.sandbox.gerrit.registry import META_CONFIG
from integrations.sandbox.gerrit.views import group_info


def _reads(call: Call) -> bool:
    return may_do(call.state, call.viewer, call.parts[0], META_CONFIG, "read")


def _readable(call: Call) -> Project:
    place = call.state.project(call.parts[0])
    if not _reads(call):
        raise Refusal(403, "read refs/meta/config not permitted")
    return place


def _writable(call: Call) -> Project:
    place = _readable(call)
    _ = call.admin
    return place


# labels


def _get_labels(call: Call) -> Answer:
    """With `inherited` those of the parents too, the farthest first."""
    place = _readable(call)
    lineage = [*call.state.lineage(place.name)] if "inherited" in call.query else [place]
    return Answer(value=[label_info(one.name, label) for one in lineage[::-1] for label in _sorted(one.labels)])


def _sorted(named: Mapping[str, Any]) -> list[Any]:
    return [named[name] for name in sorted(named)]


def _get_label(call: Call) -> Answer:
    label = _readable(call).labels.get(call.parts[1])
    if label is None:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return Answer(value=label_info(call.parts[0], label))


def _put_label(call: Call) -> Answer:
    """What is not named stays as it was."""
    place, name, body = _writable(call), call.parts[1], call.body
    known = place.labels.get(name)
    values = _values(body.get("values") or {}) or (known.values if known else {})
    if not values:
        raise Refusal(400, "values are required")
    base = known or Label(name=name, values=values)
    label = Label(
        name=name,
        values=values,
        copy_condition=str(body.get("copy_condition", base.copy_condition)),
        allow_post_submit=bool(body.get("allow_post_submit", base.allow_post_submit)),
        can_override=bool(body.get("can_override", base.can_override)),
        function=str(body.get("function", base.function)),
    )
    if label.copy_condition:
        votes.check_condition(label.copy_condition)
    call.state.set_label(place.name, label)
    return Answer(value=label_info(place.name, label), status=200 if known else 201)


def _values(given: Mapping[str, object]) -> dict[int, str]:
    found = {}
    for number, text in given.items():
        try:
            found[int(number)] = str(text)
        except ValueError as error:
            raise Refusal(400, f"invalid value: {number}") from error
    return found | ({0: ""} if found and 0 not in found else {})


def _delete_label(call: Call) -> Answer:
    if _writable(call).labels.pop(call.parts[1], None) is None:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return NOTHING


# submit requirements


def _get_requirements(call: Call) -> Answer:
    place = _readable(call)
    lineage = [*call.state.lineage(place.name)] if "inherited" in call.query else [place]
    found = [requirement_info(one.name, each) for one in lineage[::-1] for each in _sorted(one.requirements)]
    return Answer(value=found)


def _known_requirement(call: Call, place: Project) -> Requirement:
    if found := place.requirements.get(call.parts[1]):
        return found
    raise Refusal(404, f"Submit requirement '{call.parts[1]}' does not exist")


def _get_requirement(call: Call) -> Answer:
    return Answer(value=requirement_info(call.parts[0], _known_requirement(call, _readable(call))))


def _put_requirement(call: Call) -> Answer:
    place, name = _writable(call), call.parts[1]
    expression = call.text("submittability_expression")
    if not expression:
        raise Refusal(400, "submittability_expression is required")
    requirements.check(name, expression)
    known = name in place.requirements
    requirement = Requirement(
        name=name,
        submittable_if=expression,
        applicable_if=call.text("applicability_expression"),
        override_if=call.text("override_expression"),
        description=call.text("description"),
        overridable=bool(call.body.get("allow_override_in_child_projects")),
    )
    call.state.set_requirement(place.name, requirement)
    return Answer(value=requirement_info(place.name, requirement), status=200 if known else 201)


def _delete_requirement(call: Call) -> Answer:
    place = _writable(call)
    del place.requirements[_known_requirement(call, place).name]
    return NOTHING


# access


def _get_access(call: Call) -> Answer:
    return Answer(value=_access(call))


def _post_access(call: Call) -> Answer:
    place, admin = call.state.project(call.parts[0]), call.state.is_admin(call.actor)
    remove, add = call.body.get("remove") or {}, call.body.get("add") or {}
    for ref in (*remove, *add):
        if not admin:
            raise Refusal(403, f"not permitted: write ref config on {ref}")
    for ref, section in remove.items():
        _remove(place, ref, section.get("permissions") or {})
    for ref, section in add.items():
        for name, permission in (section.get("permissions") or {}).items():
            _add(call, place, ref, name, permission)
    return Answer(value=_access(call))


def _add(call: Call, place: Project, ref: str, name: str, permission: Mapping[str, Any]) -> None:
    for group, rule in (permission.get("rules") or {}).items():
        uuid = group if group in SYSTEM_GROUPS else _group_id(call, group)
        span = {end: int(rule.get(end, 0)) for end in ("min", "max")} if name.startswith("label") else {}
        call.state.allow(place.name, ref, name, uuid, **span)
        place.access[ref]["permissions"][name]["rules"][uuid]["action"] = rule.get("action", "ALLOW")
    if permission.get("exclusive"):
        place.access.setdefault(ref, {"permissions": {}})["permissions"].setdefault(name, {})["exclusive"] = True


def _group_id(call: Call, text: str) -> str:
    try:
        return call.state.group(text).uuid
    except Refusal as error:
        raise Refusal(422, f"{text} is not a valid group ID") from error


def _remove(place: Project, ref: str, permissions: Mapping[str, Any]) -> None:
    """The rules that are named. A permission without any takes the whole section with it, as the server does."""
    there = place.access.get(ref, {"permissions": {}})["permissions"]
    for name, permission in permissions.items():
        for group in permission.get("rules") or {}:
            there.get(name, {}).get("rules", {}).pop(group, None)
        if not there.get(name, {}).get("rules"):
            there.pop(name, None)
    named = permissions and all(permission.get("rules") for permission in permissions.values())
    if not named or not there:
        place.access.pop(ref, None)


def _access(call: Call) -> dict[str, object]:
    """Who may not read the configuration sees only the rules of groups they know."""
    place, reads = call.state.project(call.parts[0]), _reads(call)
    owner = call.viewer is not None and call.state.is_admin(call.viewer)
    local = place.access if reads else {ref: _seen(call, section) for ref, section in place.access.items()}
    info: dict[str, object] = {"revision": NO_SHA}
    if place.parent:
        info["inherits_from"] = {"id": quote(place.parent, safe=""), "name": place.parent, "state": "ACTIVE"}
    info |= {"local": local} | ({"is_owner": True} if owner else {})
    info |= {"owner_of": list(place.access) or ["refs/*"] if owner else [], "config_visible": reads}
    return info | {"groups": _groups(call, place)}


def _seen(call: Call, section: Mapping[str, Any]) -> dict[str, Any]:
    state, viewer = call.state, call.viewer
    known = {group.uuid for group in state.groups.values() if viewer in group.members} | set(SYSTEM_GROUPS)
    known -= {PROJECT_OWNERS}
    permissions: dict[str, Any] = {}
    for name, permission in section["permissions"].items():
        rules = {group: rule for group, rule in permission.get("rules", {}).items() if group in known}
        permissions |= {name: dict(permission) | {"rules": rules}} if rules else {}
    return {"permissions": permissions}


def _groups(call: Call, place: Project) -> dict[str, Any]:
    named = {
        group
        for section in place.access.values()
        for permission in section["permissions"].values()
        for group in permission.get("rules", {})
    }
    infos = [group_info(call.state, group) for group in call.state.groups.values() if group.uuid in named]
    return {info["id"]: {"url": info["url"], "name": info["name"]} for info in infos}


ROUTES: tuple[Route, ...] = (
    ("GET", "projects/*/labels", _get_labels),
    ("GET", "projects/*/labels/*", _get_label),
    ("PUT", "projects/*/labels/*", _put_label),
    ("DELETE", "projects/*/labels/*", _delete_label),
    ("GET", "projects/*/submit_requirements", _get_requirements),
    ("GET", "projects/*/submit_requirements/*", _get_requirement),
    ("PUT", "projects/*/submit_requirements/*", _put_requirement),
    ("DELETE", "projects/*/submit_requirements/*", _delete_requirement),
    ("GET", "projects/*/access", _get_access),
    ("POST", "projects/*/access", _post_access),
)

"""REST about projects, their branches and tags.

https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html
"""

from __future__ import annotations

import re
from typing import Any

from integrations.sandbox.gerrit import access
from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.records import ALL_PROJECTS, NO_SHA, Project, Refusal
from integrations.sandbox.gerrit.views import project_info, tag_info


def _list_projects(call: Call) -> Answer:
    state = call.state
    return Answer(
        value={name: project_info(state, place, listed=True) for name, place in sorted(state.projects.items())}
    )


def _get_project(call: Call) -> Answer:
    return Answer(value=project_info(call.state, call.state.project(call.parts[0])))


def _put_project(call: Call) -> Answer:
    _ = call.admin
    parent = call.text("parent") or ALL_PROJECTS
    made = call.state.add_project(call.parts[0], empty_commit=bool(call.body.get("create_empty_commit")), parent=parent)
    return Answer(value=project_info(call.state, made), status=201)


def _get_parent(call: Call) -> Answer:
    return Answer(value=call.state.project(call.parts[0]).parent)


def _get_children(call: Call) -> Answer:
    place = call.state.project(call.parts[0])
    found = call.state.children(place.name, recursive="recursive" in call.query)
    infos = (project_info(call.state, one) for one in sorted(found, key=lambda one: one.name))
    return Answer(value=[{key: value for key, value in info.items() if key != "labels"} for info in infos])


def _get_ref(call: Call) -> Answer:
    place = call.state.project(call.parts[0])
    name = call.parts[1].removeprefix("refs/heads/")
    if name not in place.branches:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return Answer(value={"ref": f"refs/heads/{name}", "revision": place.branches[name].tip})


def _put_branch(call: Call) -> Answer:
    place = call.state.project(call.parts[0])
    if call.parts[1] in place.branches:
        raise Refusal(409, f'branch "refs/heads/{call.parts[1]}" already exists')
    tip = call.text("revision") or place.branches["master"].tip
    call.state.update_ref(call.parts[0], f"refs/heads/{call.parts[1]}", tip, by=call.admin)
    return Answer(value={"ref": f"refs/heads/{call.parts[1]}", "revision": tip, "can_delete": True}, status=201)


# tags


def _list_tags(call: Call) -> Answer:
    """In the order of their names; `r` is a regular expression over a whole name, `m` a part of it."""
    place = call.state.project(call.parts[0])
    names = sorted(ref.removeprefix("refs/tags/") for ref in place.refs if _is_seen(call, place, ref))
    for pattern in call.query.get("r", ()):
        names = [name for name in names if re.fullmatch(pattern, name)]
    for part in call.query.get("m", ()):
        names = [name for name in names if part.lower() in name.lower()]
    start, count = call.number("S", "s"), call.number("n", "limit") or len(names)
    return Answer(value=[_tag(call, place, f"refs/tags/{name}") for name in names[start : start + count]])


def _get_tag(call: Call) -> Answer:
    place, ref = _known_tag(call)
    return Answer(value=_tag(call, place, ref))


def _put_tag(call: Call) -> Answer:
    place, name = call.state.project(call.parts[0]), call.parts[1].removeprefix("refs/tags/")
    ref = f"refs/tags/{name}"
    if ref in place.refs:
        raise Refusal(409, f'Tag "{ref}" already exists')
    if not access.may_do(call.state, call.actor, place.name, ref, "createTag"):
        raise Refusal(403, f"not permitted: create on {ref}")
    revision = call.text("revision") or place.branches["master"].tip
    known = {branch.tip for branch in place.branches.values()} | set(place.commits)
    if revision not in known:
        raise Refusal(422, f'base revision "{revision}" not found')
    call.state.put_tag(place.name, name, revision, by=call.actor, message=call.text("message"))
    return Answer(value=_tag(call, place, ref), status=201)


def _delete_tag(call: Call) -> Answer:
    place, ref = _known_tag(call)
    if not call.state.is_admin(call.actor):
        raise Refusal(403, f"not permitted: delete on {ref}")
    call.state.update_ref(place.name, ref, NO_SHA, by=call.actor)
    return NOTHING


def _known_tag(call: Call) -> tuple[Project, str]:
    place, ref = call.state.project(call.parts[0]), f"refs/tags/{call.parts[1].removeprefix('refs/tags/')}"
    if not _is_seen(call, place, ref):
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return place, ref


def _is_seen(call: Call, place: Project, ref: str) -> bool:
    there = ref.startswith("refs/tags/") and ref in place.refs
    return there and call.state.sees_tag(call.viewer, place.name, place.refs[ref])


def _tag(call: Call, place: Project, ref: str) -> dict[str, Any]:
    info = tag_info(call.state, place, ref)
    return info | {"can_delete": True} if call.viewer is not None and call.state.is_admin(call.viewer) else info


ROUTES: tuple[Route, ...] = (
    ("GET", "projects", _list_projects),
    ("GET", "projects/*", _get_project),
    ("PUT", "projects/*", _put_project),
    ("GET", "projects/*/parent", _get_parent),
    ("GET", "projects/*/children", _get_children),
    ("GET", "projects/*/branches/*", _get_ref),
    ("PUT", "projects/*/branches/*", _put_branch),
    ("GET", "projects/*/tags", _list_tags),
    ("GET", "projects/*/tags/*", _get_tag),
    ("PUT", "projects/*/tags/*", _put_tag),
    ("DELETE", "projects/*/tags/*", _delete_tag),
)

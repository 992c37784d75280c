"""REST about what a patch set or a commit holds: files, their texts, what they differ in, what it stands on.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html#list-files and -projects.html#get-content
"""

from __future__ import annotations

from integrations.sandbox.gerrit import contents
from integrations.sandbox.gerrit.calls import Answer, Call, Route
from integrations.sandbox.gerrit.file_views import commit_info, diff_info, file_infos, known_commit_info, related_info
from integrations.sandbox.gerrit.records import Branch, Project, Refusal


def _get_files(call: Call) -> Answer:
    _ = _parent(call)
    return Answer(value=file_infos(call.patch_set))


def _get_content(call: Call) -> Answer:
    patch_set, path, place = call.patch_set, call.parts[2], call.state.project(call.change.project)
    parent = _parent(call)
    if path == "/COMMIT_MSG" and not parent:
        return Answer(content=patch_set.message)
    if parent and (file := patch_set.files.get(path)):
        there, text = file.before is not None, file.before
    else:
        revision = patch_set.parents[0] if parent else patch_set.revision
        there, text = contents.found(place, place.branches.get(call.change.branch), revision, path)
    if not there:
        raise Refusal(404, "Not Found")
    return Answer(content=text or "")


def _parent(call: Call) -> int:
    """Which parent is asked for; 0: the commit itself, or what Gerrit takes without asking."""
    parent = call.number("parent")
    if parent > len(call.patch_set.parents):
        raise Refusal(400, "invalid parent")
    return parent


def _get_related(call: Call) -> Answer:
    seen = (one for one in call.state.related(call.change) if call.state.can_see(call.viewer, one))
    return Answer(value={"changes": [related_info(one) for one in seen]})


def _get_diff(call: Call) -> Answer:
    return Answer(value=diff_info(call.patch_set, call.parts[2]))


def _get_commit(call: Call) -> Answer:
    return Answer(value=commit_info(call.patch_set) | {"commit": call.patch_set.revision})


def _get_known_commit(call: Call) -> Answer:
    return Answer(value=known_commit_info(_commit_place(call), call.parts[1]))


def _get_commit_content(call: Call) -> Answer:
    place = _commit_place(call)
    return _content(place, None, call.parts[1], call.parts[2])


def _commit_place(call: Call) -> Project:
    place = call.state.project(call.parts[0])
    if call.parts[1] not in place.commits:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return place


def _get_included_in(call: Call) -> Answer:
    place, revision = _commit_place(call), call.parts[1]
    branches = (name for name, branch in place.branches.items() if contents.leads_to(place, branch.tip, revision))
    return Answer(value={"branches": sorted(branches), "tags": []})


def _get_branch_content(call: Call) -> Answer:
    place = call.state.project(call.parts[0])
    branch = place.branches.get(call.parts[1].removeprefix("refs/heads/"))
    if branch is None:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return _content(place, branch, branch.tip, call.parts[2])


def _content(place: Project, branch: Branch | None, revision: str, path: str) -> Answer:
    there, text = contents.found(place, branch, revision, path)
    if not there:
        raise Refusal(404, f"Not found: {path}")
    return Answer(content=text or "")


ROUTES: tuple[Route, ...] = (
    ("GET", "changes/*/revisions/*/files", _get_files),
    ("GET", "changes/*/revisions/*/files/*/content", _get_content),
    ("GET", "changes/*/revisions/*/files/*/diff", _get_diff),
    ("GET", "changes/*/revisions/*/related", _get_related),
    ("GET", "changes/*/revisions/*/commit", _get_commit),
    ("GET", "projects/*/commits/*", _get_known_commit),
    ("GET", "projects/*/commits/*/in", _get_included_in),
    ("GET", "projects/*/commits/*/files/*/content", _get_commit_content),
    ("GET", "projects/*/branches/*/files/*/content", _get_branch_content),
)

"""REST about the server itself, accounts, groups and projects.

https://gerrit-review.googlesource.com/Documentation/rest-api-accounts.html, -groups.html, -projects.html, -config.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.records import NO_SHA, Account, Label, Refusal
from integrations.sandbox.gerrit.views import account_info, group_info, label_info, project_info

VERSION = "3.10.2"
ALL_PROJECTS = "All-Projects"


def _version(_: Call) -> Answer:
    return Answer(value=VERSION)


def _server_info(_: Call) -> Answer:
    info = {
        "auth": {"auth_type": "DEVELOPMENT_BECOME_ANY_ACCOUNT", "git_basic_auth_policy": "HTTP"},
        "change": {"update_delay": 300, "allow_blame": True},
        "gerrit": {"all_projects": ALL_PROJECTS, "all_users": "All-Users", "edit_gpg_keys": False},
        "note_db_enabled": True,
        "sshd": {},
        "user": {"anonymous_coward_name": "Name of user not set"},
    }
    return Answer(value=info)


# accounts


def _account(call: Call) -> Account:
    if call.parts[0] == "self":
        return call.state.accounts[call.actor]
    return call.state.find_account(call.parts[0])


def _get_account(call: Call) -> Answer:
    return Answer(value=account_info(call.state, _account(call).account_id))


def _get_account_detail(call: Call) -> Answer:
    return Answer(
        value=account_info(call.state, _account(call).account_id) | {"registered_on": "2026-01-01 00:00:00.000000000"}
    )


def _put_account(call: Call) -> Answer:
    _ = call.admin
    username = call.parts[0]
    account = call.state.add_account(
        username,
        name=call.text("name"),
        email=call.text("email"),
        password=call.text("http_password"),
        keys=[call.text("ssh_key")],
        groups=list(call.body.get("groups", ())),
    )
    return Answer(value=account_info(call.state, account.account_id), status=201)


def _put_active(call: Call) -> Answer:
    _ = call.admin
    account = _account_of_any_state(call)
    call.state.edit_account(account.account_id, active=True)
    return Answer(status=200 if account.active else 201)


def _delete_active(call: Call) -> Answer:
    _ = call.admin
    account = _account_of_any_state(call)
    if not account.active:
        raise Refusal(409, "account not active")
    call.state.edit_account(account.account_id, active=False)
    return NOTHING


def _account_of_any_state(call: Call) -> Account:
    by_name = (account for account in call.state.accounts.values() if account.username == call.parts[0])
    return next(by_name, None) or _account(call)


def _capabilities(call: Call) -> Answer:
    account = _account(call)
    admin, service = call.state.is_admin(account.account_id), call.state.is_service(account.account_id)
    info: dict[str, object] = {"queryLimit": {"min": 0, "max": 500}, "emailReviewers": True}
    info |= {"administrateServer": True, "viewAllAccounts": True, "createAccount": True} if admin else {}
    info |= {"streamEvents": True} if admin or service else {}
    info |= {"priority": "BATCH"} if service else {}
    asked = call.query.get("q")
    return Answer(value={name: value for name, value in info.items() if not asked or name in asked})


def _find_accounts(call: Call) -> Answer:
    """Prefixes match; inactive accounts only with is:inactive. All addresses are for administrators."""
    if "ALL_EMAILS" in call.options() and not (call.viewer is not None and call.state.is_admin(call.viewer)):
        raise Refusal(403, "modify account not permitted")
    words = " ".join(call.query.get("q", [])).split()
    inactive = "is:inactive" in words
    terms = [word.partition(":") for word in words if word not in ("is:inactive", "is:active", "AND")]
    found = [
        account
        for account in call.state.accounts.values()
        if account.active != inactive
        and all(_is_like(account, name if colon else "", value or name) for name, colon, value in terms)
    ]
    detailed = bool({"DETAILS", "ALL_EMAILS"} & set(call.options()))
    return Answer(value=[account_info(call.state, account.account_id, detailed=detailed) for account in found])


def _is_like(account: Account, field: str, value: str) -> bool:
    wanted = value.strip('"').lower()
    texts = {"email": account.email, "username": account.username, "name": account.name}
    if field == "username":
        return account.username.lower() == wanted
    if field in texts:
        return texts[field].lower().startswith(wanted)
    if field:
        raise Refusal(400, f"Unsupported operator {field}:{value}")
    return any(text.lower().startswith(wanted) for text in texts.values() if text)


# groups


def _get_group(call: Call) -> Answer:
    return Answer(value=group_info(call.state, call.state.group(call.parts[0])))


def _put_group(call: Call) -> Answer:
    _ = call.admin
    members = [call.state.find_account(str(member)).account_id for member in call.body.get("members", ())]
    return Answer(value=group_info(call.state, call.state.add_group(call.parts[0], members)), status=201)


def _get_members(call: Call) -> Answer:
    members = sorted(call.state.group(call.parts[0]).members)
    return Answer(value=[account_info(call.state, member) for member in members])


def _put_member(call: Call) -> Answer:
    _ = call.admin
    account = call.state.find_account(call.parts[1])
    known = account.account_id in call.state.group(call.parts[0]).members
    call.state.add_members(call.parts[0], [account.account_id])
    return Answer(value=account_info(call.state, account.account_id), status=200 if known else 201)


def _add_members(call: Call) -> Answer:
    _ = call.admin
    accounts = [call.state.find_account(str(member)) for member in call.body.get("members", ())]
    call.state.add_members(call.parts[0], [account.account_id for account in accounts])
    return Answer(value=[account_info(call.state, account.account_id) for account in accounts])


def _delete_member(call: Call) -> Answer:
    _ = call.admin
    call.state.remove_member(call.parts[0], call.state.find_account(call.parts[1]).account_id)
    return NOTHING


# projects


def _list_projects(call: Call) -> Answer:
    return Answer(value={name: project_info(place, listed=True) for name, place in sorted(call.state.projects.items())})


def _get_project(call: Call) -> Answer:
    return Answer(value=project_info(call.state.project(call.parts[0])))


def _put_project(call: Call) -> Answer:
    _ = call.admin
    empty_commit = bool(call.body.get("create_empty_commit"))
    return Answer(value=project_info(call.state.add_project(call.parts[0], empty_commit=empty_commit)), status=201)


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


def _get_tag(call: Call) -> Answer:
    ref = f"refs/tags/{call.parts[1].removeprefix('refs/tags/')}"
    revision = call.state.project(call.parts[0]).refs.get(ref, NO_SHA)
    if revision == NO_SHA:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return Answer(value={"ref": ref, "revision": revision})


def _put_tag(call: Call) -> Answer:
    place, ref = call.state.project(call.parts[0]), f"refs/tags/{call.parts[1]}"
    if ref in place.refs:
        raise Refusal(409, f'tag "{ref}" already exists')
    revision = call.text("revision") or place.branches["master"].tip
    call.state.update_ref(call.parts[0], ref, revision, by=call.admin)
    return Answer(value={"ref": ref, "revision": revision, "can_delete": True}, status=201)


def _get_labels(call: Call) -> Answer:
    place = call.state.project(call.parts[0])
    return Answer(value=[label_info(place.name, label) for label in place.labels.values()])


def _get_label(call: Call) -> Answer:
    label = call.state.project(call.parts[0]).labels.get(call.parts[1])
    if label is None:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return Answer(value=label_info(call.parts[0], label))


def _put_label(call: Call) -> Answer:
    _ = call.admin
    name = call.parts[1]
    known = call.state.project(call.parts[0]).labels.get(name)
    try:
        values = {int(number): str(text) for number, text in call.body.get("values", {}).items()}
    except ValueError as error:
        raise Refusal(400, "invalid value") from error
    if not values:
        raise Refusal(400, "values are required")
    label = Label(
        name=name,
        values=values,
        copy_condition=call.text("copy_condition"),
        voters=known.voters if known else None,
        allow_post_submit=bool(call.body.get("allow_post_submit", True)),
    )
    call.state.set_label(call.parts[0], label)
    return Answer(value=label_info(call.parts[0], label), status=200 if known else 201)


def _requirement(name: str, expression: str) -> Mapping[str, object]:
    shown = {"name": name, "submittability_expression": expression}
    return shown | {"allow_override_in_child_projects": False}


def _get_requirements(call: Call) -> Answer:
    requirements = call.state.project(call.parts[0]).requirements
    return Answer(value=[_requirement(name, text) for name, text in requirements.items()])


def _get_requirement(call: Call) -> Answer:
    text = call.state.project(call.parts[0]).requirements.get(call.parts[1])
    if text is None:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return Answer(value=_requirement(call.parts[1], text))


def _put_requirement(call: Call) -> Answer:
    _ = call.admin
    expression = call.text("submittability_expression")
    if not expression:
        raise Refusal(400, "submittability_expression is required")
    known = call.parts[1] in call.state.project(call.parts[0]).requirements
    call.state.set_requirement(call.parts[0], call.parts[1], expression)
    return Answer(value=_requirement(call.parts[1], expression), status=200 if known else 201)


def _get_access(call: Call) -> Answer:
    return Answer(value=_access(call))


def _post_access(call: Call) -> Answer:
    """Keeps what is set, and heeds it where it says who may vote a label."""
    _ = call.admin
    project = call.parts[0]
    access = _kept_access(call)
    for ref, section in call.body.get("add", {}).items():
        permissions: dict[str, Any] = access.setdefault(ref, {"permissions": {}})["permissions"]
        for name, permission in section.get("permissions", {}).items():
            rules = permissions.setdefault(name, permission).setdefault("rules", {})
            rules.update(permission.get("rules", {}))
            label = re.fullmatch(r"label-(.+)", name)
            if label and project != ALL_PROJECTS and label[1] in call.state.project(project).labels:
                allowed = [call.state.group(uuid).name for uuid in rules]
                call.state.restrict_label(project, label[1], allowed)
    return Answer(value=_access(call))


def _kept_access(call: Call) -> dict[str, Any]:
    project = call.parts[0]
    return call.state.global_access if project == ALL_PROJECTS else call.state.project(project).access


def _access(call: Call) -> Mapping[str, object]:
    local = _kept_access(call)
    owner = call.viewer is not None and call.state.is_admin(call.viewer)
    return {"revision": NO_SHA, "local": local, "is_owner": owner, "owner_of": ["refs/*"] if owner else []}


ROUTES: tuple[Route, ...] = (
    ("GET", "config/server/version", _version),
    ("GET", "config/server/info", _server_info),
    ("GET", "accounts", _find_accounts),
    ("GET", "accounts/*", _get_account),
    ("PUT", "accounts/*", _put_account),
    ("GET", "accounts/*/detail", _get_account_detail),
    ("GET", "accounts/*/capabilities", _capabilities),
    ("PUT", "accounts/*/active", _put_active),
    ("DELETE", "accounts/*/active", _delete_active),
    ("GET", "groups/*", _get_group),
    ("PUT", "groups/*", _put_group),
    ("GET", "groups/*/members", _get_members),
    ("POST", "groups/*/members", _add_members),
    ("POST", "groups/*/members.add", _add_members),
    ("PUT", "groups/*/members/*", _put_member),
    ("DELETE", "groups/*/members/*", _delete_member),
    ("GET", "projects", _list_projects),
    ("GET", "projects/*", _get_project),
    ("PUT", "projects/*", _put_project),
    ("GET", "projects/*/branches/*", _get_ref),
    ("PUT", "projects/*/branches/*", _put_branch),
    ("GET", "projects/*/tags/*", _get_tag),
    ("PUT", "projects/*/tags/*", _put_tag),
    ("GET", "projects/*/labels", _get_labels),
    ("GET", "projects/*/labels/*", _get_label),
    ("PUT", "projects/*/labels/*", _put_label),
    ("GET", "projects/*/submit_requirements", _get_requirements),
    ("GET", "projects/*/submit_requirements/*", _get_requirement),
    ("PUT", "projects/*/submit_requirements/*", _put_requirement),
    ("GET", "projects/*/access", _get_access),
    ("POST", "projects/*/access", _post_access),
)

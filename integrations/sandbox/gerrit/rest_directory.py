"""REST about the server itself, accounts and groups.

https://gerrit-review.googlesource.com/Documentation/rest-api-accounts.html, -groups.html, -config.html
"""

from __future__ import annotations

from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.records import ALL_PROJECTS, Account, Refusal
from integrations.sandbox.gerrit.views import group_info
from integrations.sandbox.gerrit.words import account_info

VERSION = "3.10.2"


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


def _get_group_detail(call: Call) -> Answer:
    group = call.state.group(call.parts[0])
    members = [account_info(call.state, member) for member in sorted(group.members)]
    included = [group_info(call.state, call.state.group(one)) for one in sorted(group.includes)]
    return Answer(value=group_info(call.state, group) | {"members": members, "includes": included})


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


def _delete_members(call: Call) -> Answer:
    _ = call.admin
    for member in call.body.get("members", ()):
        call.state.remove_member(call.parts[0], call.state.find_account(str(member)).account_id)
    return NOTHING


def _put_included(call: Call) -> Answer:
    _ = call.admin
    included = call.state.group(call.parts[1])
    known = included.uuid in call.state.group(call.parts[0]).includes
    call.state.include(call.parts[0], add=[included.uuid])
    return Answer(value=group_info(call.state, included), status=200 if known else 201)


def _delete_included(call: Call) -> Answer:
    _ = call.admin
    gone = [call.state.group(str(one)).uuid for one in call.body.get("groups", ())]
    call.state.include(call.parts[0], remove=gone)
    return NOTHING


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
    ("GET", "groups/*/detail", _get_group_detail),
    ("PUT", "groups/*", _put_group),
    ("GET", "groups/*/members", _get_members),
    ("POST", "groups/*/members", _add_members),
    ("POST", "groups/*/members.add", _add_members),
    ("PUT", "groups/*/members/*", _put_member),
    ("DELETE", "groups/*/members/*", _delete_member),
    ("POST", "groups/*/members.delete", _delete_members),
    ("PUT", "groups/*/groups/*", _put_included),
    ("POST", "groups/*/groups.delete", _delete_included),
)

"""REST about changes: finding and reading them, and what their owners do with them.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html
Only owner and administrators may set work in progress, abandon and the like.
"""

from __future__ import annotations

from typing import Any

from integrations.sandbox.gerrit import access, query, requirements
from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.records import Change, Refusal
from integrations.sandbox.gerrit.rest_reviewing import need_owner
from integrations.sandbox.gerrit.views import DETAIL, change_info, grouped_comments, message_info

Json = dict[str, Any]


# reading


def _find_changes(call: Call) -> Answer:
    questions = call.query.get("q") or [""]
    pages = [_page(call, question) for question in questions]
    return Answer(value=pages[0] if len(pages) == 1 else pages)


def _page(call: Call, question: str) -> list[Json]:
    limit, start = call.number("n", "limit"), call.number("S", "start")
    rows, more = query.search(call.state, call.viewer, question, limit=limit, start=start)
    options = call.options()
    shown = [change_info(call.state, change, options, call.viewer) for change in rows]
    if shown and more:
        shown[-1]["_more_changes"] = True
    return shown


def _get_change(call: Call) -> Answer:
    return Answer(value=change_info(call.state, call.change, call.options(), call.viewer))


def _get_detail(call: Call) -> Answer:
    return Answer(value=change_info(call.state, call.change, [*DETAIL, *call.options()], call.viewer))


def _get_messages(call: Call) -> Answer:
    return Answer(value=[message_info(call.state, message) for message in call.change.messages])


def _get_comments(call: Call) -> Answer:
    return Answer(value=grouped_comments(call.state, call.change, call.change.comments))


def _get_topic(call: Call) -> Answer:
    return Answer(value=call.change.topic)


def _get_hashtags(call: Call) -> Answer:
    return Answer(value=list(call.change.hashtags))


# the life of a change


def _shown(call: Call, change: Change) -> Answer:
    return Answer(value=change_info(call.state, change, []))


def _abandon(call: Call) -> Answer:
    change = call.change
    call.state.abandon(change.number, need_owner(call, "abandon"), message=call.text("message"))
    return _shown(call, change)


def _restore(call: Call) -> Answer:
    change = call.change
    call.state.restore(change.number, need_owner(call, "restore"), message=call.text("message"))
    return _shown(call, change)


def _cherry_pick(call: Call) -> Answer:
    change, patch_set = call.change, call.patch_set
    message = call.text("message") or patch_set.message
    picked = call.state.cherry_pick(change.number, call.actor, patch_set, call.text("destination"), message)
    return _shown(call, picked)


def _put_message(call: Call) -> Answer:
    call.state.edit_message(call.change.number, call.actor, call.text("message"))
    return Answer(value="ok")


def _rebase(call: Call) -> Answer:
    actor, change = call.actor, call.change
    owns = actor == change.owner or call.state.is_admin(actor)
    if not owns and not access.may_do(call.state, actor, change.project, change.ref, "rebase"):
        who = "(change owners and users with the 'Submit' or 'Rebase' permission can rebase if they have the 'Push' "
        raise Refusal(403, f"rebase not permitted {who}permission)")
    call.state.rebase(change.number, actor)
    return _shown(call, change)


def _submit(call: Call) -> Answer:
    change, actor = call.change, call.actor
    if not access.may_do(call.state, actor, change.project, change.ref, "submit"):
        raise Refusal(403, "submit not permitted")
    if change.status != "NEW":
        raise Refusal(409, f"change is {call.state.status_word(change)}")
    if change.wip:
        raise Refusal(
            409,
            f"Failed to submit 1 change due to the following problems:\nChange {change.number}: "
            f"Change {change.number} is marked work in progress",
        )
    if missing := requirements.unsatisfied(call.state, change):
        head = "Failed to submit 1 change due to the following problems:"
        told = f"submit requirement '{missing[0]}' is unsatisfied."
        raise Refusal(409, f"{head}\nChange {change.number}: {told}")
    call.state.merge(change.number, actor)
    return _shown(call, change)


def _wip(call: Call) -> Answer:
    actor = need_owner(call, "toggle work in progress state")
    call.state.set_wip(call.change.number, actor, True, message=call.text("message"))
    return Answer()


def _ready(call: Call) -> Answer:
    actor = need_owner(call, "toggle work in progress state")
    call.state.set_wip(call.change.number, actor, False, message=call.text("message"))
    return Answer()


def _put_topic(call: Call) -> Answer:
    call.state.set_topic(call.change.number, call.actor, call.text("topic") or call.text(""))
    return Answer(value=call.change.topic) if call.change.topic else NOTHING


def _delete_topic(call: Call) -> Answer:
    call.state.set_topic(call.change.number, call.actor, "")
    return NOTHING


def _post_hashtags(call: Call) -> Answer:
    add, remove = call.body.get("add") or (), call.body.get("remove") or ()
    call.state.set_hashtags(call.change.number, call.actor, add=add, remove=remove)
    return Answer(value=list(call.change.hashtags))


def _post_private(call: Call) -> Answer:
    change, actor = call.change, need_owner(call, "mark private")
    if change.private:
        return Answer(value="")
    call.state.set_private(change.number, actor, True, message=call.text("message"))
    return Answer(value="", status=201)


def _delete_private(call: Call) -> Answer:
    actor = need_owner(call, "unmark private")
    call.state.set_private(call.change.number, actor, False, message=call.text("message"))
    return NOTHING


def _delete_change(call: Call) -> Answer:
    actor = need_owner(call, "delete")
    call.state.delete(call.change.number, actor)
    return NOTHING


ROUTES: tuple[Route, ...] = (
    ("GET", "changes", _find_changes),
    ("GET", "changes/*", _get_change),
    ("DELETE", "changes/*", _delete_change),
    ("GET", "changes/*/detail", _get_detail),
    ("GET", "changes/*/messages", _get_messages),
    ("GET", "changes/*/comments", _get_comments),
    ("POST", "changes/*/revisions/*/cherrypick", _cherry_pick),
    ("PUT", "changes/*/message", _put_message),
    ("POST", "changes/*/rebase", _rebase),
    ("POST", "changes/*/abandon", _abandon),
    ("POST", "changes/*/restore", _restore),
    ("POST", "changes/*/submit", _submit),
    ("POST", "changes/*/revisions/*/submit", _submit),
    ("POST", "changes/*/wip", _wip),
    ("POST", "changes/*/ready", _ready),
    ("GET", "changes/*/topic", _get_topic),
    ("PUT", "changes/*/topic", _put_topic),
    ("DELETE", "changes/*/topic", _delete_topic),
    ("GET", "changes/*/hashtags", _get_hashtags),
    ("POST", "changes/*/hashtags", _post_hashtags),
    ("POST", "changes/*/private", _post_private),
    ("DELETE", "changes/*/private", _delete_private),
    ("POST", "changes/*/private.delete", _delete_private),
)

"""REST about changes: reading them, and every act on them, with the rights a plain site gives.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html
Any account may comment, vote and add reviewers; only owner and administrators may set work in progress, abandon,
and remove others (the owner nobody with a negative vote).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.sandbox.gerrit import query, votes
from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.records import Change, Refusal
from integrations.sandbox.gerrit.rights import may_remove
from integrations.sandbox.gerrit.state import Review, ReviewerAsk, ReviewerDone, Said
from integrations.sandbox.gerrit.views import (
    DETAIL,
    account_info,
    attention_info,
    change_info,
    commit_info,
    diff_info,
    file_infos,
    grouped_comments,
    message_info,
    related_info,
    reviewer_info,
)

Json = dict[str, Any]


def _need_owner(call: Call, what: str) -> int:
    if call.actor != call.change.owner and not call.state.is_admin(call.actor):
        raise Refusal(403, f"{what} not permitted")
    return call.actor


def _need_remover(call: Call, account_id: int, what: str) -> int:
    if not may_remove(call.state, call.change, call.actor, account_id):
        raise Refusal(403, f"{what} not permitted")
    return call.actor


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


def _get_reviewers(call: Call) -> Answer:
    return Answer(value=[reviewer_info(call.state, call.change, who) for who in sorted(call.change.reviewers)])


def _get_reviewer(call: Call) -> Answer:
    return Answer(value=[reviewer_info(call.state, call.change, _reviewer(call))])


def _get_attention(call: Call) -> Answer:
    return Answer(value=[attention_info(call.state, who, entry) for who, entry in call.change.attention.items()])


def _get_comments(call: Call) -> Answer:
    return Answer(value=grouped_comments(call.state, call.change, call.change.comments))


def _get_topic(call: Call) -> Answer:
    return Answer(value=call.change.topic)


def _get_hashtags(call: Call) -> Answer:
    return Answer(value=list(call.change.hashtags))


def _get_files(call: Call) -> Answer:
    return Answer(value=file_infos(call.patch_set))


def _get_related(call: Call) -> Answer:
    seen = (one for one in call.state.related(call.change) if call.state.can_see(call.viewer, one))
    return Answer(value={"changes": [related_info(one) for one in seen]})


def _get_diff(call: Call) -> Answer:
    return Answer(value=diff_info(call.patch_set, call.parts[2]))


def _get_commit(call: Call) -> Answer:
    return Answer(value=commit_info(call.patch_set) | {"commit": call.patch_set.revision})


# reviewers and attention


def _reviewer(call: Call) -> int:
    account_id = call.state.find_account(call.parts[1]).account_id
    if account_id not in call.change.reviewers:
        raise Refusal(404, f"Not found: {call.parts[1]}")
    return account_id


def _ask(body: Mapping[str, Any]) -> ReviewerAsk:
    state = body.get("state") or "REVIEWER"
    if state not in ("REVIEWER", "CC", "REMOVED"):
        raise Refusal(400, f"invalid state: {state}")
    return ReviewerAsk(reviewer=str(body.get("reviewer", "")), state=state, confirmed=bool(body.get("confirmed")))


def _result(call: Call, done: ReviewerDone) -> Json:
    state, change = call.state, call.change
    shown: Json = {"input": done.ask.reviewer}
    if done.ask.state == "REMOVED":
        removed = [account_info(state, who) for who in done.accounts]
        return shown | ({"removed": removed[0]} if removed else {})
    infos = [reviewer_info(state, change, who) for who in done.accounts]
    return shown | {"reviewers" if done.ask.state == "REVIEWER" else "ccs": infos}


def _post_reviewer(call: Call) -> Answer:
    actor, change, ask = call.actor, call.change, _ask(call.body)
    if ask.state == "REMOVED":
        _need_remover(call, call.state.find_account(ask.reviewer).account_id, "remove reviewer")
    return Answer(value=_result(call, call.state.add_reviewer(change.number, actor, ask)))


def _delete_reviewer(call: Call) -> Answer:
    account_id = _reviewer(call)
    actor = _need_remover(call, account_id, "remove reviewer")
    call.state.remove_reviewer(call.change.number, actor, account_id)
    return NOTHING


def _delete_vote(call: Call) -> Answer:
    account_id = call.state.find_account(call.parts[1]).account_id
    actor = _need_remover(call, account_id, "Delete vote")
    call.state.remove_vote(call.change.number, actor, account_id, call.parts[2])
    return NOTHING


def _post_attention(call: Call) -> Answer:
    user, reason = str(call.body.get("user", "")), call.text("reason")
    if not user or not reason:
        raise Refusal(400, f"missing field: {'reason' if user else 'user'}")
    try:
        account_id = call.state.add_attention(call.change.number, call.actor, user, reason)
    except Refusal as refusal:
        raise Refusal(400, refusal.message) from refusal
    return Answer(value=account_info(call.state, account_id))


def _delete_attention(call: Call) -> Answer:
    account_id = call.state.find_account(call.parts[1]).account_id
    reason = call.text("reason") or "Removed by user"
    call.state.remove_attention(call.change.number, call.actor, account_id, reason)
    return NOTHING


# the review call


def _post_review(call: Call) -> Answer:
    actor, change, patch_set, body = call.actor, call.change, call.patch_set, call.body
    wip = _wip_asked(call)
    review = Review(
        message=call.text("message"),
        tag=call.text("tag"),
        labels={str(label): _vote(value) for label, value in (body.get("labels") or {}).items()},
        comments=[_said(path, one) for path, several in (body.get("comments") or {}).items() for one in several],
        reviewers=[_ask(one) for one in body.get("reviewers") or ()],
        wip=wip,
        attend=[_turn(one) for one in body.get("add_to_attention_set") or ()],
        leave=[_turn(one) for one in body.get("remove_from_attention_set") or ()],
        own_attention_only=bool(body.get("ignore_automatic_attention_set_rules")),
    )
    for ask in review.reviewers:
        if ask.state == "REMOVED":
            _need_remover(call, call.state.find_account(ask.reviewer).account_id, "remove reviewer")
    done = call.state.review(change.number, actor, review, patch_set=patch_set.number)
    result: Json = {"labels": dict(review.labels)} if review.labels else {}
    if done:
        result["reviewers"] = {one.ask.reviewer: _result(call, one) for one in done}
    result |= {"ready": True} if wip is False else {}
    return Answer(value=result | {"change_info": change_info(call.state, change, [])})


def _wip_asked(call: Call) -> bool | None:
    ready, wip = bool(call.body.get("ready")), bool(call.body.get("work_in_progress"))
    if ready and wip:
        raise Refusal(400, "work_in_progress and ready are mutually exclusive")
    if not ready and not wip:
        return None
    if call.change.wip != wip:
        _need_owner(call, "toggle work in progress state")
    return wip


def _vote(value: object) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise Refusal(400, f"invalid vote: {value}") from error


def _said(path: str, one: Mapping[str, Any]) -> Said:
    line = (one.get("range") or {}).get("end_line") or one.get("line") or 0
    return Said(
        path=path,
        text=str(one.get("message", "")),
        line=line,
        unresolved=bool(one.get("unresolved")),
        in_reply_to=one.get("in_reply_to") or "",
    )


def _turn(one: Mapping[str, Any]) -> tuple[str, str]:
    user, reason = str(one.get("user", "")), str(one.get("reason", ""))
    if not user or not reason:
        raise Refusal(400, f"missing field: {'reason' if user else 'user'}")
    return user, reason


# the life of a change


def _shown(call: Call, change: Change) -> Answer:
    return Answer(value=change_info(call.state, change, []))


def _abandon(call: Call) -> Answer:
    change = call.change
    call.state.abandon(change.number, _need_owner(call, "abandon"), message=call.text("message"))
    return _shown(call, change)


def _restore(call: Call) -> Answer:
    change = call.change
    call.state.restore(change.number, _need_owner(call, "restore"), message=call.text("message"))
    return _shown(call, change)


def _cherry_pick(call: Call) -> Answer:
    change, patch_set = call.change, call.patch_set
    message = call.text("message") or patch_set.message
    picked = call.state.cherry_pick(change.number, call.actor, patch_set, call.text("destination"), message)
    return _shown(call, picked)


def _submit(call: Call) -> Answer:
    change, actor = call.change, call.actor
    if change.status != "NEW":
        raise Refusal(409, f"change is {call.state.status_word(change)}")
    if change.wip:
        raise Refusal(
            409,
            f"Failed to submit 1 change due to the following problems:\nChange {change.number}: "
            f"Change {change.number} is marked work in progress",
        )
    if missing := votes.unsatisfied(call.state, change):
        told = " ".join(f"submit requirement '{name}' is unsatisfied." for name in missing)
        head = "Failed to submit 1 change due to the following problems:"
        raise Refusal(409, f"{head}\nChange {change.number}: {told}")
    call.state.merge(change.number, actor)
    return _shown(call, change)


def _wip(call: Call) -> Answer:
    actor = _need_owner(call, "toggle work in progress state")
    call.state.set_wip(call.change.number, actor, True, message=call.text("message"))
    return Answer()


def _ready(call: Call) -> Answer:
    actor = _need_owner(call, "toggle work in progress state")
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
    change, actor = call.change, _need_owner(call, "mark private")
    if change.private:
        return Answer(value="")
    call.state.set_private(change.number, actor, True, message=call.text("message"))
    return Answer(value="", status=201)


def _delete_private(call: Call) -> Answer:
    actor = _need_owner(call, "unmark private")
    call.state.set_private(call.change.number, actor, False, message=call.text("message"))
    return NOTHING


def _delete_change(call: Call) -> Answer:
    actor = _need_owner(call, "delete")
    call.state.delete(call.change.number, actor)
    return NOTHING


def _check_requirement(call: Call) -> Answer:
    expression = call.text("submittability_expression")
    holds = votes.fulfilled(call.state, call.change, expression)
    result = {"expression": expression, "fulfilled": holds, "status": "PASS" if holds else "FAIL"}
    status = "SATISFIED" if holds else "UNSATISFIED"
    shown = {"name": call.text("name"), "status": status, "is_legacy": False}
    return Answer(value=shown | {"submittability_expression_result": result})


ROUTES: tuple[Route, ...] = (
    ("GET", "changes", _find_changes),
    ("GET", "changes/*", _get_change),
    ("DELETE", "changes/*", _delete_change),
    ("GET", "changes/*/detail", _get_detail),
    ("GET", "changes/*/messages", _get_messages),
    ("GET", "changes/*/comments", _get_comments),
    ("GET", "changes/*/reviewers", _get_reviewers),
    ("POST", "changes/*/reviewers", _post_reviewer),
    ("GET", "changes/*/reviewers/*", _get_reviewer),
    ("DELETE", "changes/*/reviewers/*", _delete_reviewer),
    ("POST", "changes/*/reviewers/*/delete", _delete_reviewer),
    ("DELETE", "changes/*/reviewers/*/votes/*", _delete_vote),
    ("POST", "changes/*/reviewers/*/votes/*/delete", _delete_vote),
    ("GET", "changes/*/attention", _get_attention),
    ("POST", "changes/*/attention", _post_attention),
    ("DELETE", "changes/*/attention/*", _delete_attention),
    ("POST", "changes/*/attention/*/delete", _delete_attention),
    ("GET", "changes/*/revisions/*/files", _get_files),
    ("GET", "changes/*/revisions/*/files/*/diff", _get_diff),
    ("GET", "changes/*/revisions/*/related", _get_related),
    ("GET", "changes/*/revisions/*/commit", _get_commit),
    ("POST", "changes/*/revisions/*/cherrypick", _cherry_pick),
    ("POST", "changes/*/revisions/*/review", _post_review),
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
    ("POST", "changes/*/check.submit_requirement", _check_requirement),
)

"""REST about who reviews a change, what they vote and say, and whose turn it is.

https://gerrit-review.googlesource.com/Documentation/rest-api-changes.html
Any account may comment and add reviewers, and vote as far as the access rules say; owner and administrators may remove
others (the owner nobody with a negative vote).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.sandbox.gerrit import requirements
from integrations.sandbox.gerrit.calls import NOTHING, Answer, Call, Route
from integrations.sandbox.gerrit.label_views import requirement_result
from integrations.sandbox.gerrit.records import Refusal, Requirement
from integrations.sandbox.gerrit.reviewers import ReviewerAsk, ReviewerDone
from integrations.sandbox.gerrit.rights import may_remove
from integrations.sandbox.gerrit.state import Review, Said
from integrations.sandbox.gerrit.views import attention_info, change_info, reviewer_info
from integrations.sandbox.gerrit.words import account_info

Json = dict[str, Any]


def need_owner(call: Call, what: str) -> int:
    if call.actor != call.change.owner and not call.state.is_admin(call.actor):
        raise Refusal(403, f"{what} not permitted")
    return call.actor


def _need_remover(call: Call, account_id: int) -> int:
    if not may_remove(call.state, call.change, call.actor, account_id):
        raise Refusal(403, "remove reviewer not permitted")
    return call.actor


def _get_reviewers(call: Call) -> Answer:
    return Answer(value=[reviewer_info(call.state, call.change, who) for who in sorted(call.change.reviewers)])


def _get_reviewer(call: Call) -> Answer:
    return Answer(value=[reviewer_info(call.state, call.change, _reviewer(call))])


def _get_attention(call: Call) -> Answer:
    return Answer(value=[attention_info(call.state, who, entry) for who, entry in call.change.attention.items()])


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
        _need_remover(call, call.state.find_account(ask.reviewer).account_id)
    return Answer(value=_result(call, call.state.add_reviewer(change.number, actor, ask)))


def _delete_reviewer(call: Call) -> Answer:
    account_id = _reviewer(call)
    actor = _need_remover(call, account_id)
    call.state.remove_reviewer(call.change.number, actor, account_id)
    return NOTHING


def _delete_vote(call: Call) -> Answer:
    account_id = call.state.find_account(call.parts[1]).account_id
    closed = call.change.status != "NEW" and not call.state.is_admin(call.actor)
    if closed or not may_remove(call.state, call.change, call.actor, account_id):
        raise Refusal(403, "Delete vote not permitted.")
    call.state.remove_vote(call.change.number, call.actor, account_id, call.parts[2], reason=call.text("reason"))
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
    if for_whom := body.get("on_behalf_of"):
        _refuse_proxy(str(for_whom), body.get("labels") or {})
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
            _need_remover(call, call.state.find_account(ask.reviewer).account_id)
    done = call.state.review(change.number, actor, review, patch_set=patch_set.number)
    result: Json = {"labels": dict(review.labels)} if review.labels else {}
    if done:
        result["reviewers"] = {one.ask.reviewer: _result(call, one) for one in done}
    result |= {"ready": True} if wip is False else {}
    return Answer(value=result | {"change_info": change_info(call.state, change, [])})


def _refuse_proxy(user: str, labels: Mapping[str, object]) -> None:
    """Nobody has labelAs here."""
    if not labels:
        raise Refusal(403, f'label required to post review on behalf of "{user}"')
    raise Refusal(403, f'not permitted to modify label "{min(labels)}" on behalf of "{user}"')


def _wip_asked(call: Call) -> bool | None:
    ready, wip = bool(call.body.get("ready")), bool(call.body.get("work_in_progress"))
    if ready and wip:
        raise Refusal(400, "work_in_progress and ready are mutually exclusive")
    if not ready and not wip:
        return None
    if call.change.wip != wip:
        need_owner(call, "toggle work in progress state")
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


def _check_requirement(call: Call) -> Answer:
    """What a requirement would say that nobody has set."""
    asked = Requirement(name=call.text("name"), submittable_if=call.text("submittability_expression"))
    return Answer(value=requirement_result(requirements.judge(call.state, call.change, asked)))


ROUTES: tuple[Route, ...] = (
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
    ("POST", "changes/*/revisions/*/review", _post_review),
    ("POST", "changes/*/check.submit_requirement", _check_requirement),
)

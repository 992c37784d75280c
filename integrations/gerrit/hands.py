"""Acts upon changes: what belongs to one change goes out as one review call, after a look.

A message is recognised as our own earlier one by its last line, a mark made from the action's key. `notify` is NONE but
for those the message is for, and the attention set gets exactly those asked.

It is two calls where people come or go and somebody is told: of one, Gerrit mails those to be told about each part, who
came and what was said. So people come and go first, which nobody is mailed, then it is said. Between the two the world
is as if only the first half had been asked for: whoever looks finds that done, and says the rest. And it is more calls
where more is said than goes into one message; votes go with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.contract import Outcome, Refused, StillInDoubt, Transient
from integrations.gerrit.lookup import read_change
from integrations.gerrit.rest import BadRequest, NotFound, Rest, change_path
from integrations.gerrit.review import TAG, coming, mark, review_of, told_by, too_much
from integrations.gerrit.voting import MAY_NOT_VOTE, checked, is_about_a_label, standing, strays, take_back, unwanted
from rules.actions import Action, AddReviewer, Comment, DrawAttention, RemoveReviewer, Vote
from rules.facts import ChangeFacts
from rules.signoff.ledger import LINE_BEGINS

MAY_NOT_REMOVE = "we may not take reviewers off: give the right removeReviewer, czar gerrit setup says how"
CLOSED = {"MERGED": "the change is merged", "ABANDONED": "the change is abandoned"}


@dataclass(slots=True)
class _Plan:
    """What is settled by looking, and what is to be done."""

    there: set[str] = field(default_factory=set)  # accounts on the change
    settled: list[Outcome] = field(default_factory=list)
    todo: list[Action] = field(default_factory=list)


class GerritHands:
    """Carries out actions on changes. Any thread may use it; no two at once for the same change."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def act(self, item: str, actions: Sequence[Action], *, in_doubt: bool) -> Sequence[Outcome]:
        """One outcome for each action that was settled; the others are to be tried again. Raises Transient."""
        try:
            seen = self._look(item, actions[0].repo)
        except NotFound:
            return [_refused(action, "the change is gone or hidden from us") for action in actions]
        except Refused as error:
            return [_refused(action, str(error)) for action in actions]
        plan = _plan(actions, seen, self._rest.user)
        votes = [action for action in actions if isinstance(action, Vote)]
        self._take_back_strays(item, votes, actions, seen)
        if not plan.todo:
            return plan.settled
        if in_doubt:
            raise StillInDoubt("no trace of the earlier try yet: looks once more before trying again")
        outcomes = self._post(item, plan, str(seen["current_revision"]))
        cast = [vote for vote in votes if any(one.done and one.key == vote.key for one in outcomes)]
        return plan.settled + (self._checked(item, outcomes, cast, actions) if cast else outcomes)

    def _look(self, item: str, repo: str) -> dict[str, Any]:
        seen: dict[str, Any] = self._rest.get(f"{change_path(item, repo)}/detail", [("o", "CURRENT_REVISION")])
        return seen

    def _checked(
        self, item: str, outcomes: list[Outcome], cast: Sequence[Vote], actions: Sequence[Action]
    ) -> list[Outcome]:
        """A second look at what was voted. Where that fails, all is looked at anew."""
        try:
            seen = self._look(item, cast[0].repo)
        except Refused as error:
            raise Transient(f"cannot see what became of a vote: {error}") from error
        self._take_back_strays(item, cast, actions, seen)
        return checked(outcomes, cast, seen, self._rest.user)

    def _take_back_strays(
        self, item: str, votes: Sequence[Vote], actions: Sequence[Action], seen: dict[str, Any]
    ) -> None:
        """No vote of ours may stand on a patch set that it was not meant for."""
        labels = strays(votes, actions, seen, self._rest.user)
        if not labels or seen["status"] in CLOSED:
            return
        try:
            take_back(self._rest, change_path(item, votes[0].repo), str(seen["current_revision"]), labels, TAG)
        except Refused as error:
            raise Transient(f"a vote was carried on to a newer patch set, and cannot be taken back: {error}") from error

    def _post(self, item: str, plan: _Plan, current: str) -> list[Outcome]:
        revision = next((action.revision for action in plan.todo if isinstance(action, Vote)), current)
        path = f"{change_path(item, plan.todo[0].repo)}/revisions/{revision}/review"
        now, later = _halves(plan)
        try:
            self._rest.post(path, review_of(now, plan.there))
        except Refused as error:
            votes = [action for action in now if isinstance(action, Vote)]
            if votes and is_about_a_label(error):
                because = f"{MAY_NOT_VOTE} ({error})"
                return self._post_without(votes, item, plan, current, because)
            if isinstance(error, BadRequest):
                return _blame(plan, error)
            removals = [action for action in plan.todo if isinstance(action, RemoveReviewer)]
            if not removals:
                return [_refused(action, str(error)) for action in plan.todo]
            if "doesn't exist in the change" in str(error):  # nothing was applied
                raise Transient(f"somebody to be taken off has left meanwhile, looks again: {error}") from error
            because = MAY_NOT_REMOVE if "remove reviewer not permitted" in str(error) else str(error)
            return self._post_without(removals, item, plan, current, because)
        done = [Outcome(key=action.key, done=True, because="done") for action in now]
        return done + self._post(item, later, current) if later.todo else done

    def _post_without(
        self, those: Sequence[Action], item: str, plan: _Plan, current: str, because: str
    ) -> list[Outcome]:
        """A right may be missing, to vote or to take people off; what else is to be done does not wait for it."""
        refused = [_refused(action, because) for action in those]
        rest = _Plan(todo=[action for action in plan.todo if action not in those], there=plan.there)
        return refused + self._post(item, rest, current) if rest.todo else refused


def _plan(actions: Sequence[Action], seen: dict[str, Any], ourselves: str) -> _Plan:
    facts = read_change(seen, ourselves, {}, files=False)
    plan = _Plan(there={facts.owner, *facts.authors, *facts.reviewers, *facts.ccs})
    for action in actions:
        because = unwanted(action, actions, seen) if isinstance(action, Vote) else ""
        outcome = _refused(action, because) if because else _settled(action, facts, seen, ourselves)
        if outcome:
            plan.settled.append(outcome)
        else:
            plan.todo.append(action)
    _drop_strangers(plan)
    _drop_idle_talk(plan)
    return plan


def _settled(action: Action, facts: ChangeFacts, seen: dict[str, Any], ourselves: str) -> Outcome | None:
    """The outcome of an action that needs no doing: it is so already, or must not be any more."""
    if isinstance(action, AddReviewer):
        if action.account in facts.reviewers or (action.cc and action.account in facts.ccs):
            return Outcome(key=action.key, done=True, because="is on the change")
        if action.account in facts.removed:
            because = f"was taken off the change by {facts.removed[action.account]}"
            return _refused(action, because, about_person=True)
    if isinstance(action, Comment) and _said(action, seen, ourselves):
        return Outcome(key=action.key, done=True, because="was said already")
    if isinstance(action, DrawAttention) and action.account in facts.attention:
        return Outcome(key=action.key, done=True, because="has their attention")
    if isinstance(action, Vote) and standing(seen, action.label, ourselves) == action.value:
        return Outcome(key=action.key, done=True, because="is voted so")
    if isinstance(action, RemoveReviewer):
        if action.account not in (*facts.reviewers, *facts.ccs):
            return Outcome(key=action.key, done=True, because="is not on the change")
        if any(vote.account == action.account for vote in facts.votes):
            return Outcome(key=action.key, done=True, because="has voted meanwhile, stays")
    if facts.status in CLOSED and not _publishes(action):
        return _refused(action, CLOSED[facts.status])
    return None


def _publishes(action: Action) -> bool:
    """Whether it shows what the ledger holds: that is said on a closed change too, or a lost ledger had gaps."""
    return isinstance(action, Comment) and f"\n{LINE_BEGINS}" in action.text


def _said(action: Comment, seen: dict[str, Any], ourselves: str) -> bool:
    ours = (m for m in seen.get("messages", ()) if m.get("author", {}).get("username") == ourselves)
    return any(mark(action) in message["message"] for message in ours)


def _drop_strangers(plan: _Plan) -> None:
    """It can only be the turn of who is on the change: one other would spoil the whole call."""
    there = plan.there | coming(plan.todo)
    draws = [action for action in plan.todo if isinstance(action, DrawAttention)]
    for draw in (draw for draw in draws if draw.account not in there):
        plan.todo.remove(draw)
        plan.settled.append(_refused(draw, "is not on the change"))


def _drop_idle_talk(plan: _Plan) -> None:
    """A message to people none of whom is asked in the end is not sent, unless one is on the change anyway. What is for
    everybody who reads the change is.
    """
    asks = [outcome for outcome in plan.settled if outcome.key.startswith("AddReviewer:")]
    if (
        not asks
        or any(outcome.done for outcome in asks)
        or any(isinstance(action, AddReviewer) for action in plan.todo)
    ):
        return
    for action in [action for action in plan.todo if isinstance(action, Comment)]:
        if not action.tell or not plan.there.isdisjoint(action.tell):
            continue
        plan.todo.remove(action)
        plan.settled.append(_refused(action, "nobody is left to be told"))


def _halves(plan: _Plan) -> tuple[list[Action], _Plan]:
    """What the next call does, and what is left for those after it."""
    said: list[Action] = [action for action in plan.todo if isinstance(action, Comment | Vote)]
    moved = [action for action in plan.todo if action not in said]
    there = plan.there | coming(moved)
    if told_by(said, there) and any(isinstance(action, AddReviewer | RemoveReviewer) for action in moved):
        return moved, _Plan(there=there, todo=said)
    waits = too_much([action for action in plan.todo if isinstance(action, Comment)])
    return [action for action in plan.todo if action not in waits], _Plan(there=there, todo=waits)


def _blame(plan: _Plan, error: BadRequest) -> list[Outcome]:
    """Nothing was applied. The reviewers the server names are refused, the rest is tried again without them."""
    results = error.body.get("reviewers", {}) if isinstance(error.body, dict) else {}
    wrong = {name: result["error"] for name, result in results.items() if "error" in result}
    people = (action for action in plan.todo if isinstance(action, AddReviewer | RemoveReviewer))
    about = [action for action in people if action.account in wrong]
    if not about:
        return [_refused(action, str(error)) for action in plan.todo]
    rest = _Plan(
        there=plan.there,
        settled=[
            *plan.settled,
            *(_refused(one, wrong[one.account], about_person=isinstance(one, AddReviewer)) for one in about),
        ],
        todo=[action for action in plan.todo if action not in about],
    )
    _drop_idle_talk(rest)
    return rest.settled[len(plan.settled) :]


def _refused(action: Action, because: str, *, about_person: bool = False) -> Outcome:
    return Outcome(key=action.key, done=False, because=because, about_person=about_person)

"""Votes of ours: on exactly the commit they are meant for, and nowhere else.

A vote on a patch set that is not the current one is taken all the same, and a label with a copy condition carries it on
to the current one, which nobody has looked at. So who votes looks before and afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from integrations.contract import Outcome
from integrations.gerrit.rest import Rest
from rules.actions import Action, Vote

NEWER = "a newer patch set is there"
REPLACED = "a later vote is to be cast"
NOT_THERE = (
    "the vote does not stand: the label is not there, we may not vote on it, or somebody took it back at once;"
    " czar gerrit setup says what is needed"
)
MAY_NOT_VOTE = "we may not vote so: give us the label, czar gerrit setup says how"


def standing(seen: dict[str, Any], label: str, ourselves: str) -> int:
    """The value of our vote on the current patch set."""
    votes = seen.get("labels", {}).get(label, {}).get("all", ())
    return next((vote.get("value", 0) for vote in votes if vote.get("username") == ourselves), 0)


def unwanted(vote: Vote, actions: Sequence[Action], seen: dict[str, Any]) -> str:
    """Why a vote must not be cast any more, "" if it must."""
    if seen.get("current_revision") != vote.revision:
        return NEWER
    after = actions[actions.index(vote) + 1 :]
    later = (other for other in after if isinstance(other, Vote) and other.revision == vote.revision)
    return REPLACED if any(other.label == vote.label for other in later) else ""


def is_about_a_label(error: Exception) -> bool:
    """Whether the server's refusal of a review call concerns the votes in it: it names their label."""
    return 'label "' in str(error)


def strays(votes: Sequence[Vote], actions: Sequence[Action], seen: dict[str, Any], ourselves: str) -> dict[str, int]:
    """Our votes that were carried on from an older patch set to the current one, as labels to be taken back."""
    current = seen.get("current_revision")
    meant = {one.label for one in actions if isinstance(one, Vote) and one.revision == current}
    old = {one.label for one in votes if one.revision != current} - meant
    return {label: 0 for label in sorted(old) if standing(seen, label, ourselves)}


def checked(outcomes: Sequence[Outcome], votes: Sequence[Vote], seen: dict[str, Any], ourselves: str) -> list[Outcome]:
    """The outcomes, with those of votes as a look afterwards finds them."""
    wrong = {vote.key: because for vote in votes if (because := _wrong(vote, seen, ourselves))}
    return [
        replace(one, done=False, because=wrong[one.key]) if one.done and one.key in wrong else one for one in outcomes
    ]


def take_back(rest: Rest, change: str, revision: str, labels: dict[str, int], tag: str) -> None:
    """Take votes back, silently. Raises Transient, Refused."""
    body = {"tag": tag, "notify": "NONE", "ignore_automatic_attention_set_rules": True, "labels": labels}
    rest.post(f"{change}/revisions/{revision}/review", body)


def _wrong(vote: Vote, seen: dict[str, Any], ourselves: str) -> str:
    if seen.get("current_revision") != vote.revision:
        return NEWER
    return "" if standing(seen, vote.label, ourselves) == vote.value else NOT_THERE

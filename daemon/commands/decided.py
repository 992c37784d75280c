"""A decision as CONTRACT shows it in JSON: the same for `replay` and `explain`."""

from __future__ import annotations

from typing import Any

from rules.actions import Action, AddReviewer, Notify, RemoveReviewer
from rules.verdicts import Decision, Verdict


def decision_row(decision: Decision) -> dict[str, Any]:
    """`{at,event,item,verdicts,actions}`; what observing leaves undone is under `would`, what else happened (steps of
    ladders, commands) under `notes`.
    """
    from daemon.commands.shown import rfc3339

    return {
        "at": rfc3339(decision.at),
        "event": decision.event,
        "item": decision.item,
        "verdicts": [verdict_row(verdict) for verdict in decision.verdicts],
        "actions": [action_row(action) for action in decision.actions],
        "would": [action_row(action) for action in decision.would],
        "notes": list(decision.notes),
    }


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """`{rule,slot,outcome,people,because}`."""
    return {
        "rule": verdict.rule,
        "slot": verdict.slot,
        "outcome": verdict.outcome,
        "people": list(verdict.people),
        "because": verdict.because,
    }


def action_row(action: Action) -> dict[str, Any]:
    """`{kind,item,people,key}`."""
    people = [action.person] if isinstance(action, AddReviewer | RemoveReviewer | Notify) else []
    return {"kind": type(action).__name__, "item": action.item, "people": people, "key": action.key}

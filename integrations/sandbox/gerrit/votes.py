"""Labels at work: which votes are copied to a new patch set, what a label term says, what a submit needs."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import replace

from integrations.sandbox.gerrit.conditions import holds
from integrations.sandbox.gerrit.records import Change, FileChange, Label, PatchSet, Refusal, Vote
from integrations.sandbox.gerrit.registry import Registry

_MORE_TRIVIAL = {
    "TRIVIAL_REBASE": ("TRIVIAL_REBASE", "NO_CHANGE"),
    "NO_CODE_CHANGE": ("NO_CODE_CHANGE", "NO_CHANGE"),
    "MERGE_FIRST_PARENT_UPDATE": ("MERGE_FIRST_PARENT_UPDATE", "NO_CHANGE"),
    "NO_CHANGE": ("NO_CHANGE",),
}
_TERM = re.compile(r"(?P<label>[^=<>,]+)(?P<sign>>=|<=|=|>|<)(?P<value>[^,]+)(?:,(?P<rest>.*))?")
_SIGNS = {"=": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


def kind_of(before: PatchSet, message: str, parents: tuple[str, ...], files: Mapping[str, FileChange]) -> str:
    """How a new patch set differs from the one before it."""
    if dict(files) != dict(before.files):
        return "REWORK"
    if parents != before.parents:
        return "TRIVIAL_REBASE" if message == before.message else "REWORK"
    return "NO_CHANGE" if message == before.message else "NO_CODE_CHANGE"


def is_copied(label: Label, kind: str, value: int) -> bool:
    def atom(operator: str, wanted: str) -> bool:
        if operator == "changekind":
            return wanted == "REWORK" or kind in _MORE_TRIVIAL.get(wanted, ())
        if operator == "has" and wanted == "unchanged-files":
            return kind != "REWORK"
        return operator == "is" and _is_value(label, wanted, value)

    return bool(label.copy_condition) and holds(label.copy_condition, atom)


def _is_value(label: Label, wanted: str, value: int) -> bool:
    return wanted == "ANY" or value == _wanted(label, wanted)


def _wanted(label: Label, text: str) -> int:
    named = {"MIN": label.lowest, "MAX": label.highest}
    return named[text] if text in named else _number(text)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refusal(400, f"Invalid value: {text}") from error


def put_vote(
    world: Registry, change: Change, patch_set: int, account_id: int, label: str, vote_value: int, tag: str
) -> None:
    """Sets (0: removes) a vote, and carries it on to the later patch sets as far as the label copies it."""
    from_here = [one for one in change.patch_sets if one.number >= patch_set]
    now = world.now()
    definition = world.labels_of(change)[label]
    for patch in from_here:
        key = (patch.number, account_id, label)
        earlier = change.votes.get(key)
        first = patch.number == patch_set
        if not first and earlier is not None and not earlier.copied:
            return
        if not first and not is_copied(definition, patch.kind, vote_value):
            change.votes.pop(key, None)
            return
        change.votes.pop(key, None)
        if vote_value:
            change.votes[key] = Vote(value=vote_value, at=now, tag=tag, copied=not first)


def copy_votes(world: Registry, change: Change) -> frozenset[int]:
    """To the current patch set from the one before; gives the accounts that lost a vote."""
    number, kind = change.current.number, change.current.kind
    lost = set()
    labels = world.labels_of(change)
    for (patch_set, account_id, label), vote in tuple(change.votes.items()):
        if patch_set != number - 1:
            continue
        if label in labels and is_copied(labels[label], kind, vote.value):
            change.votes[number, account_id, label] = replace(vote, copied=True)
        else:
            lost.add(account_id)
    return frozenset(lost)


def label_term(world: Registry, change: Change, text: str) -> bool:
    """`Code-Review=MAX,user=x`: whether some vote on the current patch set is so (0: nobody voted)."""
    match = _TERM.fullmatch(text)
    if match is None:
        raise Refusal(400, f"Invalid label term: {text}")
    label = world.labels_of(change).get(match["label"])
    if label is None:
        return False
    counted = _counted(world, change, label, match["rest"] or "")
    if match["value"] == "ANY":
        return any(counted)
    wanted = _wanted(label, match["value"])
    if wanted == 0 and match["sign"] == "=":
        return not counted
    return any(_SIGNS[match["sign"]](value, wanted) for value in counted)


def _counted(world: Registry, change: Change, label: Label, rest: str) -> list[int]:
    who = None
    if rest:
        kind, _, name = rest.rpartition("=")
        who = _people(world, change, kind or "user", name)
    return [
        vote.value
        for (number, account_id, name), vote in change.votes.items()
        if number == change.current.number and name == label.name and (who is None or account_id in who)
    ]


def _people(world: Registry, change: Change, kind: str, name: str) -> frozenset[int]:
    if kind == "group":
        return world.group(name).members
    if name == "owner":
        return frozenset({change.owner})
    if name == "non_uploader":
        return frozenset(world.accounts) - {change.current.uploader}
    return frozenset({world.find_account(name).account_id})


def unsatisfied(world: Registry, change: Change) -> list[str]:
    """Names of the submit requirements that do not hold; a requirement that cannot be evaluated does not hold."""
    return [
        name for name, text in world.projects[change.project].requirements.items() if not fulfilled(world, change, text)
    ]


def fulfilled(world: Registry, change: Change, expression: str) -> bool:
    def atom(operator: str, value: str) -> bool:
        if operator == "label":
            return label_term(world, change, value)
        return operator == "is" and value == "true"

    try:
        return holds(expression, atom)
    except Refusal:
        return False

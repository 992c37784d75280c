"""Votes and what becomes of them on a new patch set, with the words the server has for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from integrations.sandbox.gerrit.conditions import atoms, holds
from integrations.sandbox.gerrit.records import Change, FileChange, Label, PatchSet, Refusal, Vote
from integrations.sandbox.gerrit.registry import Registry

_MORE_TRIVIAL = {
    "TRIVIAL_REBASE": ("TRIVIAL_REBASE", "NO_CHANGE"),
    "NO_CODE_CHANGE": ("NO_CODE_CHANGE", "NO_CHANGE"),
    "MERGE_FIRST_PARENT_UPDATE": ("MERGE_FIRST_PARENT_UPDATE", "NO_CHANGE"),
    "NO_CHANGE": ("NO_CHANGE",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a new patch set did to the votes of the one before; `text` has an empty line before it, or is ""."""

    lost: frozenset[int]
    text: str


def kind_of(before: PatchSet, message: str, parents: tuple[str, ...], files: Mapping[str, FileChange]) -> str:
    """How a new patch set differs from the one before it."""
    if dict(files) != dict(before.files):
        return "REWORK"
    if parents != before.parents:
        return "TRIVIAL_REBASE" if message == before.message else "REWORK"
    return "NO_CHANGE" if message == before.message else "NO_CODE_CHANGE"


def is_copied(label: Label, kind: str, value: int, *, same_files: bool = False) -> bool:
    """`same_files`: the patch set touches the very files of the one before."""
    if not label.copy_condition:
        return False
    return holds(label.copy_condition, _Copying(label, kind, value, same_files or kind != "REWORK").atom)


def check_condition(text: str) -> None:
    """Refuses a copy condition that cannot be read."""
    try:
        atoms(text, _Copying(Label(name="", values={0: ""}), "REWORK", 0, True).atom)
    except Refusal as error:
        raise Refusal(400, f"unable to parse copy condition. got: {text}. {error.message}") from error


@dataclass(frozen=True, slots=True)
class _Copying:
    """The truth of each term of a copy condition, for one vote on its way to a patch set of that kind."""

    label: Label
    kind: str
    value: int
    same_files: bool

    def atom(self, operator: str, wanted: str) -> bool:
        if operator == "changekind":
            return wanted == "REWORK" or self.kind in _MORE_TRIVIAL.get(wanted, ())
        if operator == "has" and wanted == "unchanged-files":
            return self.same_files
        if operator == "is":
            return wanted == "ANY" or self.value == value_named(self.label, wanted)
        raise Refusal(400, f"Unsupported operator {operator}:{wanted}")


def value_named(label: Label, text: str) -> int:
    """MIN, MAX, or the number itself."""
    named = {"MIN": label.lowest, "MAX": label.highest}
    if text in named:
        return named[text]
    try:
        return int(text)
    except ValueError as error:
        raise Refusal(400, f"Invalid value: {text}") from error


def shown(label: str, value: int) -> str:
    """`Code-Review+1`; `-Code-Review` for a vote taken back."""
    return f"{label}{value:+d}" if value else f"-{label}"


def put_vote(
    world: Registry, change: Change, patch_set: int, account_id: int, label: str, vote_value: int, tag: str
) -> str:
    """Sets (0: removes) a vote, and carries it on to the later patch sets as far as the label copies it; gives what
    is said about those, or ""."""
    definition, now = world.labels_of(change)[label], world.now()
    _set(change, (patch_set, account_id, label), Vote(value=vote_value, at=now, tag=tag))
    touched, copied = [], False
    for patch in (one for one in change.patch_sets if one.number > patch_set):
        key = (patch.number, account_id, label)
        earlier = change.votes.get(key)
        if earlier is not None and not earlier.copied:
            break
        copied = bool(vote_value) and is_copied(
            definition, patch.kind, vote_value, same_files=_same_files(change, patch.number)
        )
        _set(change, key, Vote(value=vote_value if copied else 0, at=now, tag=tag, copied=True))
        was = earlier.value if earlier else 0
        if was != (vote_value if copied else 0):
            touched.append(f"{patch.number} (was {shown(label, was)})" if was else str(patch.number))
        if not copied:
            break
    return _followed(definition, vote_value, touched) if touched else ""


def follow_ups(said: Iterable[str]) -> str:
    """What `put_vote` said of each vote, as a message ends with it."""
    lines = [f"* {line}" for line in said if line]
    return "\n".join(["\n\nCopied votes on follow-up patch sets have been updated:", *lines]) if lines else ""


def _followed(label: Label, value: int, touched: Iterable[str]) -> str:
    where, condition = f"patch set {', '.join(touched)}", f'(copy condition: "{label.copy_condition}").'
    if value:
        return f"{shown(label.name, value)} has been copied to {where} {condition}"
    reason = f"since the new {label.name}=0 vote is not copyable"
    return f"Copied {label.name} vote has been removed from {where} {reason} {condition}"


def _set(change: Change, key: tuple[int, int, str], vote: Vote) -> None:
    change.votes.pop(key, None)
    if vote.value:
        change.votes[key] = vote


def copy_votes(world: Registry, change: Change) -> Carried:
    """To the current patch set from the one before."""
    number, kind, labels = change.current.number, change.current.kind, world.labels_of(change)
    same_files = _same_files(change, number)
    lost, told = set(), []
    for (patch_set, account_id, name), vote in tuple(change.votes.items()):
        if patch_set != number - 1 or name not in labels:
            continue
        copied = is_copied(labels[name], kind, vote.value, same_files=same_files)
        reason = _condition(_Copying(labels[name], kind, vote.value, same_files or kind != "REWORK"))
        told.append((copied, name, reason, vote.value))
        if copied:
            change.votes[number, account_id, name] = replace(vote, copied=True)
        else:
            lost.add(account_id)
    return Carried(lost=frozenset(lost), text=_paragraphs(_told("Copied", told, True), _told("Outdated", told, False)))


def _same_files(change: Change, number: int) -> bool:
    touched = [
        {path: file.status for path, file in patch.files.items()}
        for patch in change.patch_sets
        if patch.number in (number - 1, number)
    ]
    return len(touched) == 2 and touched[0] == touched[1]


def _condition(copying: _Copying) -> str:
    """The label's copy condition; what is true of it stands between asterisks."""
    text = copying.label.copy_condition
    if not text:
        return ""
    for term in atoms(text, copying.atom)[0]:
        text = text.replace(term, f"**{term}**")
    return f' (copy condition: "{text}")'


def _told(head: str, votes: Iterable[tuple[bool, str, str, int]], copied: bool) -> str:
    by_reason: dict[tuple[str, str], set[int]] = {}
    for was_copied, label, condition, value in sorted(votes, key=lambda one: (one[1], -one[3])):
        if was_copied == copied:
            by_reason.setdefault((label, condition), set()).add(value)
    lines = [
        f"* {', '.join(shown(label, value) for value in sorted(values, reverse=True))}{condition}\n"
        for (label, condition), values in by_reason.items()
    ]
    return f"{head} Votes:\n{''.join(lines)}" if lines else ""


def _paragraphs(*parts: str) -> str:
    there = [part for part in parts if part]
    return "\n\n" + "\n".join(there) if there else ""

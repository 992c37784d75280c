"""Lines of `gerrit stream-events`, as Gerrit 3.10 sends them.

https://gerrit-review.googlesource.com/Documentation/cmd-stream-events.html and the attribute classes of the source:
field names, their order, and what is omitted when empty are Gerrit's; text is escaped as its JSON writer does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from integrations.sandbox.gerrit.records import Author, Change, Line, Message, PatchSet

if TYPE_CHECKING:
    from integrations.sandbox.gerrit.registry import Registry

_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&='\u2028\u2029"})
Json = dict[str, Any]


def gson(value: object) -> str:
    """Compact JSON in Gerrit's spelling: these characters stand only inside strings, so the text may be translated."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def dropped_output(world: Registry) -> str:
    return gson({"type": "dropped-output", "eventCreatedOn": _seconds(world)})


def project_created(world: Registry, project: str, head: str) -> Line:
    own = {"projectName": project, "headName": head}
    return _line(world, "project-created", own, project=project)


def ref_updated(
    world: Registry, project: str, ref: str, old: str, new: str, *, submitter: int | None, number: int = 0
) -> Line:
    own = _only_set(submitter=_account(world, submitter))
    own["refUpdate"] = {"oldRev": old, "newRev": new, "refName": ref, "project": project}
    line = _line(world, "ref-updated", own, project=project, number=number)
    return replace(line, ref=ref, new=new)


def patchset_created(world: Registry, change: Change, uploader: int) -> Line:
    return _of_change(world, "patchset-created", change, change.current, uploader=_account(world, uploader))


def comment_added(
    world: Registry,
    change: Change,
    patch_set: PatchSet,
    author: int,
    old: Mapping[str, int],
    comment: str | None,
    *,
    voting: bool = True,
) -> Line:
    """`old` holds the value before, for each label this event set. Words alone on a closed change have no approvals
    (`voting` False)."""
    names = world.labels_of(change) if voting else ()
    return _of_change(
        world,
        "comment-added",
        change,
        patch_set,
        author=_account(world, author),
        approvals=[_approval(name, change.value(patch_set.number, author, name), old.get(name)) for name in names]
        or None,
        comment=comment,
    )


def reviewer_added(world: Registry, change: Change, reviewer: int, adder: int) -> Line:
    people = {"reviewer": _account(world, reviewer), "adder": _account(world, adder)}
    return _of_change(world, "reviewer-added", change, change.current, leaks=True, **people)


def reviewer_deleted(
    world: Registry, change: Change, reviewer: int, remover: int, lost: Mapping[str, int], text: str
) -> Line:
    return _of_change(
        world,
        "reviewer-deleted",
        change,
        change.current,
        reviewer=_account(world, reviewer),
        remover=_account(world, remover),
        approvals=[_approval(name, 0, lost.get(name)) for name in world.labels_of(change)],
        comment=spoken(world, text),
    )


def vote_deleted(
    world: Registry, change: Change, reviewer: int, remover: int, label: str, old: int, message: Message
) -> Line:
    return _of_change(
        world,
        "vote-deleted",
        change,
        change.current,
        reviewer=_account(world, reviewer),
        remover=_account(world, remover),
        approvals=[_approval(label, 0, old)],
        comment=spoken(world, message.text),
    )


def change_merged(world: Registry, change: Change, submitter: int | None, new_rev: str) -> Line:
    return _of_change(
        world, "change-merged", change, change.current, submitter=_account(world, submitter), newRev=new_rev
    )


def change_abandoned(world: Registry, change: Change, abandoner: int | None, reason: str) -> Line:
    own = _only_set(abandoner=_account(world, abandoner)) | {"reason": reason}
    return _of_change(world, "change-abandoned", change, change.current, **own)


def change_restored(world: Registry, change: Change, restorer: int, reason: str) -> Line:
    own: Json = {"restorer": _account(world, restorer), "reason": reason or None}
    return _of_change(world, "change-restored", change, change.current, **own)


def wip_state_changed(world: Registry, change: Change, changer: int) -> Line:
    return _of_change(world, "wip-state-changed", change, change.current, changer=_account(world, changer))


def private_state_changed(world: Registry, change: Change, changer: int) -> Line:
    return _of_change(world, "private-state-changed", change, change.current, changer=_account(world, changer))


def topic_changed(world: Registry, change: Change, changer: int, old: str) -> Line:
    return _of_change(world, "topic-changed", change, None, changer=_account(world, changer), oldTopic=old)


def hashtags_changed(
    world: Registry, change: Change, editor: int, *, added: Iterable[str], removed: Iterable[str]
) -> Line:
    own = _only_set(
        editor=_account(world, editor), added=list(added), removed=list(removed), hashtags=list(change.hashtags)
    )
    return _of_change(world, "hashtags-changed", change, None, **own)


def change_deleted(world: Registry, change: Change, deleter: int) -> Line:
    return _of_change(world, "change-deleted", change, None, deleter=_account(world, deleter))


def spoken(world: Registry, text: str) -> str:
    """A stored message as people read it: names in the place of account templates."""

    def name(match: re.Match[str]) -> str:
        account = world.accounts.get(int(match[1]))
        return f"{account.name or account.username} <{account.email}>" if account else match[0]

    return re.sub(r"<GERRIT_ACCOUNT_(\d+)>", name, text)


def _of_change(
    world: Registry, kind: str, change: Change, patch_set: PatchSet | None, *, leaks: bool = False, **own: Any
) -> Line:
    body = {key: value for key, value in own.items() if value is not None}
    if patch_set is not None:
        body["patchSet"] = _patch_set(world, change, patch_set)
    body |= {
        "change": _change(world, change),
        "project": change.project,
        "refName": change.ref,
        "changeKey": {"id": change.change_id},
    }
    return _line(world, kind, body, project=change.project, number=change.number, leaks=leaks)


def _line(world: Registry, kind: str, own: Json, *, project: str, number: int = 0, leaks: bool = False) -> Line:
    text = gson(own | {"type": kind, "eventCreatedOn": _seconds(world)})
    return Line(kind=kind, text=text, project=project, number=number, leaks=leaks)


def _change(world: Registry, change: Change) -> Json:
    return _only_set(
        project=change.project,
        branch=change.branch,
        topic=change.topic,
        id=change.change_id,
        number=change.number,
        subject=change.subject,
        owner=_account(world, change.owner),
        url=f"{world.url}/c/{change.project}/+/{change.number}",
        commitMessage=change.current.message,
        hashtags=list(change.hashtags),
        cherryPickOfChange=change.cherry_pick_of and change.cherry_pick_of[0],
        cherryPickOfPatchSet=change.cherry_pick_of and change.cherry_pick_of[1],
        createdOn=int(change.created.timestamp()),
        status=change.status,
        wip=change.wip,
        private=change.private,
    )


def _patch_set(world: Registry, change: Change, patch_set: PatchSet) -> Json:
    return {
        "number": patch_set.number,
        "revision": patch_set.revision,
        "parents": list(patch_set.parents),
        "ref": f"{change.ref_base}/{patch_set.number}",
        "uploader": _account(world, patch_set.uploader),
        "createdOn": int(patch_set.created.timestamp()),
        "author": _author(patch_set.author),
        "kind": patch_set.kind,
        "sizeInsertions": patch_set.insertions + patch_set.message_lines,
        "sizeDeletions": patch_set.deletions,
    }


def _account(world: Registry, account_id: int | None) -> Json | None:
    account = world.accounts.get(account_id) if account_id is not None else None
    return _only_set(name=account.name, email=account.email, username=account.username) if account else None


def _author(author: Author) -> Json:
    return {"name": author.name, "email": author.email, "username": author.username}


def _approval(label: str, value: int, old: int | None) -> Json:
    approval = {"type": label, "description": label, "value": str(value)}
    return approval if old is None else approval | {"oldValue": str(old)}


def _only_set(**fields: Any) -> Json:
    """Without what Gerrit leaves out: null, false, "" and empty lists; 0 is sent."""
    return {key: value for key, value in fields.items() if value or (value == 0 and value is not False)}


def _seconds(world: Registry) -> int:
    return int(world.now().timestamp())

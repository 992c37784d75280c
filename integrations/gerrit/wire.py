"""Gerrit's words become events: lines of `stream-events` (3.10, Documentation/cmd-stream-events.txt) and change rows of
REST (Documentation/rest-api-changes.txt#change-info). Pure.

Any field may be missing on the stream. Decoding is typed: fields nobody asks about are skipped without being built.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from integrations.contract import Malformed
from rules import events as e


class _Change(msgspec.Struct, frozen=True, gc=False):
    number: int | str  # a string on old servers
    project: str = ""
    branch: str = ""
    id: str = ""
    subject: str = ""
    topic: str = ""
    owner: e.Account | None = None
    commitMessage: str = ""  # noqa: N815  Gerrit's spelling
    hashtags: tuple[str, ...] = ()
    createdOn: int | None = None  # noqa: N815
    status: str = "NEW"
    wip: bool = False
    private: bool = False
    cherryPickOfChange: int | None = None  # noqa: N815


class _PatchSet(msgspec.Struct, frozen=True, gc=False):
    number: int | str = 0
    revision: str = ""
    uploader: e.Account | None = None
    author: e.Account | None = None
    kind: str = "REWORK"
    sizeInsertions: int = 0  # noqa: N815
    sizeDeletions: int = 0  # noqa: N815


class _Approval(msgspec.Struct, frozen=True, gc=False):
    type: str
    value: str = "0"
    oldValue: str | None = None  # noqa: N815


class _RefUpdate(msgspec.Struct, frozen=True, gc=False):
    oldRev: str = ""  # noqa: N815
    newRev: str = ""  # noqa: N815
    refName: str = ""  # noqa: N815
    project: str = ""


class _Line(msgspec.Struct, frozen=True, gc=False):
    type: str
    eventCreatedOn: int = 0  # noqa: N815
    change: _Change | None = None
    patchSet: _PatchSet | None = None  # noqa: N815
    uploader: e.Account | None = None
    author: e.Account | None = None
    reviewer: e.Account | None = None
    adder: e.Account | None = None
    remover: e.Account | None = None
    submitter: e.Account | None = None
    abandoner: e.Account | None = None
    restorer: e.Account | None = None
    changer: e.Account | None = None
    editor: e.Account | None = None
    deleter: e.Account | None = None
    approvals: tuple[_Approval, ...] = ()
    comment: str = ""
    reason: str = ""
    newRev: str = ""  # noqa: N815
    oldTopic: str = ""  # noqa: N815
    added: Any = None
    removed: Any = None
    refUpdate: _RefUpdate | None = None  # noqa: N815
    refUpdates: tuple[_RefUpdate, ...] = ()  # noqa: N815
    projectName: str = ""  # noqa: N815


_decode = msgspec.json.Decoder(_Line).decode


def parse(raw: bytes) -> e.Event | None:
    """One stream line as an event, None for kinds nobody asks about. Raises Malformed."""
    try:
        line = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"not a stream event: {error}") from error
    make = _KINDS.get(line.type)
    if make is None:
        return None
    try:
        return make(line)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed(f"{line.type}: {error}") from error


def is_noise(raw: bytes) -> bool:
    """Whether the line is a `ref-updated` of `refs/changes/*`: more than half of a stream, and says nothing.

    Quotes inside JSON strings are escaped, so both marks can only be keys of the line itself.
    """
    return b'"refName":"refs/changes/' in raw and b'"type":"ref-updated"' in raw


def is_dropped_output(raw: bytes) -> bool:
    """Whether the server says that it threw events away."""
    return b'"type":"dropped-output"' in raw


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _change(line: _Line) -> e.Change:
    change = line.change
    if change is None:
        raise ValueError("has no change")
    return e.Change(
        number=int(change.number),
        repo=change.project,
        branch=change.branch,
        change_id=change.id,
        subject=change.subject,
        message=change.commitMessage,
        topic=change.topic,
        hashtags=change.hashtags,
        owner=change.owner,
        status=change.status,
        wip=change.wip,
        private=change.private,
        created=_at(change.createdOn) if change.createdOn else None,
        cherry_pick_of=change.cherryPickOfChange,
    )


def _patch_set(patch_set: _PatchSet | None) -> e.PatchSet | None:
    if patch_set is None:
        return None
    return e.PatchSet(
        number=int(patch_set.number),
        revision=patch_set.revision,
        uploader=patch_set.uploader,
        author=patch_set.author,
        kind=patch_set.kind,
        size=patch_set.sizeInsertions + abs(patch_set.sizeDeletions),  # negative on servers up to 3.4
    )


def _votes(line: _Line) -> tuple[e.Vote, ...]:
    return tuple(
        e.Vote(label=one.type, value=int(one.value), old=int(one.oldValue) if one.oldValue is not None else None)
        for one in line.approvals
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list) else ()


def _of_change(kind: type[e.ChangeEvent], by: str, **more: Callable[[_Line], Any]) -> Callable[[_Line], e.Event]:
    """A maker of events of one kind; `by` names the line's field that says who did it."""

    def make(line: _Line) -> e.Event:
        return kind(
            at=_at(line.eventCreatedOn),
            change=_change(line),
            by=getattr(line, by),
            patch_set=_patch_set(line.patchSet),
            **{name: read(line) for name, read in more.items()},
        )

    return make


def _reviewer(line: _Line) -> e.Account:
    return line.reviewer or e.Account()


def _ref_updated(line: _Line) -> e.Event | None:
    update = line.refUpdate
    if update is None:
        raise ValueError("has no refUpdate")
    kind = _ref_kind(update.refName)
    if kind is None:
        return None
    return kind(
        at=_at(line.eventCreatedOn),
        repo=update.project,
        ref=update.refName,
        old=update.oldRev,
        new=update.newRev,
        by=line.submitter,
    )


def _ref_kind(ref: str) -> type[e.RefEvent] | None:
    if ref.startswith("refs/tags/"):
        return e.TagPushed
    return e.BranchUpdated if ref.startswith("refs/heads/") else None


_KINDS: dict[str, Callable[[_Line], e.Event | None]] = {
    "patchset-created": _of_change(e.PatchsetCreated, "uploader"),
    "comment-added": _of_change(e.CommentAdded, "author", votes=_votes, text=lambda line: line.comment),
    "reviewer-added": _of_change(e.ReviewerAdded, "adder", reviewer=_reviewer),
    "reviewer-deleted": _of_change(e.ReviewerRemoved, "remover", reviewer=_reviewer),
    "vote-deleted": _of_change(e.VoteRemoved, "remover", reviewer=_reviewer, votes=_votes),
    "change-merged": _of_change(e.ChangeMerged, "submitter", tip=lambda line: line.newRev),
    "change-abandoned": _of_change(e.ChangeAbandoned, "abandoner", reason=lambda line: line.reason),
    "change-restored": _of_change(e.ChangeRestored, "restorer", reason=lambda line: line.reason),
    "change-deleted": _of_change(e.ChangeDeleted, "deleter"),
    "wip-state-changed": _of_change(e.WipChanged, "changer"),
    "private-state-changed": _of_change(e.PrivateChanged, "changer"),
    "topic-changed": _of_change(e.TopicChanged, "changer", old_topic=lambda line: line.oldTopic),
    "hashtags-changed": _of_change(
        e.HashtagsChanged,
        "editor",
        added=lambda line: _words(line.added),
        removed=lambda line: _words(line.removed),
    ),
    "ref-updated": _ref_updated,
    "project-created": lambda line: e.ProjectCreated(at=_at(line.eventCreatedOn), repo=line.projectName),
    "dropped-output": lambda line: e.EventsDropped(at=_at(line.eventCreatedOn)),
}
"""By `type`. Not among them, because nobody asks: custom-keyed-values-changed, project-head-updated, batch-ref-updated
(off by default, sent beside single ones), plugins' own types."""

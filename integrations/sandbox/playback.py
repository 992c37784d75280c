"""Plays recorded review history into the stand-in Gerrit, one recorded event per step.

The people and changes come as they are needed; numbers, Change-Ids, SHAs, subjects and files stay as recorded, times
are the stand-in's now. The stand-in tells its own lines for what is done. What no longer fits the world (a change that
was merged differently meanwhile) is skipped and counted.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from integrations.sandbox.gerrit.records import Author, FileChange, Label, PatchSet, Refusal, Vote
from integrations.sandbox.gerrit.registry import CODE_REVIEW
from integrations.sandbox.gerrit.reviewers import ReviewerAsk
from integrations.sandbox.gerrit.state import Review, State

Json = Mapping[str, Any]
RECORDINGS = Path(__file__).with_name("recordings")
_STATUS = {"ADDED": "A", "MODIFIED": "M", "DELETED": "D", "RENAMED": "R", "COPIED": "C", "REWRITE": "W"}
_RANGES = {"Verified": (-1, 1)}  # the other labels: as far as the recording goes, at least 0..1


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a `.jsonl` or `.jsonl.gz` file."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    for line in text.splitlines():
        yield json.loads(line)


class Playback:
    """`step` applies the next recorded event; `skipped` counts, by reason, what could not be applied."""

    def __init__(self, state: State, events: Iterable[Json], files: Iterable[Json]) -> None:
        self._state = state
        self._left = deque(events)
        self._files = {(one["number"], one["patchSet"]): _files(one) for one in files}
        self._asked: dict[tuple[int, int], list[str]] = {}  # reviewers of a push still to come, by change and patch set
        self._labels = _labels(self._left)
        self.applied: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    @property
    def left(self) -> int:
        """How many recorded events are still to come."""
        return len(self._left)

    def step(self) -> bool:
        """Plays one recorded event; False when there is none left."""
        if not self._left:
            return False
        event = self._left.popleft()
        kind = str(event.get("type"))
        play = _PLAYS.get(kind)
        if play is None:
            return True  # branches move by our own merges
        try:
            with self._state.lock:
                self._moved(event["change"])
                play(self, event)
        except (Refusal, LookupError, TypeError, ValueError, AttributeError) as error:
            reason = str(error) if isinstance(error, Refusal) else type(error).__name__
            self.skipped[f"{kind}: {reason}"] += 1
            return True
        self.applied[kind] += 1
        return True

    # one method for each kind of event

    def _pushed(self, event: Json) -> None:
        change, recorded = event["change"], event["patchSet"]
        number, uploader = change["number"], self._person(event["uploader"])
        known = self._state.changes.get(number)
        if known and recorded["number"] <= known.current.number:
            raise Refusal(409, "patch set is there already")
        self._place(change)
        self._state.push(
            uploader,
            change["project"],
            message=change.get("commitMessage") or f"{change['subject']}\n",
            files=self._files.get((number, recorded["number"]), {}),
            branch=change["branch"],
            change_id=change["id"],
            options=self._options(event, uploader, is_new=known is None),
            author=_author(recorded["author"]),
            revision=recorded["revision"],
            parents=tuple(recorded["parents"]),
            number=number,
            kind=recorded["kind"],
        )
        if known is None and change["owner"] != event["uploader"]:
            self._state.change(number).owner = self._person(change["owner"])

    def _options(self, event: Json, uploader: int, *, is_new: bool) -> list[str]:
        change, patch_set = event["change"], event["patchSet"]
        options = ["wip" if change.get("wip") else "ready", "private" if change.get("private") else "remove-private"]
        if is_new and change.get("topic"):
            options.append(f"topic={change['topic']}")
        options += [f"hashtag={tag}" for tag in change.get("hashtags", ())]
        waiting = self._asked.pop((change["number"], patch_set["number"]), [])
        options += [f"r={who}" for who in waiting]
        return options + self._votes_of_push(event, uploader)

    def _votes_of_push(self, event: Json, uploader: int) -> list[str]:
        """A push with votes is recorded as a `comment-added` without comment right after it."""
        following = self._left[0] if self._left else {}
        same = following.get("patchSet", {}).get("revision") == event["patchSet"]["revision"]
        if following.get("type") != "comment-added" or "comment" in following or not same:
            return []
        if self._person(following["author"]) != uploader:
            return []
        self._left.popleft()
        self.applied["comment-added"] += 1
        return [f"l={label}{value:+d}" for label, value in _votes(following, only_set=True).items() if value]

    def _commented(self, event: Json) -> None:
        number, patch_set = event["change"]["number"], event["patchSet"]["number"]
        author = self._person(event["author"])
        self._align(number, patch_set, author, event)
        votes = _votes(event, only_set=True)
        review = Review(as_recorded=event.get("comment", ""), labels=votes)
        self._state.review(number, author, review, patch_set=patch_set)

    def _align(self, number: int, patch_set: int, author: int, event: Json) -> None:
        """The author's other votes as recorded: that server may have copied them by other rules than ours."""
        change = self._state.change(number)
        before = {one["type"]: int(one.get("oldValue", one["value"])) for one in event.get("approvals", ())}
        for label, value in before.items():
            if change.value(patch_set, author, label) != value:
                change.votes.pop((patch_set, author, label), None)
                if value:
                    change.votes[patch_set, author, label] = Vote(value=value, at=self._state.now())

    def _reviewer_added(self, event: Json) -> None:
        number, patch_set = event["change"]["number"], event["patchSet"]["number"]
        reviewer = event["reviewer"]
        change = self._state.changes.get(number)
        if change is None or change.current.number < patch_set:
            self._person(reviewer)
            self._asked.setdefault((number, patch_set), []).append(_handle(reviewer))
            return
        ask = ReviewerAsk(reviewer=str(self._person(reviewer)))
        self._state.add_reviewer(number, self._person(event["adder"]), ask)

    def _reviewer_deleted(self, event: Json) -> None:
        self._state.remove_reviewer(
            event["change"]["number"], self._person(event["remover"]), self._person(event["reviewer"])
        )

    def _vote_deleted(self, event: Json) -> None:
        number, reviewer = event["change"]["number"], self._person(event["reviewer"])
        for label in _votes(event, only_set=True):
            self._state.remove_vote(number, self._person(event["remover"]), reviewer, label)

    def _merged(self, event: Json) -> None:
        number, recorded = event["change"]["number"], event["patchSet"]
        change = self._state.change(number)
        rebased = None
        if recorded["number"] > change.current.number:
            rebased = self._rebased(event, change.current)
        submitter = self._actor(event, "submitter")
        self._state.merge(number, submitter, new_rev=event["newRev"], rebased=rebased)

    def _rebased(self, event: Json, before: PatchSet) -> PatchSet:
        recorded = event["patchSet"]
        return replace(
            before,
            number=recorded["number"],
            revision=recorded["revision"],
            parents=tuple(recorded["parents"]),
            uploader=self._person(recorded["uploader"]),
            author=_author(recorded["author"]),
            created=self._state.now(),
            kind=recorded["kind"],
            message=event["change"].get("commitMessage", before.message),
            files=self._files.get((event["change"]["number"], recorded["number"]), before.files),
        )

    def _abandoned(self, event: Json) -> None:
        by = self._actor(event, "abandoner")
        self._state.abandon(event["change"]["number"], by, message=event.get("reason", ""))

    def _restored(self, event: Json) -> None:
        by = self._person(event["restorer"])
        self._state.restore(event["change"]["number"], by, message=event.get("reason", ""))

    def _wip(self, event: Json) -> None:
        change = event["change"]
        self._state.set_wip(change["number"], self._person(event["changer"]), bool(change.get("wip")))

    def _private(self, event: Json) -> None:
        change = event["change"]
        self._state.set_private(change["number"], self._person(event["changer"]), bool(change.get("private")))

    def _topic(self, event: Json) -> None:
        number, topic = event["change"]["number"], event["change"].get("topic", "")
        if topic != self._state.change(number).topic:  # else the push with %topic has told it
            self._state.set_topic(number, self._person(event["changer"]), topic)

    def _hashtags(self, event: Json) -> None:
        by = self._person(event["editor"])
        add, remove = event.get("added", ()), event.get("removed", ())
        self._state.set_hashtags(event["change"]["number"], by, add=add, remove=remove)

    def _deleted(self, event: Json) -> None:
        self._state.delete(event["change"]["number"], self._person(event["deleter"]))

    # the world they need

    def _moved(self, recorded: Json) -> None:
        """Of a change moved to another branch there is no event."""
        change = self._state.changes.get(recorded["number"])
        if change and change.branch != recorded["branch"]:
            self._place(recorded)
            change.branch = recorded["branch"]

    def _person(self, recorded: Json) -> int:
        handle = _handle(recorded)
        try:
            return self._state.find_account(handle).account_id
        except Refusal:
            account = self._state.add_account(
                recorded.get("username", ""), name=recorded.get("name", ""), email=recorded.get("email", "")
            )
            return account.account_id

    def _actor(self, event: Json, role: str) -> int | None:
        """Nobody, where the server itself acted."""
        return self._person(event[role]) if role in event else None

    def _place(self, change: Json) -> None:
        """The project with the recorded labels, and the branch."""
        name, branch = change["project"], change["branch"]
        if name not in self._state.projects:
            self._state.add_project(name, labels=self._labels)
        if branch not in self._state.project(name).branches:
            self._state.update_ref(name, f"refs/heads/{branch}", self._state.new_sha(), by=self._state.admin.account_id)


_PLAYS = {
    "patchset-created": Playback._pushed,
    "comment-added": Playback._commented,
    "reviewer-added": Playback._reviewer_added,
    "reviewer-deleted": Playback._reviewer_deleted,
    "vote-deleted": Playback._vote_deleted,
    "change-merged": Playback._merged,
    "change-abandoned": Playback._abandoned,
    "change-restored": Playback._restored,
    "wip-state-changed": Playback._wip,
    "private-state-changed": Playback._private,
    "topic-changed": Playback._topic,
    "hashtags-changed": Playback._hashtags,
    "change-deleted": Playback._deleted,
}


def _handle(recorded: Json) -> str:
    return str(recorded.get("username") or recorded.get("email") or recorded["name"])


def _author(recorded: Json) -> Author:
    return Author(name=recorded.get("name", ""), email=recorded.get("email", ""), username=recorded.get("username", ""))


def _votes(event: Json, *, only_set: bool) -> dict[str, int]:
    """Label → value; `only_set` leaves out the votes this event did not set."""
    approvals = event.get("approvals", ())
    return {one["type"]: int(one["value"]) for one in approvals if "oldValue" in one or not only_set}


def _labels(events: Iterable[Json]) -> list[Label]:
    """All labels the recording names, besides Code-Review."""
    seen: dict[str, tuple[int, int]] = {}
    for event in events:
        for label, value in _votes(event, only_set=False).items():
            low, high = seen.get(label, _RANGES.get(label, (0, 1)))
            seen[label] = (min(low, value), max(high, value))
    return [
        Label(
            name=name,
            values={value: "" if value else "No score" for value in range(low, high + 1)},
            copy_condition="changekind:NO_CODE_CHANGE",
        )
        for name, (low, high) in seen.items()
        if name != CODE_REVIEW.name
    ]


def _files(recorded: Json) -> dict[str, FileChange]:
    return {
        one["path"]: FileChange(
            status=_STATUS.get(one["status"], "M"),
            insertions=one["insertions"],
            deletions=one["deletions"],
            old_path=one.get("oldPath", ""),
            binary=bool(one.get("binary")),
        )
        for one in recorded["files"]
    }

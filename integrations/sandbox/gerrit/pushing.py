"""Patch sets: pushed for review, rebased, or with another message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.sandbox.gerrit import contents, events, votes
from integrations.sandbox.gerrit.notes import Notes
from integrations.sandbox.gerrit.records import Author, Change, FileChange, PatchSet, Refusal

_CHANGE_ID = re.compile(r"^Change-Id: (I[0-9a-f]{40})$", re.MULTILINE)


@dataclass(slots=True)
class PushOptions:
    """What stands after the percent sign of a push."""

    wip: bool | None = None
    private: bool | None = None
    topic: str | None = None
    hashtags: list[str] = field(default_factory=list)
    reviewers: list[tuple[int, str]] = field(default_factory=list)
    votes: dict[str, int] = field(default_factory=dict)


class Pushing(Notes):
    """Changes get their patch sets."""

    def push(
        self,
        by: int,
        project: str,
        *,
        files: contents.Given,
        subject: str = "",
        message: str = "",
        branch: str = "master",
        change_id: str = "",
        options: Sequence[str] = (),
        author: Author | None = None,
        revision: str = "",
        parents: tuple[str, ...] | None = None,
        number: int = 0,
        kind: str = "",
        cherry_pick_of: tuple[int, int] | None = None,
    ) -> Change:
        """One commit for review: a new change, or a new patch set of the open change with this Change-Id. `files` are
        contents (None: deleted), or what is known of them; `author` to `kind` are worked out unless given (recordings
        know them)."""
        with self.lock:
            place = self.project(project)
            if branch not in place.branches:
                raise Refusal(409, f"branch {branch} not found")
            change_id = change_id or f"I{self.new_sha()}"
            known = self.changes.get(number) or self.by_change_id(project, branch, change_id)
            if known and known.status != "NEW":
                raise Refusal(409, f"change {known.number} closed")
            change = known or self._new_change(by, project, branch, change_id, number)
            wanted = self._options(by, change, options)
            change.cherry_pick_of = cherry_pick_of or change.cherry_pick_of
            tip = place.branches[branch]
            above = (tip.tip,) if parents is None else parents
            patch_set = self._patch_set(
                change,
                by,
                message=message or f"{subject}\n\nChange-Id: {change_id}\n",
                parents=above,
                files=contents.compared(place, tip, (*above, "")[0], files),
                author=author,
                revision=revision,
                kind=kind,
            )
            self.changes[change.number] = change
            self._publish(change, patch_set, wanted, by)
            return change

    def cherry_pick(self, number: int, by: int, patch_set: PatchSet, branch: str, message: str) -> Change:
        """The same files for review on another branch."""
        files = {path: file if file.content is None else file.content for path, file in patch_set.files.items()}
        footer = _CHANGE_ID.search(message)
        return self.push(
            by,
            self.change(number).project,
            files=files,
            message=message,
            branch=branch,
            change_id=footer[1] if footer else "",
            cherry_pick_of=(number, patch_set.number),
        )

    def edit_message(self, number: int, by: int, message: str) -> None:
        """A new patch set with the same files."""
        with self.lock:
            change = self._open(number)
            before = change.current
            footer = _CHANGE_ID.search(message)
            if footer is None:
                raise Refusal(409, "missing Change-Id footer")
            if message.strip() == before.message.strip():
                raise Refusal(409, "new and existing commit message are the same")
            again = self._patch_set(change, by, message=message, parents=before.parents, files=before.files)
            self._publish(change, again, PushOptions(), by, about="Commit message was updated.")

    def rebase(self, number: int, by: int) -> None:
        """Onto the newest patch set of the open change below, else onto the branch."""
        with self.lock:
            change = self._open(number)
            before, place = change.current, self.project(change.project)
            below = self._standing_on(change)
            base = below.current.revision if below else place.branches[change.branch].tip
            if base in before.parents:
                raise Refusal(409, "Change is already up to date.")
            for path, file in before.files.items():
                text = contents.found(place, place.branches[change.branch], base, file.old_path or path)[1]
                if file.content is not None and text != file.before:
                    raise Refusal(409, "The change could not be rebased due to a conflict during merge.")
            again = self._patch_set(change, by, message=before.message, parents=(base,), files=before.files)
            self._publish(change, again, PushOptions(), by, about=f"Patch Set {before.number} was rebased")

    def _standing_on(self, change: Change) -> Change | None:
        """The open change one of whose patch sets is the parent."""
        around = (one for one in self.changes.values() if one.status == "NEW" and one.project == change.project)
        parents = set(change.current.parents)
        return next((one for one in around if any(patch.revision in parents for patch in one.patch_sets)), None)

    def _patch_set(
        self,
        change: Change,
        by: int,
        *,
        message: str,
        parents: tuple[str, ...],
        files: Mapping[str, FileChange],
        author: Author | None = None,
        revision: str = "",
        kind: str = "",
    ) -> PatchSet:
        """The next one, and its commit."""
        before = change.patch_sets[-1] if change.patch_sets else None
        patch_set = PatchSet(
            number=before.number + 1 if before else 1,
            revision=revision or self.new_sha(),
            parents=parents,
            uploader=by,
            author=author or (before.author if before else self._author(by)),
            created=self.now(),
            kind=kind or (votes.kind_of(before, message, parents, files) if before else "REWORK"),
            message=message,
            files=files,
        )
        contents.remember(self.project(change.project), patch_set.revision, message, parents, files)
        return patch_set

    def _publish(self, change: Change, patch_set: PatchSet, wanted: PushOptions, by: int, *, about: str = "") -> None:
        """`about`: what the server did itself, in its message."""
        created = not change.patch_sets
        change.patch_sets.append(patch_set)
        carried = votes.copy_votes(self, change)
        was_wip = change.wip
        change.wip = change.wip if wanted.wip is None else wanted.wip
        change.started = not change.wip or (change.started and not created)
        change.private = change.private if wanted.private is None else wanted.private
        change.topic = change.topic if wanted.topic is None else wanted.topic
        change.hashtags = tuple(sorted({*change.hashtags, *wanted.hashtags}))
        added = [
            (who, state)
            for who, state in wanted.reviewers
            if who != change.owner and change.reviewers.get(who) != state
        ]
        for who, state in added:
            change.put_reviewer(who, state, by=by, at=self.now())
        for label, value in wanted.votes.items():
            votes.put_vote(self, change, patch_set.number, by, label, value, "autogenerated:gerrit:newPatchSet")
            self._joins_by_vote(change, by)
        if created and wanted.hashtags:  # takes the place of the upload's message, as in the server
            text, tag = "\n".join(f"Hashtag added: {tag}" for tag in wanted.hashtags), "setHashtag"
        else:
            head = f"Patch Set {patch_set.number}: {about}" if about else _upload_words(patch_set, wanted.votes)
            text, tag = head + carried.text, "newWipPatchSet" if change.wip else "newPatchSet"
        self.say(change, by, text, tag=tag)
        self._attend_after_push(change, carried.lost, added, was_wip, by)
        self.write(change, by, patch_set)
        for who, state in added:
            if state == "REVIEWER":
                self.emit(events.reviewer_added(self, change, who, by))
        self.emit(events.patchset_created(self, change, by))
        if created and wanted.topic:
            self.emit(events.topic_changed(self, change, by, change.topic))
        if wanted.votes:
            self.emit(events.comment_added(self, change, patch_set, by, dict.fromkeys(wanted.votes, 0), None))

    def _attend_after_push(
        self, change: Change, lost: Iterable[int], added: Iterable[tuple[int, str]], was_wip: bool, by: int
    ) -> None:
        if change.wip:
            self.clear_attention(change, by, "Change was marked work in progress")
            return
        self.attend(change, lost, by, "Some votes were not copied to the current patch set")
        if was_wip:
            self.attend(change, self._of_state(change, "REVIEWER"), by, "Change was marked ready for review")
        self.attend(change, (who for who, state in added if state == "REVIEWER"), by, "Reviewer was added")

    def _new_change(self, by: int, project: str, branch: str, change_id: str, number: int) -> Change:
        return Change(
            number=number or max(self.changes, default=0) + 1,
            project=project,
            branch=branch,
            change_id=change_id,
            owner=by,
            created=self.now(),
            updated=self.now(),
        )

    def _author(self, account_id: int) -> Author:
        account = self.accounts[account_id]
        return Author(name=account.name or account.username, email=account.email, username=account.username)

    def _options(self, by: int, change: Change, options: Sequence[str]) -> PushOptions:
        wanted, labels = PushOptions(), self.labels_of(change)
        for option in options:
            name, _, value = option.partition("=")
            if name in ("wip", "ready"):
                wanted.wip = name == "wip"
            elif name in ("private", "remove-private"):
                wanted.private = name == "private"
            elif name == "topic":
                wanted.topic = value
            elif name in ("hashtag", "t"):
                wanted.hashtags.append(value)
            elif name in ("r", "reviewer", "cc"):
                who = self.find_account(value).account_id
                wanted.reviewers.append((who, "CC" if name == "cc" else "REVIEWER"))
            elif name in ("l", "label"):
                label, number = _label_option(value)
                if label not in labels:
                    raise Refusal(400, f'label "{label}" is not a configured label')
                if not self.may_vote(by, change, labels[label], number):
                    raise Refusal(403, f'applying label "{label}": {number} is restricted')
                wanted.votes[label] = number
            elif name not in ("m", "message", "notify", "publish-comments", "no-publish-comments"):
                raise Refusal(400, f'"{option}" is not a valid option')
        return wanted


def _label_option(text: str) -> tuple[str, int]:
    """`Code-Review+2` or `Code-Review` (then +1)."""
    for sign in ("+", "-"):
        label, found, number = text.rpartition(sign)
        if found and number.isdigit():
            return label, int(sign + number)
    return text, 1


def _upload_words(patch_set: PatchSet, votes: Mapping[str, int]) -> str:
    parts = [f"Uploaded patch set {patch_set.number}"]
    parts += [" ".join(f"{label}{value:+d}" for label, value in votes.items())] if votes else []
    if patch_set.kind == "NO_CHANGE":
        same = "same tree, parent tree, and commit message"
        parts.append(f"New patch set was added with {same} as Patch Set {patch_set.number - 1}")
    if patch_set.kind == "NO_CODE_CHANGE":
        parts.append("Commit message was updated")
    if patch_set.kind == "TRIVIAL_REBASE":
        parts.append(f"Patch Set {patch_set.number - 1} was rebased")
    return ": ".join(parts) + "."

"""The life of a change: pushed, ready, merged, abandoned, restored, deleted.

Each method is one update as Gerrit does it: the state is written, then the refs are told, then the event. `by` None is
the server itself (abandoning what is stale, submitting by rule). Rights are judged at the REST door, so people's acts
in a simulation may call these directly.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.sandbox.gerrit import events, votes
from integrations.sandbox.gerrit.records import (
    NO_SHA,
    Author,
    Branch,
    Change,
    FileChange,
    Message,
    PatchSet,
    Refusal,
)
from integrations.sandbox.gerrit.registry import Registry


@dataclass(slots=True)
class PushOptions:
    """What stands after the percent sign of a push."""

    wip: bool | None = None
    private: bool | None = None
    topic: str | None = None
    hashtags: list[str] = field(default_factory=list)
    reviewers: list[tuple[int, str]] = field(default_factory=list)
    votes: dict[str, int] = field(default_factory=dict)


class Lifecycle(Registry):
    """Changes from first push to the end. Every method names its actor `by` (an account id)."""

    def change(self, number: int) -> Change:
        if change := self.changes.get(number):
            return change
        raise Refusal(404, f"Not found: {number}")

    def push(
        self,
        by: int,
        project: str,
        *,
        files: Mapping[str, str | FileChange],
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
        contents, or what is known of them; `author` to `kind` are worked out unless given (recordings know them)."""
        with self.lock:
            place = self.project(project)
            if branch not in place.branches:
                raise Refusal(409, f"branch {branch} not found")
            wanted = self._options(by, project, options)
            change_id = change_id or f"I{self.new_sha()}"
            known = self.changes.get(number) or self.by_change_id(project, branch, change_id)
            if known and known.status != "NEW":
                raise Refusal(409, f"change {known.number} closed")
            change = known or self._new_change(by, project, branch, change_id, number)
            change.cherry_pick_of = cherry_pick_of or change.cherry_pick_of
            text = message or f"{subject}\n\nChange-Id: {change_id}\n"
            changed = _compared(files, place.branches[branch])
            above = (place.branches[branch].tip,) if parents is None else parents
            before = change.patch_sets[-1] if change.patch_sets else None
            patch_set = PatchSet(
                number=before.number + 1 if before else 1,
                revision=revision or self.new_sha(),
                parents=above,
                uploader=by,
                author=author or self._author(by),
                created=self.now(),
                kind=kind or (votes.kind_of(before, text, above, changed) if before else "REWORK"),
                message=text,
                files=changed,
            )
            self.changes[change.number] = change
            self._publish(change, patch_set, wanted, by)
            return change

    def cherry_pick(self, number: int, by: int, patch_set: PatchSet, branch: str, message: str) -> Change:
        """The same files for review on another branch."""
        files = {path: file if file.content is None else file.content for path, file in patch_set.files.items()}
        footer = re.search(r"^Change-Id: (I[0-9a-f]{40})$", message, re.MULTILINE)
        return self.push(
            by,
            self.change(number).project,
            files=files,
            message=message,
            branch=branch,
            change_id=footer[1] if footer else "",
            cherry_pick_of=(number, patch_set.number),
        )

    def related(self, change: Change) -> list[Change]:
        """The chain of changes that stand on each other and are not merged, this one among them, the highest first;
        empty where it stands alone."""
        around = [
            one
            for one in self.changes.values()
            if one.status != "MERGED" and (one.project, one.branch) == (change.project, change.branch)
        ]
        chain, news = {change.number: change}, [change]
        while news:
            revisions = {one.current.revision for one in news}
            parents = {parent for one in news for parent in one.current.parents}
            news = [
                one
                for one in around
                if one.number not in chain
                and (one.current.revision in parents or not revisions.isdisjoint(one.current.parents))
            ]
            chain |= {one.number: one for one in news}
        return [chain[number] for number in sorted(chain, reverse=True)] if len(chain) > 1 else []

    def _publish(self, change: Change, patch_set: PatchSet, wanted: PushOptions, by: int) -> None:
        created = not change.patch_sets
        change.patch_sets.append(patch_set)
        lost = votes.copy_votes(self, change)
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
            votes.put_vote(self, change, patch_set.number, by, label, value, "")
            self._joins_by_vote(change, by)
        if created and wanted.hashtags:  # takes the place of the upload's message, as in the server
            about, tag = "\n".join(f"Hashtag added: {tag}" for tag in wanted.hashtags), "setHashtag"
        else:
            about, tag = _upload_words(patch_set, wanted.votes), "newWipPatchSet" if change.wip else "newPatchSet"
        self.say(change, by, about, tag=tag)
        self._attend_after_push(change, lost, added, was_wip, by)
        self.write(change, by, patch_set)
        for who, state in added:
            if state == "REVIEWER":
                self.emit(events.reviewer_added(self, change, who, by))
        self.emit(events.patchset_created(self, change, by))
        if created and wanted.topic:
            self.emit(events.topic_changed(self, change, by, change.topic))
        if wanted.votes:
            self.emit(events.comment_added(self, change, patch_set, by, dict.fromkeys(wanted.votes, 0), None))

    def _joins_by_vote(self, change: Change, by: int) -> None:
        """Who votes becomes a reviewer; the stream does not tell."""
        if change.reviewers.get(by) != "REVIEWER":
            change.put_reviewer(by, "REVIEWER", by=by, at=self.now())

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

    def abandon(self, number: int, by: int | None, *, message: str = "") -> None:
        with self.lock:
            change = self._open(number)
            change.status = "ABANDONED"
            self.say(change, by, _headed("Abandoned", message), tag="abandon")
            self.clear_attention(change, by, "Change was abandoned")
            self.write(change, by)
            self.emit(events.change_abandoned(self, change, by, message))

    def restore(self, number: int, by: int, *, message: str = "") -> None:
        with self.lock:
            change = self.change(number)
            if change.status != "ABANDONED":
                raise Refusal(409, f"change is {self.status_word(change)}")
            change.status = "NEW"
            self.say(change, by, _headed("Restored", message), tag="restore")
            self.write(change, by)
            self.emit(events.change_restored(self, change, by, message))

    def merge(self, number: int, by: int | None, *, new_rev: str = "", rebased: PatchSet | None = None) -> None:
        """Submits the change and the open ones it stands on. Recordings give `new_rev`, the branch's
        tip afterwards, for each change alone; `rebased` is a patch set the submission itself makes, of which the stream
        tells only `change-merged`."""
        with self.lock:
            change = self._open(number)
            branch = self.project(change.project).branches[change.branch]
            if rebased is not None:
                change.patch_sets.append(rebased)
                votes.copy_votes(self, change)
            landing = [change] if new_rev else self._submission(change)
            straight = landing[0].current.parents[:1] == (branch.tip,)
            tip = new_rev or (change.current.revision if straight else self.new_sha())
            self._land(landing, branch, by)
            if branch.tip != tip:
                self.update_ref(change.project, change.ref, tip, by=by)
            for one in landing:
                self.write(one, by, *([rebased] if rebased is not None and one is change else []))
            for one in landing:
                self.emit(events.change_merged(self, one, by, tip))

    def _land(self, landing: Iterable[Change], branch: Branch, by: int | None) -> None:
        for one in landing:
            one.status, one.submitter, one.submitted = "MERGED", by, self.now()
            self.say(one, by, "Change has been successfully merged", tag="merged")
            self.clear_attention(one, by, "Change was submitted")
            for path, file in one.current.files.items():
                branch.tree.pop(file.old_path, None) if file.status == "R" else None
                if file.status == "D":
                    branch.tree.pop(path, None)
                else:
                    branch.tree[path] = file.content

    def _submission(self, change: Change) -> list[Change]:
        """The change and its open ancestors, the lowest first."""
        by_revision = {
            one.current.revision: one
            for one in self.changes.values()
            if one.status == "NEW" and (one.project, one.branch) == (change.project, change.branch)
        }
        chain = [change]
        while (parent := by_revision.get((*chain[-1].current.parents, "")[0])) and parent not in chain:
            chain.append(parent)
        return chain[::-1]

    def set_wip(self, number: int, by: int, wip: bool, *, message: str = "") -> None:
        with self.lock:
            change = self._open(number)
            if change.wip == wip:
                raise Refusal(409, "change is already work in progress" if wip else "change is not work in progress")
            self.mark_wip(change, by, wip)
            self.say_wip(change, by, message)
            self.write(change, by)
            self.emit(events.wip_state_changed(self, change, by))

    def say_wip(self, change: Change, by: int, message: str) -> None:
        head, tag = (
            ("Set Work In Progress", "setWorkInProgress")
            if change.wip
            else ("Set Ready For Review", "setReadyForReview")
        )
        self.say(change, by, _headed(head, message), tag=tag)

    def mark_wip(self, change: Change, by: int, wip: bool) -> None:
        change.wip = wip
        if wip:
            self.clear_attention(change, by, "Change was marked work in progress")
            return
        change.started = True
        self.attend(change, self._of_state(change, "REVIEWER"), by, "Change was marked ready for review")

    def set_private(self, number: int, by: int, private: bool, *, message: str = "") -> None:
        with self.lock:
            change = self.change(number)
            if change.private == private:
                raise Refusal(409, "change is already private" if private else "change is not private")
            change.private = private
            tag = "setPrivate" if private else "unsetPrivate"
            self.say(change, by, _headed("Set private" if private else "Unset private", message), tag=tag)
            self.write(change, by)
            self.emit(events.private_state_changed(self, change, by))

    def set_topic(self, number: int, by: int, topic: str) -> None:
        """The same topic again is told again."""
        with self.lock:
            change = self.change(number)
            old, change.topic = change.topic, topic
            if old != topic:
                self.say(change, by, _topic_words(old, topic), tag="setTopic")
                self.write(change, by)
            self.emit(events.topic_changed(self, change, by, old))

    def set_hashtags(self, number: int, by: int, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        with self.lock:
            change = self.change(number)
            added = sorted(set(add) - set(change.hashtags))
            removed = sorted(set(remove) & set(change.hashtags))
            if not added and not removed:
                return
            change.hashtags = tuple(sorted((set(change.hashtags) | set(added)) - set(removed)))
            told = [f"Hashtag added: {tag}" for tag in added] + [f"Hashtag removed: {tag}" for tag in removed]
            self.say(change, by, "\n".join(told), tag="setHashtag")
            self.write(change, by)
            self.emit(events.hashtags_changed(self, change, by, added=added, removed=removed))

    def delete(self, number: int, by: int) -> None:
        with self.lock:
            change = self.change(number)
            if change.status == "MERGED":
                raise Refusal(409, "Cannot delete merged change")
            self.emit(events.change_deleted(self, change, by))
            del self.changes[number]

    # what every update does

    def write(self, change: Change, by: int | None, *patch_sets: PatchSet) -> None:
        """A new version of the change's notes: moves `updated` and tells the refs."""
        self._serial += 1
        change.turn, change.updated = self._serial, self.now()
        for patch_set in patch_sets:
            ref = f"{change.ref_base}/{patch_set.number}"
            self._told(change.project, ref, NO_SHA, patch_set.revision, by=by, number=change.number)
        old, change.meta = change.meta, self.new_sha()
        self._told(change.project, f"{change.ref_base}/meta", old, change.meta, by=by, number=change.number)

    def say(self, change: Change, by: int | None, text: str, *, tag: str, patch_set: int = 0) -> Message:
        """A message of the server's own (`tag` is one word then) or of a person (`tag` is whole or empty)."""
        whole = tag if not tag or ":" in tag or "~" in tag else f"autogenerated:gerrit:{tag}"
        message = Message(
            id=self.new_sha(),
            author=by,
            at=self.now(),
            text=text,
            tag=whole,
            patch_set=patch_set or change.current.number,
        )
        change.messages.append(message)
        return message

    def attend(self, change: Change, accounts: Iterable[int], by: int, reason: str) -> None:
        """The automatic way into the attention set: never for service users, never while work is in progress."""
        if change.wip or change.status != "NEW":
            return
        people = [who for who in accounts if not self.is_service(who) and self.accounts[who].active]
        change.attend(people, reason=reason, by=by, at=self.now())

    def clear_attention(self, change: Change, by: int | None, reason: str) -> None:
        change.leave(tuple(change.attention), reason=reason, by=by, at=self.now())

    @staticmethod
    def status_word(change: Change) -> str:
        return change.status.lower()

    def _open(self, number: int) -> Change:
        change = self.change(number)
        if change.status != "NEW":
            raise Refusal(409, f"change is {self.status_word(change)}")
        return change

    def _of_state(self, change: Change, state: str) -> list[int]:
        return [who for who, theirs in change.reviewers.items() if theirs == state and who != change.owner]

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

    def by_change_id(self, project: str, branch: str, change_id: str) -> Change | None:
        wanted = (project, branch, change_id)
        same = (one for one in self.changes.values() if (one.project, one.branch, one.change_id) == wanted)
        return next(same, None)

    def _author(self, account_id: int) -> Author:
        account = self.accounts[account_id]
        return Author(name=account.name or account.username, email=account.email, username=account.username)

    def _options(self, by: int, project: str, options: Sequence[str]) -> PushOptions:
        wanted = PushOptions()
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
                if label not in self.projects[project].labels:
                    raise Refusal(400, f"label: {label} not found")
                if not self.may_vote(by, self.projects[project].labels[label]):
                    raise Refusal(403, f'Applying label "{label}": {number} is restricted')
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
    if patch_set.kind == "NO_CODE_CHANGE":
        parts.append("Commit message was updated")
    if patch_set.kind == "TRIVIAL_REBASE":
        parts.append(f"Patch Set {patch_set.number - 1} was rebased")
    return ": ".join(parts) + "."


def _topic_words(old: str, new: str) -> str:
    if old and new:
        return f"Topic changed from {old} to {new}"
    return f"Topic set to {new}" if new else f"Topic {old} removed"


def _headed(head: str, text: str) -> str:
    return f"{head}\n\n{text}" if text else head


def _compared(files: Mapping[str, str | FileChange], branch: Branch) -> dict[str, FileChange]:
    """What a commit on top of `branch` changes; what stands there already is no change."""
    changed = {}
    for path, file in files.items():
        if isinstance(file, FileChange):
            changed[path] = file
        elif path not in branch.tree:
            changed[path] = FileChange(status="A", insertions=len(file.splitlines()), content=file)
        elif branch.tree[path] != file:
            added, removed = _diffstat(branch.tree[path] or "", file)
            changed[path] = FileChange(insertions=added, deletions=removed, content=file, before=branch.tree[path])
    return changed


def _diffstat(old: str, new: str) -> tuple[int, int]:
    left, right = old.splitlines(), new.splitlines()
    blocks = difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    return len(right) - same, len(left) - same

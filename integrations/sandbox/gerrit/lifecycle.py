"""The life of a change: pushed, ready, merged, abandoned, restored, deleted.

Each method is one update as Gerrit does it: the state is written, then the refs are told, then the event. `by` None is
the server itself (abandoning what is stale, submitting by rule). Rights are judged at the REST door, so people's acts
in a simulation may call these directly.
"""

from __future__ import annotations

from collections.abc import Iterable

from integrations.sandbox.gerrit import contents, events, votes
from integrations.sandbox.gerrit.pushing import Pushing
from integrations.sandbox.gerrit.records import Branch, Change, PatchSet, Refusal


class Lifecycle(Pushing):
    """Changes from first push to the end. Every method names its actor `by` (an account id)."""

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
            place = self.project(change.project)
            branch = place.branches[change.branch]
            if rebased is not None:
                change.patch_sets.append(rebased)
                votes.copy_votes(self, change)
            landing = [change] if new_rev else self._submission(change)
            straight = landing[0].current.parents[:1] == (branch.tip,)
            tip = new_rev or (change.current.revision if straight else self.new_sha())
            self._land(landing, branch, by)
            if branch.tip != tip and tip not in place.commits:
                files = {path: file for one in landing for path, file in one.current.files.items()}
                message = f"Merge {change.subject}\n"
                contents.remember(place, tip, message, (branch.tip, change.current.revision), files)
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
            contents.landed(branch, one.current.files)

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


def _topic_words(old: str, new: str) -> str:
    if old and new:
        return f"Topic changed from {old} to {new}"
    return f"Topic set to {new}" if new else f"Topic {old} removed"


def _headed(head: str, text: str) -> str:
    return f"{head}\n\n{text}" if text else head

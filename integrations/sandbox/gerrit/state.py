"""The stand-in's world: what people say and vote on changes, who reviews them, whose turn it is.

`State` is the whole of it (people and projects from `registry`, the life of changes from `lifecycle`). Each method is
one update of Gerrit and tells the stream its lines; `by` is the account that acts. It knows no rights beyond labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from integrations.sandbox.gerrit import events, votes
from integrations.sandbox.gerrit.records import Change, Comment, Message, PatchSet, Refusal
from integrations.sandbox.gerrit.reviewers import ReviewerAsk, ReviewerDone, Reviewers

PATCH_SET_LEVEL = "/PATCHSET_LEVEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One comment on a file, or on the patch set (path /PATCHSET_LEVEL)."""

    path: str
    text: str
    line: int = 0
    unresolved: bool = False
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One ReviewInput, as far as it changes something."""

    message: str = ""
    tag: str = ""
    labels: Mapping[str, int] | None = None
    comments: Sequence[Said] = ()
    reviewers: Sequence[ReviewerAsk] = ()
    wip: bool | None = None
    attend: Sequence[tuple[str, str]] = ()  # who, reason
    leave: Sequence[tuple[str, str]] = ()
    own_attention_only: bool = False  # ignore_automatic_attention_set_rules
    as_recorded: str = ""  # a recording's text, taken for message and event as it is


class State(Reviewers):
    """The stand-in's world."""

    # reviews

    def review(self, number: int, by: int, review: Review, *, patch_set: int = 0) -> list[ReviewerDone]:
        """One ReviewInput on a patch set (0: the current one). All is judged first: refused means nothing done."""
        with self.lock:
            change = self.change(number)
            patch = _patch_set(change, patch_set)
            wanted = self._permitted(change, by, patch, review)
            asked = self._all_resolved(change, review.reviewers)
            self._all_there(change, asked)
            attend, leave = self._attention_asked(change, review, asked)
            flips = review.wip is not None and review.wip != change.wip
            old = self._transitions(change, by, patch, wanted)
            if flips:
                self.mark_wip(change, by, bool(review.wip))
            copied = [
                votes.put_vote(self, change, patch.number, by, label, wanted[label], review.tag)
                for label in sorted(old)
            ]
            message = self._spoken(change, by, patch, review, old, wanted, votes.follow_ups(copied))
            if flips and message is None:
                self.say_wip(change, by, "")
            joining = [(ask, who) for ask, who in asked if ask.state != "REMOVED"]
            done = [ReviewerDone(ask=ask, accounts=self._put(change, by, ask.state, who)) for ask, who in joining]
            if message or old:
                self._joins(change, by, voted=bool(old))
            self._turns(change, by, review, attend, leave, negative=any(wanted[label] < 0 for label in old))
            if message or flips or attend or leave or any(one.accounts for one in done):
                self.write(change, by)
            self._tell(change, by, patch, flips, message, old, review)
            going = [(ask, who) for ask, who in asked if ask.state == "REMOVED"]
            gone = [self._removed(change, by, ask, who, silently=message is not None) for ask, who in going]
            self._tell_added(change, by, [(one.ask.state, who) for one in done for who in one.accounts])
            return done + gone

    def _tell(
        self,
        change: Change,
        by: int,
        patch: PatchSet,
        flips: bool,
        message: Message | None,
        old: Mapping[str, int],
        review: Review,
    ) -> None:
        if flips:
            self.emit(events.wip_state_changed(self, change, by))
        if message:
            voting = change.status == "NEW" or bool(review.labels)
            self.emit(events.comment_added(self, change, patch, by, old, _event_text(message, review), voting=voting))

    def _permitted(self, change: Change, by: int, patch: PatchSet, review: Review) -> dict[str, int]:
        """The votes that count: unknown labels and values are silently dropped, forbidden ones refuse the whole."""
        labels = self.labels_of(change)
        wanted = {
            name: value
            for name, value in (review.labels or {}).items()
            if name in labels and value in labels[name].values
        }
        if wanted and change.status == "ABANDONED":
            raise Refusal(409, "change is closed")
        for name, value in wanted.items():
            if value and not self.may_vote(by, change, labels[name], value):
                raise Refusal(403, f'Applying label "{name}": {value} is restricted')
            if change.status == "MERGED":
                if not labels[name].allow_post_submit:
                    raise Refusal(409, f"Voting on labels disallowed after submit: {name}")
                if value < change.value(patch.number, by, name):
                    raise Refusal(409, f"Cannot reduce vote on labels for closed change: {name}")
        return wanted

    def _transitions(self, change: Change, by: int, patch: PatchSet, wanted: Mapping[str, int]) -> dict[str, int]:
        """Labels this review sets, with the value before; a vote that was only copied is set anew."""
        old = {}
        for label, value in wanted.items():
            vote = change.votes.get((patch.number, by, label))
            before = vote.value if vote else 0
            if value != before or (vote is not None and vote.copied):
                old[label] = before
        return old

    def _attention_asked(
        self, change: Change, review: Review, asked: Iterable[tuple[ReviewerAsk, tuple[int, ...]]]
    ) -> tuple[dict[int, str], dict[int, str]]:
        joining = {who for ask, accounts in asked if ask.state != "REMOVED" for who in accounts}
        attend = {self._attentive(change, who, joining): reason for who, reason in review.attend}
        leave = {self.find_account(who).account_id: reason for who, reason in review.leave}
        return attend, leave

    def _attentive(self, change: Change, text: str, joining: Iterable[int] = ()) -> int:
        account_id = self.find_account(text).account_id
        if self.is_service(account_id):
            raise Refusal(400, f"{text} is a robot, and robots can't be added to the attention set.")
        involved = {change.owner, change.current.uploader, *change.reviewers, *joining}
        if account_id not in involved:
            raise Refusal(
                400,
                f"{text} doesn't exist or is not active on the change as an owner, uploader, "
                "reviewer, or cc so they can't be added to the attention set",
            )
        return account_id

    def _spoken(
        self,
        change: Change,
        by: int,
        patch: PatchSet,
        review: Review,
        old: Mapping[str, int],
        wanted: Mapping[str, int],
        copied: str,
    ) -> Message | None:
        text = review.message.strip()
        if not (text or old or review.comments or review.as_recorded):
            return None
        heads = sorted(votes.shown(label, wanted[label]) for label in old)
        count = len(review.comments)
        counted = [f"({count} comment{'s' if count > 1 else ''})"] if count else []
        head = " ".join([f"Patch Set {patch.number}:", *heads]) + copied
        whole = review.as_recorded or "\n\n".join([head, *counted, *([text] if text else [])])
        message = self.say(change, by, whole, tag=review.tag, patch_set=patch.number)
        tied_to = _tied_to(change, message)
        for comment in review.comments:
            change.comments.append(
                Comment(
                    id=self.new_sha(),
                    path=comment.path,
                    author=by,
                    at=message.at,
                    text=comment.text,
                    patch_set=patch.number,
                    message_id=tied_to,
                    tag=review.tag,
                    unresolved=comment.unresolved,
                    line=comment.line,
                    in_reply_to=comment.in_reply_to,
                )
            )
        return message

    def _joins(self, change: Change, by: int, *, voted: bool) -> None:
        """Who votes becomes a reviewer, who only speaks a CC; neither is told."""
        if voted:
            self._joins_by_vote(change, by)
        elif by != change.owner and by not in change.reviewers:
            change.put_reviewer(by, "CC", by=by, at=self.now())

    def _turns(
        self,
        change: Change,
        by: int,
        review: Review,
        attend: Mapping[int, str],
        leave: Mapping[int, str],
        *,
        negative: bool,
    ) -> None:
        now = self.now()
        if not review.own_attention_only:
            self._turn_by_rule(change, by, set(attend) | set(leave), negative)
        for who, reason in leave.items():
            change.leave([who], reason=reason, by=by, at=now)
        for who, reason in attend.items():
            change.attend([who], reason=reason, by=by, at=now)

    def _turn_by_rule(self, change: Change, by: int, told: set[int], negative: bool) -> None:
        theirs = {change.owner, change.current.uploader} - {by} - told
        if self.is_service(by):
            if negative:
                self.attend(change, theirs, by, "A robot voted negatively on a label")
            return
        reason = f"<GERRIT_ACCOUNT_{by}> replied on the change"
        change.leave({by} - told, reason="removed on reply", by=by, at=self.now())
        if by != change.owner:
            self.attend(change, theirs, by, reason)

    # attention

    def add_attention(self, number: int, by: int, user: str, reason: str) -> int:
        with self.lock:
            change = self.change(number)
            account_id = self._attentive(change, user)
            if account_id not in change.attention:
                change.attend([account_id], reason=reason, by=by, at=self.now())
                self.write(change, by)
            return account_id

    def remove_attention(self, number: int, by: int, account_id: int, reason: str) -> None:
        with self.lock:
            change = self.change(number)
            if account_id in change.attention:
                change.leave([account_id], reason=reason, by=by, at=self.now())
                self.write(change, by)


def _patch_set(change: Change, number: int) -> PatchSet:
    if number == 0:
        return change.current
    for patch_set in change.patch_sets:
        if patch_set.number == number:
            return patch_set
    raise Refusal(404, f"Not found: {number}")


def _tied_to(change: Change, message: Message) -> str:
    """The message that a message's comments are said to belong to: the first of the same author and second."""
    return next(one.id for one in change.messages if (one.author, one.at) == (message.author, message.at))


def _event_text(message: Message, review: Review) -> str:
    """With a patch-set-level comment, votes and counts vanish from the event's text."""
    level = [comment.text for comment in review.comments if comment.path == PATCH_SET_LEVEL]
    if not level or review.as_recorded:
        return message.text
    return "\n\n".join([f"Patch Set {message.patch_set}:", *level])

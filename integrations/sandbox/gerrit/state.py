"""The stand-in's world: what people say and vote on changes, who reviews them, whose turn it is.

`State` is the whole of it (people and projects from `registry`, the life of changes from `lifecycle`). Each method is
one update of Gerrit and tells the stream its lines; `by` is the account that acts. It knows no rights beyond labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from integrations.sandbox.gerrit import events, votes
from integrations.sandbox.gerrit.lifecycle import Lifecycle
from integrations.sandbox.gerrit.records import Change, Comment, Message, PatchSet, Refusal

MOST_WITHOUT_CONFIRMATION = 10  # addreviewer.maxWithoutConfirmation
MOST_AT_ONCE = 20  # addreviewer.maxAllowed
PATCH_SET_LEVEL = "/PATCHSET_LEVEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerAsk:
    """One ReviewerInput."""

    reviewer: str  # id, user name, address, or a group
    state: str = "REVIEWER"  # CC, REMOVED
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerDone:
    """What became of it: the accounts this call really changed."""

    ask: ReviewerAsk
    accounts: tuple[int, ...]


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


class State(Lifecycle):
    """The stand-in's world. `names_last_reviewer` shows the server's race: when one update adds several reviewers,
    all `reviewer-added` lines name the last of them."""

    names_last_reviewer = False

    # reviewers

    def add_reviewer(self, number: int, by: int, ask: ReviewerAsk) -> ReviewerDone:
        """Idempotent; a bad reviewer is refused with 400 and JSON."""
        with self.lock:
            change = self.change(number)
            accounts = self._resolved(change, ask)
            if ask.state == "REMOVED":
                return self._removed(change, by, ask, accounts)
            new = self._put(change, by, ask.state, accounts)
            if new:
                self.write(change, by)
                self._tell_added(change, by, [(ask.state, who) for who in new])
            return ReviewerDone(ask=ask, accounts=new)

    def remove_reviewer(self, number: int, by: int, account_id: int, *, silently: bool = False) -> None:
        """`silently`: a review's message stands for it already."""
        with self.lock:
            change = self.change(number)
            state = change.reviewers.get(account_id)
            if state is None:
                raise Refusal(404, f"Not found: {account_id}")
            lost = self._values(change, account_id)
            text = f"Removed {'cc' if state == 'CC' else 'reviewer'} <GERRIT_ACCOUNT_{account_id}>"
            listed = "".join(f"* {label}{value:+d} by <GERRIT_ACCOUNT_{account_id}>\n" for label, value in lost.items())
            text += f" with the following votes:\n\n{listed}" if lost else "."
            change.put_reviewer(account_id, "REMOVED", by=by, at=self.now())
            change.leave([account_id], reason="Reviewer/Cc was removed", by=by, at=self.now())
            if not silently:
                self.say(change, by, text, tag="deleteReviewer")
            self.write(change, by)
            self.emit(events.reviewer_deleted(self, change, account_id, by, lost, text))

    def remove_vote(self, number: int, by: int, account_id: int, label: str) -> None:
        with self.lock:
            change = self.change(number)
            value = change.value(change.current.number, account_id, label)
            if not value:
                raise Refusal(404, f"Not found: {label}")
            votes.put_vote(self, change, change.current.number, account_id, label, 0, "")
            message = self.say(
                change, by, f"Removed {label}{value:+d} by <GERRIT_ACCOUNT_{account_id}>\n", tag="deleteVote"
            )
            self.write(change, by)
            self.emit(events.vote_deleted(self, change, account_id, by, label, value, message))

    def _put(self, change: Change, by: int, state: str, accounts: Iterable[int]) -> tuple[int, ...]:
        """Who of them is new in this state. Who is a reviewer already stays one when added again or as owner."""
        new = tuple(who for who in accounts if who != change.owner and change.reviewers.get(who) != state)
        for who in new:
            change.put_reviewer(who, state, by=by, at=self.now())
        if state == "REVIEWER":
            self.attend(change, new, by, "Reviewer was added")
        return new

    def _tell_added(self, change: Change, by: int, added: Sequence[tuple[str, int]]) -> None:
        reviewers = [who for state, who in added if state == "REVIEWER"]
        for who in reviewers:
            named = reviewers[-1] if self.names_last_reviewer else who
            self.emit(events.reviewer_added(self, change, named, by))

    def _resolved(self, change: Change, ask: ReviewerAsk) -> tuple[int, ...]:
        try:
            account = self.find_account(ask.reviewer)
        except Refusal as refusal:
            return self._resolved_group(change, ask, refusal)
        if not account.active:
            raise _bad_reviewer(ask, f"Account '{ask.reviewer}' is inactive and can not be added as a reviewer")
        return (account.account_id,)

    def _resolved_group(self, change: Change, ask: ReviewerAsk, unknown: Refusal) -> tuple[int, ...]:
        try:
            group = self.group(ask.reviewer)
        except Refusal as error:
            text = f"{unknown.message}\n{ask.reviewer} does not identify a registered user or group"
            raise _bad_reviewer(ask, text) from error
        people = tuple(sorted(who for who in group.members if who != change.owner and self.accounts[who].active))
        if len(people) > MOST_AT_ONCE:
            raise _bad_reviewer(ask, f"The group {group.name} has too many members to add them all as reviewers.")
        if len(people) > MOST_WITHOUT_CONFIRMATION and not ask.confirmed:
            text = f"The group {group.name} has {len(people)} members. Do you want to add them all as reviewers?"
            raise _bad_reviewer(ask, text, confirm=True)
        return people

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
            for label in old:
                votes.put_vote(self, change, patch.number, by, label, wanted[label], review.tag)
            message = self._spoken(change, by, patch, review, old, wanted)
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

    def _removed(
        self, change: Change, by: int, ask: ReviewerAsk, accounts: Iterable[int], *, silently: bool = False
    ) -> ReviewerDone:
        gone = tuple(who for who in accounts if who in change.reviewers)
        for who in gone:
            self.remove_reviewer(change.number, by, who, silently=silently)
        return ReviewerDone(ask=ask, accounts=gone)

    def _all_there(self, change: Change, asked: Iterable[tuple[ReviewerAsk, tuple[int, ...]]]) -> None:
        """Who is to be taken off must be on it."""
        for account_id in (who for ask, accounts in asked if ask.state == "REMOVED" for who in accounts):
            if account_id not in change.reviewers:
                name = self.accounts[account_id].name
                raise Refusal(404, f"Reviewer {name} doesn't exist in the change, hence can't delete it")

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
            if value and not self.may_vote(by, labels[name]):
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

    def _all_resolved(self, change: Change, asks: Iterable[ReviewerAsk]) -> list[tuple[ReviewerAsk, tuple[int, ...]]]:
        found = []
        bad: dict[str, object] = {}
        for ask in asks:
            try:
                found.append((ask, self._resolved(change, ask)))
            except Refusal as refusal:
                bad[ask.reviewer] = refusal.json
        if bad:
            bad |= {ask.reviewer: {"input": ask.reviewer} for ask, _ in found}
            raise Refusal(400, "error adding reviewer", json={"reviewers": bad, "error": "error adding reviewer"})
        return found

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
    ) -> Message | None:
        text = review.message.strip()
        if not (text or old or review.comments or review.as_recorded):
            return None
        heads = [f"{label}{wanted[label]:+d}" if wanted[label] else f"-{label}" for label in sorted(old)]
        count = len(review.comments)
        counted = [f"({count} comment{'s' if count > 1 else ''})"] if count else []
        head = " ".join([f"Patch Set {patch.number}:", *heads])
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

    def _values(self, change: Change, account_id: int) -> dict[str, int]:
        here = change.current.number
        return {key[2]: vote.value for key, vote in change.votes.items() if key[:2] == (here, account_id)}


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


def _bad_reviewer(ask: ReviewerAsk, text: str, *, confirm: bool = False) -> Refusal:
    body: dict[str, object] = {"input": ask.reviewer, "error": text}
    return Refusal(400, text, json=body | ({"confirm": True} if confirm else {}))

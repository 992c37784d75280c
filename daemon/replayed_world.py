"""What a recording has told of its changes so far, as a server would show it: nothing that came later is in it.

Whose turn it is does not stand in a recording. It follows Gerrit's rules for the attention set, in short:

- who is added as reviewer has the change's attention, and loses it by being taken off;
- who replies gives it up, to the owner; the owner gives it to all reviewers;
- a bot gives it to the owner with a negative vote only, and never has it;
- who loses a vote by new content gets it back;
- work in progress, merged or abandoned, nobody has it; ready again, all reviewers have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from daemon.replayed_attention import Attention
from rules.actions import Action, AddReviewer, DrawAttention, RemoveReviewer
from rules.catalogue.follow import person_of
from rules.command_lines import command_lines, listens_to
from rules.events import (
    Account,
    Change,
    ChangeDeleted,
    ChangeEvent,
    CommentAdded,
    PatchSet,
    ReviewerAdded,
    ReviewerRemoved,
    Vote,
    VoteRemoved,
)
from rules.facts import UNKNOWN, Ballot, ChangeFacts, Facts, Message, Need, co_authors
from rules.roster import Person
from rules.verdicts import Settings

Files = Mapping[tuple[int, int], tuple[str, ...]]
"""Touched paths by change and patch set."""


@dataclass(slots=True)
class _Known:
    """What the recording has told of one change so far. Accounts are ids."""

    change: Change
    patch_set: PatchSet | None = None
    gone: bool = False
    reviewers: dict[str, None] = field(default_factory=dict)
    ccs: dict[str, None] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    votes: dict[tuple[str, str], Ballot] = field(default_factory=dict)  # by label and account
    comments: int = 0
    messages: list[Message] = field(default_factory=list)


class ReplayedWorld:
    """Takes in events and what we did ourselves; answers needs."""

    def __init__(self, settings: Settings, files: Files) -> None:
        self._roster = settings.changes.roster
        self._bots = frozenset({*self._roster.bots, settings.ourselves} - {""})
        self._ourselves = settings.ourselves
        self._terms = listens_to(settings.term)
        self._files = files
        self._known: dict[str, _Known] = {}
        self._attention = Attention(self._bots)
        self.without_files: set[tuple[int, int]] = set()  # patch sets whose files were asked for, and none were given

    def knows(self, item: str) -> bool:
        """Whether the recording has told of this change."""
        return item in self._known

    def hear(self, event: ChangeEvent) -> None:
        """What an event tells."""
        item = event.item
        known = self._known.setdefault(item, _Known(change=event.change))
        was_wip, known.change = known.change.wip, event.change
        known.gone = isinstance(event, ChangeDeleted)
        self._see_patch_set(item, known, event)
        if isinstance(event, ReviewerAdded):
            self._added(item, known, self._id(event.reviewer), event.at)
        elif isinstance(event, ReviewerRemoved):
            self._removed(item, known, event)
        elif isinstance(event, VoteRemoved):
            self._vote(known, event.reviewer, event.votes, event.at)
        elif isinstance(event, CommentAdded):
            self._commented(item, known, event)
        if known.gone or event.change.wip or event.change.status != "NEW":
            self._attention.forget(item)
        elif was_wip:
            self._attention.draw(item, self._asked(known), event.at)

    def did(self, actions: Iterable[Action], at: datetime) -> None:
        """What we did ourselves counts as done at once."""
        for action in actions:
            if isinstance(action, AddReviewer) and action.cc:
                self._known[action.item].ccs[action.account] = None
            elif isinstance(action, AddReviewer):
                self._added(action.item, self._known[action.item], action.account, at)
            elif isinstance(action, DrawAttention):
                self._attention.draw(action.item, (action.account,), at)
            elif isinstance(action, RemoveReviewer) and not self._has_voted(action):
                self._take_off(action.item, self._known[action.item], action.account)

    def look(self, need: Need, at: datetime) -> Facts:
        """What the server would have shown at that instant."""
        known = self._known[need.item]
        accounts = {person.key: account_of(person) for person in need.people}
        turns = {key: self._attention.turns(account) for key, account in accounts.items()} if need.turns else None
        change = None if known.gone else self._facts(need, known)
        return Facts(change=change, accounts=accounts, turns=turns, seen=at)

    def _facts(self, need: Need, known: _Known) -> ChangeFacts:
        change, patch_set = known.change, known.patch_set or PatchSet(number=1, revision="")
        owner, attention = change.owner or Account(), self._attention.of(need.item)
        return ChangeFacts(
            repo=change.repo,
            branch=change.branch,
            status=change.status,
            patch_set=patch_set.number,
            revision=patch_set.revision,
            subject=change.subject,
            message=change.message,
            topic=change.topic,
            hashtags=change.hashtags,
            wip=change.wip,
            private=change.private,
            size=patch_set.size,
            created=change.created,
            owner=self._id(owner),
            owner_names=tuple(name for name in (owner.username, owner.email) if name),
            authors=tuple(self._id(one) for one in (patch_set.uploader, patch_set.author, *_co_authors(change)) if one),
            files=self._files_of(change.number, patch_set.number) if need.files else None,
            reviewers=tuple(known.reviewers),
            ccs=tuple(known.ccs),
            removed=dict(known.removed),
            attention=tuple(attention),
            attention_since=dict(attention),
            votes=tuple(known.votes.values()),
            cherry_pick_of=change.cherry_pick_of,
            related=() if need.related else None,
            messages=tuple(known.messages) if need.listen else None,
            lines={} if need.lines_of else None,
        )

    def _has_voted(self, action: RemoveReviewer) -> bool:
        return any(account == action.account for _, account in self._known[action.item].votes)

    def _files_of(self, number: int, patch_set: int) -> tuple[str, ...]:
        if (number, patch_set) not in self._files:
            self.without_files.add((number, patch_set))
        return self._files.get((number, patch_set), ())

    def _see_patch_set(self, item: str, known: _Known, event: ChangeEvent) -> None:
        """The newest counts; new content takes all votes away."""
        before, now = known.patch_set, event.patch_set
        if now is None or (before and now.number < before.number):
            return
        known.patch_set = now
        if before and now.number > before.number and now.kind == "REWORK":
            voters = [ballot.account for ballot in known.votes.values() if ballot.name not in self._bots]
            known.votes.clear()
            self._attention.draw(item, voters, event.at)

    def _added(self, item: str, known: _Known, account: str, at: datetime) -> None:
        known.reviewers[account] = None
        known.ccs.pop(account, None)
        known.removed.pop(account, None)
        if known.change.status == "NEW" and not known.change.wip:
            self._attention.draw(item, (account,), at)

    def _removed(self, item: str, known: _Known, event: ReviewerRemoved) -> None:
        account = self._id(event.reviewer)
        self._take_off(item, known, account)
        by = self._id(event.by) or "the server"
        if by != self._ourselves:
            known.removed[account] = by

    def _take_off(self, item: str, known: _Known, account: str) -> None:
        known.reviewers.pop(account, None)
        known.ccs.pop(account, None)
        self._attention.forgo(item, (account,))
        for key in [key for key in known.votes if key[1] == account]:
            del known.votes[key]

    def _commented(self, item: str, known: _Known, event: CommentAdded) -> None:
        if event.by is None:
            return
        account, owner = self._id(event.by), self._id(known.change.owner)
        current = event.patch_set is None or known.patch_set is None or event.patch_set.number == known.patch_set.number
        if current:
            self._vote(known, event.by, event.votes, event.at)
        if any(vote.value for vote in event.votes):
            known.reviewers[account] = None
            known.ccs.pop(account, None)
        bot = self._is_bot(event.by)
        if not bot:
            self._note(known, event, event.by)
            self._attention.forgo(item, (account,))
        if account == owner:
            self._attention.draw(item, self._asked(known), event.at)
        elif not bot or any(vote.value < 0 and vote.old is not None for vote in event.votes):
            self._attention.draw(item, (owner,), event.at)

    def _note(self, known: _Known, event: CommentAdded, by: Account) -> None:
        """Comments are numbered by the order of the recording, which is the only name they have."""
        known.comments += 1
        if lines := command_lines(event.text, self._terms):
            name = f"{event.change.number}-{known.comments}"
            known.messages.append(Message(id=name, by=by, account=self._id(by), at=event.at, lines=lines))

    def _vote(self, known: _Known, by: Account, votes: Iterable[Vote], at: datetime) -> None:
        account = self._id(by)
        for vote in votes:
            key = (vote.label, account)
            before = known.votes.pop(key, None)
            stands = before and before.value == vote.value and vote.old is None
            if before and stands:
                known.votes[key] = before
            elif vote.value:
                name = by.username or by.email
                known.votes[key] = Ballot(label=vote.label, value=vote.value, account=account, name=name, at=at)

    def _asked(self, known: _Known) -> Iterable[str]:
        """The reviewers; an owner who voted is no reviewer of their own."""
        owner = self._id(known.change.owner)
        return [account for account in known.reviewers if account != owner]

    def _is_bot(self, account: Account) -> bool:
        return not self._bots.isdisjoint((account.username, account.email))

    def _id(self, account: Account | None) -> str:
        """The same for an account of the recording and for the person of the roster it belongs to."""
        if who := person_of(account, self._roster):
            return account_of(self._roster.people[who])
        return (account.username or account.email.lower()) if account else UNKNOWN


def _co_authors(change: Change) -> Iterator[Account]:
    """Those the commit message thanks in git's own way."""
    return (Account(email=address) for address in co_authors(change.message))


def account_of(person: Person) -> str:
    """A person's id in a replay: their username, else their first address."""
    return person.gerrit or (person.emails[0].lower() if person.emails else UNKNOWN)

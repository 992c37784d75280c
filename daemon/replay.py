"""Recorded stream lines through the real deciding code: no journal, no network, the events' own clock.

Accounts exist and may read, a person's id is their username (else e-mail), and what was asked before counts as done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from integrations.contract import Malformed
from rules.actions import AddReviewer
from rules.catalogue.follow import person_of
from rules.engine import decide, needs
from rules.events import (
    Account,
    Change,
    ChangeEvent,
    CommentAdded,
    Event,
    PatchSet,
    ReviewerAdded,
    ReviewerRemoved,
    item_of,
)
from rules.facts import UNKNOWN, ChangeFacts, Facts, Need, co_authors
from rules.roster import Person
from rules.state import Book
from rules.verdicts import Decision, Settings

Files = Mapping[tuple[int, int], tuple[str, ...]]
"""Touched paths by change number and patch set."""


@dataclass(slots=True)
class _Known:
    """What the recording has told of one change so far."""

    patch_set: PatchSet | None = None
    reviewers: dict[str, None] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)


class Replay:
    """Decides event by event. Counts what it could not read."""

    def __init__(self, parse: Callable[[bytes], Event | None], settings: Settings, files: Files) -> None:
        self._parse = parse
        self._settings = settings
        self._files = files
        self._book = Book()
        self._known: dict[int, _Known] = {}
        self.read = 0
        self.malformed = 0
        self.without_files: set[tuple[int, int]] = set()  # patch sets whose files a rule asked for, and none were given

    def run(self, lines: Iterable[bytes]) -> Iterator[Decision]:
        """A decision for each event that a rule looked at, in order."""
        for line in lines:
            self.read += 1
            try:
                event = self._parse(line)
            except Malformed:
                self.malformed += 1
                continue
            if event is None:
                continue
            decision = self._decide(event)
            if decision.looked:
                yield decision

    def _decide(self, event: Event) -> Decision:
        if isinstance(event, ChangeEvent):
            self._remember(event)
        if not self._book.knows(item_of(event)):
            self._book.learn(item_of(event))
        if self._settings.since is None:
            self._settings = replace(self._settings, since=event.at)
        need = needs(event, self._settings, self._book, event.at)
        facts = self._look_enough(need, event) if need and isinstance(event, ChangeEvent) else None
        decision = decide(event, facts, self._settings, self._book, event.at)
        if isinstance(event, ChangeEvent):
            done = (one for one in decision.actions if isinstance(one, AddReviewer) and not one.cc)
            self._known[event.change.number].reviewers.update((one.account, None) for one in done)
        return decision

    def _look_enough(self, need: Need, event: ChangeEvent) -> Facts:
        """What the event's rules need, and those that take the change as it is shown then."""
        facts = self._look(need, event)
        shown = needs(event, self._settings, self._book, event.at, facts)
        if shown is None:
            return facts
        return self._look(replace(shown, files=need.files or shown.files, people=(*need.people, *shown.people)), event)

    def _remember(self, event: ChangeEvent) -> None:
        known = self._known.setdefault(event.change.number, _Known())
        newer = event.patch_set and (known.patch_set is None or event.patch_set.number >= known.patch_set.number)
        if newer:
            known.patch_set = event.patch_set
        if isinstance(event, ReviewerAdded):
            known.reviewers[self._id(event.reviewer)] = None
            known.removed.pop(self._id(event.reviewer), None)
        elif isinstance(event, ReviewerRemoved):
            known.reviewers.pop(self._id(event.reviewer), None)
            by = self._id(event.by) or "the server"
            if by != self._settings.ourselves:
                known.removed[self._id(event.reviewer)] = by
        elif isinstance(event, CommentAdded) and any(vote.value for vote in event.votes):
            known.reviewers[self._id(event.by)] = None

    def _files_of(self, number: int, patch_set: int) -> tuple[str, ...]:
        if (number, patch_set) not in self._files:
            self.without_files.add((number, patch_set))
        return self._files.get((number, patch_set), ())

    def _look(self, need: Need, event: ChangeEvent) -> Facts:
        change, known = event.change, self._known[event.change.number]
        patch_set = known.patch_set or PatchSet(number=1, revision="")
        owner = change.owner or Account()
        facts = ChangeFacts(
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
            removed=dict(known.removed),
        )
        return Facts(change=facts, accounts={p.key: _account_of(p) for p in need.people}, seen=event.at)

    def _id(self, account: Account | None) -> str:
        """The same for an account of the recording and for the person of the roster it belongs to."""
        roster = self._settings.changes.roster
        if who := person_of(account, roster):
            return _account_of(roster.people[who])
        return (account.username or account.email.lower()) if account else UNKNOWN


def _co_authors(change: Change) -> Iterator[Account]:
    """Those the commit message thanks in git's own way."""
    return (Account(email=address) for address in co_authors(change.message))


def _account_of(person: Person) -> str:
    return person.gerrit or (person.emails[0].lower() if person.emails else UNKNOWN)

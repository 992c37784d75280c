"""What the journal knows that matters to a decision: cases, who declined, whose turn it is, what is paused, what
people arranged by commands.

`Book` is that knowledge in memory, owned by the one decider. It is made from the journal and changed only by applying
decisions, so a book built anew from the journal equals the one in use.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rules.arrangements import Arrangement, arranged
from rules.roster import Roster
from rules.signoff.ledger import Entry, Head
from rules.signoff.requests import Problem, Release, Wanted

DAY = timedelta(days=1)
MOST_ITEMS = 50_000
"""Items remembered at once; those without an open case go first and are read again when they come up."""

MOST_TOPICS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One ask that waits for one duty. `person` is "" while it is unrouted. States: open, snoozed, unrouted, closed.

    Its ladder's clock began at `began` and stands still since `paused`; `due` is when something is to be done next.
    """

    item: str
    repo: str
    slot: str
    duty: str
    team: str
    rule: str
    person: str
    role: str
    state: str
    opened: datetime
    observed: bool = False  # decided only, nobody was asked
    as_: str = "reviewer"  # reviewer, cc, or suggest: shown in their inbox, nothing on the server
    times: int = 1  # how often this person was asked for it
    added: bool = False  # by a ladder, beside those asked first: the first of them to act ends it for all
    ladder: str = ""
    began: datetime | None = None
    paused: datetime | None = None
    due: datetime | None = None
    step: int = 0  # steps of the ladder that are done
    because: str = ""  # why it is in this state
    end: str = ""  # how it was closed: a word of ENDS
    topic: str = ""  # of the change, when it was asked
    owner: str = ""  # the account of the change's owner

    @property
    def key(self) -> str:
        """Nobody is asked twice for the same slot of an item."""
        return f"{self.item}/{self.slot}/{self.person}"

    @property
    def waits(self) -> bool:
        """Whether it is still somebody's turn."""
        return self.state in ("open", "snoozed")

    @property
    def counts(self) -> bool:
        """Whether it is a turn that counts for its person's load."""
        return self.waits and not self.observed and self.as_ != "suggest"


ENDS = {
    "acted": "they did something on the item",
    "answered": "somebody else asked for the same did",
    "merged": "the change is merged",
    "abandoned": "the change is abandoned",
    "deleted": "the change is gone",
    "routed": "somebody was found",
    "obsolete": "no rule asks for it any more",
    "agreed": "those who disagreed agree",
    "removed": "a person took them off",
    "refused": "the server will not have them",
    "declined": "they declined",
    "reassigned": "somebody else is asked in their place",
}
"""How a case can be closed."""

FREES = frozenset({"removed", "refused", "declined", "reassigned"})
"""Ends after which the slot is free: somebody else is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A person is not to be asked about this item: `how` is declined, removed, refused (by the server), reassigned."""

    item: str
    person: str
    how: str
    because: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Asking or acting stopped until a person resumes it: for a rule, or for everything (`EVERYTHING`)."""

    scope: str
    because: str
    at: datetime


EVERYTHING = "*"
ACTING = ":acting"
"""Scopes of pauses that are no rule: nobody is asked; nothing is done (`czar pause`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A message whose commands were carried out or refused; `replied`: it was answered."""

    message: str
    item: str
    person: str
    at: datetime
    replied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Where a release request stands: what its patch set asks for, how we vote on it, what we showed last.

    `state` is open, landed (merged) or closed; `value` the vote that is due; `shown` tells the last state comment from
    another, and `published` is the last number of the ledger in one; `due` when it is to be looked at again, because a
    sign-off expires. `judged` are the sources (see `rules.ledger.Entry`) that were looked at once and for all; `asked`
    since when people were asked for a release. `disagrees`: how the vote it is compared with differs from ours;
    `cast_again` when a +1 that did not stand was cast once more, lately.
    """

    item: str
    repo: str
    topic: str = ""
    patch_set: int
    revision: str
    wanted: tuple[Wanted, ...] = ()
    refusals: tuple[Problem, ...] = ()
    value: int = 0
    because: str = ""
    shown: str = ""
    published: int = 0
    state: str = "open"
    due: datetime | None = None
    judged: tuple[str, ...] = ()
    asked: tuple[tuple[Release, datetime], ...] = ()
    disagrees: str = ""
    cast_again: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A tag as it was found, compared with the ledger: `state` is signed, unsigned, mismatch or before (there before
    anybody looked). `sha` is the commit it is on, "" where it is gone.
    """

    release: Release
    state: str
    because: str
    at: datetime
    person: str = ""  # who pushed it, as the server names them


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a decision changes in the book. Entries of the ledger are chained to the book's head already."""

    cases: tuple[Case, ...] = ()
    declined: tuple[Declined, ...] = ()
    pauses: tuple[Pause, ...] = ()
    arrangements: tuple[Arrangement, ...] = ()
    read: tuple[Read, ...] = ()
    ledger: tuple[Entry, ...] = ()
    gates: tuple[Gate, ...] = ()
    audits: tuple[Audit, ...] = ()

    def __add__(self, other: Effects) -> Effects:
        """First these, then the others."""
        return Effects(
            cases=self.cases + other.cases,
            declined=self.declined + other.declined,
            pauses=self.pauses + other.pauses,
            arrangements=self.arrangements + other.arrangements,
            read=self.read + other.read,
            ledger=self.ledger + other.ledger,
            gates=self.gates + other.gates,
            audits=self.audits + other.audits,
        )


@dataclass(slots=True)
class _Item:
    cases: dict[str, Case] = field(default_factory=dict)
    declined: dict[str, Declined] = field(default_factory=dict)
    read: dict[str, Read] = field(default_factory=dict)
    listened: datetime | None = None


class Book:
    """The state a decision is made from."""

    def __init__(self) -> None:
        self._items: dict[str, _Item] = {}
        self._turns: dict[str, set[str]] = {}  # person to items
        self._topics: dict[tuple[str, str], dict[str, Case]] = {}  # (topic, owner) to cases by key, oldest first
        self._replies: deque[tuple[datetime, str]] = deque()  # of the last day: when, to whom
        self._arrangements: dict[str, Arrangement] = {}
        self._arranged: tuple[Roster, Roster] | None = None
        self._last: dict[str, datetime] = {}
        self._asks: dict[str, tuple[datetime, str, str]] = {}  # of the last day, by case: when, rule, person
        self._entries: dict[Release, list[Entry]] = {}
        self._entries_on: dict[str, dict[int, Entry]] = {}  # by item and number
        self._tags: dict[tuple[str, str], dict[Release, None]] = {}  # by repo and version: what `_entries` has
        self._gates: dict[str, Gate] = {}  # by item; the open ones, and others as they come up
        self._audits: dict[tuple[str, str], Audit] = {}  # by repo and version
        self.head = Head()  # the end of the ledger
        self.paused: dict[str, Pause] = {}
        self.resumed: dict[str, datetime] = {}  # by scope: asks before that do not count towards its limit

    def knows(self, item: str) -> bool:
        """Whether what the journal has on the item is in here."""
        return item in self._items

    def learn(
        self, item: str, cases: Iterable[Case] = (), declined: Iterable[Declined] = (), read: Iterable[Read] = ()
    ) -> None:
        """Take in all that the journal has on one item. Its open cases must be counted only once: see `count`."""
        known = self._items.setdefault(item, _Item())
        known.read.update((one.message, one) for one in read)
        known.cases.update((case.key, case) for case in cases)
        known.declined.update((one.person, one) for one in declined)

    def make_room(self) -> None:
        """Forget quiet items where there are too many; to be called before learning, never between."""
        if len(self._items) > MOST_ITEMS:
            self._forget()

    def count(
        self,
        turns: Iterable[tuple[str, str]],
        last: Mapping[str, datetime],
        asks: Iterable[Case],
        replies: Iterable[tuple[datetime, str]] = (),
        topics: Iterable[Case] = (),
        arrangements: Iterable[Arrangement] = (),
    ) -> None:
        """Take in what the journal has on all items: `(person, item)` of open turns, last ask by person; the
        cases asked within the last day and its replies, in order; the newest cases with a topic; what was arranged.
        """
        for person, item in turns:
            self._turns.setdefault(person, set()).add(item)
        self._last.update(last)
        self._asks.update((case.key, (case.opened, case.rule, case.person)) for case in asks)
        self._replies.extend(replies)
        for case in topics:
            self._topics.setdefault((case.topic, case.owner), {})[case.key] = case
        self._arrangements.update((one.key, one) for one in arrangements)
        self._arranged = None

    def learn_ledger(self, releases: Iterable[Release], entries: Iterable[Entry], audits: Iterable[Audit] = ()) -> None:
        """Take in all that the ledger has on these releases, in order, and how their tags were found."""
        fresh = dict.fromkeys(release for release in releases if release not in self._entries)
        for release in fresh:
            self._open(release)
        for entry in entries:
            if entry.release in fresh:
                self._add(entry)
        for audit in audits:
            self._audits[audit.release.repo, audit.release.version] = audit

    def knows_release(self, release: Release) -> bool:
        """Whether what the ledger has on it is in here."""
        return release in self._entries

    def learn_gates(self, gates: Iterable[Gate]) -> None:
        """Take in release requests: all open ones to begin with."""
        self._gates.update((gate.item, gate) for gate in gates)

    def entries(self, release: Release) -> tuple[Entry, ...]:
        """All that the ledger has on a release, oldest first."""
        return tuple(self._entries.get(release, ()))

    def releases(self, repo: str, version: str) -> tuple[Release, ...]:
        """What the ledger has entries on for a tag, whatever the commit, in the order they came up."""
        return tuple(release for release in self._tags.get((repo, version), ()) if self._entries[release])

    def entries_on(self, item: str) -> tuple[Entry, ...]:
        """What was written into the ledger because of an item, about the releases that are known, oldest first."""
        return tuple(entry for _, entry in sorted(self._entries_on.get(item, {}).items()))

    def gate(self, item: str) -> Gate | None:
        """Where a release request stands."""
        return self._gates.get(item)

    def open_gates(self) -> tuple[Gate, ...]:
        """All release requests that are open."""
        return tuple(gate for gate in self._gates.values() if gate.state == "open")

    def audit(self, repo: str, version: str) -> Audit | None:
        """How a tag was found last."""
        return self._audits.get((repo, version))

    def cases(self, item: str) -> tuple[Case, ...]:
        """All cases of an item, oldest first."""
        known = self._items.get(item)
        return tuple(known.cases.values()) if known else ()

    def declined(self, item: str) -> Mapping[str, Declined]:
        """Who is not to be asked about the item, by person."""
        known = self._items.get(item)
        return known.declined if known else {}

    def turns(self, person: str) -> int:
        """How many items wait for this person."""
        return len(self.items_of(person))

    def items_of(self, person: str) -> Set[str]:
        """The items that wait for this person."""
        return self._turns.get(person, frozenset())

    def was_read(self, item: str, message: str) -> bool:
        """Whether a message's commands were carried out already."""
        known = self._items.get(item)
        return known is not None and message in known.read

    def commanded(self, item: str) -> frozenset[tuple[str, datetime]]:
        """Who told us what to do on the item, and when."""
        known = self._items.get(item)
        return frozenset((one.person, one.at) for one in known.read.values()) if known else frozenset()

    def listened(self, item: str) -> datetime | None:
        """Up to when all messages on the item were looked at, as far as this book remembers."""
        known = self._items.get(item)
        return known.listened if known else None

    def has_listened(self, item: str, at: datetime) -> None:
        """All messages up to then were looked at: only spares looking again, decides nothing."""
        known = self._items.setdefault(item, _Item())
        known.listened = max(at, known.listened or at)

    def replies(self, person: str, *, since: datetime) -> int:
        """How often this person was answered since then (at most a day back)."""
        return sum(at > since and one == person for at, one in self._replies)

    def about(self, topic: str, owner: str, *, since: datetime) -> tuple[Case, ...]:
        """The asks about changes of one owner with this topic since then, oldest first."""
        known = self._topics.get((topic, owner), {})
        recent = (case for case in known.values() if case.opened >= since)
        return tuple(sorted(recent, key=lambda case: (case.opened, case.key)))

    @property
    def arrangements(self) -> tuple[Arrangement, ...]:
        """All that was arranged by commands, in the order it was."""
        return tuple(self._arrangements.values())

    def roster(self, roster: Roster) -> Roster:
        """The roster as people have arranged it since."""
        if not self._arrangements:
            return roster
        if self._arranged is None or self._arranged[0] is not roster:
            self._arranged = roster, arranged(roster, self.arrangements)
        return self._arranged[1]

    def last_asked(self, person: str) -> datetime | None:
        """When this person was asked last, about anything."""
        return self._last.get(person)

    def asked(self, *, since: datetime, rule: str | None = None, person: str | None = None) -> int:
        """How many asks since then (at most a day back), of a rule, a person or all."""
        return sum(at > since and rule in (None, r) and person in (None, p) for at, r, p in self._asks.values())

    def apply(self, effects: Effects) -> None:
        """Take over what a decision changed."""
        for case in effects.cases:
            self._put(case)
        for one in effects.declined:
            self._items.setdefault(one.item, _Item()).declined[one.person] = one
        for pause in effects.pauses:
            self.paused[pause.scope] = pause
        for read in effects.read:
            self._items.setdefault(read.item, _Item()).read[read.message] = read
            if read.replied:
                self._replies.append((read.at, read.person))
                while self._replies[0][0] < read.at - DAY:
                    self._replies.popleft()
        for entry in effects.ledger:
            self._add(entry)
            self.head = Head(number=entry.number, hash=entry.hash)
        self.learn_gates(effects.gates)
        self._audits.update(((one.release.repo, one.release.version), one) for one in effects.audits)
        for arrangement in effects.arrangements:
            self._arrangements.pop(arrangement.key, None)
            self._arrangements[arrangement.key] = arrangement
            self._arranged = None

    def _add(self, entry: Entry) -> None:
        self._open(entry.release).append(entry)
        self._entries_on.setdefault(entry.item, {})[entry.number] = entry

    def _open(self, release: Release) -> list[Entry]:
        self._tags.setdefault(release[:2], {}).setdefault(release)
        return self._entries.setdefault(release, [])

    def _put(self, case: Case) -> None:
        cases = self._items.setdefault(case.item, _Item()).cases
        before = cases.get(case.key)
        cases[case.key] = case
        if any(one.person == case.person and one.counts for one in cases.values()):
            self._turns.setdefault(case.person, set()).add(case.item)
        else:
            self._turns.get(case.person, set()).discard(case.item)
        if before and before.topic:
            self._topics.get((before.topic, before.owner), {}).pop(before.key, None)
        if case.topic and case.person and not case.observed:
            self._remember_topic(case)
        asked_anew = before is None or before.observed or before.opened != case.opened  # else it was opened again
        if case.counts and asked_anew:
            self._last[case.person] = max(case.opened, self._last.get(case.person, case.opened))
            self._asks.pop(case.key, None)
            self._asks[case.key] = case.opened, case.rule, case.person
            while (oldest := next(iter(self._asks.items())))[1][0] < case.opened - DAY:
                del self._asks[oldest[0]]

    def _remember_topic(self, case: Case) -> None:
        self._topics.setdefault((case.topic, case.owner), {})[case.key] = case
        if len(self._topics) > MOST_TOPICS:
            for oldest in tuple(self._topics)[: MOST_TOPICS // 2]:
                del self._topics[oldest]

    def _forget(self) -> None:
        quiet = [item for item, known in self._items.items() if not any(case.waits for case in known.cases.values())]
        for item in quiet[: MOST_ITEMS // 2]:
            del self._items[item]


def close(case: Case, end: str, because: str) -> Case:
    """The case, closed; `end` as in Case."""
    return replace(case, state="closed", end=end, because=because, due=None, paused=None)

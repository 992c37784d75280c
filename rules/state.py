"""What the journal knows that matters to a decision: cases, who declined, whose turn it is, what is paused.

`Book` is that knowledge in memory, owned by the one decider. It is made from the journal and changed only by applying
decisions, so a book built anew from the journal equals the one in use.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

DAY = timedelta(days=1)
MOST_ITEMS = 50_000
"""Items remembered at once; those without an open case go first and are read again when they come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One ask that waits for one duty. `person` is "" while it is unrouted. States: open, snoozed, unrouted, closed."""

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
    due: datetime | None = None
    step: int = 0
    because: str = ""  # why it is in this state
    end: str = ""  # how it was closed: acted, merged, abandoned, deleted, removed, refused, routed, obsolete

    @property
    def key(self) -> str:
        """Nobody is asked twice for the same slot of an item."""
        return f"{self.item}/{self.slot}/{self.person}"

    @property
    def waits(self) -> bool:
        """Whether it is still somebody's turn."""
        return self.state in ("open", "snoozed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A person is not to be asked about this item: `how` is declined, removed or refused (by the server)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a decision changes in the book."""

    cases: tuple[Case, ...] = ()
    declined: tuple[Declined, ...] = ()
    pauses: tuple[Pause, ...] = ()


@dataclass(slots=True)
class _Item:
    cases: dict[str, Case] = field(default_factory=dict)
    declined: dict[str, Declined] = field(default_factory=dict)


class Book:
    """The state a decision is made from."""

    def __init__(self) -> None:
        self._items: dict[str, _Item] = {}
        self._turns: Counter[str] = Counter()
        self._last: dict[str, datetime] = {}
        self._asks: deque[tuple[datetime, str, str]] = deque()  # of the last day: when, rule, person
        self.paused: dict[str, Pause] = {}
        self.resumed: dict[str, datetime] = {}  # by scope: asks before that do not count towards its limit

    def knows(self, item: str) -> bool:
        """Whether what the journal has on the item is in here."""
        return item in self._items

    def learn(self, item: str, cases: Iterable[Case] = (), declined: Iterable[Declined] = ()) -> None:
        """Take in all that the journal has on one item. Its open cases must be counted only once: see `count`."""
        known = self._items.setdefault(item, _Item())
        known.cases.update((case.key, case) for case in cases)
        known.declined.update((one.person, one) for one in declined)

    def make_room(self) -> None:
        """Forget quiet items where there are too many; to be called before learning, never between."""
        if len(self._items) > MOST_ITEMS:
            self._forget()

    def count(
        self, turns: Mapping[str, int], last: Mapping[str, datetime], asks: Iterable[tuple[datetime, str, str]]
    ) -> None:
        """Take in the journal's sums: open turns and last ask by person, asks of the last day in order."""
        self._turns.update(turns)
        self._last.update(last)
        self._asks.extend(asks)

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
        return self._turns[person]

    def last_asked(self, person: str) -> datetime | None:
        """When this person was asked last, about anything."""
        return self._last.get(person)

    def asked(self, *, since: datetime, rule: str | None = None, person: str | None = None) -> int:
        """How many asks since then (at most a day back), of a rule, a person or all."""
        return sum(at > since and rule in (None, r) and person in (None, p) for at, r, p in self._asks)

    def apply(self, effects: Effects) -> None:
        """Take over what a decision changed."""
        for case in effects.cases:
            self._put(case)
        for one in effects.declined:
            self._items.setdefault(one.item, _Item()).declined[one.person] = one
        for pause in effects.pauses:
            self.paused[pause.scope] = pause

    def _put(self, case: Case) -> None:
        cases = self._items.setdefault(case.item, _Item()).cases
        before = cases.get(case.key)
        counts = case.waits and not case.observed
        waited = _waits_for(case.person, cases.values())
        cases[case.key] = case
        self._turns[case.person] += _waits_for(case.person, cases.values()) - waited
        asked_anew = before is None or before.observed or before.opened != case.opened  # else it was opened again
        if counts and asked_anew:
            self._last[case.person] = max(case.opened, self._last.get(case.person, case.opened))
            self._asks.append((case.opened, case.rule, case.person))
            while self._asks[0][0] < case.opened - DAY:
                self._asks.popleft()

    def _forget(self) -> None:
        quiet = [item for item, known in self._items.items() if not any(case.waits for case in known.cases.values())]
        for item in quiet[: MOST_ITEMS // 2]:
            del self._items[item]


def _waits_for(person: str, cases: Iterable[Case]) -> bool:
    """Whether an item is this person's turn, however many of its cases are theirs."""
    return any(case.person == person and case.waits and not case.observed for case in cases)


def close(case: Case, end: str, because: str) -> Case:
    """The case, closed; `end` as in Case."""
    return replace(case, state="closed", end=end, because=because, due=None)

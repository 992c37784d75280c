"""What people arranged by commands, laid over the roster: absences, opting out, swaps, delegations.

It lives in the journal, so that nobody has to edit a file to go on holiday; it ends by its own dates or is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from rules.roster import COMMUNITY, Absence, Delegate, Duty, Person, Roster, Swap, Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What people settled by a command, over what the roster says. `kind` is a word of ARRANGEMENTS.

    `first` and `last` are days, both included, open where None. A newer one of the same key takes its place.
    """

    kind: str
    person: str
    other: str = ""  # who covers, swaps or is delegated to
    team: str = ""
    duty: str = ""
    first: date | None = None
    last: date | None = None
    ended: bool = False  # taken back
    at: datetime
    item: str = ""  # where it was said

    @property
    def key(self) -> str:
        """One for each thing that can be arranged on its own."""
        day = self.first.isoformat() if self.first and self.kind in ("away", "swap") else ""
        return "/".join((self.kind, self.person, self.team, self.duty, day))


ARRANGEMENTS = ("away", "back", "optout", "quiet", "swap", "delegate")
"""`back` ends opting out and every absence of that day said before it, also those of the roster."""


def arranged(roster: Roster, arrangements: Iterable[Arrangement]) -> Roster:
    """The roster with everything that is in force laid over it, in the order it was said, whenever it was read."""
    people, duties = dict(roster.people), _Duties(roster)
    for one in sorted(arrangements, key=_order):
        if one.ended:
            continue
        if one.kind == "swap":
            duties.swap(one)
        elif one.kind == "delegate":
            duties.delegate(one)
        elif one.person in people:
            people[one.person] = _changed(people[one.person], one)
    people_now = MappingProxyType(people)
    return replace(roster, people=people_now, community=duties.community(), teams=duties.teams())


def _order(one: Arrangement) -> tuple[datetime, bool, str]:
    """In one message `back` comes first: whoever says there when they are away again means that."""
    return one.at, one.kind != "back", one.key


def quiet(person: str, arrangements: Iterable[Arrangement]) -> bool:
    """Whether they asked to be told as little as possible."""
    return any(one.kind == "quiet" and one.person == person and not one.ended for one in arrangements)


def _changed(person: Person, one: Arrangement) -> Person:
    if one.kind == "optout":
        return replace(person, opt_out=True)
    if one.kind == "away" and one.first and one.last:
        return replace(person, away=(Absence(first=one.first, last=one.last, cover=one.other or None), *person.away))
    if one.kind == "back" and one.first:
        return replace(person, opt_out=False, away=tuple(_cut(person.away, one.first)))
    return person


def _cut(absences: Iterable[Absence], back: date) -> Iterator[Absence]:
    """What is left of absences for somebody who is back on that day: those that begin later."""
    return (away for away in absences if away.first > back or away.last < back)


class _Duties:
    """The duties of teams and community, changed one by one."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._new: dict[str, dict[str, Duty]] = {}

    def swap(self, one: Arrangement) -> None:
        """In every rotation that has both of them; once, also where both of them say so."""
        if not one.first or not one.last:
            return
        left, right = sorted((one.person, one.other))
        swap = Swap(one=left, other=right, first=one.first, last=one.last)
        for team in (COMMUNITY, *self._roster.teams):
            for name, duty in self._of(team).items():
                if duty.rotation and {left, right} <= set(duty.rotation.order) and swap not in duty.rotation.swaps:
                    turned = replace(duty.rotation, swaps=(*duty.rotation.swaps, swap))
                    self._put(team, name, replace(duty, rotation=turned))

    def delegate(self, one: Arrangement) -> None:
        """Somebody holds the duty as well until a day, before all others."""
        if one.team == COMMUNITY or one.team in self._roster.teams:
            duty = self._of(one.team).get(one.duty) or Duty(name=one.duty)
            delegate = Delegate(person=one.other, by=one.person, last=one.last)
            self._put(one.team, one.duty, replace(duty, delegates=(delegate, *duty.delegates)))

    def community(self) -> Mapping[str, Duty]:
        """The duties across teams as they are now."""
        return MappingProxyType(dict(self._of(COMMUNITY)))

    def teams(self) -> Mapping[str, Team]:
        """All teams as they are now."""
        changed = {
            name: replace(self._roster.teams[name], duties=MappingProxyType(duties))
            for name, duties in self._new.items()
            if name != COMMUNITY
        }
        return MappingProxyType({**self._roster.teams, **changed})

    def _of(self, team: str) -> Mapping[str, Duty]:
        known = self._new.get(team)
        if known is not None:
            return known
        return self._roster.community if team == COMMUNITY else self._roster.teams[team].duties

    def _put(self, team: str, name: str, duty: Duty) -> None:
        self._new[team] = {**self._of(team), name: duty}

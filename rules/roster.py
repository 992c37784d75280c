"""Who holds which duty: people, teams, duties, terms, absences; "who, for this team and this duty, at this instant?".

A roster is a value. It is made from `roster.yaml` (`daemon/config`), from governance's `projects.yaml`
(`integrations/governance`) or from both, and carries the revision it was made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

COMMUNITY = "community"
"""The name under which duties across all teams are asked for, e.g. `vmt`, `releases`."""

KNOWN_DUTIES = frozenset(
    {"release", "security", "gate", "bugs", "libs", "docs", "code", "tact-sig", "tc-liaison", "events"}
)
"""Duties of this name may be asked for although no team of the roster has filled them yet."""


def _nothing() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Away from the first to the last day, both included, in the person's own time zone."""

    first: date
    last: date
    cover: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be asked. `gerrit` and `launchpad` are usernames there; `cap` is the most open turns by kind."""

    key: str
    name: str = ""
    gerrit: str | None = None
    launchpad: str | None = None
    emails: tuple[str, ...] = ()
    irc: str | None = None
    tz: str = "UTC"
    country: str = ""  # whose public holidays are theirs, e.g. "FR" or "US-CA"
    weight: float = 1.0
    cap: Mapping[str, int] = field(default_factory=_nothing)
    opt_out: bool = False
    away: tuple[Absence, ...] = ()

    def absence(self, at: datetime) -> Absence | None:
        """The absence that covers this instant, if any."""
        if not self.away:
            return None
        today = local_date(at, self.tz)
        return next((away for away in self.away if away.first <= today <= away.last), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Two people take each other's places from the first to the last day, both included."""

    one: str
    other: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People take turns of `every` days (working days Monday to Friday if `workdays`), beginning on `start`."""

    order: tuple[str, ...]
    every: int = 7
    workdays: bool = False
    start: date
    tz: str = "UTC"
    swaps: tuple[Swap, ...] = ()

    def turn(self, at: datetime) -> int:
        """Index in `order` of the one whose turn it is; the turn changes at midnight in `tz`."""
        today = local_date(at, self.tz)
        days = _workdays_between(self.start, today) if self.workdays else (today - self.start).days
        return (days // self.every) % len(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person for a span of days, both included."""

    person: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long an appointment lasts, both days included; open where None."""

    first: date | None = None
    last: date | None = None
    appointed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Somebody whom the PTL lets hold a duty up to a day, included; `by` is who said so."""

    person: str
    by: str
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One responsibility and those who hold it: an ordered list, a rotation or shifts, and deputies."""

    name: str
    czars: tuple[str, ...] = ()
    rotation: Rotation | None = None
    shifts: tuple[Shift, ...] = ()
    deputies: tuple[str, ...] = ()
    private: bool = False
    term: Term | None = None
    delegates: tuple[Delegate, ...] = ()

    def people(self) -> tuple[str, ...]:
        """All who ever hold it, deputies last, each once."""
        rotating = self.rotation.order if self.rotation else ()
        delegates, shifts = (one.person for one in self.delegates), (shift.person for shift in self.shifts)
        return tuple(dict.fromkeys((*delegates, *self.czars, *rotating, *shifts, *self.deputies)))

    def holders(self, at: datetime) -> tuple[tuple[str, str], ...]:
        """`(person, because)` of the first tier at that instant, best first."""
        return self.delegated(at) + self.appointed(at)

    def delegated(self, at: datetime) -> tuple[tuple[str, str], ...]:
        """Those whom the PTL lets hold it for a while."""
        today = at.astimezone(UTC).date()
        return tuple(
            (one.person, f"stands in for {self.name} until {one.last or 'further notice'}, as {one.by} said")
            for one in self.delegates
            if one.last is None or today <= one.last
        )

    def appointed(self, at: datetime) -> tuple[tuple[str, str], ...]:
        """Those who hold it by the roster, whom its term binds."""
        if self.rotation:
            return tuple(_turns(self.rotation, at))
        if self.shifts:
            today = at.astimezone(UTC).date()
            on = [s for s in self.shifts if s.first <= today <= s.last]
            return tuple((s.person, f"has the shift {s.first} to {s.last}") for s in on)
        return tuple((person, f"is {_nth(n)} in line for {self.name}") for n, person in enumerate(self.czars))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Libraries whose changes a team wants to hear of: repos, paths in them (all if none), names in requirements."""

    repos: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalSay:
    """The PTL is asked when a +2 and a -2 stand against each other for `after`, unless `freeze` fits the change."""

    after: timedelta
    freeze: tuple[str, ...] = ()  # patterns of subjects and hashtags


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A project team: what it owns and who answers for it. `ptl` has two names only in governance files of 2015."""

    name: str
    repos: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    launchpad: tuple[str, ...] = ()
    ptl: tuple[str, ...] = ()
    distributed: bool = False
    duties: Mapping[str, Duty] = field(default_factory=lambda: MappingProxyType({}))
    mode: str | None = None
    self_sign: bool = True
    deliverables: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))  # their repos
    released_elsewhere: tuple[str, ...] = ()  # repos that no release request is made for
    watches: tuple[Watch, ...] = ()
    final_say: FinalSay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One line of the answer to "who?": role is czar, deputy or ptl; `code` is short for why not, "" if available."""

    person: str
    role: str
    available: bool
    because: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """All people and teams as of one revision."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    community: Mapping[str, Duty] = field(default_factory=lambda: MappingProxyType({}))
    bots: frozenset[str] = frozenset()
    revision: str = ""
    other_names: Mapping[tuple[str, str, str], tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By team, duty (or "ptl") and person: what they are called there, where it is not their name alone."""

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """Repo to the name of the team that owns it; the first one named wins where two claim it."""
        found: dict[str, str] = {}
        for team in self.teams.values():
            for repo in team.repos:
                found.setdefault(repo, team.name)
        return MappingProxyType(found)

    @cached_property
    def released_here(self) -> frozenset[str]:
        """The repos of teams that release requests are made for."""
        elsewhere = {repo for team in self.teams.values() for repo in team.released_elsewhere}
        return frozenset(self.owners) - elsewhere

    @cached_property
    def deliverable_teams(self) -> Mapping[str, str]:
        """Deliverable to the name of its team; the first one named wins where two claim it."""
        found: dict[str, str] = {}
        for team in self.teams.values():
            for deliverable in team.deliverables:
                found.setdefault(deliverable, team.name)
        return MappingProxyType(found)

    @cached_property
    def by_gerrit(self) -> Mapping[str, str]:
        """Gerrit username in lower case to person: two that differ in case only cannot be there."""
        return MappingProxyType({p.gerrit.lower(): p.key for p in self.people.values() if p.gerrit})

    @cached_property
    def by_email(self) -> Mapping[str, str]:
        """E-mail address in lower case to person."""
        return MappingProxyType({mail.lower(): p.key for p in self.people.values() for mail in p.emails})

    @cached_property
    def duty_names(self) -> frozenset[str]:
        """Every duty that may be asked for."""
        named = {name for team in self.teams.values() for name in team.duties}
        return frozenset(named | set(self.community) | KNOWN_DUTIES)

    def find_team(self, name: str) -> Team | None:
        """By exact name, else without regard to case, space, `-` and `_` (governance spells names in many ways)."""
        return self.teams.get(name) or self.teams.get(self._folded.get(fold(name), ""))

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return {fold(name): name for name in self.teams}

    def duty(self, team: str, name: str) -> Duty:
        """The duty of a team or of COMMUNITY; one that nobody holds where they have none of this name.

        Raises KeyError for a team that is not in the roster.
        """
        duties = self.community if team == COMMUNITY else self.teams[team].duties
        return duties.get(name) or Duty(name=name)

    def tiers(self, team: str, duty: str, at: datetime) -> Iterator[tuple[str, tuple[Standing, ...]]]:
        """`(role, people)` for czar, deputy and ptl, in the order they are asked; covers stand behind whom they cover.

        Each tier is made when it comes up: mostly the first is enough. `team` may be COMMUNITY, which has no PTL.
        Raises KeyError for a team that is not in the roster.
        """
        owner, held = None if team == COMMUNITY else self.teams[team], self.duty(team, duty)
        delegates = self._stand(held.delegated(at), "czar", None, at)
        yield "czar", (*delegates, *self._stand(held.appointed(at), "czar", _term_ended(held.term, at), at))
        deputies = tuple((person, f"is deputy for {duty}") for person in held.deputies)
        yield "deputy", tuple(self._stand(deputies, "deputy", None, at))
        ptl = owner.ptl if owner and not owner.distributed else ()
        yield "ptl", tuple(self._stand(tuple((person, f"is PTL of {team}") for person in ptl), "ptl", None, at))

    def reachable(self, team: str, duty: str) -> tuple[str, ...]:
        """Everybody whom `tiers` may name at some instant: whose accounts are worth knowing."""
        known = self._reachable.get((team, duty))
        if known is None:
            owner = None if team == COMMUNITY else self.teams[team]
            named = (*self.duty(team, duty).people(), *(owner.ptl if owner else ()))
            aways = (away for key in named if key in self.people for away in self.people[key].away)
            covers = (cover.key for away in aways if (cover := self._cover(away)))
            known = tuple(dict.fromkeys((*named, *covers)))
            self._reachable[team, duty] = known
        return known

    @cached_property
    def _reachable(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {}

    def who(self, team: str, duty: str, at: datetime) -> tuple[Standing, ...]:
        """Everybody who answers for the duty at that instant, in order, each person once, where first available."""
        everyone = (standing for _, people in self.tiers(team, duty, at) for standing in people)
        best: dict[str, Standing] = {}
        for standing in everyone:
            known = best.get(standing.person)
            if known and standing.available and not known.available:
                del best[standing.person]  # a czar whose term ended may still be the PTL
            best.setdefault(standing.person, standing)
        return tuple(best.values())

    def entitled(self, team: str, duty: str, at: datetime) -> tuple[tuple[str, str], ...]:
        """`(person, role)` of all whose word counts for the duty at that instant, available or not; who only covers for
        somebody is not one of them. Roles are delegate, czar, deputy and ptl. Raises KeyError for an unknown team.
        """
        owner, held = None if team == COMMUNITY else self.teams[team], self.duty(team, duty)
        appointed = () if _term_ended(held.term, at) else held.appointed(at)
        tiers = (
            ("delegate", (person for person, _ in held.delegated(at))),
            ("czar", (person for person, _ in appointed)),
            ("deputy", held.deputies),
            ("ptl", owner.ptl if owner and not owner.distributed else ()),
        )
        found: dict[str, str] = {}
        for role, people in tiers:
            for person in people:
                if person in self.people:
                    found.setdefault(person, role)
        return tuple(found.items())

    def _stand(
        self, people: tuple[tuple[str, str], ...], role: str, ended: str | None, at: datetime
    ) -> Iterator[Standing]:
        for key, because in people:
            person = self.people.get(key)
            if ended:
                yield Standing(person=key, role=role, available=False, because=ended, code="term")
            elif person is None:
                because = "is not among the people of the roster"
                yield Standing(person=key, role=role, available=False, because=because, code="unknown")
            elif person.opt_out:
                yield Standing(person=key, role=role, available=False, because="opted out", code="opted-out")
            elif away := person.absence(at):
                because = f"away until {away.last}"
                yield Standing(person=key, role=role, available=False, because=because, code="away")
                if cover := self._cover(away):
                    yield self._covering(away, cover, key, role, at)
            else:
                yield Standing(person=key, role=role, available=True, because=because)

    def _cover(self, away: Absence) -> Person | None:
        """Who covers, named by key or by an address."""
        name = away.cover or ""
        return self.people.get(name) or self.people.get(self.by_email.get(name.lower(), ""))

    def _covering(self, away: Absence, cover: Person, covered: str, role: str, at: datetime) -> Standing:
        gone = cover.absence(at)
        if cover.opt_out:
            return Standing(person=cover.key, role=role, available=False, because="opted out", code="opted-out")
        if gone:
            because = f"away until {gone.last}"
            return Standing(person=cover.key, role=role, available=False, because=because, code="away")
        return Standing(
            person=cover.key, role=role, available=True, because=f"covers {covered}, away until {away.last}"
        )


def local_date(at: datetime, tz: str) -> date:
    """The calendar day at that instant in a time zone by its IANA name."""
    return at.astimezone(ZoneInfo(tz)).date()


def fold(name: str) -> str:
    """A team's name without what people spell differently."""
    return name.casefold().translate(_SPELLING)


_SPELLING = str.maketrans("", "", " -_")


def _turns(rotation: Rotation, at: datetime) -> Iterator[tuple[str, str]]:
    first = rotation.turn(at)
    order = rotation.order[first:] + rotation.order[:first]
    today = local_date(at, rotation.tz)
    places = {person: person for person in order}
    for swap in (one for one in rotation.swaps if one.first <= today <= one.last):
        if swap.one in places and swap.other in places:
            places[swap.one], places[swap.other] = places[swap.other], places[swap.one]
    for n, planned in enumerate(order):
        person = places[planned]
        because = "is on duty now (rotation)" if n == 0 else "follows in the rotation"
        yield person, because if person == planned else f"{because}, having swapped with {planned}"


def _term_ended(term: Term | None, at: datetime) -> str | None:
    today = at.astimezone(UTC).date()
    if term and term.last and today > term.last:
        return f"term ended on {term.last}"
    if term and term.first and today < term.first:
        return f"term begins on {term.first}"
    return None


def _workdays_between(start: date, day: date) -> int:
    """Working days from `start` up to but without `day`; negative before it."""
    if day < start:
        return -_workdays_between(day, start)
    weeks, rest = divmod((day - start).days, 7)
    return weeks * 5 + sum((start + timedelta(days=n)).weekday() < 5 for n in range(rest))


def _nth(n: int) -> str:
    return "first" if n == 0 else "next"

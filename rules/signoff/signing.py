"""Who may sign a release, and where each release of a request stands: plain values from the request, the ledger, the
roster and the terms.

A *bench* are those of one team of whom somebody must sign: the team the file names, the one it named before, and the
owner of the repo, where these differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules.roster import COMMUNITY, Roster
from rules.signoff.ledger import Entry
from rules.signoff.requests import Wanted
from rules.signoff.terms import Held, Terms

DUTY = "release"
LET_OUT = frozenset({"signed", "lapsed", "overridden"})
"""States in which nothing more is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """By what is judged. `accounts` maps people to account ids, as far as they are known."""

    roster: Roster
    terms: Terms
    now: datetime
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Those of a team who may sign, as `(person, role)`. `team` is "" where no team of the roster is meant; `because`
    says what they have to do with it.
    """

    team: str
    people: tuple[tuple[str, str], ...]
    because: str

    def role(self, person: str) -> str:
        """By which role a person sits here, "" if they do not."""
        return next((role for one, role in self.people if one == person), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A bench, and those of it whose word counts; `lacks` is how many more are needed."""

    bench: Bench
    signed: tuple[Entry, ...]
    lacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a release stands: `state` as in CONTRACT, `entry` the act that brought it there, if somebody's did.

    `dead` are sign-offs of people who have lost the right, and `expired` those too old, which the ledger does not say
    yet.
    """

    wanted: Wanted
    state: str
    because: str
    entry: Entry | None = None
    seats: tuple[Seat, ...] = ()
    dead: tuple[Entry, ...] = ()
    expired: tuple[Entry, ...] = ()

    @property
    def is_let_out(self) -> bool:
        """Whether nothing more is needed for it."""
        return self.state in LET_OUT

    @property
    def lacking(self) -> tuple[Bench, ...]:
        """The benches of whom somebody is still to sign."""
        asks = not self.is_let_out and self.state != "vetoed"
        return tuple(seat.bench for seat in self.seats if seat.lacks) if asks else ()


def benches(wanted: Wanted, roster: Roster, terms: Terms, at: datetime) -> tuple[Bench, ...]:
    """Of whom somebody must sign, each team once. A bench may be empty: then nobody can, and it stays shut."""
    owner = roster.owners.get(wanted.release.repo, "")
    named = wanted.team or roster.deliverable_teams.get(wanted.deliverable, "") or owner
    found = {_team(named, roster): "the file is theirs" if wanted.team else f"{wanted.deliverable} is theirs"}
    if wanted.team_before:
        found.setdefault(_team(wanted.team_before, roster), "the file was theirs before this change")
    if owner:
        found.setdefault(owner, f"{wanted.release.repo} is theirs")
    return tuple(_bench(team, because, roster, terms, at) for team, because in found.items())


def _team(name: str, roster: Roster) -> str:
    team = roster.find_team(name)
    return team.name if team else ""


def _bench(team: str, because: str, roster: Roster, terms: Terms, at: datetime) -> Bench:
    people = roster.entitled(team, DUTY, at) if team else ()
    if not people and terms.fallback:
        people = holders(terms.fallback, team, roster, at)
        because = f"{because}, and nobody of {'the team' if team else 'it is in the roster'} can sign"
    return Bench(team=team, people=people, because=because)


def holders(held: Held, team: str, roster: Roster, at: datetime) -> tuple[tuple[str, str], ...]:
    """`(person, duty)` of who holds a duty that the terms name; `team` is the one in question."""
    where = team if held.of == "owner" else held.of
    if where != COMMUNITY and where not in roster.teams:
        return ()
    return tuple((person, held.duty) for person, _ in roster.entitled(where, held.duty, at))


def rights(person: str, wanted: Wanted, law: Law) -> tuple[tuple[str, str], ...]:
    """`(team, role)` by which a person may sign a release now."""
    account = law.accounts.get(person)
    keys = [person, *(key for key, one in law.accounts.items() if account and one == account)]
    sat = benches(wanted, law.roster, law.terms, law.now)
    found = ((bench.team, next(filter(None, map(bench.role, keys)), "")) for bench in sat)
    return tuple((team, role) for team, role in found if role)


def may_override(person: str, team: str, law: Law) -> bool:
    """Whether a person holds the duty that may override and let lapse, for what is of this team."""
    held = law.terms.override
    return held is not None and any(one == person for one, _ in holders(held, team, law.roster, law.now))


def stand(wanted: Wanted, entries: Iterable[Entry], law: Law) -> Stand:
    """Where a release stands by all that the ledger has on it."""
    acts = _Acts(tuple(entries))
    sat = benches(wanted, law.roster, law.terms, law.now)
    expired = tuple(one for one in acts.signed.values() if one.at + law.terms.expires <= law.now)
    alive = [one for one in acts.signed.values() if one not in expired]
    dead = tuple(one for one in alive if not _has_right(one, sat, law))
    void = Stand(wanted=wanted, state="", because="", seats=_empty(sat, law), dead=dead, expired=expired)
    vetoes = [veto for veto in acts.vetoes.values() if any(_sits(veto, bench, law) for bench in sat)]
    over = acts.over
    if vetoes and not (over and over.act == "overridden" and over.number > vetoes[-1].number):
        return replace(void, state="vetoed", because=vetoes[-1].because, entry=vetoes[-1])
    if over:
        return replace(void, state=over.act, because=over.because, entry=over)
    seats = tuple(_seat(bench, [one for one in alive if one not in dead], wanted, law) for bench in sat)
    last = max((one for seat in seats for one in seat.signed), key=lambda one: one.number, default=None)
    if seats and not any(seat.lacks for seat in seats) and last:
        return replace(void, state="signed", because=last.because, entry=last, seats=seats)
    state, because = _waits(acts, seats, dead, expired)
    return replace(void, state=state, because=because, entry=last, seats=seats)


class _Acts:
    """What still stands of everything that was done about a release, by account."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.signed: dict[str, Entry] = {}
        self.vetoes: dict[str, Entry] = {}
        self.over: Entry | None = None  # it was let out without signatures
        self.taken: Entry | None = None  # the last sign-off that went
        for entry in entries:
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        if entry.act == "signed":
            self.vetoes.pop(entry.account, None)
            self.signed[entry.account] = entry
        elif entry.act in ("withdrawn", "expired"):
            self.signed.pop(entry.account, None)
            self.taken = entry
        elif entry.act == "vetoed":
            self.signed.pop(entry.account, None)
            self.vetoes.pop(entry.account, None)
            self.vetoes[entry.account] = entry
        elif entry.act == "unvetoed":
            self.vetoes.pop(entry.account, None)
        else:
            self.over = entry


def _waits(
    acts: _Acts, seats: tuple[Seat, ...], dead: tuple[Entry, ...], expired: tuple[Entry, ...]
) -> tuple[str, str]:
    """It is not let out: since something went, or nobody has said anything yet."""
    if dead:
        return "withdrawn", f"{dead[-1].person} signed and does not hold the right any more"
    if expired:
        return "expired", f"the sign-off of {expired[-1].person} is too old"
    if acts.taken and not any(seat.signed for seat in seats):
        return acts.taken.act, acts.taken.because
    return "waiting", "; ".join(_waits_for(seat) for seat in seats if seat.lacks)


def _waits_for(seat: Seat) -> str:
    whose = seat.bench.team or "no team of the roster"
    if not seat.bench.people:
        return f"nobody can sign for {whose} ({seat.bench.because})"
    people = ", ".join(person for person, _ in seat.bench.people)
    more = f"{seat.lacks} of " if seat.lacks > 1 or seat.signed else ""
    return f"waits for {more}{people} ({whose}: {seat.bench.because})"


def _seat(bench: Bench, alive: list[Entry], wanted: Wanted, law: Law) -> Seat:
    """Each person counts once, whatever accounts they have had."""
    theirs = {one.person: one for one in alive if _counts(one, bench, wanted, law)}
    return Seat(bench=bench, signed=tuple(theirs.values()), lacks=max(0, law.terms.quorum - len(theirs)))


def _empty(sat: tuple[Bench, ...], law: Law) -> tuple[Seat, ...]:
    return tuple(Seat(bench=bench, signed=(), lacks=law.terms.quorum) for bench in sat)


def _has_right(entry: Entry, sat: tuple[Bench, ...], law: Law) -> bool:
    """Still, or, where that is enough, when they signed."""
    return law.terms.rights_at == "signing" or any(_sits(entry, bench, law) for bench in sat)


def _counts(entry: Entry, bench: Bench, wanted: Wanted, law: Law) -> bool:
    """Whether a sign-off is one for this bench; nobody signs their own where that is not wanted."""
    own = entry.own or entry.account == wanted.brought_by
    if own and not may_sign_own(bench.team, law):
        return False
    had = law.terms.rights_at == "signing" and any(name == bench.team for name, _ in entry.rights)
    return had or _sits(entry, bench, law)


def may_sign_own(team: str, law: Law) -> bool:
    """Whether those of a team may sign what their own upload asks for."""
    known = law.roster.teams.get(team)
    return law.terms.self_sign and (known is None or known.self_sign)


def _sits(entry: Entry, bench: Bench, law: Law) -> bool:
    """By the very account, under whatever key; by the person's key only where their account is not known."""
    return any(_is(person, entry, law) for person, _ in bench.people)


def _is(person: str, entry: Entry, law: Law) -> bool:
    account = law.accounts.get(person)
    return account == entry.account if account else person == entry.person


def died(one: Stand) -> Iterator[tuple[str, Entry, str]]:
    """`(act, entry, because)` for what is dead and the ledger does not say yet."""
    for entry in one.dead:
        yield "withdrawn", entry, f"{entry.person} does not hold the right to sign any more"
    for entry in one.expired:
        yield "expired", entry, f"the sign-off of {entry.person} from {entry.at:%Y-%m-%d} is too old"

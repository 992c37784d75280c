"""Whom to ask: who could be, who is passed over and for which reason, and who of the rest is picked.

The candidate table that comes out is what `czar explain` shows: everybody who was considered, in order, with a reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.facts import UNKNOWN, Facts
from rules.roster import COMMUNITY, Duty, Roster, Standing
from rules.routing import Ask
from rules.state import DAY, Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody considered. `code` is "" for who could be asked, else short for why not; `picked` who is asked."""

    person: str
    role: str
    code: str = ""
    because: str
    picked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a pick depends on besides the ask itself. `person_per_day` is None where nothing is limited."""

    item: str
    facts: Facts
    roster: Roster
    book: Book
    now: datetime
    person_per_day: int | None = None


def tiers(ask: Ask, team: str, roster: Roster, at: datetime) -> Iterable[tuple[str, tuple[Standing, ...]]]:
    """`(role, people)` in the order they are asked: czars, deputies, PTL; or the people a rule names.

    Nobody where no team (`team` "") has the duty.
    """
    if not ask.people:
        return roster.tiers(team, ask.duty or "", at) if team else ()
    named = Roster(people=roster.people, teams={}, community={"": Duty(name="this rule", czars=ask.people)})
    return named.tiers(COMMUNITY, "", at)


def in_confidence(ask: Ask, team: str, roster: Roster) -> bool:
    """Whether private items may be asked about: only a duty marked private."""
    return bool(team and ask.duty) and roster.duty(team, ask.duty or "").private


def everyone(ask: Ask, team: str, roster: Roster, at: datetime) -> tuple[str, ...]:
    """All who may be asked in the end: whose accounts must be known."""
    if not ask.people:
        return roster.reachable(team, ask.duty or "") if team else ()
    return tuple({standing.person: None for _, people in tiers(ask, team, roster, at) for standing in people})


def pick(ask: Ask, team: str, world: Circumstances) -> tuple[Candidate, ...]:
    """Everybody considered, in order; the first tier with somebody available is asked, later ones are not looked at."""
    table: list[Candidate] = []
    seen: set[str] = set()
    private = world.facts.change is not None and world.facts.change.private
    trusted = world.roster.duty(team, ask.duty or "").people() if private and team else ()
    for role, people in tiers(ask, team, world.roster, world.now):
        new: dict[str, Standing] = {}
        for one in people:  # who covers somebody may stand there a second time
            if one.person not in seen and (not private or one.person in trusted):
                new.setdefault(one.person, one)
        tier = [_consider(one, role, ask, world) for one in new.values()]
        seen.update(one.person for one in tier if one.code != "term")  # whose term ended may still be the PTL
        free = [one for one in tier if not one.code]
        chosen = {one.person for one in _choose(free, ask.pick, world)}
        table += [_mark(one, chosen, ask, world) for one in tier]
        if chosen:
            break
    return tuple(table)


def _consider(standing: Standing, role: str, ask: Ask, world: Circumstances) -> Candidate:
    code, because = _obstacle(standing, ask, world)
    return Candidate(person=standing.person, role=role, code=code, because=because or standing.because)


def _obstacle(standing: Standing, ask: Ask, world: Circumstances) -> tuple[str, str]:
    """In RULES's order: self, opted out, declined or removed, away, unknown, at capacity."""
    person, change = standing.person, world.facts.change
    account = world.facts.accounts.get(person, UNKNOWN)
    if change and account != UNKNOWN and account == change.owner:
        return "self", "owns the change"
    if change and account != UNKNOWN and account in change.authors:
        return "self", "wrote or uploaded part of the change"
    if standing.code == "opted-out":
        return standing.code, standing.because
    if person in world.book.declined(world.item):
        declined = world.book.declined(world.item)[person]
        return declined.how, declined.because
    if change and account != UNKNOWN and account in change.removed:
        return "removed", f"was taken off the change by {change.removed[account]}"
    if not standing.available:
        return standing.code, standing.because
    if account == UNKNOWN:
        return "unknown", "has no active account on the server under this name"
    return _load_obstacle(person, ask, world)


def _load_obstacle(person: str, ask: Ask, world: Circumstances) -> tuple[str, str]:
    limit = world.person_per_day
    if limit is not None and world.book.asked(since=world.now - DAY, person=person) >= limit:
        return "daily-limit", f"was asked {limit} times within a day"
    cap = world.roster.people[person].cap.get("change")
    if isinstance(ask.pick, int) and cap is not None and world.book.turns(person) >= cap:
        return "at-capacity", f"has {world.book.turns(person)} items waiting, at most {cap} are wanted"
    return "", ""


def _choose(free: Sequence[Candidate], how: str | int, world: Circumstances) -> Iterable[Candidate]:
    if how == "all":
        return free
    if isinstance(how, int):
        return sorted(free, key=lambda one: _burden(one.person, world))[:how]
    return free[:1]


def _burden(person: str, world: Circumstances) -> tuple[float, float, bytes]:
    """Least is picked: open turns by weight, then least recently asked, then a hash that nobody can steer."""
    load = (world.book.turns(person) + 1) / world.roster.people[person].weight
    last = world.book.last_asked(person)
    tie = hashlib.sha256(f"{world.item}\0{person}".encode()).digest()
    return load, last.timestamp() if last else 0.0, tie


def _mark(one: Candidate, chosen: set[str], ask: Ask, world: Circumstances) -> Candidate:
    if one.code:
        return one
    picked = one.person in chosen
    because = one.because
    if isinstance(ask.pick, int):
        because = f"{because}, with {world.book.turns(one.person)} waiting"
        if not picked:
            because = f"{because}: {_behind(one.person, chosen, world)}"
    elif not picked:
        because = f"{because}; somebody stands before"
    return Candidate(person=one.person, role=one.role, because=because, picked=picked)


def _behind(person: str, chosen: set[str], world: Circumstances) -> str:
    """Why the others were picked: by load, by the last ask, or by the draw."""
    load, last, _ = _burden(person, world)
    other_load, other_last, _ = max(_burden(other, world) for other in chosen)
    if other_load < load:
        return "somebody else has less to do"
    return "somebody else was asked longer ago" if other_last < last else "the draw fell on somebody else"

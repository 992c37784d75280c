"""Whom to ask: who could be, who is passed over and for which reason, and who of the rest is picked.

The candidate table that comes out is what `czar explain` shows: everybody who was considered, in order, with a reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """What a pick depends on besides the ask itself. `person_per_day` is None where nothing is limited.

    `affine` are those who know the item's siblings, and why; `passed_over` those who are not asked this time, and why.
    """

    item: str
    facts: Facts
    roster: Roster
    book: Book
    now: datetime
    person_per_day: int | None = None
    affine: Mapping[str, str] = field(default_factory=dict)
    passed_over: Mapping[str, str] = field(default_factory=dict)

    def turns(self, person: str) -> int:
        """How many other items wait for them: by our asks, and by what the server shows as their turn."""
        theirs = (self.facts.turns or {}).get(person, ())
        return len((self.book.items_of(person) | set(theirs)) - {self.item})


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


def pick(
    ask: Ask, team: str, world: Circumstances, *, roles: frozenset[str] = frozenset({"czar", "deputy", "ptl"})
) -> tuple[Candidate, ...]:
    """Everybody considered, in order; the first tier with somebody available is asked, later ones are not looked at.

    Where somebody available knows the item's siblings, their tier is the one. Only people of `roles` are considered.
    """
    kept = _kept(ask, team, world) if world.affine and ask.pick not in ("all", "rotation") else None
    table: list[Candidate] = []
    seen: set[str] = set()
    private = world.facts.change is not None and world.facts.change.private
    trusted = world.roster.duty(team, ask.duty or "").people() if private and team else ()
    for role, people in tiers(ask, team, world.roster, world.now):
        if role not in roles:
            continue
        new: dict[str, Standing] = {}
        for one in people:  # who covers somebody may stand there a second time
            if one.person not in seen and (not private or one.person in trusted):
                new.setdefault(one.person, one)
        tier = [_consider(one, role, ask, world) for one in new.values()]
        seen.update(one.person for one in tier if one.code != "term")  # whose term ended may still be the PTL
        free = [one for one in tier if not one.code]
        chosen = {one.person for one in _choose(free, ask.pick, world, kept)}
        table += [_mark(one, chosen, ask, world, kept) for one in tier]
        if chosen:
            break
    return tuple(table)


def _kept(ask: Ask, team: str, world: Circumstances) -> str | None:
    """Who is asked again: the first available of those who know the item's siblings."""
    everybody, plain = replace(ask, pick="all"), replace(world, affine={})
    tables = (pick(everybody, team, plain, roles=frozenset({role})) for role in ("czar", "deputy", "ptl"))
    free = {one.person for table in tables for one in table if not one.code and not _full(one.person, world)}
    return next((person for person in world.affine if person in free), None)


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
    if _is_bot(person, world.roster):
        return "bot", "is a bot"
    if standing.code == "opted-out":
        return standing.code, standing.because
    if person in world.book.declined(world.item):
        declined = world.book.declined(world.item)[person]
        return declined.how, declined.because
    if change and account != UNKNOWN and account in change.removed:
        return "removed", f"was taken off the change by {change.removed[account]}"
    if person in world.passed_over:
        return "passed-over", world.passed_over[person]
    if not standing.available:
        return standing.code, standing.because
    if account == UNKNOWN:
        return "unknown", "has no active account on the server under this name"
    return _load_obstacle(person, ask, world)


def _is_bot(person: str, roster: Roster) -> bool:
    known = roster.people.get(person)
    return known is not None and (known.gerrit or known.key) in roster.bots


def _load_obstacle(person: str, ask: Ask, world: Circumstances) -> tuple[str, str]:
    limit = world.person_per_day
    if limit is not None and world.book.asked(since=world.now - DAY, person=person) >= limit:
        return "daily-limit", f"was asked {limit} times within a day"
    if isinstance(ask.pick, int) and _full(person, world):
        cap = world.roster.people[person].cap["change"]
        return "at-capacity", f"has {world.turns(person)} items waiting, at most {cap} are wanted"
    return "", ""


def _full(person: str, world: Circumstances) -> bool:
    cap = world.roster.people[person].cap.get("change")
    return cap is not None and world.turns(person) >= cap


def _choose(
    free: Sequence[Candidate], how: str | int, world: Circumstances, kept: str | None = None
) -> Iterable[Candidate]:
    if kept is not None:
        first = [one for one in free if one.person == kept]
        rest = [one for one in free if one.person != kept]
        more = how - 1 if isinstance(how, int) else 0
        return [*first, *_choose(rest, more, world)] if first else ()
    if how == "all":
        return free
    if isinstance(how, int):
        return sorted(free, key=lambda one: _burden(one.person, world))[:how]
    return free[:1]


def _burden(person: str, world: Circumstances) -> tuple[float, float, bytes]:
    """Least is picked: open turns by weight, then least recently asked, then a hash that nobody can steer."""
    load = (world.turns(person) + 1) / world.roster.people[person].weight
    last = world.book.last_asked(person)
    tie = hashlib.sha256(f"{world.item}\0{person}".encode()).digest()
    return load, last.timestamp() if last else 0.0, tie


def _mark(one: Candidate, chosen: set[str], ask: Ask, world: Circumstances, kept: str | None) -> Candidate:
    if one.code:
        return one
    because = f"{one.because}, with {world.turns(one.person)} waiting" if isinstance(ask.pick, int) else one.because
    if one.person == kept:
        because = f"{one.because} and {world.affine[kept]}"
    elif one.person not in chosen and kept is not None:
        because = f"{because}; {kept} knows its siblings"
    elif one.person not in chosen and isinstance(ask.pick, int):
        because = f"{because}: {_behind(one.person, chosen, world)}"
    elif one.person not in chosen:
        because = f"{because}; somebody stands before"
    return replace(one, because=because, picked=one.person in chosen)


def _behind(person: str, chosen: set[str], world: Circumstances) -> str:
    """Why the others were picked: by load, by the last ask, or by the draw."""
    load, last, _ = _burden(person, world)
    other_load, other_last, _ = max(_burden(other, world) for other in chosen)
    if other_load < load:
        return "somebody else has less to do"
    return "somebody else was asked longer ago" if other_last < last else "the draw fell on somebody else"

"""Orders about people: their absences, turns, duties, and what they want to hear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from rules.arrangements import Arrangement
from rules.judging import Ruling
from rules.orders import Answer, No, Order, day, days, holds, person_named, short, week
from rules.roster import COMMUNITY, Duty, Person, local_date
from rules.state import Effects


def _away(order: Order) -> Answer:
    """`away 2026-08-03..2026-08-21 cover @bob`."""
    words, roster = order.command.words, order.judging.roster
    first, last = days(words[0] if words else "")
    if last < local_date(order.judging.now, order.by.tz):
        raise No("that is over")
    covered = any(word.startswith("@") or word.casefold() == "cover" for word in words)
    cover = person_named(words, roster) if covered else None
    if cover and cover.key == order.by.key:
        raise No("somebody else must cover")
    away = _arrangement(order, "away", other=cover.key if cover else "", first=first, last=last)
    who = f", {cover.key} covers" if cover else ""
    return away, f"you are away {first} to {last}{who}; what waits for you then goes to somebody else"


def _back(order: Order) -> Answer:
    today = local_date(order.judging.now, order.by.tz)
    return _arrangement(order, "back", first=today), "welcome back, you are asked again"


def _optout(order: Order) -> Answer:
    return _arrangement(order, "optout"), "you are not asked any more, until you say “back”"


def _quiet(order: Order) -> Answer:
    off = order.command.words[:1] == ("off",)
    told = "you are told everything again" if off else "you get the weekly digest only, until you say “quiet off”"
    return _arrangement(order, "quiet", ended=off), told


def _swap(order: Order) -> Answer:
    """`swap @bob 2026-W32`, or any day of that week."""
    roster = order.judging.roster
    other = person_named(order.command.words, roster)
    first, last = week(next((word for word in order.command.words if not word.startswith("@")), ""))
    both = {order.by.key, other.key}
    duties = (*roster.community.values(), *(duty for team in roster.teams.values() for duty in team.duties.values()))
    if len(both) < 2 or not any(duty.rotation and both <= set(duty.rotation.order) for duty in duties):
        raise No(f"you and {other.key} are in no rotation together")
    if last < local_date(order.judging.now, "UTC"):
        raise No("that is over")
    return _arrangement(order, "swap", other=other.key, first=first, last=last), (
        f"you and {other.key} have each other's turns {first} to {last}"
    )


def _delegate(order: Order) -> Answer:
    """`delegate release @bob until 2026-09-01`."""
    judging, words = order.judging, order.command.words
    other = person_named(words, judging.roster)
    duty = next((word for word in words if not word.startswith("@")), "")
    last = day(words[-1])
    team = judging.roster.teams.get(judging.team)
    over_all = any(holds(order.by, COMMUNITY, name, judging) for name in judging.roster.community)
    if team is None:
        raise No("no team owns this repo")
    if order.by.key not in team.ptl and not over_all:
        raise No(f"only the PTL of {team.name} may, or who holds a duty of the community")
    if duty not in judging.roster.duty_names:
        raise No(f"nobody has heard of a duty {short(duty)}")
    if last < local_date(judging.now, "UTC"):
        raise No("that is over")
    _refuse_to_let_in(other, team.duties.get(duty), order)
    return _arrangement(order, "delegate", other=other.key, team=team.name, duty=duty, last=last), (
        f"{other.key} stands in for {duty} of {team.name} until {last}"
    )


def _refuse_to_let_in(other: Person, duty: Duty | None, order: Order) -> None:
    """A private duty sees what is secret: only who is in the secret may let somebody in."""
    if duty is None or not duty.private:
        return
    trusted = {person for one in order.judging.roster.community.values() if one.private for person in one.people()}
    if order.by.key not in trusted.union(duty.people()):
        raise No(f"{duty.name} is private: only who holds it may let somebody in")
    if not other.launchpad:
        raise No(f"{duty.name} is private, and {other.key} has no Launchpad name in the roster")


def _arrangement(order: Order, kind: str, **given: Any) -> Ruling:
    made = Arrangement(kind=kind, person=order.by.key, at=order.message.at, item=order.judging.item, **given)
    newer = (one for one in order.judging.book.arrangements if one.key == made.key and one.at > made.at)
    if any(newer):  # what was said first may be read last, on another change
        raise No("you have said something newer about it")
    return Ruling(effects=Effects(arrangements=(made,)))


VERBS: Mapping[str, Callable[[Order], Answer]] = MappingProxyType(
    {
        "away": _away,
        "back": _back,
        "optout": _optout,
        "quiet": _quiet,
        "swap": _swap,
        "delegate": _delegate,
    }
)
"""What a verb does."""

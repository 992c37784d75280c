"""Where a roster is thin: the matrix of teams and duties, with what is wrong in each field.

A value in, values out; `czar roster` shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rules.roster import COMMUNITY, Duty, Roster, Standing, Team

PTL = "ptl"
EXPECTED_DUTIES = ("release", "security")
"""Duties that every team is asked to fill; others are shown once one team has filled them."""

NOBODY = "nobody"
NO_PTL = "no PTL"
ONE_PERSON = "one person only"
ONE_COMPANY = "all of one company"
ONE_COMPANY_TEAM = "whole team of one company"
AWAY = "away with no cover"
NOBODY_NOW = "nobody available now"

FREE_MAIL = frozenset(
    """
    126.com 139.com 163.com aol.com fastmail.com fastmail.fm foxmail.com free.fr freemail.example gmail.com
    gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.com icloud.com laposte.net
    live.com mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com orange.fr outlook.com pm.me posteo.de
    proton.me protonmail.com qq.com seznam.cz sina.com tutanota.com users.noreply.github.com web.de yahoo.co.jp
    yahoo.com yahoo.fr yandex.com yandex.ru yeah.net ymail.com zoho.com
    """.split()  # noqa: SIM905  (words read better than quotes)
)
"""Mail providers for everybody: two people there need not know each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field of the matrix: who holds the duty (keys, deputies last) and what is wrong with that."""

    team: str
    duty: str
    people: tuple[str, ...]
    problems: tuple[str, ...]


def review(roster: Roster, at: datetime) -> tuple[Row, ...]:
    """Each team with its PTL and every duty known to the roster, then the duties of the community."""
    duties = shown_duties(roster)
    rows = [row for team in roster.teams.values() for row in _team_rows(roster, team, duties, at)]
    rows += [_row(roster, COMMUNITY, duty, at) for duty in roster.community.values()]
    return tuple(rows)


def shown_duties(roster: Roster) -> tuple[str, ...]:
    """The expected duties, then those that some team has filled, by name."""
    filled = {name for team in roster.teams.values() for name in team.duties}
    return (*EXPECTED_DUTIES, *sorted(filled.difference(EXPECTED_DUTIES)))


def gaps(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows nobody stands in."""
    return tuple(row for row in rows if not row.people)


def without_ptl(roster: Roster) -> tuple[str, ...]:
    """Teams with nobody as PTL: led by several people, or the seat is vacant."""
    return tuple(team.name for team in roster.teams.values() if team.distributed or not team.ptl)


def approvers(roster: Roster, team: str, at: datetime) -> tuple[str, ...]:
    """Who may sign a release of the team at that instant: its release czars, their deputies and the PTL."""
    return tuple(standing.person for standing in roster.who(team, "release", at) if standing.available)


def holders(team: Team) -> tuple[str, ...]:
    """Everybody who holds any duty of the team, its PTL first."""
    held = (person for duty in team.duties.values() for person in duty.people())
    return tuple(dict.fromkeys((*(() if team.distributed else team.ptl), *held)))


def one_domain(roster: Roster, people: Iterable[str]) -> str | None:
    """The mail domain that all these people share; None where they do not, or where somebody has no address."""
    domains = {_domain(roster, person) for person in people}
    return domains.pop() if len(domains) == 1 else None


def one_company(roster: Roster, people: Iterable[str]) -> bool:
    """Whether these are several people, all with addresses of one company."""
    several = tuple(people)
    domain = one_domain(roster, several) if len(several) > 1 else None
    return domain is not None and domain not in FREE_MAIL


def one_company_teams(roster: Roster) -> tuple[str, ...]:
    """Teams of several people who all belong to one company."""
    return tuple(team.name for team in roster.teams.values() if one_company(roster, holders(team)))


def _team_rows(roster: Roster, team: Team, duties: tuple[str, ...], at: datetime) -> Iterator[Row]:
    rows = [] if team.distributed else [_ptl_row(roster, team, at)]
    rows += [_row(roster, team.name, team.duties.get(name, Duty(name=name)), at) for name in duties]
    alike = one_company(roster, holders(team))
    for row in rows:
        if alike and row.people:
            alike = False  # said once, where the first of them stands
            yield replace(row, problems=(*row.problems, ONE_COMPANY_TEAM))
        else:
            yield row


def _ptl_row(roster: Roster, team: Team, at: datetime) -> Row:
    standings = [s for role, people in roster.tiers(team.name, PTL, at) if role == PTL for s in people]
    problems = tuple(_unavailable(standings)) if team.ptl else (NO_PTL,)
    return Row(team=team.name, duty=PTL, people=team.ptl, problems=problems)


def _row(roster: Roster, team: str, duty: Duty, at: datetime) -> Row:
    return Row(team=team, duty=duty.name, people=duty.people(), problems=tuple(_problems(roster, team, duty, at)))


def _problems(roster: Roster, team: str, duty: Duty, at: datetime) -> Iterator[str]:
    people = duty.people()
    if not people:
        yield NOBODY
        return
    if len(people) == 1:
        yield ONE_PERSON
    if one_company(roster, people):
        yield ONE_COMPANY
    if duty.term and duty.term.last and at.astimezone(UTC).date() > duty.term.last:
        yield f"term ended {duty.term.last}"
        return
    tiers = tuple(roster.tiers(team, duty.name, at))
    yield from _unavailable([standing for role, tier in tiers if role != PTL for standing in tier])


def _unavailable(standings: list[Standing]) -> Iterator[str]:
    """What to say where nobody of these can be asked now."""
    if any(standing.available for standing in standings):
        return
    yield AWAY if any(standing.code == "away" for standing in standings) else NOBODY_NOW


def _domain(roster: Roster, key: str) -> str | None:
    person = roster.people.get(key)
    address = person.emails[0] if person and person.emails else ""
    return address.rpartition("@")[2].lower() or None

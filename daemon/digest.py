"""The weekly digest: what waits for a person and what is late, what could wait till then, and to a PTL how it stands
with the team.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.letters import Sender, greeting, letter_id, one_line, paragraphs, ways_out, what_to_do, wrapped
from integrations.contract import Letter
from rules.actions import Notify
from rules.roster import Person, Roster, Team
from rules.roster_review import NOBODY, ONE_PERSON, Row, review
from rules.state import Case
from rules.wording import office

STUCK_AFTER = timedelta(days=7)
MOST_LISTED = 50
"""Of each kind: a longer mail is read by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a digest tells of: all cases that are not closed, and the roster as people arranged it."""

    roster: Roster
    cases: Sequence[Case]


def digest(person: Person, notices: Sequence[Notify], world: World, due: datetime, sender: Sender) -> Letter | None:
    """The digest that is due then; None where there is nothing to tell."""
    asked = [case for case in world.cases if not case.observed and case.opened <= due]
    mine = [case for case in asked if case.waits and case.person == person.key]
    parts = [*_waiting(mine, due, sender), *_notices(notices, sender)]
    for team in _led_by(person, world.roster):
        parts += _of_team(team, asked, world.roster, due, sender)
    if not parts:
        return None
    hello = greeting(person, "Here is your week: what waits for you and what is good to know.", sender)
    text = "\n\n".join([hello, *parts, ways_out(person, sender)])
    return Letter(
        id=letter_id(("digest", person.key, due.isoformat())),
        subject=_subject(mine, notices, due, sender),
        text=text + "\n",
        by_mail=True,
    )


def _subject(mine: Sequence[Case], notices: Sequence[Notify], due: datetime, sender: Sender) -> str:
    late = sum(_is_late(case, due) for case in mine)
    counts = ((len(mine), "waiting"), (late, "late"), (len(notices), "to know"))
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{sender.term}: your week{f': {told}' if told else ''}"


def _waiting(mine: Sequence[Case], due: datetime, sender: Sender) -> Iterator[str]:
    """What is late comes first, then what is oldest."""
    for title, of_these in (("Late", True), ("Waiting for you", False)):
        cases = sorted((case for case in mine if _is_late(case, due) is of_these), key=lambda case: case.opened)
        yield from _section(title, [_case_line(case, sender) for case in cases])
    if mine:
        yield what_to_do(sender)


def _is_late(case: Case, at: datetime) -> bool:
    """A step of its ladder was done, or is overdue; what is snoozed is late for nobody."""
    return case.state == "open" and case.paused is None and (case.step > 0 or (case.due is not None and case.due < at))


def _case_line(case: Case, sender: Sender) -> str:
    what = office(case.role, case.duty, case.team, sender.term)
    since = f"since {case.opened:%Y-%m-%d}"
    then = f", next step on {case.due:%Y-%m-%d %H:%M} UTC" if case.due else ""
    state = ", snoozed" if case.state == "snoozed" else ", suggested" if case.as_ == "suggest" else ""
    return f"[waiting] {case.item} ({case.repo}) as {what}, {since}{then}{state}{_at(case, sender)}"


def _notices(notices: Sequence[Notify], sender: Sender) -> Iterator[str]:
    told = paragraphs(notices, sender)
    if told:
        yield "\n".join([_title("To know", len(told)), *told])


def _led_by(person: Person, roster: Roster) -> Iterator[Team]:
    """Teams that named somebody for a duty, and so take part."""
    return (team for team in roster.teams.values() if person.key in team.ptl and team.duties and _is_active(team))


def _is_active(team: Team) -> bool:
    return team.mode in (None, "act")


def _of_team(team: Team, asked: Sequence[Case], roster: Roster, due: datetime, sender: Sender) -> Iterator[str]:
    theirs = [case for case in asked if case.team == team.name]
    unrouted = [case for case in theirs if case.state == "unrouted"]
    stuck = sorted((case for case in theirs if _is_stuck(case, due)), key=lambda case: case.opened)
    rows = [row for row in review(roster, due) if row.team == team.name]
    sections = [
        *_section(f"Duties of {team.name} with nobody or one person", list(_coverage(rows))),
        *_section(f"Nobody could be asked in {team.name}", [_unrouted_line(case, sender) for case in unrouted]),
        *_section(f"Waiting for long in {team.name}", [_stuck_line(case, sender) for case in stuck]),
    ]
    yield from sections
    if sections:
        yield _of_ptl(team, sender)


def _of_ptl(team: Team, sender: Sender) -> str:
    """Why them, and what they can do."""
    term = sender.term
    return wrapped(
        f"You are told how it stands with {team.name} because you are its PTL. Who holds a duty stands in roster.yaml. "
        f"To let somebody stand in at once, write “{term}: delegate DUTY @NAME until DATE” in a comment on one of its "
        f"changes; “{term}: assign @NAME” there asks somebody of your choice."
    )


def _coverage(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if NOBODY in row.problems:
            yield f"[coverage] {row.duty}: nobody"
        elif ONE_PERSON in row.problems:
            yield f"[coverage] {row.duty}: {row.people[0]} only"


def _is_stuck(case: Case, at: datetime) -> bool:
    """It waits for long, or its ladder is at its end."""
    if case.state != "open" or case.paused is not None:
        return False
    return at - case.opened >= STUCK_AFTER or (case.step > 0 and case.due is None)


def _unrouted_line(case: Case, sender: Sender) -> str:
    why = f"since {case.opened:%Y-%m-%d}: {one_line(case.because)}"
    return f"[unrouted] {case.item} ({case.repo}) for {case.duty}, {why}{_at(case, sender)}"


def _stuck_line(case: Case, sender: Sender) -> str:
    since = f"since {case.opened:%Y-%m-%d}"
    return f"[stuck] {case.item} ({case.repo}) for {case.duty} with {case.person}, {since}{_at(case, sender)}"


def _at(case: Case, sender: Sender) -> str:
    link = sender.link(case.item, case.repo)
    return f"\n  {link}" if link else ""


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        more = len(lines) - MOST_LISTED
        rest = [f"… and {more} more"] if more > 0 else []
        yield "\n".join([_title(title, len(lines)), *lines[:MOST_LISTED], *rest])


def _title(title: str, count: int) -> str:
    return f"{title} ({count}):"

"""Orders: what somebody of the roster tells the daemon on an item; who may, who is named, spans and days as written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from rules.asking import is_team
from rules.command_lines import Command
from rules.facts import UNKNOWN, Message
from rules.judging import Judging, Ruling
from rules.roster import COMMUNITY, Duty, Person, Roster
from rules.state import Case

MOST_SNOOZED = timedelta(days=90)
MOST_SAID_BACK = 60
UNITS = MappingProxyType({"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"})


class No(Exception):
    """The command is not carried out; why, for its author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command on one item, by somebody of the roster."""

    by: Person
    command: Command
    message: Message
    judging: Judging

    @property
    def cases(self) -> tuple[Case, ...]:
        """What waits for somebody on the item."""
        return self.judging.waiting()

    @property
    def mine(self) -> tuple[Case, ...]:
        """What waits for them."""
        return tuple(case for case in self.cases if case.person == self.by.key)


Answer = tuple[Ruling, str]
"""What follows, and what its author is told."""


def named(word: str, roster: Roster) -> str | None:
    """Who `@p` is: by key, username or address."""
    name = word.removeprefix("@")
    known = name if name in roster.people else roster.by_gerrit.get(name.lower()) or roster.by_email.get(name.lower())
    bare = word.rstrip(",.;:!?")
    return known or (named(bare, roster) if bare != word else None)


def person_named(words: tuple[str, ...], roster: Roster) -> Person:
    """The first `@p` of the words. Raises No where there is none, or nobody of that name."""
    word = next((word for word in words if word.startswith("@")), None)
    if word is None:
        raise No("say who, e.g. @ann")
    key = named(word, roster)
    if key is None:
        raise No(f"nobody of the roster is called {short(word.removeprefix('@'))}")
    return roster.people[key]


def holds(person: Person, team: str, duty: str, judging: Judging) -> bool:
    """Whether they answer for a duty now, available or not."""
    if not team or (team != COMMUNITY and team not in judging.roster.teams):
        return False
    return any(one.person == person.key and one.code != "term" for one in judging.roster.who(team, duty, judging.now))


def is_of_team(person: Person, judging: Judging) -> bool:
    """Whether they answer for a duty of the team that owns the repo, or lead it."""
    team = judging.roster.teams.get(judging.team)
    return team is not None and (
        person.key in team.ptl or any(holds(person, team.name, duty, judging) for duty in team.duties)
    )


def may_take(person: Person, judging: Judging) -> None:
    """Raises No where the person cannot be the one who acts on this change."""
    change, account = judging.facts.change, judging.account(person.key)
    if account == UNKNOWN:
        raise No(f"{person.key} has no active account on the server")
    if change and account in (change.owner, *change.authors):
        raise No(f"{person.key} owns or wrote it")


def may_ask_for(duty: str, team: str, judging: Judging) -> Duty:
    """Raises No where nobody may be newly asked for it: the change is closed, or private and the duty is not."""
    change = judging.facts.change
    if change and change.status != "NEW":
        raise No(f"the change is {change.status.lower()}")
    held = judging.roster.duty(team, duty) if team and is_team(team, judging.roster) else Duty(name=duty)
    if change and change.private and not held.private:
        raise No(f"the change is private, and {duty} of {team or 'nobody'} is no private duty")
    return held


def short(text: str) -> str:
    """What somebody wrote, said back to them."""
    return text if len(text) <= MOST_SAID_BACK else f"{text[:MOST_SAID_BACK]}…"


def span_of(words: tuple[str, ...]) -> timedelta:
    """How long `3d` or `12h` is. Raises No for what is no time, or too long."""
    word = words[0] if words else ""
    number, unit = word[:-1], word[-1:]
    if not number.isdecimal() or unit not in UNITS or not 0 < len(number) <= 5 or int(number) == 0:
        raise No("say for how long, e.g. 3d or 12h")
    span = timedelta(**{UNITS[unit]: int(number)})
    if span > MOST_SNOOZED:
        raise No(f"at most {MOST_SNOOZED.days} days")
    return span


def days(word: str) -> tuple[date, date]:
    """First and last of `2026-08-03..2026-08-21`, or of one day. Raises No."""
    begin, dots, end = word.partition("..")
    first = day(begin)
    last = day(end) if dots else first
    if last < first:
        raise No("the last day is before the first")
    return first, last


def day(word: str) -> date:
    """`2026-08-03`. Raises No."""
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise No(f"{short(word) or 'nothing'} is no day: write e.g. 2026-08-03") from None


def week(word: str) -> tuple[date, date]:
    """First and last day of `2026-W32`, or of the week of a day. Raises No."""
    try:
        some = datetime.strptime(f"{word}-1", "%G-W%V-%u").replace(tzinfo=UTC).date() if "W" in word else day(word)
        monday = some - timedelta(days=some.weekday())
        return monday, monday + timedelta(days=6)
    except (ValueError, OverflowError):
        raise No(f"{short(word)} is no week: write e.g. 2026-W32") from None

"""`czar who`: who answers for a duty at an instant."""

from __future__ import annotations

import difflib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from daemon.commands.rosters import read_roster, roster_option
from daemon.main import CannotRun, shared_options, wants_json
from rules.roster import COMMUNITY, Roster


@click.command(short_help="who answers for a duty at an instant")
@click.argument("team")
@click.argument("duty")
@click.option("--at", "at_text", metavar="T", help="Instant (RFC 3339) or day; now if left out.")
@roster_option
@shared_options
def who(team: str, duty: str, at_text: str | None, roster_file: Path | None) -> None:
    """Who answers for DUTY of TEAM (or of the community) at that instant, in order. Exit 1: nobody."""
    from daemon.commands.shown import json_line, rfc3339

    at = _instant(at_text)
    roster = read_roster(roster_file, at)
    name = _team(roster, team)
    _known_duty(roster, duty)
    try:
        people = roster.who(name, duty, at)
    except OverflowError:
        raise CannotRun(f"--at {at_text!r} is too near to the end of all calendars") from None
    row = {
        "team": name,
        "duty": duty,
        "at": rfc3339(at),
        "people": [
            {"name": one.person, "role": one.role, "available": one.available, "because": one.because} for one in people
        ],
    }
    if wants_json():
        click.echo(json_line(row))
    else:
        for one in people:
            click.echo(f"{one.person:30} {one.role:7} {'' if one.available else 'NOT NOW: '}{one.because}")
        if not people:
            click.echo(f"Nobody holds {duty} of {name}.")
    if not any(one.available for one in people):
        sys.exit(1)


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        if len(text) == len("2026-01-01"):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise CannotRun(f"--at {text!r} is no instant: write e.g. 2026-08-03 or 2026-08-03T12:00:00Z") from None


def _team(roster: Roster, name: str) -> str:
    if name == COMMUNITY:
        return name
    found = roster.find_team(name)
    if found is None:
        raise CannotRun(f"there is no team {name!r}{_nearest(name, [*roster.teams, COMMUNITY])}")
    return found.name


def _known_duty(roster: Roster, duty: str) -> None:
    if duty not in roster.duty_names:
        raise CannotRun(f"nobody holds a duty {duty!r}{_nearest(duty, sorted(roster.duty_names))}")


def _nearest(word: str, words: list[str]) -> str:
    near = difflib.get_close_matches(word, words, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""

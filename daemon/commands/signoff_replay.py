"""`czar signoff replay`: recorded release requests, read as if they came in today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from daemon.commands.recordings import lines_of, progress
from daemon.commands.shown import json_line
from daemon.main import CannotRun, wants_json
from rules.roster import Roster, Team
from rules.signoff.request_diff import deliverable_of
from rules.signoff.requests import Problem, Request, Wanted

DUTY = "release"
NOBODY = Roster(people={}, teams={})

RosterAt = Callable[[datetime], Roster]


class RecordedFile(msgspec.Struct):
    """A touched file; without text where it is not there."""

    path: str
    before: str | None = None
    after: str | None = None


class RecordedRequest(msgspec.Struct):
    """One line of a recording."""

    commit: str
    date: datetime
    deliverables: list[RecordedFile]


def replay_requests(paths: Sequence[Path], governance: Path | None, liaisons: Path | None) -> None:
    """Print what each request asks for and who may sign it; lines that are no requests are told and left out. Raises
    CannotRun at the end where there were some.
    """
    from daemon.wiring import request_reader, rosters_in

    if liaisons and not governance:
        raise CannotRun("--liaisons says nothing without --governance")
    roster_at: RosterAt = rosters_in(governance, liaisons).at if governance else lambda _: NOBODY
    read, tell = request_reader(), _tell_json if wants_json() else _tell
    faults = 0
    for where, line in _numbered(paths):
        try:
            recorded = _recorded(line)
        except ValueError as error:
            click.echo(f"{where}: {error}", err=True)
            faults += 1
            continue
        request = read((one.path, one.before, one.after) for one in recorded.deliverables)
        tell(row_of(recorded.commit, request, roster_at(recorded.date)))
    if faults:
        raise CannotRun(f"{faults} {'line was' if faults == 1 else 'lines were'} left out")


def _numbered(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        for number, line in enumerate(progress(lines_of([path])), 1):
            yield f"{path}:{number}", line


_DECODER = msgspec.json.Decoder(RecordedRequest)


def _recorded(line: bytes) -> RecordedRequest:
    """A line read. Raises ValueError, written for people."""
    try:
        found = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"is no recorded request: {error}") from error
    if found.date.tzinfo is None:
        raise ValueError("is no recorded request: the date has no time zone")
    return found


def row_of(commit: str, request: Request, roster: Roster) -> dict[str, Any]:
    """A request as CONTRACT shows it."""
    teams = {one: _team_of(one, roster) for one in request.wanted}
    return {
        "commit": commit,
        "requests": [_wanted_row(one, team) for one, team in teams.items()],
        "branches": [
            {"file": one.file, "branch": one.branch, "location": one.location, "kind": one.kind}
            for one in request.branches
        ],
        "teams": [
            {"team": name or None, "people": list(_people(roster, name))} for name in _asked(request, teams, roster)
        ],
        "repo_owners": {one.release.repo: roster.owners.get(one.release.repo) for one in request.wanted},
        "problems": [
            *(_problem_row(one, refuses=True) for one in request.refusals),
            *(_problem_row(one, refuses=False) for one in request.notes),
        ],
    }


def _team_of(wanted: Wanted, roster: Roster) -> str:
    """In the words of the file, else governance's; "" where nobody knows."""
    return wanted.team or _owner(wanted.file, roster) or roster.owners.get(wanted.release.repo, "")


def _owner(file: str, roster: Roster) -> str:
    return roster.deliverable_teams.get(deliverable_of(file), "")


def _wanted_row(wanted: Wanted, team: str) -> dict[str, Any]:
    release = wanted.release
    return {
        "file": wanted.file,
        "version": release.version,
        "repo": release.repo,
        "sha": release.sha,
        "kind": wanted.kind,
        "provenance": wanted.provenance,
        "team": team or None,
    }


def _problem_row(problem: Problem, *, refuses: bool) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "because": problem.because, "refuses": refuses}


def _asked(request: Request, teams: dict[Wanted, str], roster: Roster) -> list[str]:
    """The teams that a request has to do with, by name; those the files named before the change too."""
    before = {one.team_before for one in request.wanted if one.team_before}
    branches = {one.team or _owner(one.file, roster) for one in request.branches}
    return sorted({*teams.values(), *before, *branches})


def _people(roster: Roster, name: str) -> Iterator[dict[str, str | None]]:
    """Those who may sign for a team, called as they are there; who is both stands there twice."""
    team = roster.find_team(name)
    if team is None:
        return
    for key, place in _places(team):
        person = roster.people[key]
        for name in roster.other_names.get((team.name, place, key), (person.name,)):
            yield {"name": name, "email": next(iter(person.emails), None), "role": "ptl" if place == "ptl" else "czar"}


def _places(team: Team) -> Iterator[tuple[str, str]]:
    yield from ((key, "ptl") for key in team.ptl)
    yield from ((key, DUTY) for key in (team.duties[DUTY].czars if DUTY in team.duties else ()))


def _tell_json(row: dict[str, Any]) -> None:
    click.echo(json_line(row))


def _tell(row: dict[str, Any]) -> None:
    """For eyes: a line for each release, branch and problem, and one for each team."""
    click.echo(row["commit"])
    for one in row["requests"]:
        click.echo(f"  sign    {one['repo']} {one['version']} {one['sha']} ({one['kind']}, {one['provenance']})")
    for one in row["branches"]:
        click.echo(f"  branch  {one['branch']} in {one['file']} ({one['kind']})")
    for one in row["teams"]:
        people = ", ".join(f"{who['email'] or who['name']} ({who['role']})" for who in one["people"])
        click.echo(f"  team    {one['team'] or '(none known)'}: {people or 'nobody'}")
    for one in row["problems"]:
        click.echo(f"  {'REFUSED' if one['refuses'] else 'note   '} {one['file']}:{one['line']}: {one['because']}")

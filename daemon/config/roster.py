"""roster.yaml and teams.d as a `rules.roster.Roster`, over governance's where it names one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from daemon.config.duties import read_duties
from daemon.config.governance import ReadGovernance, laid_over, read_settings
from daemon.config.marks import Marked
from daemon.config.people import Names, check_covers, read_people
from daemon.config.reading import Reading, Section
from daemon.config.teams import owned, read_team
from rules.roster import COMMUNITY, Duty, Roster, fold

ROSTER_KEYS = ("governance", "liaisons", "people", "bots", "teams", "community")
RESERVED = (COMMUNITY, "owner", "path")
"""What `of` in a rule means otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFile:
    """A file in teams.d: the team is named by the file."""

    name: str
    value: Marked
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """One team as written somewhere."""

    name: str
    value: Marked
    reading: Reading


def read_roster(
    value: Marked,
    reading: Reading,
    team_files: tuple[TeamFile, ...] = (),
    *,
    directory: Path,
    governance: ReadGovernance | None = None,
    revision: str = "",
) -> Roster:
    """The roster as far as it can be read; what is wrong is noted in the readings."""
    section = Section(reading, value, "roster.yaml", ROSTER_KEYS)
    people = MappingProxyType(read_people(reading, section.get("people")))
    theirs = _governance(section, directory, governance)
    own = Roster(people=people, teams={}, bots=frozenset(section.texts("bots")), revision=revision)
    names = Names(laid_over(own, theirs))
    check_covers(reading, section.get("people"), names)
    written = tuple(_written(section, team_files))
    _refuse_shared(written, theirs)
    own = Roster(
        people=people,
        teams=MappingProxyType({one.name: read_team(one.reading, one.name, one.value, names) for one in written}),
        community=_community(section, names),
        bots=own.bots,
        revision=revision,
    )
    return laid_over(own, theirs)


def _governance(section: Section, directory: Path, governance: ReadGovernance | None) -> Roster:
    nobody = Roster(people={}, teams={})
    settings = read_settings(section, directory)
    if settings is None:
        return nobody
    at = section.at("governance" if settings.governance else "liaisons")
    if governance is None:
        section.reading.wrong(at, "governance", "governance's files cannot be read here")
        return nobody
    try:
        return governance(settings)
    except (ValueError, OSError) as error:
        section.reading.wrong(at, "governance", f"governance's roster cannot be read: {error}")
        return nobody


def _written(section: Section, team_files: tuple[TeamFile, ...]) -> Iterator[_Written]:
    """Each team once; one that stands in roster.yaml and in teams.d is refused."""
    reading = section.reading
    lines: dict[str, int] = {}
    folded: dict[str, str] = {}
    for key, value in reading.named(section.get("teams"), "teams"):
        _refuse_name(reading, key, key.text, folded)
        lines[key.text] = key.line
        yield _Written(name=key.text, value=value, reading=reading)
    for file in team_files:
        if file.name in lines:
            also = f"team '{file.name}' stands in roster.yaml too (line {lines[file.name]}): keep one of them"
            file.reading.wrong(file.value, "double", also)
        else:
            _refuse_name(file.reading, file.value, file.name, folded)
            yield _Written(name=file.name, value=file.value, reading=file.reading)


def _refuse_name(reading: Reading, at: Marked, name: str, folded: dict[str, str]) -> None:
    if name in RESERVED:
        reading.wrong(at, "name", f"a team cannot be called '{name}': in rules that means something else")
    other = folded.setdefault(fold(name), name)
    if other != name:
        reading.wrong(at, "double", f"team '{name}' is '{other}' spelled otherwise")


def _community(section: Section, names: Names) -> Mapping[str, Duty]:
    value = section.get("community")
    if value is None:
        return MappingProxyType({})
    return read_duties(section.reading, Section(section.reading, value, "community", ("duties",)).get("duties"), names)


def _refuse_shared(written: tuple[_Written, ...], theirs: Roster) -> None:
    """A repo or deliverable has one owner, which may not be another than governance says."""
    owners = {("repo", repo): (fold(team), team) for repo, team in theirs.owners.items()}
    owners |= {("deliverable", name): (fold(team), team) for name, team in theirs.deliverable_teams.items()}
    for one in written:
        seen: set[tuple[str, str]] = set()
        for kind, word in owned(one.value):
            what = "deliverable" if kind == "deliverable" else "repo"
            owner, name = owners.setdefault((what, word.text), (fold(one.name), one.name))
            if owner != fold(one.name):
                one.reading.wrong(word, "double", f"{what} '{word.text}' is that of team '{name}' already")
            elif (kind, word.text) in seen:
                one.reading.wrong(word, "double", f"{what} '{word.text}' stands twice")
            seen.add((kind, word.text))

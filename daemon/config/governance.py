"""Where governance keeps its roster, and how ours is laid over it.

`integrations` reads governance's files; who loads the config hands that in as a callable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from daemon.config.reading import Section
from rules.roster import Duty, Person, Roster, Team, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file lying on disk (`file`), or one at `path` in a git repository (`git`)."""

    file: Path | None = None
    git: Path | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceSettings:
    """What `roster.yaml` says of governance's projects.yaml and of the release liaisons."""

    governance: Kept | None = None
    liaisons: Kept | None = None


ReadGovernance = Callable[[GovernanceSettings], Roster]
"""Gives governance's roster; raises ValueError or OSError with a message for people."""


def read_settings(roster: Section, directory: Path) -> GovernanceSettings | None:
    """The keys `governance` and `liaisons` of roster.yaml; None where neither is there."""
    governance, liaisons = (_kept(roster, key, directory) for key in ("governance", "liaisons"))
    if governance is None and liaisons is None:
        return None
    return GovernanceSettings(governance=governance, liaisons=liaisons)


def _kept(roster: Section, key: str, directory: Path) -> Kept | None:
    value = roster.get(key)
    if value is None:
        return None
    found = Section(roster.reading, value, key, ("file", "git", "path"))
    file, git, path = (found.text(part) for part in ("file", "git", "path"))
    if (file is None) == (git is None) or (git is None) != (path is None):
        shapes = "{file: FILE} or {git: REPOSITORY, path: FILE IN IT}"
        roster.reading.wrong(value, "shape", f"{key} must be {shapes}")
        return None
    if file is not None:
        return Kept(file=directory / file)
    return Kept(git=directory / (git or ""), path=path or "")


def laid_over(own: Roster, governance: Roster) -> Roster:
    """Our roster over governance's: people are the same by key or e-mail, teams by name; what we say wins."""
    same = {key: _same(person, own) for key, person in governance.people.items()}
    people = {**_strangers(governance, same), **own.people}
    for key, person in governance.people.items():
        if same[key] in own.people:
            people[same[key]] = _completed(people[same[key]], person)
    theirs = {name: _renamed(team, same) for name, team in governance.teams.items()}
    revision = ", ".join(filter(None, (own.revision, governance.revision)))
    return Roster(
        people=MappingProxyType(people),
        teams=MappingProxyType(_teams(own, theirs)),
        community=own.community,
        bots=own.bots,
        revision=revision,
    )


def _same(person: Person, own: Roster) -> str:
    """The key by which we know a person of governance."""
    if person.key in own.people:
        return person.key
    found = own.by_email.get(person.key.lower())
    return found or next(
        (own.by_email[mail.lower()] for mail in person.emails if mail.lower() in own.by_email), person.key
    )


def _strangers(governance: Roster, same: Mapping[str, str]) -> dict[str, Person]:
    return {key: person for key, person in governance.people.items() if same[key] == key}


def _completed(own: Person, theirs: Person) -> Person:
    return replace(own, name=own.name or theirs.name, irc=own.irc or theirs.irc)


def _renamed(team: Team, same: Mapping[str, str]) -> Team:
    duties = {name: _renamed_duty(duty, same) for name, duty in team.duties.items()}
    return replace(team, ptl=_keys(team.ptl, same), duties=MappingProxyType(duties))


def _renamed_duty(duty: Duty, same: Mapping[str, str]) -> Duty:
    return replace(duty, czars=_keys(duty.czars, same), deputies=_keys(duty.deputies, same))


def _keys(people: tuple[str, ...], same: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(same.get(person, person) for person in people))


def _teams(own: Roster, theirs: Mapping[str, Team]) -> dict[str, Team]:
    """Theirs first, in their order; a team of ours that only spells the name otherwise takes its place."""
    similar = {fold(name): name for name in reversed(list(theirs))}
    ours: dict[str, Team] = {}
    for name in sorted(own.teams, key=lambda name: name not in theirs):
        their = name if name in theirs else similar.get(fold(name), name)
        ours[name if their in ours else their] = own.teams[name]
    found = {}
    for name, team in theirs.items():
        mine = ours.pop(name, None)
        found[mine.name if mine else name] = _joined(mine, team) if mine else team
    return {**found, **{team.name: team for team in ours.values()}}


def _joined(mine: Team, theirs: Team) -> Team:
    leads = mine.ptl or mine.distributed
    return replace(
        mine,
        repos=tuple(dict.fromkeys((*theirs.repos, *mine.repos))),
        ptl=mine.ptl if leads else theirs.ptl,
        distributed=mine.distributed if leads else theirs.distributed,
        duties=MappingProxyType({**theirs.duties, **mine.duties}),
        deliverables=MappingProxyType({**theirs.deliverables, **mine.deliverables}),
        released_elsewhere=tuple(dict.fromkeys((*mine.released_elsewhere, *theirs.released_elsewhere))),
    )

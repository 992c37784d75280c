"""Read governance's projects.yaml and release_liaisons.yaml into a roster, in every shape they had since 2013.

Learnt from 1,612 versions of the file (`people.py` reads the people in it):

    projects      {integrated: [repo …], other: […]}, from 2014-05 [{repo: …}]
    deliverables  {name: {repos: [repo …]}}, from 2015-07; `repos` a string for a week of 2015-11
    liaisons      a list of TC members' nicks from 2019-07 (no duty), {duty: [person …], tc_members: [nick …]}
                  from 2020-11
    release-management   none or external at a deliverable, from 2018-11: no release request is made for it

Scalars are taken as text: a version or a nick never turns into a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from sys import intern
from types import MappingProxyType
from typing import Any

import yaml

from integrations.governance import plain
from integrations.governance.people import People, text
from rules.roster import Duty, Roster, Team, fold

NESTING_LIMIT = 5_000  # somewhere above 20,000 levels libyaml's composer overflows the stack and ends the process

_GOVERNANCE, _LIAISONS = "governance file", "release liaisons"
_NOT_DUTIES = frozenset({"tc_members"})
_ELSEWHERE = frozenset({"none", "external"})  # a deprecated one is not released at all
_RENAMED_DUTIES = {"events-liaison": "events"}  # 2026-05-26


class Unreadable(ValueError):
    """A roster kept elsewhere cannot be read; the message names the place and what is wrong there."""


def read(governance: str, *, liaisons: str = "", revision: str = "") -> Roster:
    """The roster in a governance file, with those of `release_liaisons.yaml` added to the duty `release`.

    A person's key is the e-mail address as first written, the name where there is none. A team known only to the
    liaisons (governance has retired it) keeps them and owns nothing. Empty text is an empty roster.
    Raises Unreadable, with line and column.
    """
    people = People()
    teams = {name: _team(name, raw, people, governance) for name, raw in _teams(governance, _GOVERNANCE).items()}
    listed = {name: people.keys(raw, name, "release") for name, raw in _teams(liaisons, _LIAISONS).items()}
    for name, keys in _matched(listed, teams).items():
        teams[name] = _with_release_czars(teams.get(name, Team(name=name)), keys)
    return Roster(
        people=MappingProxyType(people.found),
        teams=MappingProxyType(teams),
        revision=revision,
        other_names=MappingProxyType(people.other_names(_our_names(teams))),
    )


def _team(name: str, raw: object, people: People, whole: str) -> Team:
    if not isinstance(raw, dict):
        if text(raw) or isinstance(raw, list):
            raise Unreadable(f"{_GOVERNANCE}: {_place(whole, name)}: team {name} is not a mapping")
        return Team(name=name)
    distributed = raw.get("leadership_type") == "distributed"
    deliverables = _deliverables(raw)
    repos = (*_projects(raw), *(repo for held in deliverables.values() for repo in held))
    return Team(
        name=name,
        repos=tuple(dict.fromkeys(repos)),
        deliverables=MappingProxyType(deliverables),
        ptl=() if distributed else people.keys(raw.get("ptl"), name, "ptl"),
        distributed=distributed,
        duties=MappingProxyType(dict(_duties(name, raw.get("liaisons"), people))),
        released_elsewhere=_released_elsewhere(raw, deliverables),
    )


def _duties(team: str, raw: object, people: People) -> Iterator[tuple[str, Duty]]:
    if not isinstance(raw, dict):
        return  # none, or the TC members of 2019
    for word, those in raw.items():
        duty = _RENAMED_DUTIES.get(str(word), str(word))
        czars = () if duty in _NOT_DUTIES else people.keys(those, team, duty)
        if czars:
            yield duty, Duty(name=duty, czars=czars)


def _matched(listed: Mapping[str, tuple[str, ...]], teams: Mapping[str, Team]) -> dict[str, tuple[str, ...]]:
    """The liaisons by governance's name of the team, else by their own; an exact name wins over a similar one."""
    similar = {fold(name): name for name in teams}
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(listed, key=lambda name: name not in teams):
        found.setdefault(name if name in teams else similar.get(fold(name), name), listed[name])
    return {name: keys for name, keys in found.items() if keys}


def _our_names(teams: Mapping[str, Team]) -> Callable[[str], str]:
    """The liaisons' file may spell a team in its own way."""
    similar = {fold(name): name for name in teams}
    return lambda name: name if name in teams else similar.get(fold(name), name)


def _with_release_czars(team: Team, keys: tuple[str, ...]) -> Team:
    held = team.duties.get("release", Duty(name="release"))
    czars = tuple(dict.fromkeys((*held.czars, *keys)))
    return replace(team, duties=MappingProxyType({**team.duties, "release": replace(held, czars=czars)}))


def _projects(raw: Mapping[str, Any]) -> Iterator[str]:
    """The repos of before there were deliverables, in the order of the file."""
    projects = raw.get("projects")
    return _repo_names(projects.values() if isinstance(projects, dict) else (projects,))


def _deliverables(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Each deliverable with its repos, also one that has none."""
    written = raw.get("deliverables")
    found = {}
    for name, deliverable in written.items() if isinstance(written, dict) else ():
        repos = _repo_names((deliverable.get("repos"),) if isinstance(deliverable, dict) else ())
        found[intern(name)] = tuple(dict.fromkeys(repos))
    return found


def _released_elsewhere(raw: Mapping[str, Any], deliverables: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The repos of such deliverables, but for those that are part of another one too."""
    written = raw.get("deliverables")
    elsewhere: dict[str, None] = {}
    here: set[str] = set()
    for name, repos in deliverables.items():
        deliverable = written[name] if isinstance(written, dict) else None
        word = text(deliverable.get("release-management")) if isinstance(deliverable, dict) else ""
        if word in _ELSEWHERE:
            elsewhere.update(dict.fromkeys(repos))
        else:
            here.update(repos)
    return tuple(repo for repo in elsewhere if repo not in here)


def _repo_names(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _repo_names(value)
        elif isinstance(value, dict):
            yield from _repo_names((value.get("repo"),))
        elif repo := text(value):
            yield intern(repo)


def _teams(whole: str, what: str) -> dict[str, object]:
    raw = _load(whole, what)
    if isinstance(raw, dict):
        return raw
    first_days_of_the_liaisons = what == _LIAISONS and isinstance(raw, list)  # 2019-06-13 to 06-20
    if first_days_of_the_liaisons or not (text(raw) or isinstance(raw, list)):
        return {}
    raise Unreadable(f"{what}: line 1, column 1: not a mapping of teams")


def _load(whole: str, what: str) -> object:
    longest = max(map(len, whole.splitlines()), default=0)
    # A level of nesting takes a bracket or half a column (a list may stand in the column of its key).
    if 2 * longest + whole.count("[") + whole.count("{") > NESTING_LIMIT:
        raise Unreadable(f"{what}: too many brackets or too long a line ({longest} characters) to be read safely")
    try:
        return plain.load(whole)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(f"{what}: {_mark(error.problem_mark)}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise Unreadable(f"{what}: {_unprintable(whole)}: a character that YAML does not allow") from error


def _place(whole: str, team: str) -> str:
    """Where the value of a team stands; the text is read anew, for only somebody with a broken file waits for it."""
    node: Any = yaml.compose(whole, yaml.CBaseLoader)
    return _mark(next(value.start_mark for key, value in node.value if key.value == team))


def _mark(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line unknown"


def _unprintable(whole: str) -> str:
    for number, line in enumerate(whole.split("\n"), start=1):
        if found := yaml.reader.Reader.NON_PRINTABLE.search(line):
            return f"line {number}, column {found.start() + 1}"
    return "line unknown"

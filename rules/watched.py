"""What all teams watch, as an index made once per roster: repo to teams, requirement to teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rules.patterns import Pattern, pattern
from rules.requirement_lines import normalised
from rules.roster import Roster, Team

MOST_REPOS = 20_000
"""Repos remembered at once, as in `routing`."""


@dataclass(frozen=True, slots=True)
class Library:
    """A repo that a team watches."""

    team: Team
    paths: Pattern | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What all teams watch, made once per roster."""

    repos: tuple[tuple[Pattern, Library], ...]
    names: Mapping[str, tuple[Team, ...]]  # requirement, normalised, to who watches it
    _found: dict[str, tuple[Library, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.repos or self.names)

    def libraries(self, repo: str) -> tuple[Library, ...]:
        """By whom a repo is watched."""
        found = self._found.get(repo)
        if found is None:
            if len(self._found) >= MOST_REPOS:
                self._found.clear()
            found = self._found[repo] = tuple(library for takes, library in self.repos if takes(repo))
        return found

    def lists_versions(self, repo: str) -> bool:
        """Whether requirements in this repo matter: a list for all (`openstack/requirements`), or what is watched."""
        return bool(self.names) and (repo.endswith("requirements") or bool(self.libraries(repo)))


def watched(roster: Roster) -> Watched:
    """Of this roster, by identity."""
    return _made(_Same(roster))


class _Same:
    """A roster, known by its identity: comparing two of them by what they hold takes too long."""

    __slots__ = ("roster",)

    def __init__(self, roster: Roster) -> None:
        self.roster = roster

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.roster is self.roster

    def __hash__(self) -> int:
        return id(self.roster)


@lru_cache(maxsize=4)
def _made(same: _Same) -> Watched:
    repos: list[tuple[Pattern, Library]] = []
    names: dict[str, dict[str, Team]] = {}
    for team in same.roster.teams.values():
        for watch in team.watches:
            if watch.repos:
                paths = pattern(watch.paths) if watch.paths else None
                repos.append((pattern(watch.repos), Library(team, paths)))
            for name in watch.requirements:
                names.setdefault(normalised(name), {})[team.name] = team
    return Watched(repos=tuple(repos), names={name: tuple(teams.values()) for name, teams in names.items()})

"""Who watches what is found without asking every team."""

from __future__ import annotations

import pytest

from rules import watched as module
from rules.roster import Roster, Team, Watch
from rules.watched import watched

OSLO = "openstack/oslo.log"
NOVA = Team(
    name="nova",
    watches=(
        Watch(repos=("openstack/oslo.*", "!openstack/oslo.tools"), paths=("**/rpc/**",)),
        Watch(requirements=("Oslo_Log",)),
    ),
)
GLANCE = Team(name="glance", watches=(Watch(repos=(OSLO,), requirements=("oslo.log", "six")),))


def roster(*teams: Team) -> Roster:
    return Roster(people={}, teams={team.name: team for team in teams})


def test_repos_lead_to_all_who_watch_them() -> None:
    both = watched(roster(NOVA, GLANCE))
    assert [one.team.name for one in both.libraries(OSLO)] == ["nova", "glance"]
    assert [one.team.name for one in both.libraries("openstack/oslo.db")] == ["nova"]
    assert [both.libraries(repo) for repo in ("openstack/oslo.tools", "openstack/six")] == [(), ()]


def test_paths_are_those_of_the_watch() -> None:
    first, second = watched(roster(NOVA, GLANCE)).libraries(OSLO)
    assert first.paths is not None
    assert (first.paths("oslo/rpc/server.py"), first.paths("setup.cfg")) == (True, False)
    assert second.paths is None


def test_requirements_are_compared_as_pep_503_does() -> None:
    names = watched(roster(NOVA, GLANCE)).names
    assert {name: [team.name for team in teams] for name, teams in names.items()} == {
        "oslo-log": ["nova", "glance"],
        "six": ["glance"],
    }


def test_versions_are_listed_in_repos_of_requirements_and_in_watched_ones() -> None:
    some = watched(roster(NOVA))
    listed = [some.lists_versions(repo) for repo in ("openstack/requirements", OSLO, "openstack/nova")]
    assert listed == [True, True, False]
    assert not watched(roster(Team(name="nova", watches=(Watch(repos=(OSLO,)),)))).lists_versions(OSLO)


def test_who_watches_nothing_has_nothing() -> None:
    assert not watched(roster(Team(name="nova")))
    assert watched(roster(GLANCE))


def test_the_index_is_made_once_per_roster() -> None:
    one, other = roster(NOVA), roster(NOVA)
    assert watched(one) is watched(one)
    assert watched(one) is not watched(other)


def test_made_up_repos_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REPOS", 10)
    some = watched(roster(NOVA))
    for n in range(25):
        some.libraries(f"openstack/oslo.{n}")
    assert len(some._found) <= 10

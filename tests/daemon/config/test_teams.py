from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.config.people import Names
from daemon.config.reading import Reading
from daemon.config.teams import owned, read_team
from rules.roster import FinalSay, Roster, Team, Watch
from tests.daemon.config.makers import marked, said

NOBODY = Names(Roster(people={}, teams={}))


def team(text: str) -> tuple[Team, list[str]]:
    reading = Reading("roster.yaml")
    return read_team(reading, "nova", marked(text), NOBODY), said(reading)


def test_a_team_without_anything() -> None:
    assert team("{}") == (Team(name="nova"), [])


def test_the_repos_of_its_deliverables_are_a_teams_own() -> None:
    found, wrong = team("{repos: [nova, specs], deliverables: {nova: nova, client: [client, client-tests], empty: []}}")
    assert not wrong
    assert found.repos == ("nova", "specs", "client", "client-tests")
    assert found.deliverables == {"nova": ("nova",), "client": ("client", "client-tests"), "empty": ()}


def test_all_that_a_team_names_as_its_own() -> None:
    found = owned(marked("{repos: nova, deliverables: {client: [client]}}"))
    assert [(kind, word.text) for kind, word in found] == [
        ("repo", "nova"),
        ("deliverable", "client"),
        ("repo of a deliverable", "client"),
    ]
    assert not list(owned(marked("[nova]")))
    assert not list(owned(marked("{repos: {a: b}, deliverables: [c]}")))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("{repos: 'openstack/oslo.*'}", [Watch(repos=("openstack/oslo.*",))]),
        (
            "{repos: [a, b], paths: ['api/**', '!api/test/**']}",
            [Watch(repos=("a", "b"), paths=("api/**", "!api/test/**"))],
        ),
        (
            "[{requirements: [oslo.config, oslo-db]}, {repos: a}]",
            [Watch(requirements=("oslo.config", "oslo-db")), Watch(repos=("a",))],
        ),
        ("[]", []),
    ],
)
def test_what_a_team_watches(text: str, means: list[Watch]) -> None:
    found, wrong = team(f"{{watches: {text}}}")
    assert not wrong
    assert found.watches == tuple(means)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("openstack/oslo.config", "1:11: watches must be a mapping"),
        ("[openstack/oslo.config]", "1:12: watches must be a mapping"),
        ("{}", "1:11: watches needs 'repos' or 'requirements'"),
        ("{paths: ['api/**']}", "1:12: 'paths' needs 'repos': those they are in"),
        ("{repos: ['re:(']}", "1:20: '(' is no regular expression"),
        ("{repos: a, paths: ['re:(']}", "1:30: '(' is no regular expression"),
        (
            "{requirements: 'oslo.config>=5'}",
            "1:26: a requirement is made of letters, digits, . _ + and -: 'oslo.config>",
        ),
        ("{requirement: oslo.config}", "1:12: unknown key 'requirement' (did you mean 'requirements'?)"),
    ],
)
def test_what_cannot_be_watched(text: str, told: str) -> None:
    assert any(line.startswith(f"roster.yaml:{told}") for line in team(f"{{watches: {text}}}")[1])


def test_when_the_ptl_has_the_final_say() -> None:
    found, wrong = team("{final_say: {after: 2d, freeze: ['re:^WIP', freeze]}}")
    assert not wrong
    assert found.final_say == FinalSay(after=timedelta(days=2), freeze=("re:^WIP", "freeze"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("final_say: {}", "1:12: final_say needs 'after'"),
        ("final_say: {after: soon}", "1:20: 'soon' is no duration: write e.g. 12h or 2d"),
        ("final_say: {after: 2d, freeze: 're:('}", "1:32: '(' is no regular expression"),
        ("final_say: true", "1:12: final_say must be a mapping"),
        (
            "{leadership: distributed, final_say: {after: 2d}}",
            "1:27: a team of distributed leadership has no PTL",
        ),
    ],
)
def test_what_cannot_be_a_final_say(text: str, told: str) -> None:
    wrong = team(text)[1]
    assert [line.startswith(f"roster.yaml:{told}") for line in wrong] == [True]

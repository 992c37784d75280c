from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from daemon.config.governance import GovernanceSettings, Kept, laid_over
from daemon.config.reading import Reading
from daemon.config.roster import read_roster
from rules.roster import Duty, FinalSay, Person, Roster, Team, Watch
from tests.daemon.config.makers import marked, roster_of, said

THEIRS = Roster(
    people={
        "ann@example.org": Person(key="ann@example.org", name="Ann", emails=("ann@example.org",), irc="ann_"),
        "joe@example.org": Person(key="joe@example.org", name="Joe", emails=("joe@example.org",)),
        "Zed": Person(key="Zed", name="Zed"),
    },
    teams={
        "Quality Assurance": Team(
            name="Quality Assurance",
            repos=("openstack/tempest",),
            deliverables=MappingProxyType({"tempest": ("openstack/tempest",)}),
            ptl=("ann@example.org",),
            duties=MappingProxyType(
                {
                    "release": Duty(name="release", czars=("joe@example.org", "ann@example.org")),
                    "docs": Duty(name="docs", czars=("Zed",)),
                }
            ),
        ),
        "nova": Team(name="nova", repos=("openstack/nova",), distributed=True),
    },
    revision="governance 0123",
)

OURS = """
governance: {file: projects.yaml}
people:
  ann: {gerrit: ann, email: Ann@example.org, irc: mine}
teams:
  quality-assurance:
    repos: [openstack/grenade]
    deliverables: {devstack: [openstack/devstack]}
    duties: {gate: {czars: [ann, joe@example.org, Zed]}, docs: {czars: [ann]}}
"""


def merged(text: str, theirs: Roster = THEIRS) -> tuple[Roster, list[str], list[GovernanceSettings]]:
    asked: list[GovernanceSettings] = []
    reading = Reading("roster.yaml")

    def governance(settings: GovernanceSettings) -> Roster:
        asked.append(settings)
        return theirs

    roster = read_roster(marked(text), reading, directory=Path("/etc/czar"), governance=governance, revision="mine")
    return roster, said(reading), asked


def test_a_person_found_by_e_mail_keeps_our_key_and_fields() -> None:
    roster, wrong, _ = merged(OURS)
    assert not wrong
    assert set(roster.people) == {"ann", "joe@example.org", "Zed"}
    ann = roster.people["ann"]
    assert (ann.name, ann.gerrit, ann.irc) == ("Ann", "ann", "mine")


def test_a_team_of_ours_extends_governances() -> None:
    roster, _, _ = merged(OURS)
    assert list(roster.teams) == ["quality-assurance", "nova"]
    team = roster.teams["quality-assurance"]
    assert team.repos == ("openstack/tempest", "openstack/grenade", "openstack/devstack")
    assert team.deliverables == {"tempest": ("openstack/tempest",), "devstack": ("openstack/devstack",)}
    assert team.ptl == ("ann",)
    assert {name: duty.czars for name, duty in team.duties.items()} == {
        "release": ("joe@example.org", "ann"),
        "docs": ("ann",),
        "gate": ("ann", "joe@example.org", "Zed"),
    }
    assert roster.teams["nova"].distributed
    assert roster.revision == "mine, governance 0123"


def test_our_ptl_wins_over_distributed_leadership() -> None:
    roster, wrong, _ = merged("governance: {file: p}\npeople: {bob: {}}\nteams: {nova: {ptl: bob}}\n")
    assert not wrong
    assert (roster.teams["nova"].ptl, roster.teams["nova"].distributed) == (("bob",), False)


def test_a_person_may_be_known_by_governances_key() -> None:
    roster, wrong, _ = merged("governance: {file: p}\npeople: {joe@example.org: {gerrit: joe}}\n")
    assert not wrong
    assert (roster.people["joe@example.org"].gerrit, roster.people["joe@example.org"].name) == ("joe", "Joe")


def test_people_of_ours_may_be_spoken_of_by_e_mail() -> None:
    roster, wrong, _ = merged(OURS.replace("czars: [ann]", "czars: [ann@example.org]"))
    assert not wrong
    assert roster.teams["quality-assurance"].duties["docs"].czars == ("ann",)


def test_a_repo_stays_with_the_team_that_governance_says() -> None:
    _, wrong, _ = merged("governance: {file: p}\nteams: {glance: {repos: [openstack/nova]}}\n")
    assert wrong == ["roster.yaml:2:26: repo 'openstack/nova' is that of team 'nova' already"]
    _, wrong, _ = merged("governance: {file: p}\nteams: {nova: {deliverables: {tempest: []}}}\n")
    assert wrong == ["roster.yaml:2:31: deliverable 'tempest' is that of team 'Quality Assurance' already"]


def test_what_only_we_say_of_a_team_is_kept() -> None:
    roster, wrong, _ = merged("governance: {file: p}\nteams: {nova: {watches: {repos: a}, final_say: {after: 1d}}}\n")
    assert not wrong
    nova = roster.teams["nova"]
    assert (nova.repos, nova.watches, nova.final_say) == (
        ("openstack/nova",),
        (Watch(repos=("a",)),),
        FinalSay(after=timedelta(days=1)),
    )


def test_what_is_released_elsewhere_is_so_too_in_a_team_of_which_we_say_something() -> None:
    theirs = Roster(people={}, teams={"nova": Team(name="nova", repos=("a", "b"), released_elsewhere=("b",))})
    own = Roster(people={}, teams={"nova": Team(name="nova", repos=("c",))})
    assert laid_over(own, theirs).teams["nova"].released_elsewhere == ("b",)


def test_files_and_repositories_are_relative_to_the_directory() -> None:
    _, _, asked = merged("governance: {file: projects.yaml}\nliaisons: {git: /srv/releases, path: data/l.yaml}\n")
    assert asked == [
        GovernanceSettings(
            governance=Kept(file=Path("/etc/czar/projects.yaml")),
            liaisons=Kept(git=Path("/srv/releases"), path="data/l.yaml"),
        )
    ]


@pytest.mark.parametrize("error", [ValueError("line 3, column 1: not a mapping"), FileNotFoundError(2, "gone", "p")])
def test_what_governance_cannot_read_is_told_where_it_is_named(error: Exception) -> None:
    def governance(settings: GovernanceSettings) -> Roster:
        raise error

    reading = Reading("roster.yaml")
    read_roster(marked("\ngovernance: {file: p}\n"), reading, directory=Path(), governance=governance)
    assert said(reading) == [f"roster.yaml:2:13: governance's roster cannot be read: {error}"]


def test_without_a_reader_governance_is_refused_rather_than_ignored() -> None:
    assert roster_of("governance: {file: p}\n")[1] == ["roster.yaml:1:13: governance's files cannot be read here"]


def test_two_teams_of_ours_that_governance_spells_as_one_are_both_kept() -> None:
    own = Roster(people={}, teams={name: Team(name=name) for name in ("nova", "Nova")})
    assert set(laid_over(own, THEIRS).teams) == {"nova", "Nova", "Quality Assurance"}

from __future__ import annotations

from rules.roster import Team
from tests.daemon.config.makers import ROSTER, roster_of


def test_a_team_with_everything() -> None:
    roster, wrong = roster_of("""
        people: {ann: {}}
        bots: [zuul, proposal-bot]
        teams:
          nova:
            {repos: [openstack/nova], jobs: ["nova-*"], launchpad: nova, ptl: ann, leadership: ptl, duties: {},
             mode: observe, self_sign: false}
        """)
    assert not wrong
    assert roster.bots == {"zuul", "proposal-bot"}
    assert roster.teams["nova"] == Team(
        name="nova",
        repos=("openstack/nova",),
        jobs=("nova-*",),
        launchpad=("nova",),
        ptl=("ann",),
        duties=roster.teams["nova"].duties,
        mode="observe",
        self_sign=False,
    )


def test_a_team_may_keep_its_own_part() -> None:
    roster, wrong = roster_of(ROSTER, glance="repos: [openstack/glance]\nduties: {code: {czars: [ann]}}\n")
    assert not wrong
    assert roster.owners == {"openstack/nova": "nova", "openstack/glance": "glance"}
    assert roster.teams["glance"].duties["code"].czars == ("ann",)


def test_mistakes_in_a_teams_file_are_told_there() -> None:
    assert roster_of(ROSTER, glance="repos: [openstack/nova]\nptl: anne\n")[1] == [
        "teams.d/glance.yaml:1:9: repo 'openstack/nova' is that of team 'nova' already",
        "teams.d/glance.yaml:2:6: unknown person 'anne' (did you mean 'ann'?)",
    ]


def test_a_team_stands_in_one_place_only() -> None:
    assert roster_of(ROSTER, nova="ptl: ann\n")[1] == [
        "teams.d/nova.yaml:1:1: team 'nova' stands in roster.yaml too (line 6): keep one of them"
    ]
    assert roster_of(ROSTER, Nova="ptl: ann\n")[1] == ["teams.d/Nova.yaml:1:1: team 'Nova' is 'nova' spelled otherwise"]


def test_an_empty_roster_is_one() -> None:
    roster, wrong = roster_of("{}")
    assert not wrong
    assert not roster.people
    assert not roster.teams


def test_what_one_team_owns_no_other_can() -> None:
    assert roster_of("""
        teams:
          nova: {repos: [nova], deliverables: {nova: [nova, client], docs: [nova]}}
          glance: {repos: [client], deliverables: {nova: [glance]}}
          path: {}
        """)[1] == [
        "roster.yaml:3:69: repo 'nova' stands twice",
        "roster.yaml:4:20: repo 'client' is that of team 'nova' already",
        "roster.yaml:4:44: deliverable 'nova' is that of team 'nova' already",
        "roster.yaml:5:3: a team cannot be called 'path': in rules that means something else",
    ]


def test_the_owner_of_a_deliverable_is_found() -> None:
    roster, wrong = roster_of("teams: {nova: {deliverables: {python-novaclient: [openstack/python-novaclient]}}}")
    assert not wrong
    assert roster.deliverable_teams == {"python-novaclient": "nova"}
    assert roster.owners == {"openstack/python-novaclient": "nova"}

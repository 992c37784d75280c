"""Where a roster is thin, on made-up teams and on governance's file of 2026-08-08."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from integrations.governance.shapes import read
from rules.roster import COMMUNITY, Absence, Duty, Person, Roster, Shift, Team, Term
from rules.roster_review import (
    FREE_MAIL,
    PTL,
    Row,
    approvers,
    gaps,
    holders,
    one_company,
    one_company_teams,
    one_domain,
    review,
    shown_duties,
    without_ptl,
)

NOW = datetime(2026, 8, 8, 12, tzinfo=UTC)
TODAY = date(2026, 8, 8)
SAMPLES = Path(__file__).parents[1] / "samples" / "governance"


def person(key: str, domain: str = "", **fields: object) -> Person:
    return replace(Person(key=key, emails=(f"{key}@{domain or key + '.example'}",)), **fields)  # type: ignore[arg-type]


def roster(*people: Person, team: Team | None = None, community: Duty | None = None) -> Roster:
    return Roster(
        people={p.key: p for p in people},
        teams={team.name: team} if team else {},
        community={community.name: community} if community else {},
    )


def nova(duty: Duty | None = None, *, ptl: tuple[str, ...] = ("ptl",), distributed: bool = False) -> Team:
    return Team(name="nova", ptl=ptl, distributed=distributed, duties={duty.name: duty} if duty else {})


def problems(found: Roster, duty: str = "release") -> tuple[str, ...]:
    (row,) = (row for row in review(found, NOW) if row.duty == duty)
    return row.problems


def release(*czars: str, **fields: object) -> Duty:
    return replace(Duty(name="release", czars=czars), **fields)  # type: ignore[arg-type]


def test_two_people_of_two_companies_are_no_problem() -> None:
    found = roster(person("ann"), person("bob"), person("ptl"), team=nova(release("ann", "bob")))
    assert problems(found) == ()
    assert problems(found, PTL) == ()


def test_a_duty_nobody_holds_is_a_gap() -> None:
    found = roster(person("ptl"), team=nova())
    assert problems(found) == ("nobody",)
    assert gaps(review(found, NOW)) == (
        Row(team="nova", duty="release", people=(), problems=("nobody",)),
        Row(team="nova", duty="security", people=(), problems=("nobody",)),
    )


def test_a_vacant_seat_of_the_ptl_is_a_gap() -> None:
    found = roster(team=nova(ptl=()))
    assert problems(found, PTL) == ("no PTL",)
    assert without_ptl(found) == ("nova",)


def test_a_distributed_team_has_no_row_for_a_ptl_it_is_not_to_have() -> None:
    found = roster(team=nova(ptl=(), distributed=True))
    assert [row.duty for row in review(found, NOW)] == ["release", "security"]


def test_one_czar_is_one_person_only_and_a_deputy_helps() -> None:
    assert problems(roster(person("ann"), team=nova(release("ann")))) == ("one person only",)
    assert problems(roster(person("ann"), person("bob"), team=nova(release("ann", deputies=("bob",))))) == ()


def test_two_people_of_one_company_are_named() -> None:
    people = (person("ann", "company.example"), person("bob", "Company.example"), person("ptl"))
    assert problems(roster(*people, team=nova(release("ann", "bob")))) == ("all of one company",)


@pytest.mark.parametrize("domain", ["freemail.example", "gmail.com"])
def test_two_people_with_free_mail_need_not_know_each_other(domain: str) -> None:
    people = (person("ann", domain), person("bob", domain), person("ptl"))
    assert problems(roster(*people, team=nova(release("ann", "bob")))) == ()


def test_somebody_without_an_address_may_be_of_any_company() -> None:
    people = (person("ann", "company.example"), person("bob", "company.example"), person("cy", emails=()))
    assert not one_company(roster(*people), ("ann", "bob", "cy"))
    assert not one_company(roster(*people), ("ann", "bob", "somebody unknown"))
    assert one_company(roster(*people), ("ann", "bob"))


def test_a_whole_team_of_one_company_is_said_once() -> None:
    people = (person("ann", "company.example"), person("ptl", "company.example"))
    found = roster(*people, team=nova(release("ann")))
    assert problems(found, PTL) == ("whole team of one company",)
    assert problems(found) == ("one person only",)
    assert one_company_teams(found) == ("nova",)


def test_a_distributed_team_of_one_company_is_said_where_its_first_person_stands() -> None:
    people = (person("ann", "company.example"), person("bob", "company.example"))
    found = roster(*people, team=nova(Duty(name="security", czars=("ann", "bob")), distributed=True))
    assert problems(found, "security") == ("all of one company", "whole team of one company")


def test_an_ended_term_is_named_by_its_last_day() -> None:
    ended = release("ann", "bob", term=Term(last=date(2026, 8, 7)))
    assert problems(roster(person("ann"), person("bob"), team=nova(ended))) == ("term ended 2026-08-07",)
    lasting = release("ann", "bob", term=Term(last=TODAY))
    assert problems(roster(person("ann"), person("bob"), team=nova(lasting))) == ()


def test_an_absence_is_a_problem_only_where_nobody_else_can_be_asked() -> None:
    away = person("ann", away=(Absence(first=TODAY, last=TODAY),))
    covered = person("ann", away=(Absence(first=TODAY, last=TODAY, cover="bob"),))
    assert problems(roster(away, team=nova(release("ann")))) == ("one person only", "away with no cover")
    assert problems(roster(covered, person("bob"), team=nova(release("ann")))) == ("one person only",)
    assert problems(roster(away, person("bob"), team=nova(release("ann", "bob")))) == ()


def test_an_absent_ptl_without_cover_is_named() -> None:
    away = person("ptl", away=(Absence(first=TODAY, last=TODAY),))
    assert problems(roster(away, team=nova()), PTL) == ("away with no cover",)


def test_a_duty_without_anybody_on_shift_today_is_named() -> None:
    past = (Shift(person="ann", first=date(2026, 1, 1), last=date(2026, 1, 2)),)
    assert problems(roster(person("ann"), team=nova(release(shifts=past)))) == (
        "one person only",
        "nobody available now",
    )


def test_duties_filled_anywhere_are_shown_for_every_team() -> None:
    teams = {"nova": nova(Duty(name="gate", czars=("ann",))), "glance": Team(name="glance", ptl=("ann",))}
    found = Roster(people={"ann": person("ann")}, teams=teams)
    assert shown_duties(found) == ("release", "security", "gate")
    assert [row.duty for row in review(found, NOW) if row.team == "glance"] == ["ptl", "release", "security", "gate"]


def test_duties_of_the_community_come_last() -> None:
    found = roster(person("ann"), person("ptl"), team=nova(), community=Duty(name="vmt", czars=("ann",)))
    assert review(found, NOW)[-1] == Row(team=COMMUNITY, duty="vmt", people=("ann",), problems=("one person only",))


def test_an_expired_czar_who_is_ptl_still_approves() -> None:
    found = roster(person("ptl"), team=nova(release("ptl", term=Term(last=date(2026, 1, 1)))))
    assert approvers(found, "nova", NOW) == ("ptl",)


@pytest.fixture(scope="module")
def today() -> Roster:
    return read((SAMPLES / "HEAD-2026-08-08.yaml").read_text())


class TestGovernanceOfAugust2026:
    """Counts made independently, from the public file (facts/releases.md, part 4)."""

    def test_six_of_42_teams_have_no_ptl(self, today: Roster) -> None:
        assert len(today.teams) == 42
        assert set(without_ptl(today)) == {
            "freezer",
            "ironic",
            "oslo",
            "Release Management",
            "requirements",
            "vitrage",
        }

    def test_the_gaps_are_counted_by_duty(self, today: Roster) -> None:
        found = Counter(row.duty for row in gaps(review(today, NOW)))
        assert found == {"ptl": 1, "release": 18, "security": 14, "tact-sig": 37, "tc-liaison": 37, "events": 41}

    def test_22_teams_share_a_mail_domain_and_5_a_company(self, today: Roster) -> None:
        alike = {name: domain for name, team in today.teams.items() if (domain := one_domain(today, holders(team)))}
        alone = {name for name in alike if len(holders(today.teams[name])) == 1}
        free_mail = {name for name, domain in alike.items() if domain in FREE_MAIL}
        assert (len(alike), len(free_mail), len(alone - free_mail)) == (22, 9, 8)
        assert set(one_company_teams(today)) == {"adjutant", "barbican", "cyborg", "glance", "Telemetry"}

    def test_a_release_hangs_on_one_person_in_20_teams_and_on_nobody_in_vitrage(self, today: Roster) -> None:
        found = {team: len(approvers(today, team, NOW)) for team in today.teams}
        assert Counter(found.values())[1] == 20
        assert [team for team, count in found.items() if count == 0] == ["vitrage"]

    def test_ptl_and_release_liaisons_of_five_teams_are_of_one_company(self, today: Roster) -> None:
        found = {team for team in today.teams if one_company(today, approvers(today, team, NOW))}
        assert found == {"barbican", "blazar", "cyborg", "glance", "Telemetry"}

"""Who answers for a duty at an instant: lists, turns, shifts, terms, absences, deputies and the PTL."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.roster import (
    COMMUNITY,
    Absence,
    Delegate,
    Duty,
    Person,
    Roster,
    Rotation,
    Shift,
    Standing,
    Swap,
    Team,
    Term,
    fold,
    local_date,
)

MONDAY = date(2026, 1, 5)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def roster(*people: Person, ptl: tuple[str, ...] = (), distributed: bool = False, **duty: Any) -> Roster:
    """Ann, Bob and Cy, the given people, and the team nova with one duty `release`."""
    everybody = {key: Person(key=key) for key in ("ann", "bob", "cy", "ptl")} | {
        person.key: person for person in people
    }
    duties = {"release": Duty(name="release", **duty)} if duty else {}
    return Roster(people=everybody, teams={"nova": Team(name="nova", ptl=ptl, distributed=distributed, duties=duties)})


def asked(found: Roster, at: datetime = NOON) -> list[tuple[str, str, bool]]:
    return [(s.person, s.role, s.available) for s in found.who("nova", "release", at)]


def day(number: int, hour: int = 12, zone: str = "UTC") -> datetime:
    """Noon, or another hour, of so many days after Monday."""
    return datetime.combine(MONDAY + timedelta(days=number), time(hour), ZoneInfo(zone))


class TestOrder:
    def test_czars_are_asked_before_deputies_and_these_before_the_ptl(self) -> None:
        found = roster(ptl=("ptl",), czars=("ann", "bob"), deputies=("cy",))
        assert asked(found) == [
            ("ann", "czar", True),
            ("bob", "czar", True),
            ("cy", "deputy", True),
            ("ptl", "ptl", True),
        ]

    def test_a_ptl_who_is_also_czar_is_asked_once(self) -> None:
        assert asked(roster(ptl=("ann",), czars=("ann",))) == [("ann", "czar", True)]

    def test_a_duty_nobody_holds_falls_to_the_ptl(self) -> None:
        assert asked(roster(ptl=("ptl",))) == [("ptl", "ptl", True)]

    def test_two_people_may_be_ptl(self) -> None:
        assert asked(roster(ptl=("ann", "bob"))) == [("ann", "ptl", True), ("bob", "ptl", True)]

    def test_a_distributed_team_has_no_ptl_to_ask(self) -> None:
        assert asked(roster(ptl=("ptl",), distributed=True, czars=("ann",))) == [("ann", "czar", True)]

    def test_each_tier_is_named_even_where_it_is_empty(self) -> None:
        tiers = tuple(roster(ptl=("ptl",), czars=("ann",)).tiers("nova", "release", NOON))
        assert [(role, [s.person for s in people]) for role, people in tiers] == [
            ("czar", ["ann"]),
            ("deputy", []),
            ("ptl", ["ptl"]),
        ]

    def test_the_community_has_duties_and_no_ptl(self) -> None:
        duty = Duty(name="vmt", czars=("ann",))
        found = Roster(people={"ann": Person(key="ann")}, teams={}, community={"vmt": duty})
        assert [s.person for s in found.who(COMMUNITY, "vmt", NOON)] == ["ann"]

    def test_an_unknown_team_is_a_mistake_of_the_asker(self) -> None:
        with pytest.raises(KeyError):
            roster().who("glance", "release", NOON)

    def test_everybody_is_told_why(self) -> None:
        found = roster(ptl=("ptl",), czars=("ann", "bob"), deputies=("cy",)).who("nova", "release", NOON)
        assert [s.because for s in found] == [
            "is first in line for release",
            "is next in line for release",
            "is deputy for release",
            "is PTL of nova",
        ]


class TestTurns:
    def test_the_turn_changes_each_week_and_the_others_follow(self) -> None:
        found = roster(rotation=Rotation(order=("ann", "bob", "cy"), start=MONDAY))
        assert [asked(found, day(n))[0][0] for n in (0, 6, 7, 13, 14, 21)] == ["ann", "ann", "bob", "bob", "cy", "ann"]
        assert [person for person, _, _ in asked(found, day(7))] == ["bob", "cy", "ann"]

    def test_the_turns_reach_back_before_the_start(self) -> None:
        rotation = Rotation(order=("ann", "bob", "cy"), start=MONDAY)
        assert [rotation.turn(day(n)) for n in (-1, -7, -8)] == [2, 2, 1]

    def test_a_turn_of_working_days_skips_the_weekend(self) -> None:
        rotation = Rotation(order=("ann", "bob", "cy"), every=1, workdays=True, start=MONDAY)
        assert [rotation.turn(day(n)) for n in range(8)] == [0, 1, 2, 0, 1, 2, 2, 2]

    def test_on_a_weekend_it_is_already_mondays_turn(self) -> None:
        rotation = Rotation(order=("ann", "bob"), every=5, workdays=True, start=MONDAY)
        assert [rotation.turn(day(n)) for n in (4, 5, 6, 7)] == [0, 1, 1, 1]

    def test_the_turn_changes_at_midnight_of_its_own_time_zone(self) -> None:
        rotation = Rotation(order=("ann", "bob"), every=1, start=MONDAY, tz="Asia/Tokyo")
        assert rotation.turn(datetime(2026, 1, 5, 14, 59, 59, tzinfo=UTC)) == 0
        assert rotation.turn(datetime(2026, 1, 5, 15, 0, tzinfo=UTC)) == 1

    def test_a_turn_that_spans_the_change_of_clocks_keeps_its_days(self) -> None:
        rotation = Rotation(order=("ann", "bob"), every=1, start=date(2026, 3, 28), tz="Europe/Berlin")
        midnights = [datetime(2026, 3, n, tzinfo=ZoneInfo("Europe/Berlin")) for n in (28, 29, 30, 31)]
        assert [rotation.turn(midnight) for midnight in midnights] == [0, 1, 0, 1]

    @given(
        people=st.integers(1, 7),
        every=st.integers(1, 30),
        workdays=st.booleans(),
        start=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
        first=st.integers(-400, 400),
    )
    def test_everybody_serves_as_many_days_as_the_others(
        self, people: int, every: int, workdays: bool, start: date, first: int
    ) -> None:
        rotation = Rotation(order=tuple(map(str, range(people))), every=every, workdays=workdays, start=start)
        # So many weeks hold whole rounds of days as well as of working days.
        days = [datetime.combine(start + timedelta(days=first + n), time(), UTC) for n in range(7 * people * every)]
        served = [rotation.turn(at) for at in days if not workdays or at.weekday() < 5]
        assert {served.count(turn) for turn in range(people)} == {len(served) // people}

    @given(start=st.dates(date(2000, 1, 1), date(2040, 1, 1)), n=st.integers(-1000, 1000), every=st.integers(1, 30))
    def test_the_turn_moves_by_one_or_not_at_all(self, start: date, n: int, every: int) -> None:
        rotation = Rotation(order=tuple(map(str, range(5))), every=every, workdays=True, start=start)
        today, tomorrow = (datetime.combine(start + timedelta(days=n + k), time(), UTC) for k in (0, 1))
        assert (rotation.turn(tomorrow) - rotation.turn(today)) % 5 in (0, 1)


class TestSwaps:
    SUNDAY = MONDAY + timedelta(days=6)

    def turns(self, *swaps: Swap, tz: str = "UTC") -> Roster:
        return roster(rotation=Rotation(order=("ann", "bob", "cy"), start=MONDAY, swaps=swaps, tz=tz))

    def swap(self, one: str = "ann", other: str = "bob", first: date = MONDAY, last: date = SUNDAY) -> Swap:
        return Swap(one=one, other=other, first=first, last=last)

    def order(self, found: Roster, at: datetime = NOON) -> list[str]:
        return [person for person, _, _ in asked(found, at)]

    def test_two_stand_in_each_others_places_both_days_included(self) -> None:
        found = self.turns(self.swap())
        assert [self.order(found, day(n))[0] for n in (-1, 0, 6, 7)] == ["cy", "bob", "bob", "bob"]
        assert self.order(found) == ["bob", "ann", "cy"]

    def test_may_be_about_part_of_a_turn(self) -> None:
        wednesday = MONDAY + timedelta(days=2)
        found = self.turns(self.swap(first=wednesday, last=wednesday))
        assert [self.order(found, day(n))[0] for n in (1, 2, 3)] == ["ann", "bob", "ann"]

    def test_name_the_two_either_way(self) -> None:
        assert self.order(self.turns(self.swap("bob", "ann"))) == self.order(self.turns(self.swap("ann", "bob")))

    def test_may_follow_each_other(self) -> None:
        assert self.order(self.turns(self.swap("ann", "bob"), self.swap("bob", "cy"))) == ["bob", "cy", "ann"]

    def test_with_somebody_who_is_not_in_the_rotation_say_nothing(self) -> None:
        assert self.order(self.turns(self.swap("ann", "dee"), self.swap("dee", "eve"))) == ["ann", "bob", "cy"]

    def test_begin_and_end_with_the_day_of_the_rotation(self) -> None:
        found = self.turns(self.swap(), tz="Asia/Tokyo")
        assert self.order(found, datetime(2026, 1, 4, 15, tzinfo=UTC))[0] == "bob"  # Monday there
        assert self.order(found, datetime(2026, 1, 11, 14, 59, tzinfo=UTC))[0] == "bob"

    def test_are_told(self) -> None:
        found = self.turns(self.swap()).who("nova", "release", NOON)
        assert [one.because for one in found] == [
            "is on duty now (rotation), having swapped with ann",
            "follows in the rotation, having swapped with bob",
            "follows in the rotation",
        ]

    def test_whoever_is_away_in_a_turn_taken_over_is_covered(self) -> None:
        bob = Person(key="bob", away=(Absence(first=MONDAY, last=MONDAY, cover="ptl"),))
        turns = Rotation(order=("ann", "bob", "cy"), start=MONDAY, swaps=(self.swap(),))
        assert asked(roster(bob, rotation=turns)) == [
            ("bob", "czar", False),
            ("ptl", "czar", True),
            ("ann", "czar", True),
            ("cy", "czar", True),
        ]


class TestDelegates:
    CY = Delegate(person="cy", by="ptl", last=MONDAY)

    def test_stand_before_all_others_through_their_last_day(self) -> None:
        found = roster(ptl=("ptl",), czars=("ann",), delegates=(self.CY,))
        assert [person for person, _, _ in asked(found)] == ["cy", "ann", "ptl"]
        assert [person for person, _, _ in asked(found, day(1, 0))] == ["ann", "ptl"]

    def test_stand_before_rotations_and_shifts_too(self) -> None:
        turns = roster(rotation=Rotation(order=("ann", "bob"), start=MONDAY), delegates=(self.CY,))
        assert [person for person, _, _ in asked(turns)] == ["cy", "ann", "bob"]
        shifts = roster(shifts=(Shift(person="ann", first=MONDAY, last=MONDAY),), delegates=(self.CY,))
        assert [person for person, _, _ in asked(shifts)] == ["cy", "ann"]

    def test_who_hold_it_anyway_are_asked_once_and_first(self) -> None:
        found = roster(czars=("ann", "cy"), deputies=("cy",), delegates=(self.CY,))
        assert asked(found) == [("cy", "czar", True), ("ann", "czar", True)]

    def test_are_told_with_whose_word_it_is(self) -> None:
        endless = Delegate(person="bob", by="ptl")
        found = roster(delegates=(self.CY, endless)).who("nova", "release", NOON)
        assert [one.because for one in found] == [
            "stands in for release until 2026-01-05, as ptl said",
            "stands in for release until further notice, as ptl said",
        ]

    def test_are_among_the_people_of_the_duty_and_reachable(self) -> None:
        found = roster(ptl=("ptl",), czars=("ann",), delegates=(self.CY,))
        assert found.duty("nova", "release").people() == ("cy", "ann")
        assert found.reachable("nova", "release") == ("cy", "ann", "ptl")

    def test_who_are_away_are_covered(self) -> None:
        cy = Person(key="cy", away=(Absence(first=MONDAY, last=MONDAY, cover="bob"),))
        found = roster(cy, czars=("ann",), delegates=(self.CY,))
        assert asked(found) == [("cy", "czar", False), ("bob", "czar", True), ("ann", "czar", True)]


class TestShifts:
    def test_a_shift_lasts_from_its_first_to_its_last_day(self) -> None:
        found = roster(shifts=(Shift(person="ann", first=MONDAY, last=MONDAY + timedelta(days=1)),))
        assert [bool(asked(found, day(n))) for n in (-1, 0, 1, 2)] == [False, True, True, False]

    def test_shifts_that_overlap_are_asked_in_their_order(self) -> None:
        shifts = (Shift(person="bob", first=MONDAY, last=MONDAY), Shift(person="ann", first=MONDAY, last=MONDAY))
        assert [person for person, _, _ in asked(roster(shifts=shifts))] == ["bob", "ann"]


class TestTerms:
    def test_a_term_lasts_through_its_last_day(self) -> None:
        found = roster(czars=("ann",), term=Term(first=MONDAY, last=MONDAY + timedelta(days=1)))
        assert [asked(found, day(n))[0][2] for n in (-1, 0, 1, 2)] == [False, True, True, False]

    def test_after_the_term_the_reason_is_said_and_the_deputy_stays(self) -> None:
        found = roster(czars=("ann",), deputies=("bob",), term=Term(last=MONDAY))
        assert found.who("nova", "release", day(1)) == (
            Standing(person="ann", role="czar", available=False, because="term ended on 2026-01-05", code="term"),
            Standing(person="bob", role="deputy", available=True, because="is deputy for release"),
        )

    def test_a_ptl_whose_term_as_czar_ended_is_asked_as_ptl(self) -> None:
        found = roster(ptl=("ann",), czars=("ann", "bob"), term=Term(last=MONDAY))
        assert asked(found, day(1)) == [("bob", "czar", False), ("ann", "ptl", True)]

    def test_before_the_term_begins_nobody_is_asked(self) -> None:
        (only,) = roster(czars=("ann",), term=Term(first=MONDAY)).who("nova", "release", day(-1))
        assert (only.available, only.because) == (False, "term begins on 2026-01-05")


class TestAbsences:
    def test_both_days_named_are_days_of_absence(self) -> None:
        ann = Person(key="ann", away=(Absence(first=MONDAY, last=MONDAY + timedelta(days=1)),))
        assert [asked(roster(ann, czars=("ann",)), day(n))[0][2] for n in (-1, 0, 1, 2)] == [True, False, False, True]

    def test_days_of_absence_are_days_where_the_person_lives(self) -> None:
        ann = Person(key="ann", tz="America/Los_Angeles", away=(Absence(first=MONDAY, last=MONDAY),))
        assert ann.absence(datetime(2026, 1, 5, 7, 59, tzinfo=UTC)) is None
        assert ann.absence(datetime(2026, 1, 5, 8, 0, tzinfo=UTC)) is not None
        assert ann.absence(datetime(2026, 1, 6, 7, 59, tzinfo=UTC)) is not None

    def test_the_cover_stands_right_behind_the_one_who_is_away(self) -> None:
        ann = Person(key="ann", away=(Absence(first=MONDAY, last=MONDAY, cover="cy"),))
        found = roster(ann, czars=("ann", "bob")).who("nova", "release", NOON)
        assert [(s.person, s.available) for s in found] == [("ann", False), ("cy", True), ("bob", True)]
        assert found[1].because == "covers ann, away until 2026-01-05"

    @pytest.mark.parametrize(
        "cy",
        [Person(key="cy", away=(Absence(first=MONDAY, last=MONDAY),)), Person(key="cy", opt_out=True)],
        ids=["away", "opted out"],
    )
    def test_a_cover_who_cannot_be_asked_is_not_available(self, cy: Person) -> None:
        ann = Person(key="ann", away=(Absence(first=MONDAY, last=MONDAY, cover="cy"),))
        assert asked(roster(ann, cy, czars=("ann",))) == [("ann", "czar", False), ("cy", "czar", False)]

    def test_a_cover_nobody_knows_is_left_out(self) -> None:
        ann = Person(key="ann", away=(Absence(first=MONDAY, last=MONDAY, cover="dee"),))
        assert asked(roster(ann, czars=("ann",))) == [("ann", "czar", False)]

    def test_a_czar_who_also_covers_is_asked_once(self) -> None:
        ann = Person(key="ann", away=(Absence(first=MONDAY, last=MONDAY, cover="bob"),))
        assert asked(roster(ann, czars=("ann", "bob"))) == [("ann", "czar", False), ("bob", "czar", True)]

    def test_the_absence_of_the_ptl_is_covered_too(self) -> None:
        boss = Person(key="ptl", away=(Absence(first=MONDAY, last=MONDAY, cover="cy"),))
        assert asked(roster(boss, ptl=("ptl",))) == [("ptl", "ptl", False), ("cy", "ptl", True)]


class TestStanding:
    def test_whoever_opted_out_is_listed_but_not_available(self) -> None:
        (only,) = roster(Person(key="ann", opt_out=True), czars=("ann",)).who("nova", "release", NOON)
        assert (only.available, only.because) == (False, "opted out")

    def test_a_key_nobody_has_is_listed_but_not_available(self) -> None:
        (only,) = roster(czars=("dee",)).who("nova", "release", NOON)
        assert (only.available, only.because) == (False, "is not among the people of the roster")

    keys = st.lists(st.sampled_from(["ann", "bob", "cy", "dee"]), max_size=5).map(tuple)

    @given(czars=keys, deputies=keys, ptl=keys, away=st.sets(st.sampled_from(["ann", "bob", "cy"])))
    def test_each_person_is_listed_once_and_available_if_in_any_tier(
        self, czars: tuple[str, ...], deputies: tuple[str, ...], ptl: tuple[str, ...], away: set[str]
    ) -> None:
        absent = [Person(key=key, away=(Absence(first=MONDAY, last=MONDAY, cover="cy"),)) for key in sorted(away)]
        found = roster(*absent, ptl=ptl, czars=czars, deputies=deputies)
        listed = found.who("nova", "release", NOON)
        every = [s for _, people in found.tiers("nova", "release", NOON) for s in people]
        assert len({s.person for s in listed}) == len(listed)
        assert {s.person for s in listed if s.available} == {s.person for s in every if s.available}


class TestLookups:
    def test_a_duty_knows_all_its_people_once_deputies_last(self) -> None:
        duty = Duty(
            name="release",
            czars=("ann",),
            rotation=Rotation(order=("bob", "ann"), start=MONDAY),
            shifts=(Shift(person="cy", first=MONDAY, last=MONDAY),),
            deputies=("dee", "bob"),
        )
        assert duty.people() == ("ann", "bob", "cy", "dee")

    def test_the_first_team_named_owns_a_repo_that_two_claim(self) -> None:
        teams = {name: Team(name=name, repos=("openstack/x",)) for name in ("nova", "glance")}
        assert Roster(people={}, teams=teams).owners == {"openstack/x": "nova"}

    def test_the_first_team_named_has_a_deliverable_that_two_claim(self) -> None:
        teams = {
            "nova": Team(name="nova", deliverables={"nova": ("openstack/nova",), "client": ()}),
            "glance": Team(name="glance", deliverables={"client": ("openstack/x",), "glance": ()}),
        }
        found = Roster(people={}, teams=teams).deliverable_teams
        assert found == {"nova": "nova", "client": "nova", "glance": "glance"}

    def test_addresses_are_found_without_regard_to_case(self) -> None:
        found = Roster(people={"ann": Person(key="ann", gerrit="Ann", emails=("Ann@Company.example",))}, teams={})
        assert found.by_email == {"ann@company.example": "ann"}
        assert found.by_gerrit == {"ann": "ann"}

    @pytest.mark.parametrize(
        "name", ["Release Management", "release-management", "Release_management", "RELEASEMANAGEMENT"]
    )
    def test_a_team_is_found_however_its_name_is_spelled(self, name: str) -> None:
        team = Team(name="Release Management")
        assert Roster(people={}, teams={team.name: team}).find_team(name) is team

    def test_an_exact_name_wins_over_one_that_is_spelled_alike(self) -> None:
        teams = {name: Team(name=name) for name in ("Oslo", "oslo")}
        assert Roster(people={}, teams=teams).find_team("Oslo") is teams["Oslo"]

    def test_a_team_nobody_knows_is_not_found(self) -> None:
        assert Roster(people={}, teams={}).find_team("nova") is None

    def test_duties_of_teams_of_the_community_and_well_known_ones_may_be_asked_for(self) -> None:
        found = Roster(
            people={},
            teams={"nova": Team(name="nova", duties={"ptg": Duty(name="ptg")})},
            community={"vmt": Duty(name="vmt")},
        )
        assert {"ptg", "vmt", "release"} <= found.duty_names

    @given(st.text())
    def test_folding_a_name_twice_changes_nothing_more(self, name: str) -> None:
        assert fold(fold(name)) == fold(name)

    @given(st.text(), st.sampled_from([" ", "-", "_"]))
    def test_space_and_hyphens_do_not_count_in_a_name(self, name: str, between: str) -> None:
        assert fold(between.join(name)) == fold(name)

    def test_the_day_is_that_of_the_time_zone(self) -> None:
        assert local_date(datetime(2026, 1, 5, 15, tzinfo=UTC), "Asia/Tokyo") == date(2026, 1, 6)


def test_a_cover_may_be_named_by_address() -> None:
    away = Absence(first=NOON.date(), last=NOON.date(), cover="Bob@example.org")
    people = {"ann": Person(key="ann", away=(away,)), "bob": Person(key="bob", emails=("bob@example.org",))}
    held = {"release": Duty(name="release", czars=("ann",))}
    found = Roster(people=people, teams={"nova": Team(name="nova", duties=held)})
    assert [s.person for s in found.who("nova", "release", NOON) if s.available] == ["bob"]
    assert found.reachable("nova", "release") == ("ann", "bob")


def test_repos_that_are_released_elsewhere_are_not_released_here() -> None:
    teams = {
        "nova": Team(name="nova", repos=("nova", "nova-specs"), released_elsewhere=("nova-specs",)),
        "glance": Team(name="glance", repos=("glance",)),
    }
    assert Roster(people={}, teams=teams).released_here == {"nova", "glance"}

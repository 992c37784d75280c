"""What people arranged by commands, laid over the roster."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.arrangements import ARRANGEMENTS, Arrangement, arranged, quiet
from rules.roster import COMMUNITY, Absence, Delegate, Duty, Roster, Rotation, Team, Term
from tests.rules.makers import HOUR, NOW, PEOPLE, REPO, person, roster

TODAY = NOW.date()
DAY = timedelta(days=1)
WEEK = 7 * DAY
MONDAY = date(2026, 1, 5)
SUNDAY = MONDAY + 6 * DAY


def said(kind: str, who: str = "ann", **given_: Any) -> Arrangement:
    return Arrangement(**{"kind": kind, "person": who, "at": NOW, **given_})


def away(who: str = "ann", first: date = TODAY, last: date = TODAY, **given_: Any) -> Arrangement:
    return said("away", who, first=first, last=last, **given_)


def back(who: str = "ann", first: date = TODAY, **given_: Any) -> Arrangement:
    return said("back", who, **{"first": first, "at": NOW + HOUR, **given_})


def swap(who: str = "ann", other: str = "bob", **given_: Any) -> Arrangement:
    return said("swap", who, **{"other": other, "first": MONDAY, "last": SUNDAY, **given_})


def delegate(other: str = "dee", **given_: Any) -> Arrangement:
    fields = {"other": other, "team": "nova", "duty": "code", "last": TODAY + WEEK}
    return said("delegate", "pat", **{**fields, **given_})


def turning(*order: str, **given_: Any) -> Duty:
    return Duty(name="code", rotation=Rotation(order=order or ("ann", "bob", "cyd"), start=MONDAY), **given_)


def codes(who: Roster, at: Any = NOW, team: str = "nova", duty: str = "code") -> dict[str, str]:
    return {one.person: one.code for one in who.who(team, duty, at)}


def line(who: Roster, at: Any = NOW, team: str = "nova", duty: str = "code") -> list[str]:
    return [one.person for one in who.who(team, duty, at) if one.available]


class TestAway:
    def test_lasts_from_the_first_to_the_last_day(self) -> None:
        who = arranged(roster(), [away(last=TODAY + DAY)])
        assert [codes(who, NOW + n * DAY)["ann"] for n in (-1, 0, 1, 2)] == ["", "away", "away", ""]

    def test_lets_somebody_cover(self) -> None:
        who = arranged(roster(), [away(other="dee")])
        assert line(who) == ["dee", "bob", "cyd", "pat"]

    def test_stands_beside_absences_of_the_roster(self) -> None:
        planned = Absence(first=TODAY + WEEK, last=TODAY + WEEK)
        who = arranged(roster(person("ann", away=(planned,))), [away()])
        assert [codes(who, NOW + n * WEEK)["ann"] for n in (0, 1)] == ["away", "away"]

    def test_what_was_said_decides_over_the_roster_who_covers(self) -> None:
        planned = Absence(first=TODAY, last=TODAY, cover="cyd")
        who = arranged(roster(person("ann", away=(planned,))), [away(other="dee")])
        assert line(who)[0] == "dee"

    def test_several_add_up(self) -> None:
        who = arranged(roster(), [away(), away(first=TODAY + WEEK, last=TODAY + WEEK)])
        assert [codes(who, NOW + n * WEEK)["ann"] for n in (0, 1, 2)] == ["away", "away", ""]

    def test_without_days_says_nothing(self) -> None:
        assert arranged(roster(), [said("away"), said("away", first=TODAY)]) == roster()

    def test_that_was_taken_back_is_over(self) -> None:
        assert arranged(roster(), [away(ended=True)]) == roster()


class TestBack:
    def test_ends_what_was_arranged_before(self) -> None:
        assert line(arranged(roster(), [away(), said("optout"), back()])) == line(roster())

    def test_ends_what_the_roster_says(self) -> None:
        gone = person("ann", opt_out=True, away=(Absence(first=TODAY - DAY, last=TODAY + WEEK),))
        assert line(arranged(roster(gone), [back()])) == line(roster())

    def test_leaves_absences_that_begin_later_or_are_over(self) -> None:
        later, over = away(first=TODAY + DAY, last=TODAY + DAY), away(first=TODAY - DAY, last=TODAY - DAY)
        who = arranged(roster(), [later, over, away(), back()])
        assert [codes(who, NOW + n * DAY)["ann"] for n in (-1, 0, 1)] == ["away", "", "away"]

    @pytest.mark.parametrize("again", [away(at=NOW + 2 * HOUR), said("optout", at=NOW + 2 * HOUR)])
    def test_ends_nothing_that_is_said_afterwards(self, again: Arrangement) -> None:
        assert "ann" not in line(arranged(roster(), [back(), again]))

    def test_without_a_day_says_nothing(self) -> None:
        assert "ann" not in line(arranged(roster(), [away(), said("back", at=NOW + HOUR)]))


class TestOptingOut:
    def test_lasts_until_it_is_taken_back(self) -> None:
        for weeks in (0, 1, 99):
            assert codes(arranged(roster(), [said("optout")]), NOW + weeks * WEEK)["ann"] == "opted-out"
        assert arranged(roster(), [said("optout", ended=True)]) == roster()


class TestQuiet:
    def test_is_asked_like_anybody(self) -> None:
        assert arranged(roster(), [said("quiet")]) == roster()

    def test_is_who_said_so_and_nobody_else(self) -> None:
        assert quiet("ann", [said("quiet")])
        assert not quiet("bob", [said("quiet")])
        assert not quiet("ann", [said("quiet", ended=True)])
        assert not quiet("ann", [said("optout"), away()])
        assert not quiet("ann", [])


class TestSwap:
    def test_two_take_each_others_places_for_those_days(self) -> None:
        who = arranged(roster(ptl=(), duties={"code": turning()}), [swap()])
        assert line(who) == ["bob", "ann", "cyd"]
        assert line(who, NOW + WEEK) == ["bob", "cyd", "ann"]
        assert line(who, NOW - WEEK) == ["cyd", "ann", "bob"]

    def test_both_may_say_so(self) -> None:
        who = arranged(roster(duties={"code": turning()}), [swap(), swap("bob", "ann", at=NOW + HOUR)])
        assert line(who)[:2] == ["bob", "ann"]

    def test_a_second_one_goes_on_from_the_first(self) -> None:
        chain = [swap("ann", "bob"), swap("bob", "cyd", at=NOW + HOUR)]
        who = arranged(roster(ptl=(), duties={"code": turning()}), chain)
        assert line(who) == ["bob", "cyd", "ann"]

    def test_is_done_in_every_rotation_that_has_both(self) -> None:
        held = {"code": turning(), "docs": turning("bob", "cyd", "ann"), "gate": turning("ann", "cyd")}
        before = roster(duties=held, community={"vmt": turning("bob", "ann")}, teams={"x": Team(name="x")})
        after = arranged(before, [swap()])
        assert line(after, duty="docs")[:3] == ["ann", "cyd", "bob"]
        assert line(after, team=COMMUNITY, duty="vmt") == ["ann", "bob"]
        assert after.teams["nova"].duties["gate"] == held["gate"]
        assert after.teams["x"] is before.teams["x"]

    def test_with_somebody_of_no_rotation_changes_nothing(self) -> None:
        for other in ("dee", "nobody"):
            assert arranged(roster(duties={"code": turning()}), [swap("ann", other)]) == roster(
                duties={"code": turning()}
            )

    def test_of_a_list_changes_nothing(self) -> None:
        assert arranged(roster(), [swap()]) == roster()

    def test_without_days_or_taken_back_changes_nothing(self) -> None:
        turns = roster(duties={"code": turning()})
        assert arranged(turns, [swap(first=None), swap(last=None), swap(ended=True)]) == turns


class TestDelegate:
    def test_stands_before_all_others_until_the_last_day(self) -> None:
        who = arranged(roster(), [delegate()])
        assert line(who) == ["dee", "ann", "bob", "cyd", "pat"]
        assert line(who, NOW + WEEK)[0] == "dee"
        assert "dee" not in line(who, NOW + WEEK + DAY)
        assert "dee" in who.reachable("nova", "code")

    def test_without_a_last_day_stays(self) -> None:
        assert line(arranged(roster(), [delegate(last=None)]), NOW + 99 * WEEK)[0] == "dee"

    def test_may_hold_a_duty_that_nobody_has(self) -> None:
        who = arranged(roster(), [delegate(duty="gate")])
        assert line(who, duty="gate") == ["dee", "pat"]

    def test_may_hold_a_duty_of_the_community(self) -> None:
        who = arranged(
            roster(community={"releases": Duty(name="releases", czars=("bob",))}),
            [delegate(team=COMMUNITY, duty="releases")],
        )
        assert line(who, team=COMMUNITY, duty="releases") == ["dee", "bob"]

    def test_the_newest_stands_first(self) -> None:
        newer = delegate("bob", person="cyd", at=NOW + HOUR)
        who = arranged(roster(), [delegate("dee"), newer])
        assert line(who) == ["bob", "dee", "ann", "cyd", "pat"]

    def test_leaves_a_private_duty_private(self) -> None:
        who = arranged(roster(duties={"code": Duty(name="code", czars=("ann",), private=True)}), [delegate()])
        assert who.duty("nova", "code") == Duty(
            name="code",
            czars=("ann",),
            private=True,
            delegates=(Delegate(person="dee", by="pat", last=TODAY + WEEK),),
        )

    def test_for_a_team_that_is_gone_changes_nothing(self) -> None:
        assert arranged(roster(), [delegate(team="gone")]) == roster()

    def test_that_was_taken_back_is_over(self) -> None:
        assert arranged(roster(), [delegate(ended=True)]) == roster()


class TestKeys:
    def test_a_thing_that_is_settled_anew_has_the_key_it_had(self) -> None:
        assert away(last=TODAY).key == away(last=TODAY + DAY, other="bob", at=NOW + HOUR, item="gerrit:9").key
        assert swap(other="bob").key == swap(other="cyd").key
        assert delegate("dee").key == delegate("bob", last=None).key
        assert said("optout").key == said("optout", ended=True).key

    def test_things_of_their_own_have_their_own(self) -> None:
        each = [
            *(away(), away("bob"), away(first=TODAY - DAY), back(), said("optout"), said("quiet")),
            *(swap(), swap(first=MONDAY + WEEK), swap("bob", "ann")),
            *(delegate(), delegate(team="x"), delegate(duty="docs"), delegate(person="ann")),
        ]
        assert len({one.key for one in each}) == len(each)

    def test_one_is_back_once_whatever_the_day(self) -> None:
        assert back(first=TODAY).key == back(first=TODAY + WEEK).key


class TestOrder:
    def test_is_that_in_which_it_was_said_whenever_it_was_read(self) -> None:
        told = [said("optout"), back(), away(at=NOW + 2 * HOUR)]
        assert arranged(roster(), told) == arranged(roster(), reversed(told))
        assert codes(arranged(roster(), told))["ann"] == "away"

    def test_who_is_back_and_goes_again_in_one_message_goes(self) -> None:
        told = [away(), back(at=NOW)]
        assert codes(arranged(roster(), told))["ann"] == codes(arranged(roster(), reversed(told)))["ann"] == "away"


DAYS = st.none() | st.dates(TODAY - 3 * WEEK, TODAY + 3 * WEEK)
NAMES = st.sampled_from([*PEOPLE, "stranger", ""])
ANYTHING = st.builds(
    Arrangement,
    kind=st.sampled_from(ARRANGEMENTS),
    person=NAMES,
    other=NAMES,
    team=st.sampled_from(["nova", COMMUNITY, "x", "gone", ""]),
    duty=st.sampled_from(["code", "docs", "vmt", "none"]),
    first=DAYS,
    last=DAYS,
    ended=st.booleans(),
    at=st.integers(0, 5).map(lambda hours: NOW + hours * HOUR),
)


def full() -> Roster:
    """Lists, rotations, absences, duties of the community."""
    return roster(
        person("bob", away=(Absence(first=TODAY, last=TODAY + DAY, cover="dee"),)),
        person("cyd", opt_out=True),
        duties={"docs": turning(), "gate": turning("bob", "ann")},
        community={"vmt": turning("dee", "ann"), "releases": Duty(name="releases", czars=("pat",))},
        teams={"x": Team(name="x", ptl=("dee",))},
        bots=frozenset({"zuul"}),
        revision="7",
    )


def test_nothing_arranged_leaves_the_roster_as_it_is() -> None:
    assert arranged(full(), ()) == full()


@given(st.lists(ANYTHING, max_size=8))
def test_anything_arranged_changes_nobody_else(told: list[Arrangement]) -> None:
    before, after = full(), arranged(full(), told)
    spoke = {one.person for one in told}
    assert set(after.people) == set(before.people)
    assert all(after.people[key] == one for key, one in before.people.items() if key not in spoke)
    assert before == full()


@given(st.lists(ANYTHING, max_size=8))
def test_anything_arranged_leaves_what_is_no_matter_of_persons(told: list[Arrangement]) -> None:
    before, after = full(), arranged(full(), told)
    assert (after.bots, after.revision, dict(after.owners)) == (before.bots, "7", {REPO: "nova"})
    assert set(after.teams) == set(before.teams)
    for name, team in before.teams.items():
        assert (after.teams[name].ptl, after.teams[name].repos) == (team.ptl, team.repos)
        for duty, held in team.duties.items():
            now = after.duty(name, duty)
            assert (now.czars, now.deputies, now.private, now.term) == (
                held.czars,
                held.deputies,
                held.private,
                held.term,
            )


@given(st.lists(ANYTHING, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(told: list[Arrangement], random: Any) -> None:
    kept = list({one.key: one for one in told}.values())
    shuffled = random.sample(kept, len(kept))
    assert arranged(full(), kept) == arranged(full(), shuffled)


@given(st.lists(ANYTHING, max_size=6), st.integers(-21, 21))
def test_a_swap_puts_nobody_on_a_duty_twice_or_off_it(told: list[Arrangement], day: int) -> None:
    swaps = [one for one in told if one.kind == "swap"]
    at = NOW + day * DAY
    for duty in ("docs", "gate"):
        holders = [who for who, _ in arranged(full(), swaps).duty("nova", duty).holders(at)]
        assert sorted(holders) == sorted(who for who, _ in full().duty("nova", duty).holders(at))


def test_who_stands_in_does_so_also_after_the_term_of_the_others() -> None:
    ended = Duty(name="code", czars=("ann",), term=Term(last=date(2026, 1, 1)))
    who = arranged(roster(duties={"code": ended}), (delegate("bob"),)).who("nova", "code", NOW)
    assert [(one.person, one.available) for one in who if one.role == "czar"] == [("bob", True), ("ann", False)]

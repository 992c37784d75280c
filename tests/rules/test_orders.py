"""Who may, who is named, and spans and days as people write them."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.orders import MOST_SAID_BACK, No, day, days, holds, is_of_team, may_ask_for, named, short, span_of, week
from rules.roster import COMMUNITY, Duty, Term
from tests.rules.makers import facts, judging, person, roster

WHO = roster(person("Fay", gerrit="fay.x"), community={"infra": Duty(name="infra", czars=("dee",))})


class TestNames:
    @pytest.mark.parametrize(
        ("word", "key"),
        [
            ("@ann", "ann"),
            ("@ANN", "ann"),
            ("@Fay", "Fay"),
            ("@fay.X", "Fay"),
            ("@ann@example.org", "ann"),
            ("@ann,", "ann"),
            ("@fay.x.", "Fay"),
            ("@", None),
            ("@nobody", None),
            ("@,", None),
        ],
    )
    def test_are_keys_usernames_and_addresses(self, word: str, key: str | None) -> None:
        assert named(word, WHO) == key


class TestRights:
    @pytest.mark.parametrize(
        ("who", "team", "duty", "does"),
        [
            ("ann", "nova", "code", True),
            ("cyd", "nova", "code", True),
            ("pat", "nova", "code", True),
            ("dee", "nova", "code", False),
            ("dee", COMMUNITY, "infra", True),
            ("pat", COMMUNITY, "infra", False),
            ("pat", "gone", "code", False),
            ("pat", "", "code", False),
        ],
    )
    def test_are_those_of_who_answers_for_the_duty(self, who: str, team: str, duty: str, *, does: bool) -> None:
        assert holds(WHO.people[who], team, duty, judging(who=WHO)) is does

    def test_end_with_the_term(self) -> None:
        over = Duty(name="code", czars=("ann",), term=Term(last=date(2026, 1, 6)))
        who = roster(duties={"code": over})
        assert not holds(who.people["ann"], "nova", "code", judging(who=who))

    def test_of_a_team_are_all_who_hold_something_of_it(self) -> None:
        assert {key for key in WHO.people if is_of_team(WHO.people[key], judging(who=WHO))} == {
            *("ann", "bob", "cyd", "pat")
        }

    def test_to_ask_end_with_the_change(self) -> None:
        with pytest.raises(No, match="the change is merged"):
            may_ask_for("code", "nova", judging(facts=facts(status="MERGED")))

    @pytest.mark.parametrize("team", ["nova", "", "gone"])
    def test_to_ask_about_private_ones_are_for_private_duties(self, team: str) -> None:
        with pytest.raises(No, match="is no private duty"):
            may_ask_for("code", team, judging(facts=facts(private=True)))
        who = roster(duties={"code": Duty(name="code", private=True)})
        assert may_ask_for("code", "nova", judging(who=who, facts=facts(private=True))).private


class TestTimes:
    @pytest.mark.parametrize(("word", "span"), [("1s", timedelta(seconds=1)), ("90d", timedelta(days=90))])
    def test_are_numbers_with_units(self, word: str, span: timedelta) -> None:
        assert span_of((word, "please")) == span

    @pytest.mark.parametrize(
        ("word", "first", "last"),
        [
            ("2026-W02", date(2026, 1, 5), date(2026, 1, 11)),
            ("2026-01-07", date(2026, 1, 5), date(2026, 1, 11)),
            ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ],
    )
    def test_of_a_week_are_monday_to_sunday(self, word: str, first: date, last: date) -> None:
        assert week(word) == (first, last)

    def test_of_one_day_begin_and_end_on_it(self) -> None:
        assert days("2026-08-03") == (date(2026, 8, 3), date(2026, 8, 3))

    @given(st.text() | st.from_regex(r"\d{1,5}(-\d\d|-W\d\d)*(\.\.)?[\dWdhms-]*", fullmatch=True))
    def test_are_understood_or_refused_whatever_is_written(self, word: str) -> None:
        for read in (day, days, week, lambda text: span_of((text,))):
            with contextlib.suppress(No):
                assert read(word)


def test_what_is_said_back_is_short() -> None:
    assert short("x" * 60) == "x" * 60
    assert len(short("x" * 9999)) == MOST_SAID_BACK + 1

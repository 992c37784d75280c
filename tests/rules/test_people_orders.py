"""Orders about people: their absences, turns, duties, and what they want to hear."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.actions import AddReviewer, Comment, DrawAttention
from rules.roster import Duty, Rotation
from tests.rules.life import DAY, Life, step
from tests.rules.makers import HOUR, asks, roster, rule

WEEKLY = Duty(name="gate", rotation=Rotation(order=("ann", "bob", "cyd"), start=date(2026, 1, 5)))


def life(**given: Any) -> Life:
    who = given.pop("who", None) or roster(duties={"gate": WEEKLY}, community={"tc": Duty(name="tc", czars=("dee",))})
    ladders = {"up": (step("ping", 10),)}
    made = Life(given.pop("rule", None) or rule(ask=asks(pick="first"), ladder="up"), who=who, ladders=ladders, **given)
    made.begins()
    return made


class TestAway:
    def test_moves_what_waits_when_it_begins(self) -> None:
        made = life()
        said = made.answered("ann", "czar: away 2026-01-09..2026-01-12 cover @dee")
        assert said == (
            "away: you are away 2026-01-09 to 2026-01-12, dee covers; what waits for you then goes to somebody else"
        )
        made.live(DAY)
        assert made.who_waits() == ["ann"]
        made.live(DAY)
        assert made.who_waits() == ["dee"]

    def test_ends_with_back(self) -> None:
        made = life()
        made.says("ann", "czar: away 2026-01-09..2026-01-20")
        made.says("bob", "czar: away 2026-01-07")
        made.says("bob", "czar: back")
        made.live(2 * DAY)
        assert made.who_waits() == ["bob"]
        made.says("ann", "czar: back")
        made.says("bob", "czar: decline")
        assert made.who_waits() == ["ann"]

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ("", "nothing is no day: write e.g. 2026-08-03"),
            ("soon", "soon is no day: write e.g. 2026-08-03"),
            ("2026-01-09..2026-01-08", "the last day is before the first"),
            ("2026-01-01..2026-01-06", "that is over"),
            ("2026-01-09 cover @ann", "somebody else must cover"),
            ("2026-01-09 cover bob", "say who, e.g. @ann"),
            ("2026-01-09 cover @nobody", "nobody of the roster is called nobody"),
        ],
    )
    def test_is_refused(self, words: str, why: str) -> None:
        assert life().answered("ann", f"czar: away {words}") == f"away: not done: {why}"


class TestOptingOut:
    def test_works_without_a_roster_edit_and_hands_over(self) -> None:
        made = life()
        made.says("ann", "czar: optout")
        made.live(2 * HOUR)
        assert made.who_waits() == ["bob"]
        made.says("ann", "czar: back")
        made.says("bob", "czar: decline")
        assert made.who_waits() == ["ann"]

    def test_of_who_claimed_hands_over_too(self) -> None:
        made = life()
        made.says("bob", "czar: claim", "czar: optout")
        made.live(2 * HOUR)
        assert made.who_waits() == ["ann"]


class TestQuiet:
    def test_is_asked_and_reminded_without_mail(self) -> None:
        made = Life(rule(ask=asks(pick="first"), ladder="up"), ladders={"up": (step("ping", 1),)})
        assert "weekly digest only" in made.answered("ann", "czar: quiet")
        made.begins()
        made.live(2 * HOUR)
        told = [one.tell for one in made.actions if isinstance(one, Comment)]
        assert sorted(told) == [(), ("ann",)]  # what they said was answered
        assert [made.times(kind) for kind in (AddReviewer, DrawAttention)] == [1, 1]

    def test_ends_with_off(self) -> None:
        made = Life(rule(ask=asks(pick="first")))
        made.says("ann", "czar: quiet", "czar: quiet off")
        made.begins()
        assert [one.tell for one in made.actions if isinstance(one, Comment)][-1] == ("ann",)


class TestSwap:
    ROTATION = rule(ask=asks("gate", pick="rotation"))

    def test_gives_each_the_others_turn(self) -> None:
        made = life(rule=self.ROTATION)
        assert made.who_waits() == ["ann"]
        assert "each other's turns 2026-01-05 to 2026-01-11" in made.answered("ann", "czar: swap @bob 2026-W02")
        made.live(2 * HOUR)
        assert made.who_waits() == ["bob"]
        made.live(6 * DAY)
        assert made.who_waits() == ["bob"]  # their own week

    @pytest.mark.parametrize(
        ("who", "words", "why"),
        [
            ("ann", "@dee 2026-W03", "you and dee are in no rotation together"),
            ("ann", "@ann 2026-W03", "you and ann are in no rotation together"),
            ("ann", "@bob", " is no day: write e.g. 2026-08-03"),
            ("ann", "@bob W3", "W3 is no week: write e.g. 2026-W32"),
            ("ann", "@bob 9999-W52", "9999-W52 is no week: write e.g. 2026-W32"),
            ("ann", "@bob 2025-W50", "that is over"),
            ("ann", "2026-W03", "say who, e.g. @ann"),
        ],
    )
    def test_is_refused(self, who: str, words: str, why: str) -> None:
        assert life().answered(who, f"czar: swap {words}").endswith(why)


class TestDelegate:
    @pytest.mark.parametrize("who", ["pat", "dee"])
    def test_is_for_the_ptl_and_the_community(self, who: str) -> None:
        made = life()
        said = made.answered(who, "czar: delegate code @cyd until 2026-01-20")
        assert said == "delegate: cyd stands in for code of nova until 2026-01-20"
        made.says("ann", "czar: decline")
        assert made.who_waits() == ["cyd"]

    @pytest.mark.parametrize(
        ("who", "words", "why"),
        [
            ("ann", "code @cyd until 2026-01-20", "only the PTL of nova may, or who holds a duty of the community"),
            ("pat", "tea @cyd until 2026-01-20", "nobody has heard of a duty tea"),
            ("pat", "code @cyd until 2026-01-06", "that is over"),
            ("pat", "code @cyd", "@cyd is no day: write e.g. 2026-08-03"),
            ("pat", "code until 2026-01-20", "say who, e.g. @ann"),
        ],
    )
    def test_is_refused(self, who: str, words: str, why: str) -> None:
        assert life().answered(who, f"czar: delegate {words}") == f"delegate: not done: {why}"

    @pytest.mark.parametrize(
        ("who", "why"),
        [
            ("pat", "security is private: only who holds it may let somebody in"),
            ("ann", "security is private, and cyd has no Launchpad name in the roster"),
        ],
    )
    def test_lets_nobody_into_a_secret_from_outside(self, who: str, why: str) -> None:
        security = Duty(name="security", czars=("ann",), private=True)
        made = life(who=roster(duties={"security": security}, ptl=("pat", "ann")))
        assert made.answered(who, "czar: delegate security @cyd until 2026-01-20") == f"delegate: not done: {why}"

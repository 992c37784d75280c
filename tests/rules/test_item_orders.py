"""Orders about an item: who is asked, when its clock stands still, and why it is as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.actions import AddReviewer, Comment, RemoveReviewer
from rules.roster import COMMUNITY, Duty
from rules.state import Effects, Pause
from tests.rules.life import DAY, Life, step
from tests.rules.makers import HOUR, ITEM, NOW, asks, case, event, person, roster, rule

LADDERS = {"up": (step("ping", 10),)}
FIRST = rule(ask=asks(pick="first"), ladder="up")


def life(*rules: Any, who: Any = None, **given: Any) -> Life:
    made = Life(*(rules or (FIRST,)), who=who or roster(duties={"docs": ("dee",)}), ladders=LADDERS, **given)
    made.begins()
    return made


def added(made: Life) -> list[str]:
    return [one.person for one in made.actions if isinstance(one, AddReviewer)]


class TestClaim:
    def test_makes_it_theirs_without_a_message(self) -> None:
        made = life()
        assert made.answered("bob", "czar: claim") == "claim: it is yours now (code)"
        assert (made.who_waits(), made.change.reviewers) == (["bob"], ("bob",))
        assert [one.key for one in made.actions if isinstance(one, Comment)] == [
            "Comment:gerrit:7/code/ann",
            "Comment:reply:m1",
        ]
        assert made.the_case().ladder == "up"

    def test_finds_somebody_for_what_nobody_was_found_for(self) -> None:
        made = life(who=roster(duties={"code": ()}, ptl=()))
        made.answered("dee", "czar: claim")
        assert made.who_waits() == ["dee"]
        assert not [one for one in made.book.cases(ITEM) if one.state == "unrouted"]

    def test_and_given_back_in_one_breath_leaves_somebody_asked(self) -> None:
        made = life()
        made.says("bob", "czar: claim", "czar: decline")
        assert (made.who_waits(), made.change.reviewers) == (["ann"], ("ann",))

    def test_takes_what_they_hold_the_duty_of_before_all_else(self) -> None:
        made = life(FIRST, rule("docs", ask=asks("docs")), who=roster(duties={"docs": ("dee", "cyd")}))
        before = {one.slot: one.person for one in made.waiting()}
        made.says("bob", "czar: claim")
        assert {one.slot: one.person for one in made.waiting()} == {**before, "code": "bob"}

    @pytest.mark.parametrize(
        ("who", "given", "why"),
        [
            ("ann", {}, "it is yours already"),
            ("bob", {"owner": "bob"}, "bob owns or wrote it"),
            ("bob", {"authors": ("bob",)}, "bob owns or wrote it"),
        ],
    )
    def test_is_refused(self, who: str, given: dict[str, Any], why: str) -> None:
        assert life(**given).answered(who, "czar: claim") == f"claim: not done: {why}"

    def test_goes_on_with_the_absence_of_who_claimed(self) -> None:
        made = life()
        made.says("bob", "czar: claim", "czar: away 2026-01-09..2026-01-20")
        made.live(DAY)
        assert made.who_waits() == ["bob"]
        made.live(DAY)
        assert made.who_waits() == ["ann"]
        assert made.the_case().times == 2


class TestDeclining:
    @pytest.mark.parametrize("verb", ["decline", "decline not mine", "release"])
    def test_asks_the_next_and_never_again(self, verb: str) -> None:
        made = life()
        said = made.answered("ann", f"czar: {verb}")
        assert said.endswith("noted, the next in line is asked, if there is one")
        assert (made.who_waits(), made.change.reviewers) == (["bob"], ("bob",))
        made.says("bob", "czar: decline")
        assert made.who_waits() == ["cyd"]
        made.says("cyd", "czar: decline")
        made.says("pat", "czar: decline")
        assert made.who_waits() == []
        assert [one.state for one in made.book.cases(ITEM) if not one.person] == ["unrouted"]
        made.live(5 * DAY)
        assert sorted(added(made)) == ["ann", "bob", "cyd", "pat"]

    def test_beforehand_is_heeded(self) -> None:
        made = Life(FIRST)
        assert made.answered("ann", "czar: decline").endswith("you will not be asked about this one")
        made.begins()
        assert made.who_waits() == ["bob"]

    def test_of_two_slots_takes_off_once(self) -> None:
        made = life(FIRST, rule("again", slot="again", ask=asks(pick="first")))
        made.says("ann", "czar: decline")
        assert made.times(RemoveReviewer) == 1
        assert made.who_waits() == ["bob", "bob"]

    def test_then_claiming_keeps_them_on(self) -> None:
        made = life()
        made.says("ann", "czar: decline", "czar: claim")
        made.says("pat", "czar: status")
        assert (made.who_waits(), made.change.reviewers) == (["ann"], ("ann",))

    def test_then_naming_somebody_asks_them(self) -> None:
        made = life()
        assert made.answered("ann", "czar: decline", "czar: assign @dee").endswith("assign: dee is asked")
        assert (made.who_waits(), made.the_case().ladder) == (["dee"], "up")

    def test_by_being_taken_off_by_a_person_is_never_redone(self) -> None:
        made = life()
        made.takes_off("ann", by="zed")
        made.takes_off("bob", by="zed")
        made.live(10 * DAY)
        assert made.who_waits() == ["cyd"]
        assert added(made) == ["ann", "bob", "cyd"]

    def test_of_who_was_named_by_a_person_only_frees(self) -> None:
        made = life()
        made.says("ann", "czar: route docs")
        made.says("dee", "czar: decline")
        assert made.who_waits() == ["ann"]


class TestAssign:
    def test_asks_whom_the_duty_names(self) -> None:
        made = life()
        assert made.answered("bob", "czar: assign @dee") == "assign: dee is asked"
        assert (made.who_waits(), made.change.reviewers) == (["dee"], ("dee",))
        (told,) = [text for text in made.said() if text.startswith("dee")]
        assert told.startswith(
            "dee is asked to review this change for code of nova: dee was named by bob (rule any-code)"
        )

    def test_of_a_duty_nobody_was_asked_for_needs_its_name(self) -> None:
        made = life()
        made.votes("ann")
        assert made.answered("pat", "czar: assign @bob").endswith("nothing waits here: say for which duty")
        made.says("pat", "czar: assign @bob docs")
        assert [(one.slot, one.person, one.rule) for one in made.waiting()] == [("docs", "bob", "by command")]
        assert "by command" not in made.said()[-2]

    @pytest.mark.parametrize(
        ("who", "line", "why"),
        [
            ("dee", "assign @bob", "only who answers for code of nova may"),
            ("dee", "assign @bob code", "only who answers for code of nova may"),
            ("bob", "assign @nobody", "nobody of the roster is called nobody"),
            ("bob", "assign bob", "say who, e.g. @ann"),
            ("bob", "assign @ann", "ann is asked already"),
            ("pat", "assign @bob please", "nobody has heard of a duty please"),
            ("bob", "assign @eve", "eve does not want to be asked"),
            ("bob", "assign @fay", "fay has no active account on the server"),
        ],
    )
    def test_is_refused_with_the_reason(self, who: str, line: str, why: str) -> None:
        people = roster(person("eve", opt_out=True), person("fay"), duties={"docs": ("dee",)})
        made = Life(FIRST, who=people)
        made.found = type(made.found)(change=made.change, accounts={**made.found.accounts, "fay": ""})
        made.begins()
        assert made.answered(who, f"czar: {line}") == f"assign: not done: {why}"
        assert made.who_waits() == ["ann"]

    def test_asks_for_which_where_several_wait(self) -> None:
        made = life(FIRST, rule("docs", ask=asks("docs")))
        assert made.answered("pat", "czar: assign @bob") == "assign: not done: say for which of code, docs"

    @pytest.mark.parametrize("name", ["@BOB", "@bob@example.org", "@bob,", "@bob."])
    def test_knows_people_by_username_or_address(self, name: str) -> None:
        made = life()
        made.says("pat", f"czar: assign {name}")
        assert made.who_waits() == ["bob"]

    def test_of_somebody_away_says_so_and_stays(self) -> None:
        made = life()
        made.says("bob", "czar: away 2026-01-06..2026-01-20")
        assert made.answered("pat", "czar: assign @bob") == "assign: bob is asked, but is away until 2026-01-20"
        made.live(DAY)
        assert made.who_waits() == ["bob"]


class TestReroll:
    def test_asks_somebody_else_for_good(self) -> None:
        made = life()
        assert made.answered("ann", "czar: reroll") == "reroll: bob is asked instead"
        assert made.answered("pat", "czar: reroll") == "reroll: cyd is asked instead"
        assert added(made) == ["ann", "bob", "cyd"]
        assert made.change.reviewers == ("cyd",)

    @pytest.mark.parametrize(
        ("who", "line", "why"),
        [
            ("dee", "reroll", "only who is asked, or answers for the duty, may"),
            ("ann", "reroll docs", "nobody is asked here"),
        ],
    )
    def test_is_refused(self, who: str, line: str, why: str) -> None:
        assert life().answered(who, f"czar: {line}") == f"reroll: not done: {why}"

    def test_said_twice_in_one_breath_asks_only_the_last_one(self) -> None:
        made = life()
        made.says("ann", "czar: reroll", "czar: reroll")
        assert (made.who_waits(), made.change.reviewers) == (["cyd"], ("cyd",))
        assert added(made) == ["ann", "cyd"]
        assert "bob is asked to review" not in "\n".join(made.said())

    def test_of_two_slots_may_ask_somebody_for_the_other_one(self) -> None:
        made = life(FIRST, rule("docs", ask=asks("docs", pick="first")), who=roster(duties={"docs": ("bob", "dee")}))
        made.says("bob", "czar: reroll")
        assert {one.slot: one.person for one in made.waiting()} == {"code": "bob", "docs": "dee"}
        assert set(made.book.declined(ITEM)) == {"ann"}
        assert made.change.reviewers == ("bob", "dee")

    def test_without_anybody_else_leaves_who_is_asked(self) -> None:
        made = life(who=roster(duties={"code": ("ann",)}, ptl=()))
        assert made.answered("ann", "czar: reroll").endswith("nobody else is available")
        assert (made.who_waits(), made.change.reviewers) == (["ann"], ("ann",))


class TestRoute:
    def test_asks_another_duty_as_well(self) -> None:
        made = life()
        assert made.answered("ann", "czar: route docs") == "route: dee is asked"
        assert made.who_waits() == ["ann", "dee"]
        assert made.answered("ann", "czar: route docs").endswith("dee is asked for docs already")

    @pytest.mark.parametrize(
        ("who", "line", "why"),
        [
            ("eve", "route docs", "only people who hold a duty of nova, or who are asked here, may"),
            ("ann", "route", "say which duty"),
            ("ann", "route tea", "nobody has heard of a duty tea"),
            ("ann", "route gate", "nobody is available: pat owns the change"),
        ],
    )
    def test_is_refused(self, who: str, line: str, why: str) -> None:
        made = life(who=roster(person("eve"), duties={"docs": ("dee",)}), owner="pat")
        assert made.answered(who, f"czar: {line}") == f"route: not done: {why}"
        assert [one.state for one in made.book.cases(ITEM)] == ["open"]

    def test_knows_a_duty_that_is_asked_under_another_name(self) -> None:
        made = life(rule(slot="review", ask=asks(pick="first")))
        assert made.answered("bob", "czar: route code").endswith("ann is asked for code already")

    def test_asks_nobody_while_asking_is_paused(self) -> None:
        made = life()
        made.book.apply(Effects(pauses=(Pause(scope="*", because="300 asks within an hour", at=NOW),)))
        assert "paused: 300 asks within an hour" in made.answered("ann", "czar: route docs")
        assert made.who_waits() == ["ann"]


class TestStandingStill:
    @pytest.mark.parametrize("word", ["", "0d", "-1d", "3x", "91d", "999999d", "d", "three"])
    def test_is_refused_for_what_is_no_time(self, word: str) -> None:
        assert "not done" in life().answered("ann", f"czar: snooze {word}")

    @pytest.mark.parametrize(("word", "span"), [("3d", 3 * DAY), ("12h", 12 * HOUR), ("1w", 7 * DAY)])
    def test_lasts_as_long_as_said(self, word: str, span: timedelta) -> None:
        made = life()
        made.says("ann", f"czar: snooze {word}")
        assert made.the_case().due == NOW + span

    def test_is_for_who_is_asked(self) -> None:
        assert life().answered("bob", "czar: snooze 3d").endswith("nothing waits for you here")

    @pytest.mark.parametrize("verb", ["hold", "unhold"])
    def test_is_held_by_who_answers_for_the_duty(self, verb: str) -> None:
        assert life().answered("dee", f"czar: {verb}").endswith("nothing here waits for you, or for a duty of yours")

    def test_ends_when_the_person_acts(self) -> None:
        made = life()
        made.says("ann", "czar: snooze 3d")
        made.votes("ann")
        assert made.who_waits() == []

    def test_is_told(self) -> None:
        made = life()
        made.says("ann", "czar: snooze 3d")
        assert "It rests until 2026-01-10 12:00 UTC." in made.answered("bob", "czar: status")
        made.says("ann", "czar: hold")
        assert "It rests until somebody says “unhold”." in made.answered("bob", "czar: status")

    def test_of_work_in_progress_is_told(self) -> None:
        made = life()
        made.wip(on=True)
        assert "Its clock stands still: the change is work in progress." in made.answered("bob", "czar: status")


class TestTelling:
    def test_the_status_says_who_since_when_and_what_next(self) -> None:
        assert life().answered("dee", "czar: status") == (
            "status: code: ann, asked on 2026-01-07 12:00 UTC. "
            "Without an answer ann is reminded on 2026-01-07 22:00 UTC."
        )

    def test_the_status_of_what_is_unrouted_says_why(self) -> None:
        made = life(who=roster(duties={"code": ()}, ptl=()))
        assert made.answered("dee", "czar: status").startswith("status: code: nobody, since 2026-01-07: nobody holds")

    def test_what_is_only_observed_is_told_as_such(self) -> None:
        made = life(rule(ask=asks(pick="first"), mode="observe"))
        assert "ann would have been asked" in made.answered("dee", "czar: status")
        assert "(observing only)" in made.answered("dee", "czar: explain")

    def test_explaining_says_why_and_where_to_look(self) -> None:
        assert life().answered("dee", "czar: explain") == (
            "explain: code: ann, as code czar of nova, by rule any-code, on 2026-01-07 12:00 UTC: "
            "is first in line for code\nThe whole table: czar explain gerrit:7"
        )


class TestPrivate:
    """Commands let nobody in but who holds a private duty."""

    SECRET = Duty(name="security", czars=("ann", "bob"), private=True)

    def made(self) -> Life:
        one = rule(ask=asks("security", pick="first"), allow=["private"])
        who = roster(duties={"docs": ("dee",), "security": self.SECRET})
        made = Life(one, who=who, private=True)
        made.begins()
        assert made.who_waits() == ["ann"]
        return made

    @pytest.mark.parametrize(
        "line",
        ["assign @dee", "assign @dee security", "assign @dee docs", "assign @pat", "route docs", "route code"],
    )
    @pytest.mark.parametrize("who", ["ann", "pat"])
    def test_nobody_else_is_let_in(self, who: str, line: str) -> None:
        made = self.made()
        assert "not done" in made.answered(who, f"czar: {line}")
        assert added(made) == ["ann"]

    def test_another_of_the_duty_may_be_named(self) -> None:
        made = self.made()
        made.says("ann", "czar: assign @bob")
        assert made.who_waits() == ["bob"]

    def test_declining_goes_no_further_than_the_duty(self) -> None:
        made = self.made()
        made.says("ann", "czar: decline")
        made.says("bob", "czar: reroll", "czar: decline")
        assert added(made) == ["ann", "bob"]

    def test_what_became_private_is_rerolled_to_nobody(self) -> None:
        made = life()
        made.shows(private=True)
        made.says("ann", "czar: reroll", "czar: decline")
        assert added(made) == ["ann"]


def test_a_pending_final_say_is_nobodys_to_claim_or_hold() -> None:
    made = life()
    made.book.apply(Effects(cases=(case("", slot="final-say", duty="ptl", rule="final-say", state="snoozed"),)))
    made.says("bob", "czar: claim", "czar: hold")
    assert [one.person for one in made.book.cases(ITEM) if one.slot == "final-say"] == [""]
    assert made.who_waits() == ["bob"]


def test_a_duty_of_the_community_is_its_holders_to_pass_on() -> None:
    infra = {"infra": Duty(name="infra", czars=("dee", "cyd"))}
    made = life(rule(ask=asks("infra", of=COMMUNITY, pick="first")), who=roster(community=infra))
    assert made.who_waits() == ["dee"]
    assert "only who answers for infra of community may" in made.answered("ann", "czar: assign @bob")
    made.says("cyd", "czar: assign @cyd")
    assert made.who_waits() == ["cyd"]


def test_an_event_of_another_change_is_of_no_matter() -> None:
    made = life()
    made.hears(event(number=8))
    made.says("ann", "czar: decline")
    assert made.who_waits() == ["bob"]

"""What policies are given and what they come to."""

from __future__ import annotations

from rules.actions import DrawAttention
from rules.judging import NOTHING, Judging, NewAsk, Ruling, changed, resumed
from rules.roster import Team
from rules.state import Book, Case, Effects, close
from rules.verdicts import Passed, Verdict
from tests.rules.makers import HOUR, ITEM, NOW, REPO, case, judging, roster, rule, settings


def booked(*cases: Case) -> Judging:
    book = Book()
    book.apply(Effects(cases=cases))
    return judging(book=book)


class TestJudging:
    def test_knows_the_team_that_owns_the_repo(self) -> None:
        assert judging().team == "nova"
        assert judging(repo="elsewhere/tool").team == ""

    def test_knows_accounts_that_were_looked_up(self) -> None:
        assert judging().account("ann") == "ann"
        assert judging().account("nobody") == ""

    def test_knows_what_waits(self) -> None:
        made = booked(case(), case("bob", state="snoozed"), close(case("cyd"), "acted", ""), case("", state="unrouted"))
        assert [one.person for one in made.waiting()] == ["ann", "bob"]

    def test_knows_the_rule_of_a_case_while_there_is_one(self) -> None:
        made = judging(settings=settings(rule("any-code")))
        found = made.rule_of(case())
        assert found is not None
        assert found.id == "any-code"
        assert made.rule_of(case(rule="gone")) is None

    def test_acts_where_settings_and_the_owning_team_let_it(self) -> None:
        assert judging().acts_here
        assert not judging(settings=settings(mode="observe")).acts_here
        assert not judging(settings=settings(who=roster(mode="observe"))).acts_here
        assert judging(settings=settings(who=roster(mode="observe")), repo="elsewhere/tool").acts_here

    def test_acts_for_a_case_where_its_rule_and_team_let_it(self) -> None:
        assert judging().acts(case())
        assert not judging().acts(case(observed=True))
        assert not judging(settings=settings(rule(mode="observe"))).acts(case())
        other = roster(teams={"glance": Team(name="glance", mode="off")})
        assert not judging(settings=settings(who=other)).acts(case(team="glance"))
        assert judging(settings=settings(mode="act")).acts(case(rule="gone"))
        assert not judging(settings=settings(mode="observe")).acts(case(rule="gone"))


class TestRuling:
    def test_adds_up_in_order(self) -> None:
        draw = DrawAttention(item=ITEM, repo=REPO, key="k", account="1", reason="")
        one = Ruling(
            verdicts=(Verdict(rule="a", slot="s", outcome="skip", because=""),),
            passed=(Passed(rule="b", key="topic", because=""),),
            effects=changed(case()),
            asked=(NewAsk(case=case()),),
            actions=(draw,),
            notes=("one",),
        )
        other = Ruling(effects=changed(case("bob")), notes=("two",))
        both = one + other
        assert both.notes == ("one", "two")
        assert [done.person for done in both.effects.cases] == ["ann", "bob"]
        assert (both.verdicts, both.passed, both.asked, both.actions) == (one.verdicts, one.passed, one.asked, (draw,))
        assert one + NOTHING == NOTHING + one == one


class TestResuming:
    def test_moves_the_clock_by_what_it_stood_still(self) -> None:
        going = resumed(case(state="snoozed", began=NOW, paused=NOW + HOUR), NOW + 5 * HOUR, "let go on")
        assert (going.state, going.began, going.paused, going.because) == ("open", NOW + 4 * HOUR, None, "let go on")

    def test_of_a_clock_that_ran_moves_nothing(self) -> None:
        assert resumed(case(), NOW + HOUR, "").began == NOW

"""From cases to what is done and said on the server."""

from __future__ import annotations

from typing import Any

import pytest

from rules.actions import AddReviewer, Comment, DrawAttention, RemoveReviewer
from rules.arrangements import Arrangement
from rules.facts import UNKNOWN
from rules.judging import Judging, NewAsk
from rules.state import Book, Case, Effects, close
from rules.telling import ask_people, remind, take_off, without_the_asked
from tests.rules.makers import ITEM, NOW, case, facts, judging, person, roster


def told(*cases: Case, here: Judging | None = None, **given: Any) -> dict[str, Any]:
    """What is done, by its key."""
    return {one.key: one for one in ask_people([NewAsk(case=one, **given) for one in cases], here or judging())}


def quiet(*people: str) -> Judging:
    book = Book()
    book.apply(Effects(arrangements=tuple(Arrangement(kind="quiet", person=one, at=NOW) for one in people)))
    return judging(book=book)


class TestAsking:
    def test_adds_everybody_and_says_it_once(self) -> None:
        done = told(case(), case("bob", as_="cc"))
        assert list(done) == [
            *("AddReviewer:gerrit:7/code/ann", "AddReviewer:gerrit:7/code/bob"),
            "Comment:gerrit:7/code/ann,gerrit:7/code/bob",
        ]
        comment = done["Comment:gerrit:7/code/ann,gerrit:7/code/bob"]
        assert comment.tell == ("ann", "bob")

    def test_one_asked_twice_is_a_reviewer_rather_than_cc(self) -> None:
        adds = [one for one in told(case(as_="cc"), case(slot="docs")).values() if isinstance(one, AddReviewer)]
        assert [(one.person, one.cc) for one in adds] == [("ann", False)]

    def test_a_second_time_is_another_effect(self) -> None:
        assert list(told(case(times=2))) == ["AddReviewer:gerrit:7/code/ann~2", "Comment:gerrit:7/code/ann~2"]

    def test_suggestions_do_nothing(self) -> None:
        assert told(case(as_="suggest")) == {}

    def test_what_they_asked_for_themselves_is_not_told_them(self) -> None:
        assert list(told(case(), silent=True)) == ["AddReviewer:gerrit:7/code/ann"]

    def test_who_wants_quiet_is_named_and_gets_no_mail(self) -> None:
        (comment,) = [one for one in told(case(), case("bob"), here=quiet("ann")).values() if isinstance(one, Comment)]
        assert comment.tell == ("bob",)
        assert "ann is asked" in comment.text


class TestReminding:
    def test_tells_the_person_alone_and_draws_their_attention(self) -> None:
        comment, attention = remind(case(step=1), judging(), "Nothing more happens by itself.")
        assert isinstance(comment, Comment)
        assert isinstance(attention, DrawAttention)
        assert (comment.tell, comment.key) == (("ann",), "Comment:gerrit:7/code/ann#1")
        assert (attention.account, attention.key) == ("ann", "DrawAttention:gerrit:7/code/ann#1")

    def test_each_step_and_round_is_an_effect_of_its_own(self) -> None:
        cases = [case(step=1), case(step=2), case(step=1, times=2)]
        assert len({one.key for each in cases for one in remind(each, judging(), "")}) == 6

    def test_calls_people_by_name(self) -> None:
        comment, _ = remind(case(), judging(who=roster(person("ann", name="Ann Lee"))), "")
        assert isinstance(comment, Comment)
        assert "ann" in comment.text.casefold()

    @pytest.mark.parametrize("as_", ["cc", "suggest"])
    def test_is_for_reviewers(self, as_: str) -> None:
        assert remind(case(as_=as_), judging(), "") == ()

    def test_needs_an_account(self) -> None:
        assert remind(case(), judging(facts=facts(accounts={"ann": UNKNOWN})), "") == ()

    def test_of_who_wants_quiet_says_nothing(self) -> None:
        assert [type(one) for one in remind(case(), quiet("ann"), "")] == [DrawAttention]


class TestTakingOff:
    def test_removes_the_reviewer(self) -> None:
        (off,) = take_off(case(times=2), judging())
        assert off == RemoveReviewer(
            item=ITEM, repo="openstack/nova", key="RemoveReviewer:gerrit:7/code/ann~2", person="ann", account="ann"
        )

    @pytest.mark.parametrize(
        ("who", "here"),
        [
            (case(as_="suggest"), judging()),
            (case(observed=True), judging()),
            (case(), judging(facts=facts(accounts={"ann": UNKNOWN}))),
        ],
    )
    def test_is_not_for_who_was_never_put_on(self, who: Case, here: Judging) -> None:
        assert take_off(who, here) == ()

    @pytest.mark.parametrize(
        ("other", "kept"),
        [
            (case(slot="docs"), True),
            (case(slot="docs", state="snoozed"), True),
            (case(slot="docs", as_="suggest"), False),
            (case(slot="docs", observed=True), False),
            (close(case(slot="docs"), "acted", ""), False),
            (case("bob", slot="docs"), False),
        ],
    )
    def test_is_not_for_who_is_asked_for_something_else(self, other: Case, *, kept: bool) -> None:
        book = Book()
        book.apply(Effects(cases=(other,)))
        here = judging(book=book)
        assert without_the_asked(take_off(case(), here), here) == (() if kept else take_off(case(), here))

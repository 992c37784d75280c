"""The book: cases, turns, asks, and that it equals one made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.state import DAY, Book, Declined, Effects, Pause, close
from tests.rules.makers import HOUR, ITEM, NOW, case


def book(*cases: object) -> Book:
    made = Book()
    for one in cases:
        made.apply(Effects(cases=(one,)))  # type: ignore[arg-type]
    return made


class TestCase:
    def test_has_one_key_for_item_slot_and_person(self) -> None:
        assert case().key == "gerrit:7/code/ann"
        assert case("", state="unrouted").key == "gerrit:7/code/"
        assert case(rule="other", team="x", duty="y").key == case().key

    @pytest.mark.parametrize(
        ("state", "waits"), [("open", True), ("snoozed", True), ("unrouted", False), ("closed", False)]
    )
    def test_waits_while_it_is_somebodys_turn(self, state: str, *, waits: bool) -> None:
        assert case(state=state).waits is waits

    def test_closed_says_how_and_why_and_is_never_due(self) -> None:
        closed = close(case(due=NOW), "merged", "the change was merged")
        assert (closed.state, closed.end, closed.because, closed.due) == (
            "closed",
            "merged",
            "the change was merged",
            None,
        )
        assert closed.key == case().key


class TestTurns:
    def test_an_open_case_is_a_turn_until_it_is_closed(self) -> None:
        made = book(case(), case(item="gerrit:8"))
        assert made.turns("ann") == 2
        made.apply(Effects(cases=(close(case(), "acted", ""),)))
        assert made.turns("ann") == 1

    def test_the_same_case_twice_is_one_turn(self) -> None:
        made = book(case(), case(step=1), replace(case(), state="snoozed"))
        assert (made.turns("ann"), made.asked(since=NOW - HOUR)) == (1, 1)

    def test_what_was_only_observed_is_no_turn_and_no_ask(self) -> None:
        made = book(case(observed=True))
        assert (made.turns("ann"), made.last_asked("ann"), made.asked(since=NOW - HOUR)) == (0, None, 0)

    def test_what_was_observed_first_is_an_ask_once_somebody_is_asked(self) -> None:
        made = book(case(observed=True), case(opened=NOW + HOUR))
        assert (made.turns("ann"), made.last_asked("ann"), made.asked(since=NOW)) == (1, NOW + HOUR, 1)

    def test_what_is_unrouted_is_nobodys_turn(self) -> None:
        assert book(case("", state="unrouted")).turns("") == 0

    def test_opened_again_it_is_a_turn_again_but_no_new_ask(self) -> None:
        old, young = case(), case(item="gerrit:8", opened=NOW + HOUR)
        made = book(old, young, close(old, "abandoned", ""), old)
        assert made.turns("ann") == 2
        assert made.last_asked("ann") == NOW + HOUR
        assert made.asked(since=NOW - HOUR) == 2


class TestAsks:
    def test_are_counted_by_rule_and_person_since_an_instant(self) -> None:
        made = book(case(), case("bob", rule="other", opened=NOW + HOUR))
        assert made.asked(since=NOW - HOUR) == 2
        assert made.asked(since=NOW) == 1
        assert made.asked(since=NOW - HOUR, rule="other") == 1
        assert made.asked(since=NOW - HOUR, person="ann", rule="other") == 0

    def test_older_ones_are_forgotten(self) -> None:
        made = book(case(), case("bob", opened=NOW + 2 * DAY))
        assert made.asked(since=NOW - DAY) == 1

    def test_of_the_journal_count_with_later_ones(self) -> None:
        made = Book()
        made.count({"ann": 2}, {"ann": NOW - HOUR}, [(NOW - HOUR, "any-code", "ann")])
        made.apply(Effects(cases=(case(),)))
        assert (made.turns("ann"), made.last_asked("ann"), made.asked(since=NOW - 2 * HOUR)) == (3, NOW, 2)


class TestItems:
    def test_what_the_journal_has_is_learnt_without_counting_it_again(self) -> None:
        made = Book()
        made.learn(ITEM, [case()])
        assert made.knows(ITEM)
        assert made.cases(ITEM) == (case(),)
        assert made.turns("ann") == 0

    def test_an_unknown_item_has_nothing(self) -> None:
        assert not Book().knows(ITEM)
        assert Book().cases(ITEM) == ()
        assert not Book().declined(ITEM)

    def test_cases_stand_oldest_first_also_when_they_change(self) -> None:
        made = book(case("bob"), case("ann"), close(case("bob"), "acted", ""))
        assert [one.person for one in made.cases(ITEM)] == ["bob", "ann"]

    def test_who_declined_is_known_by_item(self) -> None:
        no = Declined(item=ITEM, person="ann", how="declined", because="busy", at=NOW)
        made = Book()
        made.apply(Effects(declined=(no,)))
        assert made.declined(ITEM) == {"ann": no}
        assert not made.declined("gerrit:8")

    def test_a_pause_stands_under_its_scope(self) -> None:
        pause = Pause(scope="any-code", because="too much", at=NOW)
        made = Book()
        made.apply(Effects(pauses=(pause,)))
        assert made.paused == {"any-code": pause}

    def test_the_quiet_ones_are_forgotten_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rules.state.MOST_ITEMS", 4)
        made = Book()
        made.learn("gerrit:1", [case(item="gerrit:1")])
        for number in range(2, 6):
            made.learn(f"gerrit:{number}", [close(case(item=f"gerrit:{number}"), "merged", "")])
        assert all(made.knows(f"gerrit:{number}") for number in range(1, 6))
        made.make_room()
        assert [number for number in range(1, 6) if made.knows(f"gerrit:{number}")] == [1, 4, 5]


def test_a_book_made_anew_from_the_sums_equals_the_one_in_use() -> None:
    old, young = case(), case(item="gerrit:8", opened=NOW + timedelta(minutes=1))
    used = book(old, close(old, "abandoned", ""), young, old)
    anew = Book()
    opened = [(one.opened, one.rule, one.person) for one in (old, young)]
    anew.count({"ann": 2}, {"ann": young.opened}, opened)
    for made in (used, anew):
        assert (made.turns("ann"), made.last_asked("ann")) == (2, young.opened)
        assert [made.asked(since=since) for since in (NOW - HOUR, NOW)] == [2, 1]

"""The book: cases, turns, asks, and that it equals one made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.arrangements import Arrangement, arranged
from rules.signoff.ledger import Entry
from rules.signoff.requests import Release
from rules.state import DAY, ENDS, FREES, Book, Declined, Effects, Pause, Read, close
from tests.rules.makers import HOUR, ITEM, NOW, case, roster


def read(message: str = "m1", who: str = "ann", **given: Any) -> Read:
    return Read(**{"message": message, "item": ITEM, "person": who, "at": NOW, **given})


def said(kind: str, who: str = "ann", **given: Any) -> Arrangement:
    return Arrangement(**{"kind": kind, "person": who, "at": NOW, **given})


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

    @pytest.mark.parametrize(
        ("given", "counts"),
        [
            ({}, True),
            ({"state": "snoozed"}, True),
            ({"as_": "cc"}, True),
            ({"added": True}, True),
            ({"as_": "suggest"}, False),
            ({"observed": True}, False),
            ({"state": "unrouted"}, False),
            ({"state": "closed"}, False),
        ],
    )
    def test_counts_while_it_is_somebodys_turn_and_they_know_it(self, given: dict[str, Any], *, counts: bool) -> None:
        assert case(**given).counts is counts

    def test_ends_that_free_the_slot_are_ends(self) -> None:
        assert set(ENDS) > FREES

    def test_closed_it_stands_still_no_more(self) -> None:
        assert close(case(state="snoozed", paused=NOW), "acted", "").paused is None

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

    def test_what_is_only_suggested_is_no_turn_and_no_ask(self) -> None:
        made = book(case(as_="suggest"))
        assert (made.turns("ann"), made.last_asked("ann"), made.asked(since=NOW - HOUR)) == (0, None, 0)

    def test_two_cases_on_one_item_are_one_turn_until_both_are_closed(self) -> None:
        made = book(case(), case(slot="docs"), close(case(), "acted", ""))
        assert made.items_of("ann") == {ITEM}
        made.apply(Effects(cases=(close(case(slot="docs"), "acted", ""),)))
        assert made.items_of("ann") == frozenset()

    def test_are_told_by_item(self) -> None:
        made = book(case(), case(item="gerrit:8"), case("bob"))
        assert (made.items_of("ann"), made.items_of("bob"), made.items_of("cyd")) == ({ITEM, "gerrit:8"}, {ITEM}, set())

    def test_of_the_journal_are_those_of_cases_learnt_later(self) -> None:
        made = Book()
        made.count([("ann", ITEM), ("ann", "gerrit:8")], {}, [])
        made.learn(ITEM, [case()])
        assert made.turns("ann") == 2
        made.apply(Effects(cases=(close(case(), "acted", ""),)))
        assert made.items_of("ann") == {"gerrit:8"}

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

    def test_of_one_case_count_once_as_the_last_of_them(self) -> None:
        made = book(case(), close(case(), "reassigned", ""), case("bob"), case(opened=NOW + HOUR, times=2))
        assert (made.asked(since=NOW - HOUR), made.asked(since=NOW)) == (2, 1)
        assert made.last_asked("ann") == NOW + HOUR

    def test_older_ones_are_forgotten(self) -> None:
        made = book(case(), case("bob", opened=NOW + 2 * DAY))
        assert made.asked(since=NOW - DAY) == 1

    def test_of_the_journal_count_with_later_ones(self) -> None:
        made = Book()
        earlier = case(item="gerrit:1", opened=NOW - HOUR)
        made.count([("ann", "gerrit:1"), ("ann", "gerrit:2")], {"ann": NOW - HOUR}, [earlier])
        made.apply(Effects(cases=(case(),)))
        assert (made.turns("ann"), made.last_asked("ann"), made.asked(since=NOW - 2 * HOUR)) == (3, NOW, 2)


class TestSiblings:
    def about(self, made: Book, topic: str = "rework", owner: str = "zed") -> list[str]:
        return [one.item for one in made.about(topic, owner, since=NOW - DAY)]

    def of(self, number: int, **given: Any) -> Any:
        return case(item=f"gerrit:{number}", **{"topic": "rework", "owner": "zed", **given})

    def test_are_asks_about_the_same_topic_and_owner_oldest_first(self) -> None:
        made = book(self.of(1), self.of(2, topic="other"), self.of(3, owner="ann"), self.of(4, opened=NOW + HOUR))
        assert self.about(made) == ["gerrit:1", "gerrit:4"]
        assert self.about(made, owner="ann") == ["gerrit:3"]
        assert self.about(made, "none") == []

    def test_are_no_older_than_asked_for(self) -> None:
        made = book(self.of(1, opened=NOW - 2 * DAY), self.of(2))
        assert self.about(made) == ["gerrit:2"]

    def test_without_a_topic_are_none(self) -> None:
        assert self.about(book(self.of(1, topic="")), "") == []

    def test_that_nobody_was_asked_about_are_none(self) -> None:
        assert self.about(book(self.of(1, observed=True), self.of(2, person="", state="unrouted"))) == []

    def test_are_told_as_they_are_now(self) -> None:
        made = book(self.of(1), close(self.of(1), "removed", "was taken off"))
        assert [one.end for one in made.about("rework", "zed", since=NOW - DAY)] == ["removed"]

    def test_are_told_under_the_topic_of_the_last_ask(self) -> None:
        made = book(self.of(1), self.of(2), close(self.of(1), "reassigned", ""), self.of(1, topic="x", opened=NOW))
        assert (self.about(made), self.about(made, "x")) == (["gerrit:2"], ["gerrit:1"])

    def test_stand_oldest_first_also_when_they_change(self) -> None:
        made = book(self.of(1), self.of(2, opened=NOW + HOUR), close(self.of(1), "acted", ""))
        assert self.about(made) == ["gerrit:1", "gerrit:2"]

    def test_of_the_journal_count_with_later_ones(self) -> None:
        made = Book()
        made.count([], {}, [], topics=[self.of(1), self.of(2)])
        made.apply(Effects(cases=(self.of(3),)))
        assert self.about(made) == ["gerrit:1", "gerrit:2", "gerrit:3"]

    def test_of_the_oldest_topics_are_forgotten_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rules.state.MOST_TOPICS", 4)
        made = book(*(self.of(number, topic=f"topic-{number}") for number in range(5)))
        assert [self.about(made, f"topic-{number}") for number in range(5)] == [
            [],
            [],
            ["gerrit:2"],
            ["gerrit:3"],
            ["gerrit:4"],
        ]


class TestMessages:
    def test_are_carried_out_once(self) -> None:
        made = Book()
        assert not made.was_read(ITEM, "m1")
        made.apply(Effects(read=(read(),)))
        assert made.was_read(ITEM, "m1")
        assert not made.was_read(ITEM, "m2")
        assert not made.was_read("gerrit:8", "m1")

    def test_of_the_journal_were_carried_out_too(self) -> None:
        made = Book()
        made.learn(ITEM, read=[read()])
        assert made.was_read(ITEM, "m1")

    def test_say_who_commanded_and_when(self) -> None:
        made = Book()
        made.learn(ITEM, read=[read()])
        made.apply(Effects(read=(read("m2", "bob", at=NOW + HOUR),)))
        assert made.commanded(ITEM) == {("ann", NOW), ("bob", NOW + HOUR)}
        assert made.commanded("gerrit:8") == frozenset()

    def test_that_were_answered_count_for_a_day(self) -> None:
        made = Book()
        made.apply(Effects(read=(read("m1", replied=True), read("m2"), read("m3", "bob", replied=True))))
        assert made.replies("ann", since=NOW - HOUR) == 1
        assert made.replies("ann", since=NOW) == 0
        assert made.replies("cyd", since=NOW - HOUR) == 0
        made.apply(Effects(read=(read("m4", replied=True, at=NOW + DAY + HOUR),)))
        assert made.replies("ann", since=NOW - HOUR) == 1

    def test_answered_before_we_began_count_with_later_ones(self) -> None:
        made = Book()
        made.count([], {}, [], replies=[(NOW - HOUR, "ann"), (NOW - HOUR, "bob")])
        made.apply(Effects(read=(read(replied=True),)))
        assert made.replies("ann", since=NOW - 2 * HOUR) == 2

    def test_were_looked_at_up_to_the_latest_instant(self) -> None:
        made = Book()
        assert made.listened(ITEM) is None
        made.has_listened(ITEM, NOW)
        made.has_listened(ITEM, NOW - HOUR)
        assert (made.listened(ITEM), made.listened("gerrit:8")) == (NOW, None)


class TestArrangements:
    def test_lie_over_the_roster_once_they_are_made(self) -> None:
        who, made = roster(), Book()
        assert made.roster(who) is who
        made.apply(Effects(arrangements=(said("optout"),)))
        assert made.roster(who) == arranged(who, [said("optout")])
        assert made.roster(who).people["ann"].opt_out

    def test_are_laid_over_once_for_each_roster(self) -> None:
        one, other, made = roster(), roster(), Book()
        made.apply(Effects(arrangements=(said("optout"),)))
        assert made.roster(one) is made.roster(one)
        assert made.roster(other) is not made.roster(one)
        first = made.roster(one)
        made.apply(Effects(arrangements=(said("optout", "bob"),)))
        assert made.roster(one) is not first
        assert made.roster(one).people["bob"].opt_out

    def test_a_newer_one_takes_the_place_of_one_of_the_same_key(self) -> None:
        made = Book()
        made.apply(Effects(arrangements=(said("optout"), said("quiet"))))
        ended = said("optout", ended=True, at=NOW + HOUR)
        made.apply(Effects(arrangements=(ended,)))
        assert made.arrangements == (said("quiet"), ended)
        assert made.roster(roster()) == roster()

    def test_of_the_journal_are_as_good_as_new_ones(self) -> None:
        made = Book()
        made.count([], {}, [], arrangements=[said("optout")])
        made.apply(Effects(arrangements=(said("back", first=NOW.date(), at=NOW + HOUR),)))
        assert [one.kind for one in made.arrangements] == ["optout", "back"]
        assert made.roster(roster()) == roster()


def test_effects_add_up_in_order() -> None:
    one = Effects(cases=(case(),), read=(read(),), pauses=(Pause(scope="a", because="", at=NOW),))
    no = Declined(item=ITEM, person="ann", how="declined", because="busy", at=NOW)
    other = Effects(cases=(case("bob"),), declined=(no,), arrangements=(said("quiet"),), read=(read("m2"),))
    assert one + other == Effects(
        cases=(case(), case("bob")),
        declined=(no,),
        pauses=one.pauses,
        arrangements=(said("quiet"),),
        read=(read(), read("m2")),
    )
    assert one + Effects() == Effects() + one == one


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
    anew.count([("ann", one.item) for one in (old, young)], {"ann": young.opened}, [old, young])
    for made in (used, anew):
        assert (made.turns("ann"), made.last_asked("ann")) == (2, young.opened)
        assert [made.asked(since=since) for since in (NOW - HOUR, NOW)] == [2, 1]


def test_what_the_ledger_has_on_a_tag_is_found_whatever_the_commit() -> None:
    made = Book()
    first, second, other = (Release("nova", version, sha * 40) for version, sha in (("1", "a"), ("1", "b"), ("2", "a")))
    entries = [
        Entry(act="signed", release=one, item=ITEM, patch_set=1, at=NOW, number=n)
        for n, one in enumerate((first, other))
    ]
    made.learn_ledger([first, second, other], entries)
    assert made.releases("nova", "1") == (first,)
    made.apply(Effects(ledger=(Entry(act="signed", release=second, item=ITEM, patch_set=1, at=NOW, number=9),)))
    assert made.releases("nova", "1") == (first, second)
    assert (made.releases("nova", "2"), made.releases("glance", "1")) == ((other,), ())

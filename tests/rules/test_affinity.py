"""Who knows an item's siblings is asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.affinity import MOST_OF_A_TOPIC, TOPIC_LASTS, affine, siblings
from rules.state import Book, Case, Effects, close
from tests.rules.makers import NOW, World, asks, case, facts, judging, person, roster, rule

DAY = timedelta(days=1)
TWO = facts(related=(5, 6), cherry_pick_of=3)


def known(*cases: Case, found: Any = TWO) -> dict[str, str]:
    book = Book()
    book.apply(Effects(cases=cases))
    return dict(affine("code", judging(facts=found, book=book)))


def on(number: int, who: str = "ann", **given: Any) -> Case:
    return case(who, **{"item": f"gerrit:{number}", **given})


class TestSiblings:
    def test_are_the_relation_chain_and_what_it_was_picked_from(self) -> None:
        assert siblings(TWO) == ("gerrit:5", "gerrit:6", "gerrit:3")

    def test_of_what_was_not_looked_up_are_none(self) -> None:
        assert siblings(None) == siblings(facts()) == ()


class TestChain:
    def test_says_who_was_asked_and_about_what(self) -> None:
        assert known(on(6), on(3, "bob")) == {
            "ann": "was asked about gerrit:6, of the same relation chain",
            "bob": "was asked about gerrit:3, which it is a cherry-pick of",
        }

    def test_the_closest_item_is_named(self) -> None:
        assert known(on(3), on(5)) == {"ann": "was asked about gerrit:5, of the same relation chain"}

    @pytest.mark.parametrize("end", ["acted", "answered", "merged", "abandoned"])
    def test_is_known_also_by_who_has_answered(self, end: str) -> None:
        assert list(known(close(on(5), end, ""))) == ["ann"]

    @pytest.mark.parametrize(
        "other",
        [
            on(5, slot="docs"),
            on(5, ""),
            on(5, observed=True),
            *(close(on(5), end, "") for end in ("declined", "removed", "refused", "reassigned")),
        ],
    )
    def test_is_not_known_by_who_was_not_asked_or_wants_no_more_of_it(self, other: Case) -> None:
        assert known(other) == {}


class TestTopic:
    FOUND = facts(topic="t")

    def told(self, *cases: Case) -> dict[str, str]:
        return known(*cases, found=self.FOUND)

    def test_is_of_the_same_owner(self) -> None:
        assert self.told(on(1, topic="t", owner="zed")) == {
            "ann": "was asked about gerrit:1, of the same owner and topic"
        }
        assert self.told(on(1, topic="t", owner="cyd"), on(2, topic="u", owner="zed")) == {}

    def test_lasts_two_weeks(self) -> None:
        for age, count in ((TOPIC_LASTS, 1), (TOPIC_LASTS + DAY, 0)):
            assert len(self.told(on(1, topic="t", owner="zed", opened=NOW - age))) == count

    def test_buries_nobody(self) -> None:
        many = [on(number, topic="t", owner="zed") for number in range(100, 100 + MOST_OF_A_TOPIC)]
        assert list(self.told(*many[1:])) == ["ann"]
        assert self.told(*many) == {}

    def test_the_newest_comes_first(self) -> None:
        assert list(self.told(on(1, topic="t", owner="zed"), on(2, "bob", topic="t", owner="zed"))) == ["bob", "ann"]

    def test_does_not_count_the_item_itself(self) -> None:
        assert self.told(case(topic="t", owner="zed")) == {}


class TestPicks:
    """Changes 5 and 7 are of one chain; only Ann knows change 5."""

    def world(self, *, pick: Any = 1, who: Any = None) -> World:
        made = World(rule(ask=asks(pick=pick)), who=who)
        made.book.apply(Effects(cases=(on(5), *(on(number) for number in (11, 12, 13)))))  # and has more to do
        return made

    @pytest.mark.parametrize("pick", [1, "first"])
    def test_who_knows_is_asked_though_others_have_less_to_do(self, pick: Any) -> None:
        made = self.world(pick=pick)
        assert made.asked() == ("bob",) if pick == 1 else ("ann",)
        assert self.world(pick=pick).asked(facts(related=(5,))) == ("ann",)

    def test_and_it_is_told_why(self) -> None:
        verdict = self.world().told(facts(related=(5,)))
        assert "was asked about gerrit:5, of the same relation chain" in verdict.because
        assert next(one.because for one in verdict.candidates if one.person == "bob").endswith("ann knows its siblings")

    def test_of_two_the_other_is_picked_by_load(self) -> None:
        assert self.world(pick=2).asked(facts(related=(5,))) == ("ann", "bob")

    @pytest.mark.parametrize("pick", [1, "first"])
    def test_nobody_is_asked_over_their_capacity(self, pick: Any) -> None:
        full = roster(person("ann", cap={"change": 4}))
        found = facts(related=(5,))
        assert self.world(pick=1, who=full).asked(found) == ("bob",)

    def test_a_sibling_just_asked_about_counts(self) -> None:
        made = World(rule(ask=asks(pick=1)))
        first = made.asked(number=5)
        assert made.asked(facts(related=(5,)), number=7) == first

    def test_of_a_topic_go_to_one_person_up_to_the_limit(self) -> None:
        made = World(rule(ask=asks(pick=1)))
        asked = [made.asked(facts(topic="t"), number=number, topic="t")[0] for number in range(10, 17)]
        assert len(set(asked[:MOST_OF_A_TOPIC])) == 1
        assert len(set(asked)) == 2

    def test_for_all_and_by_rotation_changes_nothing(self) -> None:
        assert self.world(pick="all").asked(facts(related=(5,))) == ("ann", "bob")

"""What else waits for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.contract import Transient
from integrations.gerrit.turns import AT_ONCE, KNOWN_FOR, Turns
from rules.facts import UNKNOWN
from tests.integrations.gerrit.answers import Answers, Clock


class Site:
    """Attention sets by account, and how often they were asked for."""

    def __init__(self, **waiting: list[int]) -> None:
        self.waiting = {name.removeprefix("a"): numbers for name, numbers in waiting.items()}
        self.clock = Clock()
        self.rest = Answers({"changes/": self._listed})
        self.turns = Turns(self.rest, self.clock)

    def questions(self) -> list[list[str]]:
        """Of each call."""
        return [[value for name, value in given if name == "q"] for _, _, given in self.rest.asked]

    def _listed(self, query: list[tuple[str, str]]) -> Any:
        accounts = [value.split()[0].removeprefix("attention:") for name, value in query if name == "q"]
        lists = [[{"_number": number} for number in self.waiting.get(account, ())] for account in accounts]
        return lists if len(lists) > 1 else lists[0]  # as the server does


def test_all_people_are_asked_about_in_one_call() -> None:
    site = Site(a3=[9, 8], a4=[])
    assert site.turns.of({"bob": "3", "cyd": "4", "zoe": UNKNOWN}) == {
        "bob": ("gerrit:9", "gerrit:8"),
        "cyd": (),
        "zoe": (),
    }
    assert site.questions() == [["attention:3 status:open", "attention:4 status:open"]]


def test_a_single_question_is_answered_without_the_outer_list() -> None:
    assert Site(a3=[9, 8]).turns.of({"bob": "3"}) == {"bob": ("gerrit:9", "gerrit:8")}


def test_nobody_known_is_no_call() -> None:
    site = Site()
    assert site.turns.of({"zoe": UNKNOWN}) == {"zoe": ()}
    assert site.questions() == []


def test_an_answer_counts_for_a_while_for_each_person() -> None:
    site = Site(a3=[9])
    site.turns.of({"bob": "3"})
    site.waiting["3"] = []
    site.clock.now += timedelta(seconds=30)
    assert site.turns.of({"bob": "3", "cyd": "4"}) == {"bob": ("gerrit:9",), "cyd": ()}
    site.clock.now += KNOWN_FOR - timedelta(seconds=30)
    assert site.turns.of({"bob": "3", "cyd": "4"}) == {"bob": (), "cyd": ()}
    assert [len(call) for call in site.questions()] == [1, 1, 1]


def test_very_many_people_take_several_calls() -> None:
    site = Site()
    site.turns.of({str(number): str(number) for number in range(1, 2 * AT_ONCE + 2)})
    assert [len(call) for call in site.questions()] == [AT_ONCE, AT_ONCE, 1]


def test_what_cannot_be_asked_is_not_remembered_as_nothing() -> None:
    site = Site(a3=[9])
    listing, site.rest.table["changes/"] = site.rest.table["changes/"], Transient("503")
    with pytest.raises(Transient):
        site.turns.of({"bob": "3"})
    site.rest.table["changes/"] = listing
    assert site.turns.of({"bob": "3"}) == {"bob": ("gerrit:9",)}

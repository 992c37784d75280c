"""Which votes stand against each other, since when, and in which words that is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.clashes import Clash, find_clash, frozen, is_strong, message
from rules.facts import Ballot, ChangeFacts
from rules.roster import FinalSay
from rules.state import Case, close
from tests.rules.makers import HOUR, NOW, REPO, case, facts, judging, roster

SAY = FinalSay(after=timedelta(days=2), freeze=("re:^WIP", "freeze*"))


def ballot(who: str, value: int, *, hours: int = 0, **given: Any) -> Ballot:
    at = NOW + hours * HOUR
    return Ballot(**{"label": "Code-Review", "value": value, "account": who, "name": who, "at": at, **given})


def change(*votes: Ballot, **given: Any) -> ChangeFacts:
    return ChangeFacts(**{"repo": REPO, "branch": "master", "owner": "zed", "votes": votes, **given})


def clash(*votes: Ballot, asked: tuple[Case, ...] = ()) -> Clash | None:
    judged = judging(who=roster(bots=frozenset({"bot"})), facts=facts(votes=votes))
    return find_clash(change(*votes), asked, judged)


ANN, BOB = ballot("ann", 2), ballot("bob", -2, hours=1)
ASKED = case("pat", rule="final-say", opened=NOW + 2 * HOUR)


def test_only_the_full_weight_of_one_label_counts() -> None:
    assert [is_strong("Code-Review", value) for value in (-2, -1, 0, 1, 2)] == [True, False, False, False, True]
    assert not is_strong("Workflow", 2)


def test_it_stands_since_the_later_vote() -> None:
    assert clash(ANN, BOB) == Clash(plus=(ANN,), minus=(BOB,), since=NOW + HOUR)


def test_of_several_pairs_since_the_first() -> None:
    found = clash(ANN, ballot("cyd", -2, hours=3), BOB)
    assert found is not None
    assert (found.since, [vote.name for vote in found.minus]) == (NOW + HOUR, ["cyd", "bob"])


@pytest.mark.parametrize("vote", [ballot("zed", 2), ballot("bot", 2), ballot("czar-bot", 2), ballot("ann", 2, at=None)])
def test_whose_vote_takes_no_side(vote: Ballot) -> None:
    assert clash(vote, BOB) is None


def test_the_owner_may_be_against_their_own_change() -> None:
    assert clash(ANN, ballot("zed", -2)) is not None


def test_what_was_answered_is_no_news() -> None:
    assert clash(ANN, BOB, asked=(ASKED,)) is not None
    assert clash(ANN, BOB, asked=(close(ASKED, "acted", "pat voted"),)) is None


def test_a_vote_after_the_ask_is() -> None:
    answered = close(ASKED, "acted", "pat voted")
    found = clash(ANN, BOB, ballot("cyd", -2, hours=3), asked=(answered,))
    assert found is not None
    assert found.since == NOW + 3 * HOUR


def test_but_not_that_of_whoever_was_asked() -> None:
    answered = close(ASKED, "acted", "pat voted")
    assert clash(ANN, BOB, ballot("pat", -2, hours=3), asked=(answered,)) is None
    assert clash(ANN, ballot("pat", -2, hours=1), asked=()) is not None


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({}, ""),
        ({"subject": "Fix WIP"}, ""),
        ({"hashtags": ("later",)}, ""),
        ({"wip": True}, "the change is work in progress"),
        ({"private": True}, "the change is private"),
        ({"subject": "WIP: fix"}, "its subject says that it is frozen"),
        ({"hashtags": ("later", "freeze-2026")}, "the hashtag freeze-2026 freezes it"),
    ],
)
def test_what_freezes_a_change(given: dict[str, Any], because: str) -> None:
    assert frozen(change(**given), SAY) == because


def test_without_patterns_no_text_does() -> None:
    assert frozen(change(subject="WIP", hashtags=("freeze",)), FinalSay(after=HOUR)) == ""


def test_both_sides_are_named_in_a_template() -> None:
    votes = (ANN, BOB, ballot("{x}", -2))
    judged = judging(facts=facts(votes=votes, patch_set=3))
    found = find_clash(change(*votes), (), judged)
    assert found is not None
    assert message(found, "is PTL of {nova}", judged).format(person="Pat") == (
        "Pat, ann (+2) and bob (-2), {x} (-2) stand against each other in Code-Review on patch set 3 since 2026-01-07 "
        "12:00 UTC. The final say is yours, Pat is PTL of {nova}: please vote, or bring them to agree."
    )

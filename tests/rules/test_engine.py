"""Deciding is a pure function: same input, same decision, for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine import decide, needs
from rules.events import (
    BranchUpdated,
    ChangeAbandoned,
    ChangeDeleted,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    Event,
    EventsDropped,
    PatchsetCreated,
    ProjectCreated,
    ReviewerAdded,
    ReviewerRemoved,
    TagPushed,
    Tick,
    WipChanged,
    item_of,
)
from rules.state import Book
from tests.rules.makers import (
    HOUR,
    ITEM,
    NOW,
    REPO,
    World,
    account,
    asks,
    event,
    facts,
    happened,
    roster,
    rule,
    settings,
)

RULES = (rule("code", ask=asks(pick=1)), rule("docs", slot="docs", ask=asks(pick="all"), when={"topic": ("t*",)}))

names = st.sampled_from(["ann", "bob", "cyd", "zed", "czar-bot"]).map(account)
KINDS: dict[Any, dict[str, st.SearchStrategy[Any]]] = {
    PatchsetCreated: {"topic": st.sampled_from(["", "t1"]), "wip": st.booleans()},
    WipChanged: {"wip": st.booleans()},
    CommentAdded: {},
    ReviewerAdded: {"reviewer": names},
    ReviewerRemoved: {"reviewer": names},
    ChangeMerged: {},
    ChangeAbandoned: {},
    ChangeRestored: {},
    ChangeDeleted: {},
    ChangeSeen: {
        "status": st.sampled_from(["NEW", "MERGED", "ABANDONED"]),
        "spoke": st.lists(st.tuples(names, st.just(NOW + HOUR)), max_size=2).map(tuple),
    },
}
histories = st.lists(
    st.one_of(
        [
            st.builds(happened, st.just(kind), number=st.integers(7, 9), by=names, **fields)
            for kind, fields in KINDS.items()
        ]
    ),
    max_size=25,
)


def lived(history: list[Any]) -> tuple[World, list[Any]]:
    """A world after it, and what was decided on the way."""
    made = World(*RULES)
    decided = []
    for what in history:
        found = facts(topic=what.change.topic, wip=what.change.wip, status=what.change.status)
        decided.append(made.decide(what, found))
        made.pass_s(60)
    return made, decided


@given(histories)
def test_the_same_history_twice_is_decided_the_same(history: list[Any]) -> None:
    assert lived(history)[1] == lived(history)[1]


@given(histories)
def test_turns_are_the_items_that_wait(history: list[Any]) -> None:
    made, _ = lived(history)
    items = ("gerrit:7", "gerrit:8", "gerrit:9")
    waiting = [who for item in items for who in {one.person for one in made.book.cases(item) if one.waits}]
    assert {name: made.book.turns(name) for name in ("ann", "bob", "cyd", "pat", "")} == {
        name: waiting.count(name) for name in ("ann", "bob", "cyd", "pat", "")
    }
    assert "" not in waiting


@given(histories)
def test_nobody_is_asked_twice_for_a_slot_of_an_item(history: list[Any]) -> None:
    keys = [action.key for one in lived(history)[1] for action in one.actions]
    assert len(keys) == len(set(keys))


@given(histories)
def test_nobody_is_asked_about_their_own_or_after_declining(history: list[Any]) -> None:
    gone: set[tuple[str, str]] = set()
    for what, decision in zip(history, lived(history)[1], strict=True):
        gone |= {(one.item, one.person) for one in decision.effects.declined}
        asked = {(decision.item, name) for one in decision.verdicts for name in one.people}
        assert not asked & gone
        assert "zed" not in {name for _, name in asked}
        assert not (asked and what.change.wip)


@given(histories)
def test_applying_what_was_decided_gives_the_same_book(history: list[Any]) -> None:
    made, decided = lived(history)
    anew = Book()
    for one in decided:
        anew.apply(one.effects)
    for item in ("gerrit:7", "gerrit:8", "gerrit:9"):
        assert anew.cases(item) == made.book.cases(item)
        assert anew.declined(item) == made.book.declined(item)
    assert [anew.turns(name) for name in ("ann", "bob")] == [made.book.turns(name) for name in ("ann", "bob")]
    assert [anew.last_asked(name) for name in ("ann", "bob")] == [made.book.last_asked(name) for name in ("ann", "bob")]


ELSEWHERE = """
from tests.rules.makers import World, event, asks, facts, roster, rule
who = roster(bots=frozenset(f"bot{n}" for n in range(9)), duties={"code": ("ann", "bob", "cyd", "dee")})
made = World(rule(ask=asks(pick=2), allow=["wip", "private", "owner"]), who=who)
print([made.decide(event(number=n), facts(hashtags=("a", "b"))) for n in range(20)])
"""


def test_decisions_do_not_hang_on_the_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", ELSEWHERE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(said) == 1
    assert b"AddReviewer" in said.pop()


class TestDecision:
    def test_says_what_when_and_by_which_config(self) -> None:
        made = World(who=roster(revision="r7"), version="v3")
        decided = made.decide(event())
        assert (decided.event, decided.item, decided.at) == ("PatchsetCreated", ITEM, NOW)
        assert (decided.version, decided.revision) == ("v3", "r7")

    @pytest.mark.parametrize("status", ["MERGED", "ABANDONED"])
    def test_on_an_ended_change_asks_nobody_and_closes_its_cases(self, status: str) -> None:
        made = World(rule("one", slot="a"), rule("two", slot="b", when={"topic": ("t",)}))
        made.decide(event())
        decided = made.decide(event(topic="t"), facts(topic="t", status=status))
        assert not decided.looked
        assert [one.state for one in made.book.cases(ITEM)] == ["closed"]

    def test_restored_a_change_is_judged_and_its_case_open_again(self) -> None:
        made = World()
        (first,) = made.decide(event()).verdicts
        made.decide(happened(ChangeAbandoned, status="ABANDONED"))
        assert made.book.turns(first.people[0]) == 0
        (verdict,) = made.decide(happened(ChangeRestored)).verdicts
        assert verdict.outcome == "skip"
        assert made.book.turns(first.people[0]) == 1

    def test_restored_what_was_unrouted_finds_somebody(self) -> None:
        made = World()
        made.decide(event(), facts(people=()))
        made.decide(happened(ChangeAbandoned, status="ABANDONED"))
        (verdict,) = made.decide(happened(ChangeRestored)).verdicts
        assert verdict.people
        assert [one.state for one in made.book.cases(ITEM)] == ["closed", "open"]

    def test_effects_hold_what_ended_and_what_was_opened(self) -> None:
        made = World(rule(ask=asks(pick="first")))
        made.decide(event())
        effects = made.decide(happened(ReviewerRemoved, reviewer=account("ann"), by=account("ann"))).effects
        assert [(one.person, one.state) for one in effects.cases] == [("ann", "closed"), ("bob", "open")]
        assert [one.person for one in effects.declined] == ["ann"]

    def test_on_what_is_no_change_is_empty(self) -> None:
        others: list[Event] = [
            ProjectCreated(at=NOW, repo=REPO),
            EventsDropped(at=NOW),
            BranchUpdated(at=NOW, repo=REPO, ref="refs/heads/master", old="0", new="1"),
            TagPushed(at=NOW, repo=REPO, ref="refs/tags/1.0", old="0", new="1"),
        ]
        for what in others:
            decided = World().decide(what)
            assert (decided.looked, decided.item) == (False, item_of(what))

    def test_needs_nothing_for_a_change_seen_to_have_ended(self) -> None:
        made = settings()
        assert needs(happened(ChangeSeen, status="MERGED"), made, Book(), NOW) is None
        assert needs(happened(ChangeSeen), made, Book(), NOW) is not None

    def test_a_tick_says_its_repo_to_the_look_up(self) -> None:
        need = needs(Tick(at=NOW, item=ITEM, repo=REPO, because="due"), settings(), Book(), NOW)
        assert need is not None
        assert (need.item, need.repo) == (ITEM, REPO)

    def test_is_made_at_the_instant_given_not_at_the_events(self) -> None:
        later = NOW + HOUR
        decided = decide(event(at=NOW), facts(), settings(), Book(), later)
        assert decided.at == later
        assert [one.opened for one in decided.effects.cases] == [later]

"""Deciding is a pure function: same input, same decision, for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.actions import AddReviewer, Comment
from rules.command_lines import command_lines
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
    Vote,
    WipChanged,
    item_of,
)
from rules.facts import Facts, Message
from rules.patterns import path_names
from rules.roster import Duty, Team
from rules.state import Book, Case
from rules.verdicts import Decision, Settings
from tests.rules import generated
from tests.rules.generated import Deed
from tests.rules.life import Life, step
from tests.rules.makers import (
    HOUR,
    ITEM,
    NOW,
    REPO,
    World,
    account,
    asks,
    decided,
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


class TestSeveralTeams:
    """A shared repo: paths say whose people are asked, each team for itself."""

    RULE = rule(
        slot="release",
        when={"repo": ("openstack/releases",)},
        ask=asks("release", path=path_names("deliverables/{deliverable}.yaml"), pick="first"),
        ladder="up",
    )
    OTHERS = Team(
        name="glance",
        repos=("openstack/glance",),
        ptl=("dee",),
        duties={"release": Duty(name="release", czars=("cyd", "dee"))},
        deliverables={"glance": ("openstack/glance",)},
    )

    def life(self) -> Life:
        who = roster(duties={"release": ("ann", "bob")}, deliverables={"nova": (REPO,)}, teams={"glance": self.OTHERS})
        files = ("deliverables/nova.yaml", "deliverables/glance.yaml", "deliverables/unheard-of.yaml")
        made = Life(self.RULE, who=who, ladders={"up": (step("reassign", 1),)}, files=files, repo="openstack/releases")
        made.happens(PatchsetCreated, repo="openstack/releases", by=account("zed"))
        return made

    def test_each_is_asked_for_its_own(self) -> None:
        made = self.life()
        assert [(one.slot, one.team, one.person) for one in made.waiting()] == [
            ("release@nova", "nova", "ann"),
            ("release@glance", "glance", "cyd"),
        ]
        assert made.times(Comment) == 1

    def test_who_declines_is_followed_by_the_next_of_their_team(self) -> None:
        made = self.life()
        made.writes("cyd", "czar: decline")
        made.happens(CommentAdded, repo="openstack/releases", by=account("cyd"), text="czar: decline")
        assert made.who_waits() == ["ann", "dee"]

    def test_what_one_answers_leaves_the_other_waiting(self) -> None:
        made = self.life()
        made.votes("ann")
        assert made.who_waits() == ["cyd"]

    def test_each_climbs_within_its_team(self) -> None:
        made = self.life()
        made.sleep(HOUR)
        made.hears(Tick(at=made.now, item=ITEM, repo="openstack/releases", because="due"))
        assert made.who_waits() == ["bob", "dee"]
        assert sorted(made.change.reviewers) == ["bob", "dee"]


class Lives:
    """Three generated changes in a generated community; each decision is held against what must always hold."""

    def __init__(self, config: Settings, changes: dict[int, dict[str, Any]]) -> None:
        self.settings, self.book, self.now = config, Book(), NOW
        self.found = {
            number: facts(**{**given, "owner_names": (given["owner"],)}, messages=(), people=(*generated.PEOPLE, "zed"))
            for number, given in changes.items()
        }
        self.decided: list[Decision] = []

    def live(self, deed: Deed) -> None:
        self.now += deed.after
        what = self.event(deed)
        found, anew = self.found[deed.number], self.rebuilt()
        decision = decided(what, found, self.settings, self.book, self.now)
        assert decided(what, found, self.settings, anew, self.now) == decision
        assert state_of(anew) == state_of(self.book)
        self.decided.append(decision)
        self.check(decision, found)

    def rebuilt(self) -> Book:
        anew = Book()
        for one in self.decided:
            anew.apply(one.effects)
        return anew

    def event(self, deed: Deed) -> Event:
        found = self.found[deed.number]
        assert found.change is not None
        shows = {name: deed.given[name] for name in ("wip", "topic", "status") if name in deed.given}
        change = replace(found.change, **shows)
        lines = tuple(f"czar: {line}" for line in deed.given.get("lines", ()))
        if lines:
            by, name = account(deed.by), f"m{len(self.decided)}"
            told = Message(id=name, by=by, account=deed.by, at=self.now, lines=tuple(enumerate(lines)))
            change = replace(change, messages=(*(change.messages or ()), told))
        self.found[deed.number] = replace(found, change=change)
        if deed.kind is Tick:
            return Tick(at=self.now, item=f"gerrit:{deed.number}", repo=change.repo, because="due")
        more: dict[str, Any] = {"by": account(deed.by)}
        if deed.kind is CommentAdded:
            more |= {"text": "\n".join(lines)}
            more |= {"votes": (Vote(label="Code-Review", value=1, old=0),)} if deed.given["vote"] else {}
        if deed.kind is ReviewerRemoved:
            more |= {"reviewer": account(deed.given["reviewer"])}
        if deed.kind is ChangeSeen:
            more |= {"may_command": tuple((one.by, one.at) for one in change.messages or ())}
        names = ("repo", "wip", "private", "topic", "status")
        more |= {"owner": account(change.owner), **{name: getattr(change, name) for name in names}}
        what: Event = happened(deed.kind, at=self.now, number=deed.number, **more)
        return what

    def check(self, decision: Decision, found: Facts) -> None:
        assert found.change is not None
        if not decision.notes:
            slots = [one.slot for one in decision.verdicts]
            assert len(slots) == len(set(slots))
        for verdict in decision.verdicts:
            assert verdict.outcome != "fail", verdict
            assert verdict.because
        assert len(keys := [one.key for one in decision.actions]) == len(set(keys))
        leaving = {one.person for one in decision.effects.arrangements}  # they hand over at the next look
        for one in decision.effects.cases:
            if one.waits and one.person not in ("", *leaving) and one.opened == self.now:
                self.check_ask(one, found)
        adds = (action.person for action in decision.actions if isinstance(action, AddReviewer))
        roster = self.book.roster(self.settings.changes.roster)
        assert not any(roster.people[person].opt_out for person in adds if person in leaving)
        for action in decision.actions:
            if isinstance(action, Comment):
                assert not command_lines(action.text, ("czar",))

    def check_ask(self, case: Case, found: Facts) -> None:
        change, roster = found.change, self.book.roster(self.settings.changes.roster)
        assert change is not None
        assert change.status == "NEW"
        asked = roster.people[case.person]
        assert case.person not in (change.owner, *roster.bots)
        assert not asked.opt_out or case.role == "claimed"
        assert asked.absence(self.now) is None or case.role in ("assigned", "claimed")
        if change.private and case.role != "claimed":
            assert roster.duty(case.team, case.duty).private
            assert case.person in roster.duty(case.team, case.duty).people()
        rule = self.settings.changes.by_id.get(case.rule)
        by_number = rule and rule.ask and all(isinstance(ask.pick, int) for ask in (rule.ask, rule.else_) if ask)
        if by_number and not case.added and case.role not in ("assigned", "claimed"):
            cap = asked.cap.get("change")
            assert cap is None or len(self.book.items_of(case.person) - {case.item}) < cap


def state_of(book: Book) -> tuple[Any, ...]:
    """All of a book that decides anything."""
    people = (*generated.PEOPLE, "zed")
    items = [f"gerrit:{number}" for number in generated.ITEMS]
    day_ago = NOW - 24 * HOUR
    return (
        [(book.cases(item), dict(book.declined(item)), book.commanded(item)) for item in items],
        [(set(book.items_of(one)), book.last_asked(one)) for one in people],
        [(book.replies(one, since=day_ago), book.asked(since=day_ago, person=one)) for one in people],
        [book.about(topic, owner, since=day_ago) for topic in ("t1", "t2") for owner in (*people, "zuul")],
        (book.arrangements, book.paused),
    )


def live_through(config: Settings, changes: dict[int, dict[str, Any]], history: list[Deed]) -> None:
    lives = Lives(config, changes)
    for deed in history:
        lives.live(deed)


@given(generated.configs, generated.changes, generated.histories)
def test_whatever_is_configured_and_done_what_must_hold_holds(
    config: Settings, changes: dict[int, dict[str, Any]], history: list[Deed]
) -> None:
    live_through(config, changes, history)


@pytest.mark.long
@hypothesis.settings(max_examples=2000, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@given(generated.configs, generated.changes, generated.histories)
def test_whatever_is_configured_and_done_what_must_hold_holds_for_long(
    config: Settings, changes: dict[int, dict[str, Any]], history: list[Deed]
) -> None:
    live_through(config, changes, history)

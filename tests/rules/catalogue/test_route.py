"""A change's rules, slot by slot, find who is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rules.engine import needs
from rules.events import (
    AskRefused,
    ChangeMerged,
    ChangeSeen,
    CommentAdded,
    HashtagsChanged,
    PatchsetCreated,
    ReviewerRemoved,
    Tick,
    TopicChanged,
    WipChanged,
)
from rules.roster import Duty
from rules.routing import Rule, View
from tests.rules.makers import (
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

TICK = Tick(at=NOW, item=ITEM, repo=REPO, because="was unrouted")
EACH = roster(ptl=(), duties={"code": ("ann", "bob"), "docs": ("cyd",), "gate": ("dee",)})
FIRST = asks(pick="first")


def broken(_view: View) -> bool:
    raise RuntimeError("a bug in a rule")


def breaking(name: str, slot: str) -> Rule:
    return replace(rule(name, slot=slot), tests=(("subject", broken),))


def removed(who: str, by: str) -> ReviewerRemoved:
    return happened(ReviewerRemoved, reviewer=account(who), by=account(by))


def told(made: World, what: Any, found: Any = None) -> list[tuple[str, str, tuple[str, ...]]]:
    """Rule, outcome and people of each verdict."""
    return [(one.rule, one.outcome, one.people) for one in made.decide(what, found).verdicts]


class TestSlots:
    def test_the_first_match_in_file_order_wins_its_slot(self) -> None:
        rules = (
            rule("no", when={"topic": ("x",)}, slot="s"),
            rule("first", ask=FIRST, slot="s"),
            rule("second", ask=asks("docs"), slot="s"),
        )
        decided = World(*rules, who=EACH).decide(event())
        assert [(one.rule, one.people) for one in decided.verdicts] == [("first", ("ann",))]
        assert [(one.rule, one.key) for one in decided.passed] == [("no", "topic")]

    def test_slots_add_up(self) -> None:
        rules = (rule("a", ask=FIRST), rule("b", ask=asks("docs")), rule("c", ask=asks("gate")))
        assert told(World(*rules, who=EACH), event()) == [
            ("a", "ask", ("ann",)),
            ("b", "ask", ("cyd",)),
            ("c", "ask", ("dee",)),
        ]

    def test_a_winner_that_finds_nobody_does_not_give_the_slot_away(self) -> None:
        rules = (rule("a", ask=asks("docs"), slot="s"), rule("b", ask=FIRST, slot="s"))
        assert told(World(*rules, who=EACH), event(), facts(owner="cyd")) == [("a", "ask", ())]

    def test_rules_keep_file_order_within_and_among_slots(self) -> None:
        rules = (rule("1", slot="x"), rule("2", slot="y"), rule("3", slot="x"))
        found = settings(*rules).changes.slots(REPO)
        assert [(slot, [one.id for one in theirs]) for slot, theirs in found] == [("x", ["1", "3"]), ("y", ["2"])]

    def test_a_change_in_an_unowned_repo_is_no_rules_unless_it_names_it(self) -> None:
        decided = World(rule("any"), who=EACH).decide(event(repo="elsewhere/tool"))
        assert not decided.looked
        named = World(rule("named", when={"repo": ("elsewhere/*",)}, ask=asks(of="nova", pick="first")), who=EACH)
        elsewhere = event(repo="elsewhere/tool"), facts(repo="elsewhere/tool")
        assert told(named, *elsewhere) == [("named", "ask", ("ann",))]

    def test_a_rule_of_a_switched_off_team_leaves_the_slot_to_the_next(self) -> None:
        rules = (rule("off", mode="off"), rule("on", ask=FIRST))
        decided = World(*rules, who=EACH).decide(event())
        assert [one.rule for one in decided.verdicts] == ["on"]
        assert [(one.rule, one.key) for one in decided.passed] == [("off", "mode")]

    def test_switched_off_nothing_is_asked_or_looked_up(self) -> None:
        off = World(mode="off")
        assert needs(event(), off.settings, off.book, NOW) is None
        decided = off.decide(event())
        assert (decided.verdicts, decided.actions, decided.would) == ((), (), ())


class TestFailure:
    def test_of_a_rule_is_its_verdict_and_does_not_silence_the_other_slots(self) -> None:
        made = World(breaking("bad", "x"), rule("good", ask=FIRST), who=EACH)
        first, second = made.decide(event()).verdicts
        assert (first.outcome, first.because) == ("fail", "the rule failed: RuntimeError: a bug in a rule")
        assert (second.rule, second.people) == ("good", ("ann",))

    def test_keeps_its_own_slot_from_the_rules_below(self) -> None:
        made = World(breaking("bad", "s"), rule("below", slot="s"), who=EACH)
        assert told(made, event()) == [("bad", "fail", ())]

    def test_does_not_reach_the_rules_above(self) -> None:
        made = World(rule("above", slot="s", ask=FIRST), breaking("bad", "s"), who=EACH)
        assert told(made, event()) == [("above", "ask", ("ann",))]

    def test_of_an_ask_is_a_verdict_too(self) -> None:
        made = World(rule("bad", ask=asks(of="gone")), rule("good", ask=FIRST, slot="s"), who=EACH)
        assert told(made, event()) == [("bad", "fail", ()), ("good", "ask", ("ann",))]


class TestServed:
    def test_while_the_case_is_open_nobody_else_is_asked(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(event())
        decided = made.decide(event())
        (verdict,) = decided.verdicts
        assert (verdict.outcome, verdict.because) == ("skip", "ann was asked on 2026-01-07 12:00")
        assert decided.actions == ()
        assert needs(event(), made.settings, made.book, NOW) is None

    def test_an_answer_counts_and_is_told(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(event())
        made.decide(happened(CommentAdded, by=account("ann")))
        (verdict,) = made.decide(event()).verdicts
        assert (verdict.outcome, verdict.because) == ("skip", "ann was asked on 2026-01-07 12:00; ann replied")

    @pytest.mark.parametrize("by", ["ann", "zed"])
    def test_taken_off_the_next_is_asked(self, by: str) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(event())
        decided = made.decide(removed("ann", by))
        assert [one.people for one in decided.verdicts] == [("bob",)]
        assert [action.key for action in decided.actions] == [f"{kind}:gerrit:7/code/bob" for kind in ADDED]

    def test_taken_off_by_us_nobody_else_is_asked(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(event())
        assert told(made, removed("ann", "czar-bot")) == [("any-code", "skip", ())]

    def test_refused_the_next_is_asked_until_nobody_is_left(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(event())
        asked = []
        for who in ("ann", "bob"):
            refused = AskRefused(at=NOW, item=ITEM, repo=REPO, person=who, why="may not read it")
            (verdict,) = made.decide(refused).verdicts
            asked.append(verdict.people)
        assert asked == [("bob",), ()]
        assert verdict.because.startswith("UNROUTED")
        assert [one.code for one in verdict.candidates if one.person in ("ann", "bob")] == ["refused", "refused"]

    def test_one_of_all_taken_off_is_not_made_up_for(self) -> None:
        made = World(rule(ask=asks(pick="all")), who=EACH)
        made.decide(event())
        assert told(made, removed("ann", "zed")) == [("any-code", "skip", ())]

    def test_after_an_end_nobody_is_asked(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(happened(ChangeSeen), facts(status="MERGED"))
        decided = made.decide(event(), facts(status="MERGED"))
        assert not decided.looked
        assert made.book.cases(ITEM) == ()

    def test_what_was_only_observed_counts_until_the_rule_acts(self) -> None:
        made = World(rule(ask=FIRST, mode="observe"), who=EACH)
        assert told(made, event()) == [("any-code", "ask", ("ann",))]
        assert told(made, event()) == [("any-code", "skip", ())]
        made.settings = settings(rule(ask=FIRST), who=EACH)
        decided = made.decide(event())
        assert [one.people for one in decided.verdicts] == [("ann",)]
        assert len(decided.actions) == 2
        assert made.book.turns("ann") == 1

    def test_what_a_rule_that_is_gone_observed_does_not_count(self) -> None:
        made = World(rule("old", ask=FIRST, mode="observe"), who=EACH)
        made.decide(event())
        made.settings = settings(rule("new", ask=FIRST), who=EACH)
        assert told(made, event()) == [("new", "ask", ("ann",))]


ADDED = ("AddReviewer", "Comment")


class TestSuppression:
    WHO = roster(
        duties={"code": ("ann",), "security": Duty(name="security", czars=("dee",), private=True)}, bots={"bot"}
    )
    SECURITY = asks("security")

    @pytest.mark.parametrize(("key", "given"), [("wip", {"wip": True}), ("owner", {"owner": account("bot")})])
    def test_is_lifted_by_allow(self, key: str, given: dict[str, Any]) -> None:
        there = facts(wip=bool(given.get("wip")), owner_names=("bot",) if key == "owner" else ("zed",))
        decided = World(rule(), who=self.WHO).decide(event(**given), there)
        assert [(one.key, decided.verdicts) for one in decided.passed] == [(key, ())]
        assert World(rule(allow=[key]), who=self.WHO).asked(there, **given) == ("ann",)

    def test_of_private_changes_is_lifted_for_private_duties_only(self) -> None:
        hidden = event(private=True), facts(private=True)
        for ask, allow, people in (
            (self.SECURITY, ["private"], [("dee",)]),
            (self.SECURITY, [], []),
            (asks(), ["private"], []),
        ):
            made = World(rule(ask=ask, allow=allow), who=self.WHO)
            assert [one.people for one in made.decide(*hidden).verdicts] == people

    def test_is_judged_anew_when_work_in_progress_ends(self) -> None:
        made = World(who=self.WHO)
        assert told(made, event(wip=True)) == []
        assert told(made, happened(WipChanged)) == [("any-code", "ask", ("ann",))]

    def test_what_the_server_shows_now_counts(self) -> None:
        assert told(World(who=self.WHO), event(), facts(wip=True)) == []


class TestNeeds:
    def needed(self, *rules: Rule, what: Any = None, who: Any = None) -> tuple[bool, list[str]] | None:
        """Whether files are needed, and the people whose accounts are."""
        made = World(*rules, who=who or EACH)
        need = needs(what or event(), made.settings, made.book, NOW)
        return (need.files, [one.key for one in need.people]) if need else None

    def test_nothing_where_no_rule_can_match(self) -> None:
        assert self.needed(rule(when={"topic": ("x",)})) is None
        assert self.needed(rule(), what=event(repo="elsewhere/tool")) is None
        assert self.needed(rule(), what=happened(CommentAdded)) is None
        assert self.needed(rule(), what=happened(ChangeMerged)) is None

    def test_accounts_of_all_who_may_come_to_be_asked(self) -> None:
        assert self.needed(rule(), who=roster()) == (False, ["ann", "bob", "cyd", "pat"])
        assert self.needed(rule(ask=FIRST, else_=asks("gate"))) == (False, ["ann", "bob", "dee"])

    def test_files_only_where_a_rule_that_may_match_speaks_of_them(self) -> None:
        docs = {"only": ("doc/**",)}
        assert self.needed(rule(when=docs)) == (True, ["ann", "bob"])
        assert self.needed(rule("a", when={**docs, "topic": ("x",)}), rule("b")) == (False, ["ann", "bob"])
        assert self.needed(rule("a"), rule("b", when=docs)) == (False, ["ann", "bob"])

    @pytest.mark.parametrize("key", ["when", "unless"])
    def test_accounts_of_the_next_rule_too_while_files_are_unknown(self, key: str) -> None:
        made: Callable[..., Rule] = rule
        first = made("a", ask=asks("docs"), slot="s", **{key: {"only": ("doc/**",)}})
        assert self.needed(first, rule("b", ask=asks("gate"), slot="s")) == (True, ["cyd", "dee"])

    def test_a_rule_suppressed_by_files_gives_way_to_one_whose_people_are_known(self) -> None:
        rules = (
            rule("code", slot="s", ask=FIRST, unless={"only": ("doc/**",)}),
            rule("docs", slot="s", ask=asks("docs")),
        )
        assert told(World(*rules, who=EACH), event(), facts(files=("doc/a",))) == [("docs", "ask", ("cyd",))]
        assert told(World(*rules, who=EACH), event(), facts(files=("a.py",))) == [("code", "ask", ("ann",))]

    @pytest.mark.parametrize("kind", [TopicChanged, HashtagsChanged, PatchsetCreated])
    def test_the_size_is_looked_up_where_the_event_does_not_tell_it(self, kind: Any) -> None:
        big = World(rule(when={"size": (">=100",)}, ask=FIRST), who=EACH)
        assert told(big, happened(kind), facts(size=100)) == [("any-code", "ask", ("ann",))]

    def test_a_broken_rule_does_not_stop_the_looking(self) -> None:
        assert self.needed(breaking("bad", "x"), rule("good", ask=asks("docs"))) is not None
        assert self.needed(rule("bad", ask=asks(of="gone")), rule("good", ask=asks("docs"))) == (False, ["cyd"])

    def test_a_rule_for_every_repo_finds_no_owner_in_an_unowned_one(self) -> None:
        wide = rule(when={"repo": ("**",)})
        assert self.needed(wide, what=event(repo="elsewhere/tool")) == (False, [])

    def test_again_once_who_was_asked_is_taken_off_by_this_very_event(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        made.decide(event())
        assert needs(event(), made.settings, made.book, NOW) is None
        assert needs(removed("ann", "zed"), made.settings, made.book, NOW) is not None

    def test_a_tick_knows_nothing_of_the_change_and_asks_for_all(self) -> None:
        docs = rule(when={"topic": ("x",), "only": ("doc/**",)})
        assert self.needed(docs, what=TICK) == (True, ["ann", "bob"])


class TestTick:
    def test_asks_about_what_was_unrouted(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        assert made.told(facts(people=())).people == ()
        assert told(made, TICK) == [("any-code", "ask", ("ann",))]

    def test_of_a_change_that_is_gone_asks_nobody(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        assert made.told(facts(people=())).people == ()
        decided = made.decide(TICK, replace(facts(), change=None))
        assert decided.verdicts == ()
        assert [(one.key, one.because) for one in decided.passed] == [("item", "the change is gone or hidden from us")]

    def test_that_brings_nothing_new_leaves_no_trace(self) -> None:
        made = World(rule(ask=FIRST), who=EACH)
        assert made.told(facts(people=())).people == ()
        assert not made.decide(TICK, facts(people=())).looked

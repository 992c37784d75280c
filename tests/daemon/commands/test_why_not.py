"""Why somebody was never considered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from daemon.commands.why_not import why_not
from daemon.journal.records import Detail
from daemon.journal.views import Told
from rules.patterns import path_names
from rules.picking import Candidate
from rules.roster import Duty, Roster, Shift, Team
from rules.routing import Ask, Index, Rule
from rules.verdicts import Passed, Verdict
from tests.rules.makers import NOW, REPO, asks, person, roster, rule

DOCS = rule("docs", slot="code", when={"topic": ("docs",)}, ask=asks("docs"))
CODE = rule("any-code", slot="code")
LATE = rule("late", slot="code", ask=asks("late"))
WHO = roster(person("eve"), duties={"docs": ("dee",), "late": ("eve",)})
ASKED = Verdict(
    rule="any-code",
    slot="code",
    outcome="ask",
    because="ann is first",
    team="nova",
    people=("ann",),
    candidates=(Candidate(person="ann", role="czar", because="is first", picked=True),),
)
PASSED = Passed(rule="docs", key="topic", because="topic does not match")
SO = "Asked for code: code of nova: ann (rule any-code)."


def told(*verdicts: Verdict, passed: tuple[Passed, ...] = (PASSED,), version: str = "c0ffee") -> Told:
    """A decision on the change."""
    detail = Detail(verdicts=verdicts, passed=passed, facts=None, version=version, revision="")
    return Told(seq=1, at=NOW, event="PatchsetCreated", detail=detail, actions=())


def answer(
    who: str, *story: Told, rules: tuple[Rule, ...] = (DOCS, CODE, LATE), among: Roster = WHO, repo: str = REPO
) -> list[str]:
    """Why not them."""
    return list(why_not(who, repo, story or (told(ASKED),), Index(rules=rules, roster=among), NOW))


def test_a_rule_that_would_have_asked_them_did_not_match() -> None:
    assert answer("dee") == ["Rule docs, which asks docs of nova, does not take it: topic does not match (topic).", SO]


def test_a_rule_before_it_had_the_slot() -> None:
    first = "in slot code rule any-code came first, and the first that matches decides"
    assert answer("eve") == [f"Rule late, which asks late of nova, was not reached: {first}.", SO]


@pytest.mark.parametrize(("who", "what"), [("cyd", "a deputy"), ("pat", "the PTL")])
def test_they_are_in_a_later_tier(who: str, what: str) -> None:
    (line, *_) = answer(who, rules=(CODE,))
    assert line == f"Rule any-code asked code of nova: {who} is {what}, and somebody before them could be asked (ann)."


def test_they_hold_the_duty_only_since_then() -> None:
    assert (
        answer("bob", rules=(CODE,))[0] == "Rule any-code asked code of nova: bob was not among those who held it then."
    )


def test_they_hold_the_duty_at_other_times() -> None:
    shift = Shift(person="eve", first=date(2027, 1, 1), last=date(2027, 12, 31))
    among = roster(person("eve"), duties={"code": Duty(name="code", shifts=(shift,))})
    (line, *_) = answer("eve", rules=(CODE,), among=among)
    assert line == "Rule any-code asked code of nova: eve holds it at other times only."


def test_a_rule_that_asked_nobody_says_why() -> None:
    skipped = Verdict(rule="any-code", slot="code", outcome="skip", because="the change is from 2020-01-01, too old")
    lines = answer("cyd", told(skipped), rules=(CODE,))
    because = "the change is from 2020-01-01, too old"
    assert lines == [
        f"Rule any-code, which asks code of nova, asked nobody: {because}.",
        f"For code nobody was asked: {because} (rule any-code).",
    ]


def test_a_rule_that_is_newer_than_the_decision_says_so() -> None:
    new = rule("new", slot="new", ask=asks("late"))
    because = "did not look: the config was another one then (c0ffee)"
    assert answer("eve", rules=(CODE, new))[0] == f"Rule new, which asks late of nova, {because}."


def test_they_hold_something_no_rule_asks_for() -> None:
    among = roster(person("eve"), duties={"gate": ("eve",)}, teams={"glance": Team(name="glance", ptl=("eve",))})
    said = f"eve holds gate of nova, the PTL's office of glance; no rule asks for that where {REPO} is concerned."
    assert answer("eve", rules=(CODE,), among=among) == [said, SO]


def test_they_hold_nothing() -> None:
    assert answer("eve", rules=(CODE,))[0].startswith("eve holds late of nova; no rule")
    assert answer("zoe")[0] == f"zoe holds no duty; no rule asks for that where {REPO} is concerned."


def test_a_rule_names_people_or_teams_by_path() -> None:
    named = rule("named", slot="code", ask=Ask(people=("eve",)))
    by_path = rule("path", slot="code", ask=asks("late", path=path_names("deliverables/{deliverable}.yaml")))
    lines = answer("eve", rules=(CODE, named, by_path))
    assert lines[0].startswith("Rule named, which asks people by name, was not reached")
    assert lines[1].startswith("Rule path, which asks late of nova, was not reached")


@pytest.mark.parametrize(
    ("repo", "said"),
    [(REPO, f"{REPO} is nova's"), ("elsewhere/tool", "elsewhere/tool is no team's"), ("", "its repo is not known")],
)
def test_no_rule_looked_at_all(repo: str, said: str) -> None:
    silent: Any = Told(seq=1, at=NOW, event="CommentAdded", detail=None, actions=())
    assert answer("dee", silent, repo=repo) == [
        f"No rule looked at it: {said}, or only events came that are not judged."
    ]


def test_the_newest_decision_that_says_something_counts() -> None:
    silent = Told(seq=2, at=NOW, event="CommentAdded", detail=None, actions=())
    other = Verdict(rule="any-code", slot="code", outcome="ask", because="UNROUTED", team="nova")
    assert answer("dee", told(ASKED), told(other), silent)[-1] == (
        "Asked for code: code of nova: nobody could be (rule any-code)."
    )

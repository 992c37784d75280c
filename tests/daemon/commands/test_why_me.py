"""`czar explain --person`: the answers to "why me?" and "why not me?"."""

from __future__ import annotations

from rules.arrangements import Arrangement
from rules.picking import Candidate
from rules.state import Effects
from rules.verdicts import Passed, Verdict
from tests.clock import START
from tests.command_line import refusal
from tests.daemon.community import Community, item
from tests.daemon.journals import add_reviewer, case, decision, facts
from tests.daemon.kept import Kept


def test_it_answers_why_me(community: Community) -> None:
    ran = community.czar("explain", item(community.documented), "--person", "cyd")
    assert ran.code == 0
    assert ran.out.startswith(f"cyd was asked about {item(community.documented)} for code")


def test_it_answers_why_not_me(community: Community) -> None:
    ran = community.czar("explain", item(community.unrouted), "--person", "ann")
    assert ran.out.startswith(f"ann was not asked about {item(community.unrouted)} for code")
    assert "owns the change" in ran.out


def test_it_answers_also_those_who_were_never_considered(community: Community) -> None:
    ran = community.czar("explain", item(community.documented), "--person", "bob")
    first = "in slot code rule docs-only came first, and the first that matches decides"
    assert ran.out.splitlines() == [
        f"bob was not considered for {item(community.documented)}.",
        f"Rule any-code, which asks code of tools, was not reached: {first}.",
        "Asked for code: docs of tools: cyd (rule docs-only).",
    ]


def test_who_stands_in_a_later_tier_is_told_so(community: Community) -> None:
    lines = community.czar("explain", item(community.documented), "--person", "pat@example.org").out.splitlines()
    assert "Rule docs-only asked docs of tools: pat is the PTL, and somebody before them could be asked (cyd)." in lines


def test_that_somebody_is_asked_already_hides_nothing(kept: Kept) -> None:
    asked = Verdict(rule="ask-release", slot="release", outcome="ask", because="", team="nova", people=("ann",))
    again = Verdict(rule="ask-release", slot="release", outcome="skip", because="ann was asked", served=True)
    kept.decided(decision(1, verdicts=(asked,), effects=Effects(cases=(case(),))), decision(1, verdicts=(again,)))
    assert "somebody before them could be asked (ann)" in kept.czar("explain", "gerrit:1", "--person", "pat").out


def test_where_no_rule_looked_nobody_was_considered(community: Community) -> None:
    lines = community.czar("explain", item(community.unowned), "--person", "ann").out.splitlines()
    assert lines[1] == "No rule looked at it: plugins/unowned is no team's, or only events came that are not judged."


def test_somebody_unknown_is_told_who_comes_near(community: Community) -> None:
    ran = community.czar("explain", item(community.documented), "--person", "cydd")
    assert refusal(ran) == "nobody is called 'cydd' (did you mean 'cyd'?)"


def test_why_not_me_is_answered_by_the_newest_decision_and_by_what_is_now(kept: Kept) -> None:
    kept.follow_up()
    assert (
        kept.czar("explain", "gerrit:1", "--person", "ann@example.org").out
        == """\
ann was not asked about gerrit:1 for release (2026-03-08 05:06, rule ask-release, as czar of nova): has not answered
  asked bob: bob is next in line for release
  release: ann, closed, asked 2026-03-04 05:06: ann has not answered; bob is asked instead
     czar for release of nova, rule ask-release; next: nothing: it is closed
"""
    )


def test_who_claimed_it_was_never_a_candidate_and_has_a_case(kept: Kept) -> None:
    kept.decided(decision(effects=Effects(cases=(case(person="tom", because="claimed it"),))))
    lines = kept.czar("explain", "gerrit:1", "--person", "tom").out.splitlines()
    assert lines[0] == "  release: tom, open since 2026-03-04 05:06: claimed it"


def test_with_mistakes_in_the_config_the_journal_alone_must_do(kept: Kept) -> None:
    kept.follow_up()
    (kept.config / "roster.yaml").write_text("nonsense: {")
    ran = kept.czar("explain", "gerrit:1", "--person", "bob")
    assert ran.out.startswith("bob was asked about gerrit:1 for release")
    assert ran.err == "the config has mistakes (czar check): only what was decided can be told\n"


def test_who_left_the_roster_is_still_told_why(kept: Kept) -> None:
    kept.decided(decision(effects=Effects(cases=(case(person="zoe", because="is first in line"),))))
    assert kept.czar("explain", "gerrit:1", "--person", "zoe").out.startswith("  release: zoe, open since")


def test_what_was_only_observed_is_told_as_such(kept: Kept) -> None:
    table = (
        Candidate(person="ann", role="czar", because="is first", picked=True),
        Candidate(person="bob", role="czar", because="is next; somebody stands before"),
    )
    said = Verdict(rule="r", slot="s", outcome="ask", because="ann is first", people=("ann",), candidates=table)
    kept.decided(decision(verdicts=(said,), would=(add_reviewer(),)))
    assert " would have been asked about gerrit:1 for s " in kept.czar("explain", "gerrit:1", "--person", "ann").out
    lines = kept.czar("explain", "gerrit:1", "--person", "bob").out.splitlines()
    assert lines[0].startswith("bob was not asked about gerrit:1 for s (")
    assert lines[1] == "  would have asked ann: ann is first"


def test_what_people_arranged_by_commands_counts_too(kept: Kept) -> None:
    delegated = Arrangement(kind="delegate", person="pat", other="tom", team="nova", duty="docs", at=START)
    passed = (Passed(rule="docs-only", key="topic", because="topic does not match"),)
    kept.decided(decision(passed=passed, effects=Effects(arrangements=(delegated,))), facts=facts())
    lines = kept.czar("explain", "gerrit:1", "--person", "tom").out.splitlines()
    assert "Rule docs-only, which asks docs of nova, does not take it: topic does not match (topic)." in lines

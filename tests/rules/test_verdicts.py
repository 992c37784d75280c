"""Settings, verdicts and decisions: what deciding takes and gives."""

from __future__ import annotations

import dataclasses

import pytest

from daemon.journal.records import decode_detail, encode_detail
from rules.picking import Candidate
from rules.roster import Team
from rules.verdicts import Decision, Limits, Passed, Verdict
from tests.rules.makers import ITEM, NOW, REPO, facts, roster, rule, settings

NOT_BOB = Candidate(person="bob", role="czar", code="away", because="away until 2026-01-09")
ASKED = Verdict(rule="r", slot="s", outcome="ask", because="why", team="nova", people=("ann",), candidates=(NOT_BOB,))
PASSED = Passed(rule="q", key="topic", because="topic does not match")


def decision(*verdicts: Verdict, passed: tuple[Passed, ...] = ()) -> Decision:
    made = Decision(event="PatchsetCreated", item=ITEM, at=NOW, verdicts=verdicts, passed=passed)
    return dataclasses.replace(made, version="v1", revision="r1")


class TestMode:
    @pytest.mark.parametrize(
        ("everywhere", "team", "of_rule", "wins"),
        [
            ("act", None, "act", "act"),
            ("observe", "act", "act", "observe"),
            ("act", "observe", "act", "observe"),
            ("act", "act", "off", "off"),
            ("off", "observe", "act", "off"),
        ],
    )
    def test_is_the_most_careful_of_all_team_and_rule(
        self, everywhere: str, team: str | None, of_rule: str, wins: str
    ) -> None:
        made = settings(who=roster(mode=team), mode=everywhere)
        assert made.mode_of(rule(mode=of_rule), "nova", REPO) == wins

    def test_is_also_that_of_the_team_that_owns_the_repo(self) -> None:
        made = settings(who=roster(mode="off", teams={"other": Team(name="other")}))
        assert made.mode_of(rule(), "other", REPO) == "off"

    def test_of_what_no_team_owns_is_that_of_all_and_rule(self) -> None:
        assert settings(who=roster(mode="off")).mode_of(rule(mode="observe"), "", "elsewhere/tool") == "observe"


class TestDecision:
    def test_was_looked_at_if_some_rule_spoke_or_passed(self) -> None:
        assert not decision().looked
        assert decision(ASKED).looked
        assert decision(passed=(PASSED,)).looked

    def test_comes_back_from_the_journal_as_it_was(self) -> None:
        raw = encode_detail(decision(ASKED, passed=(PASSED,)), facts(removed={"bob": "zed"}))
        assert raw is not None
        kept = decode_detail(raw)
        assert (kept.verdicts, kept.passed, kept.version, kept.revision) == ((ASKED,), (PASSED,), "v1", "r1")

    def test_that_no_rule_looked_at_is_not_kept(self) -> None:
        assert encode_detail(decision(), facts()) is None

    def test_is_frozen(self) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            decision().item = "other"  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError):
            ASKED.people = ()  # type: ignore[misc]


def test_limits_stand_where_nobody_sets_any() -> None:
    assert Limits() == Limits(rule_per_hour=60, total_per_hour=300, person_per_day=20)

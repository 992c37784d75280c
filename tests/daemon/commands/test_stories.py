"""What the journal has on an item, and how a case is told."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.commands.stories import known_of, now_lines, only_observed
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.views import Done, Told
from rules.state import Effects, close
from tests.clock import START
from tests.daemon.journals import REPO, SOURCE, add_reviewer, batch, case, decision, facts, heard, merged


class TestKnown:
    def repo(self, journal: Journal) -> str:
        return known_of("gerrit:1", journal).repo

    def test_an_item_never_heard_of_has_no_story(self, sqlite_journal: Journal) -> None:
        found = known_of("gerrit:404", sqlite_journal)
        assert (found.story, found.cases, found.waits, found.repo) == ((), (), None, "")

    def test_the_repo_is_that_of_its_cases(self, sqlite_journal: Journal) -> None:
        sqlite_journal.deciding.record(batch(1, decision(effects=Effects(cases=(case(1, repo="x/y"),)))))
        assert self.repo(sqlite_journal) == "x/y"

    def test_else_that_of_what_was_looked_up(self, sqlite_journal: Journal) -> None:
        sqlite_journal.deciding.record(Batch(upto=1, decided=[(1, decision(), facts())]))
        assert self.repo(sqlite_journal) == REPO

    def test_else_that_of_what_was_heard(self, sqlite_journal: Journal) -> None:
        sqlite_journal.intake.hear(SOURCE, "one", heard(merged()))
        sqlite_journal.deciding.record(batch(1, decision(event="ChangeMerged", verdicts=())))
        assert self.repo(sqlite_journal) == REPO


@pytest.mark.parametrize(("state", "observed"), [("observed", True), ("done", False)])
def test_what_was_only_recorded_is_known_by_its_actions(state: str, observed: bool) -> None:
    done = Done(action=add_reviewer(), state=state, outcome="")
    assert only_observed(Told(seq=1, at=START, event="", detail=None, actions=(done,))) is observed


@pytest.mark.parametrize(
    ("given", "first", "second"),
    [
        ({}, "ann, open since 2026-03-04 05:06: x", "czar for release of nova, rule ask-release"),
        ({"as_": "cc"}, "ann, open, for their information since 2026-03-04 05:06: x", "czar for release of nova"),
        ({"as_": "suggest"}, "ann, open, suggested since 2026-03-04 05:06: x", "czar for release of nova"),
        ({"observed": True}, "ann, open (only observed) since 2026-03-04 05:06: x", "czar for release of nova"),
        (
            {"person": "", "role": "", "state": "unrouted"},
            "nobody, unrouted since 2026-03-04 05:06: x",
            "release of nova",
        ),
    ],
)
def test_a_case_is_told_with_who_why_since_when_and_what_next(given: dict[str, Any], first: str, second: str) -> None:
    lines = list(now_lines(case(1, because="x", **given), {}))
    assert lines[0] == f"  release: {first}"
    assert lines[1].startswith(f"     {second}")
    assert "; next: " in lines[1]


def test_a_closed_case_tells_when_it_was_asked() -> None:
    (line, _) = now_lines(close(case(1), "acted", "ann replied"), {})
    assert line == "  release: ann, closed, asked 2026-03-04 05:06: ann replied"

"""What happens next to a case, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest

from daemon.commands.coming import in_order_of_urgency, is_late, ladders_on_disk, what_next
from rules.ladders import Step
from rules.state import Case, close
from tests.daemon.config.makers import write
from tests.rules.makers import NOW, case

DAY = timedelta(days=1)
DUE = datetime(2026, 1, 9, 12, tzinfo=UTC)
LADDERS = {
    "review": (
        Step(after=2 * DAY, business=True, do="ping"),
        Step(after=4 * DAY, business=True, do="reassign"),
        Step(after=8 * DAY, business=True, do="add", to="ptl"),
    ),
    "quick": (
        Step(after=DAY, business=False, do="notify"),
        Step(after=2 * DAY, business=False, do="add", to="deputies"),
    ),
}


def waiting(**given: Any) -> Case:
    """Asked with the ladder `review`, whose first step is due on Friday."""
    return case(**{"ladder": "review", "due": DUE, **given})


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            waiting(),
            "reminder at 2026-01-09 12:00, then somebody else is asked, then the PTL is asked as well",
        ),
        (waiting(step=2), "the PTL is asked as well at 2026-01-09 12:00"),
        (waiting(ladder="quick"), "message at 2026-01-09 12:00, then the deputies are asked as well"),
        (waiting(step=3, due=None), "nothing more by itself"),
        (case(), "nothing more by itself"),
        (waiting(ladder="gone"), "nothing more by itself: the rules have no ladder gone now"),
        (waiting(state="snoozed"), "comes back at 2026-01-09 12:00"),
        (
            waiting(paused=NOW, step=1),
            (
                "stands still since 2026-01-07 12:00; somebody else is asked, "
                "then the PTL is asked as well once it goes on"
            ),
        ),
        (waiting(observed=True), "nothing: it is only observed, nobody was told"),
        (waiting(as_="suggest"), "nothing by itself: it is a suggestion"),
        (case("", state="unrouted"), "tried again every hour, and when config, roster or arrangements change"),
        (close(waiting(), "acted", "ann replied"), "nothing: it is closed"),
    ],
)
def test_what_comes_next_is_said_with_its_time(case: Case, said: str) -> None:
    assert what_next(case, LADDERS) == said


class TestUrgency:
    def test_what_is_late_comes_first_by_when_it_is_due_then_the_oldest(self) -> None:
        old, young = case(slot="old", opened=NOW - 9 * DAY), case(slot="young")
        reminded = waiting(slot="reminded", step=1, due=NOW + DAY)
        overdue = waiting(slot="overdue", due=NOW - DAY)
        left = waiting(slot="left", step=3, due=None, opened=NOW - 5 * DAY)
        found = in_order_of_urgency((young, reminded, old, overdue, left), NOW)
        assert [one.slot for one in found] == ["left", "overdue", "reminded", "old", "young"]

    @pytest.mark.parametrize(
        "given",
        [{"state": "snoozed"}, {"observed": True}, {"paused": NOW}, {"step": 0}],
        ids=lambda given: next(iter(given)),
    )
    def test_nothing_is_late_that_nobody_waits_for_now(self, given: dict[str, Any]) -> None:
        assert not is_late(waiting(**{"step": 1, **given}), NOW)


class TestLadders:
    def found(self, config: Any) -> list[str]:
        with click.Context(click.Command("any"), obj={"config": str(config)}):
            return list(ladders_on_disk())

    def test_they_are_read_also_where_the_roster_is_wrong(self, tmp_path: Any) -> None:
        rules = "ladders: {review: [{after: 2d, do: ping}]}\nrules: []\n"
        assert self.found(write(tmp_path, roster="nonsense: {", rules=rules)) == ["release", "review"]

    def test_without_them_it_is_said_that_they_are_missing(
        self, tmp_path: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.found(write(tmp_path, rules="nonsense: {")) == []
        assert capsys.readouterr().err == "rules.yaml has mistakes (czar check): what comes next cannot be told\n"

"""Old changes are walked: so many a day, oldest first, each once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Heard, Malformed, Refused, Transient
from integrations.gerrit.backlog import NAME, RETRY_S, Backlog, mark_of, number_of, parse
from rules import events as e
from tests.integrations.gerrit.answers import Answers, Clock, detail

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
OLD, NEW = "2025-12-31 23:59:59.000000000", "2026-01-01 00:00:00.000000000"


class World:
    """Changes by number, and what was heard of them."""

    def __init__(self, *numbers: int, per_day: int = 2) -> None:
        self.rows = {number: detail(_number=number, created=OLD) for number in numbers}
        self.per_day = per_day
        self.heard: list[tuple[int, bytes]] = []
        self.mark: datetime | None = None
        self.full = False
        self.seconds = 0.0
        self.clock = Clock()
        self.rest = Answers({"changes/": self._listing})
        self.backlog = Backlog(
            self.rest,
            self._hear,
            per_day=lambda: self.per_day,
            since=lambda: SINCE,
            read_mark=lambda: self.mark,
            write_mark=self._write,
            clock=self.clock,
            monotonic=lambda: self.seconds,
        )

    def day(self) -> list[int]:
        """The numbers heard on one day, however often it looks."""
        self.heard.clear()
        for _ in range(3):
            self.backlog.step(0)
        self.clock.now += timedelta(days=1)
        assert [sequence for sequence, _ in self.heard] == list(range(len(self.heard)))
        return [json.loads(raw)["_number"] for _, raw in self.heard]

    def _hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        if self.full:
            raise Transient("disk full")
        assert source == NAME
        assert connection
        self.heard += [(thing.sequence, thing.raw) for thing in things]

    def _write(self, at: datetime) -> None:
        self.mark = at

    def _listing(self, query: list[tuple[str, str]]) -> Any:
        """Newest update first, as it happens to be; `change:N` picks."""
        asked = dict(query)
        assert asked["q"].startswith("status:open -is:wip")
        wanted = [int(number) for number in re.findall(r"change:(\d+)", asked["q"])]
        rows = [row for number, row in self.rows.items() if not wanted or number in wanted]
        start, count = int(asked["S"]), int(asked["n"])
        page = [dict(row) for row in rows[start : start + count]]
        if page and start + count < len(rows):
            page[-1]["_more_changes"] = True
        return json.dumps(page).encode()


def test_so_many_a_day_are_heard_oldest_first_and_each_once() -> None:
    world = World(5, 3, 1, 4, 2)
    assert [world.day() for _ in range(4)] == [[1, 2], [3, 4], [5], []]


def test_what_is_not_older_than_the_beginning_is_left_to_others() -> None:
    world = World(1, 2, 3)
    world.rows[2]["created"] = NEW
    assert [world.day(), world.day()] == [[1, 3], []]


def test_it_goes_on_where_it_stopped_also_after_a_restart() -> None:
    world = World(1, 2, 3)
    assert world.day() == [1, 2]
    again = World(1, 2, 3)
    again.mark, again.clock.now = world.mark, world.clock.now
    assert again.day() == [3]


def test_on_the_same_day_it_does_not_even_ask() -> None:
    world = World(1, 2, 3)
    world.day()
    asked = world.rest.count("GET")
    world.clock.now = datetime(2026, 1, 2, 23, 59, 59, tzinfo=UTC)
    assert (world.day(), world.rest.count("GET")) == ([], asked)


def test_where_nobody_wants_it_nothing_is_asked() -> None:
    world = World(1, per_day=0)
    assert (world.day(), world.rest.count("GET")) == ([], 0)
    world.per_day = 1
    assert world.day() == [1]


def test_a_change_that_is_closed_between_the_two_calls_is_passed_over() -> None:
    world = World(1, 2, 3)
    listing = world.rest.table["changes/"]

    def closing(query: list[tuple[str, str]]) -> Any:
        if "change:" in query[0][1]:
            world.rows.pop(1, None)
        return listing(query)

    world.rest.table["changes/"] = closing
    assert [world.day(), world.day()] == [[2], [3]]


def test_all_pages_are_read_and_a_shifting_listing_loses_nothing() -> None:
    world = World(*range(1300, 0, -1), per_day=50)
    listing = world.rest.table["changes/"]

    def shifting(query: list[tuple[str, str]]) -> Any:
        answer = listing(query)
        if dict(query)["S"] == "0":
            for number in range(1300, 1290, -1):
                world.rows.pop(number, None)
        return answer

    world.rest.table["changes/"] = shifting
    walked = [number for _ in range(26) for number in world.day()]
    assert walked == list(range(1, 1291))


@pytest.mark.parametrize("error", [Transient("503"), Refused("403")])
def test_a_server_that_cannot_is_asked_again_later_the_same_day(error: Exception) -> None:
    world = World(1)
    listing, world.rest.table["changes/"] = world.rest.table["changes/"], error
    assert not world.backlog.step(0)
    assert (world.backlog.trouble(), world.mark) == (str(error), None)
    world.rest.table["changes/"] = listing
    assert not world.backlog.step(0)
    world.seconds += RETRY_S
    assert world.backlog.step(0)
    assert (world.backlog.trouble(), len(world.heard)) == ("", 1)


def test_what_cannot_be_written_down_is_walked_again() -> None:
    world = World(1)
    world.full = True
    assert not world.backlog.step(0)
    assert (world.mark, world.backlog.trouble()) == (None, "disk full")
    world.full, world.seconds = False, RETRY_S
    assert world.day() == [1]


def test_closing_ends_the_waiting() -> None:
    world = World(per_day=0)
    world.backlog.close()
    assert not world.backlog.step(60)


def test_a_row_becomes_an_old_change_taken_up() -> None:
    world = World(7)
    world.day()
    event = parse(world.heard[0][1])
    assert isinstance(event, e.BacklogSeen)
    assert event.item == "gerrit:7"
    with pytest.raises(Malformed):
        parse(b"{}")


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(min_value=0, max_value=2**31))
def test_a_mark_holds_day_and_number(day: date, number: int) -> None:
    mark = mark_of(day, number)
    assert (mark.date(), number_of(mark)) == (day, number)

"""Finding what the stream missed, and not finding it twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.contract import Heard, Malformed, Refused, Transient
from integrations.gerrit.catch_up import NAME, OVERLAP, PAGE, SECOND_LOOK_S, CatchUp, parse
from rules import events as e
from tests.integrations.gerrit.answers import ANN, BOB, BOT, CYD, REVISION, Answers, detail

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class World:
    """What a catch-up reads and writes."""

    def __init__(self, *rows: dict[str, Any], every_s: float = 600.0, listen: tuple[str, ...] = ("czar",)) -> None:
        self.rows = list(rows)
        self.heard: list[tuple[str, int, bytes]] = []
        self.mark: datetime | None = None
        self.full = False
        self.trouble: Exception | None = None
        self.seconds = 0.0
        self.rest = Answers({"changes/": self._listing})
        self.rest.server_time = NOW
        self.catching = CatchUp(
            self.rest,
            self._hear,
            read_mark=lambda: self.mark,
            write_mark=self._write,
            clock=lambda: NOW,
            every=timedelta(seconds=every_s),
            listen=listen,
            monotonic=lambda: self.seconds,
        )

    def run(self) -> list[int]:
        """Catch up once, because it was asked for; the numbers heard."""
        self.heard.clear()
        self.catching.request("test")
        assert self.catching.step(0)
        return [json.loads(raw)["_number"] for _, _, raw in self.heard]

    def _hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        if self.full:
            raise Transient("disk full")
        assert source == NAME
        self.heard += [(connection, thing.sequence, thing.raw) for thing in things]

    def _write(self, at: datetime) -> None:
        self.mark = at

    def _listing(self, query: list[tuple[str, str]]) -> Any:
        if self.trouble:
            return self.trouble
        start, count = (int(dict(query)[name]) for name in ("S", "n"))
        page = [dict(row) for row in self.rows[start : start + count]]
        if page and start + count < len(self.rows):
            page[-1]["_more_changes"] = True
        return json.dumps(page).encode()


def row(number: int, *, updated: str = "2026-01-02 03:04:05", meta: str = "aa", **more: Any) -> dict[str, Any]:
    return detail(_number=number, updated=f"{updated}.000000000", meta_rev_id=meta * 20, **more)


def test_the_first_listing_begins_a_while_ago_and_later_ones_before_the_last_mark() -> None:
    world = World()
    world.run()
    assert world.mark == NOW  # the server's clock
    assert dict(world.rest.asked[0][2])["q"] == f'after:"{NOW - OVERLAP:%Y-%m-%d %H:%M:%S}"'
    world.mark = NOW - timedelta(days=1)
    world.run()
    assert dict(world.rest.asked[1][2])["q"] == 'after:"2026-01-01 02:54:05"'


def test_a_change_is_heard_once_for_each_state_it_is_in() -> None:
    world = World(row(1), row(2))
    assert world.run() == [1, 2]
    assert world.run() == []
    world.rows[0] = row(1, meta="bb")  # another note within the same second
    assert world.run() == [1]
    world.rows[1] = row(2, updated="2026-01-02 03:04:06")
    assert world.run() == [2]
    assert world.run() == []


def test_all_pages_are_read_and_numbered_on() -> None:
    world = World(*(row(number) for number in range(1, 2 * PAGE + 6)))
    assert world.run() == list(range(1, 2 * PAGE + 6))
    assert [sequence for _, sequence, _ in world.heard] == list(range(2 * PAGE + 5))
    assert len({connection for connection, _, _ in world.heard}) == 1
    assert world.rest.count("GET") == 3


def test_a_row_that_moves_to_the_next_page_meanwhile_is_heard_once() -> None:
    world = World(*(row(number) for number in range(1, PAGE + 2)))
    listing = world.rest.table["changes/"]

    def shifting(query: list[tuple[str, str]]) -> Any:
        answer = listing(query)
        world.rows.insert(0, row(999)) if dict(query)["S"] == "0" else None
        return answer

    world.rest.table["changes/"] = shifting
    assert world.run() == list(range(1, PAGE + 2))
    assert world.run() == [999]


def test_what_cannot_be_written_is_found_again_and_the_mark_stays() -> None:
    world = World(row(1))
    world.full = True
    world.catching.request("test")
    assert not world.catching.step(0)
    assert (world.mark, world.catching.trouble()) == (None, "disk full")
    world.full = False
    assert world.run() == [1]
    assert (world.mark, world.catching.trouble()) == (NOW, "")


@pytest.mark.parametrize("error", [Transient("503"), Refused("403"), Transient("x", in_doubt=True)])
def test_a_server_that_cannot_is_asked_again_at_a_slowing_pace(error: Exception) -> None:
    world = World(row(1))
    world.trouble = error
    for pause_s in (1, 2, 4, 8, 16, 32, 60, 60):
        assert not world.catching.step(0)
        asked = world.rest.count("GET")
        world.seconds += pause_s - 0.5
        assert not world.catching.step(0)
        assert (world.rest.count("GET"), world.catching.trouble()) == (asked, str(error))
        world.seconds += 0.5
    world.trouble = None
    assert world.catching.step(0)
    assert (len(world.heard), world.catching.trouble()) == (1, "")


@pytest.mark.parametrize("listing", [b"<html>", b'{"a":1}', b'["\xff"]', b"[" * 9])
def test_a_listing_that_cannot_be_read_is_trouble(listing: bytes) -> None:
    world = World()
    world.rest.table["changes/"] = listing
    assert not world.catching.step(0)
    assert "cannot be read" in world.catching.trouble()
    assert world.mark is None


def test_it_is_in_trouble_until_it_caught_up() -> None:
    world = World()
    assert world.catching.trouble() == "has not caught up yet"
    world.catching.step(0)
    assert world.catching.trouble() == ""
    world.catching.request("connected")
    assert world.catching.trouble() == "catching up: connected"
    world.catching.step(0)
    assert world.catching.trouble() == ""


def test_it_looks_twice_when_asked_and_then_at_its_own_pace() -> None:
    world = World(every_s=600)
    assert runs(world, 1) == 1
    world.catching.request("connected")
    assert runs(world, 1) == 1
    assert runs(world, SECOND_LOOK_S) == 1
    assert runs(world, 500) == 0
    assert runs(world, 1200) == 2


def test_being_asked_often_does_not_make_its_own_pace_faster() -> None:
    world = World(every_s=600)
    for _ in range(20):
        world.catching.request("connected")
        runs(world, 10)
    assert runs(world, 6000) == 10


def runs(world: World, for_s: float) -> int:
    """How often it lists while so many seconds go by."""
    before, end = world.rest.count("GET"), world.seconds + for_s
    while world.seconds < end:
        world.catching.step(0)
        world.seconds += 0.5
    return world.rest.count("GET") - before


def test_closing_ends_the_waiting_without_another_listing() -> None:
    world = World()
    world.catching.step(0)
    world.catching.close()
    assert not world.catching.step(0)
    assert world.rest.count("GET") == 1


def test_a_row_becomes_the_change_as_it_stands() -> None:
    event = parse(json.dumps(row(7, topic="tea", hashtags=["hot"], work_in_progress=True)).encode())
    assert event == e.ChangeSeen(
        at=NOW,
        change=e.Change(
            number=7,
            repo="plugins/x",
            branch="master",
            change_id="I" + "3c" * 20,
            subject="Brew tea",
            message="Brew tea\n",
            topic="tea",
            hashtags=("hot",),
            owner=e.Account(username="ann", email="ann@example.org", name="ann"),
            wip=True,
            created=datetime(2026, 1, 2, 3, tzinfo=UTC),
        ),
        patch_set=e.PatchSet(
            number=2,
            revision=REVISION,
            uploader=e.Account(username="ann", email="ann@example.org", name="ann"),
            size=5,
        ),
    )


def test_a_row_tells_who_spoke_and_who_was_taken_off() -> None:
    at = "2026-01-02 03:04:05.000000000"
    messages = [
        {"author": ANN, "date": at, "message": "Uploaded patch set 1.", "tag": "autogenerated:gerrit:newPatchSet"},
        {"author": BOB, "date": at, "message": "Patch Set 1: Code-Review+1"},
        {"author": BOT, "date": at, "message": "Patch Set 1: hello", "tag": "autogenerated:czar"},
        {"date": at, "message": "Abandoned by the server"},
    ]
    updates = [
        {"reviewer": BOB, "state": "REVIEWER", "updated_by": BOT},
        {"reviewer": CYD, "state": "REMOVED", "updated_by": ANN},
        {"reviewer": BOB, "state": "REMOVED", "updated_by": BOB},
        {"reviewer": CYD, "state": "REVIEWER", "updated_by": CYD},
    ]
    event = parse(json.dumps(row(7, messages=messages, reviewer_updates=updates)).encode())
    assert [(who.username, when) for who, when in event.spoke] == [("bob", NOW), ("bot", NOW)]
    assert [(who.username, by.username) for who, by in event.removed] == [("bob", "bob")]


def test_commands_that_were_said_meanwhile_are_marked_for_every_word_we_listen_to() -> None:
    at = "2026-01-02 03:04:05.000000000"
    said = ("czar: claim", "Liaison: back", "delegate: back", "(1 comment)", "Looks good.")
    messages = [{"author": BOB, "date": at, "message": f"Patch Set 1:\n\n{text}"} for text in said]
    for listen, found in ((("czar",), 2), (("czar", "liaison"), 3)):
        world = World(row(7, messages=messages), listen=listen)
        world.run()
        (event,) = (parse(raw) for _, _, raw in world.heard)
        assert [(who.username, when) for who, when in event.may_command] == [("bob", NOW)] * found


@pytest.mark.parametrize("raw", [b"", b"7", b"{}", b'{"updated":7}', b'{"updated":"yesterday"}', b"[]"])
def test_what_is_no_row_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed, match="not a change row"):
        parse(raw)

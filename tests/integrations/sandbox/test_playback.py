"""Recorded history in the stand-in."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from integrations.sandbox.gerrit.state import State
from integrations.sandbox.playback import RECORDINGS, Playback, read_lines
from tests.integrations.sandbox.gerrit.world import START, Clock

EVENTS = list(read_lines(RECORDINGS / "webhooks.events.jsonl.gz"))
FILES = list(read_lines(RECORDINGS / "webhooks.files.jsonl.gz"))


@pytest.fixture(scope="module")
def told() -> tuple[Playback, State, list[dict[str, Any]]]:
    state, lines = State(clock=Clock()), list[str]()
    state.subscribe(lambda line: lines.append(line.text))
    playback = Playback(state, EVENTS, FILES)
    while playback.step():
        pass
    return playback, state, [json.loads(line) for line in lines]


def test_the_sample_plays_whole(told: tuple[Playback, State, list[dict[str, Any]]]) -> None:
    playback, state, _ = told
    assert not playback.skipped
    assert playback.left == 0
    assert len(state.changes) == 80
    recorded = {event["change"]["number"]: event["change"]["status"] for event in EVENTS if "change" in event}
    assert {number: change.status for number, change in state.changes.items()} == recorded


def test_the_stand_in_tells_what_was_recorded(told: tuple[Playback, State, list[dict[str, Any]]]) -> None:
    lines = told[2]
    for kind in ("patchset-created", "comment-added", "change-merged", "change-abandoned", "topic-changed"):
        assert _essence(lines, kind) == _essence(EVENTS, kind)


def _essence(lines: list[dict[str, Any]], kind: str) -> Counter[str]:
    """What must come out as it went in."""
    found = Counter[str]()
    for line in lines:
        if line["type"] != kind:
            continue
        change, patch_set = line["change"], line.get("patchSet", {})
        votes = sorted((one["type"], one["value"], one.get("oldValue")) for one in line.get("approvals", ()))
        told = [vote for vote in votes if vote[0] in ("Code-Review", "Verified")]
        who = line.get("author") or line.get("uploader") or line.get("submitter")
        what = (change["number"], change["id"], change["subject"], patch_set.get("revision"), patch_set.get("kind"))
        found[repr((what, who, told, line.get("comment"), line.get("newRev")))] += 1
    return found


def test_it_happens_now_and_files_are_known(told: tuple[Playback, State, list[dict[str, Any]]]) -> None:
    _, state, lines = told
    assert {line["eventCreatedOn"] for line in lines} == {int(START.timestamp())}
    known = {(one["number"], one["patchSet"]): {file["path"] for file in one["files"]} for one in FILES}
    for change in state.changes.values():
        for patch_set in change.patch_sets:
            assert set(patch_set.files) == known.get((change.number, patch_set.number), set(patch_set.files))


def test_what_no_longer_fits_is_skipped_and_counted() -> None:
    state = State(clock=Clock())
    merged = next(event for event in EVENTS if event["type"] == "change-merged")
    broken: dict[str, Any] = {"type": "comment-added", "change": {"number": 1, "branch": "master"}}
    playback = Playback(state, [merged, broken, {"type": "unheard-of"}], [])
    assert [playback.step() for _ in range(4)] == [True, True, True, False]
    assert playback.skipped.total() == 2
    assert playback.applied.total() == 0


def test_the_samples_are_small_and_their_origin_is_told() -> None:
    assert sum(path.stat().st_size for path in RECORDINGS.glob("*.gz")) < 150_000
    assert "gerrit-review.googlesource.com" in (RECORDINGS / "ORIGIN.md").read_text(encoding="utf-8")

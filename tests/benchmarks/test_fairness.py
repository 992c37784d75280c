"""Real recordings played by turns, by chance and by `first`: nobody is asked who may not be."""

from __future__ import annotations

import json
import os
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from benchmarks.fairness import main
from benchmarks.ways import WAYS, Recording, merged, play
from integrations.sandbox.playback import RECORDINGS
from tests.daemon.config.makers import EXAMPLES

SAMPLE = Path(__file__).parents[1] / "samples" / "gerrit" / "its-base"
SMALL = [str(SAMPLE / "events.jsonl.gz"), str(RECORDINGS / "webhooks.events.jsonl.gz")]
SMALL_FILES = [str(SAMPLE / "files.jsonl.gz"), str(RECORDINGS / "webhooks.files.jsonl.gz")]
NAMES = ("events-log", "its-base", "reviewers", "webhooks")
CHECKS = {"owner or author", "bot", "away", "above capacity", "load told wrongly", "same bytes"}


def measured(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What it finds; every check must hold."""
    code = main(["--json", "--seeds", "3", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["checks"], code) == (dict.fromkeys(CHECKS, True), 0), found["faults"]
    return found


def test_the_checks_hold_on_small_recordings(capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(capsys, "--events", *SMALL, "--files", *SMALL_FILES)
    assert found["lines"] == 782
    assert all(found["ways"][way]["asks"] > 20 for way in WAYS)
    assert found["ways"]["by turns"]["passed_over"].keys() >= {"self", "away"}


def test_a_config_of_ones_own_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    events, files = SMALL[:1], SMALL_FILES[:1]
    found = measured(capsys, "--config", str(EXAMPLES / "gerrit-plugins"), "--events", *events, "--files", *files)
    assert "u1014252" in found["people"]


def test_for_eyes_there_is_a_table_and_a_fault_is_told_and_ends_with_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.turns.Person.is_away", lambda *_: True)
    assert main(["--seeds", "1", "--events", SMALL[0], "--files", SMALL_FILES[0]]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("u10") for line in lines) > 3
    assert [line.split("  ")[0] for line in lines if line.startswith("FAIL")] == ["FAIL away"]
    assert {line.split("  ")[1].strip() for line in lines if line.startswith("ok")} == CHECKS - {"away"}


def test_recordings_are_merged_by_time() -> None:
    lines = [json.loads(line) for line in merged([Path(path) for path in reversed(SMALL)])]
    times = [line["eventCreatedOn"] for line in lines]
    assert len(times) == 782
    assert times == sorted(times)


def test_the_ways_differ_in_whom_they_pick(tmp_path: Path) -> None:
    """Three people, nobody ever answers."""
    for name, text in {
        "czar.yaml": "gerrit: {url: http://127.0.0.1, user: czar-bot}",
        "roster.yaml": """
            people: {a: {gerrit: a}, b: {gerrit: b}, c: {gerrit: c}}
            teams: {t: {repos: [r], duties: {code: {czars: [a, b, c]}}}}
            """,
        "rules.yaml": "rules: [{id: code, event: change, ask: {duty: code, pick: 1}}]",
    }.items():
        (tmp_path / name).write_text(text)
    recording = Recording(lines=tuple(_created(number) for number in range(30)), files=())
    asks = {way: [load.asks for load in play(recording, tmp_path, way).turns.loads.values()] for way in WAYS}
    assert asks["by turns"] == [10, 10, 10]
    assert asks["first"] == [30, 0, 0]
    assert sum(asks["by chance"]) == 30
    assert min(asks["by chance"]) > 3
    assert asks["by chance"] != asks["by turns"]


def _created(number: int) -> bytes:
    change = {"project": "r", "branch": "master", "number": number + 1, "owner": {"username": "olaf"}, "status": "NEW"}
    at = 1_700_000_000 + number
    told = {"type": "patchset-created", "eventCreatedOn": at, "change": change | {"createdOn": at}}
    return json.dumps(told | {"patchSet": {"number": 1, "revision": "c0ffee"}}).encode()


@pytest.mark.full
def test_all_four_recordings(capsys: pytest.CaptureFixture[str]) -> None:
    shared = Path(os.environ.get("CZAR_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "gerrit"
    if not (shared / "its-base.events.jsonl.gz").exists():
        pytest.skip("the recordings of four plugins are not here (CZAR_SHARED)")
    events, files = ([str(shared / f"{name}.{what}.jsonl.gz") for name in NAMES] for what in ("events", "files"))
    found = measured(capsys, "--events", *events, "--files", *files)
    ways = found["ways"]
    assert ways["by turns"]["passed_over"].keys() >= {"self", "away", "at-capacity"}
    for fair in ("gini_turns", "gini_all_turns"):
        assert ways["by turns"][fair] < median(way[fair] for way in found["chance"]) < ways["first"][fair]

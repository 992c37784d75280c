"""`czar replay`: recorded events through the deciding code, without any network."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import Ran, czar, instant, refusal
from tests.daemon.config.makers import EXAMPLES

SAMPLES = Path(__file__).parents[2] / "samples" / "gerrit"
EVENTS, FILES = SAMPLES / "its-base" / "events.jsonl.gz", SAMPLES / "its-base" / "files.jsonl.gz"
CONFIG = EXAMPLES / "gerrit-plugins"
KEYS = {"at", "event", "item", "verdicts", "actions"}
WITHOUT_NETWORK = """
import socket, sys
def refuse(*_, **__):
    raise RuntimeError("replay opened a socket")
socket.socket.__init__ = socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from daemon.main import main
main(sys.argv[1:])
"""


def replay(*arguments: str | Path) -> Ran:
    """With the roster the recording belongs to."""
    return czar("replay", "--config", CONFIG, *arguments)


def test_each_decision_is_an_object_with_the_keys_of_the_contract() -> None:
    ran = replay("--json", EVENTS, "--files", FILES)
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.rows) > 20
    for row in ran.rows:
        assert set(row) >= KEYS
        assert instant(row["at"])
        assert row["item"].startswith("gerrit:")
        for verdict in row["verdicts"]:
            assert set(verdict) >= {"rule", "slot", "outcome", "people", "because"}
            assert verdict["outcome"] in ("ask", "skip", "fail")
        for action in row["actions"]:
            assert set(action) >= {"kind", "item", "people", "key"}
            assert action["item"] == row["item"]


def test_events_and_actions_have_the_names_of_the_design() -> None:
    rows = replay("--json", EVENTS, "--files", FILES).rows
    assert "PatchsetCreated" in {row["event"] for row in rows}
    assert {action["kind"] for row in rows for action in row["actions"]} >= {"AddReviewer"}


def test_the_clock_is_that_of_the_events() -> None:
    rows = replay("--json", EVENTS).rows
    assert all(row["at"] < "2026" for row in rows)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_nobody_is_asked_twice_for_the_same_slot_of_a_patch_set() -> None:
    keys = [a["key"] for row in replay("--json", EVENTS, "--files", FILES).rows for a in row["actions"]]
    assert len(keys) == len(set(keys))


def test_rules_about_files_need_the_files() -> None:
    with_files, without = replay("--json", EVENTS, "--files", FILES), replay("--json", EVENTS)
    assert "build" in {verdict["rule"] for row in with_files.rows for verdict in row["verdicts"]}
    assert "build" not in {verdict["rule"] for row in without.rows for verdict in row["verdicts"]}


@pytest.fixture
def climbing(tmp_path: Path) -> Path:
    """The config with a ladder for code."""
    shutil.copytree(CONFIG, tmp_path / "climbing")
    rules = tmp_path / "climbing" / "rules.yaml"
    text = rules.read_text().replace("ask: {duty: code, pick: 1}}", "ask: {duty: code, pick: 1}, ladder: review}")
    rules.write_text(text + "ladders: {review: [{after: 2d, do: ping}, {after: 4d, do: reassign}]}\n")
    return tmp_path / "climbing"


def test_steps_of_ladders_show_as_ticks_between_the_events(climbing: Path) -> None:
    rows = czar("replay", "--config", climbing, "--json", EVENTS, "--files", FILES).rows
    ticks = [row for row in rows if row["event"] == "Tick"]
    assert ticks
    assert all(row["item"].startswith("gerrit:") and row["notes"] for row in ticks)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert {action["kind"] for row in ticks for action in row["actions"]} >= {"Comment", "DrawAttention"}


def test_for_eyes_steps_of_ladders_have_a_line(climbing: Path) -> None:
    lines = czar("replay", "--config", climbing, EVENTS, "--files", FILES).out.splitlines()
    assert any(" code: reminded u10" in line for line in lines)


def test_for_eyes_there_is_a_line_for_each_ask_and_a_sum() -> None:
    ran = replay(EVENTS, "--files", FILES)
    assert ran.code == 0
    assert "200 lines read, 0 malformed; " in ran.out


def test_lines_that_cannot_be_read_are_counted_and_hinder_nothing(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_bytes(b"nonsense\n\n{}\n\xff\n" + gzip.decompress(EVENTS.read_bytes()))
    assert "203 lines read, 3 malformed; " in replay(lines).out
    assert replay("--json", lines).out == replay("--json", EVENTS).out


def started(seed: str, *command: str, folder: Path) -> subprocess.Popen[bytes]:
    """In a process of its own, as somebody without secrets and home."""
    environment = {"PYTHONHASHSEED": seed, "PATH": os.environ["PATH"], "HOME": str(folder), "TZ": f"UTC{seed}"}
    arguments = ["--config", str(CONFIG), "replay", "--json", str(EVENTS), "--files", str(FILES)]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_the_same_again_gives_the_same_bytes_also_without_a_network(tmp_path: Path) -> None:
    first = started("1", sys.executable, "-c", WITHOUT_NETWORK, folder=tmp_path)
    second = started("2", sys.executable, "-m", "daemon", folder=tmp_path)
    (one, *errors), (other, *others) = first.communicate(timeout=60), second.communicate(timeout=60)
    assert (first.returncode, errors, second.returncode, others) == (0, [b""], 0, [b""])
    assert one == other
    assert one.decode() == replay("--json", EVENTS, "--files", FILES).out
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_not_read_and_nothing_is_touched(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    for file in CONFIG.iterdir():
        (config / file.name).write_bytes(file.read_bytes())
    state = tmp_path / "state"
    with (config / "czar.yaml").open("a") as more:
        more.write(f"state: {state}\n")
    (config / "gerrit-password").mkdir()  # reading it would fail, as would its mode
    before = sorted(tmp_path.rglob("*"))
    assert czar("replay", "--config", config, EVENTS).code == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_without_events_there_is_nothing_to_do() -> None:
    assert refusal(replay()) == "Missing argument 'EVENTS...'."


def test_files_that_cannot_be_read_are_one_plain_line(tmp_path: Path) -> None:
    broken, listing = tmp_path / "broken.gz", tmp_path / "files.jsonl"
    assert "does not exist" in refusal(replay(tmp_path / "nowhere"))
    assert "is a directory" in refusal(replay(tmp_path))
    broken.write_bytes(b"nonsense")
    assert "broken.gz is no whole gzip file" in refusal(replay(broken))
    broken.write_bytes(EVENTS.read_bytes()[:2000])
    assert "is no whole gzip file" in replay("--json", broken).err
    listing.write_text('{"number": 1, "patchSet": 1, "files": []}\n{"number": 1}\n')
    assert "files.jsonl:2: is no list of touched files" in refusal(replay(EVENTS, "--files", listing))


@pytest.mark.parametrize("at", [9, 500, 5000, -6])
def test_a_damaged_gzip_ends_with_one_plain_line(at: int, tmp_path: Path) -> None:
    damaged = bytearray(EVENTS.read_bytes())
    damaged[at : at + 4] = b"\xff\xfe\xfd\xfc"
    file = tmp_path / "events.gz"
    file.write_bytes(damaged)
    ran = replay("--json", file)
    assert (ran.code, ran.err.count("\n")) in ((2, 1), (0, 0))  # a flag of the header may not matter
    assert ran.code == 0 or "is no whole gzip file" in ran.err


def test_an_empty_recording_has_no_decisions(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").touch()
    assert replay("--json", tmp_path / "events.jsonl") == Ran(code=0, out="", err="")

"""`czar signoff`: the group, and what its subcommands need."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import czar, refusal


def test_it_lists_its_subcommands() -> None:
    ran = czar("signoff", "--help")
    assert ran.code == 0
    assert "replay" in ran.out


def test_replay_wants_recorded_requests() -> None:
    assert "REQUESTS" in refusal(czar("signoff", "replay"))
    assert "does not exist" in refusal(czar("signoff", "replay", "/nowhere.jsonl"))


def test_replay_wants_repositories(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text("")
    assert "is a file" in refusal(czar("signoff", "replay", file, "--governance", file))
    assert "not a git repository" in refusal(czar("signoff", "replay", file, "--governance", tmp_path))
    assert "--governance" in refusal(czar("signoff", "replay", file, "--liaisons", tmp_path))

"""Which roster a command is about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from daemon.commands.rosters import read_roster
from tests.command_line import czar, refusal
from tests.daemon.commands.test_who import HEAD, SMALL

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_file_of_ours_is_read_as_ours() -> None:
    assert set(read_roster(SMALL, NOW).teams) == {"nova"}


def test_a_file_without_any_key_of_ours_is_governances() -> None:
    assert len(read_roster(HEAD, NOW).teams) == 42


def test_a_roster_of_ours_may_build_on_governances(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text(f"governance: {{file: {HEAD}}}\n")
    assert len(read_roster(file, NOW).teams) == 42


def test_without_a_file_it_is_the_configs() -> None:
    command = click.Command("any", callback=lambda: sorted(read_roster(None, NOW).teams))
    with click.Context(command, obj={"config": str(SMALL.parent)}) as context:
        assert context.invoke(command.callback or (lambda: None)) == ["nova"]


@pytest.mark.parametrize("command", [("roster",), ("who", "nova", "release")])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"people: {ann: {emial: x}}\n", "roster.yaml:1:16: unknown key 'emial' (did you mean 'email'?)"),
        (b"teams: [\n", "roster.yaml:2:1:"),
        (b"- just\n- a list\n", "roster.yaml"),
    ],
)
def test_what_cannot_be_read_is_one_plain_line(
    command: tuple[str, ...], content: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "roster.yaml"
    if content is not None:
        file.write_bytes(content)
    assert said in refusal(czar(*command, "--roster", file))


def test_a_directory_is_no_roster(tmp_path: Path) -> None:
    assert "directory" in refusal(czar("roster", "--roster", tmp_path))

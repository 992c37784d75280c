"""How commands show things."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import click
import pytest

from daemon.commands.shown import json_line, rfc3339, show


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), "2026-03-04T05:06:07Z"),
        (datetime(2026, 3, 4, 5, 6, 7, 80, tzinfo=UTC), "2026-03-04T05:06:07.000080Z"),
        (datetime(2026, 3, 4, 0, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-03T22:00:00Z"),
        (None, None),
    ],
)
def test_times_are_rfc_3339_in_utc(at: datetime | None, text: str | None) -> None:
    assert rfc3339(at) == text


def test_an_object_is_one_line_whatever_is_in_it() -> None:
    value = {"b": "two\nlines\u2028é", "a": [1, None, True]}
    line = json_line(value)
    assert "\n" not in line
    assert json.loads(line) == value
    assert list(json.loads(line)) == ["b", "a"]


def shown(*rows: dict[str, object], as_json: bool = False, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that come out."""
    with click.Context(click.Command("any"), obj={"as_json": as_json}):
        show(rows, ("who", "what"), empty="Nothing.")
    return capsys.readouterr().out.splitlines()


def test_rows_become_lines_of_json_with_all_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown({"who": "ann", "what": ["x"], "more": 1}, {"who": "bob"}, as_json=True, capsys=capsys)
    assert [json.loads(line) for line in lines] == [{"who": "ann", "what": ["x"], "more": 1}, {"who": "bob"}]


def test_for_eyes_there_is_a_table_of_the_columns_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown({"who": "ann", "what": ["x", "y"], "more": 1}, {"who": None, "what": ()}, capsys=capsys)
    assert lines[0].split() == ["who", "what"]
    assert lines[1].split() == ["ann", "x,", "y"]
    assert "1" not in "".join(lines)


def test_square_brackets_of_people_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    (_, line) = shown({"who": "[bold]ann[/]", "what": "[/nonsense]"}, capsys=capsys)
    assert line.split() == ["[bold]ann[/]", "[/nonsense]"]


def test_nothing_is_said_in_words_and_is_no_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys=capsys) == ["Nothing."]
    assert shown(as_json=True, capsys=capsys) == []

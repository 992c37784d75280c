from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.config.durations import Duration, read_duration


@pytest.mark.parametrize(
    ("text", "length", "in_days"),
    [
        ("90s", timedelta(seconds=90), False),
        ("30m", timedelta(minutes=30), False),
        ("24h", timedelta(days=1), False),
        ("1d", timedelta(days=1), True),
        ("999999d", timedelta(days=999_999), True),
    ],
)
def test_a_number_and_its_unit(text: str, length: timedelta, in_days: bool) -> None:
    assert read_duration(text) == Duration(length=length, in_days=in_days)


@pytest.mark.parametrize("text", ["", "0d", "2", "d", "2 d", "1.5h", "-1d", "2w", "1000000s", "٢d", "2D", "2d "])
def test_what_is_no_duration(text: str) -> None:
    assert read_duration(text) is None

"""Quiet hours and the hour of the digest, by people's own clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.hours import WEEKDAYS, Hours, digest_due, read_hours

NIGHT = Hours(begin=time(22), end=time(7))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"])
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hour", "tz", "quiet"),
    [
        (21, "UTC", False),
        (22, "UTC", True),
        (6, "UTC", True),
        (7, "UTC", False),
        (21, "Europe/Berlin", True),
        (22, "Asia/Tokyo", False),
    ],
)
def test_the_night_is_where_the_person_is(hour: int, tz: str, quiet: bool) -> None:
    assert NIGHT.cover(datetime(2026, 1, 5, hour, tzinfo=UTC), tz) is quiet


def test_hours_within_a_day_are_those_between() -> None:
    lunch = Hours(begin=time(12), end=time(13, 30))
    at = [datetime(2026, 1, 5, 11, 59, tzinfo=UTC) + timedelta(minutes=m) for m in (0, 1, 90, 91)]
    assert [lunch.cover(one, "UTC") for one in at] == [False, True, True, False]


def test_hours_are_read_as_they_are_written() -> None:
    assert read_hours("22:00-07:00") == NIGHT
    assert str(NIGHT) == "22:00-07:00"


@pytest.mark.parametrize("text", ["", "22-7", "22:00", "24:00-07:00", "22:60-07:00", "7:00-8:00", "07:00-07:00"])
def test_what_is_no_span_is_none(text: str) -> None:
    assert read_hours(text) is None


def test_the_digest_is_due_at_nine_on_their_own_monday() -> None:
    monday = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert digest_due(monday, "UTC", "monday") == datetime(2026, 2, 23, 9, tzinfo=UTC)
    assert digest_due(monday, "Europe/Berlin", "monday") == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert digest_due(monday, "UTC", "sunday") == datetime(2026, 3, 1, 9, tzinfo=UTC)


@given(INSTANTS, ZONES, st.sampled_from(WEEKDAYS))
def test_a_digest_was_due_within_the_last_week_and_stays_so_until_the_next(at: datetime, tz: str, weekday: str) -> None:
    due = digest_due(at, tz, weekday)
    assert due <= at < due + timedelta(days=7, hours=2)  # a week may have an hour more or less
    assert digest_due(due, tz, weekday) == due

"""Instants as whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.journal.instants import from_us, to_us


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_instant_comes_back_to_the_microsecond(at: datetime) -> None:
    assert from_us(to_us(at)) == at


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_the_order_stays(one: datetime, other: datetime) -> None:
    assert (one < other) == (to_us(one) < to_us(other))


def test_a_zone_makes_no_difference() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert to_us(noon.astimezone(timezone(timedelta(hours=5)))) == to_us(noon)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_us(datetime(2026, 1, 1))  # noqa: DTZ001  what is refused

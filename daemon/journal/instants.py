"""Instants as the journal keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """An aware instant as microseconds."""
    return (at - _EPOCH) // _US


def from_us(us: int) -> datetime:
    """Microseconds as an aware instant."""
    return _EPOCH + timedelta(microseconds=us)

"""A clock that only moves when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Clock:
    """Hand it in where the wall clock would be."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time go by."""
        self.now += timedelta(seconds=seconds)

    def monotonic_s(self) -> float:
        """The same clock as bare seconds, for what takes `time.monotonic`."""
        return (self.now - START).total_seconds()

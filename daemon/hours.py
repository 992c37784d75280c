"""When people may be told things: quiet hours and the hour of the weekly digest, by their own clocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DIGEST_AT = time(9)

_WRITTEN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From `begin` up to `end`, on every day; over midnight where the end comes first."""

    begin: time
    end: time

    def cover(self, at: datetime, tz: str) -> bool:
        """Whether the instant is within these hours where the clocks show `tz`."""
        now = at.astimezone(ZoneInfo(tz)).time()
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


def read_hours(text: str) -> Hours | None:
    """What `22:00-07:00` means, None where it is nothing of that kind or no time at all."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    return Hours(begin=begin, end=end) if begin != end else None


def digest_due(at: datetime, tz: str, weekday: str) -> datetime:
    """The instant, that or the last one before, at which a weekly digest is due where the clocks show `tz`."""
    zone = ZoneInfo(tz)
    local = at.astimezone(zone)
    day = local.date() - timedelta(days=(local.weekday() - WEEKDAYS.index(weekday)) % 7)
    due = datetime.combine(day, DIGEST_AT, zone)
    if due > local:
        due = datetime.combine(day - timedelta(days=7), DIGEST_AT, zone)
    return due.astimezone(at.tzinfo)

"""Ladders: what is done how long after an ask that nobody answered, and when that is.

Times of seconds, minutes and hours are wall time; days are business days where the person is (Monday to Friday but for
the holidays of their country).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from rules.roster import Person

DEEDS = ("ping", "reassign", "add", "notify")
ADDED = ("deputies", "ptl")
DAY = timedelta(days=1)

_COUNTRY = re.compile(r"[A-Z]{2}(-\w+)?")  # the library has other words of its own, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `after` counts from the ask, in business days where `business`; `to` says who is added."""

    after: timedelta
    business: bool
    do: str
    to: str | None = None


Ladder = tuple[Step, ...]
Ladders = Mapping[str, Ladder]


def due(step: Step, began: datetime, person: Person | None) -> datetime:
    """When the step is to be done for a ladder begun at that instant. Without a person days are those of UTC."""
    if not step.business:
        return began + step.after
    return after_business_days(began, step.after.days, person.tz if person else "UTC", person.country if person else "")


def after_business_days(began: datetime, days: int, tz: str, country: str) -> datetime:
    """The same time of day, that many business days later, where the person is."""
    zone = ZoneInfo(tz)
    local = began.astimezone(zone)
    day = local.date()
    while days > 0:
        day += DAY
        days -= is_business_day(day, country)
    return datetime.combine(day, local.timetz()).astimezone(began.tzinfo)


def is_business_day(day: date, country: str) -> bool:
    """Monday to Friday, and no public holiday of the country ("FR", "US-CA", or "" for none)."""
    return day.weekday() < 5 and not is_holiday(day, country)


def is_holiday(day: date, country: str) -> bool:
    """Whether the day is a public holiday there."""
    return bool(country) and day in _calendar(country)


def is_country(text: str) -> bool:
    """Whether holidays are known for it."""
    if not _COUNTRY.fullmatch(text):
        return False
    try:
        _calendar(text)
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=256)
def _calendar(country: str) -> holidays.HolidayBase:
    name, _, subdivision = country.partition("-")
    return holidays.country_holidays(name, subdiv=subdivision or None)

"""How durations are written: `90s`, `30m`, `4h`, `2d`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_WRITTEN = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time; `in_days`: written in days, which count as business days in a ladder."""

    length: timedelta
    in_days: bool


def read_duration(text: str) -> Duration | None:
    """What the text means, None where it is no duration."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    return Duration(length=timedelta(**{_UNITS[found[2]]: int(found[1])}), in_days=found[2] == "d")

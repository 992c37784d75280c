"""What people write on a command line, understood: people, instants, and the nearest right word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from daemon.main import CannotRun
from rules.roster import Roster

_AGO = re.compile(r"([1-9][0-9]{0,3})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def find_person(word: str, roster: Roster) -> str | None:
    """The key of a person by their key, Gerrit username or e-mail address; None where nobody is called so."""
    if word in roster.people:
        return word
    return roster.by_gerrit.get(word.lower()) or roster.by_email.get(word.lower())


def nearest_person(word: str, roster: Roster) -> str:
    """` (did you mean 'ann'?)`, by key, username or address; "" where nobody comes near."""
    names = {key.lower(): key for key in roster.people} | dict(roster.by_gerrit) | dict(roster.by_email)
    near = difflib.get_close_matches(word.lower(), names, n=1)
    return f" (did you mean {names[near[0]]!r}?)" if near else ""


def nearest(word: str, words: Iterable[str]) -> str:
    """` (did you mean 'nova'?)`; "" where nothing comes near."""
    near = difflib.get_close_matches(word, list(words), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def since(text: str, now: datetime, option: str = "--since") -> datetime:
    """An instant in the past: RFC 3339, a day, or how long ago (`7d`). Raises CannotRun."""
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if len(text) == len("2026-01-01"):
            return datetime.combine(date.fromisoformat(text), time.min, UTC)
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        example = "write e.g. 7d, 2026-08-03 or 2026-08-03T12:00:00Z"
        raise CannotRun(f"{option} {text!r} is no instant: {example}") from None

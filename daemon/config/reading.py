"""From marked values to typed ones: what is wrong is noted at its place, and reading goes on with a stand-in."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import available_timezones

from daemon.config.marks import Fields, Items, Marked, Scalar
from daemon.config.mistakes import Mistake, Note, near

FEW = 100
MOST_SUGGESTIONS = 50
"""Looking for the nearest of many words costs milliseconds: so often it is done in a file, always among few."""

_NAME = re.compile(r"\w[\w.+-]*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Reading:
    """One file being read, and what was found wrong or odd in it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self.notes: list[Note] = []
        self._suggested = 0

    def wrong(self, at: Marked, code: str, message: str) -> None:
        """Something to put right."""
        self.mistakes.append(Mistake(self.file, at.line, at.column, code, message))

    def note(self, at: Marked, code: str, message: str) -> None:
        """Something worth knowing."""
        self.notes.append(Note(self.file, at.line, at.column, code, message))

    def unknown(self, at: Marked, what: str, word: str, known: Collection[str]) -> None:
        """A word that is none of those known."""
        self._suggested += len(known) > FEW
        hint = near(word, known) if len(known) <= FEW or self._suggested <= MOST_SUGGESTIONS else ""
        self.wrong(at, f"unknown-{what}", f"unknown {what} '{word}'{hint}")

    def named(self, value: Marked | None, what: str) -> Iterator[tuple[Scalar, Marked]]:
        """The entries of a mapping whose keys are names that people choose."""
        if value is None or (isinstance(value, Scalar) and value.empty):
            return
        if not isinstance(value, Fields):
            self.wrong(value, "shape", f"{what} must be a mapping of names")
            return
        for name, entry in value.entries.items():
            if name.strip():
                yield value.keys[name], entry
            else:
                self.wrong(value.keys[name], "name", f"a name among {what} is empty")

    def listed(self, value: Marked | None, what: str) -> tuple[Marked, ...]:
        """The items of a list."""
        if value is None:
            return ()
        if isinstance(value, Items):
            return value.items
        self.wrong(value, "shape", f"{what} must be a list")
        return ()

    def word(self, value: Marked, what: str) -> Scalar | None:
        """One word that is not empty."""
        if isinstance(value, Scalar) and not value.empty and value.text.strip():
            return value
        self.wrong(value, "shape", f"{what} is empty" if isinstance(value, Scalar) else f"{what} must be a word")
        return None

    def words(self, value: Marked | None, what: str) -> tuple[Scalar, ...]:
        """One word or a list of them."""
        if value is None:
            return ()
        if isinstance(value, Fields):
            self.wrong(value, "shape", f"{what} must be a word or a list of words")
            return ()
        items = value.items if isinstance(value, Items) else (value,)
        return tuple(word for item in items if (word := self.word(item, what)))

    def name(self, value: Scalar, what: str) -> str:
        """A name that can stand in keys, logs and commands."""
        if not _NAME.fullmatch(value.text):
            self.wrong(value, "name", f"{what} is made of letters, digits, . _ + and -: '{value.text}' is not")
        return value.text


class Section:
    """A mapping with known keys being read."""

    def __init__(self, reading: Reading, value: Marked, what: str, known: Collection[str]) -> None:
        self.reading = reading
        self.value = value
        self.what = what
        self._entries: dict[str, Marked] = {}
        self._misshapen = not isinstance(value, Fields) and not (isinstance(value, Scalar) and value.empty)
        if isinstance(value, Fields):
            self._take(value, known)
        elif self._misshapen:
            reading.wrong(value, "shape", f"{what} must be a mapping")

    def _take(self, value: Fields, known: Collection[str]) -> None:
        for key, entry in value.entries.items():
            if key in known:
                self._entries[key] = entry
            else:
                self.reading.unknown(value.keys[key], "key", key, known)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def get(self, key: str) -> Marked | None:
        """The value as it stands, None where there is none."""
        return self._entries.get(key)

    def at(self, key: str) -> Marked:
        """Where the value stands, or else the mapping itself."""
        return self._entries.get(key, self.value)

    def key(self, key: str) -> Marked:
        """Where the key stands, or else the mapping itself."""
        return self.value.keys.get(key, self.value) if isinstance(self.value, Fields) else self.value

    def missing(self, *keys: str) -> bool:
        """Note the first of the keys that is not there; whether one is not."""
        lacking = next((key for key in keys if key not in self._entries), None)
        if lacking is None:
            return False
        if not self._misshapen:
            self.reading.wrong(self.value, "missing", f"{self.what} needs '{lacking}'")
        return True

    def without(self, *keys: str) -> bool:
        """Note that one of the keys is needed where none is there; whether none is."""
        if any(key in self._entries for key in keys):
            return False
        if not self._misshapen:
            *first, last = (f"'{key}'" for key in keys)
            self.reading.wrong(self.value, "missing", f"{self.what} needs {', '.join(first)} or {last}")
        return True

    def word(self, key: str) -> Scalar | None:
        """One word, None where there is none."""
        return self.reading.word(self._entries[key], key) if key in self._entries else None

    def text(self, key: str) -> str | None:
        """The text of one word."""
        word = self.word(key)
        return word.text if word else None

    def words(self, key: str) -> tuple[Scalar, ...]:
        """One word or a list of them."""
        return self.reading.words(self._entries.get(key), key)

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of one word or a list of them."""
        return tuple(word.text for word in self.words(key))

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str | None:
        """One of several words."""
        word = self.word(key)
        if word and word.text not in choices:
            self.reading.unknown(word, key, word.text, choices)
            return default
        return word.text if word else default

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, Scalar) and isinstance(value.value, bool):
            return value.value
        self.reading.wrong(value, "flag", f"{key} is true or false")
        return default

    def whole(self, key: str, default: int | None = None) -> int | None:
        """A whole number from 1."""
        value = self.get(key)
        if value is None:
            return default
        number = value.value if isinstance(value, Scalar) else None
        if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
            return number
        self.reading.wrong(value, "number", f"{key} is a whole number from 1")
        return default

    def number(self, key: str, default: float) -> float:
        """A number above 0."""
        value = self.get(key)
        if value is None:
            return default
        number = value.value if isinstance(value, Scalar) else None
        if isinstance(number, int | float) and not isinstance(number, bool) and number > 0 and math.isfinite(number):
            return float(number)
        self.reading.wrong(value, "number", f"{key} is a number above 0")
        return default

    def day(self, key: str) -> date | None:
        """A date as 2026-08-03."""
        word = self.word(key)
        if word is None:
            return None
        try:
            return _day(word.text)
        except ValueError:
            self.reading.wrong(word, "date", f"'{word.text}' is no date: write it as 2026-08-03")
            return None

    def span(self, first: str, last: str) -> tuple[date | None, date | None]:
        """Two days of which the second does not come before the first."""
        begin, end = self.day(first), self.day(last)
        if begin and end and end < begin:
            self.reading.wrong(self.at(last), "span", f"ends on {end}, before it begins on {begin}")
        return begin, end

    def instant(self, key: str) -> datetime | None:
        """A date (its first instant, UTC) or an instant with its zone."""
        word = self.word(key)
        if word is None:
            return None
        try:
            return _instant(word.text)
        except (ValueError, OverflowError):
            example = "write 2026-08-03 or 2026-08-03T10:00:00Z"
            self.reading.wrong(word, "date", f"'{word.text}' is no date and no instant with a zone: {example}")
            return None

    def tz(self, key: str) -> str:
        """A time zone by its IANA name; UTC where there is none."""
        word = self.word(key)
        if word and word.text not in _zones():
            self.reading.unknown(word, "time zone", word.text, _zones())
            return "UTC"
        return word.text if word else "UTC"


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    if _DAY.fullmatch(text):
        return datetime.combine(_day(text), time(), UTC)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())

"""Whose public holidays are a person's: as they wrote it, else as their time zone says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from zoneinfo import TZPATH

import holidays

from daemon.config.mistakes import near
from daemon.config.reading import Section
from rules.ladders import is_country

NO_HOLIDAYS = "none"

_WRITTEN = re.compile(r"[A-Z]{2}(-\w+)?")
_TABLE = "zone.tab"


def read_country(person: Section, tz: str) -> str:
    """`holidays: FR`, `US-CA` or `none`; without it the country of the time zone, "" where that has none."""
    word = person.word("holidays")
    if word is None:
        return country_of(tz)
    if word.text == NO_HOLIDAYS:
        return ""
    if not _WRITTEN.fullmatch(word.text) or not is_country(word.text):
        hint = near(word.text, _known(word.text)) or ": write e.g. FR, US-CA or none"
        person.reading.wrong(word, "unknown-country", f"unknown country '{word.text}'{hint}")
        return ""
    return word.text


def country_of(tz: str) -> str:
    """The country of a time zone whose holidays are known, "" for none: UTC, old names of zones."""
    found = _countries().get(tz, "")
    return found if found and is_country(found) else ""


def _known(word: str) -> tuple[str, ...]:
    """What may be meant: a country, or a part of the country that is named rightly."""
    known = holidays.list_supported_countries()
    country, dash, _ = word.upper().partition("-")
    if dash and country in known:
        return (country, *(f"{country}-{part}" for part in known[country]))
    return (NO_HOLIDAYS, *(name for name in known if len(name) == len("FR")))


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Time zone to its country, by the first table there is: the system's, else that of the package tzdata."""
    system = (Path(folder, _TABLE) for folder in TZPATH)
    text = next((path.read_text(encoding="utf-8") for path in system if path.is_file()), None)
    return MappingProxyType(dict(_read(text if text is not None else packaged_table())))


def packaged_table() -> str:
    """The table of the package tzdata."""
    return resources.files("tzdata").joinpath("zoneinfo", _TABLE).read_text(encoding="utf-8")


def _read(table: str) -> Iterator[tuple[str, str]]:
    """zone.tab names exactly one country for each zone: the one that people of which choose it."""
    for line in table.splitlines():
        columns = line.split("\t")
        if len(columns) >= 3 and not line.startswith("#"):
            yield columns[2], columns[0]

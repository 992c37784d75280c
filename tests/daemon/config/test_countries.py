from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import countries
from daemon.config.countries import country_of, packaged_table, read_country
from daemon.config.reading import Reading, Section
from tests.daemon.config.makers import marked, said


def country(text: str, tz: str = "UTC") -> tuple[str, list[str]]:
    reading = Reading("roster.yaml")
    return read_country(Section(reading, marked(text), "it", ("holidays",)), tz), said(reading)


@pytest.mark.parametrize("name", ["FR", "US-CA", "DE-BY", "NO"])
def test_a_country_or_a_part_of_it(name: str) -> None:
    assert country(f"holidays: {name}", tz="Asia/Tokyo") == (name, [])


def test_somebody_may_have_none() -> None:
    assert country("holidays: none", tz="Europe/Paris") == ("", [])


@pytest.mark.parametrize(
    ("tz", "found"),
    [
        ("Europe/Paris", "FR"),
        ("America/Los_Angeles", "US"),
        ("Europe/Berlin", "DE"),
        ("UTC", ""),
        ("Etc/GMT+5", ""),
        ("US/Pacific", ""),
    ],
)
def test_without_it_the_time_zone_says(tz: str, found: str) -> None:
    assert country("{}", tz) == (found, [])


def test_a_country_without_known_holidays_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(countries, "is_country", lambda _: False)
    assert country("{}", "Europe/Paris") == ("", [])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fr", "(did you mean 'FR'?)"),
        ("no", "(did you mean 'NO'?)"),
        ("US-XX", "(did you mean 'US-"),
        ("FRA", "(did you mean 'FR'?)"),
        ("countries", ": write e.g. FR, US-CA or none"),
        ("HolidayBase", ": write e.g. FR, US-CA or none"),
        ("US-", "(did you mean 'US'?)"),
    ],
)
def test_an_unknown_country_is_told(name: str, told: str) -> None:
    found, (wrong,) = country(f"holidays: {name}")
    assert found == ""
    assert wrong.startswith(f"roster.yaml:1:11: unknown country '{name}'")
    assert told in wrong


def test_a_system_without_time_zones_has_those_of_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "FR\t" in packaged_table()
    monkeypatch.setattr(countries, "TZPATH", (str(tmp_path),))
    countries._countries.cache_clear()
    try:
        assert country_of("Europe/Paris") == "FR"
    finally:
        countries._countries.cache_clear()

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from daemon.config.reading import Reading, Section
from tests.daemon.config.makers import marked, said


def section(text: str, *known: str) -> tuple[Section, Reading]:
    reading = Reading("it.yaml")
    return Section(reading, marked(text), "it", known), reading


def test_an_unknown_key_is_told_with_the_nearest_right_one() -> None:
    _, reading = section("repoes: [a]\nptl: x\n", "repos", "ptl")
    assert said(reading) == ["it.yaml:1:1: unknown key 'repoes' (did you mean 'repos'?)"]


def test_a_word_may_stand_alone_or_in_a_list() -> None:
    found, reading = section("a: one\nb: [one, 2, true]\n", "a", "b", "c")
    assert (found.texts("a"), found.texts("b"), found.texts("c")) == (("one",), ("one", "2", "true"), ())
    assert not said(reading)


def test_days_and_instants() -> None:
    found, reading = section("a: 2026-08-03\nb: 2026-08-03T10:00:00+02:00\n", "a", "b")
    assert found.day("a") == date(2026, 8, 3)
    assert found.instant("a") == datetime(2026, 8, 3, tzinfo=UTC)
    assert found.instant("b") == datetime(2026, 8, 3, 8, tzinfo=UTC)
    assert not said(reading)


@pytest.mark.parametrize("text", ["20260803", "2026-02-30", "3 Aug", "2026-W01-1", "'٢٠٢٦-٠٨-٠٣'", "2026-08-03T10:00"])
def test_what_is_no_day_is_told(text: str) -> None:
    found, reading = section(f"a: {text}\n", "a")
    assert found.day("a") is None
    assert "is no date: write it as 2026-08-03" in said(reading)[0]


@pytest.mark.parametrize("text", ["2026-08-03T10:00:00", "0001-01-01T00:00:00+23:00", "now"])
def test_what_is_no_instant_is_told(text: str) -> None:
    found, reading = section(f"a: {text}\n", "a")
    assert found.instant("a") is None
    assert "no instant with a zone" in said(reading)[0]


@pytest.mark.parametrize("text", ["yes", "1", "'true'", "[true]", ""])
def test_only_true_and_false_are_flags(text: str) -> None:
    found, reading = section(f"a: {text}\n", "a")
    assert found.flag("a", default=True) is True
    assert said(reading) == ["it.yaml:1:4: a is true or false" if text else "it.yaml:1:3: a is true or false"]


@pytest.mark.parametrize("text", ["0", "-1", "true", "'3'", "1.5", "many", "[1]"])
def test_only_whole_numbers_from_one_are_counts(text: str) -> None:
    found, reading = section(f"a: {text}\n", "a")
    assert found.whole("a", 7) == 7
    assert said(reading) == ["it.yaml:1:4: a is a whole number from 1"]


@pytest.mark.parametrize("text", ["0", "-0.5", ".inf", "1e999", "true", "heavy"])
def test_a_weight_is_a_finite_number_above_zero(text: str) -> None:
    found, reading = section(f"a: {text}\n", "a")
    assert found.number("a", 1.0) == 1.0
    assert said(reading) == ["it.yaml:1:4: a is a number above 0"]


def test_time_zones_are_known_by_their_names() -> None:
    found, reading = section("a: Asia/Tokyo\nb: Asia/Tokio\n", "a", "b")
    assert (found.tz("a"), found.tz("b"), found.tz("c")) == ("Asia/Tokyo", "UTC", "UTC")
    assert said(reading)[0].startswith("it.yaml:2:4: unknown time zone 'Asia/Tokio' (did you mean 'Asia/Tokyo'")


def test_one_of_several_keys_may_be_enough() -> None:
    found, reading = section("a: 1\n", "a", "b")
    assert not found.without("a", "b")
    assert not said(reading)
    found, reading = section("{}\n", "a", "b", "c")
    assert found.without("a", "b", "c")
    assert said(reading) == ["it.yaml:1:1: it needs 'a', 'b' or 'c'"]


def test_what_must_be_a_mapping_is_told_once() -> None:
    found, reading = section("[1]\n", "a")
    assert found.missing("a")
    assert found.without("a")
    assert said(reading) == ["it.yaml:1:1: it must be a mapping"]

"""The chain: what is written is read back, and whatever was changed, left out or moved is found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.signoff.ledger import ACTS, FIRST, LINE_BEGINS, Entry, Head, chained, faults, hash_of, line_of, read_line
from rules.signoff.requests import Release
from tests.rules.makers import NOW
from tests.rules.signers import release

texts = st.text(max_size=20)
entries = st.builds(
    Entry,
    act=st.sampled_from(ACTS),
    release=st.builds(Release, texts, texts, texts),
    item=texts,
    patch_set=st.integers(0, 99),
    at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    account=texts,
    person=texts,
    rights=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    own=st.booleans(),
    revision=texts,
    source=texts,
    because=texts,
)


def entry(number: int = 0) -> Entry:
    at = NOW + timedelta(minutes=number)
    return Entry(act="signed", release=release(), item="gerrit:7", patch_set=1, at=at, account="1", person="ann")


CHAIN, END = chained([entry(0), entry(1), entry(2)], Head())


@given(st.lists(entries, max_size=4))
def test_whatever_was_written_is_read_back_from_one_line_of_plain_letters(made: list[Entry]) -> None:
    chain, _ = chained(made, Head())
    lines = [line_of(one) for one in chain]
    assert tuple(read_line(line) for line in lines) == chain
    assert all(line.isascii() and line.isprintable() and line.startswith(LINE_BEGINS) for line in lines)
    assert list(faults(chain)) == []


def test_each_entry_is_chained_to_the_one_before_and_the_chain_goes_on_where_it_ended() -> None:
    assert [one.number for one in CHAIN] == [1, 2, 3]
    assert [one.before for one in CHAIN] == [FIRST, CHAIN[0].hash, CHAIN[1].hash]
    assert Head(number=3, hash=CHAIN[2].hash) == END
    more, _ = chained([entry(3)], END)
    assert list(faults([*CHAIN, *more])) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"person": "mallory"},
        {"account": "2"},
        {"release": release(version="26.0.0")},
        {"at": NOW - timedelta(days=1)},
        {"rights": (("nova", "ptl"),)},
        {"own": True},
        {"because": "x"},
        {"source": "x"},
        {"revision": "x"},
    ],
)
def test_what_was_changed_afterwards_is_found(forged: dict[str, object]) -> None:
    second = replace(CHAIN[1], **forged)  # type: ignore[arg-type]  # some field of it
    ((where, because),) = faults([CHAIN[0], second, CHAIN[2]])
    assert (where.number, "changed" in because) == (2, True)


def test_what_was_changed_and_hashed_anew_does_not_fit_what_follows() -> None:
    second = replace(CHAIN[1], person="mallory")
    second = replace(second, hash=hash_of(second))
    assert [(one.number, "does not follow" in why) for one, why in faults([CHAIN[0], second, CHAIN[2]])] == [(3, True)]


def test_what_was_left_out_or_put_elsewhere_is_found() -> None:
    assert [one.number for one, _ in faults([CHAIN[0], CHAIN[2]])] == [3]
    assert [one.number for one, _ in faults(CHAIN[1:])] == [2]
    assert [one.number for one, _ in faults([CHAIN[1], CHAIN[0], CHAIN[2]])] == [2, 1, 3]
    assert [one.number for one, _ in faults([CHAIN[0], CHAIN[0]])] == [1]


def test_the_same_instant_in_another_zone_is_the_same_entry() -> None:
    elsewhere = datetime.fromisoformat(entry().at.astimezone(timezone(timedelta(hours=9))).isoformat())
    assert hash_of(replace(entry(), at=elsewhere)) == hash_of(entry())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "czar-ledger",
        "czar-ledger {} 0",
        "czar-ledger [] 0",
        "czar-ledger null 0",
        "czar-ledger {",
        f"> {line_of(CHAIN[0])}",
        line_of(CHAIN[0]).replace('"own":false,', ""),
        line_of(CHAIN[0]).replace('"release":[', '"release":["x",'),
        line_of(CHAIN[0]).replace('"at":"2026', '"at":"then'),
        line_of(CHAIN[0]).replace('"rights":[]', '"rights":[1]'),
    ],
)
def test_what_is_no_line_of_the_ledger_is_said_to_be_none(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_line(line)


@given(st.recursive(st.none() | st.booleans() | st.integers() | texts, lambda one: st.lists(one, max_size=3)))
def test_whatever_stands_for_a_value_a_line_is_read_or_refused(value: object) -> None:
    body = json.loads(line_of(CHAIN[0]).removeprefix(LINE_BEGINS).rpartition(" ")[0])
    for key in body:
        try:
            read_line(f"{LINE_BEGINS}{json.dumps(body | {key: value})} {CHAIN[0].hash}")
        except ValueError:
            continue

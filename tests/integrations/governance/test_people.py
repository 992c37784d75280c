"""Who is named, in all the ways governance named people since 2013."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.governance.people import People, named
from rules.roster import Person


def test_a_string_gives_name_and_nick() -> None:
    assert list(named("Ann Example (ann)")) == [Person(key="Ann Example", name="Ann Example", irc="ann")]


@pytest.mark.parametrize("between", [" and ", " & ", ", "])
def test_a_string_may_name_two(between: str) -> None:
    assert [p.key for p in named(f"Ann Example (ann){between}Bob Sand (bob)")] == ["Ann Example", "Bob Sand"]


def test_a_name_that_contains_and_is_one_person() -> None:
    assert [p.key for p in named("Alexander & Sandy (al)")] == ["Alexander & Sandy"]


def test_whoever_has_an_address_is_known_by_it() -> None:
    (person,) = named({"name": "Ann", "irc": "ann", "email": "Ann@company.example"})
    assert person == Person(key="Ann@company.example", name="Ann", emails=("Ann@company.example",), irc="ann")


def test_whoever_has_no_address_is_known_by_name() -> None:
    (person,) = named({"name": "Ann", "irc": "ann"})
    assert person == Person(key="Ann", name="Ann", irc="ann")


@pytest.mark.parametrize(
    "vacant",
    [
        {"name": "APPOINTMENT NEEDED", "irc": "No nick supplied", "email": "example@example.org"},
        {"name": "Ann", "irc": "ann", "email": "example@example.org"},
        {"name": "leaderless", "irc": "", "email": ""},
        {"name": "", "irc": "ann", "email": "null"},
        {"irc": "ann"},
        "TBD",
        "",
        "null",
        None,
        [],
    ],
)
def test_a_vacant_seat_is_nobody(vacant: object) -> None:
    assert list(named(vacant)) == []


@pytest.mark.parametrize("nick", ["null", "~", "", "No nick supplied", "n/a"])
def test_a_missing_nick_is_none(nick: str) -> None:
    (person,) = named({"name": "Ann", "irc": nick, "email": "ann@company.example"})
    assert person.irc is None


def test_people_who_share_a_placeholder_nick_stay_different() -> None:
    both = [{"name": name, "irc": "No nick supplied"} for name in ("Ann", "Bob")]
    assert People().keys(both) == ("Ann", "Bob")


def test_addresses_that_differ_in_case_are_one_person_as_first_spelled() -> None:
    people = People()
    assert people.keys({"name": "Ann", "email": "Ann@company.example"}) == ("Ann@company.example",)
    assert people.keys({"name": "A. Example", "email": "ann@company.example"}) == ("Ann@company.example",)
    assert [person.name for person in people.found.values()] == ["Ann"]


def test_somebody_named_twice_counts_once() -> None:
    assert People().keys(["Ann (a)", "Bob (b)", "Ann (a)"]) == ("Ann", "Bob")


foreign = st.recursive(
    st.none() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "irc", "email"]), inner),
    max_leaves=8,
)


@given(foreign)
def test_whatever_is_written_there_gives_people_with_keys(value: object) -> None:
    assert all(person.key.strip() for person in named(value))

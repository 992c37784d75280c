"""Who a person of the roster is on the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.accounts import KNOWN_FOR, MISSING_FOR, Accounts
from integrations.gerrit.rest import BadRequest
from rules.facts import UNKNOWN
from rules.roster import Person
from tests.integrations.gerrit.answers import BOB, BOT, Answers, Clock, account

EMAILS = "accounts/"


def accounts_of(table: dict[str, Any], clock: Clock | None = None) -> tuple[Accounts, Answers]:
    rest = Answers(table)
    return Accounts(rest, clock or Clock()), rest


def find(person: Person, **table: Any) -> str:
    return accounts_of({f"accounts/{name}/detail": found for name, found in table.items()})[0].of(person)


def find_by_email(email: str, *found: dict[str, Any]) -> str:
    return accounts_of({EMAILS: list(found)})[0].of(Person(key="p", emails=(email,)))


def test_only_the_very_username_counts() -> None:
    bob = Person(key="p", gerrit="bob")
    assert find(bob, bob=BOB) == "3"
    assert find(bob, bob=account(3, "BOB")) == "3"  # Gerrit's usernames differ by more than case
    assert find(bob, bob=account(9, "robert", name="bob")) == UNKNOWN
    assert find(Person(key="p", gerrit="self"), self=BOT) == UNKNOWN
    assert find(bob) == UNKNOWN


def test_a_username_with_odd_letters_stays_one_part_of_the_path() -> None:
    accounts, rest = accounts_of({"accounts/a%2Fb%20c/detail": account(5, "a/b c")})
    assert accounts.of(Person(key="p", gerrit="a/b c")) == "5"
    assert rest.count("GET") == 1


def test_an_inactive_account_is_none() -> None:
    assert find(Person(key="p", gerrit="bob"), bob=BOB | {"inactive": True}) == UNKNOWN


def test_with_a_username_no_address_is_tried() -> None:
    accounts, rest = accounts_of({EMAILS: [BOB]})
    assert accounts.of(Person(key="p", gerrit="bobby", emails=("bob@example.org",))) == UNKNOWN
    assert [path for _, path, _ in rest.asked] == ["accounts/bobby/detail"]


def test_an_address_must_be_the_very_one() -> None:
    assert find_by_email("Bob@Example.org", BOB) == "3"
    assert find_by_email("bob@example.or", BOB) == UNKNOWN  # the server's query matches prefixes
    assert find_by_email("b@example.net", BOB | {"secondary_emails": ["b@example.net"]}) == "3"
    assert find_by_email("bob@example.org") == UNKNOWN


def test_two_accounts_with_one_address_are_none() -> None:
    assert find_by_email("bob@example.org", BOB, account(9, "bobby", email="bob@example.org")) == UNKNOWN
    assert find_by_email("bob@example.org", BOB, account(9, "bobby", email="bob@example.org.uk")) == "3"


def test_the_next_address_is_tried() -> None:
    accounts, _ = accounts_of({EMAILS: lambda query: [BOB] if "bob@example.org" in query[0][1] else []})
    assert accounts.of(Person(key="p", emails=("old@example.org", "bob@example.org"))) == "3"


def test_a_bot_that_may_not_see_all_addresses_compares_the_preferred_ones() -> None:
    def found(query: list[tuple[str, str]]) -> Any:
        return Refused("403 modify account not permitted") if ("o", "ALL_EMAILS") in query else [BOB]

    accounts, rest = accounts_of({EMAILS: found})
    assert accounts.of(Person(key="p", emails=("bob@example.org",))) == "3"
    assert accounts.of(Person(key="q", emails=("q@example.org",))) == UNKNOWN
    assert rest.count("GET") == 3  # it was refused once, and does not ask for them again


def test_what_the_server_takes_for_no_address_is_nobody() -> None:
    accounts, _ = accounts_of({EMAILS: BadRequest("400 no viable alternative", "")})
    assert accounts.of(Person(key="p", emails=('a"b@example.org',))) == UNKNOWN


def test_an_account_is_remembered_for_a_while_and_a_missing_one_for_a_shorter_while() -> None:
    clock = Clock()
    accounts, rest = accounts_of({"accounts/bob/detail": BOB}, clock)
    bob, zoe = Person(key="bob", gerrit="bob"), Person(key="zoe", gerrit="zoe")
    for _ in range(3):
        assert (accounts.of(bob), accounts.of(zoe)) == ("3", UNKNOWN)
    assert rest.count("GET") == 2
    clock.now += MISSING_FOR
    rest.table["accounts/zoe/detail"] = account(8, "zoe")
    assert (accounts.of(bob), accounts.of(zoe)) == ("3", "8")
    assert rest.count("GET") == 3
    clock.now += KNOWN_FOR - MISSING_FOR - timedelta(seconds=1)
    accounts.of(bob)
    assert rest.count("GET") == 3
    clock.now += timedelta(seconds=1)
    rest.table["accounts/bob/detail"] = BOB | {"inactive": True}
    assert accounts.of(bob) == UNKNOWN


def test_somebody_whose_username_changes_in_the_roster_is_looked_up_anew() -> None:
    accounts, _ = accounts_of({"accounts/bob/detail": BOB, "accounts/bobby/detail": account(9, "bobby")})
    assert accounts.of(Person(key="bob", gerrit="bob")) == "3"
    assert accounts.of(Person(key="bob", gerrit="bobby")) == "9"


def test_an_account_that_cannot_be_asked_for_is_not_taken_for_missing() -> None:
    accounts, rest = accounts_of({"accounts/bob/detail": Transient("503")})
    with pytest.raises(Transient):
        accounts.of(Person(key="bob", gerrit="bob"))
    rest.table["accounts/bob/detail"] = BOB
    assert accounts.of(Person(key="bob", gerrit="bob")) == "3"

"""What is looked up, and what it is taken for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.lookup import ACCOUNT_KNOWN_FOR, ACCOUNT_MISSING_FOR, GerritLookup
from integrations.gerrit.rest import BadRequest
from rules.facts import UNKNOWN, ChangeFacts, Need
from rules.roster import Person
from tests.integrations.gerrit.answers import ANN, BOB, BOT, CYD, Answers, account, detail

CHANGE = "changes/plugins%2Fx~7/detail"
EMAILS = "accounts/"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def lookup_of(table: dict[str, Any], clock: Clock | None = None) -> tuple[GerritLookup, Answers]:
    rest = Answers(table)
    return GerritLookup(rest, clock or Clock()), rest


def find(person: Person, **table: Any) -> str:
    return lookup_of({f"accounts/{name}/detail": found for name, found in table.items()})[0].account(person)


def find_by_email(email: str, *found: dict[str, Any]) -> str:
    return lookup_of({EMAILS: list(found)})[0].account(Person(key="p", emails=(email,)))


def change(people: tuple[Person, ...] = (), *, files: bool = True, **more: Any) -> ChangeFacts:
    table = {CHANGE: detail(**more), "accounts/bob/detail": BOB, "accounts/cyd/detail": CYD}
    facts = lookup_of(table)[0].look(Need(item="gerrit:7", repo="plugins/x", files=files, people=people))
    assert facts.change is not None
    return facts.change


def test_only_the_very_username_counts() -> None:
    bob = Person(key="p", gerrit="bob")
    assert find(bob, bob=BOB) == "3"
    assert find(bob, bob=account(3, "BOB")) == "3"  # Gerrit's usernames differ by more than case
    assert find(bob, bob=account(9, "robert", name="bob")) == UNKNOWN
    assert find(Person(key="p", gerrit="self"), self=BOT) == UNKNOWN
    assert find(bob) == UNKNOWN


def test_a_username_with_odd_letters_stays_one_part_of_the_path() -> None:
    lookup, rest = lookup_of({"accounts/a%2Fb%20c/detail": account(5, "a/b c")})
    assert lookup.account(Person(key="p", gerrit="a/b c")) == "5"
    assert rest.count("GET") == 1


def test_an_inactive_account_is_none() -> None:
    assert find(Person(key="p", gerrit="bob"), bob=BOB | {"inactive": True}) == UNKNOWN


def test_with_a_username_no_address_is_tried() -> None:
    lookup, rest = lookup_of({EMAILS: [BOB]})
    assert lookup.account(Person(key="p", gerrit="bobby", emails=("bob@example.org",))) == UNKNOWN
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
    lookup, _ = lookup_of({EMAILS: lambda query: [BOB] if "bob@example.org" in query[0][1] else []})
    assert lookup.account(Person(key="p", emails=("old@example.org", "bob@example.org"))) == "3"


def test_a_bot_that_may_not_see_all_addresses_compares_the_preferred_ones() -> None:
    def found(query: list[tuple[str, str]]) -> Any:
        return Refused("403 modify account not permitted") if ("o", "ALL_EMAILS") in query else [BOB]

    lookup, rest = lookup_of({EMAILS: found})
    assert lookup.account(Person(key="p", emails=("bob@example.org",))) == "3"
    assert lookup.account(Person(key="q", emails=("q@example.org",))) == UNKNOWN
    assert rest.count("GET") == 3  # it was refused once, and does not ask for them again


def test_what_the_server_takes_for_no_address_is_nobody() -> None:
    lookup, _ = lookup_of({EMAILS: BadRequest("400 no viable alternative", "")})
    assert lookup.account(Person(key="p", emails=('a"b@example.org',))) == UNKNOWN


def test_an_account_is_remembered_for_a_while_and_a_missing_one_for_a_shorter_while() -> None:
    clock = Clock()
    lookup, rest = lookup_of({"accounts/bob/detail": BOB}, clock)
    bob, zoe = Person(key="bob", gerrit="bob"), Person(key="zoe", gerrit="zoe")
    for _ in range(3):
        assert (lookup.account(bob), lookup.account(zoe)) == ("3", UNKNOWN)
    assert rest.count("GET") == 2
    clock.now += ACCOUNT_MISSING_FOR
    rest.table["accounts/zoe/detail"] = account(8, "zoe")
    assert (lookup.account(bob), lookup.account(zoe)) == ("3", "8")
    assert rest.count("GET") == 3
    clock.now += ACCOUNT_KNOWN_FOR - ACCOUNT_MISSING_FOR - timedelta(seconds=1)
    lookup.account(bob)
    assert rest.count("GET") == 3
    clock.now += timedelta(seconds=1)
    rest.table["accounts/bob/detail"] = BOB | {"inactive": True}
    assert lookup.account(bob) == UNKNOWN


def test_somebody_whose_username_changes_in_the_roster_is_looked_up_anew() -> None:
    lookup, _ = lookup_of({"accounts/bob/detail": BOB, "accounts/bobby/detail": account(9, "bobby")})
    assert lookup.account(Person(key="bob", gerrit="bob")) == "3"
    assert lookup.account(Person(key="bob", gerrit="bobby")) == "9"


def test_an_account_that_cannot_be_asked_for_is_not_taken_for_missing() -> None:
    lookup, rest = lookup_of({"accounts/bob/detail": Transient("503")})
    with pytest.raises(Transient):
        lookup.account(Person(key="bob", gerrit="bob"))
    rest.table["accounts/bob/detail"] = BOB
    assert lookup.account(Person(key="bob", gerrit="bob")) == "3"


def test_a_change_is_told_as_it_stands() -> None:
    facts = change(
        hashtags=["hot"],
        topic="tea",
        work_in_progress=True,
        is_private=True,
        reviewers={"REVIEWER": [BOB, CYD], "CC": [BOT]},
        attention_set={"3": {"reason": "asked"}},
    )
    assert (facts.repo, facts.branch, facts.status, facts.patch_set) == ("plugins/x", "master", "NEW", 2)
    assert (facts.topic, facts.hashtags, facts.wip, facts.private, facts.size) == ("tea", ("hot",), True, True, 5)
    assert facts.created == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert (facts.owner, facts.owner_names) == ("2", ("ann", "ann@example.org"))
    assert (facts.reviewers, facts.ccs, facts.attention) == (("3", "4"), ("1",), ("3",))
    assert facts.message == "Brew tea\n"


def test_files_are_asked_for_only_where_needed_and_a_renamed_one_counts_twice() -> None:
    revision = detail()["revisions"]
    info = next(iter(revision.values()))
    info["files"] |= {"new.py": {"status": "R", "old_path": "old.py"}, "copy.py": {"status": "C", "old_path": "src"}}
    assert change(revisions=revision).files == ("src/a.py", "new.py", "old.py", "copy.py")
    assert change(files=False).files is None
    lookup, rest = lookup_of({CHANGE: detail()})
    for files in (True, False):
        lookup.look(Need(item="gerrit:7", repo="plugins/x", files=files))
    assert [("o", "CURRENT_FILES") in options for _, _, options in rest.asked] == [True, False]


def test_uploader_author_and_co_authors_are_authors() -> None:
    revisions = detail()["revisions"]
    info = next(iter(revisions.values()))
    info["uploader"] = BOB
    info["commit"]["message"] = "Tea\n\nCo-Authored-By: Cyd <CYD@example.org>\nco-authored-by: X <x@example.org>\n"
    cyd = Person(key="cyd", gerrit="cyd", emails=("cyd@example.org",))
    assert change((cyd,), revisions=revisions).authors == ("3", "4")
    info["commit"]["message"] = "Tea\n\nNot Co-Authored-By: Cyd <cyd@example.org>\n"
    info["commit"]["author"]["email"] = "Cyd@example.org"
    assert change((cyd,), revisions=revisions).authors == ("3", "4")
    assert change(revisions=revisions).authors == ("3",)


def test_who_was_taken_off_by_a_person_is_told_and_by_whom() -> None:
    def update(reviewer: dict[str, Any], state: str, by: dict[str, Any]) -> dict[str, Any]:
        return {"updated": "2026-01-02 03:04:05.000000000", "updated_by": by, "reviewer": reviewer, "state": state}

    updates = [update(BOB, "REVIEWER", BOT), update(BOB, "REMOVED", ANN)]
    assert change(reviewer_updates=updates).removed == {"3": "ann"}
    assert change(reviewer_updates=[*updates, update(BOB, "REVIEWER", ANN)]).removed == {}
    assert change(reviewer_updates=[update(BOB, "REMOVED", BOT)]).removed == {}
    assert change(reviewer_updates=[update(BOB, "REMOVED", {})]).removed == {"3": "somebody"}


def test_a_change_that_is_gone_or_hidden_is_none_and_one_that_cannot_be_read_now_is_transient() -> None:
    bob, need = Person(key="bob", gerrit="bob"), {"item": "gerrit:7", "repo": "plugins/x"}
    lookup, rest = lookup_of({"accounts/bob/detail": BOB})
    facts = lookup.look(Need(**need, people=(bob,)))  # type: ignore[arg-type]
    assert (facts.change, facts.accounts, facts.seen) == (None, {"bob": "3"}, Clock().now)
    rest.table[CHANGE] = Transient("503")
    with pytest.raises(Transient):
        lookup.look(Need(**need))  # type: ignore[arg-type]

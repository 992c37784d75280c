"""What was looked up is stored with the decision, so it must come back as it was."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.journal.records import decode_detail, encode_detail
from rules.facts import UNKNOWN, ChangeFacts, Facts, co_authors
from rules.verdicts import Decision, Passed
from tests.rules.makers import ITEM, NOW, facts

LOOKED = Decision(event="PatchsetCreated", item=ITEM, at=NOW, passed=(Passed(rule="r", key="repo", because="no"),))

words = st.lists(st.text()).map(tuple)
changes = st.builds(
    ChangeFacts,
    repo=st.text(),
    branch=st.text(),
    hashtags=words,
    wip=st.booleans(),
    size=st.integers(0, 2**31),
    created=st.none() | st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (hypothesis's bound)
    files=st.none() | words,
    removed=st.dictionaries(st.text(), st.text()),
)


def kept(found: Facts | None) -> Facts | None:
    raw = encode_detail(LOOKED, found)
    assert raw is not None
    return decode_detail(raw).facts


@given(st.none() | changes, st.dictionaries(st.text(), st.text()))
def test_facts_come_back_from_the_journal_as_they_were(change: ChangeFacts | None, accounts: dict[str, str]) -> None:
    found = Facts(change=change, accounts=accounts, seen=NOW)
    assert kept(found) == found


def test_facts_with_nothing_removed_and_no_accounts_can_be_kept() -> None:
    assert kept(Facts(change=ChangeFacts(repo="r", branch="b"))) == Facts(change=ChangeFacts(repo="r", branch="b"))


def test_files_nobody_asked_for_differ_from_no_files() -> None:
    assert kept(facts(files=None)) != kept(facts(files=()))


def test_nobody_can_change_facts() -> None:
    found: Any = facts()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.change = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.change.repo = "other"
    with pytest.raises(TypeError):
        Facts(change=None).accounts["ann"] = "1"  # type: ignore[index]


def test_an_unknown_account_is_no_truth() -> None:
    assert not UNKNOWN


def test_co_authors_stand_in_footers() -> None:
    message = "Fix it\n\nCo-Authored-By: Ann <ann@example.org>\nco-authored-by: B <b@x>\nno Co-Authored-By: <c@x>\n"
    assert co_authors(message) == ("ann@example.org", "b@x")

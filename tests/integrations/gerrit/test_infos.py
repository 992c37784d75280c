"""The small values of REST's answers."""

from __future__ import annotations

from datetime import UTC, datetime

from integrations.gerrit.infos import account, account_id, instant
from rules.events import Account
from rules.facts import UNKNOWN
from tests.integrations.gerrit.answers import ANN


def test_times_are_aware_and_to_the_microsecond() -> None:
    assert instant("2026-01-02 03:04:05.123456000") == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)


def test_an_account_is_known_by_its_id_and_may_lack_everything() -> None:
    assert (account_id(ANN), account_id({})) == ("2", UNKNOWN)
    assert account(ANN) == Account(username="ann", email="ann@example.org", name="ann")
    assert account({}) == Account()

"""`czar resume`: all, or one rule that paused itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.commands.opened import journal_of
from daemon.config.load import load
from tests.command_line import czar, refusal
from tests.daemon.config.makers import write

AT = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """With a journal in which a rule and all acting are paused."""
    write(tmp_path, czar="gerrit: {url: https://review.example.org, user: bot}\nstate: state\n")
    with journal_of(load(tmp_path, need=("czar",)), make=True) as journal:
        journal.pausing.pause("any-code", "over its limit", AT)
        journal.pausing.pause("acting", "czar pause", AT)
    return tmp_path


def paused(config: Path) -> set[str]:
    """What is."""
    return {pause["scope"] for pause in czar("stats", "--json", "--config", config).rows[0]["paused"]}


def test_without_a_rule_everything_goes_on(config: Path) -> None:
    ran = czar("resume", "--config", config)
    assert ran.code == 0
    assert set(ran.out.removeprefix("Resumed: ").strip().split(", ")) == {"any-code", "acting"}
    assert paused(config) == set()
    assert czar("resume", "--config", config).out == "Nothing was paused.\n"


def test_with_a_rule_only_that_goes_on(config: Path) -> None:
    assert czar("resume", "any-code", "--config", config).out == "Resumed: any-code\n"
    assert paused(config) == {"acting"}


def test_a_rule_that_is_not_paused_cannot_be_resumed(config: Path) -> None:
    assert refusal(czar("resume", "any-cod", "--config", config)) == "rule any-cod is not paused"
    assert paused(config) == {"acting", "any-code"}

"""What is wrong now, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from daemon.health import STUCK_AFTER_S, Health
from daemon.journal.journal import Journal
from daemon.workers.loop import Loop
from tests.clock import Clock
from tests.daemon.journals import SOURCE, heard


@dataclass
class FakeSource:
    """Says its troubles one after the other, the last one for ever."""

    name: str = SOURCE
    troubles: list[str] = field(default_factory=lambda: [""])

    def step(self, wait_s: float) -> bool:
        return False

    def trouble(self) -> str:
        return self.troubles.pop(0) if len(self.troubles) > 1 else self.troubles[0]

    def close(self) -> None:
        pass


@pytest.fixture
def health(sqlite_journal: Journal) -> Health:
    """Of a journal in which nothing is wrong."""
    return Health(sqlite_journal.views)


def test_all_is_well_at_first(health: Health) -> None:
    assert health.troubles() == {}


def test_what_a_worker_reports_holds_until_it_takes_it_back(health: Health) -> None:
    report, other = health.reporter("gerrit-lookup"), health.reporter("gerrit-hands")
    report("503 from Gerrit")
    other("")
    assert health.troubles() == {"gerrit-lookup": "503 from Gerrit"}
    report("")
    assert health.troubles() == {}


def test_a_source_in_trouble_is_told(health: Health) -> None:
    health.sources = (FakeSource(troubles=["not connected"]), FakeSource(name="gerrit-rest"))
    assert health.troubles() == {SOURCE: "not connected"}


def test_a_trouble_that_ends_while_it_is_asked_for_is_no_empty_trouble(health: Health) -> None:
    health.sources = (FakeSource(troubles=["not connected", ""]),)
    assert set(health.troubles().values()) <= {"not connected"}
    assert health.troubles() == {}


def test_a_worker_with_a_fault_is_told(health: Health) -> None:
    loop = Loop(FakeSource(name="decider"))
    health.loops = (loop,)
    loop.fault = "KeyError: 'x'"
    assert health.troubles() == {"decider": "KeyError: 'x'"}


def test_something_heard_long_ago_and_not_decided_is_told(
    health: Health, sqlite_journal: Journal, clock: Clock
) -> None:
    sqlite_journal.intake.hear(SOURCE, "one", heard(b"a"))
    clock.pass_s(STUCK_AFTER_S)
    assert health.troubles() == {}
    clock.pass_s(1)
    assert health.troubles() == {"journal": "something heard 301 s ago is not decided yet"}


def test_a_journal_that_cannot_be_read_is_told(health: Health, sqlite_journal: Journal) -> None:
    with sqlite_journal.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE counters RENAME TO gone")
    assert list(health.troubles()) == ["journal"]
    assert "cannot be read: no such table" in health.troubles()["journal"]


def test_a_mild_trouble_is_shown_and_hinders_nothing(health: Health) -> None:
    report = health.reporter("notify", mild=True)
    report("cannot be told anything now: ann")
    assert (health.troubles(), health.mild()) == ({}, {"notify": "cannot be told anything now: ann"})
    report("")
    assert health.mild() == {}

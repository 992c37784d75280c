"""The journal opened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from daemon.journal.journal import open_journal
from integrations.contract import Transient
from tests.clock import START, Clock
from tests.daemon.journals import SOURCE, Place, heard


def test_an_empty_database_becomes_a_journal(empty_url: str, clock: Clock) -> None:
    journal = open_journal(empty_url, clock, random.Random(1))
    journal.intake.hear(SOURCE, "one", heard(b"{}"))
    assert journal.views.stats().heard == {SOURCE: 1}
    journal.close()


def test_all_parts_work_on_the_same_database(place: Place) -> None:
    journal = place.open()
    journal.pausing.pause("acting", "because", START)
    assert set(journal.deciding.book().paused) == {"acting"}
    assert journal.acting.take() is None


def test_what_cannot_be_opened_is_transient(clock: Clock, tmp_path: Path) -> None:
    with pytest.raises(Transient, match="the journal cannot be opened"):
        open_journal(f"sqlite:///{tmp_path}/no/czar.db", clock, random.Random(1))

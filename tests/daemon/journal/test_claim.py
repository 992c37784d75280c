"""Two daemons on one journal: the second is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.journal.claim import Claimed, claim
from daemon.journal.database import Database
from tests.daemon.journals import Place

HOLD_AND_DIE = """
import os, sys
from pathlib import Path
from daemon.journal.claim import claim
from daemon.journal.database import Database
held = claim(Database(sys.argv[1]), Path(sys.argv[2]))
held.__enter__()
print("held", flush=True)
sys.stdin.read()
os._exit(9)
"""


def test_the_second_is_refused_as_long_as_the_first_works(place: Place) -> None:
    first, second = place.open().database, place.open().database
    with claim(first, place.state):
        with pytest.raises(Claimed, match="another czar is running on this"), claim(second, place.state):
            pass
        with pytest.raises(Claimed), claim(second, place.state):
            pass
    with claim(second, place.state):
        pass


def test_after_a_refusal_the_first_still_holds_it(place: Place) -> None:
    first, second, third = (place.open().database for _ in range(3))
    with claim(first, place.state):
        with pytest.raises(Claimed), claim(second, place.state):
            pass
        with pytest.raises(Claimed), claim(third, place.state):
            pass


def test_daemons_with_different_state_folders_share_no_journal(place: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first, second = place.open().database, place.open().database
    with claim(first, place.state), pytest.raises(Claimed), claim(second, elsewhere):
        pass


def test_a_fault_gives_it_back(place: Place) -> None:
    first, second = place.open().database, place.open().database
    with pytest.raises(ZeroDivisionError), claim(first, place.state):
        raise ZeroDivisionError
    with claim(second, place.state):
        pass


def test_a_killed_daemon_holds_nothing(place: Place) -> None:
    command = [sys.executable, "-c", HOLD_AND_DIE, place.url, str(place.state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        database = place.open().database
        with pytest.raises(Claimed), claim(database, place.state):
            pass
        holder.kill()
    with claim(database, place.state):
        pass


def test_a_journal_in_memory_is_claimed_by_its_state_folder(tmp_path: Path) -> None:
    with claim(Database("sqlite://"), tmp_path):
        assert (tmp_path / "czar.lock").exists()

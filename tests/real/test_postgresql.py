"""The throw-away cluster: private, and gone with its starter."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.real import postgresql as made
from tests.real.downloads import Unavailable
from tests.real.postgresql import RealPostgresql, running_postgresql
from tests.waiting import until

START_AND_DIE = """
import os, signal
from tests.real.postgresql import running_postgresql
with running_postgresql() as server:
    print(server.folder, (server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_machine_without_the_server_hears_which_package_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "PACKAGED", tmp_path)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(Unavailable, match="apt-get install postgresql"), running_postgresql():
        pass


@pytest.mark.full
def test_nobody_else_gets_at_it(postgresql: RealPostgresql) -> None:
    assert stat.S_IMODE(postgresql.folder.stat().st_mode) == 0o700
    with psycopg.connect(postgresql.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute("SHOW listen_addresses").fetchone()
    assert found == ("",)


@pytest.mark.full
def test_each_test_has_a_database_of_its_own(postgresql: RealPostgresql) -> None:
    with postgresql.database() as one, postgresql.database(empty=True) as other:
        assert one != other
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(one.replace("+psycopg", ""))


@pytest.mark.full
@pytest.mark.usefixtures("postgresql")
def test_it_ends_where_its_starter_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", START_AND_DIE], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    folder, pid = done.stdout.split()
    until(lambda: not Path(f"/proc/{pid}").exists(), 10, "the server to end")
    subprocess.run(["rm", "-rf", folder], check=True)

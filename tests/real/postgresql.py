"""A real PostgreSQL for tests: a cluster of its own in a folder of its own, from Debian's package `postgresql`.

It listens on a Unix socket in a private folder and nowhere else, syncs nothing to disk, and ends with its starter.
PostgreSQL refuses to run as root: there it runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from daemon.journal.database import Database
from tests.real.downloads import Unavailable
from tests.waiting import until

PACKAGED = Path("/usr/lib/postgresql")
START_WITHIN_S = 60
STOP_WITHIN_S = 20
PORT = 5432  # part of the socket's name, nothing more
OWNER = "czar"
TEMPLATE = "journal_template"
UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "16MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
}


class RealPostgresql:
    """A started cluster in `folder`. Made by `running_postgresql`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """Where a database is, as the config takes it."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}&port={PORT}"

    def execute(self, statement: str) -> None:
        """Run one statement as the owner of everything, outside any transaction."""
        with self._connect() as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """A database for one test, with a journal's tables unless `empty`; its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def drop_connections(self) -> None:
        """What clients notice of a restart: every connection ends."""
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def make_template(self) -> None:
        """The database that others are copied from: made once, copied in a moment."""
        self.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        database = Database(self.url(TEMPLATE))
        try:
            database.upgrade()
        finally:
            database.close()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), port=PORT, user=OWNER, dbname="postgres", autocommit=True)


@contextmanager
def running_postgresql() -> Iterator[RealPostgresql]:
    """Started, with its template; stopped and removed afterwards. Raises Unavailable."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="czar-pg-"))  # short: the path of a socket has at most 107 bytes
    process: subprocess.Popen[bytes] | None = None
    try:
        _make_cluster(binaries, folder)
        process = _start(binaries, folder)
        server = RealPostgresql(folder)
        _wait_for(server, process, folder)
        server.make_template()
        yield server
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(folder)


def _binaries() -> Path:
    """The newest server of Debian's package, else what pg_config or the PATH know."""
    packaged = sorted(PACKAGED.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for folder in (*packaged, *_elsewhere()):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Unavailable("there is no PostgreSQL server on this machine: apt-get install postgresql")


def _elsewhere() -> Iterator[Path]:
    if shutil.which("pg_config"):
        yield Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    if ctl := shutil.which("pg_ctl"):
        yield Path(ctl).resolve().parent


def _make_cluster(binaries: Path, folder: Path) -> None:
    if person := _stand_in():
        os.chown(folder, person.pw_uid, person.pw_gid)
    options = ["--no-sync", "--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C"]
    command = [*_as_whom(), str(binaries / "initdb"), *options, f"--pgdata={folder / 'data'}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"PostgreSQL could not make a cluster:\n{done.stderr}")


def _start(binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-p", str(PORT), *settings]
    with (folder / "log").open("ab") as log:
        # A group of its own keeps Ctrl-C for pytest; the signal at our death ends it where we were killed.
        return subprocess.Popen(
            [*_as_whom("--pdeathsig=QUIT"), *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )


def _wait_for(server: RealPostgresql, process: subprocess.Popen[bytes], folder: Path) -> None:
    until(lambda: server.answers() or process.poll() is not None, START_WITHIN_S, "PostgreSQL to start")
    if process.poll() is not None:
        raise Unavailable(f"PostgreSQL ended at once:\n{(folder / 'log').read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # "fast": ends connections, not only waits for them
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)  # "immediate"; a SIGKILL would leave its children behind
        process.wait(STOP_WITHIN_S)


def _as_whom(*options: str) -> list[str]:
    """The beginning of a command that runs as somebody who is not root; the process keeps its number."""
    person = _stand_in()
    if person:
        options += (f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups")
    if not options:
        return []
    if not shutil.which("setpriv"):
        raise Unavailable("PostgreSQL cannot be started safely: there is no setpriv (package util-linux)")
    return ["setpriv", *options]


def _stand_in() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as where we are root."""
    if os.geteuid() != 0:
        return None
    people = {person.pw_name: person for person in pwd.getpwall()}
    found = next((people[name] for name in UNPRIVILEGED if name in people), None)
    if found is None:
        raise Unavailable("PostgreSQL does not run as root, and there is neither postgres nor nobody to run it as")
    return found

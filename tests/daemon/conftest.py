"""A journal to work on, in SQLite and in PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.fixtures import FixtureRequest

from daemon.journal.database import Database
from daemon.journal.journal import Journal
from tests.clock import Clock
from tests.daemon.journals import Place
from tests.daemon.kept import Kept
from tests.real.postgresql import RealPostgresql

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.full))


@pytest.fixture
def clock() -> Clock:
    """Stands still until told."""
    return Clock()


@pytest.fixture(params=BOTH)
def place(request: FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Place]:
    """A new journal, to be opened as often as a test likes."""
    kind: str = request.param
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "czar.db")
        with Place(f"sqlite:///{tmp_path}/czar.db", tmp_path, clock) as made:
            yield made
        return
    server: RealPostgresql = request.getfixturevalue("postgresql")
    with server.database() as url, Place(url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def journal(place: Place) -> Journal:
    """That journal, opened."""
    return place.open()


@pytest.fixture(params=BOTH)
def empty_url(request: FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    kind: str = request.param
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/czar.db"
        return
    server: RealPostgresql = request.getfixturevalue("postgresql")
    with server.database(empty=True) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in which nothing was written yet; copied for each test."""
    file = tmp_path_factory.mktemp("template") / "czar.db"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    return file


@pytest.fixture
def sqlite_journal(sqlite_template: Path, clock: Clock, tmp_path: Path) -> Iterator[Journal]:
    """A journal for tests to which the kind of database makes no difference."""
    shutil.copy(sqlite_template, tmp_path / "only.db")
    with Place(f"sqlite:///{tmp_path}/only.db", tmp_path, clock) as made:
        yield made.open()


@pytest.fixture
def kept(sqlite_template: Path, clock: Clock, tmp_path: Path) -> Kept:
    """A config directory with a journal in which nothing was written yet."""
    return Kept(tmp_path / "kept", sqlite_template, clock)

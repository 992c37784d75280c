"""A quiet place for a world."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from daemon.journal.database import Database


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The daemon's logs are nobody's concern here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in which nothing was written yet, to be copied."""
    file = tmp_path_factory.mktemp("simulation") / "empty.db"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    return file


@pytest.fixture
def empty(template: Path, tmp_path: Path) -> Path:
    """A journal in which nothing was written yet."""
    return Path(shutil.copy(template, tmp_path / "czar.db"))

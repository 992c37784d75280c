"""Real servers for tests, loaded by tests/conftest.py: each starts when first asked for and serves all tests.

A machine that lacks a part (Maven, Java, the jars, PostgreSQL, Exim) skips these tests with the reason; with
CZAR_REQUIRE_REAL=1 they fail instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests.real.downloads import VERSIONS, Unavailable
from tests.real.exim import RealMailServer, running_mail_server
from tests.real.gerrit import RealGerrit, running_gerrit
from tests.real.ports import LOOPBACK
from tests.real.postgresql import RealPostgresql, running_postgresql
from tests.real.server import NotStarted


class Gerrits:
    """At most one running server per version, each with these `settings` of its gerrit.config."""

    def __init__(
        self, folders: pytest.TempPathFactory, ends: ExitStack, settings: Mapping[str, str] | None = None
    ) -> None:
        self._folders = folders
        self._ends = ends
        self._settings = settings
        self._there: dict[str, RealGerrit | Unavailable | NotStarted] = {}

    def get(self, version: str) -> RealGerrit:
        """The server of that version; skips (or fails) the test where there can be none."""
        if version not in self._there:
            self._there[version] = self._started(version)
        gerrit = self._there[version]
        if isinstance(gerrit, Unavailable):
            _give_up(f"no real Gerrit {version} here: {gerrit}")
        if isinstance(gerrit, NotStarted):
            pytest.fail(str(gerrit))
        return gerrit

    def _started(self, version: str) -> RealGerrit | Unavailable | NotStarted:
        folder = self._folders.mktemp(f"gerrit-{version}-", numbered=True)
        try:
            return self._ends.enter_context(running_gerrit(version, folder, self._settings))
        except (Unavailable, NotStarted) as error:
            return error


@pytest.fixture(scope="session")
def real_gerrits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gerrits]:
    """All real servers of this session."""
    with ExitStack() as ends:
        yield Gerrits(tmp_path_factory, ends)


@pytest.fixture(scope="session", params=VERSIONS)
def real_gerrit(request: pytest.FixtureRequest, real_gerrits: Gerrits) -> RealGerrit:
    """A running Gerrit, shared by all tests: take people and projects with names of your own."""
    return real_gerrits.get(request.param)


@pytest.fixture(params=VERSIONS)
def private_gerrit(request: pytest.FixtureRequest, real_gerrits: Gerrits) -> Iterator[RealGerrit]:
    """The same server, lent to one test that may stop, kill or freeze it; healed afterwards."""
    gerrit = real_gerrits.get(request.param)
    yield gerrit
    gerrit.heal()


@pytest.fixture(scope="module", params=VERSIONS)
def mailing_gerrit(
    request: pytest.FixtureRequest, _mail_server: RealMailServer | Unavailable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealGerrit]:
    """A Gerrit that sends its mail to the mail server."""
    if isinstance(_mail_server, Unavailable):
        _give_up(f"no real mail server here: {_mail_server}")
    settings = {
        "sendemail.enable": "true",
        "sendemail.smtpServer": LOOPBACK,
        "sendemail.smtpServerPort": str(_mail_server.port),
    }
    with ExitStack() as ends:
        yield Gerrits(tmp_path_factory, ends, settings).get(request.param)


@pytest.fixture(scope="session")
def postgresql(_postgresql: RealPostgresql | Unavailable) -> RealPostgresql:
    """A running PostgreSQL, shared by all tests: each takes a database of its own."""
    if isinstance(_postgresql, Unavailable):
        _give_up(f"no real PostgreSQL here: {_postgresql}")
    return _postgresql


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[RealPostgresql | Unavailable]:
    with ExitStack() as ends:
        try:
            server: RealPostgresql | Unavailable = ends.enter_context(running_postgresql())
        except Unavailable as error:
            server = error
        yield server


@pytest.fixture
def mail_server(_mail_server: RealMailServer | Unavailable) -> RealMailServer:
    """A running mail server with an empty mailbox, lent to one test that may stop it."""
    if isinstance(_mail_server, Unavailable):
        _give_up(f"no real mail server here: {_mail_server}")
    _mail_server.clear()
    return _mail_server


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[RealMailServer | Unavailable]:
    with ExitStack() as ends:
        try:
            server: RealMailServer | Unavailable = ends.enter_context(running_mail_server())
        except Unavailable as error:
            server = error
        yield server


def _give_up(reason: str) -> NoReturn:
    if os.environ.get("CZAR_REQUIRE_REAL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)

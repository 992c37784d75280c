"""The web server as a worker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from daemon.config.service import Web
from daemon.health import Health
from daemon.journal.journal import Journal
from daemon.web.serve import THREADS, Pages
from daemon.workers.loop import Loop
from integrations.contract import Transient
from tests.waiting import until


@contextmanager
def serving(pages: Pages) -> Iterator[str]:
    """In a thread of its own, as the daemon does; its URL."""
    loop = Loop(pages)
    loop.start()
    try:
        until(lambda: pages.port, 10, "it to listen")
        yield f"http://127.0.0.1:{pages.port}"
    finally:
        loop.stop()
        pages.close()
        assert loop.join(5)
    until(lambda: not _threads(), 10, "its threads to end")


@pytest.fixture
def pages(sqlite_journal: Journal) -> Pages:
    """On a port of the kernel's choice."""
    return _pages(sqlite_journal, "127.0.0.1:0")


def test_it_answers_where_it_says_it_listens(pages: Pages) -> None:
    with serving(pages) as url, requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{url}/healthz", timeout=5).text == "alive\n"
        assert "Server" not in session.get(f"{url}/", timeout=5).headers


def test_many_may_ask_at_once(pages: Pages) -> None:
    answers: list[int] = []
    with serving(pages) as url:

        def ask() -> None:
            with requests.Session() as session:
                answers.append(session.get(f"{url}/metrics", timeout=20).status_code)

        threads = [threading.Thread(target=ask) for _ in range(3 * THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert answers == [200] * 3 * THREADS


def test_after_closing_nobody_listens_and_nothing_begins_again(pages: Pages) -> None:
    with serving(pages) as url, requests.Session() as session:
        session.get(f"{url}/healthz", timeout=5)  # its connection is kept open meanwhile
    assert not pages.step(0)
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        session.get(f"{url}/healthz", timeout=5)


def test_closing_before_it_began_is_fine(pages: Pages) -> None:
    pages.close()
    assert not pages.step(0)
    assert pages.port == 0


def test_a_taken_port_is_transient_and_tried_again(sqlite_journal: Journal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pages = _pages(sqlite_journal, f"127.0.0.1:{port}")
        for _ in range(3):
            with pytest.raises(Transient, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
                pages.step(0)
        assert not _threads()
    with serving(pages) as url, requests.Session() as session:
        assert session.get(f"{url}/healthz", timeout=5).ok


@pytest.mark.parametrize("listen", ["localhost:0", "[::1]:0"])
def test_a_name_and_an_ipv6_address_will_do(sqlite_journal: Journal, listen: str) -> None:
    if "::1" in listen and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    pages = _pages(sqlite_journal, listen)
    with serving(pages), requests.Session() as session:
        host = listen.rpartition(":")[0]
        assert session.get(f"http://{host}:{pages.port}/healthz", timeout=5).ok


def _pages(journal: Journal, listen: str) -> Pages:
    return Pages(Web(listen=listen), Health(journal.views), journal.views)


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("waitress")]


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False

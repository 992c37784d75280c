"""Both servers together: their names, and their end."""

from __future__ import annotations

import threading
import time

import requests

from integrations.sandbox.gerrit.server import StandInGerrit
from tests.integrations.sandbox.gerrit.world import World
from tests.waiting import until


def test_it_says_where_it_is() -> None:
    with StandInGerrit(World().state) as gerrit:
        assert gerrit.url.startswith("http://127.0.0.1:")
        assert gerrit.host_key_line.startswith(f"[{gerrit.ssh_host}]:{gerrit.ssh_port} ssh-ed25519 ")
        change = gerrit.state.push(gerrit.state.admin.account_id, "plugins/tool", subject="x", files={})
        assert gerrit.rest.handle("GET", f"/changes/{change.number}", {}, b"")[0] == 200


def test_closing_ends_hanging_calls_and_all_threads_within_a_second() -> None:
    before = set(threading.enumerate())
    gerrit = StandInGerrit()
    gerrit.faults.hang()
    errors = []

    def ask() -> None:
        try:
            requests.get(f"{gerrit.url}/config/server/version", timeout=30)
        except requests.ConnectionError as error:
            errors.append(error)

    client = threading.Thread(target=ask)
    client.start()
    until(lambda: gerrit.faults.orders_left() == 0, 5, "the call to arrive")
    started = time.monotonic()
    gerrit.close()
    client.join(5)
    assert time.monotonic() - started < 1.0
    assert len(errors) == 1
    assert set(threading.enumerate()) <= before

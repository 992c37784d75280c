"""What systemd is told, over a real socket of its kind."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.notify import notify, watchdog_s


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    """Who listens where systemd would."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(5)
        yield listening


def test_a_state_arrives_at_a_socket_in_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    with manager(path) as listening:
        notify("READY=1")
        notify("STATUS=schön")
        assert [listening.recv(100), listening.recv(100)] == [b"READY=1", "STATUS=schön".encode()]


def test_a_state_arrives_at_an_abstract_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"czar-test-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with manager(f"\0{name}") as listening:
        notify("WATCHDOG=1")
        assert listening.recv(100) == b"WATCHDOG=1"


def test_nothing_happens_where_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    for gone in ("", str(tmp_path / "gone"), "@czar-test-gone", "x" * 200):
        monkeypatch.setenv("NOTIFY_SOCKET", gone)
        notify("READY=1")


@pytest.mark.parametrize(
    ("usec", "seconds"), [("60000000", 60.0), ("500000", 0.5), ("0", None), ("", None), ("-1", None), ("soon", None)]
)
def test_the_watchdogs_patience_is_read_in_seconds(
    usec: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    assert watchdog_s() == seconds


def test_without_a_watchdog_there_is_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert watchdog_s() is None

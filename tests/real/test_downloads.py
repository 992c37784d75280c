"""Fetching and waiting, as far as they can be seen without a network or a server."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.real import downloads
from tests.real.ports import LOOPBACK, free_ports
from tests.waiting import WaitedInVain, until


def test_the_cache_is_outside_the_checkout_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CZAR_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert downloads.cache_dir() == Path("/x/czar")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert downloads.cache_dir() == Path.home() / ".cache" / "czar"
    monkeypatch.setenv("CZAR_CACHE", "/own")
    assert downloads.cache_dir() == Path("/own")


@pytest.mark.parametrize("version", downloads.VERSIONS)
def test_a_machine_without_maven_hears_so_and_is_left_with_nothing_half_made(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CZAR_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(downloads.Unavailable, match="there is no mvn on this machine"):
        downloads.kit(version)
    assert {path.name for path in tmp_path.rglob("*")} == {f"gerrit-{version}", "jars", "lock"}


def test_a_maven_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho no such artifact\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("CZAR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.fspath(tmp_path), prepend=os.pathsep)
    with pytest.raises(downloads.Unavailable, match="no such artifact"):
        downloads.kit("3.13.5")


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(3)
    assert len(set(ports)) == 3
    for port in ports:
        with socket.socket() as server:
            server.bind((LOOPBACK, port))


def test_until_gives_the_first_true_answer() -> None:
    answers = iter([0, 0, 7, 8])
    assert until(lambda: next(answers), 5, "a seven") == 7


def test_until_names_what_did_not_come() -> None:
    with pytest.raises(WaitedInVain, match=r"waited 0 s for the moon; the last answer was \[\]"):
        until(list, 0, "the moon")

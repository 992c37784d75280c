"""Logging in, and what people are told where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from integrations.gerrit import ssh as ssh_module
from integrations.gerrit.ssh import Server, explain, login, run, unusable_file, within
from tests.integrations.gerrit.ssh_loopback import SshLoopback, ssh_serving
from tests.waiting import until


def version(channel: paramiko.Channel, _command: str) -> None:
    channel.sendall(b"gerrit version 3.10.2\n")
    channel.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[SshLoopback]:
    with ssh_serving(tmp_path, version) as door:
        yield door


def failure(server: Server) -> str:
    """What people are told about a login that fails."""
    with pytest.raises((paramiko.SSHException, OSError)) as caught:
        login(server)
    return explain(caught.value, server)


def test_a_command_is_run_for_who_is_let_in(door: SshLoopback) -> None:
    with login(door.server) as client:
        assert run(client, "gerrit version").recv(100) == b"gerrit version 3.10.2\n"
    assert door.commands == ["gerrit version"]


def test_a_command_that_is_never_answered_ends_the_connection(
    door: SshLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_module, "CONNECT_S", 0.5)
    door.answers_commands.clear()
    with login(door.server) as client, pytest.raises((paramiko.SSHException, OSError, EOFError)):
        run(client, "gerrit version")
    door.answers_commands.set()


def test_a_connection_that_is_gone_runs_nothing() -> None:
    with pytest.raises(paramiko.SSHException, match="ended at once"):
        run(paramiko.SSHClient(), "gerrit version")


def test_what_takes_too_long_is_ended(door: SshLoopback) -> None:
    with login(door.server) as client:
        transport = client.get_transport()
        assert transport is not None
        with within(transport, 60):
            assert transport.is_active()
        with within(transport, 0.01):
            until(lambda: not transport.is_active(), 10, "the end of the connection")


def test_only_the_pinned_key_is_taken(door: SshLoopback) -> None:
    door.pin(door.client_key)
    assert "shows another host key than" in failure(door.server)
    door.known_hosts.write_text("")
    assert "has no pinned host key in" in failure(door.server)
    assert door.commands == []


def test_who_is_refused_is_named(door: SshLoopback) -> None:
    assert "refuses the login of eve with" in failure(replace(door.server, user="eve"))


def test_files_that_do_not_serve_are_found_before_anybody_is_called(door: SshLoopback, tmp_path: Path) -> None:
    assert unusable_file(door.server) == ""
    missing, broken = tmp_path / "missing", tmp_path / "broken"
    broken.write_bytes(b"\xff\xfe")
    assert unusable_file(replace(door.server, key_file=missing)) == f"{missing}: No such file or directory"
    assert "holds no SSH private key" in unusable_file(replace(door.server, key_file=broken))
    assert "is no known_hosts file" in unusable_file(replace(door.server, known_hosts=broken))


@pytest.mark.parametrize(
    ("error", "words"),
    [(TimeoutError(), "does not answer"), (OSError("no route"), "no route"), (EOFError(), "the connection ended")],
)
def test_everything_else_is_told_with_the_place(error: Exception, words: str, door: SshLoopback) -> None:
    told = explain(error, door.server)
    assert told.startswith(f"{door.server.host}:{door.server.port}")
    assert words in told

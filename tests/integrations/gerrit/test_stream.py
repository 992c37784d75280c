"""The reader of stream-events: whole lines, reconnecting, and a link that is dead without saying so."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Heard, Transient
from integrations.gerrit import ssh as ssh_module
from integrations.gerrit import stream as stream_module
from integrations.gerrit.stream import EVENT_TYPES, NAME, GerritStream, Lines, Pulse
from tests.integrations.gerrit.ssh_loopback import SshLoopback, ssh_serving
from tests.waiting import until

NOISE = b'{"refUpdate":{"refName":"refs/changes/1/1/meta"},"type":"ref-updated"}'
DROPPED = b'{"type":"dropped-output","eventCreatedOn":1}'


class Listener:
    """A stream and what came of it."""

    def __init__(self, ssh: SshLoopback) -> None:
        self.heard: list[Heard] = []
        self.connections: list[str] = []
        self.missed: list[str] = []
        self.full = False
        self._times = iter(range(1000))
        self.stream = GerritStream(
            ssh.server,
            self._hear,
            missed=self.missed.append,
            clock=lambda: datetime(2026, 1, 2, 3, 4, 5, next(self._times), tzinfo=UTC),
            random=random.Random(1),
        )

    def until_heard(self, *raws: bytes) -> None:
        def heard_all() -> bool:
            self.stream.step(0.05)
            return [one.raw for one in self.heard] == list(raws)

        until(heard_all, 10, f"{raws} to be heard; heard: {self.heard}")

    def until_trouble(self, words: str) -> None:
        def troubled() -> bool:
            self.stream.step(0.05)
            return words in self.stream.trouble()

        until(troubled, 20, f"trouble with {words!r}; it is {self.stream.trouble()!r}")

    def _hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        if self.full:
            raise Transient("disk full")
        assert source == NAME
        self.connections.append(connection)
        self.heard += things


@contextmanager
def listening(ssh: SshLoopback) -> Iterator[Listener]:
    listener = Listener(ssh)
    try:
        yield listener
    finally:
        listener.stream.close()


class Script:
    """What the server says on the stream, connection after connection; it stays open unless told."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.stderr = b""
        self.ends = False

    def __call__(self, channel: paramiko.Channel, command: str) -> None:
        if command == "gerrit version":
            channel.sendall(b"gerrit version 3.10.2\n")
            channel.close()
            return
        for piece in self.pieces:
            channel.sendall(piece)
        if self.stderr:
            channel.sendall_stderr(self.stderr)
        if self.ends:
            channel.send_exit_status(1)
            channel.close()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def ssh(tmp_path: Path, script: Script) -> Iterator[SshLoopback]:
    with ssh_serving(tmp_path, script) as server:
        yield server


@given(st.lists(st.binary(max_size=9).map(lambda raw: raw.replace(b"\n", b"")), max_size=9), st.data())
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in lines) + b"unfinished"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    taking, heard = Lines(), []
    for first, last in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        heard += taking.take(whole[first:last])
    assert [one.raw for one in heard] == [line for line in lines if line]
    assert [one.sequence for one in heard] == list(range(len(heard)))


def test_noise_is_left_out_and_the_unfinished_line_waits_for_its_end() -> None:
    taking = Lines()
    assert [one.raw for one in taking.take(b"a\n" + NOISE + b"\n\nb\nc")] == [b"a", b"b"]
    assert [(one.sequence, one.raw) for one in taking.take(b"d\n")] == [(2, b"cd")]


def test_a_line_without_end_is_given_up_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "MOST_PENDING_BYTES", 10)
    taking = Lines()
    assert [one.raw for one in taking.take(b"x" * 11)] == [b"x" * 11]
    assert [one.raw for one in taking.take(b"y\n")] == [b"y"]


def test_it_asks_for_the_kinds_it_reads_and_for_a_catch_up(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b'{"a":', b"1}\n" + NOISE + b"\n{}\n"]
    with listening(ssh) as listener:
        assert listener.stream.trouble() == "not connected yet"
        listener.until_heard(b'{"a":1}', b"{}")
        assert (listener.stream.trouble(), listener.missed) == ("", ["connected"])
    assert ssh.commands == ["gerrit stream-events " + " ".join(f"-s {kind}" for kind in EVENT_TYPES)]


def test_each_connection_counts_anew_and_drops_what_was_unfinished(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b"1\n2\nunfin"]
    with listening(ssh) as listener:
        listener.until_heard(b"1", b"2")
        script.pieces = [b"3\n"]
        ssh.drop()
        listener.until_heard(b"1", b"2", b"3")
        assert [one.sequence for one in listener.heard] == [0, 1, 0]
        assert len(set(listener.connections)) == 2
        assert listener.missed == ["connected", "connected"]


def test_dropped_output_asks_for_a_catch_up_now_and_when_the_backlog_is_drained(
    ssh: SshLoopback, script: Script
) -> None:
    script.pieces = [b"1\n" + DROPPED + b"\n2\n"]
    with listening(ssh) as listener:
        listener.until_heard(b"1", DROPPED, b"2")
        until(lambda: listener.stream.step(0.05) or len(listener.missed) == 3, 5, "the second catch-up")
        assert listener.missed[1:] == [
            "the server dropped events",
            "the backlog after dropped events is drained",
        ]
        listener.stream.step(0.05)
        assert len(listener.missed) == 3


def test_a_stream_that_is_not_permitted_says_what_the_server_said(ssh: SshLoopback, script: Script) -> None:
    script.stderr, script.ends = b"fatal: stream-events not permitted\n", True
    with listening(ssh) as listener:
        listener.until_trouble("stream-events not permitted")


def test_what_cannot_be_written_ends_the_connection_so_that_it_is_caught_up(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b"1\n"]
    with listening(ssh) as listener:
        listener.full = True
        listener.until_trouble("disk full")
        listener.full = False
        listener.until_heard(b"1")
        assert set(listener.missed) == {"connected"}


def test_another_host_key_is_refused(ssh: SshLoopback, tmp_path: Path) -> None:
    ssh.pin(ssh.client_key)
    with listening(ssh) as listener:
        listener.until_trouble("shows another host key than")
        assert str(ssh.known_hosts) in listener.stream.trouble()
        ssh.known_hosts.write_text("")
        listener.until_trouble("has no pinned host key in")
    assert ssh.commands == []


def test_a_refused_login_names_user_and_key(ssh: SshLoopback) -> None:
    ssh.client_key = paramiko.RSAKey.generate(1024)
    with listening(ssh) as listener:
        listener.until_trouble("refuses the login of bot with")


def test_a_server_that_is_away_is_tried_again(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b"1\n"]
    ssh.shakes_hands = False
    with listening(ssh) as listener:
        listener.until_trouble("127.0.0.1")
        until(lambda: listener.stream.step(0.05) or ssh.connections >= 3, 20, "several tries")
        assert "worker" not in listener.stream.trouble()
        ssh.shakes_hands = True
        listener.until_heard(b"1")


def test_a_server_that_ends_the_login_half_way_is_tried_again(
    ssh: SshLoopback, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(self: paramiko.SSHClient, *_: object, **__: object) -> None:
        raise EOFError

    script.pieces = [b"1\n"]
    with monkeypatch.context() as patched, listening(ssh) as listener:
        patched.setattr(paramiko.SSHClient, "connect", ends)
        listener.until_trouble("the server ended the connection")
        patched.undo()
        listener.until_heard(b"1")


def test_a_server_that_accepts_and_never_answers_is_given_up(
    ssh: SshLoopback, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_module, "CONNECT_S", 0.5)
    script.pieces = [b"1\n"]
    ssh.answers_commands.clear()
    with listening(ssh) as listener:
        listener.until_trouble("127.0.0.1")
        assert len(ssh.commands) >= 1
        ssh.answers_commands.set()
        monkeypatch.setattr(ssh_module, "CONNECT_S", 10)
        listener.until_heard(b"1")


def test_a_live_link_is_asked_and_left_alone(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b"1\n"]
    with listening(ssh) as listener:
        listener.until_heard(b"1")
        pulse = Pulse(listener.stream, ask_after_s=0.0, answer_s=5.0)
        assert pulse.step(0)
        assert ssh.commands[1:] == ["gerrit version"]
        assert not listener.stream.step(0.05)
        assert (listener.stream.trouble(), pulse.trouble()) == ("", "")
        assert not Pulse(listener.stream, ask_after_s=60).step(0)


def test_a_dead_link_is_closed_even_if_it_dies_between_two_answers(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b"1\n"]
    with listening(ssh) as listener:
        listener.until_heard(b"1")
        ssh.answers_commands.clear()
        assert Pulse(listener.stream, ask_after_s=0.0, answer_s=0.5).step(0)
        listener.until_trouble("ended the stream")
        ssh.answers_commands.set()
        listener.until_heard(b"1", b"1")


def test_a_pulse_has_nothing_to_ask_while_not_connected_and_ends_at_once(ssh: SshLoopback) -> None:
    pulse = Pulse(Listener(ssh).stream, ask_after_s=0)
    pulse.close()
    assert not pulse.step(60)


def test_closing_from_another_thread_ends_a_step_under_way(ssh: SshLoopback, script: Script) -> None:
    script.pieces = [b"1\n"]
    with listening(ssh) as listener:
        listener.until_heard(b"1")
        reading = threading.Thread(target=listener.stream.step, args=(30,))
        reading.start()
        listener.stream.close()
        reading.join(5)
        assert not reading.is_alive()

"""The SSH door, with paramiko as the client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from tests.gerrit_world import Person
from tests.stand_in_world import StandInWorld
from tests.waiting import until


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StandInWorld]:
    world = StandInWorld(tmp_path)
    yield world
    world.close()


@pytest.fixture
def bot(world: StandInWorld) -> Person:
    return world.add_person("czar-bot", service=True)


class Client:
    """A connection that pins the host key; closes itself."""

    def __init__(self, world: StandInWorld, person: Person, window: int = 2**21) -> None:
        self._ssh = paramiko.SSHClient()
        self._ssh.load_host_keys(str(world.known_hosts))
        self._ssh.connect(
            world.ssh_host,
            world.ssh_port,
            person.username,
            key_filename=str(person.key_file),
            allow_agent=False,
            look_for_keys=False,
            timeout=10,
        )
        self._window = window

    def run(self, command: str) -> paramiko.Channel:
        transport = self._ssh.get_transport()
        assert transport is not None
        channel = transport.open_session(window_size=self._window)
        channel.settimeout(10)
        channel.exec_command(command)
        return channel

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._ssh.close()


def lines(stream: paramiko.ChannelFile, count: int) -> list[str]:
    """The types of the next lines; what came beyond them stays in `stream`."""
    return [json.loads(stream.readline())["type"] for _ in range(count)]


def listening(world: StandInWorld, client: Client, command: str = "gerrit stream-events") -> paramiko.Channel:
    before = world.gerrit.faults.open_streams()
    channel = client.run(command)
    until(lambda: world.gerrit.faults.open_streams() > before, 5, "the stream to be open")
    return channel


def test_the_version_and_the_end_of_a_command(world: StandInWorld, bot: Person) -> None:
    with Client(world, bot) as client:
        for _ in range(20):
            channel = client.run("gerrit version")
            assert channel.recv(100) == b"gerrit version 3.10.2\n"
            assert channel.recv_exit_status() == 0
        assert client.run("gerrit nonsense").recv_exit_status() == 127


def test_the_stream_sends_what_happens_beside_other_commands(world: StandInWorld, bot: Person) -> None:
    ann = world.add_person("ann")
    world.add_project("p")
    with Client(world, bot) as client:
        stream = listening(world, client, "gerrit stream-events -s patchset-created -s comment-added")
        assert client.run("gerrit version").recv_exit_status() == 0
        pushed = world.push(ann, "p", subject="x", files={"a": "b"})
        world.rest(ann, "POST", f"/changes/{pushed.number}/revisions/current/review", {"message": "hé"})
        assert lines(stream.makefile("rb"), 2) == ["patchset-created", "comment-added"]


def test_only_service_users_and_administrators_hear_it(world: StandInWorld) -> None:
    with Client(world, world.add_person("ann")) as client:
        channel = client.run("gerrit stream-events")
        assert channel.recv_exit_status() == 1
        assert channel.recv_stderr(1000).startswith(b"fatal: ")
    with Client(world, world.admin) as client:
        listening(world, client)


def test_an_unknown_key_a_refused_login_and_an_inactive_account_do_not_get_in(world: StandInWorld, bot: Person) -> None:
    ann = world.add_person("ann")
    thief = Person(account_id=bot.account_id, username=bot.username, email="", password="", key_file=ann.key_file)
    with pytest.raises(paramiko.AuthenticationException):
        Client(world, thief)
    world.gerrit.faults.refuse_login("czar-bot")
    with pytest.raises(paramiko.AuthenticationException):
        Client(world, bot)
    with Client(world, bot) as client:
        assert client.run("gerrit version").recv_exit_status() == 0
    world.gerrit.state.edit_account(bot.account_id, active=False)
    with pytest.raises(paramiko.AuthenticationException):
        Client(world, bot)


def test_a_stream_ends_in_order(world: StandInWorld, bot: Person) -> None:
    with Client(world, bot) as client:
        stream = listening(world, client)
        assert world.gerrit.faults.cut_streams("eof") == 1
        assert stream.recv(10) == b""
        until(lambda: world.gerrit.faults.open_streams() == 0, 5, "the stream to be gone")


def test_a_stream_is_reset(world: StandInWorld, bot: Person) -> None:
    with Client(world, bot) as client:
        stream = listening(world, client)
        world.gerrit.faults.cut_streams("reset")
        assert stream.recv(10) == b""
    with Client(world, bot) as client:
        assert client.run("gerrit version").recv_exit_status() == 0


def test_a_slow_listener_loses_lines_and_is_told(world: StandInWorld, bot: Person) -> None:
    ann = world.add_person("ann")
    world.add_project("p")
    with Client(world, bot, window=2048) as client:
        stream = listening(world, client, "gerrit stream-events -s patchset-created")
        for number in range(300):
            world.push(ann, "p", subject=f"x {number}", files={"a": str(number)})
        reader, heard = stream.makefile("rb"), list[str]()
        while "dropped-output" not in heard:
            heard += lines(reader, 1)
        assert len(heard) < 200


def test_dropped_output_can_be_ordered(world: StandInWorld, bot: Person) -> None:
    ann = world.add_person("ann")
    world.add_project("p")
    with Client(world, bot) as client:
        stream = listening(world, client, "gerrit stream-events -s patchset-created")
        world.gerrit.faults.drop_output(1)
        world.push(ann, "p", subject="lost", files={})
        world.push(ann, "p", subject="kept", files={})
        assert lines(stream.makefile("rb"), 2) == ["dropped-output", "patchset-created"]


def test_a_frozen_server_neither_answers_nor_ends(world: StandInWorld, bot: Person) -> None:
    with Client(world, bot) as client:
        world.gerrit.faults.freeze()
        channel = client.run("gerrit version")
        channel.settimeout(0.3)
        with pytest.raises(TimeoutError):
            channel.recv(10)
        world.gerrit.faults.thaw()
        channel.settimeout(10)
        assert channel.recv(100).startswith(b"gerrit version")


def test_closing_takes_less_than_a_second_with_streams_open(tmp_path: Path) -> None:
    world = StandInWorld(tmp_path)
    bot = world.add_person("czar-bot", service=True)
    with Client(world, bot) as one, Client(world, bot) as two:
        listening(world, one)
        listening(world, two)
        started = time.monotonic()
        world.close()
        assert time.monotonic() - started < 1.0

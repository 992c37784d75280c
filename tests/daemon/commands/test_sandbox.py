"""`czar sandbox` as a newcomer meets it: what is on the screen, the command that is printed, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from integrations.gerrit.ssh import Server, login
from tests.command_line import czar, refusal
from tests.waiting import until

WITHIN_S = 20.0
ENDS_WITHIN_S = 10.0
PORTS = "ports.json"
COPY_ME = re.compile(r"all about it: (.+ explain gerrit:\d+)$", re.MULTILINE)


class Screen:
    """`czar sandbox` in a process of its own, with a place of its own for temporary files."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.left_behind = folder / "tmp"
        self.left_behind.mkdir()
        self._out, self._err = folder / "out", folder / "err"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(self.left_behind)}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            command = [sys.executable, "-m", "daemon", "sandbox", *options]
            self.process = subprocess.Popen(command, stdout=out, stderr=err, env=self.environment)

    @property
    def shown(self) -> str:
        """What is on the screen so far."""
        assert self.process.poll() is None, self.errors
        return self.final

    @property
    def final(self) -> str:
        """The same, also after the end."""
        return self._out.read_text()

    @property
    def errors(self) -> str:
        """What stands on standard error."""
        return self._err.read_text()

    def end(self, number: int) -> int:
        """By a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(ENDS_WITHIN_S)


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Screen, Screen]]:
    """For a newcomer, and for servers only; started together, killed at the end if they are still there."""
    folder = tmp_path_factory.mktemp("servers")
    newcomer = Screen(tmp_path_factory.mktemp("newcomer"), "--pace", "0.02")
    servers = Screen(folder, "--serve-only", "--port-file", str(folder / PORTS))
    yield newcomer, servers
    for one in (newcomer, servers):
        one.process.kill()
        one.process.wait()


def test_a_newcomer_sees_an_ask_asks_why_and_ends_it_with_ctrl_c(screens: tuple[Screen, Screen]) -> None:
    box = screens[0]
    until(lambda: "-> asks" in box.shown, WITHIN_S, "the first ask")
    assert re.search(r"^gerrit:\d+ \".+\" by \S+\n  -> asks u\d+.*: .+ \(rule [\w-]+\)$", box.shown, re.MULTILINE)
    command = until(lambda: COPY_ME.findall(box.shown), WITHIN_S, "the command to copy")[0]
    copied = subprocess.run(
        shlex.split(command), capture_output=True, text=True, timeout=30, env=box.environment, check=False
    )
    assert (copied.returncode, copied.stderr) == (0, "")
    assert re.search(r"asked u\d+ \(rule [\w-]+, team webhooks\)", copied.stdout)
    (page,) = re.findall(r"http://127\.0\.0\.1:\d+/(?=\n)", box.shown)
    assert requests.get(page, timeout=10).status_code == 200
    assert box.end(signal.SIGINT) == 0
    assert (box.errors, list(box.left_behind.iterdir())) == ("", [])
    assert box.final.endswith("Ended; nothing is left behind.\n")


def test_serve_only_tells_in_a_file_how_to_reach_servers_that_answer(screens: tuple[Screen, Screen]) -> None:
    file = screens[1].folder / PORTS
    box = screens[1]
    until(file.exists, WITHIN_S, "the port file")
    gerrit = json.loads(file.read_text())["gerrit"]
    assert set(gerrit) >= {"url", "ssh", "user"}
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(box.shown) == json.loads(file.read_text())
    told = requests.get(f"{gerrit['url']}/a/accounts/self", auth=(gerrit["user"], gerrit["password"]), timeout=10)
    assert json.loads(told.text.removeprefix(")]}'"))["username"] == gerrit["user"]
    admin = gerrit["admin"]
    told = requests.get(f"{gerrit['url']}/a/accounts/self", auth=(admin["user"], admin["password"]), timeout=10)
    assert told.status_code == 200
    host, _, port = gerrit["ssh"].rpartition(":")
    key_file, known_hosts = Path(gerrit["key_file"]), Path(gerrit["known_hosts_file"])
    server = Server(host=host, port=int(port), user=gerrit["user"], key_file=key_file, known_hosts=known_hosts)
    with login(server) as client:
        assert client.exec_command("gerrit version")[1].read().startswith(b"gerrit version ")
    assert box.end(signal.SIGTERM) == 0
    assert (box.errors, list(box.left_behind.iterdir())) == ("", [])
    with pytest.raises(ConnectionRefusedError), socket.create_connection((host, int(port)), timeout=5):
        pass


def test_wrong_use_is_one_plain_line() -> None:
    assert refusal(czar("sandbox", "--port-file", "x")) == "--port-file goes with --serve-only"
    assert (
        refusal(czar("sandbox", "--pace", "-1"))
        == "--pace is at least 0.02 seconds: else changes are merged before anybody is asked"
    )
    assert "'fast' is not a valid float" in refusal(czar("sandbox", "--pace", "fast"))

"""A real `czar run` in a process of its own, on a Gerrit that a test has filled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from tests.gerrit_world import GerritWorld, Person
from tests.real.ports import free_ports
from tests.waiting import until

READY_WITHIN_S = 60.0


class Czar:
    """A config directory and the commands on it. `run` starts the daemon; leaving the context ends it."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.state = folder / "state"
        self.log = folder / "czar.log"
        (self.web_port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.config.mkdir(parents=True)

    def write(
        self,
        world: GerritWorld,
        bot: Person,
        *,
        roster: str,
        rules: str,
        host: str | None = None,
        ssh_port: int | None = None,
        url: str | None = None,
        more: str = "",
    ) -> None:
        """The config for a Gerrit, reached directly or by way of a proxy."""
        known_hosts = world.known_hosts.read_text().replace(str(world.ssh_port), str(ssh_port or world.ssh_port))
        self._file("known_hosts", known_hosts)
        self._file("gerrit-password", bot.password, 0o600)
        self._file("gerrit-key", bot.key_file.read_text(), 0o600)
        self._file("roster.yaml", roster)
        self._file("rules.yaml", rules)
        ssh = f"{{host: {host or world.ssh_host}, port: {ssh_port or world.ssh_port}}}"
        gerrit = f"gerrit:\n  url: {url or world.url}\n  user: {bot.username}\n  ssh: {ssh}\n  catch_up_every: 5s\n"
        web = f"web: {{listen: '127.0.0.1:{self.web_port}'}}\n"
        self._file("czar.yaml", f"state: {self.state}\n{gerrit}{web}{more}")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One `czar` command on this config."""
        command = [sys.executable, "-m", "daemon", "--config", str(self.config), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=_environment(), check=False)

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        """The objects a command prints."""
        done = self.command("--json", *arguments)
        assert done.returncode in (0, 1), done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def start(self, *, ready: bool = True, environment: Mapping[str, str] | None = None) -> None:
        """Start the daemon, and wait until it says that it is ready."""
        command = [sys.executable, "-m", "daemon", "--config", str(self.config), "run"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stderr=log, stdout=log, env={**_environment(), **(environment or {})}
            )
        if ready:
            until(self.is_ready, READY_WITHIN_S, f"czar to be ready; its log:\n{self.logged()}")

    def is_ready(self) -> bool:
        """What `/readyz` says."""
        assert self._process is not None
        assert self._process.poll() is None, f"czar ended:\n{self.logged()}"
        try:
            return requests.get(f"http://127.0.0.1:{self.web_port}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def signal(self, number: int) -> None:
        """Send a signal to the daemon."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        return self._end(signal.SIGTERM)

    def logged(self) -> str:
        """The daemon's log so far."""
        return self.log.read_text() if self.log.exists() else ""

    def __enter__(self) -> Czar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(number)
        try:
            return process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise

    def _file(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.config / name
        path.write_text(text)
        path.chmod(mode)


def _environment() -> dict[str, str]:
    """Ours, without what would lead a command elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CZAR_CONFIG", "NOTIFY_"))}
    return kept | {"PYTHONWARNINGS": "error::ResourceWarning"}

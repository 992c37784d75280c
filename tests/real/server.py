"""One Gerrit process on loopback: a site of its own, ports of its own, started, frozen, killed, stopped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.real.downloads import Kit
from tests.real.ports import LOOPBACK, free_ports
from tests.waiting import until

START_WITHIN_S = 90
STOP_WITHIN_S = 30
READY = re.compile(r"Gerrit Code Review .* ready$", re.MULTILINE)
INDEXES = ("accounts", "changes_closed", "changes_open", "groups", "projects")


class NotStarted(Exception):
    """Gerrit ended or said nothing; the text has the end of its log."""


class Server:
    """A Gerrit whose site lives in `folder`; the ports stay the same over restarts. `settings`: of gerrit.config."""

    def __init__(self, kit: Kit, folder: Path, settings: Mapping[str, str]) -> None:
        self.http_port, self.ssh_port = free_ports(2)
        self.url = f"http://{LOOPBACK}:{self.http_port}"
        self.site = folder / "site"
        self.log = self.site / "logs" / "console.log"
        self.known_hosts = folder / "known_hosts"
        self._kit = kit
        self._process: subprocess.Popen[bytes] | None = None
        shutil.copytree(kit.site, self.site, symlinks=True)
        self._configure(settings)
        self._pin_host_keys()

    def start(self) -> None:
        """Start and wait until REST and SSH serve; raises NotStarted."""
        command = self._kit.command("Daemon", self.site, "--console-log", "--headless")
        said_before = len(self._said())
        if self.running():
            raise ProcessLookupError(f"Gerrit {self._kit.version} is running already")
        with self.log.open("ab") as log:
            # The pipe ends the JVM with us; a group of its own keeps Ctrl-C for pytest.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, process_group=0
            )
        try:
            until(lambda: self._is_up(said_before) or not self.running(), START_WITHIN_S, f"Gerrit {self._kit.version}")
        except AssertionError as error:
            self.kill()
            raise NotStarted(f"{error}\n{self._end_of_log()}") from error
        if not self.running():
            self.kill()
            raise NotStarted(f"Gerrit {self._kit.version} ended at once:\n{self._end_of_log()}")

    def stop(self) -> None:
        """End it in good order (SIGTERM); by force if that takes too long."""
        process = self._process
        if process is None:
            return
        self.thaw()
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()
        self._process = None

    def let_go(self) -> None:
        """What it notices when its starter dies: the end of its input."""
        process = self._running_process()
        if process.stdin:
            process.stdin.close()

    def freeze(self) -> None:
        """Hold it still: connections stay open, nothing answers (SIGSTOP). Returns when it stands."""
        process = self._running_process()
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Let a frozen one go on; no harm to a running one."""
        if self.running():
            self._running_process().send_signal(signal.SIGCONT)

    def running(self) -> bool:
        """Is there a process, frozen or not?"""
        return self._process is not None and self._process.poll() is None

    def healthy(self) -> bool:
        """Does it answer?"""
        return self.running() and self._answers_rest()

    def _is_up(self, said_before: int) -> bool:
        """All parts are, says its log since then, and REST too. (Touching the SSH port fills the log with faults.)"""
        return READY.search(self._said(), said_before) is not None and self._answers_rest()

    def _running_process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProcessLookupError(f"Gerrit {self._kit.version} is not running")
        return self._process

    def _answers_rest(self) -> bool:
        with requests.Session() as session:
            session.trust_env = False  # neither proxies nor ~/.netrc
            try:
                return session.get(f"{self.url}/config/server/version", timeout=5).ok
            except requests.RequestException:
                return False

    def _configure(self, settings: Mapping[str, str]) -> None:
        settings = {
            "gerrit.canonicalWebUrl": f"{self.url}/",
            "httpd.listenUrl": f"{self.url}/",
            "sshd.listenAddress": f"{LOOPBACK}:{self.ssh_port}",
            "sendemail.enable": "false",
            # Who looked at which file is nobody's test; on disk, closing it takes 4 s.
            "accountPatchReviewDb.url": "jdbc:h2:mem:account_patch_reviews",
            # What a client was told is in the index also after kill(); by default it is written down 5 minutes later.
            **{f"index.{index}.commitWithin": "0" for index in INDEXES},
            **settings,
        }
        config = ["git", "config", "--file", str(self.site / "etc" / "gerrit.config")]
        for key, value in settings.items():
            subprocess.run([*config, key, value], check=True)
        # No caches on disk: closing them (H2) takes 4 s, and after a kill half a minute.
        subprocess.run([*config, "--unset", "cache.directory"], check=True)

    def _pin_host_keys(self) -> None:
        """Read from the site's own files, never from the network."""
        keys = [file.read_text().split()[:2] for file in sorted((self.site / "etc").glob("ssh_host_*.pub"))]
        lines = [f"[{LOOPBACK}]:{self.ssh_port} {kind} {key}\n" for kind, key in keys]
        self.known_hosts.write_text("".join(lines))

    def _said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _end_of_log(self) -> str:
        return "\n".join(self._said().splitlines()[-40:])

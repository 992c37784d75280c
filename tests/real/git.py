"""Commits made and pushed without a work tree: one kept bare clone per project, three short git commands per push."""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from tests.gerrit_world import Person
from tests.real.ports import LOOPBACK

LONGEST_S = 60


class GitFailed(Exception):
    """Git said no; the text is what it and the server said."""


class Clones:
    """Bare clones below `folder`, and how to reach the server from them."""

    def __init__(self, folder: Path, *, url: str, ssh_port: int, known_hosts: Path) -> None:
        self._folder = folder
        self._url = url
        self._ssh_port = ssh_port
        self._known_hosts = known_hosts
        self._one_at_a_time = threading.Lock()
        self._last_second = 0
        folder.mkdir()

    def commit(
        self, person: Person, project: str, *, base: str, base_ref: str, message: str, files: Mapping[str, str | None]
    ) -> str:
        """The SHA of a new commit: the tree of `base`, which `base_ref` leads to, with `files` laid over it (None:
        deleted)."""
        with self._one_at_a_time:
            clone = self._clone(project)
            if not self._has(clone, base):
                self._reach(clone, person, project, "http", ["fetch", "-q", "--depth", "2", "{url}", base_ref])
            stream = _import_stream(person, base=base, message=message, files=files, at=self._next_second())
            made = self._git(clone, ["fast-import", "--quiet", "--force"], given=stream)
        return made.strip()

    def push(self, person: Person, project: str, *, commit: str, to: str, over: str) -> None:
        """Push one commit to the ref `to`, over "http" or "ssh"; raises GitFailed when refused."""
        self._reach(self._clone(project), person, project, over, ["push", "-q", "{url}", f"{commit}:{to}"])

    def _clone(self, project: str) -> Path:
        clone = self._folder / quote(project, safe="")
        if not clone.exists():
            self._git(self._folder, ["init", "-q", "--bare", str(clone)])
        return clone

    def _has(self, clone: Path, commit: str) -> bool:
        try:
            self._git(clone, ["cat-file", "-e", f"{commit}^{{commit}}"])
        except GitFailed:
            return False
        return True

    def _next_second(self) -> int:
        """Now, but never the same twice: the same patch set pushed again is another commit."""
        self._last_second = max(int(time.time()), self._last_second + 1)
        return self._last_second

    def _reach(self, clone: Path, person: Person, project: str, over: str, command: Sequence[str]) -> None:
        """Run a git command in which "{url}" stands for the server, with the person's credentials."""
        path = quote(project)
        if over == "ssh":
            url = f"ssh://{person.username}@{LOOPBACK}:{self._ssh_port}/{path}"
            settings = [f"core.sshCommand={self._ssh_command(person)}"]
        elif over == "http":
            url = f"{self._url}/a/{path}"
            token = base64.b64encode(f"{person.username}:{person.password}".encode()).decode()
            settings = [f"http.extraHeader=Authorization: Basic {token}", "http.proxy="]
        else:
            raise ValueError(f"a push goes over http or ssh, not {over!r}")
        self._git(clone, [url if word == "{url}" else word for word in command], settings=settings)

    def _ssh_command(self, person: Person) -> str:
        settings = (
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={self._known_hosts}",
        )
        options = [word for setting in settings for word in ("-o", setting)]
        return shlex.join(["ssh", "-F", "none", "-i", str(person.key_file), *options])

    def _git(self, folder: Path, command: Sequence[str], *, settings: Sequence[str] = (), given: bytes = b"") -> str:
        options = [word for setting in ("gc.auto=0", *settings) for word in ("-c", setting)]
        done = subprocess.run(
            ["git", *options, *command],
            cwd=folder,
            env=_environment(folder),
            input=given,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
        if done.returncode != 0:
            raise GitFailed(f"git {command[0]} gave {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode()


def _environment(home: Path) -> dict[str, str]:
    """Git knows nothing of the machine's own settings, and never asks a person."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _import_stream(person: Person, *, base: str, message: str, files: Mapping[str, str | None], at: int) -> bytes:
    """One commit in the words of git fast-import, which answers with its SHA."""
    parts = [
        b"commit refs/heads/made\nmark :1\n",
        f"committer {person.username} <{person.email}> {at} +0000\n".encode(),
        _data(message),
        f"from {base}\n".encode(),
    ]
    for path, content in files.items():
        if content is None:
            parts.append(f"D {path}\n".encode())
        else:
            parts += [f"M 100644 inline {path}\n".encode(), _data(content)]
    return b"".join([*parts, b"\nget-mark :1\n"])


def _data(text: str) -> bytes:
    raw = text.encode()
    return b"data %d\n%b\n" % (len(raw), raw)

"""A file as of an instant, from a git repository: the last version the mainline had by then.

The mainline is the first-parent history of a branch. A version counts from the second it landed, that second included;
of several in one second the last counts. Committer dates may run backwards where changes are fast-forwarded, so
a version landed at the latest date among itself and what stands before it on the mainline.

One `git log` lists the versions and is kept until `refresh`; a text costs one `git cat-file`.
"""

from __future__ import annotations

import os
import subprocess
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from integrations.governance.shapes import Unreadable

GOVERNANCE_PATH = "reference/projects.yaml"
LIAISONS_PATH = "data/release_liaisons.yaml"
FORMER_PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType({GOVERNANCE_PATH: ("reference/programs.yaml",)})
"""Where a file was before it was renamed; governance's was, on 2015-01-28."""

TIMEOUT_S = 60  # listing governance's thirteen years takes a second
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state of the file. `revision` is the commit that brought it; `blob` is empty where the file is not there."""

    landed: datetime
    revision: str = ""
    blob: str = ""


NO_VERSION = Version(landed=_NEVER)


class History:
    """The versions of one file. Raises Unreadable when there is no repository, branch, file or git."""

    def __init__(self, repo: Path, path: str = GOVERNANCE_PATH, branch: str | None = None) -> None:
        self.repo = repo
        self.path = path
        self.branch = branch or "HEAD"
        self._tip = ""
        self.versions: tuple[Version, ...] = ()
        self._shallow = False
        self.refresh()

    def refresh(self) -> bool:
        """List the versions again if the branch has moved; whether it had."""
        tip = self._resolve()
        if tip == self._tip:
            return False
        versions = tuple(self._list(tip))
        if not versions:
            raise Unreadable(f"{self.repo}: no {self.path} in the history of {self.branch}")
        self._shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        self._tip, self.versions = tip, versions
        return True

    def at(self, instant: datetime) -> tuple[str, str]:
        """Text and revision as of an instant; both empty before the first version, the text where it was deleted."""
        version = self.version(instant)
        return self.text(version), version.revision

    def latest(self) -> tuple[str, str]:
        """Text and revision at the tip of the branch."""
        return self.text(self.versions[-1]), self.versions[-1].revision

    def version(self, instant: datetime) -> Version:
        """The version as of an instant, by reference only. Raises Unreadable before a shallow clone's first commit."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        versions = self.versions
        index = bisect_right(versions, instant, key=lambda version: version.landed)
        if index:
            return versions[index - 1]
        if self._shallow:
            raise Unreadable(f"{self.repo}: a shallow clone that begins after {instant:%F %T}; git fetch --unshallow")
        return NO_VERSION

    def text(self, version: Version) -> str:
        """The file in that version."""
        return self._git("cat-file", "blob", version.blob) if version.blob else ""

    def _resolve(self) -> str:
        if self.branch.startswith("-"):
            raise Unreadable(f"{self.repo}: {self.branch} is no name of a branch")
        self._git("rev-parse", "--git-dir")  # says what is wrong where this is no repository
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{self.branch}^{{commit}}").strip()
        except Unreadable as error:
            raise Unreadable(f"{self.repo}: no branch {self.branch}") from error

    def _list(self, tip: str) -> Iterator[Version]:
        """Versions from the oldest to the newest; commits that left the file alone only move the clock."""
        paths = (self.path, *FORMER_PATHS.get(self.path, ()))
        tree: dict[str, str] = {}
        landed, before = _NEVER, ""
        for revision, committed, changes in _commits(self._log(tip, paths)):
            landed = max(landed, committed)
            tree.update(changes)
            blob = next((tree[path] for path in paths if tree.get(path)), "")
            if blob != before:
                yield Version(landed=landed, revision=revision, blob=blob)
            before = blob

    def _log(self, tip: str, paths: tuple[str, ...]) -> str:
        shown = ("--first-parent", "--sparse", "--reverse", "--format=%x00%H %ct", "-m", "--raw")
        exact = ("--no-abbrev", "--no-renames", "--no-show-signature", "--no-ext-diff", "--no-color")
        return self._git("log", *shown, *exact, tip, "--", *paths)

    def _git(self, *args: str) -> str:
        # The operator names the repository, so whoever owns its files is fine (safe.directory).
        settings = ("-c", "safe.directory=*", "-c", "core.quotePath=false", "-c", "log.showRoot=true")
        command = ["git", "--no-pager", "-C", str(self.repo), *settings, *args]
        try:
            done = subprocess.run(command, env=_environment(self.repo), capture_output=True, timeout=TIMEOUT_S)
        except FileNotFoundError as error:
            raise Unreadable("git is not installed; rosters from a repository need it") from error
        except subprocess.TimeoutExpired as error:
            raise Unreadable(f"{self.repo}: git {args[0]} took longer than {TIMEOUT_S} s") from error
        if done.returncode:
            raise Unreadable(f"{self.repo}: {_first_line(done.stderr)}")
        try:
            return done.stdout.decode()
        except UnicodeDecodeError as error:
            raise Unreadable(f"{self.repo}: {args[-1]} is not UTF-8 text") from error


def _commits(log: str) -> Iterator[tuple[str, datetime, dict[str, str]]]:
    """`(revision, committed, {path: blob})` of each commit in a raw log; no blob where it is no plain file."""
    for entry in log.split("\0")[1:]:
        head, *lines = entry.splitlines()
        revision, committed_s = head.split()
        changes = {}
        for line in filter(None, lines):
            fields, path = line.split("\t", 1)
            _, mode, _, blob, _ = fields.split()
            changes[path] = blob if mode.startswith("100") else ""
        yield revision, datetime.fromtimestamp(int(committed_s), UTC), changes


def _environment(repo: Path) -> dict[str, str]:
    """Nothing of the user's git: no configuration, no replaced objects, no questions, no repository further up."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(repo.resolve().parent),
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _first_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "git failed and said nothing"

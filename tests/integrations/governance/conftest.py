"""A small governance repository whose commits land when a test says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]


class Mainline:
    """A repository made of commits with given contents and dates."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.git("init", "--quiet", "--initial-branch=main", str(path), at=None)

    def land(self, when: str, files: Mapping[str, str | None]) -> str:
        """Commit files (None deletes) at an RFC 3339 time; its revision."""
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content) if content is not None else file.unlink()
        self.git("add", "--all", at=self.path)
        self.git("commit", "--quiet", "--allow-empty", "-m", "a change", when=when, at=self.path)
        return self.revision()

    def merge(self, when: str, branch: str) -> str:
        self.git("merge", "--quiet", "--no-ff", "-m", "Merge", branch, when=when, at=self.path)
        return self.revision()

    def revision(self) -> str:
        return self.git("rev-parse", "HEAD", at=self.path).strip()

    def git(self, *args: str, at: Path | None, when: str = "2020-01-01T00:00:00Z") -> str:
        person = {
            f"GIT_{who}_{what}": "ann@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | person | dates
        where = ("-C", str(at)) if at else ()
        return subprocess.run(["git", *where, *args], env=env, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def mainline(tmp_path: Path) -> Mainline:
    """An empty repository."""
    return Mainline(tmp_path / "mainline")


@pytest.fixture(scope="session")
def sample() -> Callable[[str], str]:
    """Text of a recorded file by its name."""
    samples = CHECKOUT / "tests" / "samples" / "governance"
    return lambda name: (samples / name).read_text()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded histories, which a fresh clone lacks."""
    found = Path(os.environ.get("CZAR_SHARED", CHECKOUT.parent / "shared")) / "data"
    if not (found / "governance" / "governance.bundle").exists():
        pytest.skip("the bundles of governance's history are not here (CZAR_SHARED)")
    return found

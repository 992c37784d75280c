"""What a change stands on. Its files are compared with its first parent, so whatever that brings is seen by nobody: it
must be on the branch already, or be an open change for it. Otherwise a commit of another branch comes in with it: by a
merge with its parents the other way round, or by a plain commit made there, which the server merges unasked
(Documentation/config-project-config.html#receive.rejectImplicitMerges).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from integrations.gerrit.rest import NotFound, Rest
from rules.signoff.requests import Problem

MOST_KEPT = 20_000


class Grounds:
    """Any thread may use it."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._on_branch: set[tuple[str, str, str]] = set()  # repo, branch, commit; it stays there
        self._lock = threading.Lock()

    def problem(self, detail: Mapping[str, Any]) -> Problem | None:
        """What is wrong with what an open change stands on. `detail` is the change with its current commit. Raises
        Transient, Refused.
        """
        repo, branch = detail["project"], detail["branch"].removeprefix("refs/heads/")
        info = detail["revisions"][detail["current_revision"]]
        parents = info.get("commit", {}).get("parents", ())
        if detail["status"] != "NEW" or branch.startswith("refs/") or not parents:
            return None
        parent = str(parents[0]["commit"])
        if self._is_on(repo, branch, parent) or self._is_open(repo, branch, parent):
            return None
        because = f"its first parent, {parent}, is neither on {branch} nor an open change for it: rebase the change"
        return Problem(file="commit", line=0, because=because)

    def _is_on(self, repo: str, branch: str, commit: str) -> bool:
        place = (repo, branch, commit)
        if place in self._on_branch:
            return True
        try:
            found = self._rest.get(f"projects/{quote(repo, safe='')}/commits/{commit}/in")
        except NotFound:
            return False
        if branch not in found["branches"]:
            return False
        with self._lock:
            if len(self._on_branch) >= MOST_KEPT:
                self._on_branch.clear()
            self._on_branch.add(place)
        return True

    def _is_open(self, repo: str, branch: str, commit: str) -> bool:
        rows = self._rest.get("changes/", [("q", f"commit:{commit} is:open"), ("n", "100")])
        return any(row["project"] == repo and row["branch"] == branch for row in rows)

"""A `Rest` that answers from a table, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from integrations.gerrit.rest import NotFound, Params, Rest


class Clock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Answers(Rest):
    """`table` is by path; a value may be what to give or raise, or a function of the parameters or body."""

    def __init__(self, table: dict[str, Any] | None = None) -> None:
        super().__init__("https://review.example.org", "bot", "password")
        self.table = table or {}
        self.asked: list[tuple[str, str, Any]] = []

    def get(self, path: str, params: Params = ()) -> Any:
        return self._answer("GET", path, list(params))

    def get_raw(self, path: str, params: Params = ()) -> bytes:
        found = self.get(path, params)
        return found if isinstance(found, bytes) else msgspec.json.encode(found)

    def get_file(self, path: str, params: Params = ()) -> bytes:
        found: bytes = self.get(path, params)
        return found

    def post(self, path: str, body: object) -> Any:
        return self._answer("POST", path, body)

    def count(self, method: str) -> int:
        return sum(asked[0] == method for asked in self.asked)

    def _answer(self, method: str, path: str, given: Any) -> Any:
        self.asked.append((method, path, given))
        if path not in self.table:
            raise NotFound(f"{method} {path}: 404")
        found = self.table[path]
        if isinstance(found, Callable):  # type: ignore[arg-type]
            found = found(given)
        if isinstance(found, Exception):
            raise found
        return found


def account(number: int, username: str, **more: Any) -> dict[str, Any]:
    """An AccountInfo."""
    return {"_account_id": number, "username": username, "email": f"{username}@example.org", "name": username} | more


BOT, ANN, BOB, CYD, DEE = (account(n, name) for n, name in enumerate(("bot", "ann", "bob", "cyd", "dee"), 1))
REVISION = "1a" * 20


def detail(**more: Any) -> dict[str, Any]:
    """A ChangeInfo of change 7 of plugins/x, by Ann, as `/detail` with revision, commit and files."""
    revision = {
        "_number": 2,
        "uploader": ANN,
        "kind": "REWORK",
        "commit": {"message": "Brew tea\n", "author": {"name": "Ann", "email": "ann@example.org"}},
        "files": {"/COMMIT_MSG": {"status": "A"}, "src/a.py": {}},
    }
    return {
        "_number": 7,
        "project": "plugins/x",
        "branch": "master",
        "change_id": "I" + "3c" * 20,
        "subject": "Brew tea",
        "status": "NEW",
        "created": "2026-01-02 03:00:00.000000000",
        "updated": "2026-01-02 03:04:05.000000000",
        "meta_rev_id": "aa" * 20,
        "insertions": 3,
        "deletions": 2,
        "owner": ANN,
        "reviewers": {},
        "reviewer_updates": [],
        "messages": [],
        "labels": {},
        "current_revision": REVISION,
        "revisions": {REVISION: revision},
    } | more

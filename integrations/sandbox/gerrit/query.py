"""Searching changes: the operators czar and its tests use, newest update first, in pages.

https://gerrit-review.googlesource.com/Documentation/user-search.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from integrations.sandbox.gerrit import requirements
from integrations.sandbox.gerrit.conditions import holds
from integrations.sandbox.gerrit.records import Change, Refusal
from integrations.sandbox.gerrit.state import State

MOST_ROWS = 500  # the queryLimit capability's default
_STATUS: dict[str, tuple[str, ...]] = {
    "open": ("NEW",),
    "pending": ("NEW",),
    "new": ("NEW",),
    "merged": ("MERGED",),
    "abandoned": ("ABANDONED",),
}
_STATUS["closed"] = ("MERGED", "ABANDONED")


def search(state: State, viewer: int | None, text: str, *, limit: int, start: int) -> tuple[list[Change], bool]:
    """The page, and whether there are more."""
    wanted = min(limit or MOST_ROWS, MOST_ROWS)
    found = [
        change
        for change in state.changes.values()
        if state.can_see(viewer, change) and holds(text, _Terms(state, viewer, change).atom)
    ]
    found.sort(key=lambda change: (change.updated, change.turn), reverse=True)
    return found[start : start + wanted], len(found) > start + wanted


class _Terms:
    """The truth of each term for one change."""

    def __init__(self, state: State, viewer: int | None, change: Change) -> None:
        self._state = state
        self._viewer = viewer
        self._change = change

    def atom(self, operator: str, value: str) -> bool:
        if operator == "":
            return self._bare(value)
        judge = _OPERATORS.get(operator)
        if judge is None:
            raise Refusal(400, f"Unsupported operator {operator}:{value}")
        return judge(self, value)

    def _bare(self, word: str) -> bool:
        change = self._change
        if word.isdigit():
            return change.number == int(word)
        if re.fullmatch(r"I[0-9a-f]{40}", word):
            return change.change_id == word
        if re.fullmatch(r"[0-9a-f]{7,40}", word):
            return self.commit(word)
        triplet = f"{change.project}~{change.branch}~{change.change_id}"
        return word in (f"{change.project}~{change.number}", triplet)

    def is_so(self, value: str) -> bool:
        if value in _STATUS:
            return self.status(value)
        change = self._change
        states = {
            "wip": change.wip,
            "private": change.private,
            "started": change.started,
            "reviewer": change.reviewers.get(self._viewer or 0) == "REVIEWER",
            "cc": change.reviewers.get(self._viewer or 0) == "CC",
            "owner": change.owner == self._viewer,
            "attention": (self._viewer or 0) in change.attention,
            "submittable": change.status == "NEW" and not requirements.unsatisfied(self._state, change),
        }
        if value not in states:
            raise Refusal(400, f"Invalid query: is:{value}")
        return states[value]

    def status(self, value: str) -> bool:
        if value not in _STATUS:
            raise Refusal(400, f"Unrecognized value: {value}")
        return self._change.status in _STATUS[value]

    def after(self, value: str) -> bool:
        return self._change.updated >= _moment(value)

    def before(self, value: str) -> bool:
        return self._change.updated <= _moment(value)

    def merged_after(self, value: str) -> bool:
        return self._change.submitted is not None and self._change.submitted >= _moment(value)

    def project(self, value: str) -> bool:
        return _matches(value, self._change.project)

    def projects(self, value: str) -> bool:
        return self._change.project.startswith(value)

    def branch(self, value: str) -> bool:
        return _matches(value.removeprefix("refs/heads/"), self._change.branch)

    def topic(self, value: str) -> bool:
        return _matches(value, self._change.topic)

    def hashtag(self, value: str) -> bool:
        return value in self._change.hashtags

    def change(self, value: str) -> bool:
        return self._bare(value)

    def commit(self, value: str) -> bool:
        return any(patch_set.revision.startswith(value) for patch_set in self._change.patch_sets)

    def path(self, value: str) -> bool:
        return any(_matches(value, path) for path in self._change.current.files)

    def label(self, value: str) -> bool:
        return requirements.label_term(self._state, self._change, value)

    def owner(self, value: str) -> bool:
        return self._who(value) == self._change.owner

    def uploader(self, value: str) -> bool:
        return self._who(value) == self._change.current.uploader

    def reviewer(self, value: str) -> bool:
        return self._change.reviewers.get(self._who(value)) == "REVIEWER"

    def copied(self, value: str) -> bool:
        return self._change.reviewers.get(self._who(value)) == "CC"

    def attention(self, value: str) -> bool:
        return self._who(value) in self._change.attention

    def comment_by(self, value: str) -> bool:
        who = self._who(value)
        return any(message.author == who for message in self._change.messages)

    def _who(self, text: str) -> int:
        if text == "self" and self._viewer is not None:
            return self._viewer
        if text.isascii() and text.isdigit():
            return int(text)  # also of nobody
        try:
            return self._state.find_account(text).account_id
        except Refusal as error:
            raise Refusal(400, error.message) from error


_OPERATORS: dict[str, Callable[[_Terms, str], bool]] = {
    "after": _Terms.after,
    "since": _Terms.after,
    "before": _Terms.before,
    "until": _Terms.before,
    "mergedafter": _Terms.merged_after,
    "is": _Terms.is_so,
    "status": _Terms.status,
    "project": _Terms.project,
    "projects": _Terms.projects,
    "branch": _Terms.branch,
    "topic": _Terms.topic,
    "hashtag": _Terms.hashtag,
    "change": _Terms.change,
    "commit": _Terms.commit,
    "path": _Terms.path,
    "file": _Terms.path,
    "label": _Terms.label,
    "owner": _Terms.owner,
    "uploader": _Terms.uploader,
    "reviewer": _Terms.reviewer,
    "cc": _Terms.copied,
    "attention": _Terms.attention,
    "commentby": _Terms.comment_by,
}


def _matches(wanted: str, text: str) -> bool:
    """`^` begins a regular expression over the whole text."""
    return re.fullmatch(wanted[1:], text) is not None if wanted.startswith("^") else text == wanted


@lru_cache(maxsize=1000)
def _moment(text: str) -> datetime:
    """`2026-01-02`, or with a time and a zone after it; UTC when no zone is named."""
    plain = re.sub(r"\.\d+", "", text.strip())
    for shape in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            moment = datetime.strptime(plain, shape)  # noqa: DTZ007  # the zone is put in below
        except ValueError:
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise Refusal(400, f"Invalid date: {text}")

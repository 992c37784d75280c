"""Makers for the stand-in's own tests: a small world with a clock that only moves when told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.records import Account, Change, Line
from integrations.sandbox.gerrit.state import State

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROJECT = "plugins/tool"


class Clock:
    """A made-up clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class World:
    """One project, its people, and the lines that were told since the last `told`."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.state = State(clock=self.clock)
        self.ann = self.person("ann")
        self.bob = self.person("bob")
        self.cyd = self.person("cyd")
        self.bot = self.person("czar-bot", groups=[SERVICE_USERS])
        self.state.add_project(PROJECT)
        self.lines: list[Line] = []
        self.state.subscribe(self.lines.append)

    def person(self, username: str, groups: Iterable[str] = ()) -> Account:
        email, name = f"{username}@example.org", username.capitalize()
        return self.state.add_account(username, name=name, email=email, password="pw", groups=groups)

    def push(self, by: Account | None = None, **options: Any) -> Change:
        given: dict[str, Any] = {"subject": "Do it", "files": {"a.txt": "one\n"}} | options
        return self.state.push((by or self.ann).account_id, PROJECT, **given)

    def told(self, *, refs: bool = False) -> list[dict[str, Any]]:
        """The decoded lines since the last call, without ref-updated unless asked."""
        lines, self.lines[:] = list(self.lines), []
        return [json.loads(line.text) for line in lines if refs or line.kind != "ref-updated"]

    def kinds(self, *, refs: bool = False) -> list[str]:
        return [line["type"] for line in self.told(refs=refs)]

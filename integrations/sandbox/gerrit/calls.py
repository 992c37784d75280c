"""One REST call as the routes see it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.gerrit.records import Change, PatchSet, Refusal
from integrations.sandbox.gerrit.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`value` becomes JSON, `content` is a file's; neither: an empty body."""

    value: object = None
    status: int = 200
    content: str | None = None


NOTHING = Answer(status=204)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`parts` are the decoded segments at the stars of the route, `query` the repeated parameters, `body` the JSON."""

    state: State
    viewer: int | None
    parts: tuple[str, ...] = ()
    query: Mapping[str, list[str]] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> int:
        """Who acts; anonymous people may only read."""
        if self.viewer is None:
            raise Refusal(403, "Authentication required")
        return self.viewer

    @property
    def admin(self) -> int:
        if not self.state.is_admin(self.actor):
            raise Refusal(403, "administrate server not permitted")
        return self.actor

    @property
    def change(self) -> Change:
        """The change of the first star: number, project~number, project~branch~Change-Id, or Change-Id."""
        text = self.parts[0]
        change = self._find(text)
        if change is None or not self.state.can_see(self.viewer, change):
            raise Refusal(404, f"Not found: {text}")
        return change

    def _find(self, text: str) -> Change | None:
        project, _, rest = text.partition("~")
        number = rest or text
        if number.isascii() and number.isdigit():
            change = self.state.changes.get(int(number))
            return change if change and (not rest or change.project == project) else None
        same = [
            change
            for change in self.state.changes.values()
            if text in (change.change_id, f"{change.project}~{change.branch}~{change.change_id}")
        ]
        return same[0] if len(same) == 1 else None

    @property
    def patch_set(self) -> PatchSet:
        """The revision of the second star: current, a number, or a SHA."""
        change, text = self.change, self.parts[1]
        if text == "current":
            return change.current
        for patch_set in change.patch_sets:
            if text in (str(patch_set.number), patch_set.revision):
                return patch_set
        raise Refusal(404, f"Not found: {text}")

    def options(self) -> list[str]:
        """The o=… parameters, also several in one."""
        return [option for text in self.query.get("o", []) for option in text.split(",")]

    def number(self, *names: str) -> int:
        for name in names:
            if name in self.query:
                text = self.query[name][-1]
                if not text.isdigit():
                    raise Refusal(400, f'"{text}" is not a valid value for "{name}"')
                return int(text)
        return 0

    def text(self, name: str) -> str:
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


Route = tuple[str, str, Callable[[Call], Answer]]  # method, path with stars, handler

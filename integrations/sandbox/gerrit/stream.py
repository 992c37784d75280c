"""One listener's queue of stream lines, as Gerrit keeps one per connection.

At most 128 lines wait; what comes while it is full is lost, and one `dropped-output` is put before the next line.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection
from time import monotonic

from integrations.sandbox.gerrit import events
from integrations.sandbox.gerrit.records import Line
from integrations.sandbox.gerrit.state import State

MOST_WAITING = 128  # StreamEvents.MAX_EVENTS, hard-coded there


class StreamQueue:
    """Lines of `kinds` (empty: all) that `account_id` may hear, from now until `close`."""

    def __init__(self, state: State, account_id: int, kinds: Collection[str] = ()) -> None:
        self._state = state
        self._account_id = account_id
        self._kinds = frozenset(kinds)
        self._lines: deque[str] = deque()
        self._dropped = False
        self._lose = 0
        self._changed = threading.Condition()
        self.closed = False
        self._end = state.subscribe(self._offer)

    def _offer(self, line: Line) -> None:
        if self._kinds and line.kind not in self._kinds:
            return
        if not self._state.may_hear(self._account_id, line):
            return
        with self._changed:
            if self._lose > 0 or len(self._lines) >= MOST_WAITING:
                self._lose = max(0, self._lose - 1)
                self._dropped = True
                return
            self._lines.append(line.text)
            self._changed.notify_all()

    def take(self, wait_s: float = 0.0) -> str | None:
        """The next line without its newline, None when none came in time or the queue is closed."""
        until = monotonic() + wait_s
        with self._changed:
            while not self._lines and not self._dropped and not self.closed:
                left = until - monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            if self._dropped:
                self._dropped = False
                return events.dropped_output(self._state)
            return self._lines.popleft() if self._lines else None

    def lose(self, count: int) -> None:
        """The next `count` lines are lost, as if the queue were full."""
        with self._changed:
            self._lose += count

    def close(self) -> None:
        self._end()
        with self._changed:
            self.closed = True
            self._changed.notify_all()

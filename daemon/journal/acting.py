"""What is to be done: actions taken up item by item, marked before they are tried, settled afterwards."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from daemon.journal.database import Database
from daemon.journal.instants import to_us
from daemon.journal.records import asks_of, case_of, decode_action
from daemon.journal.tables import actions, cases, pauses
from integrations.contract import Outcome
from rules.actions import Action, AddReviewer, Comment, DrawAttention, Notify, RemoveReviewer
from rules.state import ACTING, FREES, Case

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 900.0  # after a long outage everything is done within a quarter of an hour of its end
ON_ITEMS = actions.c.kind != Notify.__name__
"""People are told by somebody else: see `telling`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """All that waits to be done to one item. `doubt`: a request of an earlier try may still be under way."""

    item: str
    actions: tuple[Action, ...]
    tries: int
    doubt: bool


class Acting:
    """The journal's end. Several workers take from it; no two ever have the same item."""

    def __init__(self, database: Database, clock: Callable[[], datetime], random: random.Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take(self) -> Todo | None:
        """The item that has waited longest and is due as a whole; None where there is none or acting is paused."""
        with self._lock:
            item = self._due()
            if item is None:
                return None
            self._taken.add(item)
        try:
            todo = self._load(item)
        except Exception:
            self._put_off(item)
            raise
        if todo.actions:
            return todo
        self.give_back(item)
        return self.take()

    def give_back(self, item: str) -> None:
        """Let others have the item."""
        with self._lock:
            self._taken.discard(item)

    def start(self, todo: Todo) -> None:
        """Before anything is sent: from here on a request may be under way."""
        with self._database.write() as connection:
            tried = update(actions).where(actions.c.key.in_(_keys(todo)))
            connection.execute(tried.values(doubt=True, tries=actions.c.tries + 1))

    def settle(self, todo: Todo, outcomes: Sequence[Outcome]) -> None:
        """The end of actions: done, or refused for good. What has no outcome stays and is due at once."""
        now = to_us(self._clock())
        settled = {outcome.key for outcome in outcomes}
        with self._database.write() as connection:
            for outcome in outcomes:
                state = "done" if outcome.done else "refused"
                ended = update(actions).where(actions.c.key == outcome.key)
                connection.execute(ended.values(state=state, doubt=False, outcome=outcome.because, settled=now))
            rest = [key for key in _keys(todo) if key not in settled]
            connection.execute(update(actions).where(actions.c.key.in_(rest)).values(doubt=False, next_try=now))

    def postpone(self, todo: Todo, because: str, *, doubt: bool, after_s: float | None = None) -> None:
        """Try again later, at a time that survives a restart."""
        wait_s = self.pace_s(todo.tries) if after_s is None else after_s
        at = to_us(self._clock() + timedelta(seconds=wait_s))
        with self._database.write() as connection:
            later = update(actions).where(actions.c.key.in_(_keys(todo)))
            connection.execute(later.values(next_try=at, doubt=doubt, outcome=because))

    def pace_s(self, tries: int) -> float:
        """Seconds until the next try: doubling, up to a bound, spread so that items do not come back in step."""
        longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(tries, 20))
        return longest * self._random.uniform(0.5, 1.0)

    def _due(self) -> str | None:
        now, other = to_us(self._clock()), actions.alias()
        later = select(other.c.id).where(
            other.c.item == actions.c.item,
            other.c.state == "pending",
            other.c.next_try > now,
            other.c.kind != Notify.__name__,
        )
        due = (
            select(actions.c.item)
            .where(
                actions.c.state == "pending", actions.c.next_try <= now, actions.c.item.not_in(self._taken), ON_ITEMS
            )
            .where(~later.exists())  # what is new must not cut short the wait of what may be under way
            .order_by(actions.c.next_try, actions.c.id)
            .limit(1)
        )
        with self._database.read() as connection:
            if connection.execute(select(pauses.c.scope).where(pauses.c.scope == ACTING)).scalar():
                return None
            return connection.execute(due).scalar()

    def _drop(self, keys: Collection[str]) -> None:
        """What came to be over while it waited."""
        ended = update(actions).where(actions.c.key.in_(keys))
        now = to_us(self._clock())
        with self._database.write() as connection:
            connection.execute(ended.values(state="refused", outcome="no longer needed", settled=now))

    def _put_off(self, item: str) -> None:
        """What cannot be read (an action of a newer version) must not come first for ever."""
        at = to_us(self._clock() + timedelta(seconds=LONGEST_RETRY_S))
        try:
            with self._database.write() as connection:
                unread = update(actions).where(actions.c.item == item, actions.c.state == "pending", ON_ITEMS)
                connection.execute(unread.values(next_try=at))
        finally:
            self.give_back(item)

    def _load(self, item: str) -> Todo:
        query = select(actions).where(actions.c.item == item, actions.c.state == "pending", ON_ITEMS)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(actions.c.id)).all()
            of_item = connection.execute(select(cases).where(cases.c.item == item)).mappings()
            known = {row["key"]: case_of(row) for row in of_item}
        read = {row.key: decode_action(row.kind, row.body) for row in found}
        over = {row.key for row in found if not row.doubt and _is_over(read[row.key], known)}
        if over:
            self._drop(over)
        rows = [row for row in found if row.key not in over]
        return Todo(
            item=item,
            actions=tuple(read[row.key] for row in rows),
            tries=max((row.tries for row in rows), default=0),
            doubt=any(row.doubt for row in rows),
        )


def _keys(todo: Todo) -> list[str]:
    return [action.key for action in todo.actions]


def _is_over(action: Action, cases: Mapping[str, Case]) -> bool:
    """Whether what it asks for or reminds of does not wait any more; or whom it takes off is asked again."""
    if isinstance(action, RemoveReviewer):
        return any(case.person == action.person and case.counts for case in cases.values())
    if not isinstance(action, AddReviewer | Comment | DrawAttention):
        return False
    found = [(cases.get(key.partition("#")[0]), times) for key, times in asks_of(action.key)]
    ends = (*FREES, "answered") if isinstance(action, AddReviewer) else None
    return all(case is not None and _has_ended(case, times, ends) for case, times in found)


def _has_ended(case: Case, times: int, ends: Collection[str] | None) -> bool:
    return case.times > times or (case.state == "closed" and (ends is None or case.end in ends))

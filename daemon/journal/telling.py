"""What people are to be told: pending notices by person, how often they were told today, and when to try again.

Beside the table `actions` it keeps, for each person, one counter of the messages of a day and these marks: when they
were told last, when their last weekly digest was due, since when they cannot be reached, and when that is tried next.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection, delete, select, update

from daemon.journal.database import Database
from daemon.journal.deciding import arrangements_in
from daemon.journal.instants import from_us, to_us
from daemon.journal.records import case_of, decode_action
from daemon.journal.tables import actions, cases, counters, marks, pauses
from rules.actions import Notify
from rules.arrangements import Arrangement
from rules.state import ACTING, Case

TOLD = "told:"  # then person:day
LAST = "told-last:"  # then person, as in the others
DIGEST = "digest:"
UNREACHABLE = "unreachable:"
TRY_AGAIN = "tell-again:"

FIRST_RETRY_S = 30.0
LONGEST_RETRY_S = 900.0
GIVE_UP_AFTER = timedelta(days=3)
FEWEST_TRIES = 10
"""Nobody is given up before that, however long the daemon itself was away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing a person is to be told. `doubt`: it may have been sent already."""

    action: Notify
    since: datetime
    tries: int = 0
    doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """All there is to be told, by person, oldest first, and what matters to when. Days are people's own."""

    notices: Mapping[str, tuple[Notice, ...]]
    cases: Mapping[str, Case]  # those the notices remind of, by key
    told: Mapping[tuple[str, date], int]
    last: Mapping[str, datetime]  # when they were told anything
    digests: Mapping[str, datetime]  # when the last one that was settled was due
    unreachable: Mapping[str, datetime]  # since when
    again: Mapping[str, datetime]  # not before
    arrangements: tuple[Arrangement, ...]


class ForSomebody(Protocol):
    """Something to be done for one person."""

    @property
    def person(self) -> str:
        """Their key."""


Piece = TypeVar("Piece", bound=ForSomebody)


class Telling:
    """Several workers take from it; no two ever tell the same person."""

    def __init__(self, database: Database, clock: Callable[[], datetime], random: random.Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        self._marks = database.putting(marks, "name")
        self._counters = database.putting(counters, "name", add="value")
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take(self, choose: Callable[[Waiting, frozenset[str]], Piece | None]) -> Piece | None:
        """What `choose` makes of all that waits; it is given also who is not to be chosen: others have them."""
        with self._lock:
            waiting = self.waiting()
            piece = choose(waiting, frozenset(self._taken)) if waiting else None
            if piece is not None:
                self._taken.add(piece.person)
            return piece

    def give_back(self, person: str) -> None:
        """Let others have them."""
        with self._lock:
            self._taken.discard(person)

    def waiting(self) -> Waiting | None:
        """All that waits; None while acting is paused."""
        pending = select(actions).where(actions.c.state == "pending", actions.c.kind == Notify.__name__)
        with self._database.read() as connection:
            if connection.execute(select(pauses.c.scope).where(pauses.c.scope == ACTING)).scalar():
                return None
            notices: dict[str, list[Notice]] = {}
            for row in connection.execute(pending.order_by(actions.c.next_try, actions.c.id)):
                notice = _notice(decode_action(row.kind, row.body), row.next_try, row.tries, doubt=bool(row.doubt))
                notices.setdefault(notice.action.person, []).append(notice)
            return Waiting(
                notices={person: tuple(of_person) for person, of_person in notices.items()},
                cases=_cases(connection, {one.action.case for many in notices.values() for one in many} - {""}),
                told=_told(connection),
                last=_instants(connection, LAST),
                digests=_instants(connection, DIGEST),
                unreachable=_instants(connection, UNREACHABLE),
                again=_instants(connection, TRY_AGAIN),
                arrangements=arrangements_in(connection),
            )

    def unreachable(self) -> tuple[str, ...]:
        """Who cannot be told anything just now."""
        with self._database.read() as connection:
            return tuple(sorted(_instants(connection, UNREACHABLE)))

    def start(self, keys: Sequence[str]) -> None:
        """Before anything is sent: from here on it may be under way."""
        with self._database.write() as connection:
            tried = update(actions).where(actions.c.key.in_(keys))
            connection.execute(tried.values(doubt=True, tries=actions.c.tries + 1))

    def sent(self, person: str, keys: Sequence[str], day: date, *, digest: datetime | None = None) -> None:
        """They were told, on that day of theirs; `digest`: by the weekly one that was due then."""
        with self._database.write() as connection:
            self._settle(connection, keys, "done", "told in the weekly digest" if digest else "told")
            self._over(connection, person, digest)
            today = f"{TOLD}{person}:{day}"
            others = counters.c.name.startswith(f"{TOLD}{person}:", autoescape=True) & (counters.c.name != today)
            connection.execute(delete(counters).where(others))
            self._counters(connection, [{"name": today, "value": 1}])
            self._marks(connection, [{"name": f"{LAST}{person}", "value": to_us(self._clock())}])

    def drop(self, keys: Sequence[str], because: str) -> None:
        """They need not be told this any more."""
        with self._database.write() as connection:
            self._settle(connection, keys, "refused", because)

    def refuse(self, person: str, keys: Sequence[str], because: str, *, digest: datetime | None = None) -> None:
        """They will not be told this."""
        with self._database.write() as connection:
            self._settle(connection, keys, "refused", because)
            self._over(connection, person, digest)

    def postpone(self, person: str, keys: Sequence[str], because: str, *, doubt: bool) -> None:
        """Try again later, at a time that survives a restart."""
        now = self._clock()
        with self._database.write() as connection:
            since = _instants(connection, UNREACHABLE).get(person, now)
            again = now + timedelta(seconds=self.pace_s((now - since).total_seconds()))
            kept = {f"{UNREACHABLE}{person}": since, f"{TRY_AGAIN}{person}": again}
            self._marks(connection, [{"name": name, "value": to_us(at)} for name, at in kept.items()])
            connection.execute(update(actions).where(actions.c.key.in_(keys)).values(doubt=doubt, outcome=because))

    def is_hopeless(self, person: str, tries: int | None) -> bool:
        """Whether they could not be reached for so long that nothing is gained by going on. `tries`: if counted."""
        with self._database.read() as connection:
            since = _instants(connection, UNREACHABLE).get(person)
        return since is not None and self._clock() - since > GIVE_UP_AFTER and (tries is None or tries >= FEWEST_TRIES)

    def pace_s(self, failing_s: float) -> float:
        """Seconds until the next try: half as long as it has failed, within bounds, spread."""
        return min(LONGEST_RETRY_S, max(FIRST_RETRY_S, failing_s / 2)) * self._random.uniform(0.5, 1.0)

    def _settle(self, connection: Connection, keys: Sequence[str], state: str, outcome: str) -> None:
        ended = update(actions).where(actions.c.key.in_(keys))
        now = to_us(self._clock())
        connection.execute(ended.values(state=state, doubt=False, outcome=outcome, settled=now))

    def _over(self, connection: Connection, person: str, digest: datetime | None) -> None:
        """They are no longer failing, and that digest is no longer to be sent."""
        _forget(connection, f"{UNREACHABLE}{person}", f"{TRY_AGAIN}{person}")
        if digest:
            self._marks(connection, [{"name": f"{DIGEST}{person}", "value": to_us(digest)}])


def _notice(action: object, since: int, tries: int, *, doubt: bool) -> Notice:
    assert isinstance(action, Notify)  # noqa: S101  the query asked for them
    return Notice(action=action, since=from_us(since), tries=tries, doubt=doubt)


def _cases(connection: Connection, keys: Collection[str]) -> dict[str, Case]:
    found = connection.execute(select(cases).where(cases.c.key.in_(keys))).mappings() if keys else ()
    return {row["key"]: case_of(row) for row in found}


def _instants(connection: Connection, prefix: str) -> dict[str, datetime]:
    found = connection.execute(select(marks).where(marks.c.name.startswith(prefix, autoescape=True)))
    return {row.name.removeprefix(prefix): from_us(row.value) for row in found}


def _told(connection: Connection) -> dict[tuple[str, date], int]:
    found = connection.execute(select(counters).where(counters.c.name.startswith(TOLD, autoescape=True)))
    by_name = {row.name.removeprefix(TOLD): row.value for row in found}
    return {
        (name.rpartition(":")[0], date.fromisoformat(name.rpartition(":")[2])): value for name, value in by_name.items()
    }


def _forget(connection: Connection, *names: str) -> None:
    connection.execute(delete(marks).where(marks.c.name.in_(names)))

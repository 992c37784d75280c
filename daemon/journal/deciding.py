"""What was decided: a batch of decisions with their cases, actions and look-ups, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, bindparam, delete, func, select, update

from daemon.journal.database import Database
from daemon.journal.instants import from_us, to_us
from daemon.journal.pausing import RESUMED
from daemon.journal.records import (
    action_row,
    arrangement_of,
    arrangement_row,
    asks_of,
    case_of,
    case_row,
    declined_of,
    declined_row,
    encode_detail,
    pause_of,
    pause_row,
    read_of,
    read_row,
)
from daemon.journal.signoff_rows import gate_of
from daemon.journal.signoffs import Signoffs, Tag, gates_where, head_in, learn_gates, learn_releases, learn_tags
from daemon.journal.tables import (
    actions,
    arrangements,
    cases,
    counters,
    decisions,
    declined,
    gates,
    marks,
    messages_read,
    pauses,
    quarantine,
    waiting,
)
from daemon.journal.votes import supersede
from rules.actions import RemoveReviewer, Vote
from rules.arrangements import Arrangement
from rules.facts import Facts
from rules.signoff.requests import Release
from rules.state import DAY, Book, Case, Declined, Read
from rules.verdicts import Decision

DECIDED = "decided_upto"
TOPIC_LASTS = timedelta(days=14)
AT_ONCE = 256
"""Items asked for by one statement."""

OPENED_AGAIN = frozenset({"ChangeRestored", "ChangeSeen", "PrivateChanged"})
"""Events after which what was refused, because the change was closed or hidden just then, can be done after all."""


@dataclass(slots=True)
class Batch:
    """What one transaction of the decider records. `upto` is the last number read from what was heard."""

    upto: int
    decided: list[tuple[int, Decision, Facts | None]] = field(default_factory=list)
    waits: list[tuple[int, str, datetime]] = field(default_factory=list)  # number, item, since when
    waited: list[int] = field(default_factory=list)  # numbers of what waits no longer
    malformed: list[tuple[int, str]] = field(default_factory=list)
    ignored: int = 0

    def __bool__(self) -> bool:
        return bool(self.decided or self.waits or self.malformed or self.ignored)


class Deciding:
    """The journal's middle, used by the one decider."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._decisions = database.putting(decisions, "seq")
        self._cases = database.putting(cases, "key")
        self._declined = database.putting(declined, ("item", "person"))
        self._pauses = database.putting(pauses, "scope")
        self._arrangements = database.putting(arrangements, "key")
        self._read = database.putting(messages_read, "message")
        self._actions = database.putting(actions, "key", keep=True)
        self._signoffs = Signoffs(database)
        self._waiting = database.putting(waiting, "seq")
        self._quarantine = database.putting(quarantine, "seq")
        self._counters = database.putting(counters, "name", add="value")
        self._marks = database.putting(marks, "name")
        some = [bindparam(f"item{n}", type_=String) for n in range(AT_ONCE)]
        self._cases_of = database.hot(select(cases).where(cases.c.item.in_(some)).order_by(cases.c.id))
        self._declined_of = database.hot(select(declined).where(declined.c.item.in_(some)))
        self._read_of = database.hot(select(messages_read).where(messages_read.c.item.in_(some)))
        self._gates_of = database.hot(select(gates).where(gates.c.item.in_(some)))

    def upto(self) -> int:
        """The last number the decider has read."""
        with self._database.read() as connection:
            return connection.execute(select(marks.c.value).where(marks.c.name == DECIDED)).scalar() or 0

    def waiting(self) -> list[tuple[int, str]]:
        """Numbers and items of events that wait for a look-up, in order."""
        with self._database.read() as connection:
            return [(row.seq, row.item) for row in connection.execute(select(waiting).order_by(waiting.c.seq))]

    def book(self) -> Book:
        """A book made anew: sums, pauses, open gates; items and releases are learnt when they come up."""
        book = Book()
        mine = (~cases.c.observed) & (cases.c.person != "")
        asked = mine & (cases.c.as_ != "suggest")
        turns = select(cases.c.person, cases.c.item).where(asked & cases.c.state.in_(("open", "snoozed")))
        last = select(cases.c.person, func.max(cases.c.opened)).where(asked)
        day = to_us(self._clock() - DAY)
        asks = select(cases).where(asked & (cases.c.opened > day))
        said = select(messages_read.c.at, messages_read.c.person).where(
            messages_read.c.replied, messages_read.c.at > day
        )
        topics = select(cases).where(
            mine & (cases.c.topic != "") & (cases.c.opened > to_us(self._clock() - TOPIC_LASTS))
        )
        with self._database.read() as connection:
            book.count(
                [(row[0], row[1]) for row in connection.execute(turns)],
                {row[0]: from_us(row[1]) for row in connection.execute(last.group_by(cases.c.person))},
                [case_of(row) for row in connection.execute(asks.order_by(cases.c.opened)).mappings()],
                [(from_us(row[0]), row[1]) for row in connection.execute(said.order_by(messages_read.c.at))],
                [case_of(row) for row in connection.execute(topics.order_by(cases.c.opened)).mappings()],
                arrangements_in(connection),
            )
            book.paused, book.resumed = _paused(connection), _resumed(connection)
            book.learn_gates(gates_where(connection, gates.c.state == "open"))
            learn_gates(connection, book, [gate.item for gate in book.open_gates()])
            book.head = head_in(connection)
        return book

    def refresh(self, book: Book, items: Iterable[str]) -> None:
        """Before deciding: what people paused or resumed, and all there is on items not known yet."""
        book.make_room()
        with self._database.read() as connection:
            book.paused, book.resumed = _paused(connection), _resumed(connection)
        self.learn(book, items)

    def learn(self, book: Book, items: Iterable[str]) -> None:
        """All there is on items that the book does not know yet."""
        unknown = list(dict.fromkeys(item for item in items if not book.knows(item)))
        if not unknown:
            return
        with self._database.read() as connection:
            for start in range(0, len(unknown), AT_ONCE):
                self._learn(connection, book, unknown[start : start + AT_ONCE])

    def learn_gates(self, book: Book, items: Iterable[str]) -> None:
        """What the ledger has on all that the gates of these items want, and that people said at them."""
        gated = [item for item in dict.fromkeys(items) if book.gate(item)]
        if gated:
            with self._database.read() as connection:
                learn_gates(connection, book, gated)

    def learn_releases(self, book: Book, releases: Iterable[Release]) -> None:
        """What the ledger has on releases that the book does not know yet."""
        unknown = [release for release in dict.fromkeys(releases) if not book.knows_release(release)]
        if unknown:
            with self._database.read() as connection:
                learn_releases(connection, book, unknown)

    def learn_tags(self, book: Book, tags: Iterable[Tag]) -> None:
        """What the ledger has on tags, `(repo, version)`, whatever commit was signed."""
        wanted = list(tags)
        if wanted:
            with self._database.read() as connection:
                learn_tags(connection, book, wanted)

    def record(self, batch: Batch) -> None:
        """Write down a batch: all of it or, with Transient, nothing."""
        decided = batch.decided
        looked = sum(decision.looked for _, decision, _ in decided)
        counts = {
            "decided": looked,
            "ignored": batch.ignored + len(decided) - looked,
            "malformed": len(batch.malformed),
        }
        now = to_us(self._clock())
        with self._database.write() as connection:
            self._decisions(connection, [_decision_row(*one) for one in decided])
            self._cases(connection, [case_row(case, seq) for seq, one, _ in decided for case in one.effects.cases])
            self._declined(connection, [declined_row(no) for _, one, _ in decided for no in one.effects.declined])
            self._pauses(connection, [pause_row(pause) for _, one, _ in decided for pause in one.effects.pauses])
            self._arrangements(
                connection, [arrangement_row(it, seq) for seq, one, _ in decided for it in one.effects.arrangements]
            )
            self._read(connection, [read_row(read) for _, one, _ in decided for read in one.effects.read])
            self._signoffs.put(connection, [one.effects for _, one, _ in decided])
            self._actions(connection, [row for seq, one, _ in decided for row in _action_rows(seq, one, now)])
            votes = [action for _, one, _ in decided for action in one.actions if isinstance(action, Vote)]
            supersede(connection, votes, now)
            for item in dict.fromkeys(one.item for _, one, _ in decided if one.event in OPENED_AGAIN):
                _take_up_again(connection, item, now)
            self._waiting(connection, [{"seq": n, "item": item, "since": to_us(at)} for n, item, at in batch.waits])
            self._quarantine(connection, [{"seq": seq, "because": because} for seq, because in batch.malformed])
            if batch.waited:  # one by one: a statement takes 65535 parameters at most
                connection.execute(_no_longer_waiting, [{"number": seq} for seq in batch.waited])
            self._counters(connection, [{"name": name, "value": more} for name, more in counts.items() if more])
            self._marks(connection, [{"name": DECIDED, "value": batch.upto}])

    def _learn(self, connection: Connection, book: Book, items: list[str]) -> None:
        padded = tuple(items) + ("",) * (AT_ONCE - len(items))
        by_item: dict[str, list[Case]] = {}
        for row in connection.exec_driver_sql(self._cases_of, padded).mappings():
            by_item.setdefault(row["item"], []).append(case_of(row))
        no: dict[str, list[Declined]] = {}
        for row in connection.exec_driver_sql(self._declined_of, padded).mappings():
            no.setdefault(row["item"], []).append(declined_of(row))
        read: dict[str, list[Read]] = {}
        for row in connection.exec_driver_sql(self._read_of, padded).mappings():
            read.setdefault(row["item"], []).append(read_of(row))
        book.learn_gates(gate_of(row) for row in connection.exec_driver_sql(self._gates_of, padded).mappings())
        for item in items:
            book.learn(item, by_item.get(item, ()), no.get(item, ()), read.get(item, ()))

    def due(self, now: datetime) -> list[tuple[str, str, str]]:
        """`(item, repo, because)` of what is to be followed up by now."""
        query = select(cases.c.item, cases.c.repo, func.min(cases.c.slot)).where(
            cases.c.state.in_(("open", "snoozed")), cases.c.due <= to_us(now)
        )
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(cases.c.item, cases.c.repo))
            return [(row[0], row[1], f"{row[2]} is due") for row in rows]

    def open(self) -> list[Case]:
        """All that waits for somebody."""
        query = select(cases).where(cases.c.state.in_(("open", "snoozed"))).order_by(cases.c.id)
        with self._database.read() as connection:
            return [case_of(row) for row in connection.execute(query).mappings()]

    def unrouted(self) -> list[tuple[str, str, str]]:
        """`(item, repo, because)` of what nobody could be asked for."""
        query = select(cases.c.item, cases.c.repo, func.min(cases.c.because)).where(cases.c.state == "unrouted")
        with self._database.read() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query.group_by(cases.c.item, cases.c.repo))]


_no_longer_waiting = delete(waiting).where(waiting.c.seq == bindparam("number"))


def _decision_row(seq: int, decision: Decision, facts: Facts | None) -> dict[str, Any]:
    return {
        "seq": seq,
        "item": decision.item,
        "event": decision.event,
        "at": to_us(decision.at),
        "detail": encode_detail(decision, facts),
    }


def _action_rows(seq: int, decision: Decision, now: int) -> Iterator[dict[str, Any]]:
    """What is to be done, and what observing leaves undone under a key of its own."""
    yield from (action_row(action, action.key, "pending", seq, now) for action in decision.actions)
    yield from (action_row(action, f"observed:{action.key}", "observed", seq, now) for action in decision.would)


def _take_up_again(connection: Connection, item: str, now: int) -> None:
    """What was refused although somebody's turn hangs on it: looked at once more by whoever acts."""
    wanted = actions.c.kind != RemoveReviewer.__name__  # whose turn it is stays
    refused = select(actions.c.key).where(actions.c.item == item, actions.c.state == "refused", wanted)
    keys = connection.execute(refused).scalars().all()
    if not keys:
        return
    turns = select(cases.c.key).where(cases.c.item == item, cases.c.state.in_(("open", "snoozed")), ~cases.c.observed)
    waits = set(connection.execute(turns).scalars())
    again = [key for key in keys if not waits.isdisjoint(case for case, _ in asks_of(key))]
    connection.execute(
        update(actions).where(actions.c.key.in_(again)).values(state="pending", next_try=now, settled=None)
    )


def arrangements_in(connection: Connection) -> tuple[Arrangement, ...]:
    """What people arranged by commands, in the order they said it."""
    query = select(arrangements).order_by(arrangements.c.at, arrangements.c.seq)
    return tuple(arrangement_of(row) for row in connection.execute(query).mappings())


def _paused(connection: Connection) -> dict[str, Any]:
    return {row["scope"]: pause_of(row) for row in connection.execute(select(pauses)).mappings()}


def _resumed(connection: Connection) -> dict[str, datetime]:
    found = connection.execute(select(marks).where(marks.c.name.startswith(RESUMED, autoescape=True)))
    return {row.name.removeprefix(RESUMED): from_us(row.value) for row in found}

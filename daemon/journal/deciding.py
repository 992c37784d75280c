"""What was decided: a batch of decisions with their cases, actions and look-ups, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from daemon.journal.database import Database
from daemon.journal.instants import from_us, to_us
from daemon.journal.records import (
    case_of,
    case_row,
    declined_of,
    encode_action,
    encode_detail,
    pause_of,
)
from daemon.journal.tables import actions, cases, counters, decisions, declined, marks, pauses, quarantine, waiting
from rules.actions import Action
from rules.facts import Facts
from rules.state import DAY, Book
from rules.verdicts import Decision

DECIDED = "decided_upto"


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
        self._insert_decision = database.hot(
            insert(decisions).inline().values(dict.fromkeys(("seq", "item", "event", "at", "detail")))
        )

    def upto(self) -> int:
        """The last number the decider has read."""
        with self._database.read() as connection:
            return connection.execute(select(marks.c.value).where(marks.c.name == DECIDED)).scalar() or 0

    def waiting(self) -> list[tuple[int, str]]:
        """Numbers and items of events that wait for a look-up, in order."""
        with self._database.read() as connection:
            return [(row.seq, row.item) for row in connection.execute(select(waiting).order_by(waiting.c.seq))]

    def book(self) -> Book:
        """A book made anew: sums and pauses; items are learnt when they come up."""
        book = Book()
        mine = (~cases.c.observed) & (cases.c.person != "")
        turns = select(cases.c.person, func.count()).where(mine & cases.c.state.in_(("open", "snoozed")))
        last = select(cases.c.person, func.max(cases.c.opened)).where(mine)
        day = to_us(self._clock() - DAY)
        asks = select(cases.c.opened, cases.c.rule, cases.c.person).where(mine & (cases.c.opened > day))
        with self._database.read() as connection:
            book.count(
                {row[0]: row[1] for row in connection.execute(turns.group_by(cases.c.person))},
                {row[0]: from_us(row[1]) for row in connection.execute(last.group_by(cases.c.person))},
                [(from_us(row[0]), row[1], row[2]) for row in connection.execute(asks.order_by(cases.c.opened))],
            )
            book.paused = _pauses(connection)
        return book

    def refresh(self, book: Book, items: Iterable[str]) -> None:
        """Before deciding: what people paused or resumed, and all there is on items not known yet."""
        unknown = sorted({item for item in items if not book.knows(item)})
        with self._database.read() as connection:
            book.paused = _pauses(connection)
            if not unknown:
                return
            found = connection.execute(select(cases).where(cases.c.item.in_(unknown)).order_by(cases.c.id)).mappings()
            by_item: dict[str, list[Any]] = {}
            for row in found:
                by_item.setdefault(row["item"], []).append(case_of(row))
            refused = connection.execute(select(declined).where(declined.c.item.in_(unknown))).mappings()
            no: dict[str, list[Any]] = {}
            for row in refused:
                no.setdefault(row["item"], []).append(declined_of(row))
        for item in unknown:
            book.learn(item, by_item.get(item, ()), no.get(item, ()))

    def record(self, batch: Batch) -> None:
        """Write down a batch: all of it or, with Transient, nothing."""
        with self._database.write() as connection:
            self._decisions(connection, batch)
            for seq, decision, _ in batch.decided:
                self._effects(connection, seq, decision)
            self._waits(connection, batch)
            if batch.malformed:
                rows = [{"seq": seq, "because": because} for seq, because in batch.malformed]
                connection.execute(insert(quarantine), rows)
            looked = sum(decision.looked for _, decision, _ in batch.decided)
            counts = {
                "decided": looked,
                "ignored": batch.ignored + len(batch.decided) - looked,
                "malformed": len(batch.malformed),
            }
            for name, more in counts.items():
                if more:
                    self._put(connection, counters, "name", {"name": name, "value": more}, add="value")
            self._put(connection, marks, "name", {"name": DECIDED, "value": batch.upto})

    def unrouted(self) -> list[tuple[str, str, str]]:
        """`(item, repo, because)` of what nobody could be asked for."""
        query = select(cases.c.item, cases.c.repo, func.min(cases.c.because)).where(cases.c.state == "unrouted")
        with self._database.read() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query.group_by(cases.c.item, cases.c.repo))]

    def _decisions(self, connection: Connection, batch: Batch) -> None:
        rows = [
            (seq, decision.item, decision.event, to_us(decision.at), encode_detail(decision, facts))
            for seq, decision, facts in batch.decided
        ]
        if rows:
            connection.exec_driver_sql(self._insert_decision, rows)

    def _effects(self, connection: Connection, seq: int, decision: Decision) -> None:
        effects = decision.effects
        for case in effects.cases:
            self._put(connection, cases, "key", case_row(case, seq))
        for one in effects.declined:
            row = {"item": one.item, "person": one.person, "how": one.how, "because": one.because, "at": to_us(one.at)}
            self._put(connection, declined, "item", row)
        for pause in effects.pauses:
            row = {"scope": pause.scope, "because": pause.because, "at": to_us(pause.at)}
            self._put(connection, pauses, "scope", row)
        self._actions(connection, seq, decision.actions, "pending")
        self._actions(connection, seq, decision.would, "observed")

    def _actions(self, connection: Connection, seq: int, todo: Sequence[Action], state: str) -> None:
        for action in todo:
            row = {
                "key": action.key if state == "pending" else f"observed:{action.key}",
                "item": action.item,
                "kind": type(action).__name__,
                "body": encode_action(action),
                "seq": seq,
                "state": state,
                "doubt": False,
                "tries": 0,
                "next_try": to_us(self._clock()),
                "outcome": "",
            }
            dialect = postgresql if self._database.is_postgresql else sqlite
            connection.execute(dialect.insert(actions).values(row).on_conflict_do_nothing(index_elements=["key"]))

    def _waits(self, connection: Connection, batch: Batch) -> None:
        new = [{"seq": seq, "item": item, "since": to_us(since)} for seq, item, since in batch.waits]
        if new:
            connection.execute(insert(waiting), new)
        if batch.waited:
            connection.execute(delete(waiting).where(waiting.c.seq.in_(batch.waited)))

    def _put(self, connection: Connection, table: Table, key: str, row: dict[str, Any], add: str | None = None) -> None:
        """Insert, or update the row with the same key; `add` names the column that is added to instead."""
        dialect = postgresql if self._database.is_postgresql else sqlite
        statement = dialect.insert(table).values(row)
        keys = [column.name for column in table.primary_key] if key in table.primary_key.columns else [key]
        changed = {name: statement.excluded[name] for name in row if name not in keys}
        if add:
            changed[add] = table.c[add] + statement.excluded[add]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def _pauses(connection: Connection) -> dict[str, Any]:
    return {row["scope"]: pause_of(row) for row in connection.execute(select(pauses)).mappings()}

"""What people ask the journal: counters, cases, the whole story of one item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from daemon.journal.database import Database
from daemon.journal.deciding import DECIDED
from daemon.journal.instants import from_us, to_us
from daemon.journal.records import Detail, case_of, decode_action, decode_detail, pause_of
from daemon.journal.tables import (
    actions,
    cases,
    connections,
    counters,
    decisions,
    heard,
    marks,
    pauses,
    quarantine,
    waiting,
)
from rules.actions import Action
from rules.state import Case, Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An action and what became of it."""

    action: Action
    state: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event of an item: what was decided on it, and what was done. `detail` is None where no rule looked."""

    seq: int
    at: datetime
    event: str
    detail: Detail | None
    actions: tuple[Done, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The journal's counters. `behind_s`: age of the oldest thing heard and not decided."""

    heard: dict[str, int]
    decided: int
    ignored: int
    malformed: int
    quarantined: int
    actions: dict[str, int]
    cases: dict[str, int]
    behind_s: float
    pauses: tuple[Pause, ...] = ()


class Views:
    """Reads only."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def stats(self) -> Stats:
        """All counters at one instant."""
        with self._database.read() as connection:
            sums = select(connections.c.source, func.sum(connections.c.heard)).group_by(connections.c.source)
            counted = {row.name: row.value for row in connection.execute(select(counters))}
            by_state = select(actions.c.state, func.count()).group_by(actions.c.state)
            states = {row[0]: row[1] for row in connection.execute(by_state)}
            case_states = select(cases.c.state, func.count()).group_by(cases.c.state)
            upto = connection.execute(select(marks.c.value).where(marks.c.name == DECIDED)).scalar() or 0
            undecided = connection.execute(select(func.min(heard.c.at)).where(heard.c.seq > upto)).scalar()
            waits = connection.execute(select(func.min(waiting.c.since))).scalar()
            oldest = min((us for us in (undecided, waits) if us is not None), default=None)
            return Stats(
                heard={row[0]: int(row[1]) for row in connection.execute(sums)},
                decided=counted.get("decided", 0),
                ignored=counted.get("ignored", 0),
                malformed=counted.get("malformed", 0),
                quarantined=connection.execute(select(func.count()).select_from(quarantine)).scalar() or 0,
                actions={state: states.get(state, 0) for state in ("done", "pending", "refused", "observed")},
                cases={row[0]: row[1] for row in connection.execute(case_states)},
                pauses=tuple(
                    pause_of(row) for row in connection.execute(select(pauses).order_by(pauses.c.at)).mappings()
                ),
                behind_s=max(0.0, (to_us(self._clock()) - oldest) / 1e6) if oldest is not None else 0.0,
            )

    def cases(self, *, open_only: bool = False) -> tuple[Case, ...]:
        """Cases, oldest first."""
        query = select(cases).order_by(cases.c.opened, cases.c.id)
        if open_only:
            query = query.where(cases.c.state != "closed")
        with self._database.read() as connection:
            return tuple(case_of(row) for row in connection.execute(query).mappings())

    def cases_of(self, item: str) -> tuple[Case, ...]:
        """The cases of one item, oldest first."""
        query = select(cases).where(cases.c.item == item).order_by(cases.c.id)
        with self._database.read() as connection:
            return tuple(case_of(row) for row in connection.execute(query).mappings())

    def story(self, item: str) -> tuple[Told, ...]:
        """Everything decided about an item, in order; empty if it was never heard of."""
        told = select(decisions).where(decisions.c.item == item).order_by(decisions.c.seq)
        did = select(actions).where(actions.c.item == item).order_by(actions.c.id)
        with self._database.read() as connection:
            by_seq: dict[int, list[Done]] = {}
            for row in connection.execute(did):
                action = decode_action(row.kind, row.body)
                one = Done(action=action, state=row.state, outcome=row.outcome)
                by_seq.setdefault(row.seq, []).append(one)
            return tuple(
                Told(
                    seq=row.seq,
                    at=from_us(row.at),
                    event=row.event,
                    detail=decode_detail(row.detail) if row.detail is not None else None,
                    actions=tuple(by_seq.get(row.seq, ())),
                )
                for row in connection.execute(told)
            )

    def since(self, seq: int) -> tuple[tuple[str, Told], ...]:
        """`(item, decision)` of what rules looked at after that number, in order; without actions."""
        query = select(decisions).where(decisions.c.seq > seq, decisions.c.detail.is_not(None))
        with self._database.read() as connection:
            return tuple(
                (
                    row.item,
                    Told(
                        seq=row.seq, at=from_us(row.at), event=row.event, detail=decode_detail(row.detail), actions=()
                    ),
                )
                for row in connection.execute(query.order_by(decisions.c.seq))
            )

    def waits(self, item: str) -> datetime | None:
        """Since when an event of the item waits for a look-up."""
        with self._database.read() as connection:
            us = connection.execute(select(func.min(waiting.c.since)).where(waiting.c.item == item)).scalar()
        return None if us is None else from_us(us)

"""What people ask the journal: counters, cases, the whole story of one item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from daemon.journal.database import Database
from daemon.journal.deciding import DECIDED, arrangements_in
from daemon.journal.instants import from_us, to_us
from daemon.journal.records import Detail, case_of, decode_action, decode_detail, pause_of
from daemon.journal.signoffs import signoff_counts
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
from rules.actions import Action, Notify
from rules.arrangements import Arrangement
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
    messages: dict[str, int] = field(default_factory=dict)  # to people, by state; a digest's lines wait for a week
    asked: int = 0  # cases somebody was really asked for
    asked_ptl: int = 0  # of these, those that needed the PTL
    gates_open: int = 0
    ledger_entries: int = 0
    tags_unsigned: int = 0


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
            to_people = actions.c.kind == Notify.__name__
            by_state = select(actions.c.state, func.count()).group_by(actions.c.state)
            states = {row[0]: row[1] for row in connection.execute(by_state.where(~to_people))}
            messages = {row[0]: row[1] for row in connection.execute(by_state.where(to_people))}
            case_states = select(cases.c.state, func.count()).group_by(cases.c.state)
            asked = select(cases.c.role, func.count()).where(cases.c.person != "", ~cases.c.observed)
            roles = {row[0]: row[1] for row in connection.execute(asked.group_by(cases.c.role))}
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
                messages={state: messages.get(state, 0) for state in ("done", "pending", "refused")},
                cases={row[0]: row[1] for row in connection.execute(case_states)},
                asked=sum(roles.values()),
                asked_ptl=roles.get("ptl", 0),
                **signoff_counts(connection),
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

    def waiting_for(self, person: str) -> tuple[Case, ...]:
        """What a person was asked or is suggested to do and has not done, oldest first."""
        mine = (cases.c.person == person) & cases.c.state.in_(("open", "snoozed")) & ~cases.c.observed
        query = select(cases).where(mine).order_by(cases.c.opened, cases.c.id)
        with self._database.read() as connection:
            return tuple(case_of(row) for row in connection.execute(query).mappings())

    def cases_since(self, at: datetime) -> tuple[Case, ...]:
        """All cases opened since then, oldest first."""
        query = select(cases).where(cases.c.opened >= to_us(at)).order_by(cases.c.opened, cases.c.id)
        with self._database.read() as connection:
            return tuple(case_of(row) for row in connection.execute(query).mappings())

    def people(self) -> frozenset[str]:
        """Everybody who was ever asked."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(cases.c.person).distinct()).scalars()) - {""}

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

    def arrangements(self) -> tuple[Arrangement, ...]:
        """What people arranged by commands, in the order they said it."""
        with self._database.read() as connection:
            return arrangements_in(connection)

    def waits(self, item: str) -> datetime | None:
        """Since when an event of the item waits for a look-up."""
        with self._database.read() as connection:
            us = connection.execute(select(func.min(waiting.c.since)).where(waiting.c.item == item)).scalar()
        return None if us is None else from_us(us)

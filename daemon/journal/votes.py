"""Votes that wait to be cast: of one label on one item only the newest is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from daemon.journal.records import decode_action
from daemon.journal.tables import actions
from rules.actions import Vote


def supersede(connection: Connection, votes: Sequence[Vote], now: int) -> None:
    """After these votes were put down, in order: what they take the place of is never cast. The newest takes over the
    doubt of those before: what may be under way must have arrived before it is looked at what stands.
    """
    said = {vote.key: n for n, vote in enumerate(votes)}
    for item in dict.fromkeys(vote.item for vote in votes):
        by_label: dict[str, list[Row[Any]]] = {}
        for row in _pending(connection, item):
            by_label.setdefault(_label_of(row), []).append(row)
        for rows in by_label.values():
            *older, newest = sorted(rows, key=lambda row: (said.get(row.key, -1), row.id))
            _settle(connection, older, newest, now)


def _pending(connection: Connection, item: str) -> Sequence[Row[Any]]:
    pending = (actions.c.item == item) & (actions.c.kind == Vote.__name__) & (actions.c.state == "pending")
    return connection.execute(select(actions).where(pending).order_by(actions.c.id)).all()


def _settle(connection: Connection, older: Sequence[Row[Any]], newest: Row[Any], now: int) -> None:
    over = {"state": "refused", "doubt": False, "outcome": "a newer vote took its place", "settled": now}
    replaced = actions.c.id.in_([row.id for row in older])
    connection.execute(update(actions).where(replaced).values(over))
    if any(row.doubt for row in older):
        connection.execute(update(actions).where(actions.c.id == newest.id).values(doubt=True))


def _label_of(row: Row[Any]) -> str:
    vote = decode_action(row.kind, row.body)
    return vote.label if isinstance(vote, Vote) else ""

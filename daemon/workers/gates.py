"""What the decider must know of the ledger before it decides, and which release requests it must look at again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from daemon.journal.deciding import Batch
from rules.facts import Facts
from rules.signoff.requests import Release
from rules.state import Book, Gate

CHANGED = "the roster or the config changed"
DUE = "a sign-off may have expired"
RETRY = timedelta(hours=1)
"""How often one that is due and stays so is looked at again."""

_NAMED = re.compile(r"(?<!\S)(\S+)\s+(\S+)\s+([0-9a-fA-F]{40})(?!\S)")
_TAG = "tag:"

Ticks = dict[tuple[str, str], str]
"""`(item, repo)` to why it is looked at again."""


def releases_in(facts: Facts | None) -> Iterator[Release]:
    """All that a change asks for, ever asked for, or that people name in commands on it."""
    change = facts.change if facts else None
    if change is None:
        return
    yield from change.request.releases if change.request else ()
    for upload in change.uploads:
        yield from upload.brought
    for message in change.messages or ():
        for _, line in message.lines:
            yield from (Release(repo, version, sha.lower()) for repo, version, sha in _NAMED.findall(line))


def tag_of(item: str) -> tuple[str, str] | None:
    """Repo and version of an item that is a tag."""
    repo, at, version = item.removeprefix(_TAG).partition("@")
    return (repo, version) if item.startswith(_TAG) and at else None


class Gates:
    """Which open gates are to be looked at again. A new one has looked at none."""

    def __init__(self) -> None:
        self._circumstances: tuple[object, ...] = ()
        self._elsewhere: Ticks = {}
        self._told: dict[str, tuple[datetime | None, datetime]] = {}  # by item: due when, told when

    def recorded(self, batch: Batch, book: Book) -> None:
        """Remember the gates that want a release on which somebody acted at another item."""
        acts = [entry for _, decision, _ in batch.decided for entry in decision.effects.ledger]
        for gate in book.open_gates() if acts else ():
            wanted = {one.release for one in gate.wanted}
            for entry in acts:
                if entry.item != gate.item and entry.release in wanted:
                    self._elsewhere[gate.item, gate.repo] = f"{entry.release} was {entry.act} in {entry.item}"

    def ticks(self, book: Book, circumstances: tuple[object, ...], now: datetime) -> Ticks:
        """What is to be looked at now: because of what was done elsewhere, because something is due, or all where the
        circumstances are others.
        """
        gates = book.open_gates()
        due = [gate for gate in gates if gate.due and gate.due <= now]
        self._told = {gate.item: self._told_due(gate, now) for gate in due}
        ticks = {(gate.item, gate.repo): DUE for gate in due if self._told[gate.item][1] == now} | self._elsewhere
        if circumstances != self._circumstances:
            ticks |= {(gate.item, gate.repo): CHANGED for gate in gates}
        self._circumstances, self._elsewhere = circumstances, {}
        return ticks

    def _told_due(self, gate: Gate, now: datetime) -> tuple[datetime | None, datetime]:
        """When it is due, and when that was said: now, if it is news or has come to nothing for a while."""
        due, at = self._told.get(gate.item, (None, now))
        return (due, at) if due == gate.due and now - at < RETRY else (gate.due, now)

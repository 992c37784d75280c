"""The ledger, the gates of release requests and the audits of tags, as the decider and people read them.

Rows of the ledger are inserted and never changed; each follows the last one, or nothing at all is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, true, tuple_

from daemon.journal.database import Database, Putting
from daemon.journal.instants import to_us
from daemon.journal.signoff_rows import audit_of, audit_row, entry_of, entry_row, gate_of, gate_row, release_of
from daemon.journal.tables import audits, decisions, gates, ledger
from integrations.contract import Transient
from rules.signoff.ledger import Entry, Head
from rules.signoff.requests import Release
from rules.state import Audit, Book, Effects, Gate

AT_ONCE = 256
"""Releases asked for by one statement."""

STRANGE = audits.c.state.in_(("unsigned", "mismatch"))

Tag = tuple[str, str]
"""Repo and version."""


class Signoffs:
    """What was signed, what is asked for, what was tagged. Within the decider's transactions, or read by people."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gates: Putting = database.putting(gates, "item")
        self._audits: Putting = database.putting(audits, ("repo", "version"))

    def put(self, connection: Connection, effects: Sequence[Effects]) -> None:
        """Write down what decisions brought about. Raises Transient where the ledger has grown beside them."""
        append(connection, [entry for one in effects for entry in one.ledger])
        self._gates(connection, [gate_row(gate) for one in effects for gate in one.gates])
        self._audits(connection, [audit_row(audit) for one in effects for audit in one.audits])

    def entries(self) -> tuple[Entry, ...]:
        """The whole ledger, in order. Raises ValueError where a row cannot be read any more."""
        entries, unreadable = self.readable()
        if unreadable:
            raise ValueError(f"number {unreadable[0][0]} of the ledger cannot be read: czar ledger --verify tells more")
        return entries

    def readable(self) -> tuple[tuple[Entry, ...], tuple[tuple[int, str], ...]]:
        """The whole ledger, in order, as far as it can be read; number and fault of what cannot: it was changed."""
        entries, unreadable = [], []
        with self._database.read() as connection:
            for row in connection.execute(select(ledger).order_by(ledger.c.number)).mappings():
                try:
                    entries.append(entry_of(row))
                except (msgspec.MsgspecError, TypeError, ValueError, ArithmeticError) as error:
                    unreadable.append((row["number"], str(error)))
        return tuple(entries), tuple(unreadable)

    def gates(self) -> tuple[Gate, ...]:
        """All release requests, in the order of their items."""
        with self._database.read() as connection:
            return tuple(gates_where(connection, true()))

    def of_releases(self, releases: Iterable[Release]) -> dict[Release, tuple[Entry, ...]]:
        """What the ledger has on each of these, oldest first."""
        found: dict[Release, list[Entry]] = {release: [] for release in releases}
        with self._database.read() as connection:
            for entry in _entries_of(connection, found):
                if entry.release in found:
                    found[entry.release].append(entry)
        return {release: tuple(entries) for release, entries in found.items()}

    def gate(self, item: str) -> Gate | None:
        """Where a release request stands."""
        with self._database.read() as connection:
            return next(iter(gates_where(connection, gates.c.item == item)), None)

    def disagreeing(self, since: datetime) -> tuple[Gate, ...]:
        """The requests looked at since whose vote is not what another label says, which people go by until now."""
        lately = select(decisions.c.item).where(decisions.c.at >= to_us(since))
        with self._database.read() as connection:
            found = gates_where(connection, gates.c.item.in_(lately))
        return tuple(gate for gate in found if gate.disagrees)

    def audits(self) -> tuple[Audit, ...]:
        """How all tags were found, in the order they were."""
        query = select(audits).order_by(audits.c.at, audits.c.repo, audits.c.version)
        with self._database.read() as connection:
            return tuple(audit_of(row) for row in connection.execute(query).mappings())

    def tags_of(self, repo: str) -> dict[str, str]:
        """How the tags of a repo were found last: version to commit, "" where it was gone."""
        query = select(audits.c.version, audits.c.sha).where(audits.c.repo == repo)
        with self._database.read() as connection:
            return {row.version: row.sha for row in connection.execute(query)}

    def strange_tags_of(self, repo: str) -> frozenset[str]:
        """The versions whose tags nobody had signed as they were found last."""
        query = select(audits.c.version).where((audits.c.repo == repo) & STRANGE)
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def restore(self, entries: Sequence[Entry]) -> None:
        """Add entries under the numbers and hashes they were published with, whatever is missing between them."""
        with self._database.write() as connection:
            _insert(connection, entries)


def signoff_counts(connection: Connection) -> dict[str, int]:
    """How many gates wait, entries there are, and tags nobody signed as they are."""
    waits = (gates.c.state == "open") & (gates.c.value <= 0)
    asked = {
        "gates_open": select(func.count()).select_from(gates).where(waits),
        "ledger_entries": select(func.count()).select_from(ledger),
        "tags_unsigned": select(func.count()).select_from(audits).where(STRANGE),
    }
    return {name: connection.execute(query).scalar() or 0 for name, query in asked.items()}


def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add entries that follow the last one. Raises Transient where they do not: they are to be decided anew."""
    if not entries:
        return
    head = head_in(connection)
    if (entries[0].number, entries[0].before) != (head.number + 1, head.hash):
        raise Transient(f"the ledger has grown to number {head.number} meanwhile: decides anew")
    _insert(connection, entries)


def head_in(connection: Connection) -> Head:
    """The end of the ledger's chain."""
    last = connection.execute(select(ledger.c.number, ledger.c.hash).order_by(ledger.c.number.desc()).limit(1)).first()
    return Head(number=last.number, hash=last.hash) if last else Head()


def gates_where(connection: Connection, condition: ColumnElement[bool]) -> list[Gate]:
    """Gates that meet a condition, in the order of their items."""
    query = select(gates).where(condition).order_by(gates.c.item)
    return [gate_of(row) for row in connection.execute(query).mappings()]


def learn_releases(connection: Connection, book: Book, releases: Iterable[Release]) -> None:
    """All that there is on releases the book does not know yet; audits are of any SHA of the tag."""
    unknown = [release for release in dict.fromkeys(releases) if not book.knows_release(release)]
    if unknown:
        book.learn_ledger(unknown, _entries_of(connection, unknown), _audits_of(connection, _tags(unknown)))


def learn_gates(connection: Connection, book: Book, items: Collection[str]) -> None:
    """All that there is on what the gates of these items want, and on what people said at them."""
    gates_ = [gate for item in items if (gate := book.gate(item))]
    wanted = [one.release for gate in gates_ for one in gate.wanted]
    asked = [release for gate in gates_ for release, _ in gate.asked]
    learn_releases(connection, book, wanted + asked + _releases_on(connection, [gate.item for gate in gates_]))


def learn_tags(connection: Connection, book: Book, tags: Iterable[Tag]) -> None:
    """All that there is on these tags, whatever the SHA, and the requests that asked for them."""
    wanted = [tag for tag in dict.fromkeys(tags) if _is_storable(*tag)]
    found = list(_rows(connection, ledger, wanted))
    entries = [entry_of(row) for row in found]
    book.learn_ledger([release_of(row) for row in found], entries, _audits_of(connection, wanted))
    unknown = [item for item in dict.fromkeys(entry.item for entry in entries) if book.gate(item) is None]
    for start in range(0, len(unknown), AT_ONCE):
        book.learn_gates(gates_where(connection, gates.c.item.in_(unknown[start : start + AT_ONCE])))


def _insert(connection: Connection, entries: Sequence[Entry]) -> None:
    if entries:
        connection.execute(insert(ledger), [entry_row(entry) for entry in entries])


def _entries_of(connection: Connection, releases: Iterable[Release]) -> Iterator[Entry]:
    """Of these releases, and of others of the same tags."""
    for row in _rows(connection, ledger, _tags(releases)):
        yield entry_of(row)


def _releases_on(connection: Connection, items: Sequence[str]) -> list[Release]:
    """What was acted on at these items, in the order of the ledger."""
    found: list[Release] = []
    for start in range(0, len(items), AT_ONCE):
        here = ledger.c.item.in_(items[start : start + AT_ONCE])
        found += map(release_of, connection.execute(select(ledger).where(here).order_by(ledger.c.number)).mappings())
    return list(dict.fromkeys(found))


def _audits_of(connection: Connection, tags: Sequence[Tag]) -> list[Audit]:
    return [audit_of(row) for row in _rows(connection, audits, tags)]


def _rows(connection: Connection, table: Table, tags: Sequence[Tag]) -> Iterator[Any]:
    """Rows of a table about tags, in the table's own order."""
    for start in range(0, len(tags), AT_ONCE):
        about = tuple_(table.c.repo, table.c.version).in_(tags[start : start + AT_ONCE])
        order = ledger.c.number if table is ledger else audits.c.at
        yield from connection.execute(select(table).where(about).order_by(order)).mappings()


def _tags(releases: Iterable[Release]) -> list[Tag]:
    """Each tag once; none whose name no database takes."""
    tags = dict.fromkeys((release.repo, release.version) for release in releases)
    return [tag for tag in tags if _is_storable(*tag)]


def _is_storable(*texts: str) -> bool:
    return not any("\0" in text for text in texts)

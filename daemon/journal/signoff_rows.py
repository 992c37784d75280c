"""What belongs to sign-offs as rows, and back: entries of the ledger, gates of release requests, audits of tags."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import RowMapping

from daemon.journal.instants import from_us, to_us
from rules.signoff.ledger import Entry
from rules.signoff.requests import Release
from rules.state import Audit, Gate

_gate = msgspec.json.Decoder(Gate)
_rights = msgspec.json.Decoder(tuple[tuple[str, str], ...])

ENTRY_FIELDS = (
    *("number", "before", "hash", "act", "item", "patch_set", "account", "person", "revision", "source", "because"),
)
"""What stands in a row as it stands in the value."""


def entry_row(entry: Entry) -> dict[str, Any]:
    """An entry of the ledger as a row."""
    row = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    return (
        row
        | entry.release._asdict()
        | {"at": to_us(entry.at), "rights": msgspec.json.encode(entry.rights).decode(), "own": entry.own}
    )


def entry_of(row: RowMapping) -> Entry:
    """A row as an entry of the ledger."""
    return Entry(
        **{name: row[name] for name in ENTRY_FIELDS},
        release=release_of(row),
        at=from_us(row["at"]),
        rights=_rights.decode(row["rights"]),
        own=bool(row["own"]),
    )


def gate_row(gate: Gate) -> dict[str, Any]:
    """A gate as a row."""
    row = {name: getattr(gate, name) for name in ("item", "repo", "state", "value")}
    return row | {"body": msgspec.json.encode(gate)}


def gate_of(row: RowMapping) -> Gate:
    """A row as a gate."""
    return _gate.decode(row["body"])


def audit_row(audit: Audit) -> dict[str, Any]:
    """How a tag was found, as a row."""
    row = {"state": audit.state, "because": audit.because, "at": to_us(audit.at), "person": audit.person}
    return row | audit.release._asdict()


def audit_of(row: RowMapping) -> Audit:
    """A row as how a tag was found."""
    return Audit(
        release=release_of(row),
        state=row["state"],
        because=row["because"],
        at=from_us(row["at"]),
        person=row["person"],
    )


def release_of(row: RowMapping) -> Release:
    """The release a row is about."""
    return Release(row["repo"], row["version"], row["sha"])

"""The ledger: who signed what, when, where and by which right. Only ever appended to, each entry chained to the one
before by its hash, and shown in a comment on the change, so that a lost ledger can be made again from there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rules.signoff.requests import Release

ACTS = ("signed", "withdrawn", "expired", "vetoed", "unvetoed", "lapsed", "overridden")
FIRST = "0" * 64
"""What the first entry is chained to."""

LINE_BEGINS = "czar-ledger "
"""How an entry's line in a comment begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act about one release. `act` is a word of ACTS.

    `account` is the server's id of who signed, also where it expired. `rights` are `(team, role)` by which it
    counted: role is czar, deputy, ptl, delegate, or a community duty with team `community`. `own`: the signer's own
    upload brought the release in. `revision` is the roster's. `source` names what it was read from and is judged once:
    `votes:MESSAGE`, `message:ID#LINE` (a command), `upload:SHA`, or "" for what follows from the clock or the roster.
    `number` counts from 1; `before` is the hash of the entry before.
    """

    act: str
    release: Release
    item: str
    patch_set: int
    at: datetime
    account: str = ""
    person: str = ""
    rights: tuple[tuple[str, str], ...] = ()
    own: bool = False
    revision: str = ""
    source: str = ""
    because: str = ""
    number: int = 0
    before: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain."""

    number: int = 0
    hash: str = FIRST


def chained(entries: Iterable[Entry], head: Head) -> tuple[tuple[Entry, ...], Head]:
    """The entries with their numbers and hashes, and the chain's new end."""
    done = []
    for entry in entries:
        numbered = replace(entry, number=head.number + 1, before=head.hash, hash="")
        done.append(replace(numbered, hash=hash_of(numbered)))
        head = Head(number=numbered.number, hash=done[-1].hash)
    return tuple(done), head


def hash_of(entry: Entry) -> str:
    """SHA-256 over all of an entry but its own hash, as it is written in a line."""
    return hashlib.sha256(_canonical(entry).encode()).hexdigest()


def line_of(entry: Entry) -> str:
    """An entry as one line of a comment: `czar-ledger {…} HASH`. ASCII only, whatever is in it."""
    return f"{LINE_BEGINS}{_canonical(entry)} {entry.hash}"


def read_line(line: str) -> Entry:
    """What `line_of` gave. Raises ValueError for anything else; whether the hash is right is left to `faults`."""
    body, _, digest = line.removeprefix(LINE_BEGINS).rpartition(" ")
    if not line.startswith(LINE_BEGINS):
        raise ValueError("is no line of the ledger")
    found = json.loads(body)
    if not isinstance(found, dict) or set(found) != set(_FIELDS):
        raise ValueError("has other keys than an entry of the ledger")
    try:
        return Entry(
            **{key: found[key] for key in _FIELDS if key not in ("at", "release", "rights")},
            at=datetime.fromisoformat(found["at"]),
            release=Release(*found["release"]),
            rights=tuple((team, role) for team, role in found["rights"]),
            hash=digest,
        )
    except TypeError as error:
        raise ValueError(f"is no entry of the ledger: {error}") from error


def faults(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    """What is wrong with a chain that begins at the first entry, in order: tampered, missing, out of place."""
    head = Head()
    for entry in entries:
        if hash_of(entry) != entry.hash:
            yield entry, "was changed after it was written: its hash is another"
        if entry.number != head.number + 1:
            yield entry, f"comes after number {head.number}: something between is missing"
        elif entry.before != head.hash:
            yield entry, "does not follow the entry before it: one of the two was changed or replaced"
        head = Head(number=entry.number, hash=entry.hash)


_FIELDS = (
    *("number", "before", "at", "act", "release", "item", "patch_set", "account", "person", "rights", "own"),
    *("revision", "source", "because"),
)


def _canonical(entry: Entry) -> str:
    """JSON with fixed order and spacing: the same entry is always the same text."""
    values = {key: getattr(entry, key) for key in _FIELDS}
    values["at"] = entry.at.astimezone(UTC).isoformat()
    return json.dumps(values, ensure_ascii=True, separators=(",", ":"))

"""Values of `rules` as rows, and back. Bodies are JSON as msgspec writes dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from daemon.journal.instants import from_us, to_us
from rules.actions import KINDS, Action
from rules.arrangements import Arrangement
from rules.facts import Facts
from rules.state import Case, Declined, Pause, Read
from rules.verdicts import Decision, Passed, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What is stored with a decision, enough to explain it years later without any network."""

    verdicts: tuple[Verdict, ...]
    passed: tuple[Passed, ...]
    facts: Facts | None
    version: str
    revision: str
    notes: tuple[str, ...] = ()


def _plain(value: object) -> object:
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise NotImplementedError(f"cannot encode {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
_detail = msgspec.json.Decoder(Detail)
_actions = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}


def encode_detail(decision: Decision, facts: Facts | None) -> bytes | None:
    """The stored part of a decision, None where no rule looked."""
    if not decision.looked:
        return None
    detail = Detail(
        verdicts=decision.verdicts,
        passed=decision.passed,
        facts=facts,
        version=decision.version,
        revision=decision.revision,
        notes=decision.notes,
    )
    return _encoder.encode(detail)


def decode_detail(raw: bytes) -> Detail:
    """What `encode_detail` gave."""
    return _detail.decode(raw)


def encode_action(action: Action) -> bytes:
    """The body of an action; its kind stands beside it."""
    return _encoder.encode(action)


def decode_action(kind: str, body: bytes) -> Action:
    """What `encode_action` was given."""
    return _actions[kind].decode(body)


def action_row(action: Action, key: str, state: str, seq: int, next_try: int) -> dict[str, Any]:
    """A new action as a row."""
    return {
        "key": key,
        "item": action.item,
        "kind": type(action).__name__,
        "body": encode_action(action),
        "seq": seq,
        "state": state,
        "doubt": False,
        "tries": 0,
        "next_try": next_try,
        "outcome": "",
        "settled": None,
    }


def asks_of(key: str) -> tuple[tuple[str, int], ...]:
    """What an action is about, by its key: case keys (a reminder's with its `#step`), and which ask of them it is."""
    abouts = (about.partition("~") for about in key.partition(":")[2].split(","))
    return tuple((case, int(times) if times.isdecimal() else 1) for case, _, times in abouts)


def declined_row(one: Declined) -> dict[str, Any]:
    """One who declined as a row."""
    return {"item": one.item, "person": one.person, "how": one.how, "because": one.because, "at": to_us(one.at)}


def pause_row(pause: Pause) -> dict[str, Any]:
    """A pause as a row."""
    return {"scope": pause.scope, "because": pause.because, "at": to_us(pause.at)}


CASE_FIELDS = (
    *("item", "repo", "slot", "duty", "team", "rule", "person", "role", "state", "end", "because", "observed", "as_"),
    *("times", "added", "ladder", "step", "topic", "owner"),
)
"""What stands in a row as it stands in a case."""


def _us(at: datetime | None) -> int | None:
    return to_us(at) if at else None


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def arrangement_row(one: Arrangement, seq: int) -> dict[str, Any]:
    """What was arranged as a row."""
    row = {name: getattr(one, name) for name in ("key", *ARRANGEMENT_FIELDS)}
    days = {name: day.isoformat() if (day := getattr(one, name)) else None for name in ("first", "last")}
    return row | days | {"at": to_us(one.at), "seq": seq}


def arrangement_of(row: RowMapping) -> Arrangement:
    """A row as what was arranged."""
    fields = {name: row[name] for name in ARRANGEMENT_FIELDS}
    days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("first", "last")}
    return Arrangement(**(fields | days | {"ended": bool(row["ended"])}), at=from_us(row["at"]))


ARRANGEMENT_FIELDS = ("kind", "person", "other", "team", "duty", "ended", "item")


def read_row(read: Read) -> dict[str, Any]:
    """A message whose commands were carried out as a row."""
    fields = ("message", "item", "person", "replied")
    return {name: getattr(read, name) for name in fields} | {"at": to_us(read.at)}


def read_of(row: RowMapping) -> Read:
    """A row as a message whose commands were carried out."""
    fields = {name: row[name] for name in ("message", "item", "person")}
    return Read(**fields, replied=bool(row["replied"]), at=from_us(row["at"]))


def case_row(case: Case, seq: int) -> dict[str, Any]:
    """A case as a row."""
    row: dict[str, Any] = {name: getattr(case, name) for name in ("key", *CASE_FIELDS)}
    instants = {name: _us(getattr(case, name)) for name in ("began", "paused", "due")}
    return row | instants | {"opened": to_us(case.opened), "seq": seq}


def case_of(row: RowMapping) -> Case:
    """A row as a case."""
    fields = {name: row[name] for name in CASE_FIELDS}
    instants = {name: _instant(row[name]) for name in ("began", "paused", "due")}
    flags = {name: bool(row[name]) for name in ("observed", "added")}  # SQLite has 0 and 1
    return Case(**(fields | flags | instants), opened=from_us(row["opened"]))


def declined_of(row: RowMapping) -> Declined:
    """A row as one who declined."""
    return Declined(
        item=row["item"], person=row["person"], how=row["how"], because=row["because"], at=from_us(row["at"])
    )


def pause_of(row: RowMapping) -> Pause:
    """A row as a pause."""
    return Pause(scope=row["scope"], because=row["because"], at=from_us(row["at"]))

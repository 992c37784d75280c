"""Values of `rules` as rows, and back. Bodies are JSON as msgspec writes dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from daemon.journal.instants import from_us, to_us
from rules.actions import KINDS, Action
from rules.facts import Facts
from rules.state import Case, Declined, Pause
from rules.verdicts import Decision, Passed, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What is stored with a decision, enough to explain it years later without any network."""

    verdicts: tuple[Verdict, ...]
    passed: tuple[Passed, ...]
    facts: Facts | None
    version: str
    revision: str


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


def declined_row(one: Declined) -> dict[str, Any]:
    """One who declined as a row."""
    return {"item": one.item, "person": one.person, "how": one.how, "because": one.because, "at": to_us(one.at)}


def pause_row(pause: Pause) -> dict[str, Any]:
    """A pause as a row."""
    return {"scope": pause.scope, "because": pause.because, "at": to_us(pause.at)}


def case_row(case: Case, seq: int) -> dict[str, Any]:
    """A case as a row."""
    fields = ("key", "item", "repo", "slot", "duty", "team", "rule", "person", "role", "state", "end", "because")
    row: dict[str, Any] = {name: getattr(case, name) for name in fields}
    due = to_us(case.due) if case.due else None
    return row | {
        "observed": case.observed,
        "opened": to_us(case.opened),
        "due": due,
        "step": case.step,
        "seq": seq,
    }


def case_of(row: RowMapping) -> Case:
    """A row as a case."""
    fields = ("item", "repo", "slot", "duty", "team", "rule", "person", "role", "state", "end", "because", "step")
    return Case(
        **{name: row[name] for name in fields},
        observed=bool(row["observed"]),
        opened=from_us(row["opened"]),
        due=from_us(row["due"]) if row["due"] is not None else None,
    )


def declined_of(row: RowMapping) -> Declined:
    """A row as one who declined."""
    return Declined(
        item=row["item"], person=row["person"], how=row["how"], because=row["because"], at=from_us(row["at"])
    )


def pause_of(row: RowMapping) -> Pause:
    """A row as a pause."""
    return Pause(scope=row["scope"], because=row["because"], at=from_us(row["at"]))

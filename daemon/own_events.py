"""Events of our own making, as they stand in the journal: what fired by the clock, what a server refused."""

from __future__ import annotations

from datetime import datetime

import msgspec

from integrations.contract import Malformed
from rules.events import AskRefused, Event, Tick

SOURCE = "czar"

_KINDS = {kind.__name__: msgspec.json.Decoder(kind) for kind in (Tick, AskRefused)}


class _Kind(msgspec.Struct):
    kind: str


def tick(item: str, repo: str, because: str, at: datetime) -> bytes:
    """A due time came."""
    return _encode(Tick(at=at, item=item, repo=repo, because=because))


def ask_refused(item: str, repo: str, person: str, why: str, at: datetime) -> bytes:
    """A server will not have a person asked."""
    return _encode(AskRefused(at=at, item=item, repo=repo, person=person, why=why))


def parse(raw: bytes) -> Event:
    """What the makers above gave. Raises Malformed."""
    try:
        kind = msgspec.json.decode(raw, type=_Kind).kind
        return _KINDS[kind].decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError) as error:
        raise Malformed(f"not an event of ours: {error}") from error


def _encode(event: Event) -> bytes:
    return msgspec.json.encode({"kind": type(event).__name__} | msgspec.to_builtins(event))

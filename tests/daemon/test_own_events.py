"""Events of our own making."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import own_events
from integrations.contract import Malformed
from rules.events import AskRefused, Tick
from tests.clock import START
from tests.daemon.journals import REPO


def test_a_tick_comes_back() -> None:
    raw = own_events.tick("gerrit:1", REPO, "was unrouted: nobody is available", START)
    expected = Tick(at=START, item="gerrit:1", repo=REPO, because="was unrouted: nobody is available")
    assert own_events.parse(raw) == expected


def test_a_refusal_comes_back() -> None:
    raw = own_events.ask_refused("gerrit:1", REPO, "ann", "may not read it ☂", START)
    expected = AskRefused(at=START, item="gerrit:1", repo=REPO, person="ann", why="may not read it ☂")
    assert own_events.parse(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"kind":"Tick"',
        b'{"kind":"Tick","item":7}',
        b'{"kind":"Teleport","at":"2026-01-01T00:00:00Z"}',
        b'{"kind":"\xff"}',
        b"\xff\xfe",
        b'{"kind":' + b"[" * 100_000,
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"kind":"Tick"}',
    ],
    ids=lambda raw: raw[:20],
)
def test_what_is_not_of_ours_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed, match="not an event of ours"):
        own_events.parse(raw)


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_being_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        own_events.parse(raw)

"""Searching changes."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.query import search
from integrations.sandbox.gerrit.records import Refusal
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.push(options=("topic=t", "r=bob"))  # 03:04:05
    world.clock.pass_s(60)
    world.push(world.bob)  # 03:05:05
    world.clock.pass_s(60)
    world.state.merge(world.push().number, world.bob.account_id)  # 03:06:05
    return world


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [3, 2, 1]),
        ('after:"2026-01-02 03:05:05"', [3, 2]),  # inclusive
        ('since:"2026-01-02 03:05:06" -is:private', [3]),
        ('before:"2026-01-02 03:05:05.000"', [2, 1]),
        ('after:"2026-01-02 04:05:05 +0100"', [3, 2]),
        ("after:2026-01-03", []),
        ("status:merged", [3]),
        ("is:open owner:self", [1]),
        ("is:open AND owner:bob@example.org", [2]),
        (f"project:{PROJECT} branch:master", [3, 2, 1]),
        ("project:^plugins/.*", [3, 2, 1]),
        ("project:other", []),
        ("2", [2]),
        ("change:2 OR change:1", [2, 1]),
        ("topic:t", [1]),
        ("reviewer:bob", [1]),
        ("attention:bob", [1]),
        ("path:a.txt status:open", [2, 1]),
    ],
)
def test_operators(world: World, text: str, numbers: list[int]) -> None:
    found, more = search(world.state, world.ann.account_id, text, limit=0, start=0)
    assert ([change.number for change in found], more) == (numbers, False)


@pytest.mark.parametrize("text", ["no:such", "is:nonsense", "after:yesterday", "status:odd", "owner:nobody"])
def test_what_gerrit_does_not_know_is_refused(world: World, text: str) -> None:
    with pytest.raises(Refusal, match="400"):
        search(world.state, world.ann.account_id, text, limit=0, start=0)

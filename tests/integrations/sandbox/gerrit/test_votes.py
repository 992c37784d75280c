"""Labels at work."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit import votes
from integrations.sandbox.gerrit.records import Label
from integrations.sandbox.gerrit.registry import CODE_REVIEW
from integrations.sandbox.gerrit.state import Review
from tests.integrations.sandbox.gerrit.world import World

VERIFIED = Label(name="Verified", values={-1: "", 0: "", 1: ""}, copy_condition="changekind:NO_CODE_CHANGE")


@pytest.mark.parametrize(
    ("kind", "plus_two", "minus_two", "verified"),
    [
        ("NO_CHANGE", True, True, True),
        ("NO_CODE_CHANGE", False, True, True),
        ("TRIVIAL_REBASE", True, True, False),
        ("MERGE_FIRST_PARENT_UPDATE", False, True, False),
        ("REWORK", False, True, False),
    ],
)
def test_the_defaults_copy_as_the_table_of_gerrit_says(
    kind: str, plus_two: bool, minus_two: bool, verified: bool
) -> None:
    assert votes.is_copied(CODE_REVIEW, kind, 2) is plus_two
    assert votes.is_copied(CODE_REVIEW, kind, -2) is minus_two
    assert votes.is_copied(VERIFIED, kind, 1) is verified


@pytest.mark.parametrize(
    ("term", "truth"),
    [
        ("Code-Review=MAX", True),
        ("Code-Review=+2", True),
        ("Code-Review>=1", True),
        ("Code-Review=MIN", False),
        ("Code-Review=MAX,user=bob", True),
        ("Code-Review=MAX,user=ann", False),
        ("Code-Review=MAX,user=non_uploader", True),
        ("Code-Review=MAX,group=Service Users", False),
        ("Verified=1", False),
    ],
)
def test_a_label_term_looks_at_who_voted(term: str, truth: bool) -> None:
    world = World()
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    assert votes.label_term(world.state, change, term) is truth


def test_a_requirement_that_cannot_be_read_does_not_hold() -> None:
    world = World()
    change = world.push()
    assert not votes.fulfilled(world.state, change, "label:Code-Review=MAX,user=nobody")
    assert votes.unsatisfied(world.state, change) == ["Code-Review"]

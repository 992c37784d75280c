"""One call as the routes see it."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.calls import Call
from integrations.sandbox.gerrit.records import Refusal
from tests.integrations.sandbox.gerrit.world import World


def test_a_revision_is_named_by_word_number_or_sha() -> None:
    world = World()
    change = world.push()
    sha = change.current.revision
    for name in ("current", "1", sha):
        assert Call(state=world.state, viewer=None, parts=("1", name)).patch_set.revision == sha
    with pytest.raises(Refusal, match="404"):
        _ = Call(state=world.state, viewer=None, parts=("1", "2")).patch_set


def test_a_change_id_on_two_branches_names_neither() -> None:
    world = World()
    change = world.push()
    world.state.update_ref(change.project, "refs/heads/stable", "c" * 40, by=world.ann.account_id)
    world.push(change_id=change.change_id, branch="stable")
    with pytest.raises(Refusal, match="404"):
        _ = Call(state=world.state, viewer=None, parts=(change.change_id,)).change


def test_numbers_and_options_come_from_the_query() -> None:
    call = Call(state=World().state, viewer=None, query={"n": ["5"], "S": ["x"], "o": ["A,B", "C"]})
    assert (call.number("n"), call.number("none"), call.options()) == (5, 0, ["A", "B", "C"])
    with pytest.raises(Refusal, match="400"):
        call.number("S")


def test_acting_needs_a_login_and_managing_an_administrator() -> None:
    world = World()
    with pytest.raises(Refusal, match="403"):
        _ = Call(state=world.state, viewer=None).actor
    with pytest.raises(Refusal, match="403"):
        _ = Call(state=world.state, viewer=world.ann.account_id).admin

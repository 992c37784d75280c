"""Who is on a change."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.records import Refusal
from integrations.sandbox.gerrit.reviewers import ReviewerAsk
from integrations.sandbox.gerrit.state import Review
from tests.integrations.sandbox.gerrit.world import World


@pytest.fixture
def world() -> World:
    return World()


def test_adding_a_reviewer_twice_changes_nothing(world: World) -> None:
    change = world.push()
    first = world.state.add_reviewer(change.number, world.ann.account_id, ReviewerAsk(reviewer="bob"))
    world.told()
    again = world.state.add_reviewer(change.number, world.ann.account_id, ReviewerAsk(reviewer="bob"))
    owner = world.state.add_reviewer(change.number, world.bob.account_id, ReviewerAsk(reviewer="ann"))
    assert (first.accounts, again.accounts, owner.accounts) == ((world.bob.account_id,), (), ())
    assert world.kinds(refs=True) == []


def test_an_inactive_account_cannot_become_a_reviewer(world: World) -> None:
    change = world.push()
    world.state.edit_account(world.bob.account_id, active=False)
    for name in ("bob", str(world.bob.account_id)):
        with pytest.raises(Refusal) as refused:
            world.state.add_reviewer(change.number, world.ann.account_id, ReviewerAsk(reviewer=name))
        assert refused.value.json is not None


def test_large_groups_ask_for_confirmation(world: World) -> None:
    members = [world.person(f"p{number}").account_id for number in range(11)]
    world.state.add_group("many", members)
    change = world.push()
    with pytest.raises(Refusal) as refused:
        world.state.add_reviewer(change.number, world.ann.account_id, ReviewerAsk(reviewer="many"))
    assert isinstance(refused.value.json, dict)
    assert refused.value.json["confirm"] is True
    done = world.state.add_reviewer(change.number, world.ann.account_id, ReviewerAsk(reviewer="many", confirmed=True))
    assert len(done.accounts) == 11


def test_who_is_not_there_cannot_be_taken_off_and_nothing_is_done(world: World) -> None:
    change = world.push()
    asks = [ReviewerAsk(reviewer="cyd"), ReviewerAsk(reviewer="bob", state="REMOVED")]
    with pytest.raises(Refusal, match="404 Reviewer Bob doesn't exist in the change, hence can't delete it"):
        world.state.review(change.number, world.ann.account_id, Review(message="You now.", reviewers=asks))
    assert (change.reviewers, len(change.messages)) == ({}, 1)


def test_who_is_taken_off_loses_the_votes_and_the_message_lists_them(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": -1}))
    world.state.remove_reviewer(change.number, world.ann.account_id, world.bob.account_id)
    bob = f"<GERRIT_ACCOUNT_{world.bob.account_id}>"
    votes = f"* Code-Review-1 by {bob}\n"
    assert change.messages[-1].text == f"Removed reviewer {bob} with the following votes:\n\n{votes}"
    assert (change.votes, change.reviewers) == ({}, {})


def test_a_vote_is_taken_off_once(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 1}))
    world.state.remove_vote(change.number, world.ann.account_id, world.bob.account_id, "Code-Review")
    assert set(change.reviewers) == {world.bob.account_id}
    with pytest.raises(Refusal, match="404 Not Found"):
        world.state.remove_vote(change.number, world.ann.account_id, world.bob.account_id, "Code-Review")

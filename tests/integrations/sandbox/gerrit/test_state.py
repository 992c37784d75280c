"""What the stand-in's world keeps true."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.records import Label, Refusal
from integrations.sandbox.gerrit.reviewers import ReviewerAsk
from integrations.sandbox.gerrit.state import Review, Said, State
from tests.integrations.sandbox.gerrit.world import PROJECT, Clock, World


@pytest.fixture
def world() -> World:
    return World()


def test_the_same_acts_give_the_same_lines() -> None:
    def life() -> list[str]:
        state, lines = State(clock=Clock(), seed="7"), list[str]()
        state.subscribe(lambda line: lines.append(line.text))
        state.add_project(PROJECT)
        change = state.push(state.admin.account_id, PROJECT, subject="x", files={"a": "b"})
        state.merge(change.number, state.admin.account_id)
        return lines

    assert life() == life()


def test_a_bad_reviewer_undoes_the_whole_review(world: World) -> None:
    change = world.push()
    world.told()
    before = change.meta
    asks = [ReviewerAsk(reviewer="bob"), ReviewerAsk(reviewer="nobody")]
    with pytest.raises(Refusal) as refused:
        world.state.review(
            change.number, world.cyd.account_id, Review(message="hi", labels={"Code-Review": 1}, reviewers=asks)
        )
    assert refused.value.status == 400
    assert (change.meta, change.reviewers, change.votes) == (before, {}, {})
    assert world.kinds(refs=True) == []


def test_speaking_makes_a_cc_and_voting_a_reviewer(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(message="hm"))
    assert change.reviewers == {world.bob.account_id: "CC"}
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 1}))
    assert change.reviewers == {world.bob.account_id: "REVIEWER"}


@pytest.mark.parametrize(
    ("content", "message", "kept"),
    [
        ("one\n", "", {2}),  # nothing changed
        ("one\n", "Other words\n", set()),  # only the message
        ("two\n", "", set()),  # the content
    ],
)
def test_votes_are_copied_as_the_label_says(world: World, content: str, message: str, kept: set[int]) -> None:
    change = world.push(message="Do it\n")
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    world.state.review(change.number, world.cyd.account_id, Review(labels={"Code-Review": -2}))
    world.push(change_id=change.change_id, message=message or "Do it\n", files={"a.txt": content})
    here = {vote.value for (number, _, _), vote in change.votes.items() if number == 2}
    assert here == kept | {-2}


def test_a_vote_on_an_old_patch_set_stays_there_when_the_content_changed(world: World) -> None:
    change = world.push()
    world.push(change_id=change.change_id, files={"a.txt": "two\n"})
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 1}), patch_set=1)
    assert change.value(1, world.bob.account_id, "Code-Review") == 1
    assert change.value(2, world.bob.account_id, "Code-Review") == 0


def test_a_copied_vote_given_again_is_told_with_equal_values(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    world.push(change_id=change.change_id, files={"a.txt": "one\n"}, message=change.current.message)
    world.told()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    (approval,) = world.told()[0]["approvals"]
    assert (approval["value"], approval["oldValue"]) == ("2", "2")


def test_unknown_labels_and_values_are_dropped_in_silence(world: World) -> None:
    change = world.push()
    world.told()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Nonsense": 1, "Code-Review": 9}))
    assert change.votes == {}
    assert world.kinds() == []


def test_a_label_of_a_group_refuses_the_others(world: World) -> None:
    world.state.set_label(PROJECT, Label(name="Release-Signoff", values={-1: "no", 0: "", 1: "yes"}))
    world.state.allow_vote(PROJECT, "Release-Signoff", world.state.group(SERVICE_USERS).uuid)
    change = world.push()
    with pytest.raises(Refusal, match='403 Applying label "Release-Signoff": 1 is restricted'):
        world.state.review(change.number, world.ann.account_id, Review(labels={"Release-Signoff": 1}))
    world.state.review(change.number, world.bot.account_id, Review(labels={"Release-Signoff": 1}))
    assert change.value(1, world.bot.account_id, "Release-Signoff") == 1


def test_votes_on_closed_changes_are_refused_but_words_are_not(world: World) -> None:
    change = world.push()
    world.state.abandon(change.number, world.ann.account_id)
    with pytest.raises(Refusal, match="409 change is closed"):
        world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 1}))
    world.state.review(change.number, world.bob.account_id, Review(message="a pity"))


def test_the_attention_set_follows_the_conversation(world: World) -> None:
    change = world.push(options=("r=bob",))
    assert set(change.attention) == {world.bob.account_id}
    world.state.review(change.number, world.bob.account_id, Review(message="why?"))
    assert set(change.attention) == {world.ann.account_id}
    world.state.review(change.number, world.ann.account_id, Review(message="because"))
    assert set(change.attention) == set()


def test_a_service_user_turns_to_the_owner_only_with_a_negative_vote(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bot.account_id, Review(message="seen"))
    assert not change.attention
    world.state.review(change.number, world.bot.account_id, Review(labels={"Code-Review": -1}))
    assert set(change.attention) == {world.ann.account_id}


def test_work_in_progress_keeps_everybody_out_of_attention_until_it_is_ready(world: World) -> None:
    change = world.push(options=("wip", "r=bob"))
    assert not change.attention
    world.state.set_wip(change.number, world.ann.account_id, False)
    assert set(change.attention) == {world.bob.account_id}


def test_every_write_moves_updated_and_the_notes(world: World) -> None:
    change = world.push()
    before, meta = change.updated, change.meta
    world.clock.pass_s(90)
    world.state.add_attention(change.number, world.bob.account_id, "ann", "look")
    assert (change.updated - before).total_seconds() == 90
    assert change.meta != meta


def test_names_and_addresses_are_taken_once_in_any_case(world: World) -> None:
    with pytest.raises(Refusal, match="409"):
        world.person("BOB")
    with pytest.raises(Refusal, match="422"):
        world.state.add_account("rob", email="bob@example.org")


def test_a_private_change_is_heard_by_its_people_only_but_a_new_reviewer_leaks(world: World) -> None:
    world.push(options=("private",))
    world.state.add_reviewer(1, world.ann.account_id, ReviewerAsk(reviewer="cyd"))
    heard = {line.kind for line in world.lines if world.state.may_hear(world.bob.account_id, line)}
    assert heard == {"reviewer-added"}
    own = {line.kind for line in world.lines if world.state.may_hear(world.cyd.account_id, line)}
    assert own == {"ref-updated", "patchset-created", "reviewer-added"}


def test_a_review_that_takes_somebody_off_says_only_its_own_words(world: World) -> None:
    change = world.push(options=("r=bob",))
    world.told()
    asks = [ReviewerAsk(reviewer="cyd"), ReviewerAsk(reviewer="bob", state="REMOVED")]
    world.state.review(change.number, world.ann.account_id, Review(message="You now.", reviewers=asks))
    assert world.kinds() == ["comment-added", "reviewer-deleted", "reviewer-added"]
    assert set(change.reviewers) == set(change.attention) == {world.cyd.account_id}
    assert [message.text for message in change.messages[1:]] == ["Patch Set 1:\n\nYou now."]
    only = [ReviewerAsk(reviewer="cyd", state="REMOVED")]
    world.state.review(change.number, world.ann.account_id, Review(reviewers=only))
    assert change.messages[-1].tag == "autogenerated:gerrit:deleteReviewer"


def test_comments_are_tied_to_the_first_message_of_the_same_second(world: World) -> None:
    change = world.push()
    level = [Said(path="/PATCHSET_LEVEL", text="czar: claim")]
    for review in (Review(message="Hm."), Review(comments=level, tag="autogenerated:x")):
        world.state.review(change.number, world.bob.account_id, review)
    world.clock.pass_s(1)
    world.state.review(change.number, world.bob.account_id, Review(comments=level))
    ids = [message.id for message in change.messages]
    assert [comment.message_id for comment in change.comments] == [ids[1], ids[3]]
    assert [comment.tag for comment in change.comments] == ["autogenerated:x", ""]

"""The stream's lines: names, order and quirks as Gerrit 3.10 has them."""

from __future__ import annotations

import json

import pytest

from integrations.sandbox.gerrit.events import gson
from integrations.sandbox.gerrit.reviewers import ReviewerAsk
from integrations.sandbox.gerrit.state import Review, Said
from tests.integrations.sandbox.gerrit.world import PROJECT, START, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_push_tells_the_patch_set_then_the_notes_then_the_event(world: World) -> None:
    change = world.push()
    patch, meta, created = world.told(refs=True)
    assert patch["refUpdate"]["refName"] == "refs/changes/01/1/1"
    assert patch["refUpdate"]["oldRev"] == "0" * 40
    assert meta["refUpdate"] == {
        "oldRev": "0" * 40,
        "newRev": change.meta,
        "refName": "refs/changes/01/1/meta",
        "project": PROJECT,
    }
    assert list(created) == [
        "uploader",
        "patchSet",
        "change",
        "project",
        "refName",
        "changeKey",
        "type",
        "eventCreatedOn",
    ]


def test_attributes_stand_in_the_order_of_the_server(world: World) -> None:
    change = world.push(options=("topic=x", "hashtag=h", "wip", "private"))
    created = world.told()[0]
    assert " ".join(created["change"]) == (
        "project branch topic id number subject owner url commitMessage hashtags createdOn status wip private"
    )
    assert " ".join(created["patchSet"]) == (
        "number revision parents ref uploader createdOn author kind sizeInsertions sizeDeletions"
    )
    assert created["uploader"] == {"name": "Ann", "email": "ann@example.org", "username": "ann"}
    assert created["patchSet"]["sizeInsertions"] == 1 + 5 + 1 + 3  # the file; /COMMIT_MSG: head, parent, message
    assert created["patchSet"]["revision"] == change.current.revision
    assert created["eventCreatedOn"] == int(START.timestamp())


def test_unset_fields_are_left_out(world: World) -> None:
    world.push()
    created = world.told()[0]
    assert not {"topic", "hashtags", "wip", "private"} & set(created["change"])


def test_text_is_escaped_as_gerrit_does() -> None:
    assert gson({"a": "<b>&='é"}) == '{"a":"\\u003cb\\u003e\\u0026\\u003d\\u0027é"}'
    assert json.loads(gson({"a": "<'"})) == {"a": "<'"}


def test_a_comment_lists_every_label_and_only_the_vote_set_has_an_old_value(world: World) -> None:
    change = world.push()
    world.told()
    world.state.review(change.number, world.bob.account_id, Review(message="Fine", labels={"Code-Review": 1}))
    (line,) = world.told()
    assert line["comment"] == "Patch Set 1: Code-Review+1\n\nFine"
    vote = {"type": "Code-Review", "description": "Code-Review", "value": "1"}
    assert line["approvals"] == [vote | {"oldValue": "0"}]
    world.state.review(change.number, world.bob.account_id, Review(message="Still"))
    assert world.told()[0]["approvals"] == [vote]


def test_a_removed_vote_shows_zero_and_what_it_was(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    world.told()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 0}))
    (line,) = world.told()
    assert line["comment"] == "Patch Set 1: -Code-Review"
    assert line["approvals"][0]["value"] == "0"
    assert line["approvals"][0]["oldValue"] == "2"


def test_votes_vanish_from_the_text_when_the_reply_is_a_patch_set_level_comment(world: World) -> None:
    change = world.push()
    world.told()
    said = [Said(path="/PATCHSET_LEVEL", text="czar: signoff")]
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 1}, comments=said))
    assert world.told()[0]["comment"] == "Patch Set 1:\n\nczar: signoff"
    assert change.messages[-1].text == "Patch Set 1: Code-Review+1\n\n(1 comment)"


def test_a_push_with_votes_tells_a_comment_without_text(world: World) -> None:
    world.push(options=("l=Code-Review+1",))
    created, voted = world.told()
    assert created["type"] == "patchset-created"
    assert "comment" not in voted
    assert voted["approvals"][0]["oldValue"] == "0"


def test_reviewers_of_a_push_come_before_its_patch_set(world: World) -> None:
    world.push(options=("r=bob", "cc=cyd"))
    assert world.kinds() == ["reviewer-added", "patchset-created"]


def test_a_push_that_flips_states_of_a_change_tells_only_the_patch_set(world: World) -> None:
    change = world.push()
    world.told()
    options = ("wip", "private", "topic=t", "hashtag=h")
    world.push(change_id=change.change_id, files={"a.txt": "two\n"}, options=options)
    (line,) = world.told()
    assert (line["change"]["wip"], line["change"]["private"], line["change"]["topic"]) == (True, True, "t")


def test_a_new_change_with_a_topic_tells_it_after_the_patch_set(world: World) -> None:
    world.push(options=("topic=t",))
    created, topic = world.told()
    assert (created["type"], topic["type"], topic["oldTopic"]) == ("patchset-created", "topic-changed", "t")
    assert "patchSet" not in topic


def test_a_reply_tells_ready_then_the_comment_then_the_reviewers(world: World) -> None:
    change = world.push(options=("wip",))
    world.told()
    asks = [ReviewerAsk(reviewer="bob"), ReviewerAsk(reviewer="cyd", state="CC")]
    world.state.review(change.number, world.ann.account_id, Review(message="Go", wip=False, reviewers=asks))
    assert world.kinds(refs=True) == ["ref-updated", "wip-state-changed", "comment-added", "reviewer-added"]


def test_the_servers_race_names_the_last_reviewer_in_every_line(world: World) -> None:
    change = world.push()
    world.told()
    world.state.names_last_reviewer = True
    asks = [ReviewerAsk(reviewer="bob"), ReviewerAsk(reviewer="cyd")]
    world.state.review(change.number, world.ann.account_id, Review(reviewers=asks))
    assert [line["reviewer"]["username"] for line in world.told()] == ["cyd", "cyd"]


def test_a_merge_moves_the_branch_once_and_tells_each_change_with_the_same_tip(world: World) -> None:
    lower = world.push()
    upper = world.push(parents=(lower.current.revision,), files={"b.txt": "x\n"})
    world.told()
    world.state.merge(upper.number, world.bob.account_id)
    lines = world.told(refs=True)
    assert [line["type"] for line in lines] == ["ref-updated"] * 3 + ["change-merged"] * 2
    assert lines[0]["refUpdate"]["refName"] == "refs/heads/master"
    assert {line["newRev"] for line in lines[3:]} == {upper.current.revision}
    assert [line["change"]["status"] for line in lines[3:]] == ["MERGED", "MERGED"]


def test_refs_of_changes_can_be_left_out_but_branches_are_told(world: World) -> None:
    world.state.emit_ref_updates = False
    change = world.push()
    world.state.merge(change.number, world.bob.account_id)
    assert world.kinds(refs=True) == ["patchset-created", "ref-updated", "change-merged"]


def test_who_removes_a_reviewer_names_the_lost_votes(world: World) -> None:
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 1}))
    world.told()
    world.state.remove_reviewer(change.number, world.ann.account_id, world.bob.account_id)
    (line,) = world.told()
    assert line["comment"].startswith("Removed reviewer Bob <bob@example.org> with the following votes:")
    assert line["approvals"] == [{"type": "Code-Review", "description": "Code-Review", "value": "0", "oldValue": "1"}]


def test_abandoning_always_has_a_reason_and_the_server_has_no_name(world: World) -> None:
    change = world.push()
    world.told()
    world.state.abandon(change.number, None)
    (line,) = world.told()
    assert line["reason"] == ""
    assert "abandoner" not in line


def test_the_same_topic_again_is_told_again(world: World) -> None:
    change = world.push()
    world.state.set_topic(change.number, world.ann.account_id, "t")
    world.told()
    world.state.set_topic(change.number, world.ann.account_id, "t")
    assert world.told()[0]["oldTopic"] == "t"


def test_attention_alone_shows_only_as_an_update_of_the_notes(world: World) -> None:
    change = world.push()
    world.told()
    world.state.add_attention(change.number, world.bob.account_id, "ann", "please look")
    assert world.kinds(refs=True) == ["ref-updated"]


def test_tags_are_told_as_refs(world: World) -> None:
    world.state.update_ref(PROJECT, "refs/tags/1.0", "a" * 40, by=world.ann.account_id)
    assert world.told(refs=True)[0]["refUpdate"]["refName"] == "refs/tags/1.0"


def test_words_alone_on_a_closed_change_have_no_approvals(world: World) -> None:
    change = world.push()
    world.state.abandon(change.number, world.ann.account_id)
    world.told()
    world.state.review(change.number, world.bob.account_id, Review(message="a pity"))
    assert "approvals" not in world.told()[0]

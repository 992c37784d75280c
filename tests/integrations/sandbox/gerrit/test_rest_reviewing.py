"""Reviewers, votes and attention by REST."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.gerrit.doorstep import Door
from tests.integrations.sandbox.gerrit.world import World

REVIEW = "/changes/1/revisions/current/review"


@pytest.fixture
def door() -> Door:
    return Door(World())


def test_a_reviewer_is_added_once(door: Door) -> None:
    door.world.push()
    status, result = door(door.world.bob, "POST", "/changes/1/reviewers", {"reviewer": "cyd"})
    assert (status, result["reviewers"][0]["approvals"]) == (200, {"Code-Review": " 0"})
    again = door(door.world.bob, "POST", "/changes/1/reviewers", {"reviewer": "cyd"})
    assert again == (200, {"input": "cyd", "reviewers": []})
    copied = door(door.world.bob, "POST", "/changes/1/reviewers", {"reviewer": "bob", "state": "CC"})[1]
    assert copied["ccs"][0]["username"] == "bob"
    listed = door(door.world.bob, "GET", "/changes/1/reviewers/")[1]
    assert [one["username"] for one in listed] == ["bob", "cyd"]


def test_an_unknown_reviewer_is_400_with_json(door: Door) -> None:
    door.world.push()
    status, result = door(door.world.bob, "POST", "/changes/1/reviewers", {"reviewer": "nobody"})
    assert (status, result["input"]) == (400, "nobody")
    assert result["error"].endswith("nobody does not identify a registered user or group")


def test_a_review_with_a_bad_reviewer_is_refused_as_a_whole(door: Door) -> None:
    change = door.world.push()
    body = {"message": "hi", "reviewers": [{"reviewer": "bob"}, {"reviewer": "nobody"}]}
    status, result = door(door.world.cyd, "POST", REVIEW, body)
    assert status == 400
    assert result["reviewers"]["bob"] == {"input": "bob"}
    assert "error" in result["reviewers"]["nobody"]
    assert change.reviewers == {}
    assert len(change.messages) == 1


def test_one_review_does_everything(door: Door) -> None:
    change = door.world.push(options=("wip",))
    body = {
        "message": "Please look",
        "ready": True,
        "reviewers": [{"reviewer": "bob"}, {"reviewer": "cyd", "state": "CC"}],
        "add_to_attention_set": [{"user": "cyd", "reason": "asked"}],
        "ignore_automatic_attention_set_rules": True,
        "comments": {"a.txt": [{"line": 1, "message": "here", "unresolved": True}]},
        "notify": "NONE",
    }
    result = door(door.world.ann, "POST", f"/changes/1/revisions/{change.current.revision}/review", body)[1]
    assert result["ready"] is True
    assert sorted(result["reviewers"]) == ["bob", "cyd"]
    assert set(change.attention) == {door.world.bob.account_id, door.world.cyd.account_id}
    comments = door(door.world.ann, "GET", "/changes/1/comments")[1]
    assert comments["a.txt"][0]["message"] == "here"
    assert door(door.world.ann, "POST", REVIEW, {"ready": True, "work_in_progress": True})[0] == 400


def test_a_vote_goes_to_the_patch_set_that_was_named(door: Door) -> None:
    change = door.world.push()
    old = change.current.revision
    door.world.push(change_id=change.change_id, files={"a.txt": "two\n"})
    door(door.world.bob, "POST", f"/changes/1/revisions/{old}/review", {"labels": {"Code-Review": 1}})
    assert change.value(1, door.world.bob.account_id, "Code-Review") == 1
    assert change.value(2, door.world.bob.account_id, "Code-Review") == 0
    assert door(door.world.bob, "POST", f"/changes/1/revisions/{'0' * 40}/review", {})[0] == 404


def test_attention_is_for_the_people_of_the_change(door: Door) -> None:
    door.world.push(options=("r=bob",))
    assert door(door.world.ann, "POST", "/changes/1/attention", {"user": "bob"})[0] == 400
    assert door(door.world.ann, "POST", "/changes/1/attention", {"user": "cyd", "reason": "x"})[0] == 400
    assert door(door.world.ann, "POST", "/changes/1/attention", {"user": "bob", "reason": "x"})[0] == 200
    assert door(door.world.ann, "GET", "/changes/1/attention")[1][0]["account"]["username"] == "bob"
    assert door(door.world.ann, "POST", "/changes/1/attention/bob/delete", {"reason": "done"})[0] == 204
    assert door(door.world.ann, "DELETE", "/changes/1/attention/bob")[0] == 204  # was not in it


def test_a_review_may_take_off_only_whom_its_author_may(door: Door) -> None:
    change = door.world.push(options=("r=bob",))
    body = {"message": "Bye.", "reviewers": [{"reviewer": "bob", "state": "REMOVED"}]}
    assert door(door.world.cyd, "POST", REVIEW, body) == (403, "remove reviewer not permitted")
    assert len(change.messages) == 1
    status, result = door(door.world.ann, "POST", REVIEW, body)
    assert (status, result["reviewers"]["bob"]["removed"]["username"]) == (200, "bob")
    assert door(door.world.ann, "POST", REVIEW, body)[0] == 404


def test_nobody_has_the_attention_of_who_is_not_there(door: Door) -> None:
    door.world.push(options=("r=bob",))
    bob = door.world.bob.account_id
    pages = door(door.world.ann, "GET", f"/changes/?q=attention:{bob}+status:open&q=attention:99999")[1]
    assert [[row["_number"] for row in page] for page in pages] == [[1], []]


def test_a_vote_is_deleted_by_who_may(door: Door) -> None:
    change = door.world.push()
    vote = {"labels": {"Code-Review": 1}}
    door(door.world.bob, "POST", REVIEW, vote)
    where = "/changes/1/reviewers/bob/votes/Code-Review"
    assert door(door.world.cyd, "DELETE", where) == (403, "Delete vote not permitted.")
    assert door(door.world.ann, "POST", f"{where}/delete", {"reason": "No."}) == (204, "")
    bob = f"<GERRIT_ACCOUNT_{door.world.bob.account_id}>"
    assert change.messages[-1].text == f"Removed Code-Review+1 by {bob}\n\nNo.\n"
    assert door(door.world.ann, "DELETE", where) == (404, "Not Found")
    door(door.world.bob, "POST", REVIEW, vote)
    door(door.world.ann, "POST", "/changes/1/abandon")
    assert door(door.world.ann, "DELETE", where)[0] == 403


def test_nobody_acts_in_anothers_name(door: Door) -> None:
    door.world.push()
    body = {"on_behalf_of": door.world.bob.account_id, "labels": {"Code-Review": 1}}
    assert door(door.world.ann, "POST", REVIEW, body)[0] == 403
    assert "label required" in door(door.world.ann, "POST", REVIEW, body | {"labels": {}})[1]


def test_a_requirement_may_be_tried(door: Door) -> None:
    door.world.push()
    where = "/changes/1/check.submit_requirement"
    for expression, status in (("is:true", "SATISFIED"), ("is:false", "UNSATISFIED"), ("foo:1", "ERROR")):
        body = {"name": "x", "submittability_expression": expression}
        assert door(door.world.ann, "POST", where, body)[1]["status"] == status

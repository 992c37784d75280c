"""The JSON of changes."""

from __future__ import annotations

from integrations.sandbox.gerrit.state import Review
from integrations.sandbox.gerrit.views import change_info, message_info
from tests.integrations.sandbox.gerrit.world import World


def test_rows_name_people_by_number_unless_asked() -> None:
    world = World()
    change = world.push()
    assert change_info(world.state, change, [])["owner"] == {"_account_id": world.ann.account_id}
    assert change_info(world.state, change, ["DETAILED_ACCOUNTS"])["owner"]["username"] == "ann"
    assert "labels" not in change_info(world.state, change, [])


def test_all_revisions_and_requirements_are_shown_when_asked() -> None:
    world = World()
    change = world.push()
    world.push(change_id=change.change_id, files={"a.txt": "2\n"})
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    info = change_info(world.state, change, ["ALL_REVISIONS", "SUBMITTABLE", "SUBMIT_REQUIREMENTS"])
    assert [revision["_number"] for revision in info["revisions"].values()] == [1, 2]
    assert info["submittable"] is True
    assert info["submit_requirements"][0]["status"] == "SATISFIED"


def test_the_servers_own_messages_have_no_author_and_people_are_named() -> None:
    world = World()
    change = world.push(options=("r=bob",))
    world.state.remove_reviewer(change.number, world.ann.account_id, world.bob.account_id)
    removed = message_info(world.state, change.messages[-1])
    assert removed["message"] == "Removed reviewer Bob <bob@example.org>."
    world.state.abandon(change.number, None)
    assert "author" not in message_info(world.state, change.messages[-1])


def test_who_may_be_removed_depends_on_who_asks() -> None:
    world = World()
    change = world.push(options=("r=bob",))
    for viewer, names in ((world.ann, ["bob"]), (world.bob, ["bob"]), (world.cyd, []), (world.state.admin, ["bob"])):
        info = change_info(world.state, change, ["DETAILED_LABELS", "DETAILED_ACCOUNTS"], viewer.account_id)
        assert [one["username"] for one in info["removable_reviewers"]] == names
    assert change_info(world.state, change, ["DETAILED_LABELS"])["removable_reviewers"] == []

"""The JSON of changes."""

from __future__ import annotations

from integrations.sandbox.gerrit.records import FileChange
from integrations.sandbox.gerrit.state import Review
from integrations.sandbox.gerrit.views import change_info, diff_info, file_infos, message_info
from tests.integrations.sandbox.gerrit.world import World


def test_files_show_what_differs_from_a_plain_edit() -> None:
    files = {
        "edited": FileChange(insertions=1, deletions=2),
        "moved": FileChange(status="R", old_path="before"),
        "picture": FileChange(status="A", binary=True),
    }
    shown = file_infos(World().push(files=files).current)
    assert shown["/COMMIT_MSG"]["status"] == "A"
    assert shown["edited"] == {"lines_inserted": 1, "lines_deleted": 2, "size_delta": 0, "size": 0}
    assert shown["moved"]["old_path"] == "before"
    assert shown["picture"]["binary"] is True


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


def test_a_diff_shows_what_came_and_went() -> None:
    world = World()
    world.state.merge(world.push(files={"f": "a\nb\n", "same": "x\n"}).number, world.bob.account_id)
    patch_set = world.push(files={"f": "a\nc\nd\n", "new": "1\n2"}).current
    assert diff_info(patch_set, "f")["content"] == [{"ab": ["a"]}, {"a": ["b"], "b": ["c", "d"]}, {"ab": [""]}]
    assert diff_info(patch_set, "new") == {"change_type": "ADDED", "content": [{"b": ["1", "2"]}]}
    assert diff_info(patch_set, "none")["content"] == []


def test_who_may_be_removed_depends_on_who_asks() -> None:
    world = World()
    change = world.push(options=("r=bob",))
    for viewer, names in ((world.ann, ["bob"]), (world.bob, ["bob"]), (world.cyd, []), (world.state.admin, ["bob"])):
        info = change_info(world.state, change, ["DETAILED_LABELS", "DETAILED_ACCOUNTS"], viewer.account_id)
        assert [one["username"] for one in info["removable_reviewers"]] == names
    assert change_info(world.state, change, ["DETAILED_LABELS"])["removable_reviewers"] == []

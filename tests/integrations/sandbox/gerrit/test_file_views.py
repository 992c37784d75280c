"""The JSON of files and what they differ in."""

from __future__ import annotations

from integrations.sandbox.gerrit.file_views import commit_info, diff_info, file_infos, known_commit_info
from integrations.sandbox.gerrit.records import FileChange
from tests.integrations.sandbox.gerrit.world import PROJECT, World


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


def test_a_diff_shows_what_came_and_went() -> None:
    world = World()
    world.state.merge(world.push(files={"f": "a\nb\n", "same": "x\n"}).number, world.bob.account_id)
    patch_set = world.push(files={"f": "a\nc\nd\n", "new": "1\n2"}).current
    assert diff_info(patch_set, "f")["content"] == [{"ab": ["a"]}, {"a": ["b"], "b": ["c", "d"]}, {"ab": [""]}]
    assert diff_info(patch_set, "new") == {"change_type": "ADDED", "content": [{"b": ["1", "2"]}]}
    assert diff_info(patch_set, "none")["content"] == []


def test_a_deleted_file_has_lost_all_its_lines() -> None:
    world = World()
    world.state.merge(world.push(files={"f": "a\nb\n"}).number, world.bob.account_id)
    patch_set = world.push(files={"f": None}).current
    assert file_infos(patch_set)["f"] == {"status": "D", "lines_deleted": 2, "size_delta": -4, "size": 0}
    assert diff_info(patch_set, "f") == {"change_type": "DELETED", "content": [{"a": ["a", "b", ""]}]}


def test_a_commit_is_known_by_its_change_and_by_itself() -> None:
    world = World()
    patch_set = world.push().current
    known = known_commit_info(world.state.project(PROJECT), patch_set.revision)
    assert known["commit"] == patch_set.revision
    assert {key: commit_info(patch_set)[key] for key in ("parents", "subject", "message")}.items() <= known.items()

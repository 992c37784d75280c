"""Files and commits by REST."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit.rest import PREFIX
from tests.integrations.sandbox.gerrit.doorstep import Door
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def door() -> Door:
    return Door(World())


def test_files_and_messages_of_a_revision(door: Door) -> None:
    change = door.world.push()
    files = door(door.world.ann, "GET", f"/changes/1/revisions/{change.current.revision}/files/")[1]
    assert sorted(files) == ["/COMMIT_MSG", "a.txt"]
    assert door(door.world.ann, "GET", "/changes/1/revisions/1/files")[0] == 200
    assert door(door.world.ann, "GET", "/changes/1/messages")[1][0]["author"]["username"] == "ann"


def test_the_chain_of_a_change_leaves_out_what_one_may_not_see(door: Door) -> None:
    first = door.world.push()
    second = door.world.push(parents=(first.current.revision,), options=("private",))
    for who, numbers in ((door.world.ann, [second.number, first.number]), (door.world.bob, [first.number])):
        chain = door(who, "GET", "/changes/1/revisions/current/related")[1]["changes"]
        assert [one["_change_number"] for one in chain] == numbers
    assert chain[0]["status"] == "NEW"


def test_a_diff_is_of_one_file_with_any_name(door: Door) -> None:
    door.world.push(files={"é a/b.txt": "one\n"})
    diff = door(door.world.ann, "GET", "/changes/1/revisions/1/files/%C3%A9%20a%2Fb.txt/diff?context=0")[1]
    assert diff["content"] == [{"b": ["one", ""]}]


def test_a_text_goes_as_base64_or_as_json_to_who_wants_that(door: Door) -> None:
    door.world.push(files={"é/a b": "ü\n"})
    path = "/changes/1/revisions/1/files/%C3%A9%2Fa%20b/content"
    assert door(door.world.ann, "GET", path) == (200, "w7wK")
    _, headers, body = door.rest.handle("GET", path, {"Accept": "application/json"}, b"")
    assert (headers["Content-Type"], body) == ("application/json; charset=UTF-8", PREFIX + '"ü\\n"\n'.encode())


def test_a_text_is_found_by_commit_and_branch_too(door: Door) -> None:
    change = door.world.push(files={"a": "1\n"})
    place = f"/projects/{PROJECT.replace('/', '%2F')}"
    for where in (f"commits/{change.current.revision}", "branches/master"):
        status = door(door.world.ann, "GET", f"{place}/{where}/files/a/content")[0]
        assert status == (200 if where.startswith("commits") else 404)
    assert door(door.world.ann, "GET", f"{place}/commits/{change.current.revision}")[1]["subject"] == "Do it"
    for where in (f"commits/{'0' * 40}", f"commits/{'0' * 40}/files/a/content", "branches/none/files/a/content"):
        assert door(door.world.ann, "GET", f"{place}/{where}")[0] == 404
    assert door(door.world.ann, "GET", "/changes/1/revisions/1/files/a/content?parent=2") == (400, "invalid parent")

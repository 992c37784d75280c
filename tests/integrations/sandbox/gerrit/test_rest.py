"""The door itself: login, prefix, errors, faults."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.sandbox.gerrit.faults import Cut, Hang
from tests.integrations.sandbox.gerrit.doorstep import Door
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.fixture
def door() -> Door:
    return Door(World())


def test_json_begins_with_the_prefix_and_errors_are_plain_text(door: Door) -> None:
    assert door(door.world.ann, "GET", "/config/server/version") == (200, "3.10.2")
    status, headers, body = door.rest.handle("GET", "/changes/77", {}, b"")
    assert (status, headers["Content-Type"], body) == (404, "text/plain; charset=UTF-8", b"Not found: 77\n")


def test_a_wrong_password_and_an_inactive_account_do_not_get_in(door: Door) -> None:
    assert door(replace(door.world.ann, password="no"), "GET", "/accounts/self")[0] == 401
    door.world.state.edit_account(door.world.ann.account_id, active=False)
    assert door(door.world.ann, "GET", "/accounts/self")[0] == 401


def test_anonymous_people_may_read_but_not_write(door: Door) -> None:
    door.world.push()
    assert door(None, "GET", "/changes/1")[0] == 200
    assert door(None, "POST", "/changes/1/abandon") == (403, "Authentication required")


def test_other_methods_and_paths_are_refused(door: Door) -> None:
    assert door(door.world.ann, "PUT", "/changes/1/detail")[0] == 405
    assert door(door.world.ann, "GET", "/no/such/thing")[0] == 404
    assert door(door.world.ann, "POST", "/changes/1/reviewers", ["x"])[0] == 400


def test_the_refs_written_are_told_when_asked(door: Door) -> None:
    change = door.world.push()
    code = "YW5uOnB3"  # ann:pw
    headers = {"authorization": f"Basic {code}", "x-gerrit-updatedref-enabled": "true", "X-Gerrit-Deadline": "10s"}
    old = change.meta
    status, answered, _ = door.rest.handle("POST", "/a/changes/1/abandon", headers, b"{}")
    assert status == 200
    assert answered["X-Gerrit-UpdatedRef"] == f"{PROJECT}~refs/changes/01/1/meta~{old}~{change.meta}"


def test_an_ordered_answer_comes_as_often_as_told_for_matching_calls_only(door: Door) -> None:
    door.faults.answer(503, times=2, path="/reviewers", method="POST")
    assert door(door.world.ann, "GET", "/config/server/version")[0] == 200
    change = door.world.push()
    answers = [door(door.world.ann, "POST", "/changes/1/reviewers", {"reviewer": "bob"})[0] for _ in range(3)]
    assert answers == [503, 503, 200]
    assert change.reviewers


def test_a_lost_answer_leaves_the_call_done_and_a_cut_one_does_not(door: Door) -> None:
    change = door.world.push()
    door.faults.cut()
    with pytest.raises(Cut, match="not done"):
        door(door.world.ann, "POST", "/changes/1/abandon")
    assert change.status == "NEW"
    door.faults.lose_answer()
    with pytest.raises(Cut, match="call done"):
        door(door.world.ann, "POST", "/changes/1/abandon")
    assert change.status == "ABANDONED"


def test_a_hanging_call_does_nothing(door: Door) -> None:
    change = door.world.push()
    door.faults.hang(path="abandon$")
    with pytest.raises(Hang):
        door(door.world.ann, "POST", "/changes/1/abandon")
    assert change.status == "NEW"

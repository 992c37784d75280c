"""`czar explain` on the journal of a real daemon."""

from __future__ import annotations

import pytest

from tests.command_line import instant, refusal
from tests.daemon.community import Community, item
from tests.daemon.kept import Kept


def test_it_tells_who_was_asked_and_why_in_the_shape_of_the_contract(community: Community) -> None:
    ran = community.czar("explain", "--json", item(community.documented))
    assert (ran.code, ran.err) == (0, "")
    row = ran.rows[0]
    assert instant(row["at"])
    assert (row["event"], row["item"]) == ("PatchsetCreated", item(community.documented))
    (verdict,) = row["verdicts"]
    assert set(verdict) >= {"rule", "slot", "outcome", "people", "because"}
    assert (verdict["rule"], verdict["slot"], verdict["outcome"]) == ("docs-only", "code", "ask")
    assert verdict["people"] == ["cyd"]
    assert verdict["because"]


def test_each_action_tells_its_kind_people_key_and_what_became_of_it(community: Community) -> None:
    actions = [
        action
        for row in community.czar("explain", "--json", item(community.documented)).rows
        for action in row["actions"]
    ]
    assert all(set(action) >= {"kind", "item", "people", "key", "state"} for action in actions)
    adding = [action for action in actions if action["kind"] == "AddReviewer"]
    assert [(action["people"], action["state"]) for action in adding] == [(["cyd"], "done")]
    assert len({action["key"] for action in actions}) == len(actions)


def test_candidates_are_named_with_a_reason_each(community: Community) -> None:
    (first, *_) = community.czar("explain", "--json", item(community.unrouted)).rows
    assert first["verdicts"][0]["people"] == []
    assert first["verdicts"][0]["outcome"] == "ask"
    assert all(set(one) >= {"person", "reason"} for one in first["candidates"])
    assert ("ann", "self") in {(one["person"], one["reason"]) for one in first["candidates"]}


def test_for_eyes_it_says_who_why_and_what_is_now(community: Community) -> None:
    ran = community.czar("explain", item(community.documented))
    assert ran.code == 0
    assert ran.out.startswith(item(community.documented))
    assert "asked cyd (rule docs-only, team tools)" in ran.out
    assert "AddReviewer cyd: done" in ran.out
    assert "Now:\n  code: cyd, open since 20" in ran.out
    assert ran.out.endswith("     czar for docs of tools, rule docs-only; next: nothing more by itself\n")


@pytest.mark.parametrize("options", [[], ["--json"], ["--person", "ann"]])
def test_what_was_never_heard_of_ends_with_1(community: Community, options: list[str]) -> None:
    ran = community.czar("explain", "gerrit:999999", *options)
    assert (ran.code, ran.out, ran.err) == (1, "", "Never heard of gerrit:999999.\n")


def test_a_change_of_a_repo_that_is_no_teams_is_known_and_not_judged(community: Community) -> None:
    ran = community.czar("explain", item(community.unowned))
    assert ran.code == 0
    assert "its repo is no team's" in ran.out


@pytest.mark.parametrize("word", ["12345", "gerrit:", "gerrit:12x", "lp:", "tag:nova", "job:x", "Gerrit:1", ""])
def test_what_is_no_item_is_refused_with_an_example(community: Community, word: str) -> None:
    assert "is no item: write e.g. gerrit:12345" in refusal(community.czar("explain", word))


@pytest.mark.parametrize("word", ["lp:98765", "tag:openstack/nova@25.0.0", "job:nova-grenade@openstack/nova:master"])
def test_items_of_every_kind_may_be_asked_about(community: Community, word: str) -> None:
    assert community.czar("explain", word).code == 1


def test_steps_of_ladders_are_told_with_what_was_done_and_what_comes_next(kept: Kept) -> None:
    kept.follow_up()
    assert (
        kept.czar("explain", "gerrit:1").out
        == """\
gerrit:1, openstack/nova
2026-03-04 05:06:07 PatchsetCreated
  release: asked ann (rule ask-release, team )
  AddReviewer ann: pending
2026-03-08 05:06:07 Tick
  release: asked bob (rule ask-release, team nova)
        ann (czar) [reassigned] has not answered
     -> bob (czar) is next in line for release
  release: ann has not answered; bob is asked instead
  RemoveReviewer ann: pending
  Notify bob: pending
Now:
  release: ann, closed, asked 2026-03-04 05:06: ann has not answered; bob is asked instead
     czar for release of nova, rule ask-release; next: nothing: it is closed
  release: bob, open since 2026-03-08 05:06: is next in line for release
     czar for release of nova, rule ask-release; next: the PTL is asked as well at 2026-03-12 05:06
"""
    )


def test_notes_are_there_for_scripts_too(kept: Kept) -> None:
    kept.follow_up()
    _, tick = kept.czar("explain", "gerrit:1", "--json").rows
    assert tick["notes"] == ["release: ann has not answered; bob is asked instead"]
    assert [action["people"] for action in tick["actions"]] == [["ann"], ["bob"]]

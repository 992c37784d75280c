"""Who does what in a recording."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.sandbox.cast import Cast, cast
from integrations.sandbox.playback import RECORDINGS, read_lines

CHANGE = {"project": "plugins/tool", "owner": {"username": "dev"}}


def voted(by: str, value: str = "1", kind: str = "Code-Review", **change: Any) -> dict[str, Any]:
    """Somebody votes on Dev's change."""
    approvals = [{"type": kind, "value": value}]
    return {"type": "comment-added", "change": CHANGE | change, "author": {"username": by}, "approvals": approvals}


def merged(by: str) -> dict[str, Any]:
    """Somebody merges it."""
    return {"type": "change-merged", "change": CHANGE, "submitter": {"username": by}}


def test_reviewers_and_submitters_are_ranked_by_what_they_did_and_then_by_name() -> None:
    found = cast(
        [voted("bob"), voted("cyd"), voted("ann"), voted("cyd", "-1"), merged("ann"), merged("bob"), merged("bob")]
    )
    assert found == Cast(project="plugins/tool", reviewers=("cyd", "ann", "bob"), submitters=("bob", "ann"))


@pytest.mark.parametrize(
    "event",
    [
        voted("dev"),
        voted("bob", "0"),
        voted("bob", kind="Verified"),
        voted("bob") | {"approvals": []},
        {key: value for key, value in voted("bob").items() if key != "approvals"},
        voted("bob") | {"author": {}},
    ],
)
def test_only_a_vote_on_the_code_of_somebody_else_makes_a_reviewer(event: dict[str, Any]) -> None:
    assert cast([event]).reviewers == ()


def test_a_merge_by_nobody_makes_no_submitter() -> None:
    event = merged("ann")
    del event["submitter"]
    assert cast([event, merged("")]).submitters == ()


def test_the_project_is_the_one_spoken_of_most_and_events_of_none_do_not_count() -> None:
    refs = [{"type": "ref-updated", "refUpdate": {"project": "other"}}] * 5
    assert cast([*refs, voted("bob", project="rare"), voted("ann"), voted("ann")]).project == "plugins/tool"


def test_a_recording_without_changes_has_no_people() -> None:
    assert cast([{"type": "ref-updated"}]) == Cast(project="", reviewers=(), submitters=())
    assert cast([]) == Cast(project="", reviewers=(), submitters=())


def test_the_recording_of_the_sandbox_has_enough_people_for_a_roster() -> None:
    found = cast(read_lines(RECORDINGS / "webhooks.events.jsonl.gz"))
    assert found.project == "plugins/webhooks"
    assert len(found.reviewers) >= 4
    assert found.submitters

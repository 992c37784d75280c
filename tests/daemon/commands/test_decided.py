"""A decision as CONTRACT shows it."""

from __future__ import annotations

from typing import Any

from daemon.commands.decided import action_row, decision_row, verdict_row
from rules.actions import Notify, RemoveReviewer
from rules.verdicts import Verdict
from tests.daemon.journals import add_reviewer, comment, decision


def test_a_decision_has_the_keys_of_the_contract() -> None:
    row = decision_row(decision(7, add_reviewer(7), comment(7)))
    assert list(row)[:5] == ["at", "event", "item", "verdicts", "actions"]
    assert (row["at"], row["event"], row["item"]) == ("2026-03-04T05:06:07Z", "PatchsetCreated", "gerrit:7")
    assert [one["rule"] for one in row["verdicts"]] == ["ask-release"]
    assert [one["kind"] for one in row["actions"]] == ["AddReviewer", "Comment"]
    assert row["would"] == []


def test_what_observing_leaves_undone_is_no_action() -> None:
    row = decision_row(decision(7, would=(add_reviewer(7),)))
    assert row["actions"] == []
    assert [one["kind"] for one in row["would"]] == ["AddReviewer"]


def test_an_unrouted_ask_is_an_ask_of_nobody() -> None:
    row = verdict_row(Verdict(rule="any-code", slot="code", outcome="ask", because="nobody is available"))
    assert row == {
        "rule": "any-code",
        "slot": "code",
        "outcome": "ask",
        "people": [],
        "because": "nobody is available",
    }


def test_an_action_names_people_by_their_key_in_the_roster() -> None:
    assert action_row(add_reviewer(7, "ann"))["people"] == ["ann"]
    assert action_row(comment(7)) | {"key": ""} == {"kind": "Comment", "item": "gerrit:7", "people": [], "key": ""}


def test_who_is_taken_off_or_told_is_named_too() -> None:
    common: dict[str, Any] = {"item": "gerrit:7", "repo": "openstack/nova", "person": "ann"}
    off, told = (
        RemoveReviewer(**common, key="off", account="id-of-ann"),
        Notify(**common, key="told", reason="reminder", text="it waits"),
    )
    assert [action_row(one)["people"] for one in (off, told)] == [["ann"], ["ann"]]


def test_what_else_happened_is_told() -> None:
    assert decision_row(decision(7, notes=("code: reminded ann",)))["notes"] == ["code: reminded ann"]

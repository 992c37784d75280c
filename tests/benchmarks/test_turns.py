"""Turns and faults are counted from lines and rows made by hand: each fault there is, is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.turns import Turns, gini

START = datetime(2024, 3, 4, tzinfo=UTC)
ROSTER = {
    "people": {
        "ann": {"gerrit": "ann", "email": "ann@example.org", "cap": {"change": 1}},
        "bob": {"gerrit": "bob", "weight": 2, "tz": "Asia/Tokyo", "away": [{"from": "2024-03-07", "to": "2024-03-08"}]},
        "pat": {"gerrit": "pat"},
    },
    "bots": ["ci"],
    "teams": {"plugins": {"ptl": "pat", "duties": {"code": {"czars": ["ann"], "deputies": ["bob"]}}}},
}
RULES = {"rules": [{"id": "code", "ask": {"duty": "code"}}, {"id": "all", "ask": {"duty": "code", "pick": "all"}}]}


class Told:
    """Lines and rows by what matters in them; days are counted from START."""

    def __init__(self, roster: dict[str, Any] | None = None) -> None:
        self.turns = Turns(roster or ROSTER, RULES)

    def line(self, kind: str, day: float = 0, number: int = 1, **given: Any) -> None:
        change = {"number": number, "owner": {"username": "olaf"}, "status": "NEW"} | given.pop("change", {})
        patch_set = {"number": 1, "kind": "REWORK"} | given.pop("patch_set", {})
        at = int((START + timedelta(days=day)).timestamp())
        people = {name: {"username": who} for name, who in given.items() if isinstance(who, str)}
        line = {"type": kind, "eventCreatedOn": at, "change": change, "patchSet": patch_set, "approvals": []}
        self.turns.hear(line | given | people)

    def ask(self, who: str, day: float = 0, number: int = 1, **given: Any) -> None:
        verdict = {"rule": given.get("rule", "code"), "slot": "code", "people": [who], "because": given.get("says", "")}
        actions = [{"kind": "AddReviewer", "people": [who]}]
        actions += [{"kind": "RemoveReviewer", "people": [one]} for one in given.get("instead_of", ())]
        at = (START + timedelta(days=day)).isoformat()
        row = {"at": at, "item": f"gerrit:{number}", "event": given.get("event", "PatchsetCreated")}
        self.turns.decided(row | {"verdicts": [verdict], "actions": actions})

    def asked(self) -> dict[str, set[str]]:
        """Whose turn is what, by our asks."""
        return {key: load.asked for key, load in self.turns.loads.items() if load.asked}

    def faults(self) -> list[str]:
        """Those found."""
        return [name for name, found in self.turns.faults.items() if found]


@pytest.fixture
def told() -> Told:
    """Change 1 is there."""
    made = Told()
    made.line("patchset-created", uploader="olaf")
    return made


def opened(*numbers: int, roster: dict[str, Any] | None = None) -> Told:
    """These changes are there."""
    made = Told(roster)
    for number in numbers:
        made.line("patchset-created", number=number, uploader="olaf")
    return made


class TestTurns:
    @pytest.mark.parametrize(
        ("kind", "given"),
        [
            ("comment-added", {"author": "ann"}),
            ("topic-changed", {"changer": "ANN"}),
            ("change-merged", {"submitter": "olaf", "change": {"status": "MERGED"}}),
            ("change-abandoned", {"abandoner": "olaf", "change": {"status": "ABANDONED"}}),
            ("reviewer-deleted", {"remover": "olaf", "reviewer": "ann"}),
        ],
    )
    def test_an_asked_turn_ends_when_they_act_or_it_is_over(self, told: Told, kind: str, given: dict[str, Any]) -> None:
        told.ask("ann")
        assert told.asked() == {"ann": {"gerrit:1"}}
        told.line(kind, 1, **given)
        assert told.asked() == {}

    def test_what_others_do_ends_nothing(self, told: Told) -> None:
        told.ask("ann")
        told.line("comment-added", 1, author="bob")
        assert told.asked() == {"ann": {"gerrit:1"}}

    def test_restored_it_goes_on(self, told: Told) -> None:
        told.ask("ann")
        told.line("change-abandoned", 1, abandoner="olaf", change={"status": "ABANDONED"})
        told.line("change-restored", 2, restorer="olaf")
        assert told.asked() == {"ann": {"gerrit:1"}}

    def test_a_hand_over_moves_it(self, told: Told) -> None:
        told.ask("ann")
        told.ask("bob", 1, instead_of=["ann"], event="Tick")
        assert told.asked() == {"bob": {"gerrit:1"}}

    def test_whom_a_ladder_added_ends_it_for_both(self, told: Told) -> None:
        told.ask("ann")
        told.ask("pat", 1, event="Tick")
        assert told.asked() == {"ann": {"gerrit:1"}, "pat": {"gerrit:1"}}
        told.line("comment-added", 2, author="pat")
        assert told.asked() == {}

    def test_the_mean_is_over_the_time_they_could_be_asked_and_by_weight(self, told: Told) -> None:
        told.ask("bob")
        told.line("comment-added", 2, author="bob")
        told.line("comment-added", 6, author="olaf")
        assert told.turns.asked_mean("bob") == pytest.approx(2 / 4 / 2)  # six days, two of them away
        assert told.turns.years("ann") == pytest.approx(6 / 365.25)


class TestAttention:
    def waiting(self, told: Told, who: str) -> bool:
        return "gerrit:1" in told.turns.loads[who].waiting

    def test_who_is_added_has_it_until_they_reply_and_again_when_the_owner_does(self, told: Told) -> None:
        told.line("reviewer-added", reviewer="bob", adder="olaf")
        assert self.waiting(told, "bob")
        told.line("comment-added", author="bob")
        assert not self.waiting(told, "bob")
        told.line("comment-added", author="olaf")
        assert self.waiting(told, "bob")
        assert told.asked() == {}

    def test_the_owner_has_it_when_somebody_replies_but_not_a_bot(self) -> None:
        told, mine = Told(), {"owner": {"username": "bob"}}
        told.line("comment-added", author="ci", change=mine)
        assert not self.waiting(told, "bob")
        told.line("comment-added", author="ann", change=mine)
        assert self.waiting(told, "bob")

    def test_work_in_progress_nobody_has_it(self, told: Told) -> None:
        told.line("reviewer-added", reviewer="bob", adder="olaf")
        told.line("wip-state-changed", changer="olaf", change={"wip": True})
        assert not self.waiting(told, "bob")
        told.line("wip-state-changed", changer="olaf")
        assert self.waiting(told, "bob")

    def test_who_loses_a_vote_has_it_back(self, told: Told) -> None:
        told.line("comment-added", author="bob", approvals=[{"type": "Code-Review", "value": "1", "oldValue": "0"}])
        told.line("patchset-created", uploader="olaf", patch_set={"number": 2, "kind": "TRIVIAL_REBASE"})
        assert not self.waiting(told, "bob")
        told.line("patchset-created", uploader="olaf", patch_set={"number": 3})
        assert self.waiting(told, "bob")


class TestFaults:
    def test_a_plain_ask_has_none(self, told: Told) -> None:
        told.ask("ann", says="ann is first in line for code, with 0 waiting")
        assert told.faults() == []

    @pytest.mark.parametrize(
        "given",
        [
            {"change": {"owner": {"username": "ann"}}},
            {"patch_set": {"uploader": {"username": "Ann"}}},
            {"patch_set": {"author": {"email": "ANN@example.org"}}},
            {"change": {"commitMessage": "Fix\n\nCo-Authored-By: A <Ann@Example.org>\n"}},
        ],
        ids=["owner", "uploader", "author", "co-author"],
    )
    def test_who_owns_or_wrote_it(self, given: dict[str, Any]) -> None:
        told = Told()
        told.line("patchset-created", **given)
        told.ask("ann")
        assert told.faults() == ["owner or author"]

    def test_who_wrote_an_older_patch_set_only_may_be_asked(self, told: Told) -> None:
        told.line("patchset-created", number=2, patch_set={"uploader": {"username": "ann"}})
        told.line("patchset-created", number=2, patch_set={"number": 2})
        told.ask("ann", number=2)
        assert told.faults() == []

    def test_a_bot(self) -> None:
        told = opened(1, roster=ROSTER | {"bots": ["ann"]})
        told.ask("ann")
        assert told.faults() == ["bot"]

    @pytest.mark.parametrize(("day", "away"), [(2.6, False), (2.7, True), (4.6, True), (4.7, False)])
    def test_who_is_away_where_they_are(self, told: Told, day: float, away: bool) -> None:
        told.ask("bob", day)
        assert told.faults() == (["away"] if away else [])

    def test_who_has_enough_already_by_our_asks(self) -> None:
        told = opened(1, 2)
        told.ask("ann")
        told.ask("ann", number=2)
        assert told.faults() == ["above capacity"]

    def test_who_has_enough_already_by_other_peoples(self) -> None:
        told = opened(1, 2)
        told.line("reviewer-added", reviewer="ann", adder="olaf")
        told.ask("ann", number=2)
        assert told.faults() == ["above capacity"]

    def test_capacity_is_for_picks_by_number_not_for_all_nor_whom_a_ladder_adds(self) -> None:
        told = opened(1, 2, 3)
        told.ask("ann")
        told.ask("ann", number=2, rule="all")
        told.ask("ann", number=3, event="Tick")
        assert told.faults() == []

    def test_a_reason_with_another_load_than_there_is(self, told: Told) -> None:
        told.ask("bob", says="bob is next in line for code, with 1 waiting")
        assert told.faults() == ["load told wrongly"]


@pytest.mark.parametrize(
    ("amounts", "is_"), [([], 0), ([0, 0], 0), ([3, 3, 3], 0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)]
)
def test_gini_says_how_unequal_amounts_are(amounts: list[float], is_: float) -> None:
    assert gini(amounts) == pytest.approx(is_)

"""`czar cases` on the journal of a real daemon."""

from __future__ import annotations

from datetime import timedelta

from rules.state import Effects
from tests.clock import START
from tests.command_line import instant
from tests.daemon.community import TOOL, WITHIN_S, Community, item
from tests.daemon.journals import case, decision
from tests.daemon.kept import Kept
from tests.waiting import until

KEYS = {"item", "duty", "team", "person", "state", "opened", "due", "step"}


def test_each_ask_is_a_case_with_the_keys_of_the_contract(community: Community) -> None:
    ran = community.czar("cases", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.rows) >= 3
    for row in ran.rows:
        assert set(row) >= KEYS
        assert row["state"] in ("open", "snoozed", "unrouted", "closed")
        assert instant(row["opened"])
        assert row["due"] is None or instant(row["due"])
        assert isinstance(row["step"], int)


def test_a_case_names_item_duty_team_and_person(community: Community) -> None:
    by_item = {row["item"]: row for row in community.czar("cases", "--json").rows}
    asked, documented = by_item[item(community.asked)], by_item[item(community.documented)]
    assert (asked["duty"], asked["team"], asked["state"]) == ("code", "tools", "open")
    assert {asked["person"]} == community.reviewers(community.asked)
    assert (documented["duty"], documented["person"]) == ("docs", "cyd")


def test_what_nobody_could_be_asked_for_waits_as_unrouted(community: Community) -> None:
    (row,) = [
        row for row in community.czar("cases", "--open", "--json").rows if row["item"] == item(community.unrouted)
    ]
    assert (row["state"], row["person"], row["team"]) == ("unrouted", None, "lonely")


def test_open_leaves_out_what_is_closed(community: Community) -> None:
    change = community.push()
    until(lambda: community.reviewers(change), WITHIN_S, "somebody to be asked")
    community.world.gerrit.state.abandon(change.number, community.dev.account_id)

    def states() -> list[str]:
        return [row["state"] for row in community.czar("cases", "--json").rows if row["item"] == item(change)]

    until(lambda: states() == ["closed"], WITHIN_S, "the case to be closed")
    assert item(change) not in {row["item"] for row in community.czar("cases", "--open", "--json").rows}


def test_for_eyes_there_is_a_table(community: Community) -> None:
    ran = community.czar("cases")
    header, *lines = ran.out.splitlines()
    assert ran.code == 0
    assert header.split()[:5] == ["item", "duty", "team", "person", "state"]
    assert any(line.startswith(item(community.documented)) and "cyd" in line for line in lines)
    assert TOOL not in header


def test_a_case_tells_its_step_how_it_was_asked_until_when_it_rests_and_what_comes_next(kept: Kept) -> None:
    due = START + timedelta(days=2)
    climbing = case(1, ladder="review", step=1, due=due)
    snoozed, suggested = case(2, state="snoozed", due=due), case(3, as_="suggest", paused=START)
    kept.decided(decision(effects=Effects(cases=(climbing, snoozed, suggested))))
    first, second, third = kept.czar("cases", "--json").rows
    assert (first["step"], first["as"], first["due"]) == (1, "reviewer", "2026-03-06T05:06:07Z")
    assert first["next"] == "somebody else is asked at 2026-03-06 05:06, then the PTL is asked as well"
    assert (first["snoozed_until"], second["snoozed_until"]) == (None, "2026-03-06T05:06:07Z")
    assert (third["as"], third["paused_since"]) == ("suggest", "2026-03-04T05:06:07Z")


def test_cases_of_a_person_or_a_team_alone(kept: Kept) -> None:
    cases = (case(1), case(2, person="bob"), case(3, person="bob", team="glance"))
    kept.decided(decision(effects=Effects(cases=cases)))

    def items(*options: str) -> list[str]:
        return [row["item"] for row in kept.czar("cases", "--json", *options).rows]

    assert items("--person", "bob") == ["gerrit:2", "gerrit:3"]
    assert items("--team", "nova") == ["gerrit:1", "gerrit:2"]
    assert items("--person", "bob", "--team", "nova") == ["gerrit:2"]

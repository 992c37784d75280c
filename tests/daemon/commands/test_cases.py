"""`czar cases` on the journal of a real daemon."""

from __future__ import annotations

from tests.command_line import instant
from tests.daemon.community import TOOL, WITHIN_S, Community, item
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

"""`czar stats` on the journal of a real daemon."""

from __future__ import annotations

from rules.state import Effects
from tests.daemon.community import Community, item
from tests.daemon.journals import case, decision
from tests.daemon.kept import Kept


def test_it_counts_what_the_daemon_heard_decided_and_did(community: Community) -> None:
    ran = community.czar("stats", "--json")
    (row,) = ran.rows
    assert (ran.code, ran.err) == (0, "")
    assert row["heard"]["gerrit-stream"] >= 4
    assert row["decided"] >= 3
    assert row["actions"]["done"] >= 2
    assert row["actions"]["refused"] == 0
    assert row["cases"]["open"] >= 3


def test_every_key_of_the_contract_is_a_number_or_counts_by_name(community: Community) -> None:
    (row,) = community.czar("stats", "--json").rows
    for name in ("decided", "ignored", "malformed", "quarantined"):
        assert isinstance(row[name], int), name
    for name in ("heard", "actions", "cases"):
        assert all(isinstance(count, int) for count in row[name].values()), name
    assert {"done", "pending", "refused"} <= set(row["actions"])
    assert isinstance(row["behind_s"], int | float)


def test_for_eyes_each_counter_has_a_line(community: Community) -> None:
    ran = community.czar("stats")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()][:3] == ["heard", "decided", "ignored"]


def test_what_no_rule_looks_at_is_counted_as_ignored(community: Community) -> None:
    (row,) = community.czar("stats", "--json").rows
    assert row["ignored"] >= 1
    assert community.czar("explain", "--json", item(community.unowned)).rows == []


def test_the_share_that_needed_the_ptl_is_of_what_was_really_asked(kept: Kept) -> None:
    ptl, observed = case(2, person="pat", role="ptl"), case(3, role="ptl", observed=True)
    unrouted = case(4, person="", state="unrouted")
    kept.decided(decision(effects=Effects(cases=(case(1), ptl, case(5), observed, unrouted))))
    (row,) = kept.czar("stats", "--json").rows
    assert row["needed_ptl"] == {"cases": 1, "of": 3}
    assert "needed_ptl   1 of 3 cases (33.3%)" in kept.czar("stats").out


def test_nothing_asked_has_no_share(kept: Kept) -> None:
    assert "needed_ptl   -" in kept.czar("stats").out

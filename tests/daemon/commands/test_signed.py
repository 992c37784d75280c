"""Acts, tags and standings as rows with the keys of the contract."""

from __future__ import annotations

import pytest

from daemon.commands.signed import COLUMNS, STATES, act_row, stand_row, tag_row
from rules.signoff.ledger import ACTS
from rules.signoff.signing import Bench, Seat, Stand
from tests.daemon.signed import SHA, audit, chain, entry, wanted

KEYS = {"repo", "version", "sha", "state", "by", "role", "at", "item", "roster_revision", "because", "self"}
WORDS = {"signed", "waiting", "vetoed", "expired", "withdrawn", "lapsed", "overridden"}


def test_an_act_tells_who_did_what_when_and_by_which_right() -> None:
    (made,) = chain(entry(own=True, rights=(("nova", "deputy"), ("glance", "ptl"))))
    row = act_row(made)
    assert set(row) > KEYS
    assert set(row) > set(COLUMNS)
    assert (row["repo"], row["version"]) == ("openstack/nova", "1.0.0")
    assert (row["sha"], row["state"], row["by"], row["role"], row["self"]) == (SHA, "signed", "ann", "deputy", True)
    assert (row["at"], row["item"]) == ("2026-03-04T05:06:07Z", "gerrit:1")
    assert (row["roster_revision"], row["because"]) == ("r1", "ann said so")
    assert row["number"] == 1
    assert [one["role"] for one in row["rights"]] == ["deputy", "ptl"]


def test_who_is_not_in_the_roster_is_told_by_account() -> None:
    row = act_row(entry(person="", rights=()))
    assert (row["by"], row["role"], row["self"]) == ("1001", None, False)


@pytest.mark.parametrize("act", ACTS)
def test_every_act_of_a_person_comes_to_a_state_of_the_contract(act: str) -> None:
    assert STATES[act] in WORDS


def test_a_tag_is_a_row_of_its_own_item() -> None:
    row = tag_row(audit(state="unsigned"))
    assert set(row) >= KEYS
    assert (row["item"], row["state"], row["by"]) == ("tag:openstack/nova@1.0.0", "unsigned", "zuul")


def test_a_standing_tells_who_counts_and_who_is_waited_for() -> None:
    (made,) = chain(entry())
    nova = Seat(
        bench=Bench(team="nova", people=(("ann", "czar"),), because="the file is theirs"), signed=(made,), lacks=0
    )
    glance = Bench(team="glance", people=(("gil", "czar"),), because="openstack/nova is theirs")
    one = Stand(
        wanted=wanted(),
        state="waiting",
        because="waits for gil",
        entry=made,
        seats=(nova, Seat(bench=glance, signed=(), lacks=1)),
    )
    row = stand_row(one, "gerrit:5", "r9")
    assert set(row) > KEYS
    assert (row["state"], row["by"], row["role"], row["at"], row["item"]) == ("waiting", None, None, None, "gerrit:5")
    assert (row["roster_revision"], row["because"], row["self"]) == ("r9", "waits for gil", False)
    assert [one["by"] for one in row["signers"]] == ["ann"]
    assert row["waits_for"] == [{"team": "glance", "people": ["gil"]}]

"""`czar signoff show`: where each release of a request stands now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from daemon.journal.journal import now
from rules.arrangements import Arrangement
from rules.state import Effects
from tests.command_line import refusal
from tests.daemon.config.makers import write
from tests.daemon.journals import decision
from tests.daemon.kept import ROSTER, RULES, Kept
from tests.daemon.signed import audit, chain, entry, gate, problem, wanted

CZAR = """
gerrit: {{url: https://review.example.org, user: czar-bot}}
state: {state}
signoff: [{{project: openstack/releases{more}}}]
"""
TWO = (wanted("1.0.0"), wanted("2.0.0"))


@pytest.fixture
def kept(kept: Kept) -> Kept:
    """Where releases are signed off."""
    return configured(kept)


def configured(kept: Kept, more: str = "", roster: str = ROSTER) -> Kept:
    write(kept.config, czar=CZAR.format(state=kept.state, more=more), roster=roster, rules=RULES)
    return kept


def test_every_tuple_is_a_row_and_not_all_signed_is_1(kept: Kept) -> None:
    record(kept, gates=(gate(wanted=TWO),), ledger=chain(signed("1.0.0", own=True)))
    ran = kept.czar("signoff", "show", "gerrit:1", "--json")
    assert (ran.code, ran.err) == (1, "")
    assert [(row["version"], row["state"], row["by"], row["role"], row["self"]) for row in ran.rows] == [
        ("1.0.0", "signed", "ann", "czar", True),
        ("2.0.0", "waiting", None, None, False),
    ]
    assert [row["item"] for row in ran.rows] == ["gerrit:1"] * 2
    assert all(row["because"] and "roster_revision" in row for row in ran.rows)


def test_all_signed_is_0(kept: Kept) -> None:
    record(kept, gates=(gate(wanted=TWO),), ledger=chain(signed("1.0.0"), signed("2.0.0", act="overridden")))
    ran = kept.czar("signoff", "show", "gerrit:1", "--json")
    assert (ran.code, [row["state"] for row in ran.rows]) == (0, ["signed", "overridden"])


def test_for_eyes_there_is_a_table_under_the_gate(kept: Kept) -> None:
    record(kept, gates=(gate(because="1 of 1 waits for a sign-off"),))
    first, header, *rows = kept.czar("signoff", "show", "gerrit:1").out.splitlines()
    assert first == "gerrit:1, patch set 1, open: 1 of 1 waits for a sign-off"
    assert header.split()[:4] == ["repo", "version", "sha", "state"]
    assert len(rows) == 1


def test_without_tuples_nothing_is_left_to_sign(kept: Kept) -> None:
    record(kept, gates=(gate(wanted=()),))
    kept.decided(decision(2))
    for item in ("gerrit:1", "gerrit:2"):
        ran = kept.czar("signoff", "show", item, "--json")
        assert (ran.code, ran.out) == (0, "")
        assert "nothing to sign" in kept.czar("signoff", "show", item).out


def test_a_refused_request_is_not_signed_whatever_anybody_said(kept: Kept) -> None:
    record(kept, gates=(gate(refusals=(problem("the hash is short"),)),), ledger=chain(signed("1.0.0")))
    ran = kept.czar("signoff", "show", "gerrit:1", "--json")
    assert (ran.code, len(ran.rows)) == (1, 1)
    assert ran.err == "wrong: deliverables/nova.yaml:3: the hash is short\n"


def test_an_item_never_heard_of_is_1_and_what_is_none_is_2(kept: Kept) -> None:
    ran = kept.czar("signoff", "show", "gerrit:7")
    assert (ran.code, ran.out, ran.err) == (1, "", "Never heard of gerrit:7.\n")
    assert "is no item" in refusal(kept.czar("signoff", "show", "nova"))


class TestByWhatCountsNow:
    def test_who_is_off_the_roster_by_now_has_not_signed(self, kept: Kept) -> None:
        record(kept, gates=(gate(),), ledger=chain(signed("1.0.0")))
        configured(kept, roster=ROSTER.replace("czars: [ann, bob]", "czars: [bob]"))
        ran = kept.czar("signoff", "show", "gerrit:1", "--json")
        assert (ran.code, [row["state"] for row in ran.rows]) == (1, ["withdrawn"])

    def test_a_sign_off_that_is_too_old_has_expired(self, kept: Kept) -> None:
        record(kept, gates=(gate(),), ledger=chain(signed("1.0.0", at=now() - timedelta(days=91))))
        ran = kept.czar("signoff", "show", "gerrit:1", "--json")
        assert (ran.code, [row["state"] for row in ran.rows]) == (1, ["expired"])

    def test_what_people_arranged_counts(self, kept: Kept) -> None:
        deputy = Arrangement(kind="delegate", person="bob", other="dee", team="nova", duty="release", at=now())
        made = signed("1.0.0", person="dee", account="1004", rights=(("nova", "delegate"),))
        record(kept, gates=(gate(),), ledger=chain(made), arrangements=(deputy,))
        ran = kept.czar("signoff", "show", "gerrit:1", "--json")
        assert [(row["state"], row["by"]) for row in ran.rows] == [("signed", "dee")]

    def test_what_is_merged_stays_as_it_was_signed(self, kept: Kept) -> None:
        old = signed("1.0.0", at=now() - timedelta(days=400))
        record(kept, gates=(gate(state="landed", value=1),), ledger=chain(old))
        configured(kept, roster=ROSTER.replace("czars: [ann, bob]", "czars: [bob]"))
        ran = kept.czar("signoff", "show", "gerrit:1", "--json")
        assert (ran.code, [row["state"] for row in ran.rows]) == (0, ["signed"])

    def test_where_the_terms_are_gone_that_is_said(self, kept: Kept) -> None:
        record(kept, gates=(gate(repo="openstack/elsewhere"),))
        assert "openstack/elsewhere is not in signoff" in refusal(kept.czar("signoff", "show", "gerrit:1"))


def test_a_tag_is_shown_as_it_was_found(kept: Kept) -> None:
    record(kept, audits=(audit("1.0.0"), audit("2.0.0", state="mismatch")))
    good, bad = (kept.czar("signoff", "show", f"tag:openstack/nova@{n}.0.0", "--json") for n in (1, 2))
    assert (good.code, good.rows[0]["state"]) == (0, "signed")
    assert (bad.code, bad.rows[0]["state"]) == (1, "mismatch")
    assert kept.czar("signoff", "show", "tag:openstack/nova@3.0.0").code == 1


def record(kept: Kept, **effects: Any) -> None:
    """As the daemon wrote it."""
    kept.decided(decision(verdicts=(), effects=Effects(**effects)))


def signed(version: str, **fields: Any) -> Any:
    """Just now."""
    return entry(version, **({"at": now().replace(microsecond=0)} | fields))

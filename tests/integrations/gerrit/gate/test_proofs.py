"""The proofs about the gate itself; tests/contract/test_gate_setup.py asks real servers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.gate.proofs import prove
from integrations.gerrit.gate.setup import apply
from integrations.gerrit.live import Answer
from tests.integrations.gerrit.answers import ANN, BOT
from tests.integrations.gerrit.gate_site import GATE, Site, open_change

FORBIDDEN = Refused("403 read refs/meta/config not permitted")


@pytest.fixture
def site() -> Site:
    """With the gate, and one open change."""
    made = Site()
    apply(made, [GATE])
    made.changes = [open_change()]
    return made


def proven(site: Site) -> list[Answer]:
    return list(prove(site, site, GATE))


def by_code(site: Site, *, fine: bool | None = False) -> dict[str, str]:
    """What is wrong, or fine, or not proven."""
    found: dict[str, list[str]] = {}
    for answer in proven(site):
        if answer.fine is fine:
            found.setdefault(answer.code, []).append(answer.message)
    return {code: "\n".join(said) for code, said in found.items()}


def test_a_gate_as_it_must_be_is_proven(site: Site) -> None:
    assert {answer.fine for answer in proven(site)} == {True}
    assert [answer.code for answer in proven(site)] == [
        "gate-bot",
        "gate-label",
        "gate-requirement",
        "gate-group",
        "gate-access",
        "gate-access",
        "gate-parents",
        "gate-children",
        "gate-powers",
        "gate-powers",
        "gate-tags",
        "gate-vote",
        "gate-vote",
    ]


def test_what_is_hidden_is_not_proven_and_the_rest_is_asked_all_the_same(site: Site) -> None:
    site.hidden = {f"projects/releases/{what}/": FORBIDDEN for what in ("labels", "submit_requirements", "children")}
    assert by_code(site) == {}
    assert set(by_code(site, fine=None)) == {"gate-label", "gate-requirement", "gate-children"}
    assert "ask as an administrator" in by_code(site, fine=None)["gate-label"]


def test_a_server_that_is_away_is_wrong(site: Site) -> None:
    site.hidden = {"projects/releases/labels/": Transient("away")}
    assert by_code(site) == {"gate-label": "releases: away"}


def test_a_label_a_requirement_and_a_right_that_were_edited_are_told_with_the_remedy(site: Site) -> None:
    site.labels["releases/Go"]["copy_condition"] = "is:ANY"
    site.requirements["releases/Go"]["override_expression"] = "is:true"
    site.local["releases"]["refs/heads/*"]["permissions"]["label-Go"].pop("exclusive")
    wrong = by_code(site)
    assert wrong == {
        "gate-label": "label Go of releases: copy_condition is is:ANY; czar gerrit setup --apply puts it right",
        "gate-requirement": "submit requirement Go of releases: it is overridden by 'is:true'; "
        "czar gerrit setup --apply puts it right",
        "gate-access": "the right to vote Go on branches of releases: it is not exclusive; "
        "czar gerrit setup --apply puts it right",
    }


def test_a_requirement_that_names_the_bots_account_id_is_fine_and_one_of_another_is_not(site: Site) -> None:
    site.requirements["releases/Go"]["submittability_expression"] = GATE.opens(BOT["_account_id"])
    assert by_code(site) == {}
    site.requirements["releases/Go"]["submittability_expression"] = GATE.opens(ANN["_account_id"])
    assert set(by_code(site)) == {"gate-requirement"}


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (BOT | {"_account_id": 99}, "user=bot is account 99, not ours, 1: put `user` in czar.yaml right"),
        (BOT | {"username": "robot"}, "user=bot is no account's username: give the bot one that is no number"),
    ],
)
def test_a_name_that_means_somebody_else_is_told(account: dict[str, Any], said: str, site: Site) -> None:
    site.named_bot = account
    assert by_code(site)["gate-bot"].startswith(said)


def test_others_in_the_bots_group_are_told_and_who_could_put_them_there(site: Site) -> None:
    assert site.group is not None
    site.group |= {"members": [BOT, ANN], "owner": "core"}
    assert by_code(site)["gate-group"].startswith("group bot-gate: it also holds ann; ")
    assert by_code(site, fine=None) == {
        "gate-group": "core may put people into bot-gate: it opens nothing while the bot is named"
    }


def test_a_group_that_administrators_own_is_fine(site: Site) -> None:
    assert site.group is not None
    site.group["owner"] = "Administrators"
    assert {answer.fine for answer in proven(site)} == {True}


def test_a_group_that_is_not_seen_is_not_proven(site: Site) -> None:
    site.group = None
    assert "gate-group" in by_code(site, fine=None)


def test_a_repo_whose_rights_are_hidden_is_not_proven(site: Site) -> None:
    site.whole["releases"] = False
    assert set(by_code(site, fine=None)) == {"gate-access", "gate-powers"}
    assert "gate-access" not in by_code(site)


def test_that_the_bot_hears_of_every_tag_is_proven_where_all_projects_shows_it(site: Site) -> None:
    site.local["All-Projects"]["refs/*"]["permissions"].pop("read")
    assert by_code(site) == {
        "gate-tags": "which tags bot hears of: none of commits on no branch, as bot-gate may not read refs/* of "
        "All-Projects; czar gerrit setup --apply puts it right"
    }
    site.whole["All-Projects"] = False
    assert "gate-tags" not in by_code(site)
    assert by_code(site, fine=None)["gate-tags"].startswith("which tags bot hears of: hidden from ")


def test_without_an_open_change_the_vote_is_not_proven(site: Site) -> None:
    site.changes = []
    assert set(by_code(site, fine=None)) == {"gate-vote"}


@pytest.mark.parametrize(("may", "said"), [({}, "nothing"), ({"Go": [" 0", "+1"]}, "only [0, 1]")])
def test_what_the_bot_may_not_vote_is_told(may: dict[str, list[str]], said: str, site: Site) -> None:
    site.changes = [open_change(permitted_labels=may)]
    assert by_code(site)["gate-vote"].startswith(f"what bot may vote on change 7: {said}; ")


def in_force(**edited: Any) -> dict[str, Any]:
    """The requirement as it is applied to the change, but for this."""
    return open_change()["submit_requirements"][0] | edited  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        ([], "no requirement Go is in force"),
        ([in_force(is_legacy=True)], "no requirement Go is in force"),
        ([in_force(name="go", submittability_expression_result={"expression": "is:true"})], "'is:true' does"),
        ([in_force(status="NOT_APPLICABLE")], "it is NOT_APPLICABLE"),
        ([in_force(status="OVERRIDDEN")], "it is OVERRIDDEN"),
        ([in_force(override_expression_result={"status": "FAIL"})], "it can be overridden"),
    ],
)
def test_another_requirement_in_force_is_told(requirements: list[dict[str, Any]], said: str, site: Site) -> None:
    site.changes = [open_change(submit_requirements=requirements)]
    assert by_code(site)["gate-vote"].startswith(f"what opens change 7: {said}; ")


def test_a_repo_that_an_administrator_does_not_see_is_not_there(site: Site) -> None:
    (answer,) = prove(site, site, replace(GATE, project="relases"))
    assert (answer.code, answer.fine) == ("gate-repo", False)
    assert "there is no repo relases: is `project` under signoff in czar.yaml right?" in answer.message

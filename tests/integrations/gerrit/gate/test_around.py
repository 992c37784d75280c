"""The proofs about what stands around the gate; tests/contract/test_gate_setup.py asks real servers."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from integrations.contract import Refused
from integrations.gerrit.gate.around import children, not_seen, parents, powers, strays
from integrations.gerrit.gate.setup import apply
from integrations.gerrit.live import Answer
from tests.integrations.gerrit.gate_site import GATE, Site

LABEL = {"name": "go"}


@pytest.fixture
def site() -> Site:
    """With the gate."""
    made = Site()
    apply(made, [GATE])
    return made


def said(answers: Iterable[Answer]) -> list[tuple[bool | None, str]]:
    return [(answer.fine, answer.message) for answer in answers]


def with_child(site: Site) -> Site:
    """And a child repo."""
    site.children, site.local["child"], site.whole["child"] = ["child"], {}, True
    return site


def test_the_bots_own_right_is_no_stray_one(site: Site) -> None:
    where = "releases, All-Projects"
    message = f"nobody else may vote Go, vote it for others, or remove it: {where}"
    assert said(strays(site, GATE)) == [(True, message)]


@pytest.mark.parametrize("project", ["releases", "All-Projects"])
@pytest.mark.parametrize("right", ["label-Go", "label-go", "labelAs-Go", "removeLabel-Go"])
def test_a_right_of_others_is_told_wherever_it_stands(right: str, project: str, site: Site) -> None:
    site.grant("refs/heads/master", right, project=project)
    ((fine, message),) = said(strays(site, GATE))
    assert fine is False
    assert message.startswith("core may ")
    assert message.endswith(f"take {right} on refs/heads/master of {project} away")


def test_only_a_vote_in_the_bots_name_opens_it(site: Site) -> None:
    site.grant("refs/heads/*", "labelAs-Go")
    site.grant("refs/heads/*", "label-Go")
    by_vote, by_name = sorted(message for _, message in said(strays(site, GATE)))
    assert "that opens the gate" in by_vote + by_name
    assert "it opens nothing while the bot is named" in by_vote + by_name


def test_even_the_bots_group_may_not_vote_for_others(site: Site) -> None:
    site.grant("refs/heads/*", "labelAs-Go", group="5e4f")
    assert [fine for fine, _ in said(strays(site, GATE))] == [False]


def test_what_a_parent_hides_is_not_proven_and_what_it_shows_is_told(site: Site) -> None:
    site.whole["All-Projects"] = False
    site.grant("refs/heads/x", "label-Go")
    told = said(strays(site, GATE))
    assert [fine for fine, _ in told] == [False, None]
    assert "by the rights of All-Projects" in told[1][1]


def test_a_label_or_requirement_above_is_told(site: Site) -> None:
    assert said(parents(site, GATE)) == [(True, "no parent of releases has a Go of its own")]
    site.labels["All-Projects/go"] = site.requirements["All-Projects/go"] = LABEL
    assert said(parents(site, GATE)) == [
        (False, f"All-Projects has a {kind} Go of its own: it may be in force instead of ours; take it away")
        for kind in ("label", "submit requirement")
    ]


def test_what_is_hidden_above_is_not_proven(site: Site) -> None:
    site.hidden = {"projects/All-Projects/labels/": Refused("403")}
    ((fine, message),) = said(parents(site, GATE))
    assert (fine, "whether All-Projects has a label Go of its own" in message) == (None, True)


def test_children_inherit_the_gate_as_it_is(site: Site) -> None:
    assert said(children(site, GATE)) == [(True, "releases has no child repos")]
    assert said(children(with_child(site), GATE)) == [(True, "inherit the gate of releases as it is: child")]


def test_a_child_with_something_of_the_same_name_is_told(site: Site) -> None:
    with_child(site).labels["child/go"] = site.requirements["child/go"] = LABEL
    site.grant("refs/heads/*", "label-Go", project="child")
    told = said(children(site, GATE))
    assert [fine for fine, _ in told] == [False] * 3
    assert told[0][1] == "child has a label Go of its own: it opens nothing, but misleads people; take it away"


def test_children_that_are_hidden_are_not_proven(site: Site) -> None:
    with_child(site).whole["child"] = False
    assert [fine for fine, _ in said(children(site, GATE))] == [None]
    site.children, site.admin = [], False
    ((fine, message),) = said(children(site, GATE))
    assert (fine, "more child repos" in message) == (None, True)


def test_who_may_change_the_gate_and_who_may_submit_is_named(site: Site) -> None:
    site.grant("GLOBAL_CAPABILITIES", "administrateServer", project="All-Projects", group="u1")
    site.grant("refs/heads/*", "submit")
    site.grant("refs/heads/*", "push", group="u1")
    assert said(powers(site, GATE)) == [
        (True, "releases: these may change the gate itself, as ever: u1"),
        (True, "releases: these may submit once it is open: core"),
    ]


def test_who_else_goes_past_review_is_not_proven_not_to(site: Site) -> None:
    site.grant("refs/heads/*", "push")
    assert said(powers(site, GATE))[0] == (
        None,
        "core may go past review, and so past the gate, by push on refs/heads/* of releases",
    )


def test_powers_that_are_hidden_are_not_proven(site: Site) -> None:
    site.whole["All-Projects"] = False
    ((fine, message),) = said(powers(site, GATE))
    assert (fine, "who else may change the gate of releases or go past it" in message) == (None, True)


def test_what_is_not_seen_names_whose_eyes_and_the_remedy(site: Site) -> None:
    answer = not_seen("gate-label", "whether it rains", site)
    message = "whether it rains: hidden from bot; ask as an administrator, with --as"
    assert answer == Answer(code="gate-label", fine=None, message=message)


def test_where_everybody_may_change_the_gate_it_is_no_gate(site: Site) -> None:
    site.grant("refs/*", "submit", group="global:Registered-Users")
    wrong = [message for fine, message in said(powers(site, GATE)) if fine is False]
    assert len(wrong) == 1
    assert "may change the gate of releases itself: everybody opens it" in wrong[0]

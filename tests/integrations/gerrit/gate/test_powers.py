"""Rights that no label can hold back."""

from __future__ import annotations

import pytest

from integrations.gerrit.gate.access import CAPABILITIES, Grant
from integrations.gerrit.gate.powers import goes_past_review, rules_the_gate


def grant(name: str, ref: str) -> Grant:
    return Grant(project="releases", ref=ref, name=name, group="u1", group_name="core")


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("administrateServer", CAPABILITIES),
        ("runAs", CAPABILITIES),
        ("modifyAccount", CAPABILITIES),
        ("owner", "refs/*"),
        ("owner", "refs/heads/*"),
        ("owner", "refs/meta/config"),
        ("push", "refs/meta/*"),
        ("submit", "refs/*"),
        ("create", "refs/meta/config"),
    ],
)
def test_who_may_change_what_opens_the_gate(name: str, ref: str) -> None:
    assert rules_the_gate(grant(name, ref))


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("streamEvents", CAPABILITIES),
        ("push", "refs/heads/*"),
        ("submit", "refs/heads/*"),
        ("owner", "refs/tags/*"),
        ("read", "refs/meta/config"),
        ("push", "refs/for/*"),
    ],
)
def test_who_may_not(name: str, ref: str) -> None:
    assert not rules_the_gate(grant(name, ref))


@pytest.mark.parametrize("ref", ["refs/heads/*", "refs/*", "refs/heads/stable/x"])
def test_who_pushes_to_a_branch_or_makes_one_goes_past_review(ref: str) -> None:
    assert goes_past_review(grant("push", ref))
    assert goes_past_review(grant("create", ref))


@pytest.mark.parametrize(("name", "ref"), [("push", "refs/for/*"), ("submit", "refs/*"), ("create", "refs/tags/*")])
def test_who_sends_for_review_submits_or_tags_does_not(name: str, ref: str) -> None:
    assert not goes_past_review(grant(name, ref))

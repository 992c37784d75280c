"""What submit requirements say of a change."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit import requirements
from integrations.sandbox.gerrit.records import Refusal, Requirement
from integrations.sandbox.gerrit.state import Review
from tests.integrations.sandbox.gerrit.world import PROJECT, World


@pytest.mark.parametrize(
    ("term", "truth"),
    [
        ("Code-Review=MAX", True),
        ("Code-Review=+2", True),
        ("Code-Review>=1", True),
        ("Code-Review=MIN", False),
        ("Code-Review=MAX,user=bob", True),
        ("Code-Review=MAX,user=ann", False),
        ("Code-Review=MAX,user=non_uploader", True),
        ("Code-Review=MAX,group=Service Users", False),
        ("Verified=1", False),
        ("Code-Review=MAX,user=nobody", False),
        ("Code-Review=0", False),
        ("Code-Review=ANY", True),
    ],
)
def test_a_label_term_looks_at_who_voted(term: str, truth: bool) -> None:
    world = World()
    change = world.push()
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    assert requirements.label_term(world.state, change, term) is truth


def test_a_requirement_that_cannot_be_evaluated_is_in_the_way() -> None:
    world = World()
    change = world.push()
    assert requirements.unsatisfied(world.state, change) == ["Code-Review"]
    result = requirements.evaluate(world.state, change, "label:Code-Review=MAX,group=none")
    assert (result.status, result.error) == ("ERROR", "Group none not found")
    for broken in ("nonsense:1", "is:submittable", "has:nothing", "label:"):
        world.state.set_requirement(PROJECT, Requirement(name="x", submittable_if=broken))
        assert requirements.unsatisfied(world.state, change) == ["Code-Review", "x"]


def test_terms_are_told_apart_without_their_minus() -> None:
    world = World()
    world.state.review(world.push().number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    expression = "label:Code-Review=MAX AND -label:Code-Review=MIN"
    result = requirements.evaluate(world.state, world.state.changes[1], expression)
    assert (result.fulfilled, result.passing, result.failing) == (
        True,
        ("label:Code-Review=MAX",),
        ("label:Code-Review=MIN",),
    )


@pytest.mark.parametrize(
    ("applicable", "override", "status"),
    [
        ("", "", "UNSATISFIED"),
        ("branch:master", "", "UNSATISFIED"),
        ("branch:refs/heads/other", "is:true", "NOT_APPLICABLE"),
        ("is:true", "is:true", "OVERRIDDEN"),
        ("", "group:x", "ERROR"),
    ],
)
def test_a_requirement_is_judged_by_all_its_expressions(applicable: str, override: str, status: str) -> None:
    world = World()
    asked = Requirement(name="x", submittable_if="is:false", applicable_if=applicable, override_if=override)
    assert requirements.judge(world.state, world.push(), asked).status == status


def test_an_expression_nobody_can_read_is_refused_by_name() -> None:
    requirements.check("x", "label:Anything=MAX AND is:true")
    with pytest.raises(Refusal, match=r"submit requirement 'x'.*Unsupported operator foo:1"):
        requirements.check("x", "foo:1")

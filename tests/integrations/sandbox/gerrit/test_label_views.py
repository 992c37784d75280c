"""The JSON of labels and requirements."""

from __future__ import annotations

from integrations.sandbox.gerrit import label_views, requirements
from integrations.sandbox.gerrit.records import Label, Requirement
from integrations.sandbox.gerrit.registry import CODE_REVIEW
from integrations.sandbox.gerrit.state import Review
from tests.integrations.sandbox.gerrit.world import PROJECT, World


def test_values_have_their_sign() -> None:
    assert list(label_views.values(CODE_REVIEW)) == ["-2", "-1", " 0", "+1", "+2"]


def test_a_definition_names_what_is_set() -> None:
    label = Label(name="L", values={0: ""}, copy_condition="is:ANY", can_override=False, allow_post_submit=False)
    info = label_views.label_info(PROJECT, label)
    assert info["copy_condition"] == "is:ANY"
    assert {"can_override", "allow_post_submit"}.isdisjoint(info)
    shown = label_views.requirement_info(PROJECT, Requirement(name="R", submittable_if="is:true"))
    assert set(shown) == {"name", "project_name", "submittability_expression", "allow_override_in_child_projects"}


def test_a_closed_change_permits_nothing_and_strangers_nothing() -> None:
    world = World()
    change = world.push()
    assert label_views.permitted(world.state, change, None) == {}
    assert list(label_views.permitted(world.state, change, world.bob.account_id)) == ["Code-Review"]
    world.state.abandon(change.number, world.ann.account_id)
    assert label_views.permitted(world.state, change, world.bob.account_id) == {}


def test_a_label_on_a_change_names_who_approved() -> None:
    world = World()
    change = world.push(options=("r=cyd",))
    world.state.review(change.number, world.bob.account_id, Review(labels={"Code-Review": 2}))
    short = label_views.label_on(world.state, change, CODE_REVIEW, detailed=False, accounts=False)
    assert short == {"approved": {"_account_id": world.bob.account_id}, "default_value": 0}
    whole = label_views.label_on(world.state, change, CODE_REVIEW, detailed=True, accounts=True)
    assert {one["username"]: one["value"] for one in whole["all"]} == {"cyd": 0, "bob": 2}


def test_a_result_tells_why_it_could_not_be_found() -> None:
    world = World()
    asked = Requirement(
        name="R", description="D", submittable_if="foo:1", applicable_if="is:true", override_if="is:false"
    )
    info = label_views.requirement_result(requirements.judge(world.state, world.push(), asked))
    assert (info["status"], info["description"]) == ("ERROR", "D")
    assert info["submittability_expression_result"]["error_message"] == "Unsupported operator foo:1"
    assert info["applicability_expression_result"] == {"fulfilled": True, "status": "PASS"}
    assert info["override_expression_result"]["status"] == "FAIL"

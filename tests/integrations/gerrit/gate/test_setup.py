"""Setting up the gate, call by call; tests/contract/test_gate_setup.py does it at real servers."""

from __future__ import annotations

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.gate.gate import Gate
from integrations.gerrit.gate.setup import apply, group_id, group_of, label_of, needed, requirement_of
from integrations.gerrit.rest import NotFound
from tests.integrations.gerrit.answers import ANN, BOT
from tests.integrations.gerrit.gate_site import GATE, GROUP, UUID, Site


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def done(site: Site) -> Site:
    """A site with the gate."""
    apply(site, [GATE])
    site.asked.clear()
    return site


def test_looking_lists_what_is_missing_and_changes_nothing(site: Site) -> None:
    assert [(step.done, step.because) for step in needed(site, [GATE])] == [
        (False, "there is no such group"),
        (False, "not refs/*"),
        (False, "there is none"),
        (False, "there is none"),
        (False, "bot-gate may not"),
        (False, "not refs/heads/*; not refs/meta/config"),
    ]
    assert site.written == 0


def test_what_is_missing_is_made_and_twice_is_once(site: Site) -> None:
    made = apply(site, [GATE])
    assert all(step.done for step in made)
    assert made[0].because == "put right; before: there is no such group"
    written = site.written
    assert [(step.done, step.because) for step in apply(site, [GATE])] == [(True, "")] * 6
    assert site.written == written


def test_the_group_is_new_holds_the_bot_and_can_be_seen_by_all(site: Site) -> None:
    apply(site, [GATE])
    assert next(asked for asked in site.asked if asked[0] == "PUT") == (
        "PUT",
        GROUP,
        {
            "members": ["bot"],
            "visible_to_all": True,
            "description": "bot alone, which votes where releases are asked for",
        },
    )


def test_the_label_loses_all_that_would_copy_a_vote_or_let_it_count_later(site: Site) -> None:
    apply(site, [GATE])
    (body,) = (given for method, path, given in site.asked if (method, path) == ("PUT", "projects/releases/labels/Go"))
    assert body["unset_copy_condition"] is True
    assert body["branches"] == []
    assert {key for key, value in body.items() if value is False} == {
        "allow_post_submit",
        "can_override",
        "ignore_self_approval",
    }


def test_what_differs_is_told_and_put_right(done: Site) -> None:
    done.labels["releases/Go"]["copy_condition"] = "is:ANY"
    done.requirements["releases/Go"]["submittability_expression"] = "label:Go>0"
    done.local["releases"]["refs/heads/*"]["permissions"]["label-Go"]["exclusive"] = False
    done.grant("refs/heads/*", "label-Go")
    wrong = [step.because for step in needed(done, [GATE])]
    assert wrong == ["", "", "copy_condition is is:ANY", "it is fulfilled by 'label:Go>0'",
                     "core may too; it is not exclusive", ""]  # fmt: skip
    assert [step.because for step in apply(done, [GATE])] == [one and f"put right; before: {one}" for one in wrong]
    assert all(step.done for step in needed(done, [GATE]))
    rules = done.local["releases"]["refs/heads/*"]["permissions"]["label-Go"]["rules"]
    assert rules == {UUID: {"action": "ALLOW", "min": -1, "max": 1}}


def test_the_group_and_its_right_to_see_all_tags_are_there_once_for_all_gates(site: Site) -> None:
    other = Gate(project="releases", label="Other", bot="bot")
    made = apply(site, [GATE, other])
    assert all(step.done for step in made)
    assert len(made) == 2 + 2 * 4
    assert made[1].what == "bot-gate hears of every tag, also of commits on no branch: may read refs/* of All-Projects"
    assert site.local["All-Projects"] == {"refs/*": {"permissions": {"read": {"rules": {UUID: {"action": "ALLOW"}}}}}}
    assert (needed(site, []), apply(site, [])) == ((), ())


def test_the_right_to_vote_moves_in_one_commit(done: Site) -> None:
    done.grant("refs/heads/*", "label-Go")
    apply(done, [GATE])
    (posted,) = (given for method, _, given in done.asked if method == "POST")
    assert set(posted) == {"add", "remove"}


def test_strangers_are_taken_out_of_the_group(done: Site) -> None:
    assert done.group is not None
    done.group |= {"members": [ANN], "includes": [{"id": "u9", "name": "core"}]}
    step = apply(done, [GATE])[0]
    assert (step.done, step.because) == (
        True,
        "put right; before: bot is not in it; there is also ann, group core",
    )
    assert (done.group["members"], done.group["includes"]) == ([BOT], [])


def test_what_cannot_be_put_right_stays_missing(done: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    done.labels["releases/Go"]["function"] = "MaxWithBlock"
    monkeypatch.setattr(done, "put", lambda path, body: None)
    step = apply(done, [GATE])[2]
    assert (step.done, step.because) == (False, "its function is MaxWithBlock")


def test_rights_are_never_given_to_a_group_that_does_not_show(site: Site) -> None:
    site.hidden[f"{GROUP}/detail"] = NotFound("404")
    with pytest.raises(Refused, match="the group bot-gate was made, but does not show"):
        apply(site, [GATE])
    assert site.local["releases"] == {}


def test_a_repo_that_is_not_there_is_told_before_anything_is_made(site: Site) -> None:
    nowhere = Gate(project="nowhere", label="Go", bot="bot")
    step = needed(site, [GATE, nowhere])[-1]
    assert (step.done, step.because) == (False, "there is no repo nowhere, or it is hidden from us")
    with pytest.raises(Refused, match="there is no repo nowhere"):
        apply(site, [GATE, nowhere])
    assert site.written == 0


def test_a_server_that_is_away_is_asked_later(site: Site) -> None:
    site.hidden["projects/releases"] = Transient("away")
    with pytest.raises(Transient):
        needed(site, [GATE])


def test_labels_and_requirements_are_found_whatever_their_case(done: Site) -> None:
    for look in (label_of, requirement_of):
        found = look(done, "releases", "go")
        assert found is not None
        assert found["name"] == "Go"
        assert look(done, "releases", "Other") is None


def test_a_group_that_is_not_there_has_no_id(site: Site) -> None:
    assert (group_of(site, GATE.group), group_id(site, GATE)) == (None, None)
    apply(site, [GATE])
    assert group_id(site, GATE) == UUID

"""One suite for the stand-in and for real Gerrits: labels and who may vote them, submit requirements, what becomes of
votes and how messages tell of it, the texts of files, and tags.
"""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests

from integrations.gerrit.rest import Rest
from tests.gerrit_world import GerritWorld, Person, Pushed
from tests.real.fixtures import Gerrits
from tests.stand_in_world import StandInWorld
from tests.waiting import until

WORLDS = ["stand-in", *(pytest.param(version, marks=pytest.mark.full) for version in ("3.10.2", "3.13.5"))]
LABEL = "Release-Signoff"
NEEDED = f"label:{LABEL}=MAX,user=signoff-bot AND -label:{LABEL}=MIN"
VALUES = {"-1": "refused", " 0": "not yet", "+1": "signed"}
REGISTERED = "global:Registered-Users"
NO_SHA = "0" * 40
CODE_REVIEW_COPIES = "changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN"
_numbers = itertools.count()


def path_of(name: str) -> str:
    return quote(name, safe="")


def rule(low: int, high: int) -> dict[str, Any]:
    return {"min": low, "max": high, "action": "ALLOW"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A world with people, our bot, and a project whose gate is set up."""

    world: GerritWorld
    ann: Person
    bob: Person
    cyd: Person
    bot: Person
    repo: str
    bots: str  # the UUID of the group that may vote

    @property
    def admin(self) -> Person:
        return self.world.admin

    @property
    def project(self) -> str:
        return f"/projects/{path_of(self.repo)}"

    def ask(self, who: Person, path: str) -> Any:
        return self.world.rest(who, "GET", path)

    def put(self, who: Person, path: str, body: object = None) -> Any:
        return self.world.rest(who, "PUT", path, body or {})

    def post(self, who: Person, path: str, body: object = None) -> Any:
        return self.world.rest(who, "POST", path, body or {})

    def delete(self, who: Person, path: str) -> Any:
        return self.world.rest(who, "DELETE", path)

    def push(self, who: Person | None = None, **how: Any) -> Pushed:
        number = next(_numbers)
        given = {"subject": f"Release {number}", "files": {f"deliverables/{number}.yaml": f"{number}\n"}} | how
        return self.world.push(who or self.ann, self.repo, **given)

    def again(self, pushed: Pushed, who: Person | None = None, **how: Any) -> Pushed:
        """Another text in the next patch set."""
        return self.push(who, change_id=pushed.change_id, **how)

    def vote(self, who: Person, pushed: Pushed, value: int, *, label: str = LABEL, **more: Any) -> Any:
        path = f"/changes/{pushed.number}/revisions/{pushed.revision}/review"
        return self.post(who, path, {"labels": {label: value}} | more)

    def detail(self, pushed: Pushed, who: Person | None = None) -> Any:
        options = "o=SUBMIT_REQUIREMENTS&o=SUBMITTABLE&o=ALL_REVISIONS&o=ALL_COMMITS"
        return self.ask(who or self.admin, f"/changes/{pushed.number}/detail?{options}")

    def votes(self, pushed: Pushed, label: str = LABEL) -> dict[str, int]:
        """Who has a vote on the current patch set."""
        given = self.detail(pushed)["labels"][label].get("all", ())
        return {one["username"]: one["value"] for one in given if one.get("value")}

    def said(self, pushed: Pushed) -> dict[str, Any]:
        """The newest message."""
        message = self.ask(self.admin, f"/changes/{pushed.number}/messages")[-1]
        return {
            "text": message["message"],
            "by": message["author"]["username"],
            "tag": message.get("tag", ""),
            "patch_set": message["_revision_number"],
            "about": [one["username"] for one in message.get("accounts_in_message", ())],
        }

    def gate(self, pushed: Pushed) -> str:
        found = self.detail(pushed)["submit_requirements"]
        return next(str(one["status"]) for one in found if one["name"] == LABEL)

    def removing(self, pushed: Pushed, who: Person | None = None) -> str:
        return f"/changes/{pushed.number}/reviewers/{(who or self.bot).account_id}"

    def tip(self) -> str:
        return str(self.ask(self.admin, f"{self.project}/branches/master")["revision"])

    def land(self, pushed: Pushed) -> None:
        self.vote(self.admin, pushed, 2, label="Code-Review")
        self.vote(self.bot, pushed, 1)
        self.post(self.admin, f"/changes/{pushed.number}/submit")


def refusal(what: Callable[..., Any], *given: Any) -> tuple[int, str]:
    """How the server refuses it."""
    with pytest.raises(requests.HTTPError) as caught:
        what(*given)
    answer = caught.value.response
    return answer.status_code, answer.text.strip()


@pytest.fixture(scope="module", params=WORLDS)
def world(
    request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GerritWorld]:
    if request.param != "stand-in":
        yield real_gerrits.get(request.param)
        return
    stand_in = StandInWorld(tmp_path_factory.mktemp("stand-in-"))
    stand_in.allow_as_little_as_a_fresh_site()
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def place(world: GerritWorld) -> Place:
    world.add_project("signoff/releases")
    ann, bob, cyd = (world.add_person(f"signoff-{name}") for name in ("ann", "bob", "cyd"))
    bot = world.add_person("signoff-bot", service=True)
    bots = world.rest(world.admin, "PUT", "/groups/Signoff-Bots", {"members": [bot.username]})["id"]
    place = Place(world=world, ann=ann, bob=bob, cyd=cyd, bot=bot, repo="signoff/releases", bots=bots)
    label = {"values": VALUES, "function": "NoBlock", "copy_condition": "changekind:NO_CODE_CHANGE"}
    place.put(place.admin, f"{place.project}/labels/{LABEL}", label)
    place.put(place.admin, f"{place.project}/submit_requirements/{LABEL}", requirement(LABEL, NEEDED))
    grant(place, "refs/heads/*", LABEL, bots, exclusive=True)
    return place


def requirement(name: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "submittability_expression": expression} | more


def grant(place: Place, ref: str, label: str, group: str, **more: Any) -> Any:
    permission = {"label": label, "rules": {group: rule(-1, 1)}} | more
    body: dict[str, Any] = {"add": {ref: {"permissions": {f"label-{label}": permission}}}}
    return place.post(place.admin, f"{place.project}/access", body)


def ungrant(place: Place, ref: str, label: str, group: str = REGISTERED) -> Any:
    body: dict[str, Any] = {"remove": {ref: {"permissions": {f"label-{label}": {"rules": {group: {}}}}}}}
    return place.post(place.admin, f"{place.project}/access", body)


# The rules of a project


def test_a_label_is_defined_changed_and_deleted(place: Place) -> None:
    where = f"{place.project}/labels/Tasted"
    made = place.put(place.admin, where, {"values": VALUES, "function": "NoBlock", "can_override": False})
    assert made == {
        "name": "Tasted",
        "project_name": place.repo,
        "function": "NoBlock",
        "values": VALUES,
        "default_value": 0,
        "allow_post_submit": True,
    }
    changed = place.put(place.admin, where, {"copy_condition": "is:ANY", "allow_post_submit": False})
    assert changed == place.ask(place.admin, where)
    assert (changed["copy_condition"], changed["values"]) == ("is:ANY", VALUES)
    assert "allow_post_submit" not in changed
    names = {one["name"] for one in place.ask(place.admin, f"{place.project}/labels/")}
    assert names == {LABEL, "Tasted"}
    inherited = place.ask(place.admin, f"{place.project}/labels/?inherited")
    assert ("Code-Review", "All-Projects") in {(one["name"], one["project_name"]) for one in inherited}
    place.delete(place.admin, where)
    assert refusal(lambda: place.ask(place.admin, where)) == (404, "Not found: Tasted")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "values are required"),
        ({"values": {"x": "a"}}, "invalid value: x"),
        (
            {"values": VALUES, "copy_condition": "foo:bar"},
            "unable to parse copy condition. got: foo:bar. Unsupported operator foo:bar",
        ),
    ],
)
def test_a_label_that_makes_no_sense_is_refused(place: Place, body: dict[str, Any], reason: str) -> None:
    assert refusal(lambda: place.put(place.admin, f"{place.project}/labels/Bad", body)) == (400, reason)


def test_a_requirement_is_defined_changed_and_deleted(place: Place) -> None:
    where = f"{place.project}/submit_requirements/Taste"
    body = requirement("Taste", "label:Tasted=MAX", allow_override_in_child_projects=False)
    made = {key: value for key, value in place.put(place.admin, where, body).items() if key != "project_name"}
    assert made == body
    place.put(place.admin, where, body | {"applicability_expression": "branch:refs/heads/other", "description": "Yum."})
    found = place.ask(place.admin, where)
    assert (found["applicability_expression"], found["description"]) == ("branch:refs/heads/other", "Yum.")
    names = {one["name"] for one in place.ask(place.admin, f"{place.project}/submit_requirements/")}
    assert names == {LABEL, "Taste"}
    place.delete(place.admin, where)
    assert refusal(lambda: place.ask(place.admin, where)) == (404, "Submit requirement 'Taste' does not exist")
    assert (
        refusal(lambda: place.put(place.admin, where, {"name": "Taste"}))[1] == "submittability_expression is required"
    )
    status, reason = refusal(lambda: place.put(place.admin, where, requirement("Taste", "foo:x")))
    assert (status, "Unsupported operator foo:x" in reason) == (400, True)


@pytest.mark.parametrize("what", ["labels/", f"labels/{LABEL}", "submit_requirements/", f"submit_requirements/{LABEL}"])
def test_who_may_not_read_the_configuration_sees_no_rules(place: Place, what: str) -> None:
    expected = (403, "read refs/meta/config not permitted")
    assert refusal(lambda: place.ask(place.bot, f"{place.project}/{what}")) == expected
    assert refusal(lambda: place.put(place.ann, f"{place.project}/labels/Mine", {"values": VALUES})) == expected


def test_access_is_shown_as_it_was_set(place: Place) -> None:
    access = place.ask(place.admin, f"{place.project}/access")
    assert access["inherits_from"]["name"] == "All-Projects"
    assert access["local"]["refs/heads/*"]["permissions"][f"label-{LABEL}"] == {
        "label": LABEL,
        "exclusive": True,
        "rules": {place.bots: {"action": "ALLOW", "force": False, "min": -1, "max": 1}},
    }
    assert access["groups"][place.bots]["name"] == "Signoff-Bots"
    seen = place.ask(place.ann, f"{place.project}/access")
    assert (seen["config_visible"], seen["local"]) == (False, {"refs/heads/*": {"permissions": {}}})
    assert refusal(lambda: grant(place, "refs/heads/*", LABEL, "nogroup")) == (422, "nogroup is not a valid group ID")
    body = {"add": {"refs/*": {"permissions": {"submit": {"rules": {REGISTERED: {"action": "ALLOW"}}}}}}}
    expected = (403, "not permitted: write ref config on refs/*")
    assert refusal(lambda: place.post(place.ann, f"{place.project}/access", body)) == expected


def test_children_are_told_with_their_children(place: Place) -> None:
    for name, parent in (("signoff/kid", place.repo), ("signoff/grandkid", "signoff/kid")):
        place.put(place.admin, f"/projects/{path_of(name)}", {"parent": parent, "create_empty_commit": True})
    assert [one["name"] for one in place.ask(place.bot, f"{place.project}/children/")] == ["signoff/kid"]
    everybody = place.ask(place.bot, f"{place.project}/children/?recursive")
    assert {(one["name"], one["parent"]) for one in everybody} == {
        ("signoff/kid", place.repo),
        ("signoff/grandkid", "signoff/kid"),
    }
    assert place.ask(place.bot, f"/projects/{path_of('signoff/kid')}/parent") == place.repo
    assert LABEL in place.ask(place.bot, f"/projects/{path_of('signoff/grandkid')}")["labels"]


def test_a_child_may_have_a_label_of_that_name_but_not_another_requirement(place: Place) -> None:
    kid = f"/projects/{path_of('signoff/rebel')}"
    place.put(place.admin, kid, {"parent": place.repo, "create_empty_commit": True})
    place.put(place.admin, f"{kid}/labels/{LABEL}", {"values": VALUES | {"+2": "twice"}, "function": "NoBlock"})
    place.put(place.admin, f"{kid}/submit_requirements/{LABEL}", requirement(LABEL, "is:true"))
    pushed = place.world.push(place.ann, "signoff/rebel", subject="Free", files={"a": "1\n"})
    detail = place.detail(pushed)
    assert "+2" in detail["labels"][LABEL]["values"]
    (found,) = [one for one in detail["submit_requirements"] if one["name"] == LABEL]
    assert (found["status"], found["submittability_expression_result"]["expression"]) == ("UNSATISFIED", NEEDED)


def test_members_of_a_group_are_told(place: Place) -> None:
    place.put(place.admin, "/groups/Tasters", {"members": [place.ann.username]})
    assert refusal(lambda: place.put(place.admin, "/groups/Tasters")) == (409, "Group already exists")
    place.put(place.admin, f"/groups/Tasters/members/{place.bob.username}")
    members = place.ask(place.admin, "/groups/Tasters/members/")
    assert {one["username"] for one in members} == {place.ann.username, place.bob.username}


def test_taking_away_a_permission_without_its_rules_takes_the_whole_section(place: Place) -> None:
    repo = f"signoff/rules-{next(_numbers)}"
    place.world.add_project(repo)
    where = f"/projects/{path_of(repo)}/access"
    one = {"rules": {REGISTERED: {"action": "ALLOW"}}}
    both = {"submit": one, "removeReviewer": one}
    place.post(place.admin, where, {"add": {"refs/heads/*": {"permissions": both}}})
    left = place.post(place.admin, where, {"remove": {"refs/heads/*": {"permissions": {"submit": one}}}})["local"]
    assert set(left["refs/heads/*"]["permissions"]) == {"removeReviewer"}
    place.post(place.admin, where, {"add": {"refs/heads/*": {"permissions": both}}})
    place.post(place.admin, where, {"remove": {"refs/heads/*": {"permissions": {"submit": {}}}}})
    assert "refs/heads/*" not in place.ask(place.admin, where)["local"]


# Votes


def test_only_the_bot_may_vote_its_label(place: Place) -> None:
    pushed = place.push()
    for who in (place.ann, place.bob, place.admin):
        expected = (403, f'Applying label "{LABEL}": 1 is restricted')
        assert refusal(place.vote, who, pushed, 1) == expected
        assert LABEL not in place.detail(pushed, who)["permitted_labels"]
    assert place.detail(pushed, place.bot)["permitted_labels"][LABEL] == ["-1", " 0", "+1"]
    assert place.detail(pushed, place.ann)["permitted_labels"]["Code-Review"] == ["-1", " 0", "+1"]
    expected = (403, 'Applying label "Code-Review": 2 is restricted')
    assert refusal(lambda: place.vote(place.bob, pushed, 2, label="Code-Review")) == expected
    place.vote(place.bot, pushed, 1, tag="autogenerated:czar", message="All signed.")
    assert place.said(pushed) == {
        "text": f"Patch Set 1: {LABEL}+1\n\nAll signed.",
        "by": place.bot.username,
        "tag": "autogenerated:czar",
        "patch_set": 1,
        "about": [],
    }


def test_a_label_that_was_granted_to_nobody_is_nobodys(place: Place) -> None:
    place.put(place.admin, f"{place.project}/labels/Nobodys", {"values": VALUES, "function": "NoBlock"})
    pushed = place.push()
    for who in (place.bot, place.admin):
        review = f"/changes/{pushed.number}/revisions/{pushed.revision}/review"
        assert refusal(place.post, who, review, {"labels": {"Nobodys": 1}})[0] == 403
    place.delete(place.admin, f"{place.project}/labels/Nobodys")


def test_zero_and_values_that_are_not_there_change_nothing(place: Place) -> None:
    pushed = place.push()
    place.vote(place.ann, pushed, 0)
    place.vote(place.bot, pushed, 7)
    place.vote(place.bot, pushed, 1, label="No-Such-Label")
    assert place.votes(pushed) == {}
    assert place.said(pushed)["text"] == "Uploaded patch set 1."


def test_who_else_votes_is_shown_by_what_they_may(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bob, pushed, 1, label="Code-Review")
    place.vote(place.bot, pushed, -1)
    detail = place.detail(pushed)
    entries = {one["username"]: one for one in detail["labels"][LABEL]["all"]}
    assert entries[place.bot.username]["permitted_voting_range"] == {"min": -1, "max": 1}
    assert {"value", "permitted_voting_range"}.isdisjoint(entries[place.bob.username])
    assert detail["labels"][LABEL]["rejected"]["username"] == place.bot.username
    assert place.votes(pushed, "Code-Review") == {place.bob.username: 1}


def test_a_grant_on_the_very_branch_beats_the_exclusive_one_but_does_not_open_the_gate(place: Place) -> None:
    pushed = place.push()
    grant(place, "refs/heads/master", LABEL, REGISTERED)
    try:
        place.vote(place.bob, pushed, 1)
    finally:
        ungrant(place, "refs/heads/master", LABEL)
    assert place.votes(pushed) == {place.bob.username: 1}
    assert place.gate(pushed) == "UNSATISFIED"
    assert LABEL not in place.detail(pushed, place.bob)["permitted_labels"]
    place.vote(place.bob, pushed, 0)  # what was given may be taken back
    assert place.votes(pushed) == {}


def test_a_grant_on_more_refs_loses_against_the_exclusive_one(place: Place) -> None:
    pushed = place.push()
    grant(place, "refs/*", LABEL, REGISTERED)
    try:
        assert refusal(lambda: place.vote(place.bob, pushed, 1))[0] == 403
    finally:
        ungrant(place, "refs/*", LABEL)


def test_a_vote_taken_back_says_so(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, 1)
    before = len(place.detail(pushed)["messages"])
    place.vote(place.bot, pushed, 1)
    assert len(place.detail(pushed)["messages"]) == before  # the same again is nothing
    place.vote(place.bot, pushed, 0)
    assert place.said(pushed)["text"] == f"Patch Set 1: -{LABEL}"
    assert place.votes(pushed) == {}


def test_a_vote_on_an_old_patch_set_is_taken_and_does_not_reach_new_content(place: Place) -> None:
    old = place.push()
    new = place.again(old)
    place.vote(place.bot, old, 1)
    assert (place.said(old)["text"], place.said(old)["patch_set"]) == (f"Patch Set 1: {LABEL}+1", 1)
    assert (place.votes(new), place.gate(new)) == ({}, "UNSATISFIED")


def test_a_vote_on_an_old_patch_set_goes_on_to_the_same_content_and_tells_it(place: Place) -> None:
    pushed = place.push()
    reword(place, pushed)
    place.vote(place.bot, pushed, 1, message="Fine.")
    told = "Copied votes on follow-up patch sets have been updated:"
    condition = '(copy condition: "changekind:NO_CODE_CHANGE").'
    text = f"Patch Set 1: {LABEL}+1\n\n{told}\n* {LABEL}+1 has been copied to patch set 2 {condition}\n\nFine."
    assert (place.said(pushed)["text"], place.votes(pushed)) == (text, {place.bot.username: 1})
    place.vote(place.bot, pushed, -1)
    text = f"{LABEL}-1 has been copied to patch set 2 (was {LABEL}+1) {condition}"
    assert place.said(pushed)["text"] == f"Patch Set 1: {LABEL}-1\n\n{told}\n* {text}"
    place.vote(place.bot, pushed, 0)
    reason = f"since the new {LABEL}=0 vote is not copyable {condition}"
    text = f"Copied {LABEL} vote has been removed from patch set 2 (was {LABEL}-1) {reason}"
    assert (place.said(pushed)["text"], place.votes(pushed)) == (f"Patch Set 1: -{LABEL}\n\n{told}\n* {text}", {})


def reword(place: Place, pushed: Pushed, who: Person | None = None) -> None:
    message = f"Other words {next(_numbers)}\n\nChange-Id: {pushed.change_id}\n"
    place.put(who or place.ann, f"/changes/{pushed.number}/message", {"message": message})


def revisions(place: Place, pushed: Pushed) -> list[tuple[int, str, str]]:
    found = place.detail(pushed)["revisions"].values()
    return sorted((one["_number"], one["kind"], one["uploader"]["username"]) for one in found)


def test_an_edited_message_keeps_the_signoff_and_drops_the_review(place: Place) -> None:
    pushed = place.push()
    place.vote(place.admin, pushed, 2, label="Code-Review")
    place.vote(place.bot, pushed, 1)
    reword(place, pushed, place.bob)
    assert revisions(place, pushed) == [
        (1, "REWORK", place.ann.username),
        (2, "NO_CODE_CHANGE", place.bob.username),
    ]
    assert (place.votes(pushed), place.votes(pushed, "Code-Review")) == ({place.bot.username: 1}, {})
    copied = f'Copied Votes:\n* {LABEL}+1 (copy condition: "**changekind:NO_CODE_CHANGE**")\n'
    outdated = f'Outdated Votes:\n* Code-Review+2 (copy condition: "{CODE_REVIEW_COPIES}")\n'
    assert place.said(pushed) == {
        "text": f"Patch Set 2: Commit message was updated.\n\n{copied}\n{outdated}",
        "by": place.bob.username,
        "tag": "autogenerated:gerrit:newPatchSet",
        "patch_set": 2,
        "about": [],
    }
    same = place.detail(pushed)["revisions"]
    message = next(one["commit"]["message"] for one in same.values() if one["_number"] == 2)
    where = f"/changes/{pushed.number}/message"
    expected = (409, "new and existing commit message are the same")
    assert refusal(lambda: place.put(place.ann, where, {"message": message})) == expected
    assert refusal(lambda: place.put(place.ann, where, {"message": "No id\n"})) == (409, "missing Change-Id footer")


def test_a_rebase_is_trivial_and_by_whom_pressed_it(place: Place) -> None:
    pushed = place.push()
    place.vote(place.admin, pushed, 2, label="Code-Review")
    place.vote(place.bot, pushed, 1)
    where = f"/changes/{pushed.number}/rebase"
    assert refusal(lambda: place.post(place.admin, where)) == (409, "Change is already up to date.")
    place.land(place.push())
    assert refusal(lambda: place.post(place.bob, where))[0] == 403
    place.post(place.admin, where)
    assert revisions(place, pushed)[1] == (2, "TRIVIAL_REBASE", place.admin.username)
    condition = CODE_REVIEW_COPIES.replace("changekind:TRIVIAL_REBASE", "**changekind:TRIVIAL_REBASE**")
    copied = f'Copied Votes:\n* Code-Review+2 (copy condition: "{condition}")\n'
    outdated = f'Outdated Votes:\n* {LABEL}+1 (copy condition: "changekind:NO_CODE_CHANGE")\n'
    assert place.said(pushed)["text"] == f"Patch Set 2: Patch Set 1 was rebased\n\n{copied}\n{outdated}"
    assert place.gate(pushed) == "UNSATISFIED"


def test_the_same_pushed_again_changes_nothing_and_says_so(place: Place) -> None:
    pushed = place.push(subject="Same", files={"same": "1\n"})
    place.vote(place.bot, pushed, 1)
    place.again(pushed, place.bob, subject="Same", files={"same": "1\n"})
    assert revisions(place, pushed)[1] == (2, "NO_CHANGE", place.bob.username)
    same = "New patch set was added with same tree, parent tree, and commit message as Patch Set 1."
    assert place.said(pushed)["text"].startswith(f"Uploaded patch set 2: {same}\n\nCopied Votes:\n* {LABEL}+1 ")
    assert place.votes(pushed) == {place.bot.username: 1}


def test_new_content_drops_the_signoff_and_going_back_does_not_bring_it_again(place: Place) -> None:
    pushed = place.push(subject="Back", files={"back": "1\n"})
    place.vote(place.bot, pushed, 1)
    place.again(pushed, subject="Back", files={"back": "2\n"})
    text = f'Outdated Votes:\n* {LABEL}+1 (copy condition: "changekind:NO_CODE_CHANGE")\n'
    assert (place.said(pushed)["text"], place.votes(pushed)) == (f"Uploaded patch set 2.\n\n{text}", {})
    place.again(pushed, subject="Back", files={"back": "1\n"})
    assert (place.said(pushed)["text"], place.votes(pushed)) == ("Uploaded patch set 3.", {})


def test_copy_conditions_look_at_value_kind_and_files(place: Place) -> None:
    conditions = {
        "Copy-Any": "is:ANY",
        "Copy-Some": "changekind:REWORK AND -is:MIN",
        "Copy-Files": "has:unchanged-files",
    }
    for name, condition in conditions.items():
        body = {"values": VALUES, "function": "NoBlock", "copy_condition": condition}
        place.put(place.admin, f"{place.project}/labels/{name}", body)
        grant(place, "refs/heads/*", name, REGISTERED)
    pushed = place.push(subject="Copy", files={"copied": "1\n"})
    for who, value in ((place.bob, 1), (place.cyd, -1)):
        for name in conditions:
            place.vote(who, pushed, value, label=name)
    place.again(pushed, subject="Copy", files={"copied": "2\n"})
    both = {place.bob.username: 1, place.cyd.username: -1}
    assert place.votes(pushed, "Copy-Any") == place.votes(pushed, "Copy-Files") == both
    assert place.votes(pushed, "Copy-Some") == {place.bob.username: 1}
    copied = '* Copy-Any+1, Copy-Any-1 (copy condition: "**is:ANY**")\n'
    assert f"Copied Votes:\n{copied}" in place.said(pushed)["text"]
    place.again(pushed, subject="Copy", files={"copied": "2\n", "more": "1\n"})
    assert (place.votes(pushed, "Copy-Any"), place.votes(pushed, "Copy-Files")) == (both, {})
    for name in conditions:
        ungrant(place, "refs/heads/*", name)
        place.delete(place.admin, f"{place.project}/labels/{name}")


def test_votes_given_with_a_push_are_in_its_message(place: Place) -> None:
    pushed = place.push(options=("l=Code-Review+1",))
    assert place.said(pushed) == {
        "text": "Uploaded patch set 1: Code-Review+1.",
        "by": place.ann.username,
        "tag": "autogenerated:gerrit:newPatchSet",
        "patch_set": 1,
        "about": [],
    }
    given = place.detail(pushed)["labels"]["Code-Review"]["all"]
    assert [(one["value"], one["tag"]) for one in given] == [(1, "autogenerated:gerrit:newPatchSet")]
    place.again(pushed, subject="Same files", options=("l=Code-Review-1",))
    assert place.said(pushed)["text"].startswith(
        "Uploaded patch set 2: Code-Review-1.\n\nOutdated Votes:\n* Code-Review+1 "
    )


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (f"l={LABEL}+1", f'applying label "{LABEL}": 1 is restricted'),
        ("l=No-Such-Label+1", 'label "No-Such-Label" is not a configured label'),
    ],
)
def test_a_push_with_a_vote_that_is_not_allowed_is_refused_whole(place: Place, option: str, reason: str) -> None:
    change_id = f"I{next(_numbers):040x}"
    with pytest.raises(Exception, match=reason):
        place.push(change_id=change_id, options=(option,))
    assert place.ask(place.admin, f"/changes/?q=change:{change_id}") == []


def test_nobody_votes_in_anothers_name_without_the_right(place: Place) -> None:
    pushed = place.push()
    who = place.bob.account_id
    expected = (403, f'not permitted to modify label "Code-Review" on behalf of "{who}"')
    assert refusal(lambda: place.vote(place.admin, pushed, 1, label="Code-Review", on_behalf_of=who)) == expected


# Votes that others delete


def test_the_owner_deletes_the_bots_vote_and_it_votes_again(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, 1)
    where = f"{place.removing(pushed)}/votes/{LABEL}"
    assert refusal(lambda: place.delete(place.cyd, where)) == (403, "Delete vote not permitted.")
    place.delete(place.ann, where)
    expected = {
        "text": f"Removed {LABEL}+1 by {named(place.bot)}\n",
        "by": place.ann.username,
        "tag": "autogenerated:gerrit:deleteVote",
        "patch_set": 1,
        "about": [place.bot.username],
    }
    assert (place.said(pushed), place.gate(pushed)) == (expected, "UNSATISFIED")
    assert refusal(lambda: place.delete(place.ann, where)) == (404, "Not Found")
    place.vote(place.bot, pushed, 1)
    assert (place.said(pushed)["text"], place.gate(pushed)) == (f"Patch Set 1: {LABEL}+1", "SATISFIED")
    place.post(place.admin, f"{where}/delete", {"reason": "No.", "notify": "NONE"})
    assert place.said(pushed) == expected | {"text": f"{expected['text']}\nNo.\n", "by": place.admin.username}


def named(person: Person) -> str:
    return f"{person.username} <{person.email}>"


def test_the_owner_cannot_delete_a_refusal(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, -1)
    where = f"{place.removing(pushed)}/votes/{LABEL}"
    assert refusal(lambda: place.delete(place.ann, where)) == (403, "Delete vote not permitted.")
    assert refusal(lambda: place.delete(place.ann, place.removing(pushed))) == (403, "remove reviewer not permitted")
    place.delete(place.bot, where)
    assert place.said(pushed)["text"] == f"Removed {LABEL}-1 by {named(place.bot)}\n"


def test_the_owner_takes_the_bot_off_with_its_votes_and_it_votes_again(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, 1)
    place.vote(place.bot, pushed, 1, label="Code-Review")
    assert refusal(lambda: place.delete(place.cyd, place.removing(pushed))) == (403, "remove reviewer not permitted")
    place.delete(place.ann, place.removing(pushed))
    who, said = named(place.bot), place.said(pushed)
    head, *lines = said.pop("text").splitlines()
    assert head == f"Removed reviewer {who} with the following votes:"
    assert sorted(lines) == ["", f"* Code-Review+1 by {who}", f"* {LABEL}+1 by {who}"]  # in no order of its own
    assert said == {
        "by": place.ann.username,
        "tag": "autogenerated:gerrit:deleteReviewer",
        "patch_set": 1,
        "about": [place.bot.username],
    }
    assert (place.votes(pushed), place.gate(pushed)) == ({}, "UNSATISFIED")
    place.vote(place.bot, pushed, 1)
    assert place.gate(pushed) == "SATISFIED"
    place.post(place.admin, f"/changes/{pushed.number}/reviewers", {"reviewer": place.cyd.username})
    place.delete(place.admin, place.removing(pushed, place.cyd))
    assert place.said(pushed)["text"] == f"Removed reviewer {named(place.cyd)}."


def test_a_deleted_vote_is_heard(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, 1)
    with Stream(place, place.bot) as stream:
        place.delete(place.ann, f"{place.removing(pushed)}/votes/{LABEL}")
        line = stream.wait(lambda line: line["type"] == "vote-deleted")
        place.vote(place.bot, pushed, 1)
        place.delete(place.admin, place.removing(pushed))
        gone = stream.wait(lambda line: line["type"] == "reviewer-deleted")
    deleted = {"type": LABEL, "description": LABEL, "value": "0", "oldValue": "1"}
    for heard, remover in ((line, place.ann), (gone, place.admin)):
        assert (heard["reviewer"]["username"], heard["remover"]["username"]) == (place.bot.username, remover.username)
        assert deleted in heard["approvals"]
    assert line["comment"] == f"Removed {LABEL}+1 by {named(place.bot)}\n"
    assert gone["comment"].startswith(f"Removed reviewer {named(place.bot)} with the following votes:\n\n* {LABEL}+1")


class Stream:
    """`stream-events` as one person hears it."""

    def __init__(self, place: Place, who: Person) -> None:
        self._place = place
        self._who = who
        self.heard: list[dict[str, Any]] = []

    def __enter__(self) -> Stream:
        world, who = self._place.world, self._who
        options = ["-F", "none", "-i", str(who.key_file), "-p", str(world.ssh_port)]
        for setting in ("IdentitiesOnly=yes", "IdentityAgent=none", f"UserKnownHostsFile={world.known_hosts}"):
            options += ["-o", setting]
        command = ["ssh", *options, f"{who.username}@{world.ssh_host}", "gerrit", "stream-events"]
        self._ssh = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        until(self._awake, 30, "a stream that is heard")
        return self

    def _awake(self) -> bool:
        """A server may register a stream a moment after it accepted it."""
        self._place.push()
        return bool(self.heard)

    def _read(self) -> None:
        for line in self._ssh.stdout or ():
            self.heard.append(json.loads(line))

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return until(lambda: [line for line in self.heard if wanted(line)], 20, "a line of the stream")[0]

    def __exit__(self, *_: object) -> None:
        self._ssh.terminate()
        self._ssh.wait(10)
        self._reader.join()
        if self._ssh.stdout:
            self._ssh.stdout.close()


# Submit requirements


def test_nobody_submits_before_the_bot_has_voted(place: Place) -> None:
    pushed = place.push()
    where = f"/changes/{pushed.number}/submit"
    assert refusal(lambda: place.post(place.ann, where)) == (403, "submit not permitted")
    place.vote(place.admin, pushed, 2, label="Code-Review")
    status, reason = refusal(lambda: place.post(place.admin, where))
    assert status == 409
    assert reason.startswith("Failed to submit 1 change due to the following problems:\nChange ")
    assert reason.endswith(f"submit requirement '{LABEL}' is unsatisfied.")
    assert (place.gate(pushed), place.detail(pushed)["submittable"]) == ("UNSATISFIED", False)
    place.vote(place.bot, pushed, 1)
    assert (place.gate(pushed), place.detail(pushed)["submittable"]) == ("SATISFIED", True)
    assert place.post(place.admin, where)["status"] == "MERGED"


def test_the_result_names_the_terms_that_are_so(place: Place) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, 1)
    (found,) = [one for one in place.detail(pushed)["submit_requirements"] if one["name"] == LABEL]
    result = found["submittability_expression_result"]
    assert (result["expression"], result["fulfilled"], result["status"]) == (NEEDED, True, "PASS")
    assert result["passing_atoms"] == [f"label:{LABEL}=MAX,user=signoff-bot"]
    assert result["failing_atoms"] == [f"label:{LABEL}=MIN"]


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        (f"label:{LABEL}>0", "SATISFIED"),
        (f"label:{LABEL}=MAX", "SATISFIED"),
        (f"label:{LABEL}=+1", "SATISFIED"),
        (f"label:{LABEL}=MAX,group=Signoff-Bots", "SATISFIED"),
        (f"label:{LABEL}=MAX,user=signoff-bot", "SATISFIED"),
        (f"label:{LABEL}=MAX,user=signoff-ann", "UNSATISFIED"),
        (f"label:{LABEL}=MAX,user=nobody-at-all", "UNSATISFIED"),
        (f"label:{LABEL}=MAX,group=Administrators", "UNSATISFIED"),
        (f"label:{LABEL}=MAX,group=nothing-at-all", "ERROR"),
        (f"label:{LABEL}=MIN", "UNSATISFIED"),
        (f"-label:{LABEL}=MIN", "SATISFIED"),
        (f"label:{LABEL}<0 OR label:{LABEL}>=1", "SATISFIED"),
        ("label:No-Such-Label=MAX", "UNSATISFIED"),
        ("-label:No-Such-Label=MAX", "SATISFIED"),
        ("is:true", "SATISFIED"),
        ("-is:true", "UNSATISFIED"),
        ("branch:refs/heads/master", "SATISFIED"),
        ("has:unresolved", "UNSATISFIED"),
    ],
)
def test_what_expressions_say_of_a_signed_change(place: Place, expression: str, status: str) -> None:
    pushed = place.push()
    place.vote(place.bot, pushed, 1)
    asked = requirement("Asked", expression)
    found = place.post(place.admin, f"/changes/{pushed.number}/check.submit_requirement", asked)
    assert found["status"] == status


def test_a_requirement_may_be_overridden_or_not_apply(place: Place) -> None:
    wanted = {
        "Elsewhere": requirement("Elsewhere", "is:false", applicability_expression="branch:refs/heads/other"),
        "Yielding": requirement("Yielding", "is:false", override_expression=f"label:{LABEL}=MAX"),
    }
    for name, body in wanted.items():
        place.put(place.admin, f"{place.project}/submit_requirements/{name}", body)
    try:
        pushed = place.push()
        place.vote(place.bot, pushed, 1)
        place.vote(place.admin, pushed, 2, label="Code-Review")
        detail = place.detail(pushed)
    finally:
        for name in wanted:
            place.delete(place.admin, f"{place.project}/submit_requirements/{name}")
    found = {one["name"]: one["status"] for one in detail["submit_requirements"] if one["name"] in wanted}
    assert (found, detail["submittable"]) == ({"Elsewhere": "NOT_APPLICABLE", "Yielding": "OVERRIDDEN"}, True)


# The texts of files


def text_of(place: Place, path: str) -> str:
    """A file's text, as czar asks for it (JSON), which is what base64 says to everybody else."""
    rest = Rest(place.world.url, place.ann.username, place.ann.password)
    text = str(rest.get(path.removeprefix("/")))
    plain = requests.get(
        f"{place.world.url}/a{path}", auth=(place.ann.username, place.ann.password), timeout=20, proxies={"http": ""}
    )
    assert plain.headers["X-FYI-Content-Encoding"] == "base64"
    assert base64.b64decode(plain.content).decode() == text
    return text


def base_of(place: Place, files: dict[str, str]) -> None:
    place.land(place.push(files=files))


def test_the_text_of_a_file_is_that_of_its_patch_set_or_of_the_commit_below(place: Place) -> None:
    number = next(_numbers)
    old, new, calm = f"deliverables/{number}.yaml", f"deliverables/n w {number}.yaml", f"calm/{number}"
    base_of(place, {old: "ü: 1\n", calm: "1\n"})
    pushed = place.push(files={old: "ü: 2\n", new: "ü: 3\n"})
    files = f"/changes/{pushed.number}/revisions/{pushed.revision}/files"
    assert text_of(place, f"{files}/{path_of(old)}/content") == "ü: 2\n"
    assert text_of(place, f"{files}/{path_of(old)}/content?parent=1") == "ü: 1\n"
    assert text_of(place, f"{files}/{path_of(new)}/content") == "ü: 3\n"
    assert text_of(place, f"{files}/{path_of(calm)}/content") == "1\n"  # it did not touch it
    assert text_of(place, f"{files}/{path_of(calm)}/content?parent=1") == "1\n"
    assert f"Change-Id: {pushed.change_id}" in text_of(place, f"{files}/%2FCOMMIT_MSG/content")
    for missing in (f"{path_of(new)}/content?parent=1", "none/content"):
        assert refusal(place.ask, place.ann, f"{files}/{missing}") == (404, "Not Found")
    assert refusal(lambda: place.ask(place.ann, f"{files}/{path_of(old)}/content?parent=2")) == (400, "invalid parent")
    for where, text in ((f"commits/{pushed.revision}", "ü: 2\n"), (f"commits/{place.tip()}", "ü: 1\n")):
        assert text_of(place, f"{place.project}/{where}/files/{path_of(old)}/content") == text
    assert text_of(place, f"{place.project}/branches/master/files/{path_of(old)}/content") == "ü: 1\n"
    gone = f"{place.project}/commits/{place.tip()}/files/{path_of(new)}/content"
    assert refusal(lambda: place.ask(place.ann, gone)) == (404, f"Not found: {new}")
    unknown = f"{place.project}/commits/{'0' * 39}1/files/{path_of(new)}/content"
    assert refusal(lambda: place.ask(place.ann, unknown)) == (404, f"Not found: {'0' * 39}1")


def test_each_patch_set_keeps_its_own_texts(place: Place) -> None:
    first = place.push(files={"kept.yaml": "1\n"})
    second = place.again(first, files={"kept.yaml": "2\n"})
    for one, text in ((first, "1\n"), (second, "2\n")):
        where = f"/changes/{one.number}/revisions/{one.revision}/files/kept.yaml/content"
        assert text_of(place, where) == text


def listed(place: Place, pushed: Pushed, query: str = "") -> dict[str, dict[str, Any]]:
    """What the listing says of each file, as far as all versions say it."""
    keys = ("status", "old_path", "lines_inserted", "lines_deleted", "size", "size_delta")
    found = place.ask(place.ann, f"/changes/{pushed.number}/revisions/{pushed.revision}/files/{query}")
    return {
        path: {key: info[key] for key in keys if key in info} for path, info in found.items() if path != "/COMMIT_MSG"
    }


@pytest.mark.parametrize("query", ["", "?parent=1"])
def test_files_are_listed_with_what_became_of_them(place: Place, query: str) -> None:
    names = {name: f"{name}/{next(_numbers)}" for name in ("edited", "gone", "moved", "bent", "new", "there", "here")}
    long = "".join(f"{names['moved']} line {n}\n" for n in range(9))
    other = "".join(f"{names['bent']} line {n}\n" for n in range(9))
    base_of(place, {names["edited"]: "1\n", names["gone"]: "x\n", names["moved"]: long, names["bent"]: other})
    pushed = place.push(
        files={
            names["edited"]: "1\nzwölf\n",
            names["gone"]: None,
            names["moved"]: None,
            names["there"]: long,
            names["bent"]: None,
            names["here"]: other + "and one\n",
            names["new"]: "a\nb\n",
        }
    )
    size = len(long)
    assert listed(place, pushed, query) == {
        names["edited"]: {"lines_inserted": 1, "size": 9, "size_delta": 7},
        names["gone"]: {"status": "D", "lines_deleted": 1, "size": 0, "size_delta": -2},
        names["there"]: {"status": "R", "old_path": names["moved"], "size": size, "size_delta": 0},
        names["here"]: {
            "status": "R",
            "old_path": names["bent"],
            "lines_inserted": 1,
            "size": len(other) + 8,
            "size_delta": 8,
        },
        names["new"]: {"status": "A", "lines_inserted": 2, "size": 4, "size_delta": 4},
    }
    gone = f"/changes/{pushed.number}/revisions/{pushed.revision}/files/{path_of(names['gone'])}/content"
    assert refusal(lambda: place.ask(place.ann, gone)) == (404, "Not Found")
    assert text_of(place, f"{gone}?parent=1") == "x\n"
    there = f"/changes/{pushed.number}/revisions/{pushed.revision}/files/{path_of(names['moved'])}/content?parent=1"
    assert text_of(place, there) == long


def test_all_revisions_tell_who_when_and_on_what(place: Place) -> None:
    first = place.push()
    second = place.again(first, place.bob)
    stacked = place.push(onto=second)
    found = place.detail(second)["revisions"]
    assert {sha: (one["_number"], one["uploader"]["username"]) for sha, one in found.items()} == {
        first.revision: (1, place.ann.username),
        second.revision: (2, place.bob.username),
    }
    parents = [[parent["commit"] for parent in one["commit"]["parents"]] for one in found.values()]
    assert parents[0] == parents[1] != []
    assert all(one["created"].endswith("000") for one in found.values())
    above = place.detail(stacked)["revisions"][stacked.revision]
    assert [parent["commit"] for parent in above["commit"]["parents"]] == [second.revision]
    assert len(listed(place, stacked)) == 1


# Tags


def test_tags_are_listed_in_pages_and_annotated_ones_name_their_commit(place: Place) -> None:
    repo = f"signoff/tags-{next(_numbers)}"
    place.world.add_project(repo)
    where = f"/projects/{path_of(repo)}"
    tip = place.ask(place.admin, f"{where}/branches/master")["revision"]
    assert place.ask(place.bot, f"{where}/tags/") == []
    light = place.put(place.admin, f"{where}/tags/1.0.0", {"revision": tip})
    assert (light["ref"], light["revision"], "object" in light) == ("refs/tags/1.0.0", tip, False)
    note = place.put(place.admin, f"{where}/tags/1.1.0", {"revision": tip, "message": "One more."})
    assert (note["object"], note["message"], note["tagger"]["email"]) == (tip, "One more.", place.admin.email)
    assert note["revision"] != tip
    place.put(place.admin, f"{where}/tags/v-2")
    every = place.ask(place.bot, f"{where}/tags/")
    assert [one["ref"] for one in every] == ["refs/tags/1.0.0", "refs/tags/1.1.0", "refs/tags/v-2"]
    for query, expected in (
        ("n=2", every[:2]),
        ("n=2&S=2", every[2:]),
        ("S=3", []),
        ("r=1.*", every[:2]),
        ("m=-2", every[2:]),
    ):
        assert place.ask(place.bot, f"{where}/tags/?{query}") == expected
    assert place.ask(place.bot, f"{where}/tags/1.1.0")["object"] == tip
    assert refusal(lambda: place.ask(place.bot, f"{where}/tags/9")) == (404, "Not found: 9")
    assert refusal(lambda: place.ask(place.bot, "/projects/nowhere/tags/")) == (404, "Not found: nowhere")


def test_who_may_not_make_a_tag_is_told_so(place: Place) -> None:
    where = f"{place.project}/tags/refused"
    assert refusal(lambda: place.put(place.ann, where)) == (403, "not permitted: create on refs/tags/refused")
    unknown = f"{'0' * 39}1"
    expected = (422, f'base revision "{unknown}" not found')
    assert refusal(lambda: place.put(place.admin, where, {"revision": unknown})) == expected
    place.put(place.admin, where)
    assert refusal(lambda: place.put(place.admin, where)) == (409, 'Tag "refs/tags/refused" already exists')
    assert refusal(lambda: place.delete(place.ann, where)) == (403, "not permitted: delete on refs/tags/refused")
    place.delete(place.admin, where)
    assert refusal(lambda: place.delete(place.admin, where)) == (404, "Not found: refused")


def test_a_tag_is_heard_when_it_comes_and_only_by_some_when_it_goes(place: Place) -> None:
    name = f"3.0.{next(_numbers)}"
    ref, where = f"refs/tags/{name}", f"{place.project}/tags/{name}"
    with Stream(place, place.bot) as bots, Stream(place, place.admin) as admins:
        made = place.put(place.admin, where, {"message": "Three."})
        place.delete(place.admin, where)
        moves = [is_move(ref, *move) for move in ((NO_SHA, made["revision"]), (made["revision"], NO_SHA))]
        lines = [admins.wait(move) for move in moves]
        bots.wait(moves[0])
        place.put(place.admin, f"{where}-later")
        bots.wait(lambda line: line.get("refUpdate", {}).get("refName") == f"{ref}-later")
        assert not any(moves[1](line) for line in bots.heard)
    assert [line["submitter"]["username"] for line in lines] == [place.admin.username] * 2
    assert {line["refUpdate"]["project"] for line in lines} == {place.repo}


def test_a_tag_on_no_branch_is_hidden_from_who_may_not_read_all(place: Place) -> None:
    repo, name = f"signoff/hidden-{next(_numbers)}", "4.0.0"
    place.world.add_project(repo)
    where, service = f"/projects/{path_of(repo)}", place.ask(place.admin, "/groups/Service%20Users")["id"]
    pushed = place.world.push(place.ann, repo, subject="Unseen", files={"a": "1\n"})
    place.put(place.admin, f"{where}/tags/{name}", {"revision": pushed.revision})
    assert [one["ref"] for one in place.ask(place.admin, f"{where}/tags/")] == [f"refs/tags/{name}"]
    assert place.ask(place.bot, f"{where}/tags/") == []
    assert refusal(lambda: place.ask(place.bot, f"{where}/tags/{name}")) == (404, f"Not found: {name}")
    read = {"permissions": {"read": {"rules": {service: {"action": "ALLOW"}}}}}
    place.post(place.admin, f"{where}/access", {"add": {"refs/tags/*": read}})
    assert place.ask(place.bot, f"{where}/tags/") == []
    place.post(place.admin, f"{where}/access", {"add": {"refs/*": read}})
    assert place.ask(place.bot, f"{where}/tags/{name}")["revision"] == pushed.revision
    place.post(place.admin, f"{where}/access", {"add": {"refs/meta/config": read}})
    with Stream(place, place.bot) as stream:
        place.delete(place.admin, f"{where}/tags/{name}")
        stream.wait(is_move(f"refs/tags/{name}", pushed.revision, NO_SHA))


def is_move(ref: str, old: str, new: str) -> Callable[[dict[str, Any]], bool]:
    def wanted(line: dict[str, Any]) -> bool:
        move = line.get("refUpdate", {})
        return (move.get("refName"), move.get("oldRev"), move.get("newRev")) == (ref, old, new)

    return wanted

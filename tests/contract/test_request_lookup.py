"""One suite for the stand-in and for real Gerrits: release requests as they are looked up, what messages tell of votes,
tags, and what catch-up notices of all that.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from daemon.wiring import request_of
from integrations.contract import Heard
from integrations.gerrit import catch_up
from integrations.gerrit.catch_up import CatchUp
from integrations.gerrit.hands import GerritHands
from integrations.gerrit.lookup import GerritLookup
from integrations.gerrit.rest import Rest
from integrations.gerrit.voting import MAY_NOT_VOTE, NEWER, NOT_THERE
from rules import events as e
from rules.actions import Action, Comment, Vote
from rules.facts import ChangeFacts, Message, Need
from rules.signoff.requests import HIDDEN, Request
from tests.gerrit_world import GerritWorld, Person, Pushed
from tests.real.fixtures import Gerrits
from tests.stand_in_world import StandInWorld

WORLDS = ["stand-in", *(pytest.param(version, marks=pytest.mark.full) for version in ("3.10.2", "3.13.5"))]
FILES = ("deliverables/**/*.yaml",)
REGISTERED = "global:Registered-Users"
_numbers = itertools.count()


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A world with people, our bot and a project of release requests of this suite's own."""

    world: GerritWorld
    ann: Person
    bob: Person
    cyd: Person
    bot: Person
    repo: str

    @property
    def rest(self) -> Rest:
        return Rest(self.world.url, self.bot.username, self.bot.password)

    @property
    def is_real(self) -> bool:
        return self.world.name != "stand-in"

    def call(self, who: Person, method: str, pushed: Pushed, path: str = "", body: object = None) -> Any:
        return self.world.rest(who, method, f"/changes/{pushed.number}{path}", body)

    def reply(self, who: Person, pushed: Pushed, body: object) -> Any:
        return self.call(who, "POST", pushed, f"/revisions/{pushed.revision}/review", body)


@pytest.fixture(scope="module", params=WORLDS)
def world(
    request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GerritWorld]:
    if request.param != "stand-in":
        yield real_gerrits.get(request.param)
        return
    stand_in = StandInWorld(tmp_path_factory.mktemp("stand-in-"))
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def place(world: GerritWorld) -> Place:
    ann, bob, cyd = (world.add_person(f"request-{name}") for name in ("ann", "bob", "cyd"))
    bot = world.add_person("request-bot", service=True)
    for project in ("request/releases", "request/nova"):
        world.add_project(project)
    label = {"values": {"-1": "no", " 0": "none", "+1": "yes"}, "function": "NoBlock"}
    world.rest(world.admin, "PUT", "/projects/request%2Freleases/labels/Looked-At", label)
    rule = {"label": "Looked-At", "rules": {REGISTERED: {"min": -1, "max": 1, "action": "ALLOW"}}}
    access = {"add": {"refs/heads/*": {"permissions": {"label-Looked-At": rule}}}}
    world.rest(world.admin, "POST", "/projects/request%2Freleases/access", access)
    return Place(world=world, ann=ann, bob=bob, cyd=cyd, bot=bot, repo="request/releases")


def release(version: str, sha: str = "5e" * 20, repo: str = "request/nova") -> str:
    return f"  - version: {version}\n    projects:\n      - repo: {repo}\n        hash: {sha}\n"


def deliverable(*releases: str) -> str:
    return "---\nteam: nova\nreleases:\n" + "".join(releases)


def fresh_path() -> str:
    return f"deliverables/zed/nova-{next(_numbers)}.yaml"


def look(place: Place, pushed: Pushed, lookup: GerritLookup | None = None) -> ChangeFacts:
    looks = lookup or GerritLookup(place.rest, now, request_of, files_at_once=4)
    need = Need(item=f"gerrit:{pushed.number}", repo=pushed.project, listen=("czar",), request=FILES)
    facts = looks.look(need)
    assert facts.change is not None
    return facts.change


def request_on(place: Place, pushed: Pushed) -> Request:
    found = look(place, pushed).request
    assert found is not None
    return found


def asked(request: Request) -> list[tuple[str, str]]:
    return [(one.kind, one.release.version) for one in request.wanted]


# The request


def test_what_is_asked_for_is_that_of_the_current_patch_set_and_who_brought_what_is_told(place: Place) -> None:
    path = fresh_path()
    first = place.world.push(place.ann, place.repo, subject="One", files={path: deliverable(release("1.0.0"))})
    both = deliverable(release("1.0.0"), release("1.0.1", "7a" * 20))
    second = place.world.push(
        place.bob, place.repo, subject="Two", files={path: both, "README": "x\n"}, change_id=first.change_id
    )
    third = place.world.push(
        place.cyd, place.repo, subject="Three", files={path: both, "README": "x\n"}, change_id=first.change_id
    )
    change = look(place, second)
    assert change.request is not None
    assert asked(change.request) == [("new-version", "1.0.0"), ("new-version", "1.0.1")]
    assert [str(one) for one in change.request.releases] == [
        f"request/nova 1.0.0 {'5e' * 20}",
        f"request/nova 1.0.1 {'7a' * 20}",
    ]
    assert {(one.file, one.team) for one in change.request.wanted} == {(path, "nova")}
    assert change.revision == third.revision
    assert [(one.patch_set, one.revision, one.uploader) for one in change.uploads] == [
        (1, first.revision, str(place.ann.account_id)),
        (2, second.revision, str(place.bob.account_id)),
        (3, third.revision, str(place.cyd.account_id)),
    ]
    assert [[one.version for one in upload.brought] for upload in change.uploads] == [["1.0.0"], ["1.0.1"], []]
    assert all(abs(now() - upload.at) < timedelta(minutes=2) for upload in change.uploads)


def test_a_change_of_other_files_asks_for_nothing(place: Place) -> None:
    pushed = place.world.push(place.ann, place.repo, subject="Doc", files={f"doc/{next(_numbers)}.yaml": "a: 1\n"})
    assert request_on(place, pushed) == Request()


def test_what_cannot_be_read_is_refused_at_its_line(place: Place) -> None:
    path = fresh_path()
    pushed = place.world.push(
        place.ann, place.repo, subject="Bad", files={path: deliverable(release("1.0.0", "5e5e")) + "  - [\n"}
    )
    found = request_on(place, pushed)
    assert found.refusals
    assert all(one.file == path for one in found.refusals)


def test_a_file_that_is_too_large_is_refused_without_being_fetched(place: Place) -> None:
    path = fresh_path()
    large = deliverable(release("1.0.0")) + "# more\n" * 150_000
    pushed = place.world.push(place.ann, place.repo, subject="Large", files={path: large})
    (refusal,) = request_on(place, pushed).refusals
    assert (refusal.file, "more than 1000000 are not read" in refusal.because) == (path, True)


def test_names_with_all_sorts_of_letters_are_found(place: Place) -> None:
    path = f"deliverables/a b/é%2F~+{next(_numbers)}.yaml"
    pushed = place.world.push(place.ann, place.repo, subject="Odd", files={path: deliverable(release("1.0.0"))})
    assert [one.file for one in request_on(place, pushed).wanted] == [path]


def test_many_files_are_read_by_several_threads(place: Place) -> None:
    paths = [fresh_path() for _ in range(25)]
    files = {path: deliverable(release(f"{n}.0.0")) for n, path in enumerate(paths)}
    found = request_on(place, place.world.push(place.ann, place.repo, subject="Many", files=files))
    assert sorted((one.file, one.release.version) for one in found.wanted) == sorted(
        (path, f"{n}.0.0") for n, path in enumerate(paths)
    )


def land(place: Place, pushed: Pushed) -> None:
    place.reply(place.world.admin, pushed, {"labels": {"Code-Review": 2}})
    place.call(place.world.admin, "POST", pushed, "/submit", {})


def head(place: Place, repo: str) -> str:
    branch = place.world.rest(place.world.admin, "GET", f"/projects/{quote(repo, safe='')}/branches/master")
    return str(branch["revision"])


def tag(place: Place, repo: str, version: str, **how: str) -> None:
    path = f"/projects/{quote(repo, safe='')}/tags/{version}"
    place.world.rest(place.world.admin, "PUT", path, {"revision": head(place, repo)} | how)


def test_a_tag_that_the_diff_does_not_show_is_wanted_until_it_is_there(place: Place) -> None:
    path, sha, version = fresh_path(), head(place, "request/nova"), f"9.0.{next(_numbers)}"
    text = deliverable(release(version, sha))
    land(place, place.world.push(place.ann, place.repo, subject="First", files={path: text}))
    pushed = place.world.push(place.ann, place.repo, subject="Edit", files={path: text + "cycle-highlights: []\n"})
    assert asked(request_on(place, pushed)) == [(HIDDEN, version)]
    tag(place, "request/nova", version)
    assert asked(request_on(place, pushed)) == []


def test_a_merge_is_compared_with_its_first_parent(place: Place) -> None:
    if not place.is_real:
        pytest.skip("the stand-in makes no merges")
    path, branch, admin = fresh_path(), branch_off(place), place.world.admin
    side = place.world.push(
        place.ann, place.repo, subject="Side", files={path: deliverable(release("1.0.0"))}, branch=branch
    )
    land(place, side)
    merge = {"project": place.repo, "branch": "master", "subject": "Merge", "merge": {"source": branch}}
    made = place.world.rest(admin, "POST", "/changes/", merge)
    change = place.world.rest(admin, "GET", f"/changes/{made['_number']}/?o=CURRENT_REVISION")
    pushed = Pushed(
        project=place.repo,
        number=made["_number"],
        patch_set=1,
        revision=change["current_revision"],
        change_id=made["change_id"],
    )
    listed = place.call(admin, "GET", pushed, f"/revisions/{pushed.revision}/files/")
    assert set(listed) == {"/COMMIT_MSG", "/MERGE_LIST"}  # what a check that trusts it takes for no request at all
    found = request_on(place, pushed)
    assert (asked(found), found.refusals) == ([("new-version", "1.0.0")], ())


def branch_off(place: Place) -> str:
    branch = f"side-{next(_numbers)}"
    path = f"/projects/{quote(place.repo, safe='')}/branches/{branch}"
    place.world.rest(place.world.admin, "PUT", path, {"revision": head(place, place.repo)})
    return branch


def test_what_stands_on_another_branch_is_refused_for_nobody_sees_what_it_brings_along(place: Place) -> None:
    branch = branch_off(place)
    side = place.world.push(
        place.ann, place.repo, subject="Side", files={fresh_path(): deliverable(release("1.0.0"))}, branch=branch
    )
    land(place, side)
    if place.is_real:  # 3.13 refuses such pushes unless told otherwise
        config = f"/projects/{quote(place.repo, safe='')}/config"
        place.world.rest(place.world.admin, "PUT", config, {"reject_implicit_merges": "FALSE"})
    along = place.world.push(place.ann, place.repo, subject="Doc", files={f"doc/{next(_numbers)}": "1\n"}, onto=side)
    found = request_on(place, along)
    assert [one.release.version for one in found.wanted] == []
    assert [(one.file, "rebase the change" in one.because) for one in found.refusals] == [("commit", True)]


def test_a_change_may_stand_on_an_open_one_for_the_same_branch(place: Place) -> None:
    below = place.world.push(
        place.ann, place.repo, subject="Below", files={fresh_path(): deliverable(release("1.0.0"))}
    )
    above = place.world.push(
        place.bob, place.repo, subject="Above", files={fresh_path(): deliverable(release("2.0.0"))}, onto=below
    )
    found = request_on(place, above)
    assert (asked(found), found.refusals) == ([("new-version", "2.0.0")], ())


def test_files_that_go_and_files_that_move_are_read_from_both_sides(place: Place) -> None:
    gone, old, new = fresh_path(), fresh_path(), fresh_path()
    text = deliverable(*(release(f"3.0.{n}") for n in range(9)))
    files = {gone: deliverable(release("2.0.0")), old: text}
    land(place, place.world.push(place.ann, place.repo, subject="There", files=files))
    pushed = place.world.push(place.ann, place.repo, subject="Move", files={gone: None, old: None, new: text})
    request = request_on(place, pushed)
    assert request.refusals == ()
    assert {(one.file, one.provenance, one.origin) for one in request.wanted if one.kind != HIDDEN} == {
        (new, "moved", old)
    }


def test_pressing_rebase_and_editing_the_message_bring_nothing(place: Place) -> None:
    if not place.is_real:
        pytest.skip("the stand-in has no rebase button")
    path = fresh_path()
    pushed = place.world.push(place.ann, place.repo, subject="Rebase me", files={path: deliverable(release("1.0.0"))})
    land(place, place.world.push(place.ann, place.repo, subject="Other", files={f"x/{next(_numbers)}": "1\n"}))
    admin = place.world.admin
    place.call(admin, "POST", pushed, "/rebase", {})
    place.call(admin, "PUT", pushed, "/message", {"message": f"Again\n\nChange-Id: {pushed.change_id}\n"})
    change = look(place, pushed)
    assert [(one.uploader, len(one.brought)) for one in change.uploads] == [
        (str(place.ann.account_id), 1),
        (str(admin.account_id), 0),
        (str(admin.account_id), 0),
    ]
    assert change.request is not None
    assert asked(change.request) == [("new-version", "1.0.0")]


def test_a_patch_set_that_was_uploaded_in_somebodys_name_is_nobodys(place: Place) -> None:
    if not place.is_real:
        pytest.skip("the stand-in has no rebase button")
    pushed = place.world.push(
        place.ann, place.repo, subject="Rebase me", files={fresh_path(): deliverable(release("1.0.0"))}
    )
    land(place, place.world.push(place.ann, place.repo, subject="Other", files={f"x/{next(_numbers)}": "1\n"}))
    place.call(place.world.admin, "POST", pushed, "/rebase", {"on_behalf_of_uploader": True})
    assert [one.uploader for one in look(place, pushed).uploads] == [str(place.ann.account_id), ""]


# Votes in messages


def told(place: Place, pushed: Pushed) -> list[tuple[str, dict[str, int], int, bool]]:
    """Who, votes, patch set and whether votes were deleted, of each message."""
    names = {str(one.account_id): one.username.removeprefix("request-") for one in (place.ann, place.bob, place.cyd)}
    names |= {str(place.world.admin.account_id): "admin"}
    return [(names[one.account], dict(one.votes), one.patch_set, one.deletes) for one in messages_on(place, pushed)]


def messages_on(place: Place, pushed: Pushed) -> Sequence[Message]:
    found = look(place, pushed).messages
    assert found is not None
    return found


def test_votes_are_told_by_the_messages_they_were_given_with(place: Place) -> None:
    pushed = place.world.push(place.ann, place.repo, subject="Vote", files={f"x/{next(_numbers)}": "1\n"})
    level = {"/PATCHSET_LEVEL": [{"message": "Fine.", "unresolved": False}]}
    for who, body in (
        (place.bob, {"labels": {"Code-Review": 1, "Looked-At": -1}}),
        (place.bob, {"labels": {"Code-Review": 0}, "message": "Hm.\n\nCode-Review+1"}),
        (place.cyd, {"labels": {"Code-Review": 1}, "comments": level}),
        (place.cyd, {"labels": {"Code-Review": -1}, "tag": "autogenerated:tool"}),
        (place.ann, {"message": "Code-Review+1"}),
        (place.bot, {"labels": {"Code-Review": 1}}),
    ):
        place.reply(who, pushed, body)
    assert told(place, pushed) == [
        ("bob", {"Code-Review": 1, "Looked-At": -1}, 1, False),
        ("bob", {"Code-Review": 0}, 1, False),
        ("cyd", {"Code-Review": 1}, 1, False),
        ("cyd", {"Code-Review": -1}, 1, False),
    ]


def test_that_votes_were_deleted_is_told_and_those_without_are_not(place: Place) -> None:
    admin = place.world.admin
    pushed = place.world.push(place.ann, place.repo, subject="Vote", files={f"x/{next(_numbers)}": "1\n"})
    for who in (place.bob, place.cyd):
        place.reply(who, pushed, {"labels": {"Code-Review": 1}})
    place.call(admin, "POST", pushed, f"/reviewers/{place.bob.account_id}/votes/Code-Review/delete", {"notify": "NONE"})
    for who in (place.bob, place.cyd):
        place.call(admin, "POST", pushed, f"/reviewers/{who.account_id}/delete", {"notify": "NONE"})
    assert told(place, pushed)[2:] == [("admin", {}, 1, True), ("admin", {}, 1, True)]
    assert look(place, pushed).votes == ()


def test_votes_given_with_a_push_are_told_too_unless_they_are_what_they_were_before(place: Place) -> None:
    if not place.is_real:
        pytest.skip("the stand-in takes no votes with a push")
    path = fresh_path()

    def push(subject: str, change_id: str = "", *options: str) -> Pushed:
        return place.world.push(
            place.ann, place.repo, subject=subject, files={path: "1\n"}, change_id=change_id, options=options
        )

    pushed = push("One", "", "l=Code-Review+1", "l=Looked-At-1")
    push("Two", pushed.change_id, "l=Code-Review+1", "l=Looked-At+1")
    assert told(place, pushed) == [
        ("ann", {"Code-Review": 1, "Looked-At": -1}, 1, False),
        ("ann", {"Looked-At": 1}, 2, False),
    ]
    assert {(one.label, one.value) for one in look(place, pushed).votes} == {("Code-Review", 1), ("Looked-At", 1)}


def test_a_vote_in_somebodys_name_is_nobodys(place: Place) -> None:
    if not place.is_real:
        pytest.skip("the stand-in knows no on_behalf_of")
    rule = {"label": "Code-Review", "rules": {REGISTERED: {"action": "ALLOW", "min": -1, "max": 1}}}
    access = {"add": {"refs/*": {"permissions": {"labelAs-Code-Review": rule}}}}
    where = f"/projects/{quote(place.repo, safe='')}/access"
    place.world.rest(place.world.admin, "POST", where, access)
    pushed = place.world.push(place.ann, place.repo, subject="Vote", files={f"x/{next(_numbers)}": "1\n"})
    place.reply(place.cyd, pushed, {"labels": {"Code-Review": 1}, "on_behalf_of": place.bob.account_id})
    assert told(place, pushed) == [("cyd", {}, 1, True)]


# Tags


def tag_of(place: Place, repo: str, version: str) -> str | None:
    need = Need(item=f"tag:{repo}@{version}", repo=repo, tag=True)
    facts = GerritLookup(place.rest, now).look(need)
    assert facts.change is None
    return facts.tag


def test_a_tag_is_on_a_commit_or_not_there_or_cannot_be_told(place: Place) -> None:
    light, annotated = (f"8.0.{next(_numbers)}" for _ in range(2))
    tag(place, "request/nova", light)
    tag(place, "request/nova", annotated, message="A release.")
    sha = head(place, "request/nova")
    assert [tag_of(place, "request/nova", one) for one in (light, annotated, "0.0.0")] == [sha, sha, ""]
    assert tag_of(place, "request/nowhere", "1.0.0") is None


# Voting


def vote(pushed: Pushed, value: int = 1, label: str = "Looked-At") -> Vote:
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project}
    return Vote(**where, key=f"Vote:{label}:{value}", label=label, value=value, revision=pushed.revision)


def say(pushed: Pushed, text: str, key: str = "Comment:1") -> Comment:
    return Comment(item=f"gerrit:{pushed.number}", repo=pushed.project, key=key, text=text)


def act(rest: Rest, *actions: Action) -> list[tuple[bool, str]]:
    outcomes = GerritHands(rest).act(actions[0].item, actions, in_doubt=False)
    return [(one.done, one.because) for one in outcomes]


def our_votes(place: Place, pushed: Pushed, label: str = "Looked-At") -> list[int]:
    votes = place.call(place.world.admin, "GET", pushed, "/detail")["labels"][label].get("all", ())
    return [one["value"] for one in votes if one["_account_id"] == place.bot.account_id and one.get("value")]


def ours(place: Place, pushed: Pushed) -> list[str]:
    messages = place.call(place.world.admin, "GET", pushed, "/messages")
    return [one["message"] for one in messages if one.get("author", {}).get("_account_id") == place.bot.account_id]


def pushed_by(place: Place, who: Person, files: dict[str, str], change_id: str = "") -> Pushed:
    return place.world.push(who, place.repo, subject="Vote", files=files, change_id=change_id)


def test_a_vote_is_cast_again_when_somebody_deleted_it_and_never_on_an_old_patch_set(place: Place) -> None:
    path = f"x/{next(_numbers)}"
    first = pushed_by(place, place.ann, {path: "1\n"})
    assert act(place.rest, vote(first), say(first, "Signed.")) == [(True, "done")] * 2
    assert act(place.rest, vote(first)) == [(True, "is voted so")]
    deletion = f"/reviewers/{place.bot.account_id}/votes/Looked-At/delete"
    place.call(place.world.admin, "POST", first, deletion, {"notify": "NONE"})
    assert act(place.rest, vote(first)) == [(True, "done")]
    assert our_votes(place, first) == [1]
    pushed_by(place, place.ann, {path: "2\n"}, first.change_id)
    assert act(place.rest, vote(first, -1), vote(first)) == [(False, NEWER)] * 2
    assert our_votes(place, first) == []
    assert len(ours(place, first)) == 2


def test_a_label_that_is_not_there_or_not_ours_keeps_nothing_from_being_said(place: Place) -> None:
    pushed = pushed_by(place, place.ann, {f"x/{next(_numbers)}": "1\n"})
    assert act(place.rest, vote(pushed, label="No-Such"), say(pushed, "Hello.")) == [(False, NOT_THERE), (True, "done")]
    if place.is_real:
        outcomes = act(place.rest, vote(pushed, 2, "Code-Review"), say(pushed, "Again.", "Comment:2"))
        assert [done for done, _ in outcomes] == [False, True]
        assert outcomes[0][1].startswith(MAY_NOT_VOTE)
    assert ["Hello." in one or "Again." in one for one in ours(place, pushed)] == [True] * (2 if place.is_real else 1)


def test_more_is_said_than_goes_into_one_message(place: Place) -> None:
    pushed = pushed_by(place, place.ann, {f"x/{next(_numbers)}": "1\n"})
    comments = [say(pushed, letter * 12_000, f"Comment:{letter}") for letter in "aé"]
    assert act(place.rest, *comments, vote(pushed)) == [(True, "done")] * 3
    assert [("Looked-At+1" in one, "aaa" in one, "ééé" in one) for one in ours(place, pushed)] == [
        (True, True, False),
        (False, False, True),
    ]
    assert sorted(act(place.rest, *comments, vote(pushed))) == [
        (True, "is voted so"),
        (True, "was said already"),
        (True, "was said already"),
    ]


class Late(Rest):
    """Somebody pushes a patch set just before the first thing that is posted."""

    def __init__(self, place: Place, path: str, pushed: Pushed) -> None:
        super().__init__(place.world.url, place.bot.username, place.bot.password)
        self._push: Callable[[], object] | None = lambda: pushed_by(place, place.ann, {path: "2\n"}, pushed.change_id)

    def post(self, path: str, body: object) -> Any:
        push, self._push = self._push, None
        if push:
            push()
        return super().post(path, body)


def test_a_patch_set_that_comes_while_we_vote_never_keeps_the_vote_even_where_votes_are_copied(place: Place) -> None:
    label = {"values": {"-1": "no", " 0": "none", "+1": "yes"}, "function": "NoBlock", "copy_condition": "is:ANY"}
    admin, where = place.world.admin, f"/projects/{quote(place.repo, safe='')}"
    place.world.rest(admin, "PUT", f"{where}/labels/Copied", label)
    rule = {"label": "Copied", "rules": {REGISTERED: {"min": -1, "max": 1, "action": "ALLOW"}}}
    access = {"add": {"refs/heads/*": {"permissions": {"label-Copied": rule}}}}
    place.world.rest(admin, "POST", f"{where}/access", access)
    path = f"x/{next(_numbers)}"
    pushed = pushed_by(place, place.ann, {path: "1\n"})
    late = Late(place, path, pushed)
    assert act(late, vote(pushed, label="Copied"), vote(pushed)) == [(False, NEWER)] * 2
    assert (our_votes(place, pushed, "Copied"), our_votes(place, pushed)) == ([], [])
    if place.is_real:
        assert "-Copied" in ours(place, pushed)[-1]  # it had come to stand there


# Catching up


def seen(place: Place, catching: CatchUp, heard: list[bytes], pushed: Pushed) -> bool:
    """Whether another listing tells of the change again."""
    heard.clear()
    catching.request("a test")
    assert catching.step(0)
    events = [catch_up.parse(raw) for raw in heard]
    return any(isinstance(one, e.ChangeSeen) and one.change.number == pushed.number for one in events)


def test_catching_up_notices_that_votes_went_and_that_patch_sets_came(place: Place) -> None:
    heard: list[bytes] = []

    def hear(source: str, connection: str, things: Sequence[Heard]) -> None:
        heard.extend(thing.raw for thing in things)

    catching = CatchUp(place.rest, hear, read_mark=now, write_mark=lambda at: None, clock=now)
    admin, bot, files = place.world.admin, place.bot, {f"x/{next(_numbers)}": "1\n"}
    pushed = place.world.push(place.ann, place.repo, subject="Watch", files=files)
    place.reply(bot, pushed, {"labels": {"Looked-At": 1}})
    assert seen(place, catching, heard, pushed)
    assert not seen(place, catching, heard, pushed)
    deletion = f"/reviewers/{bot.account_id}/votes/Looked-At/delete"
    place.call(admin, "POST", pushed, deletion, {"notify": "NONE"})
    assert seen(place, catching, heard, pushed)
    place.reply(bot, pushed, {"labels": {"Looked-At": 1}})
    assert seen(place, catching, heard, pushed)
    place.call(admin, "POST", pushed, f"/reviewers/{bot.account_id}/delete", {"notify": "NONE"})
    assert seen(place, catching, heard, pushed)
    place.world.push(place.bob, place.repo, subject="Watch", files=files, change_id=pushed.change_id)
    assert seen(place, catching, heard, pushed)
    assert not seen(place, catching, heard, pushed)

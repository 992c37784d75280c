"""One suite for the stand-in and for real Gerrits: our stream, catch-up, lookup and hands against each of them.

What is expected is written down once, so that worlds that pass are alike: in the kinds of events, their order, who did
it, and in what REST shows.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paramiko
import pytest

from integrations.contract import Heard, Refused, StillInDoubt
from integrations.gerrit import backlog, catch_up, setup, wire
from integrations.gerrit.accounts import Accounts
from integrations.gerrit.backlog import Backlog
from integrations.gerrit.catch_up import CatchUp
from integrations.gerrit.hands import MAY_NOT_REMOVE, GerritHands
from integrations.gerrit.lookup import GerritLookup
from integrations.gerrit.rest import Rest
from integrations.gerrit.review import TAG, mark
from integrations.gerrit.ssh import Server
from integrations.gerrit.stream import GerritStream, Pulse
from rules import events as e
from rules.actions import AddReviewer, Comment, DrawAttention, RemoveReviewer, Vote
from rules.facts import UNKNOWN, Ballot, ChangeFacts, Facts, Message, Need
from rules.roster import Person as RosterPerson
from tests.gerrit_world import GerritWorld, Person, Pushed
from tests.real.fixtures import Gerrits
from tests.stand_in_world import StandInWorld
from tests.waiting import until

WORLDS = ["stand-in", *(pytest.param(version, marks=pytest.mark.full) for version in ("3.10.2", "3.13.5"))]
WITHIN_S = 20.0
_numbers = itertools.count()


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A world with three people, our bot and a project of this suite's own."""

    world: GerritWorld
    ann: Person
    bob: Person
    cyd: Person
    bot: Person
    repo: str

    @property
    def rest(self) -> Rest:
        return self.rest_of(self.bot)

    def rest_of(self, who: Person) -> Rest:
        return Rest(self.world.url, who.username, who.password)

    @property
    def server(self) -> Server:
        return Server(
            host=self.world.ssh_host,
            port=self.world.ssh_port,
            user=self.bot.username,
            key_file=self.bot.key_file,
            known_hosts=self.world.known_hosts,
        )

    def push(self, who: Person | None = None, **how: Any) -> Pushed:
        number = next(_numbers)
        given = {"subject": f"Take {number}", "files": {f"src/{number}.py": f"{number}\n"}} | how
        return self.world.push(who or self.ann, self.repo, **given)

    def call(self, who: Person, method: str, pushed: Pushed, path: str = "", body: object = None) -> Any:
        return self.world.rest(who, method, f"/changes/{pushed.number}{path}", body)

    def detail(self, pushed: Pushed) -> Any:
        return self.call(self.world.admin, "GET", pushed, "/detail")

    def name(self, account: e.Account | None) -> str:
        """`ann`, whatever the account is called here."""
        known = {person.username: key for key, person in (("ann", self.ann), ("bob", self.bob), ("cyd", self.cyd))}
        names = known | {self.bot.username: "bot", self.world.admin.username: "admin"}
        return names[account.username] if account else ""


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
    world.add_project("contract/tea")
    ann, bob, cyd = (world.add_person(f"contract-{name}") for name in ("ann", "bob", "cyd"))
    bot = world.add_person("contract-bot", service=True)
    place = Place(world=world, ann=ann, bob=bob, cyd=cyd, bot=bot, repo="contract/tea")
    setup.apply(place.rest_of(world.admin), bot.username)
    return place


class Ear:
    """A stream that is read in a thread of its own."""

    def __init__(self, server: Server) -> None:
        self.heard: list[bytes] = []
        self.missed: list[str] = []
        self.stream = GerritStream(server, self._hear, missed=self.missed.append, clock=now, random=random.Random(1))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def events(self) -> list[e.Event]:
        return [event for raw in self.heard if (event := wire.parse(raw))]

    def of(self, pushed: Pushed) -> list[e.ChangeEvent]:
        """The events of one change so far."""
        changes = (event for event in self.events() if isinstance(event, e.ChangeEvent))
        return [event for event in changes if event.change.number == pushed.number]

    def wait_for(self, pushed: Pushed, kind: type[e.ChangeEvent], times: int = 1) -> e.ChangeEvent:
        """The newest event of a kind on a change, when there are so many."""

        def found() -> list[e.ChangeEvent]:
            those = [event for event in self.of(pushed) if isinstance(event, kind)]
            return those if len(those) >= times else []

        kinds = [type(event).__name__ for event in self.of(pushed)]
        return until(found, WITHIN_S, f"{times} {kind.__name__}, having heard {kinds}")[-1]

    def close(self) -> None:
        self._end.set()
        self.stream.close()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.is_set():
            self.stream.step(0.1)

    def _hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        self.heard += [thing.raw for thing in things]


@contextmanager
def listening(place: Place, server: Server | None = None) -> Iterator[Ear]:
    """An ear, connected: it has heard something already."""
    ear = Ear(server or place.server)
    try:
        yield ear
    finally:
        ear.close()


def connect(ear: Ear, place: Place) -> None:
    """A server may register a stream a moment after it accepted it: push until one is heard."""
    until(lambda: not ear.stream.trouble(), WITHIN_S, "a connection")
    end = time.monotonic() + WITHIN_S
    while not ear.heard:
        place.push()
        try:
            until(lambda: ear.heard, 1.0, "anything")
        except AssertionError:
            assert time.monotonic() < end, "a connected stream says nothing"


@pytest.fixture(scope="module")
def ear(place: Place) -> Iterator[Ear]:
    """Shared by tests that only listen."""
    with listening(place) as ear:
        connect(ear, place)
        yield ear


# Hearing


def test_the_life_of_a_change_is_heard_in_order(place: Place, ear: Ear) -> None:
    ann, bob, cyd, admin = place.ann, place.bob, place.cyd, place.world.admin
    pushed = place.push(subject="Brew tea", files={"a b/c.py": "1\n"}, over="http")
    again = place.push(subject="Brew tea", files={"a b/c.py": "2\n"}, over="ssh", change_id=pushed.change_id)
    assert (again.number, again.patch_set) == (pushed.number, 2)
    review = f"/revisions/{again.revision}/review"
    steps: list[tuple[Person, str, str, object]] = [
        (ann, "POST", "/wip", {}),
        (ann, "POST", "/ready", {}),
        (ann, "PUT", "/topic", {"topic": "tea"}),
        (bob, "POST", review, {"message": "Which tea?"}),
        (ann, "POST", "/hashtags", {"add": ["hot", "sweet"]}),
        (ann, "POST", "/hashtags", {"remove": ["hot"]}),
        (ann, "POST", "/reviewers", {"reviewer": cyd.username}),
        (cyd, "POST", review, {"message": "Too hot.", "labels": {"Code-Review": -1}}),
        (cyd, "POST", review, {"labels": {"Code-Review": 1}}),
        (admin, "POST", f"/reviewers/{cyd.account_id}/votes/Code-Review/delete", {"notify": "NONE"}),
        (ann, "POST", f"/reviewers/{cyd.account_id}/delete", {"notify": "NONE"}),
        (ann, "POST", "/abandon", {"message": "coffee it is"}),
        (ann, "POST", "/restore", {"message": "tea after all"}),
        (admin, "POST", review, {"labels": {"Code-Review": 2}}),
        (admin, "POST", "/submit", {}),
    ]
    for who, method, path, body in steps:
        place.call(who, method, pushed, path, body)
    ear.wait_for(pushed, e.ChangeMerged)
    told = [(type(event).__name__, place.name(event.by), essence(event)) for event in ear.of(pushed)]
    assert told == [
        ("PatchsetCreated", "ann", {"patch_set": 1, "kind": "REWORK", "wip": False}),
        ("PatchsetCreated", "ann", {"patch_set": 2, "kind": "REWORK", "wip": False}),
        ("WipChanged", "ann", {"wip": True}),
        ("WipChanged", "ann", {"wip": False}),
        ("TopicChanged", "ann", {"old": "", "new": "tea"}),
        ("CommentAdded", "bob", {"votes": [], "values": [0], "text": "Which tea?"}),
        ("HashtagsChanged", "ann", {"added": ["hot", "sweet"], "removed": [], "all": ["hot", "sweet"]}),
        ("HashtagsChanged", "ann", {"added": [], "removed": ["hot"], "all": ["sweet"]}),
        ("ReviewerAdded", "ann", {"reviewer": cyd.username}),
        ("CommentAdded", "cyd", {"votes": [("Code-Review", -1, 0)], "values": [-1], "text": "Too hot."}),
        (
            "CommentAdded",
            "cyd",
            {"votes": [("Code-Review", 1, -1)], "values": [1], "text": "Patch Set 2: Code-Review+1"},
        ),
        ("VoteRemoved", "admin", {"reviewer": cyd.username, "votes": [("Code-Review", 0, 1)]}),
        ("ReviewerRemoved", "ann", {"reviewer": cyd.username}),
        ("ChangeAbandoned", "ann", {"reason": "coffee it is", "status": "ABANDONED"}),
        ("ChangeRestored", "ann", {"reason": "tea after all", "status": "NEW"}),
        (
            "CommentAdded",
            "admin",
            {"votes": [("Code-Review", 2, 0)], "values": [2], "text": "Patch Set 2: Code-Review+2"},
        ),
        ("ChangeMerged", "admin", {"status": "MERGED", "tip": again.revision}),
    ]


def essence(event: e.ChangeEvent) -> dict[str, Any]:
    """What matters of each kind, the same everywhere."""
    match event:
        case e.PatchsetCreated(patch_set=e.PatchSet() as patch_set):
            return {"patch_set": patch_set.number, "kind": patch_set.kind, "wip": event.change.wip}
        case e.WipChanged():
            return {"wip": event.change.wip}
        case e.TopicChanged():
            return {"old": event.old_topic, "new": event.change.topic}
        case e.HashtagsChanged():
            return {
                "added": sorted(event.added),
                "removed": sorted(event.removed),
                "all": sorted(event.change.hashtags),
            }
        case e.CommentAdded():
            values = [vote.value for vote in event.votes if vote.label == "Code-Review"]
            return {"votes": _moved(event.votes), "values": values, "text": event.text.splitlines()[-1]}
        case e.VoteRemoved():
            return {"reviewer": event.reviewer.username, "votes": _moved(event.votes)}
        case e.ReviewerAdded() | e.ReviewerRemoved():
            return {"reviewer": event.reviewer.username}
        case e.ChangeAbandoned() | e.ChangeRestored():
            return {"reason": event.reason, "status": event.change.status}
        case e.ChangeMerged():
            return {"status": event.change.status, "tip": event.tip}
    return {}


def _moved(votes: tuple[e.Vote, ...]) -> list[tuple[str, int, int]]:
    return [(vote.label, vote.value, vote.old) for vote in votes if vote.old is not None]


@pytest.mark.parametrize("over", ["http", "ssh"])
def test_a_push_is_heard_with_all_that_matters(place: Place, ear: Ear, over: str) -> None:
    before = now()
    pushed = place.push(place.bob, subject="Brew tea", over=over, options=("topic=tea", "hashtag=hot", "wip"))
    event = ear.wait_for(pushed, e.PatchsetCreated)
    change, patch_set = event.change, event.patch_set
    assert patch_set is not None
    assert (change.repo, change.branch, change.change_id, change.subject) == (
        place.repo,
        "master",
        pushed.change_id,
        "Brew tea",
    )
    assert change.message == f"Brew tea\n\nChange-Id: {pushed.change_id}\n"
    assert (change.topic, change.hashtags, change.wip, change.private, change.status) == (
        "tea",
        ("hot",),
        True,
        False,
        "NEW",
    )
    assert (patch_set.number, patch_set.revision, patch_set.kind) == (1, pushed.revision, "REWORK")
    assert change.owner == event.by == patch_set.uploader
    assert (place.name(event.by), event.by and event.by.email) == ("bob", place.bob.email)
    assert abs((event.at - before).total_seconds()) < 60
    assert change.created is not None
    assert abs((change.created - before).total_seconds()) < 60


def test_reviewers_of_a_push_are_heard_before_it_and_its_topic_after_it(place: Place, ear: Ear) -> None:
    pushed = place.push(options=(f"r={place.bob.username}", "topic=tea"))
    ear.wait_for(pushed, e.PatchsetCreated)
    ear.wait_for(pushed, e.TopicChanged)
    assert [type(event) for event in ear.of(pushed)] == [e.ReviewerAdded, e.PatchsetCreated, e.TopicChanged]


def test_a_private_change_is_silent_until_it_is_public(place: Place, ear: Ear) -> None:
    pushed = place.push(options=("private",))
    place.call(place.ann, "POST", pushed, f"/revisions/{pushed.revision}/review", {"message": "for us only"})
    place.call(place.ann, "DELETE", pushed, "/private")
    event = ear.wait_for(pushed, e.PrivateChanged)
    assert (event.change.private, place.name(event.by)) == (False, "ann")
    assert ear.of(pushed) == [event]


def test_a_reply_as_the_web_page_sends_it_has_its_words_and_its_votes(place: Place, ear: Ear) -> None:
    pushed = place.push()
    words = {"/PATCHSET_LEVEL": [{"message": "czar: help\nplease", "unresolved": False}]}
    body = {"labels": {"Code-Review": 1}, "comments": words}
    place.call(place.bob, "POST", pushed, f"/revisions/{pushed.revision}/review", body)
    event = ear.wait_for(pushed, e.CommentAdded)
    assert isinstance(event, e.CommentAdded)
    assert event.text.endswith("czar: help\nplease")
    assert _moved(event.votes) == [("Code-Review", 1, 0)]


def test_a_deleted_change_and_a_moved_branch_are_heard(place: Place, ear: Ear) -> None:
    gone, merged = place.push(), place.push()
    place.call(place.world.admin, "DELETE", gone)
    assert place.name(ear.wait_for(gone, e.ChangeDeleted).by) == "admin"
    review = f"/revisions/{merged.revision}/review"
    place.call(place.world.admin, "POST", merged, review, {"labels": {"Code-Review": 2}})
    place.call(place.world.admin, "POST", merged, "/submit", {})
    event = ear.wait_for(merged, e.ChangeMerged)
    assert isinstance(event, e.ChangeMerged)
    moves = [move for move in ear.events() if isinstance(move, e.BranchUpdated) and move.repo == place.repo]
    assert (moves[-1].ref, moves[-1].new, place.name(moves[-1].by)) == ("refs/heads/master", event.tip, "admin")


def test_everything_on_the_wire_can_be_read_and_noise_is_not_there(ear: Ear) -> None:
    for raw in ear.heard:
        wire.parse(raw)
        assert b"refs/changes/" not in raw.partition(b'"refName":')[2][:20]


def test_a_pulse_finds_a_live_server_alive(ear: Ear) -> None:
    assert Pulse(ear.stream, ask_after_s=0.0).step(0)
    assert ear.stream.trouble() == ""


def test_after_a_lost_connection_it_hears_again_and_asks_for_a_catch_up(place: Place) -> None:
    with listening(place) as ear:
        connect(ear, place)
        transport = ear.stream.transport
        assert transport is not None
        transport.close()
        until(lambda: ear.missed == ["connected"] * 2, WITHIN_S, "a new connection")
        ear.heard.clear()
        connect(ear, place)


# Being refused


def refusal(place: Place, server: Server) -> str:
    """The trouble a stream is in, once that is no more the beginning."""
    with listening(place, server) as ear:
        return until(lambda: ear.stream.trouble().removeprefix("not connected yet"), WITHIN_S, "a refusal")


def test_another_host_key_is_refused(place: Place, tmp_path: Path) -> None:
    pinned = place.world.known_hosts.read_text().split()
    elsewhere = replace(place.server, known_hosts=tmp_path / "known_hosts")
    elsewhere.known_hosts.write_text(f"{pinned[0]} {public_line(place.ann)}\n")
    assert "shows another host key than" in refusal(place, elsewhere)
    elsewhere.known_hosts.write_text("")
    assert "has no pinned host key in" in refusal(place, elsewhere)


def public_line(person: Person) -> str:
    key = paramiko.PKey.from_path(person.key_file)
    return f"{key.get_name()} {key.get_base64()}"


def test_somebody_elses_key_is_refused(place: Place) -> None:
    because = refusal(place, replace(place.server, key_file=place.ann.key_file))
    assert f"refuses the login of {place.bot.username}" in because


def test_who_may_not_read_the_stream_is_told_so(place: Place) -> None:
    because = refusal(place, replace(place.server, user=place.ann.username, key_file=place.ann.key_file))
    assert "not permitted" in because


# Catching up


class Catching:
    """A catch-up and what it found in our project."""

    def __init__(self, place: Place) -> None:
        self._repo = place.repo
        self.raws: list[bytes] = []
        self._mark: datetime | None = None
        self._catch_up = CatchUp(
            place.rest, self._hear, read_mark=lambda: self._mark, write_mark=self._write, clock=now
        )

    def found(self) -> dict[int, e.ChangeSeen]:
        """What one listing brings."""
        self.raws.clear()
        self._catch_up.request("test")
        assert self._catch_up.step(0), self._catch_up.trouble()
        seen = (catch_up.parse(raw) for raw in self.raws)
        return {event.change.number: event for event in seen if event.change.repo == self._repo}

    def _hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        self.raws += [thing.raw for thing in things]

    def _write(self, at: datetime) -> None:
        self._mark = at


def test_catch_up_finds_what_was_missed_once(place: Place) -> None:
    catching = Catching(place)
    catching.found()
    first, second = place.push(), place.push(place.bob, over="ssh", options=("topic=tea",))
    found = catching.found()
    assert set(found) == {first.number, second.number}
    seen = found[second.number]
    assert (seen.change.topic, seen.change.status, seen.change.message) == (
        "tea",
        "NEW",
        f"{seen.change.subject}\n\nChange-Id: {second.change_id}\n",
    )
    assert seen.change.owner is not None
    assert seen.patch_set is not None
    assert (seen.change.owner.username, seen.patch_set.revision) == (place.bob.username, second.revision)
    assert catching.found() == {}
    review = f"/revisions/{first.revision}/review"
    place.call(place.bob, "POST", first, review, {"message": "Hm.", "labels": {"Code-Review": 1}})
    found = catching.found()
    assert set(found) == {first.number}
    assert [place.name(who) for who, _ in found[first.number].spoke] == ["bob"]
    assert catching.found() == {}


def test_catch_up_sees_who_was_taken_off_and_what_was_abandoned(place: Place) -> None:
    catching, pushed = Catching(place), place.push()
    catching.found()
    place.call(place.ann, "POST", pushed, "/reviewers", {"reviewer": place.cyd.username})
    place.call(place.ann, "POST", pushed, f"/reviewers/{place.cyd.account_id}/delete", {"notify": "NONE"})
    place.call(place.ann, "POST", pushed, "/abandon", {})
    seen = catching.found()[pushed.number]
    assert seen.change.status == "ABANDONED"
    assert [(place.name(who), place.name(by)) for who, by in seen.removed] == [("cyd", "ann")]


def test_catch_up_and_stream_show_the_same_change(place: Place, ear: Ear) -> None:
    catching = Catching(place)
    pushed = place.push(options=("topic=tea", "hashtag=hot"))
    heard, seen = ear.wait_for(pushed, e.PatchsetCreated), catching.found()[pushed.number]
    assert heard.patch_set is not None
    assert seen.patch_set is not None
    assert heard.change == seen.change
    assert (heard.patch_set.number, heard.patch_set.revision, heard.patch_set.kind, heard.patch_set.uploader) == (
        seen.patch_set.number,
        seen.patch_set.revision,
        seen.patch_set.kind,
        seen.patch_set.uploader,
    )


def test_catch_up_tells_whose_replies_may_hold_a_command(place: Place) -> None:
    catching, pushed = Catching(place), place.push()
    for who, body in (
        (place.ann, {"message": "Ready."}),
        (place.bob, {"message": "czar: claim"}),
        (place.cyd, level("Anything.")),
        (place.cyd, level("czar: claim") | {"tag": "autogenerated:zuul"}),
        (place.bot, {"message": "czar: claim", "tag": TAG}),
    ):
        reply(place, pushed, who, body)
    seen = catching.found()[pushed.number]
    assert [place.name(who) for who, _ in seen.may_command] == ["bob", "cyd"]
    assert b"claim" not in b"".join(catching.raws)


def reply(place: Place, pushed: Pushed, who: Person, body: dict[str, Any]) -> None:
    place.call(who, "POST", pushed, f"/revisions/{pushed.revision}/review", body)


def level(*texts: str) -> dict[str, Any]:
    """What the web page sends."""
    return {"comments": {"/PATCHSET_LEVEL": [{"message": text, "unresolved": False} for text in texts]}}


def test_old_changes_are_walked_oldest_first_and_each_once(place: Place) -> None:
    first, _, second, third = place.push(), place.push(options=("wip",)), place.push(), place.push(place.bob)
    reply(place, first, place.bob, {"message": "czar: claim"})
    heard: list[bytes] = []
    marks = [backlog.mark_of(now().date() - timedelta(days=1), first.number - 1)]

    def walk(day: int) -> list[int]:
        heard.clear()
        walker = Backlog(
            place.rest,
            lambda source, connection, things: heard.extend(thing.raw for thing in things),
            per_day=lambda: 2,
            since=lambda: now() + timedelta(minutes=1),
            read_mark=lambda: marks[-1],
            write_mark=marks.append,
            clock=lambda: now() + timedelta(days=day),
        )
        assert walker.step(0), walker.trouble()
        return [backlog.parse(raw).change.number for raw in heard]

    assert walk(0) == [first.number, second.number]
    seen = backlog.parse(heard[0])
    assert seen.patch_set is not None
    assert (seen.patch_set.revision, [place.name(who) for who, _ in seen.may_command]) == (first.revision, ["bob"])
    assert walk(1) == [third.number]
    assert walk(2) == []


# Looking up


def look(place: Place, pushed: Pushed, *people: RosterPerson, files: bool = True, **need: Any) -> Facts:
    lookup = GerritLookup(place.rest, now)
    return lookup.look(Need(item=f"gerrit:{pushed.number}", repo=pushed.project, files=files, people=people, **need))


def change_of(facts: Facts) -> ChangeFacts:
    assert facts.change is not None
    return facts.change


def test_a_change_is_looked_up_as_it_stands(place: Place) -> None:
    files = {"doc/é.rst": "1\n", "src/b.py": "2\n"}
    pushed = place.push(files=files, options=("topic=tea", "hashtag=hot", "wip"))
    for person, state in ((place.bob, "REVIEWER"), (place.cyd, "CC")):
        place.call(place.ann, "POST", pushed, "/reviewers", {"reviewer": person.username, "state": state})
    change = change_of(look(place, pushed))
    assert (change.owner, change.reviewers, change.ccs) == tuple_of_ids(place.ann, [place.bob], [place.cyd])
    assert (change.repo, change.branch, change.status, change.wip) == (place.repo, "master", "NEW", True)
    assert (change.patch_set, change.revision, change.topic, change.hashtags) == (
        1,
        pushed.revision,
        "tea",
        ("hot",),
    )
    assert sorted(change.files or ()) == sorted(files)
    assert change.authors == (str(place.ann.account_id),)
    assert place.ann.username in change.owner_names
    assert change_of(look(place, pushed, files=False)).files is None
    assert change_of(look(place, pushed)).removed == {}
    place.call(place.ann, "POST", pushed, f"/reviewers/{place.bob.account_id}/delete", {"notify": "NONE"})
    change = change_of(look(place, pushed))
    assert (change.reviewers, dict(change.removed)) == ((), {str(place.bob.account_id): place.ann.username})


def tuple_of_ids(owner: Person, reviewers: list[Person], ccs: list[Person]) -> tuple[object, ...]:
    ids = [tuple(str(person.account_id) for person in people) for people in (reviewers, ccs)]
    return (str(owner.account_id), *ids)


def test_a_change_that_is_hidden_or_gone_is_none(place: Place) -> None:
    hidden, gone = place.push(options=("private",)), place.push()
    place.call(place.world.admin, "DELETE", gone)
    assert look(place, hidden).change is None
    assert look(place, gone).change is None


def test_accounts_are_found_by_the_very_username_or_address(place: Place) -> None:
    zoe = place.world.add_person("contract-zoe", email="Zoe.Contract@example.org")
    gone = place.world.add_person("contract-gone")
    place.world.rest(place.world.admin, "DELETE", f"/accounts/{gone.account_id}/active")
    accounts = Accounts(place.rest, now)

    def find(username: str | None, *emails: str) -> str:
        return accounts.of(RosterPerson(key="p", gerrit=username, emails=emails))

    assert find("contract-zoe") == str(zoe.account_id)
    assert find("contract-zo") == UNKNOWN
    assert find(str(zoe.account_id)) == UNKNOWN
    assert find(zoe.email) == UNKNOWN
    assert find("self") == UNKNOWN
    assert find("contract-gone") == UNKNOWN
    assert find(None, "zoe.contract@example.org") == str(zoe.account_id)
    assert find(None, "zoe.contract@example.or") == UNKNOWN
    assert find(None, "nobody@example.org", "zoe.contract@example.org") == str(zoe.account_id)
    assert find(None, gone.email) == UNKNOWN
    assert find(None, 'odd"one@example.org') == UNKNOWN


def test_an_ordinary_bot_may_not_ask_for_all_addresses(place: Place) -> None:
    """What lookup has to do without."""
    with pytest.raises(Refused):
        place.rest.get("accounts/", {"q": "email:x@example.org", "o": "ALL_EMAILS"})


def is_recent(at: datetime | None) -> bool:
    return at is not None and abs((now() - at).total_seconds()) < 60


def test_votes_on_the_current_patch_set_are_told_with_their_time(place: Place) -> None:
    pushed = place.push()
    reply(place, pushed, place.bob, {"labels": {"Code-Review": 1}})
    reply(place, pushed, place.cyd, {"labels": {"Code-Review": 1}})
    reply(place, pushed, place.cyd, {"labels": {"Code-Review": 0}})
    (ballot,) = change_of(look(place, pushed)).votes
    assert ballot == Ballot(label="Code-Review", value=1, account=_id(place.bob), name=place.bob.username, at=ballot.at)
    assert is_recent(ballot.at)
    place.push(change_id=pushed.change_id, files={"another.py": "2\n"})
    assert change_of(look(place, pushed)).votes == ()


def test_whose_turn_it_is_is_told_with_its_time(place: Place) -> None:
    pushed = place.push(options=(f"r={place.bob.username}",))
    change = change_of(look(place, pushed))
    assert (change.attention, tuple(change.attention_since)) == ((_id(place.bob),),) * 2
    assert is_recent(change.attention_since[_id(place.bob)])


def test_a_relation_chain_is_its_other_open_changes(place: Place) -> None:
    lowest = place.push()
    middle = place.push(place.bob, onto=lowest)
    highest = place.push(onto=middle)
    for pushed, others in ((lowest, (middle, highest)), (middle, (lowest, highest)), (highest, (lowest, middle))):
        related = change_of(look(place, pushed, related=True)).related
        assert sorted(related or ()) == [other.number for other in others]
    place.call(place.ann, "POST", highest, "/abandon", {})
    assert change_of(look(place, lowest, related=True)).related == (middle.number,)
    assert change_of(look(place, place.push(), related=True)).related == ()
    assert change_of(look(place, lowest)).related is None


def test_where_a_change_was_picked_from_is_told_by_all(place: Place, ear: Ear) -> None:
    branches = f"/projects/{place.repo.replace('/', '%2F')}/branches"
    tip = place.world.rest(place.world.admin, "GET", f"{branches}/master")["revision"]
    place.world.rest(place.world.admin, "PUT", f"{branches}/stable", {"revision": tip})
    catching, pushed = Catching(place), place.push()
    body = {"destination": "stable", "message": "Brew tea there\n"}
    info = place.call(place.ann, "POST", pushed, f"/revisions/{pushed.revision}/cherrypick", body)
    picked = replace(pushed, number=info["_number"])
    change = change_of(look(place, picked))
    assert (change.branch, change.cherry_pick_of) == ("stable", pushed.number)
    heard = ear.wait_for(picked, e.PatchsetCreated)
    assert (heard.change.branch, heard.change.cherry_pick_of) == ("stable", pushed.number)
    assert catching.found()[picked.number].change.cherry_pick_of == pushed.number
    assert change_of(look(place, pushed)).cherry_pick_of is None


def test_what_waits_for_people_is_told_for_each_of_them(place: Place) -> None:
    eve, fay = (place.world.add_person(f"contract-{name}") for name in ("eve", "fay"))
    options = (f"r={eve.username}", f"r={fay.username}")
    first, second, closed = (place.push(options=options) for _ in range(3))
    place.call(place.ann, "POST", closed, "/abandon", {})
    reply(place, second, eve, {"message": "Not me."})
    people = [RosterPerson(key=one.username, gerrit=one.username) for one in (eve, fay)]
    turns = look(place, first, *people, RosterPerson(key="nobody", gerrit="nobody"), turns=True).turns
    assert turns is not None
    assert {person: sorted(items) for person, items in turns.items()} == {
        eve.username: [f"gerrit:{first.number}"],
        fay.username: [f"gerrit:{first.number}", f"gerrit:{second.number}"],
        "nobody": [],
    }
    assert look(place, first, people[0], turns=True).turns == {eve.username: (f"gerrit:{first.number}",)}


def test_added_lines_are_told_of_the_files_asked_for(place: Place) -> None:
    merged = place.push(files={"a/upper-constraints.txt": "one===1\ntwo===2\nthree===3\n"})
    close_by_merging(place, merged)
    changed = "one===1\n\ntwo===2.1\nthree===3\nfour===4\n"
    files = {"a/upper-constraints.txt": changed, "é/upper-constraints.txt": "new===1", "other.txt": "x\n"}
    pushed = place.push(files=files)
    assert change_of(look(place, pushed, files=False, lines_of=("upper-constraints.txt",))).lines == {
        "a/upper-constraints.txt": ("two===2.1", "four===4"),
        "é/upper-constraints.txt": ("new===1",),
    }
    assert change_of(look(place, pushed, lines_of=("requirements.txt",))).lines == {}
    assert change_of(look(place, pushed)).lines is None


def commands_on(place: Place, pushed: Pushed) -> list[Message]:
    return list(change_of(look(place, pushed, files=False, listen=("czar", "liaison"))).messages or ())


def said_by(place: Place, messages: list[Message]) -> list[tuple[str, list[str]]]:
    return [(place.name(one.by), [line for _, line in one.lines]) for one in messages]


def test_commands_are_heard_wherever_people_write_them_and_never_ours_or_those_of_robots(place: Place) -> None:
    pushed = place.push()
    for who, body in (
        (
            place.ann,
            {"message": "Please.\n\nczar: explain\n> czar: hold\nliaison: status", "labels": {"Code-Review": 1}},
        ),
        (place.bob, level("Sure.\nczar: claim") | {"labels": {"Code-Review": 1}}),
        (place.cyd, level("nothing") | {"message": "nothing either"}),
        (place.cyd, level("czar: claim") | {"tag": "autogenerated:zuul"}),
        (place.cyd, {"message": "czar: claim", "tag": "autogenerated:zuul"}),
        (place.bot, {"message": "czar: claim", "tag": TAG}),
    ):
        reply(place, pushed, who, body)
    messages = commands_on(place, pushed)
    assert sorted(said_by(place, messages)) == [("ann", ["czar: explain", "liaison: status"]), ("bob", ["czar: claim"])]
    assert all(is_recent(one.at) for one in messages)
    assert commands_on(place, pushed) == messages
    assert change_of(look(place, pushed)).messages is None


def test_two_replies_within_a_second_are_two_however_often_one_looks(place: Place) -> None:
    pushed = place.push()
    reply(place, pushed, place.bob, {"message": "Hm."})
    reply(place, pushed, place.bob, level("czar: hold"))
    before = commands_on(place, pushed)
    reply(place, pushed, place.bob, level("czar: unhold"))
    after = commands_on(place, pushed)
    assert [one for one in after if one in before] == before
    assert sorted(said_by(place, after)) == [("bob", ["czar: hold"]), ("bob", ["czar: unhold"])]


def test_who_speaks_in_anothers_name_has_only_their_own_rights(place: Place) -> None:
    if place.world.name == "stand-in":
        pytest.skip("the stand-in knows no on_behalf_of")
    admin, pushed = place.world.admin, place.push()
    group = place.world.rest(admin, "GET", "/groups/Administrators")["id"]
    rule = {"label": "Code-Review", "rules": {group: {"action": "ALLOW", "min": -1, "max": 1}}}
    access = {"add": {"refs/*": {"permissions": {"labelAs-Code-Review": rule}}}}
    place.world.rest(admin, "POST", f"/projects/{place.repo.replace('/', '%2F')}/access", access)
    body = level("czar: claim") | {"message": "czar: hold", "labels": {"Code-Review": 1}}
    reply(place, pushed, admin, body | {"on_behalf_of": place.bob.account_id})
    assert sorted(said_by(place, commands_on(place, pushed))) == [("admin", ["czar: claim"]), ("admin", ["czar: hold"])]


# Acting


def hands(place: Place) -> GerritHands:
    return GerritHands(place.rest)


def asks(place: Place, pushed: Pushed, *people: Person, cc: bool = False) -> list[AddReviewer | Comment]:
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project}
    adds = [
        AddReviewer(
            **where, key=f"AddReviewer:{pushed.number}/{one.account_id}", person="p", account=str(one.account_id), cc=cc
        )
        for one in people
    ]
    told = tuple(_id(one) for one in people)
    return [*adds, Comment(**where, key=f"Comment:{pushed.number}", text="Please look.", tell=told)]


def _id(person: Person) -> str:
    return str(person.account_id)


def ids_of(accounts: Sequence[dict[str, Any]]) -> list[int]:
    return sorted(account["_account_id"] for account in accounts)


def ours(place: Place, pushed: Pushed) -> list[dict[str, Any]]:
    messages = place.detail(pushed)["messages"]
    return [one for one in messages if one.get("author", {}).get("_account_id") == place.bot.account_id]


def test_asking_adds_reviewer_attention_and_message_and_twice_is_once(place: Place, ear: Ear) -> None:
    pushed = place.push()
    actions = asks(place, pushed, place.bob)
    outcomes = hands(place).act(f"gerrit:{pushed.number}", actions, in_doubt=False)
    assert [(one.done, one.because) for one in outcomes] == [(True, "done")] * 2
    before = place.detail(pushed)
    assert ids_of(before["reviewers"]["REVIEWER"]) == [place.bob.account_id]
    assert [int(account) for account in before["attention_set"]] == [place.bob.account_id]
    (message,) = ours(place, pushed)
    assert message["tag"] == TAG
    assert message["message"].endswith(f"Please look.\n\n{mark(actions[-1])}")
    for in_doubt in (False, True):
        outcomes = hands(place).act(f"gerrit:{pushed.number}", actions, in_doubt=in_doubt)
        assert [(one.done, one.because) for one in outcomes] == [
            (True, "is on the change"),
            (True, "was said already"),
        ]
    assert place.detail(pushed) == before
    ear.wait_for(pushed, e.CommentAdded)
    event = ear.wait_for(pushed, e.ReviewerAdded)
    assert isinstance(event, e.ReviewerAdded)
    assert (place.name(event.reviewer), place.name(event.by)) == ("bob", "bot")
    assert [type(event) for event in ear.of(pushed)] == [e.PatchsetCreated, e.ReviewerAdded, e.CommentAdded]


def test_in_doubt_nothing_is_done_before_a_second_look(place: Place) -> None:
    pushed = place.push()
    with pytest.raises(StillInDoubt):
        hands(place).act(f"gerrit:{pushed.number}", asks(place, pushed, place.bob), in_doubt=True)
    assert ours(place, pushed) == []


def test_who_is_kept_informed_is_cc_and_has_no_turn(place: Place) -> None:
    pushed = place.push()
    hands(place).act(f"gerrit:{pushed.number}", asks(place, pushed, place.cyd, cc=True), in_doubt=False)
    detail = place.detail(pushed)
    assert place.cyd.account_id in ids_of(detail["reviewers"]["CC"])
    assert "REVIEWER" not in detail["reviewers"]
    assert detail.get("attention_set", {}) == {}


def test_a_bad_reviewer_spoils_nothing(place: Place) -> None:
    pushed = place.push()
    nobody = replace(place.cyd, account_id=999_999)
    bad, good, comment = asks(place, pushed, nobody, place.bob)
    outcomes = hands(place).act(f"gerrit:{pushed.number}", [bad, good, comment], in_doubt=False)
    assert [(one.key, one.done) for one in outcomes] == [(bad.key, False)]
    assert ours(place, pushed) == []
    outcomes = hands(place).act(f"gerrit:{pushed.number}", [good, comment], in_doubt=False)
    assert [(one.done, one.because) for one in outcomes] == [(True, "done")] * 2
    assert ids_of(place.detail(pushed)["reviewers"]["REVIEWER"]) == [place.bob.account_id]


def test_when_the_only_one_asked_is_bad_nothing_is_said(place: Place) -> None:
    pushed = place.push()
    actions = asks(place, pushed, replace(place.cyd, account_id=999_999))
    outcomes = hands(place).act(f"gerrit:{pushed.number}", actions, in_doubt=False)
    assert [one.done for one in outcomes] == [False, False]
    assert ours(place, pushed) == []


def test_an_inactive_account_is_refused(place: Place) -> None:
    late = place.world.add_person("contract-late")
    pushed = place.push()
    place.world.rest(place.world.admin, "DELETE", f"/accounts/{late.account_id}/active")
    outcomes = hands(place).act(f"gerrit:{pushed.number}", asks(place, pushed, late), in_doubt=False)
    told = {one.key: one.done for one in outcomes}
    on_it = late.account_id in ids_of(place.detail(pushed)["reviewers"].get("REVIEWER", ()))
    assert told[f"AddReviewer:{pushed.number}/{late.account_id}"] == on_it


def test_somebody_taken_off_by_a_human_is_not_put_back(place: Place) -> None:
    pushed = place.push()
    actions = asks(place, pushed, place.bob)
    hands(place).act(f"gerrit:{pushed.number}", actions, in_doubt=False)
    place.call(place.ann, "POST", pushed, f"/reviewers/{place.bob.account_id}/delete", {"notify": "NONE"})
    (add, _) = hands(place).act(f"gerrit:{pushed.number}", actions, in_doubt=False)
    assert (add.done, add.because) == (False, f"was taken off the change by {place.ann.username}")
    assert "REVIEWER" not in place.detail(pushed)["reviewers"]


def close_by_abandoning(place: Place, pushed: Pushed) -> str:
    place.call(place.ann, "POST", pushed, "/abandon", {})
    return "the change is abandoned"


def close_by_merging(place: Place, pushed: Pushed) -> str:
    review = f"/revisions/{pushed.revision}/review"
    place.call(place.world.admin, "POST", pushed, review, {"labels": {"Code-Review": 2}})
    place.call(place.world.admin, "POST", pushed, "/submit", {})
    return "the change is merged"


def close_by_deleting(place: Place, pushed: Pushed) -> str:
    place.call(place.world.admin, "DELETE", pushed)
    return "the change is gone or hidden from us"


@pytest.mark.parametrize("close", [close_by_abandoning, close_by_merging, close_by_deleting])
def test_nobody_is_asked_about_a_closed_change(place: Place, close: Callable[[Place, Pushed], str]) -> None:
    pushed = place.push()
    because = close(place, pushed)
    outcomes = hands(place).act(f"gerrit:{pushed.number}", asks(place, pushed, place.bob), in_doubt=False)
    assert [(one.done, one.because) for one in outcomes] == [(False, because)] * 2


def test_a_vote_is_set_once_and_taken_back(place: Place) -> None:
    pushed = place.push()
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project, "revision": pushed.revision}
    for value, because in ((1, "done"), (1, "is voted so"), (0, "done"), (0, "is voted so")):
        vote = Vote(**where, key=f"Vote:{value}", label="Code-Review", value=value)
        (outcome,) = hands(place).act(where["item"], [vote], in_doubt=False)
        assert (outcome.done, outcome.because) == (True, because)
        votes = place.detail(pushed)["labels"]["Code-Review"].get("all", ())
        mine = [one.get("value", 0) for one in votes if one["_account_id"] == place.bot.account_id]
        assert (mine or [0]) == [value]


def test_a_vote_beyond_our_rights_is_refused_for_good(place: Place) -> None:
    pushed = place.push()
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project, "revision": pushed.revision}
    (outcome,) = hands(place).act(
        where["item"], [Vote(**where, key="Vote:2", label="Code-Review", value=2)], in_doubt=False
    )
    assert not outcome.done
    assert "restricted" in outcome.because


def test_attention_is_drawn_to_who_is_there(place: Place) -> None:
    pushed = place.push()
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project}
    draw = DrawAttention(**where, key="Draw", account=str(place.ann.account_id), reason="your turn")
    for because in ("done", "has their attention"):
        (outcome,) = hands(place).act(where["item"], [draw], in_doubt=False)
        assert (outcome.done, outcome.because) == (True, because)
    assert place.detail(pushed)["attention_set"][draw.account]["reason"] == "your turn"


def removal(pushed: Pushed, who: Person) -> RemoveReviewer:
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project}
    return RemoveReviewer(**where, key=f"Remove:{who.username}", person="p", account=_id(who))


def test_who_is_replaced_leaves_as_the_next_one_comes(place: Place, ear: Ear) -> None:
    pushed = place.push()
    hands(place).act(f"gerrit:{pushed.number}", asks(place, pushed, place.bob), in_doubt=False)
    add, hello = asks(place, pushed, place.cyd)
    actions = [removal(pushed, place.bob), add, replace(hello, key="Comment:2")]
    outcomes = hands(place).act(f"gerrit:{pushed.number}", actions, in_doubt=False)
    assert [(one.done, one.because) for one in outcomes] == [(True, "done")] * 3
    detail = place.detail(pushed)
    assert ids_of(detail["reviewers"]["REVIEWER"]) == [place.cyd.account_id]
    assert [int(account) for account in detail["attention_set"]] == [place.cyd.account_id]
    trace = "autogenerated:gerrit:deleteReviewer"
    assert [message["tag"] for message in ours(place, pushed)] == [TAG, trace, TAG]
    assert dict(change_of(look(place, pushed)).removed) == {}
    gone = ear.wait_for(pushed, e.ReviewerRemoved)
    assert isinstance(gone, e.ReviewerRemoved)
    assert (place.name(gone.reviewer), place.name(gone.by)) == ("bob", "bot")
    ear.wait_for(pushed, e.CommentAdded, 2)
    kinds = [type(event) for event in ear.of(pushed)]
    assert kinds[-3:] == [e.ReviewerRemoved, e.ReviewerAdded, e.CommentAdded]
    (outcome,) = hands(place).act(f"gerrit:{pushed.number}", actions[:1], in_doubt=True)
    assert (outcome.done, outcome.because) == (True, "is not on the change")


def test_who_is_taken_off_alone_leaves_a_trace_of_the_servers_own(place: Place) -> None:
    pushed = place.push(options=(f"cc={place.bob.username}",))
    (outcome,) = hands(place).act(f"gerrit:{pushed.number}", [removal(pushed, place.bob)], in_doubt=False)
    assert (outcome.done, outcome.because) == (True, "done")
    detail = place.detail(pushed)
    assert place.bob.account_id not in ids_of(detail["reviewers"].get("CC", ()))
    assert [message["tag"] for message in ours(place, pushed)] == ["autogenerated:gerrit:deleteReviewer"]


def test_who_has_voted_meanwhile_stays(place: Place) -> None:
    pushed = place.push(options=(f"r={place.bob.username}",))
    reply(place, pushed, place.bob, {"labels": {"Code-Review": 1}})
    (outcome,) = hands(place).act(f"gerrit:{pushed.number}", [removal(pushed, place.bob)], in_doubt=False)
    assert (outcome.done, outcome.because) == (True, "has voted meanwhile, stays")
    assert ids_of(place.detail(pushed)["reviewers"]["REVIEWER"]) == [place.bob.account_id]


def test_without_the_right_to_remove_all_else_is_done(place: Place) -> None:
    pushed = place.push(options=(f"r={place.bob.username}",))
    theirs = GerritHands(place.rest_of(place.cyd))
    hello = asks(place, pushed, place.ann)[-1]
    outcomes = theirs.act(f"gerrit:{pushed.number}", [removal(pushed, place.bob), hello], in_doubt=False)
    assert [(one.done, one.because) for one in outcomes] == [(False, MAY_NOT_REMOVE), (True, "done")]
    detail = place.detail(pushed)
    assert ids_of(detail["reviewers"]["REVIEWER"]) == [place.bob.account_id]
    assert mark(hello) in detail["messages"][-1]["message"]


def test_taking_off_who_is_not_there_is_refused_as_a_whole(place: Place) -> None:
    """What hands look again for."""
    pushed = place.push()
    body = {"message": "Bye.", "reviewers": [{"reviewer": place.bob.account_id, "state": "REMOVED"}]}
    with pytest.raises(Refused, match="doesn't exist in the change"):
        place.rest.post(f"changes/{pushed.number}/revisions/current/review", body)
    assert ours(place, pushed) == []


def test_a_ping_draws_the_attention_of_who_is_a_reviewer_already(place: Place) -> None:
    pushed = place.push(options=(f"r={place.bob.username}", f"r={place.cyd.username}"))
    reply(place, pushed, place.bob, {"message": "Later."})
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project}
    actions = [
        Comment(**where, key="Comment:ping", text="Still waiting.", tell=(_id(place.bob),)),
        DrawAttention(**where, key="Draw:ping", account=_id(place.bob), reason="asked to review"),
    ]
    for because in ([(True, "done")] * 2, [(True, "was said already"), (True, "has their attention")]):
        outcomes = hands(place).act(where["item"], actions, in_doubt=False)
        assert [(one.done, one.because) for one in outcomes] == because
    assert place.detail(pushed)["attention_set"][_id(place.bob)]["reason"] == "asked to review"
    assert len(ours(place, pushed)) == 1


def test_it_is_never_the_turn_of_a_stranger(place: Place) -> None:
    pushed = place.push()
    where = {"item": f"gerrit:{pushed.number}", "repo": pushed.project}
    draw = DrawAttention(**where, key="Draw", account=_id(place.cyd), reason="your turn")
    hello = asks(place, pushed, place.ann)[-1]
    outcomes = hands(place).act(where["item"], [draw, hello], in_doubt=False)
    assert [(one.done, one.because) for one in outcomes] == [(False, "is not on the change"), (True, "done")]

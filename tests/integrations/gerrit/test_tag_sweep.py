"""Tags are looked at over REST: what is new is heard once, a hidden repo is told, and the server is let breathe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Heard, Malformed, Refused, Transient
from integrations.gerrit.tag_sweep import LEAST_S, LONGEST_RETRY_S, NAME, NO_SHA, PACE_S, Known, TagSweep, parse
from rules import events as e
from tests.integrations.gerrit.answers import Answers, Clock

A, B, OBJECT = "a" * 40, "b" * 40, "0b" * 20
DAY_S = 86_400.0


def path(repo: str) -> str:
    return f"projects/{repo.replace('/', '%2F')}/tags/"


class World:
    """Repos with their tags, what was heard of them, and how they were found last."""

    def __init__(self, **tags: dict[str, str]) -> None:
        self.tags = {repo.replace("_", "/"): dict(found) for repo, found in tags.items()}
        self.repos = set(self.tags)
        self.found: dict[str, dict[str, str]] = {}
        self.strange: set[str] = set()
        self.marks: dict[str, datetime] = {}
        self.heard: list[e.TagSeen] = []
        self.hidden = ""
        self.full = False
        self.seconds = 0.0
        self.rest = Answers({path(repo): self._listing(repo) for repo in self.tags})
        self.sweep = self.started()

    def started(self) -> TagSweep:
        """A sweep that has looked at nothing yet."""
        known = Known(
            repos=lambda: self.repos,
            tags=lambda repo: self.found.get(repo, {}),
            strange=lambda _: self.strange,
            hidden=self._hide,
        )
        return TagSweep(
            self.rest,
            self._hear,
            known,
            read_mark=self.marks.get,
            write_mark=self.marks.__setitem__,
            clock=Clock(),
            monotonic=lambda: self.seconds,
        )

    def run(self, for_s: float = 60.0) -> list[tuple[str, str, str, str]]:
        """What is heard within so long: `(repo, tag, old, new)`; it is found so from then on."""
        self.heard.clear()
        until = self.seconds + for_s
        while self.seconds < until:
            if not self.sweep.step(0):
                self.seconds += PACE_S
        for one in self.heard:
            tag = one.ref.removeprefix("refs/tags/")
            self.found.setdefault(one.repo, {})[tag] = one.new.replace(NO_SHA, "")
        return [(one.repo, one.ref.removeprefix("refs/tags/"), one.old, one.new) for one in self.heard]

    def asked(self) -> list[str]:
        """The paths asked for."""
        return [one[1] for one in self.rest.asked]

    def _hide(self, because: str) -> None:
        self.hidden = because

    def _hear(self, source: str, connection: str, things: Sequence[Heard]) -> None:
        if self.full:
            raise Transient("disk full")
        assert source == NAME
        assert connection
        assert [thing.sequence for thing in things] == list(range(len(things)))
        self.heard += [parse(thing.raw) for thing in things]

    def _listing(self, repo: str) -> Any:
        def answer(query: list[tuple[str, str]]) -> Any:
            asked = dict(query)
            rows = [_info(tag, sha) for tag, sha in sorted(self.tags[repo].items())]
            return rows[int(asked["S"]) :][: int(asked["n"])]

        return answer


def _info(tag: str, sha: str) -> dict[str, Any]:
    """As Gerrit 3.10 gives it; tags with a `v` are annotated."""
    if tag.startswith("v"):
        return {"ref": f"refs/tags/{tag}", "revision": OBJECT, "object": sha, "message": "cut"}
    return {"ref": f"refs/tags/{tag}", "revision": sha}


def test_the_tags_of_a_repo_never_looked_at_are_first_sights() -> None:
    world = World(x_y={"1.0": A, "v2": B})
    assert world.run() == [("x/y", "1.0", NO_SHA, A), ("x/y", "v2", NO_SHA, B)]
    assert [one.first for one in world.heard] == [True, True]
    assert world.asked() == [path("x/y")]


def test_what_is_new_moved_or_gone_is_heard_once_also_after_a_restart() -> None:
    world = World(x={"1.0": A, "2.0": A, "3.0": A})
    world.run()
    world.tags["x"] = {"1.0": A, "2.0": B, "4.0": B}
    world.sweep = world.started()
    news = [("x", "2.0", A, B), ("x", "3.0", A, NO_SHA), ("x", "4.0", NO_SHA, B)]
    assert world.run() == news
    assert not any(one.first for one in world.heard)
    world.sweep = world.started()
    assert world.run() == []


def test_a_strange_tag_is_heard_again_as_it_is_until_it_is_gone() -> None:
    world = World(x={"1.0": A, "2.0": A})
    world.run()
    world.strange = {"2.0"}
    for _ in range(2):
        world.sweep = world.started()
        assert world.run() == [("x", "2.0", A, A)]
    del world.tags["x"]["2.0"]
    world.sweep = world.started()
    assert world.run() == [("x", "2.0", A, NO_SHA)]
    world.sweep = world.started()
    assert world.run() == []


def test_a_repo_without_tags_is_looked_at_all_the_same() -> None:
    world = World(x={})
    world.run()
    world.tags["x"] = {"1.0": A}
    world.sweep = world.started()
    world.run()
    assert [one.first for one in world.heard] == [False]


def test_each_repo_is_looked_at_once_a_day_and_one_at_a_time() -> None:
    world = World(a={}, b={}, c={})
    times = []
    for _ in range(3):
        world.sweep.step(0)
        times.append(len(world.rest.asked))
    assert times == [1, 1, 1]  # the next one has to wait
    world.run()
    assert world.asked() == [path(repo) for repo in "abc"]
    world.run(DAY_S - 120)
    assert len(world.asked()) == 3
    world.run(120)
    assert len(world.asked()) == 6


def test_after_a_gap_all_are_looked_at_again_but_not_more_often_than_is_sensible() -> None:
    world = World(a={}, b={})
    world.run()
    for _ in range(20):
        world.sweep.request("the stream was cut")
        world.run(60)
    assert len(world.asked()) == 2 + 2 * int(20 * 60 / LEAST_S)


def test_a_gap_long_after_the_last_look_is_followed_at_once() -> None:
    world = World(a={})
    world.run(LEAST_S * 2)
    world.tags["a"] = {"1.0": A}
    world.sweep.request("the stream was cut")
    assert world.run(5) == [("a", "1.0", NO_SHA, A)]


def test_more_tags_than_fit_into_one_answer_are_all_found() -> None:
    world = World(x={f"1.{n:04}": A for n in range(1001)})
    assert len(world.run()) == 1001
    assert len(world.asked()) == 3


@pytest.mark.parametrize("error", [None, Refused("403 not permitted")])
def test_a_hidden_repo_is_told_keeps_nobody_waiting_and_loses_no_tag(error: Exception | None) -> None:
    world = World(a={"1.0": A}, b={"1.0": A})
    world.run()
    if error:
        world.rest.table[path("a")] = error
    else:
        answer = world.rest.table.pop(path("a"))
    world.tags["b"]["2.0"] = B
    world.sweep = world.started()
    assert world.run() == [("b", "2.0", NO_SHA, B)]
    assert world.hidden == "the tags of some repos cannot be seen (1): a"
    assert world.sweep.trouble() == ""
    if not error:
        world.rest.table[path("a")] = answer
        world.run(DAY_S)
        assert world.hidden == ""


def test_a_repo_that_is_audited_no_more_is_no_hidden_one() -> None:
    world = World(a={}, b={})
    del world.rest.table[path("a")]
    world.run()
    world.repos.discard("a")
    world.run(DAY_S)
    assert world.hidden == ""


def test_a_server_that_is_away_is_told_and_asked_less_and_less() -> None:
    world = World(a={"1.0": A})
    answer = world.rest.table[path("a")]
    world.rest.table[path("a")] = Transient("503")
    world.run(3600)
    assert world.sweep.trouble() == "503"
    assert len(world.asked()) <= 3600 / LONGEST_RETRY_S + 1
    world.rest.table[path("a")] = answer
    assert world.run(LONGEST_RETRY_S + 5) == [("a", "1.0", NO_SHA, A)]
    assert world.sweep.trouble() == ""


def test_one_repo_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    world = World(a={}, b={"1.0": A}, c={"1.0": A})
    world.rest.table[path("a")] = Transient("500 missing tree")
    assert [repo for repo, *_ in world.run(60)] == ["b", "c"]


def test_what_the_journal_could_not_keep_is_heard_again_and_still_a_first_sight() -> None:
    world = World(a={"1.0": A})
    world.full = True
    assert world.run() == []
    assert world.marks == {}
    world.full = False
    assert world.run(LONGEST_RETRY_S * 2) == [("a", "1.0", NO_SHA, A)]
    assert world.heard[0].first


@given(st.binary())
def test_any_line_is_read_or_malformed(raw: bytes) -> None:
    try:
        assert parse(raw).item.startswith("tag:")
    except Malformed:
        pass

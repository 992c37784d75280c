"""One suite for the stand-in and for real Gerrits: tags as a sweep finds them, and that it agrees with the look-up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from integrations.contract import Heard
from integrations.gerrit import tag_sweep
from integrations.gerrit.rest import Rest
from integrations.gerrit.tag_sweep import NO_SHA, Known, TagSweep, parse
from integrations.gerrit.tags import tagged_commit
from rules.events import TagSeen
from tests.gerrit_world import GerritWorld
from tests.real.fixtures import Gerrits
from tests.stand_in_world import StandInWorld

WORLDS = ["stand-in", *(pytest.param(version, marks=pytest.mark.full) for version in ("3.10.2", "3.13.5"))]
_numbers = itertools.count()


@dataclass
class Place:
    """A repo of this test's own with its tags, and our sweep of it and of one that is not there."""

    world: GerritWorld
    rest: Rest
    repo: str
    found: dict[str, str] = field(default_factory=dict)
    hidden: str = ""

    def sweep(self) -> dict[str, tuple[str, str]]:
        """Tag to `(old, new)` of what is heard; it is known from then on."""
        heard: list[TagSeen] = []

        def hear(_source: str, _connection: str, things: Sequence[Heard]) -> None:
            heard.extend(parse(thing.raw) for thing in things)

        def hide(because: str) -> None:
            self.hidden = because

        seconds = itertools.count(step=10)
        repos = {self.repo, "not/there"}
        known = Known(repos=lambda: repos, tags=lambda _: self.found, strange=lambda _: (), hidden=hide)
        sweep = TagSweep(
            self.rest,
            hear,
            known,
            read_mark=lambda _: None,
            write_mark=lambda *_: None,
            clock=lambda: datetime.now(UTC),
            monotonic=lambda: float(next(seconds)),
        )
        assert [sweep.step(0), sweep.step(0)] == [True, True]
        news = {one.ref.removeprefix("refs/tags/"): (one.old, one.new) for one in heard}
        self.found |= {tag: new.replace(NO_SHA, "") for tag, (_, new) in news.items()}
        return news

    def tag(self, name: str, revision: str, message: str = "") -> None:
        """Make a tag, annotated with a message."""
        body = {"revision": revision} | ({"message": message} if message else {})
        self._call("PUT", name, body)

    def delete(self, name: str) -> None:
        self._call("DELETE", name)

    @property
    def tip(self) -> str:
        """Of master."""
        found = self.world.rest(self.world.admin, "GET", f"/projects/{quote(self.repo, safe='')}/branches/master")
        return str(found["revision"])

    def _call(self, method: str, name: str, body: object = None) -> None:
        path = f"/projects/{quote(self.repo, safe='')}/tags/{quote(name, safe='')}"
        self.world.rest(self.world.admin, method, path, body)


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


@pytest.fixture
def place(world: GerritWorld) -> Place:
    """See Place."""
    bot = world.add_person("czar-bot", service=True)
    repo = f"tagged/repo-{next(_numbers)}"
    world.add_project(repo)
    return Place(world, Rest(world.url, bot.username, bot.password), repo)


def test_lightweight_and_annotated_tags_are_found_on_their_commit_as_the_look_up_has_it(place: Place) -> None:
    place.tag("1.0.0", place.tip)
    place.tag("v2.0.0", place.tip, message="cut 2.0.0")
    place.tag("odd/name+x", place.tip)
    assert place.sweep() == dict.fromkeys(("1.0.0", "v2.0.0", "odd/name+x"), (NO_SHA, place.tip))
    assert place.sweep() == {}
    for tag, sha in place.found.items():
        assert tagged_commit(place.rest, place.repo, tag) == sha


def test_a_tag_that_is_deleted_is_gone_and_a_hidden_repo_has_lost_none(place: Place) -> None:
    place.tag("1.0.0", place.tip)
    place.sweep()
    place.delete("1.0.0")
    assert place.sweep() == {"1.0.0": (place.tip, NO_SHA)}
    assert "not/there" in place.hidden


def test_pages_are_followed_to_the_last(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_sweep, "PAGE", 2)
    for n in range(5):
        place.tag(f"1.{n}.0", place.tip)
    assert len(place.sweep()) == 5

"""New patch sets while somebody signs: the gate is never seen open on what nobody has signed."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.release_community import Line, ReleaseCommunity, Seen, deliverable
from tests.czar_process import Czar
from tests.gerrit_world import Pushed
from tests.real.downloads import VERSIONS
from tests.real.fixtures import Gerrits

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
_numbers = itertools.count()
EVERY_DAY, AT_NIGHT = (8, 3), (25, 8)  # changes, and rounds of each
WATCHERS = 2
MOST_LOOKS = 20  # before somebody acts: until some seconds after the other one did
WITHIN_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The gate of a change, seen open at some time."""

    change: int
    revision: str
    at: float
    seen: Seen


@dataclass(slots=True)
class Contest:
    """One change with what is pushed to it, and what of that was signed when."""

    here: ReleaseCommunity
    chance: random.Random
    path: str = ""
    current: Line = field(init=False)
    pushed: Pushed = field(init=False)
    content: dict[str, str] = field(default_factory=dict)  # revision to the SHA that it asks for
    signed: dict[str, float] = field(default_factory=dict)  # SHA to when somebody was about to sign it

    def begin(self) -> None:
        """The first patch set."""
        self.path = self.here.path()
        self.current = self.here.line()
        self._push()

    def round(self) -> None:
        """Somebody signs what is there, and somebody pushes something else, in no order."""
        self.until_judged()
        signed, again = self.pushed, self.chance.random() < 0.2
        looks = self.chance.randrange(6), self.chance.randrange(MOST_LOOKS)
        with ThreadPoolExecutor(2) as both:
            signing = both.submit(self._sign, signed, looks[0])
            self._look(looks[1])
            if again:
                self._edit_message()
            self.current = self.here.line(version=self.current.version)
            self._push()
            signing.result()

    def end(self, *, sign: bool) -> None:
        """Once no more is pushed, the gate stands as it should."""
        self.until_judged()
        self.here.until_quiet()
        self.here.until(self.pushed, lambda seen: seen.gate == "UNSATISFIED", "the gate to be shut", WITHIN_S)
        if sign:
            self._sign(self.pushed, 0)
            self.here.until(self.pushed, lambda seen: seen.gate == "SATISFIED", "the gate to open", WITHIN_S)

    def until_judged(self) -> None:
        """The daemon has told that the newest patch set waits."""
        sha = self.current.sha
        self.here.until(self.pushed, lambda seen: sha in seen.state, f"something to be said of {sha}", WITHIN_S)

    def _push(self) -> None:
        text = deliverable(self.current)
        self.pushed = (
            self.here.edit(self.pushed, self.path, text) if self.content else self.here.push({self.path: text})
        )
        self.content[self.pushed.revision] = self.current.sha

    def _edit_message(self) -> None:
        self.here.edit_message("zed", self.pushed)
        self.content[self.here.look(self.pushed).revision] = self.current.sha

    def _sign(self, pushed: Pushed, looks: int) -> None:
        """On the patch set that they saw, by a word or by a vote."""
        self._look(looks)
        self.signed[self.content[pushed.revision]] = time.monotonic()
        if self.chance.random() < 0.5:
            self.here.review("ann", pushed.number, pushed.revision, message="czar: signoff")
        else:
            self.here.review("bob", pushed.number, pushed.revision, labels={"Code-Review": 1})

    def _look(self, times: int) -> None:
        for _ in range(times):
            self.here.look(self.pushed)


class Watch:
    """Looks at all changes again and again, from the outside."""

    def __init__(self, here: ReleaseCommunity, contests: list[Contest]) -> None:
        self.open: list[Sight] = []
        self.looks = 0
        self._here, self._contests = here, contests
        self._over = threading.Event()

    def look(self) -> None:
        """Until it is over."""
        for contest in itertools.cycle(self._contests):
            if self._over.is_set():
                return
            seen = self._here.look(contest.pushed)
            self.looks += 1
            if seen.vote > 0 or seen.gate != "UNSATISFIED" or seen.submittable:
                sight = Sight(change=contest.pushed.number, revision=seen.revision, at=time.monotonic(), seen=seen)
                self.open.append(sight)

    def close(self) -> None:
        """It is over."""
        self._over.set()


@pytest.fixture(params=VERSIONS)
def here(request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path: Path) -> Iterator[ReleaseCommunity]:
    with Czar(tmp_path) as czar:
        community = ReleaseCommunity(real_gerrits.get(request.param), czar, f"race{next(_numbers)}")
        community.open()
        yield community


@pytest.mark.parametrize("size", [EVERY_DAY, pytest.param(AT_NIGHT, marks=pytest.mark.long)], ids=["day", "night"])
def test_a_new_patch_set_while_somebody_signs_never_opens_the_gate_unsigned(
    size: tuple[int, int], here: ReleaseCommunity, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, rounds = size
    seed = random.SystemRandom().randrange(2**32)
    contests = [Contest(here, random.Random(f"{seed}/{number}")) for number in range(changes)]
    for contest in contests:
        contest.begin()
    watch = Watch(here, contests)
    with ThreadPoolExecutor(changes) as players, ThreadPoolExecutor(WATCHERS) as watchers:
        watching = [watchers.submit(watch.look) for _ in range(WATCHERS)]
        try:
            for playing in [players.submit(_play, contest, rounds) for contest in contests]:
                playing.result()
            ends = [players.submit(one.end, sign=number % 2 == 0) for number, one in enumerate(contests)]
            for ending in ends:
                ending.result()
        finally:
            watch.close()
        for one in watching:
            one.result()
    by_number = {one.pushed.number: one for one in contests}
    wrong = [sight for sight in watch.open if not _is_right(sight, by_number[sight.change])]
    assert not wrong, (seed, wrong[0], here.story(wrong[0].change))
    with capsys.disabled():
        print(f"\n{here.world.name}: {changes * rounds} rounds, {watch.looks} looks, {len(watch.open)} times open")


def _play(contest: Contest, rounds: int) -> None:
    for _ in range(rounds):
        contest.round()


def _is_right(sight: Sight, contest: Contest) -> bool:
    """What was open then had been signed by then."""
    return contest.signed.get(contest.content[sight.revision], sight.at) < sight.at

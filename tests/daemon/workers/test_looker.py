"""Looking up what a decision needs."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from daemon.workers.desk import Desk, Order
from daemon.workers.looker import LONGEST_RETRY_S, Looker
from rules.facts import Need
from tests.clock import Clock
from tests.daemon.journals import REPO, FakeGerrit


class Bench:
    """A looker at a desk, in front of a Gerrit."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.gerrit = FakeGerrit()
        self.desk = Desk(lambda: None, clock.monotonic_s)
        self.troubles: list[str] = []
        self.looker = self.another("looker-0")

    def another(self, name: str) -> Looker:
        return Looker(self.desk, self.gerrit, random.Random(1), name=name, trouble=self.troubles.append)

    def want(self, number: int = 1) -> None:
        self.desk.want(Order(need=Need(item=f"gerrit:{number}", repo=REPO), upto=1))

    def looks_within(self, seconds: int) -> list[float]:
        """When it looked, in seconds from now, trying ten times a second."""
        began, times = self.clock.monotonic_s(), []
        while self.clock.monotonic_s() < began + seconds:
            if self.looker.step(0):
                times.append(self.clock.monotonic_s() - began)
            self.clock.pass_s(0.1)
        return times


@pytest.fixture
def bench(clock: Clock) -> Bench:
    """With nothing to do."""
    return Bench(clock)


def test_without_an_order_there_is_nothing_to_do(bench: Bench) -> None:
    assert not bench.looker.step(0)
    assert bench.gerrit.looked == []


def test_what_was_looked_up_is_brought(bench: Bench) -> None:
    bench.want()
    assert bench.looker.step(0)
    (found,) = bench.desk.found()
    assert found.facts is not None
    assert (found.item, found.upto, bench.troubles) == ("gerrit:1", 1, [""])


def test_a_look_up_that_fails_is_tried_again_for_hours_with_growing_waits(bench: Bench) -> None:
    bench.gerrit.down = "503 from Gerrit"
    bench.want()
    times = bench.looks_within(2 * 3600)
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits[0] < 2
    assert max(waits) <= LONGEST_RETRY_S + 0.2
    assert min(waits[10:]) >= LONGEST_RETRY_S / 2
    assert len(times) > 2 * 60
    assert set(bench.troubles) == {"503 from Gerrit"}
    bench.gerrit.down = ""
    assert len(bench.looks_within(61)) == 1
    assert len(bench.desk.found()) == 1
    assert bench.troubles[-1] == ""


def test_an_item_that_always_fails_waits_longer_though_others_succeed(bench: Bench) -> None:
    class Picky(FakeGerrit):
        def _fail(self, item: str) -> None:
            self.down = "500 for this one" if item == "gerrit:13" else ""
            super()._fail(item)

    bench.gerrit = Picky()
    bench.looker = bench.another("looker-0")
    bench.want(13)
    for number in range(100, 700):
        bench.want(number)
        bench.looks_within(1)
    tries = [need.item for need in bench.gerrit.looked].count("gerrit:13")
    assert 600 / LONGEST_RETRY_S <= tries <= 40


def test_one_that_fails_does_not_block_the_others(bench: Bench) -> None:
    bench.gerrit.down = "503 from Gerrit"
    bench.want(1)
    bench.looker.step(0)
    bench.gerrit.down = ""
    bench.want(2)
    assert bench.looker.step(0)
    assert [found.item for found in bench.desk.found()] == ["gerrit:2"]


def test_a_fault_of_ours_is_shown_and_the_item_comes_back_later(bench: Bench, clock: Clock) -> None:
    bench.gerrit.broken = frozenset({"gerrit:1"})
    bench.want(1)
    bench.want(2)
    with pytest.raises(KeyError):
        bench.looker.step(0)
    assert bench.looker.step(0)
    assert not bench.looker.step(0)
    bench.gerrit.broken = frozenset()
    clock.pass_s(LONGEST_RETRY_S)
    assert bench.looker.step(0)
    assert [found.item for found in bench.desk.found()] == ["gerrit:2", "gerrit:1"]


def test_several_work_side_by_side_on_different_items(bench: Bench) -> None:
    other = bench.another("looker-1")
    bench.want(1)
    bench.want(2)
    assert bench.looker.step(0)
    assert other.step(0)
    assert [need.item for need in bench.gerrit.looked] == ["gerrit:1", "gerrit:2"]

"""One look per item, however many events wait."""

from __future__ import annotations

import threading

import pytest

from daemon.workers.desk import Desk, Found, Order
from rules.facts import Need
from tests.clock import Clock
from tests.daemon.journals import REPO, facts


@pytest.fixture
def desk(clock: Clock) -> Desk:
    """An empty one."""
    return Desk(lambda: None, clock.monotonic_s)


def order(number: int = 1, upto: int = 1) -> Order:
    """For a change."""
    return Order(need=Need(item=f"gerrit:{number}", repo=REPO), upto=upto)


def test_an_empty_desk_gives_nothing(desk: Desk) -> None:
    assert desk.take(0) is None
    assert desk.found() == []


def test_the_oldest_order_comes_first(desk: Desk) -> None:
    desk.want(order(1))
    desk.want(order(2))
    assert [desk.take(0), desk.take(0), desk.take(0)] == [order(1), order(2), None]


def test_a_newer_order_takes_the_place_of_one_not_yet_begun(desk: Desk) -> None:
    desk.want(order(upto=1))
    desk.want(order(upto=7))
    assert [desk.take(0), desk.take(0)] == [order(upto=7), None]


def test_nobody_looks_at_an_item_that_somebody_looks_at(desk: Desk) -> None:
    desk.want(order(1, upto=1))
    first = desk.take(0)
    assert first is not None
    desk.want(order(1, upto=2))
    desk.want(order(2))
    assert [desk.take(0), desk.take(0)] == [order(2), None]
    desk.bring(first, facts())
    assert desk.take(0) == order(1, upto=2)


def test_what_was_found_is_told_once_with_how_new_it_is(desk: Desk) -> None:
    desk.want(order(upto=4))
    taken = desk.take(0)
    assert taken is not None
    desk.bring(taken, facts())
    assert desk.found() == [Found(item="gerrit:1", upto=4, facts=facts())]
    assert desk.found() == []
    desk.nothing_needed("gerrit:1", 5)
    assert desk.found() == [Found(item="gerrit:1", upto=5, facts=None)]


def test_whoever_decides_is_told_that_something_was_found(clock: Clock) -> None:
    told: list[int] = []
    desk = Desk(lambda: told.append(1), clock.monotonic_s)
    desk.want(order())
    taken = desk.take(0)
    assert taken is not None
    desk.bring(taken, facts())
    assert told == [1]


def test_what_was_put_back_comes_again_in_time_and_knows_how_often(desk: Desk, clock: Clock) -> None:
    desk.want(order())
    for tries in range(3):
        taken = desk.take(0)
        assert taken is not None
        assert taken.tries == tries
        desk.put_back(taken, 10)
        assert desk.take(0) is None
        clock.pass_s(10)


def test_what_was_put_back_does_not_block_others(desk: Desk) -> None:
    desk.want(order(1))
    desk.want(order(2))
    first = desk.take(0)
    assert first is not None
    desk.put_back(first, 3_600)
    assert desk.take(0) == order(2)


def test_putting_back_keeps_a_newer_order_and_still_waits(desk: Desk, clock: Clock) -> None:
    desk.want(order(upto=1))
    taken = desk.take(0)
    assert taken is not None
    desk.want(order(upto=2))
    desk.put_back(taken, 10)
    assert desk.take(0) is None
    clock.pass_s(10)
    assert desk.take(0) == order(upto=2)


def test_who_waits_for_an_order_gets_it_at_once() -> None:
    desk = Desk(lambda: None)
    found: list[Order | None] = []
    waiting = threading.Thread(target=lambda: found.append(desk.take(30)))
    waiting.start()
    desk.want(order())
    waiting.join(10)
    assert found == [order()]

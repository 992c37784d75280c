"""A thread around a worker's `step`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from daemon.workers import loop as loop_module
from daemon.workers.loop import Loop
from integrations.contract import Transient
from tests.waiting import until


class Stepping:
    """Does what it is told, step by step; then waits for the end."""

    name = "stepping"

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)
        self.taken = 0
        self.end = threading.Event()

    def step(self, wait_s: float) -> bool:
        self.taken += 1
        if not self.steps:
            self.end.wait(10)
            return False
        self.steps.pop(0)()
        return True


def fail(error: BaseException) -> Callable[[], object]:
    """A step that fails."""

    def step() -> object:
        raise error

    return step


@contextmanager
def running(worker: Stepping) -> Iterator[Loop]:
    """Until the end of the block."""
    loop = Loop(worker)
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()
        worker.end.set()
        assert loop.join(10)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fault it goes on at once."""
    monkeypatch.setattr(loop_module, "AFTER_FAULT_S", 0.0)


def test_it_steps_until_told_to_stop() -> None:
    worker = Stepping(*[lambda: None] * 50)
    with running(worker):
        until(lambda: worker.taken > 50, 10, "all steps")
    assert worker.taken == 51


@pytest.mark.usefixtures("hasty")
def test_a_fault_is_shown_and_the_worker_goes_on() -> None:
    worker = Stepping(fail(KeyError("x")))
    with capture_logs() as logs, running(worker) as loop:
        until(lambda: worker.taken == 2, 10, "it to go on")
        assert loop.fault == "KeyError: 'x'"
    assert [(line["event"], line["worker"], line["because"], line["exc_info"]) for line in logs] == [
        ("worker.fault", "stepping", "KeyError: 'x'", True)
    ]


@pytest.mark.usefixtures("hasty")
def test_a_fault_that_repeats_is_told_once_and_forgotten_when_it_is_over() -> None:
    worker = Stepping(*[fail(Transient("the disk is full"))] * 3, lambda: None)
    with capture_logs() as logs, running(worker) as loop:
        until(lambda: worker.taken == 5, 10, "it to go on")
        assert loop.fault == ""
    assert [(line["because"], line["exc_info"]) for line in logs] == [("the disk is full", False)]


def test_after_a_fault_it_waits_but_a_stop_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "AFTER_FAULT_S", 600.0)
    monkeypatch.setattr(loop_module, "LONGEST_AFTER_FAULT_S", 600.0)
    worker = Stepping(fail(Transient("down")))
    with capture_logs(), running(worker) as loop:
        until(lambda: loop.fault == "down", 10, "the fault")
    assert worker.taken == 1


def test_waits_after_faults_grow_but_stay_below_the_watchdogs_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    worker = Stepping(*[fail(Transient("down"))] * 12)
    loop = Loop(worker)

    def remember(wait_s: float | None = None) -> bool:
        waits.append(wait_s)
        if not worker.steps:
            loop.stop()
        return True

    monkeypatch.setattr(loop._stop, "wait", remember)
    with capture_logs():
        loop.start()
        assert loop.join(10)
    assert waits[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert set(waits[5:]) == {20.0}


def test_a_worker_that_hangs_grows_old_and_joining_says_so() -> None:
    worker = Stepping()
    loop = Loop(worker)
    loop.start()
    until(lambda: loop.beat_age_s() > 0.1, 10, "it to grow old")
    loop.stop()
    assert not loop.join(0.01)
    worker.end.set()
    assert loop.join(10)


def test_it_is_no_reason_for_the_process_to_stay() -> None:
    worker = Stepping()
    with running(worker):
        (thread,) = [thread for thread in threading.enumerate() if thread.name == "stepping"]
        assert thread.daemon

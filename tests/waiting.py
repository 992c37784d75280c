"""Waiting for something to become true, with a deadline: what tests do instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

POLL_S = 0.05

T = TypeVar("T")


class WaitedInVain(AssertionError):
    """It did not become true in time."""


def until(condition: Callable[[], T], within_s: float, what: str) -> T:
    """The first truthy answer of `condition`, asked again and again.

    Raises WaitedInVain, naming `what`, when there is none within `within_s`.
    """
    deadline = time.monotonic() + within_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise WaitedInVain(f"waited {within_s:g} s for {what}; the last answer was {answer!r}")
        time.sleep(POLL_S)

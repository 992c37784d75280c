"""Looks up what a decision needs. Several work side by side; the item waits, never the queue."""

from __future__ import annotations

import random
from collections.abc import Callable

import structlog

from daemon.workers.desk import Desk
from integrations.contract import Lookup, Transient

log = structlog.get_logger()

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 60.0


class Looker:
    """One worker at the desk."""

    def __init__(
        self, desk: Desk, lookup: Lookup, random: random.Random, *, name: str, trouble: Callable[[str], None]
    ) -> None:
        self.name = name
        self._desk = desk
        self._lookup = lookup
        self._random = random
        self._trouble = trouble
        self._failed = 0

    def step(self, wait_s: float) -> bool:
        """Look up one order."""
        order = self._desk.take(wait_s)
        if order is None:
            return False
        try:
            facts = self._lookup.look(order.need)
        except Transient as error:
            self._failed += 1
            self._trouble(str(error))
            tries = max(self._failed, order.tries + 1)  # the server's trouble, or that of this item alone
            longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(tries, 10))
            self._desk.put_back(order, longest * self._random.uniform(0.5, 1.0))
            return True
        except BaseException:
            self._desk.put_back(order, LONGEST_RETRY_S)
            raise
        self._failed = 0
        self._trouble("")
        self._desk.bring(order, facts)
        return True

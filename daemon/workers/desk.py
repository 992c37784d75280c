"""Where the decider leaves what must be looked up and finds what was: one look per item, however many events wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from rules.facts import Facts, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A look wanted for the events of an item up to the number `upto`. `tries`: how often it was in vain."""

    need: Need
    upto: int
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look brought; `facts` is None where in the end nothing had to be looked up."""

    item: str
    upto: int
    facts: Facts | None


class Desk:
    """Thread-safe. `arrived` is called whenever something was found; `monotonic` gives seconds."""

    def __init__(self, arrived: Callable[[], None], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._arrived = arrived
        self._monotonic = monotonic
        self._orders: dict[str, Order] = {}
        self._later: dict[str, float] = {}  # item to monotonic seconds before which it is not tried again
        self._taken: set[str] = set()
        self._found: deque[Found] = deque()
        self._more = threading.Condition()

    def want(self, order: Order) -> None:
        """Leave an order; a newer one for the same item takes the place of one not yet begun."""
        with self._more:
            self._orders[order.need.item] = order
            self._more.notify()

    def take(self, wait_s: float) -> Order | None:
        """The oldest order that is due and whose item nobody looks at."""
        with self._more:
            order = self._due()
            if order is None:
                self._more.wait(wait_s)
                order = self._due()
            if order:
                del self._orders[order.need.item]
                self._taken.add(order.need.item)
            return order

    def bring(self, order: Order, facts: Facts) -> None:
        """Here is what was asked for."""
        with self._more:
            self._taken.discard(order.need.item)
            self._later.pop(order.need.item, None)
            self._found.append(Found(item=order.need.item, upto=order.upto, facts=facts))
            self._more.notify()
        self._arrived()

    def nothing_needed(self, item: str, upto: int) -> None:
        """The events of an item can be decided without a look."""
        with self._more:
            self._found.append(Found(item=item, upto=upto, facts=None))

    def put_back(self, order: Order, after_s: float) -> None:
        """It could not be had now."""
        with self._more:
            self._taken.discard(order.need.item)
            self._later[order.need.item] = self._monotonic() + after_s
            self._orders.setdefault(order.need.item, replace(order, tries=order.tries + 1))
            self._more.notify()

    def found(self) -> list[Found]:
        """All that was found since the last call."""
        with self._more:
            found = list(self._found)
            self._found.clear()
            return found

    def _due(self) -> Order | None:
        now = self._monotonic()
        free = (order for item, order in self._orders.items() if item not in self._taken)
        return next((order for order in free if self._later.get(order.need.item, 0.0) <= now), None)

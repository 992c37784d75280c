"""Recorded stream lines through the real deciding code: no journal, no network, the events' own clock.

Accounts exist and may read, a person's id is their username (else e-mail), and what was asked before counts as done.
Between two events time passes: whatever falls due is decided at its own instant, as event `Tick`. After the last event
nothing more falls due. What stands still, or is only observed, is looked at again when its change's next event comes,
not by the hour: nothing that a recording knows changes in between.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from daemon.replayed_world import Files, ReplayedWorld
from integrations.contract import Malformed
from rules.engine import decide, needs
from rules.events import ChangeEvent, Event, Tick, item_of
from rules.facts import Facts, Need, together
from rules.state import Book, Case
from rules.verdicts import Decision, Settings

MOST_TICKS = 50
"""Of one item at one instant: a ladder has fewer steps."""


class EndlessTicks(Exception):
    """Something falls due again and again, and nothing that is decided about it moves it."""


class Replay:
    """Decides event by event. Counts what it could not read."""

    def __init__(self, parse: Callable[[bytes], Event | None], settings: Settings, files: Files) -> None:
        self._parse = parse
        self._settings = settings
        self._world = ReplayedWorld(settings, files)
        self._book = Book()
        self._due: list[tuple[datetime, str]] = []  # a heap of instants and items; some are out of date
        self._ticks: tuple[tuple[datetime, str] | None, int] = (None, 0)  # the last ones, and how many
        self._now: datetime | None = None
        self.read = 0
        self.malformed = 0

    @property
    def without_files(self) -> set[tuple[int, int]]:
        """Patch sets whose files a rule asked for, and none were given."""
        return self._world.without_files

    def run(self, lines: Iterable[bytes]) -> Iterator[Decision]:
        """A decision for each event that a rule looked at, in order. Raises EndlessTicks."""
        for line in lines:
            yield from self.hear(line)

    def hear(self, line: bytes) -> Iterator[Decision]:
        """What is decided as one line is heard: first on what fell due before it. Raises EndlessTicks."""
        self.read += 1
        try:
            event = self._parse(line)
        except Malformed:
            self.malformed += 1
            return
        if event is None:
            return
        for tick in self._ticks_until(event.at):
            yield from self._told(tick)
        yield from self._told(event)

    def _told(self, event: Event) -> Iterator[Decision]:
        decision = self._decide(event)
        if decision.looked:
            yield decision

    def _ticks_until(self, at: datetime) -> Iterator[Tick]:
        """Whatever falls due by then, one after the other: deciding one may make another."""
        while self._due and self._due[0][0] <= at:
            due, item = heapq.heappop(self._due)
            cases = self._waiting(item)
            if not cases or cases[0].due != due:
                continue  # it was decided since: where something is due still, that stands there on its own
            now = max(due, self._now or due)
            self._count_tick(now, item)
            yield Tick(at=now, item=item, repo=cases[0].repo, because=f"{cases[0].slot} is due")

    def _count_tick(self, at: datetime, item: str) -> None:
        last, count = self._ticks
        self._ticks = (at, item), count + 1 if last == (at, item) else 1
        if self._ticks[1] > MOST_TICKS:
            raise EndlessTicks(f"{item} is still due at {at:%Y-%m-%d %H:%M:%S} after {MOST_TICKS} decisions on it")

    def _waiting(self, item: str) -> list[Case]:
        """The cases of an item that fall due some time, the first one first."""
        cases = [case for case in self._book.cases(item) if case.due and _moves(case)]
        return sorted(cases, key=lambda case: (case.due, case.key))

    def _decide(self, event: Event) -> Decision:
        item, self._now = item_of(event), event.at
        if isinstance(event, ChangeEvent):
            self._world.hear(event)
        if not self._book.knows(item):
            self._book.learn(item)
        if self._settings.since is None:
            self._settings = replace(self._settings, since=event.at)
        need = needs(event, self._settings, self._book, event.at)
        facts = self._look_enough(need, event) if need and self._world.knows(item) else None
        decision = decide(event, facts, self._settings, self._book, event.at)
        self._world.did(decision.actions, event.at)
        for changed in dict.fromkeys((item, *(case.item for case in decision.effects.cases))):
            if waiting := self._waiting(changed):
                assert waiting[0].due  # noqa: S101
                heapq.heappush(self._due, (waiting[0].due, changed))
        return decision

    def _look_enough(self, need: Need, event: Event) -> Facts:
        """What the event's rules need, and those that take the change as it is shown then."""
        facts = self._world.look(need, event.at)
        shown = needs(event, self._settings, self._book, event.at, facts)
        enough = together((need, shown))
        return self._world.look(enough, event.at) if shown and enough else facts


def _moves(case: Case) -> bool:
    """Whether time alone can bring something about."""
    return case.waits and not case.observed and (case.state == "snoozed" or case.paused is None)

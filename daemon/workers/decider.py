"""The one decider: reads what was heard in order, decides, and records a batch in one transaction.

An event that needs a look-up waits with its item; later events of that item wait behind it, everything else goes on.
What waits is in the journal, so nothing of this object needs to survive: after any fault it starts anew from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from daemon import own_events
from daemon.journal.deciding import Batch, Deciding
from daemon.journal.intake import Intake, Line
from daemon.workers.desk import Desk, Found, Order
from integrations.contract import Heard, Malformed
from rules.engine import decide, needs
from rules.events import Event, item_of
from rules.facts import Facts, Need
from rules.state import Book
from rules.verdicts import Settings

log = structlog.get_logger()

AT_ONCE = 256
RETRY_UNROUTED = timedelta(hours=1)

Parse = Callable[[bytes], Event | None]


@dataclass(slots=True)
class _Run:
    """What the decider knows since it started anew."""

    book: Book
    upto: int
    waiting: dict[str, deque[tuple[int, Event]]] = field(default_factory=dict)
    needed: dict[int, tuple[Settings, Need | None]] = field(default_factory=dict)  # of the first event of an item


class Decider:
    """`settings` is asked before each step, so that a reload takes effect between two decisions."""

    name = "decider"

    def __init__(
        self,
        intake: Intake,
        deciding: Deciding,
        desk: Desk,
        parsers: Mapping[str, Parse],
        settings: Callable[[], Settings],
        clock: Callable[[], datetime],
    ) -> None:
        self._intake = intake
        self._deciding = deciding
        self._desk = desk
        self._parsers = {own_events.SOURCE: own_events.parse, **parsers}
        self._settings = settings
        self._clock = clock
        self._run: _Run | None = None
        self._ticked_for: tuple[object, ...] | None = None
        self._ticked_at = clock()

    def step(self, wait_s: float) -> bool:
        """Decide what can be decided now. Raises Transient where the journal cannot be written."""
        try:
            run = self._run or self._start()
            found = self._desk.found()
            lines = self._intake.next(run.upto, AT_ONCE)
            if found or lines:
                self._decide(run, found, lines)
                return True
            self._tick(run)
        except BaseException:
            self._run = None  # what the desk brought is lost: it is asked for again
            raise
        self._intake.wait(wait_s)
        return False

    def _start(self) -> _Run:
        """From the journal alone: what waits there is parsed again and asked for again."""
        run = _Run(book=self._deciding.book(), upto=self._deciding.upto())
        batch = Batch(upto=run.upto)
        for line in self._intake.lines([seq for seq, _ in self._deciding.waiting()]):
            event = self._read(line, batch)
            if event is None:  # pruned meanwhile, or not to be read by this version
                batch.waited.append(line.seq)
            else:
                run.waiting.setdefault(item_of(event), deque()).append((line.seq, event))
        if batch:
            self._deciding.record(batch)
        self._deciding.refresh(run.book, run.waiting)
        for item in run.waiting:
            self._order(run, item)
        self._run = run
        return run

    def _decide(self, run: _Run, found: list[Found], lines: list[Line]) -> None:
        batch = Batch(upto=lines[-1].seq if lines else run.upto)
        read = [(line.seq, event) for line in lines if (event := self._read(line, batch)) is not None]
        self._deciding.refresh(run.book, [item_of(event) for _, event in read] + [one.item for one in found])
        for one in found:
            self._answered(run, one, batch)
        for seq, event in read:
            self._new(run, seq, event, batch)
        self._deciding.record(batch)
        run.upto = batch.upto
        for item in dict.fromkeys([item for _, item, _ in batch.waits] + [one.item for one in found]):
            self._order(run, item)

    def _read(self, line: Line, batch: Batch) -> Event | None:
        try:
            event = self._parse(line)
        except Malformed as error:
            batch.malformed.append((line.seq, str(error)))
            log.warning("heard.malformed", source=line.source, seq=line.seq, because=str(error))
            return None
        if event is None:
            batch.ignored += 1
        elif "\0" in item_of(event):  # no text to PostgreSQL
            batch.malformed.append((line.seq, "there is a NUL in the name of its item"))
            return None
        return event

    def _parse(self, line: Line) -> Event | None:
        if line.raw is None:
            return None
        parse = self._parsers.get(line.source)
        if parse is None:
            raise Malformed(f"nobody reads source {line.source}")
        return parse(line.raw)

    def _new(self, run: _Run, seq: int, event: Event, batch: Batch) -> None:
        item = item_of(event)
        if item in run.waiting or self._need(run, seq, event):
            run.waiting.setdefault(item, deque()).append((seq, event))
            batch.waits.append((seq, item, self._clock()))
        else:
            self._settle(run, seq, event, None, batch)

    def _need(self, run: _Run, seq: int, event: Event) -> Need | None:
        """What the first event of an item needs: the same until it is decided or the settings change."""
        settings = self._settings()
        asked_by, need = run.needed.get(seq, (None, None))
        if asked_by is not settings:
            need = needs(event, settings, run.book, self._clock())
            if need:
                run.needed[seq] = settings, need
        return need

    def _answered(self, run: _Run, found: Found, batch: Batch) -> None:
        """Decide the item's events in order, as far as what was looked up is new enough and enough."""
        queue = run.waiting.get(found.item, deque())
        while queue:
            seq, event = queue[0]
            need = self._need(run, seq, event)
            if need and (seq > found.upto or not self._answers(run, seq, event, found.facts, need)):
                break
            queue.popleft()
            run.needed.pop(seq, None)
            batch.waited.append(seq)
            self._settle(run, seq, event, found.facts if need else None, batch)
        if not queue:
            run.waiting.pop(found.item, None)

    def _answers(self, run: _Run, seq: int, event: Event, facts: Facts | None, need: Need) -> bool:
        """Whether the facts are enough, also for the rules that take the change as they show it."""
        if facts is None or not _enough(facts, need):
            return False
        settings = self._settings()
        shown = needs(event, settings, run.book, self._clock(), facts)
        if shown is None or _enough(facts, shown):
            return True
        people = tuple({person.key: person for person in (*need.people, *shown.people)}.values())
        run.needed[seq] = settings, replace(need, files=need.files or shown.files, people=people)
        return False

    def _settle(self, run: _Run, seq: int, event: Event, facts: Facts | None, batch: Batch) -> None:
        decision = decide(event, facts, self._settings(), run.book, self._clock())
        batch.decided.append((seq, decision, facts))
        for pause in decision.effects.pauses:
            log.error("asking.paused", scope=pause.scope, because=pause.because, remedy=f"czar resume {pause.scope}")
        for verdict in decision.verdicts:
            if verdict.outcome == "fail":
                log.error("rule.failed", item=decision.item, rule=verdict.rule, because=verdict.because)

    def _order(self, run: _Run, item: str) -> None:
        """Ask for what the first waiting event of the item needs; new enough for all that wait."""
        queue = run.waiting.get(item)
        if not queue:
            return
        need = self._need(run, *queue[0])
        if need is None:  # settings changed meanwhile: decided at the next round, with nothing to look up
            self._desk.nothing_needed(item, queue[-1][0])
            return
        self._desk.want(Order(need=need, upto=queue[-1][0]))

    def _tick(self, run: _Run) -> None:
        """What nobody could be asked for is tried again: at start, when settings or pauses change, and once an hour."""
        self._deciding.refresh(run.book, ())
        settings = self._settings()
        reason = (settings.version, settings.changes.roster.revision, frozenset(run.book.paused))
        if reason == self._ticked_for and self._clock() - self._ticked_at < RETRY_UNROUTED:
            return
        due = self._deciding.unrouted()
        if due:
            at = self._clock()
            raws = [own_events.tick(item, repo, f"was unrouted: {because}", at) for item, repo, because in due]
            things = [Heard(sequence=n, raw=raw) for n, raw in enumerate(raws)]
            self._intake.hear(own_events.SOURCE, "decider", things)
        self._ticked_for, self._ticked_at = reason, self._clock()


def _enough(facts: Facts, need: Need) -> bool:
    """Whether what was looked up answers a need that may have grown since."""
    if facts.change is None:
        return True
    known = all(person.key in facts.accounts for person in need.people)
    return known and (not need.files or facts.change.files is not None)

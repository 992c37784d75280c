"""The one decider: reads what was heard in order, decides, and records a batch in one transaction.

An event that needs a look-up waits with its item; later events of that item wait behind it, everything else goes on.
What waits is in the journal, so nothing of this object needs to survive: after any fault it starts anew from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from daemon import own_events
from daemon.journal.deciding import Batch, Deciding
from daemon.journal.intake import Intake, Line
from daemon.workers.desk import Desk, Found, Order
from daemon.workers.gates import Gates, releases_in, tag_of
from integrations.contract import Heard, Malformed
from rules.affinity import siblings
from rules.catalogue.climb import gone
from rules.engine import NO_FACTS, decide, needs
from rules.events import Event, Tick, item_of
from rules.facts import Facts, Need, together
from rules.judging import Judging
from rules.state import Book
from rules.verdicts import Settings

log = structlog.get_logger()

AT_ONCE = 256
LOOK_FOR_DUE = timedelta(seconds=1)
LOOK_FOR_GONE = timedelta(minutes=1)
RETRY = timedelta(hours=1)
"""How often what came to nothing is tried again: nobody to ask, nobody to hand over to."""

_NEVER = datetime.min.replace(tzinfo=UTC)

Parse = Callable[[bytes], Event | None]


@dataclass(slots=True)
class _Run:
    """What the decider knows since it started anew."""

    book: Book
    upto: int
    waiting: dict[str, deque[tuple[int, Event]]] = field(default_factory=dict)
    needed: dict[int, tuple[Settings, Need | None]] = field(default_factory=dict)  # of the first event of an item
    ticked: set[str] = field(default_factory=set)  # items whose tick is on its way
    gates: Gates = field(default_factory=Gates)


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
        self._sweep = _Sweep()

    def step(self, wait_s: float) -> bool:
        """Decide what can be decided now. Raises Transient where the journal cannot be written."""
        try:
            run = self._run or self._start()
            found = self._desk.found()
            lines = self._intake.next(run.upto, AT_ONCE)
            if found or lines:
                self._decide(run, found, lines)
            self._tick(run)
            if found or lines:
                return True
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
                if isinstance(event, Tick):
                    run.ticked.add(event.item)
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
        self._deciding.learn(run.book, [item for one in found for item in siblings(one.facts)])
        self._learn_ledger(run, found, [item_of(event) for _, event in read])
        for one in found:
            self._answered(run, one, batch)
        for seq, event in read:
            self._new(run, seq, event, batch)
        self._deciding.record(batch)
        run.gates.recorded(batch, run.book)
        run.upto = batch.upto
        for item in dict.fromkeys([item for _, item, _ in batch.waits] + [one.item for one in found]):
            self._order(run, item)

    def _learn_ledger(self, run: _Run, found: list[Found], read: list[str]) -> None:
        """All that the ledger has on what the decisions may be about."""
        items = [one.item for one in found] + read
        self._deciding.learn_gates(run.book, items)
        self._deciding.learn_releases(run.book, [release for one in found for release in releases_in(one.facts)])
        self._deciding.learn_tags(run.book, [tag for item in items if (tag := tag_of(item))])

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
        run.needed[seq] = settings, together((need, shown))
        return False

    def _settle(self, run: _Run, seq: int, event: Event, facts: Facts | None, batch: Batch) -> None:
        if isinstance(event, Tick):
            run.ticked.discard(event.item)
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
        """What the clock brings about: steps of ladders, people who are gone, what nobody could be asked for.

        What could not be written down is tried again at the next step.
        """
        now, settings = self._clock(), self._settings()
        sweep = self._sweep
        if settings is sweep.settings and now - sweep.due_at < LOOK_FOR_DUE:
            return
        self._deciding.refresh(run.book, ())
        new = _Sweep(settings=settings, due_at=now, tried=_circumstances(settings, run.book, now))
        new.full = frozenset(_full(settings, run.book))
        changed = new.tried != sweep.tried or not sweep.full <= new.full
        ticks: dict[tuple[str, str], str] = {}
        new.tried_at = sweep.tried_at
        if changed or now - sweep.tried_at >= RETRY:
            new.tried_at = now
            ticks |= {(item, repo): f"was unrouted: {because}" for item, repo, because in self._deciding.unrouted()}
        new.gone, new.gone_at = sweep.gone, sweep.gone_at
        if changed or now - sweep.gone_at >= LOOK_FOR_GONE:
            new.gone, new.gone_at = dict(self._gone(run, settings, now)), now
            ticks |= {where: because for where, (because, at) in new.gone.items() if at == now}
        ticks |= {(item, repo): because for item, repo, because in self._deciding.due(now)}
        ticks |= run.gates.ticks(run.book, new.tried, now)
        self._hear(run, ticks, now)
        self._sweep = new

    def _hear(self, run: _Run, ticks: Mapping[tuple[str, str], str], now: datetime) -> None:
        """As events, but for items whose tick is on its way."""
        fresh = {where: because for where, because in ticks.items() if where[0] not in run.ticked}
        raws = [own_events.tick(item, repo, because, now) for (item, repo), because in fresh.items()]
        self._intake.hear(own_events.SOURCE, "decider", [Heard(sequence=n, raw=raw) for n, raw in enumerate(raws)])
        run.ticked.update(item for item, _ in fresh)

    def _gone(
        self, run: _Run, settings: Settings, now: datetime
    ) -> Iterator[tuple[tuple[str, str], tuple[str, datetime]]]:
        """Open cases whose person does not answer for them any more (away, opted out, off duty, off the roster), and
        when that was said: now, if it is news or has come to nothing for a while.
        """
        for case in self._deciding.open():
            judging = Judging(
                item=case.item, repo=case.repo, view=None, facts=NO_FACTS, settings=settings, book=run.book, now=now
            )
            if because := gone(case, judging):
                told = f"{case.person} {because}"
                said, at = self._sweep.gone.get((case.item, case.repo), ("", now))
                yield (case.item, case.repo), (told, at if said == told and now - at < RETRY else now)


@dataclass(slots=True, kw_only=True)
class _Sweep:
    """The last look at what the clock brings about."""

    settings: Settings | None = None
    due_at: datetime = _NEVER
    tried: tuple[object, ...] = ()  # by what it was known who is available
    tried_at: datetime = _NEVER
    full: frozenset[str] = frozenset()  # who had as much as they want
    gone: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)  # (item, repo): who, said when
    gone_at: datetime = _NEVER


def _circumstances(settings: Settings, book: Book, now: datetime) -> tuple[object, ...]:
    """When this changes, somebody may have become available."""
    roster = settings.changes.roster.revision
    trouble = settings.roster_trouble
    return settings.version, roster, trouble, frozenset(book.paused), book.arrangements, now.date()


def _full(settings: Settings, book: Book) -> Iterator[str]:
    """Who has as much as they want: when it gets less, somebody may be asked again."""
    for person in settings.changes.roster.people.values():
        cap = person.cap.get("change")
        if cap is not None and book.turns(person.key) >= cap:
            yield person.key


def _enough(facts: Facts, need: Need) -> bool:
    """Whether what was looked up answers a need that may have grown since."""
    change = facts.change
    if change is None:
        return True
    return (
        all(person.key in facts.accounts for person in need.people)
        and not (need.files and change.files is None)
        and not (need.related and change.related is None)
        and not (need.listen and change.messages is None)
        and not (need.lines_of and change.lines is None)
        and not (need.request and change.request is None)
        and not (need.turns and not all(person.key in (facts.turns or {}) for person in need.people))
    )

"""Deciding: a pure function of event, facts, book and settings. Same input, same decision, for ever.

`needs` says what must be looked up first; `decide` asks every policy of the catalogue and puts together what they say.
"""

from __future__ import annotations

from datetime import datetime

from rules.asking import Judging, Slot
from rules.catalogue.follow import follow
from rules.catalogue.route import needs as route_needs
from rules.catalogue.route import route, view_of
from rules.events import JUDGED, AskRefused, ChangeDeleted, ChangeEvent, ChangeSeen, Event, Tick, item_of
from rules.facts import Facts, Need
from rules.state import Book, Effects
from rules.verdicts import Decision, Settings

NO_FACTS = Facts(change=None)


def needs(event: Event, settings: Settings, book: Book, now: datetime, facts: Facts | None = None) -> Need | None:
    """What to look up before `decide`, None where the event and the book are enough.

    With `facts`, what deciding by them needs: they may show a change that other rules take than the event did.
    """
    if not _is_judged(event) or (facts and facts.change and facts.change.status != "NEW"):
        return None
    ending = follow(event, facts, settings, book).cases
    return route_needs(_judging(event, facts, settings, book, now), ending)


def decide(event: Event, facts: Facts | None, settings: Settings, book: Book, now: datetime) -> Decision:
    """All verdicts on the event and what follows; the book takes over what was decided."""
    item = item_of(event)
    ended = follow(event, facts, settings, book)
    book.apply(ended)
    if not _is_judged(event) or (facts and facts.change and facts.change.status != "NEW"):
        return Decision(event=type(event).__name__, item=item, at=now, effects=ended, version=settings.version)
    slots, actions, would = route(_judging(event, facts, settings, book, now))
    opened = _effects(slots)
    book.apply(opened)
    return Decision(
        event=type(event).__name__,
        item=item,
        at=now,
        verdicts=tuple(slot.verdict for slot in slots if slot.verdict),
        passed=tuple(passed for slot in slots for passed in slot.passed),
        actions=actions,
        would=would,
        effects=_together(ended, opened),
        version=settings.version,
        revision=settings.changes.roster.revision,
    )


def _is_judged(event: Event) -> bool:
    if isinstance(event, ChangeSeen) and event.change.status != "NEW":
        return False
    return isinstance(event, JUDGED) and not isinstance(event, ChangeDeleted)


def _judging(event: Event, facts: Facts | None, settings: Settings, book: Book, now: datetime) -> Judging:
    return Judging(
        item=item_of(event),
        repo=_repo(event),
        view=view_of(event, facts, settings.changes.roster),
        facts=facts or NO_FACTS,
        settings=settings,
        book=book,
        now=now,
    )


def _repo(event: Event) -> str:
    if isinstance(event, ChangeEvent):
        return event.change.repo
    return event.repo if isinstance(event, Tick | AskRefused) else ""


def _effects(slots: tuple[Slot, ...]) -> Effects:
    return Effects(
        cases=tuple(case for slot in slots for case in slot.cases),
        pauses=tuple(pause for slot in slots for pause in slot.pauses),
    )


def _together(first: Effects, second: Effects) -> Effects:
    return Effects(
        cases=first.cases + second.cases,
        declined=first.declined + second.declined,
        pauses=first.pauses + second.pauses,
    )

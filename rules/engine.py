"""Deciding: a pure function of event, facts, book and settings. Same input, same decision, for ever.

`needs` says what must be looked up first; `decide` asks every policy of the catalogue in turn, each seeing what those
before it came to, and puts together what they say.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rules.catalogue import audit, climb, commands, final_say, route, sign_off, watch
from rules.catalogue.follow import follow
from rules.command_lines import listens_to, may_be_told
from rules.events import (
    JUDGED,
    AskRefused,
    BacklogSeen,
    ChangeDeleted,
    ChangeEvent,
    ChangeSeen,
    CommentAdded,
    Event,
    Tick,
    VoteRemoved,
    item_of,
)
from rules.facts import Facts, Need, together
from rules.judging import Judging, Ruling
from rules.state import Book, Effects
from rules.telling import ask_people, without_the_asked
from rules.verdicts import Decision, Settings

NO_FACTS = Facts(change=None)
LOOKED_AT = (*JUDGED, VoteRemoved)


def needs(event: Event, settings: Settings, book: Book, now: datetime, facts: Facts | None = None) -> Need | None:
    """What to look up before `decide`, None where the event and the book are enough.

    With `facts`, what deciding by them needs: they may show a change that other rules take than the event did.
    """
    if _is_plain(event, settings, book, now):
        return audit.needs(event, settings, book)
    judging = _judging(event, facts, settings, book, now)
    said = together((commands.needs(event, judging), sign_off.needs(event, judging)))
    if _is_over(event, facts):
        return said
    ending = book.cases(item_of(event)) if said else follow(event, facts, settings, book).cases
    asks = route.needs(judging, ending) if said or isinstance(event, JUDGED) else None
    others = (policy.needs(event, judging) for policy in (climb, final_say, watch))
    return together((said, asks, *others))


def decide(event: Event, facts: Facts | None, settings: Settings, book: Book, now: datetime) -> Decision:
    """All verdicts on the event and what follows; the book takes over what was decided."""
    plain = _is_plain(event, settings, book, now)
    ended = follow(event, facts, settings, book)
    if plain:
        book.apply(ended)
        tag = audit.audit(event, facts, settings, book, now)
        book.apply(tag.effects)
        return _plain_decision(event, tag, ended, settings, now)
    judging = _judging(event, facts, settings, book, now)
    before = _stand(book, judging.item) if isinstance(event, Tick) else ()
    ruling = Ruling(effects=ended)
    book.apply(ended)
    ruling += commands.obey(event, judging)
    ruling += sign_off.note(event, judging)
    over = _is_over(event, facts)
    if not over:
        ruling += _follow_up(event, judging, told=bool(ruling.notes))
    ruling += _applied(sign_off.show(event, judging), judging)
    idle = not ruling.notes and not ruling.effects.read and _stand(book, judging.item) == before
    if isinstance(event, Tick) and idle:
        ruling = Ruling(effects=ruling.effects)  # it was only looked, and nothing is new
    return _decision(event, ruling, watch.NOTHING if over else watch.watch(event, judging), judging)


def _plain_decision(event: Event, tag: Ruling, ended: Effects, settings: Settings, now: datetime) -> Decision:
    """Of an event that no policy for changes looks at; what a tag came to (`tag`) is told, if it is one."""
    return Decision(
        event=type(event).__name__,
        item=item_of(event),
        at=now,
        actions=tag.actions,
        effects=ended + tag.effects,
        notes=tag.notes,
        version=settings.version,
    )


def _is_plain(event: Event, settings: Settings, book: Book, now: datetime) -> bool:
    """Most of a stream: such an event may close cases, but no policy for changes looks at it, and nothing is due."""
    if isinstance(event, LOOKED_AT) or sign_off.concerns(event, _repo(event), settings):
        return False
    if any(case.paused or (case.due and case.due <= now) for case in book.cases(item_of(event)) if case.waits):
        return False
    if not isinstance(event, CommentAdded):
        return True
    voted = any(vote.old is not None for vote in event.votes)
    return not voted and not may_be_told(event.text, listens_to(settings.term))


def _stand(book: Book, item: str) -> tuple[object, ...]:
    """The cases of an item and its gate but for when they are looked at next."""
    gate = book.gate(item)
    return (*(replace(case, due=None) for case in book.cases(item)), replace(gate, due=None) if gate else None)


def _follow_up(event: Event, judging: Judging, *, told: bool) -> Ruling:
    """What is asked already is followed up first: a place that becomes free is filled in the same decision."""
    ruling = climb.climb(event, judging)
    if told or isinstance(event, JUDGED):
        ruling += _applied(route.route(judging), judging)
    return ruling + _applied(final_say.final_say(event, judging), judging)


def _applied(ruling: Ruling, judging: Judging) -> Ruling:
    judging.book.apply(ruling.effects)
    return ruling


def _decision(event: Event, ruling: Ruling, news: watch.Told, judging: Judging) -> Decision:
    asked = ask_people([one for one in ruling.asked if not one.case.observed], judging)
    observed = ask_people([one for one in ruling.asked if one.case.observed], judging)
    acts, actions = judging.acts_here, without_the_asked(ruling.actions, judging)
    return Decision(
        event=type(event).__name__,
        item=judging.item,
        at=judging.now,
        verdicts=ruling.verdicts,
        passed=ruling.passed,
        actions=(*asked, *(actions if acts else ()), *news.actions),
        would=(*observed, *(() if acts else actions), *news.would),
        effects=ruling.effects,
        notes=ruling.notes + news.notes,
        version=judging.settings.version,
        revision=judging.settings.changes.roster.revision if ruling.verdicts or ruling.passed else "",
    )


def _is_over(event: Event, facts: Facts | None) -> bool:
    """Whether the change is open no longer, by what was looked up or by the event itself."""
    if facts and facts.change:
        return facts.change.status != "NEW"
    return isinstance(event, ChangeDeleted) or (isinstance(event, ChangeSeen) and event.change.status != "NEW")


def _judging(event: Event, facts: Facts | None, settings: Settings, book: Book, now: datetime) -> Judging:
    item = item_of(event)
    return Judging(
        item=item,
        repo=_repo(event),
        view=route.view_of(event, facts, settings.changes.roster),
        facts=facts or NO_FACTS,
        settings=settings,
        book=book,
        now=now,
        taken_up=isinstance(event, BacklogSeen) or bool(book.cases(item)),
    )


def _repo(event: Event) -> str:
    if isinstance(event, ChangeEvent):
        return event.change.repo
    return event.repo if isinstance(event, Tick | AskRefused) else ""

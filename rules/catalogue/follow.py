"""Policy `follow`: what people and the server do about an ask changes its case.

Any act of the asked person answers it; merging, abandoning and deleting end it; whoever is taken off or refused is not
asked again for that item.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rules.command_lines import command_lines, listens_to
from rules.events import (
    Account,
    AskRefused,
    ChangeAbandoned,
    ChangeDeleted,
    ChangeEvent,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    Event,
    ReviewerRemoved,
    item_of,
)
from rules.facts import Facts
from rules.roster import Roster
from rules.signoff.standing import asks_for_sign_off
from rules.state import Book, Case, Declined, Effects, close
from rules.verdicts import Settings

ENDS: dict[type[Event], str] = {ChangeMerged: "merged", ChangeAbandoned: "abandoned", ChangeDeleted: "deleted"}
NOTHING = Effects()
STATUS_ENDS = {"MERGED": "merged", "ABANDONED": "abandoned"}


def follow(event: Event, facts: Facts | None, settings: Settings, book: Book) -> Effects:
    """The cases that the event or what was looked up ends or opens again, and who is not to be asked any more."""
    refusal = _refusal(event, settings, book)
    cases = book.cases(item_of(event))
    if end := _end(event, facts):
        refused = {case.key for case in refusal.cases}
        over = (case for case in cases if case.state != "closed" and case.key not in refused)
        closed = tuple(close(case, end, f"the change was {end}") for case in over)
        return Effects(cases=refusal.cases + closed, declined=refusal.declined)
    if refusal is not NOTHING:
        return refusal
    if not cases or not isinstance(event, ChangeEvent):
        return NOTHING
    if isinstance(event, ChangeSeen):
        return _missed(event, facts, cases, settings, book)
    if isinstance(event, CommentAdded) and _only_commands(event, settings):
        return NOTHING
    return Effects(cases=tuple(_changed(event, cases, settings.changes.roster)))


def _only_commands(event: CommentAdded, settings: Settings) -> bool:
    """Whoever tells us something has not reviewed the change by that."""
    voted = any(vote.old is not None for vote in event.votes)
    return not voted and bool(command_lines(event.text, listens_to(settings.term)))


def _refusal(event: Event, settings: Settings, book: Book) -> Effects:
    """Somebody is not to be asked about the item any more."""
    if isinstance(event, ReviewerRemoved):
        return _removed(event, event.reviewer, event.by, settings, book)
    return _refused(event, book) if isinstance(event, AskRefused) else NOTHING


def person_of(account: Account | None, roster: Roster) -> str | None:
    """Who of the roster that is: by username, which identifies; by e-mail where the username tells nobody."""
    if account is None:
        return None
    if account.username:
        known = roster.by_gerrit.get(account.username.lower())
        return known or roster.by_email.get(account.email.lower())
    return roster.by_email.get(account.email.lower())


def _end(event: Event, facts: Facts | None) -> str | None:
    """How the change ended, by the event or by what the server shows of it now."""
    if facts and facts.change:
        return STATUS_ENDS.get(facts.change.status)
    return ENDS.get(type(event)) or (STATUS_ENDS.get(event.change.status) if isinstance(event, ChangeSeen) else None)


def _changed(event: ChangeEvent, cases: tuple[Case, ...], roster: Roster) -> list[Case]:
    who = person_of(event.by, roster)
    if isinstance(event, ChangeRestored):
        open_again = {case.key: _reopened(case) for case in cases if case.end == "abandoned"}
        acted = _answered(who, _deed(event, who), open_again.values()) if who else []
        return [*(open_again | {case.key: case for case in acted}).values()]
    return _answered(who, _deed(event, who), cases) if who else []


def _answered(who: str, deed: str, cases: Iterable[Case]) -> list[Case]:
    """What somebody's act closes: what they were asked, and what a ladder asked others or them in its place."""
    waiting = [case for case in cases if case.waits and not asks_for_sign_off(case)]
    theirs = {case.slot: case for case in waiting if case.person == who}
    closed = []
    for case in waiting:
        mine = theirs.get(case.slot)
        if case.person == who:
            closed.append(close(case, "acted", deed))
        elif mine and (mine.added or case.added):
            closed.append(close(case, "answered", deed))
    return closed


def _reopened(case: Case) -> Case:
    return replace(case, state="open" if case.person else "unrouted", end="", because="restored")


def _deed(event: ChangeEvent, who: str | None) -> str:
    if not isinstance(event, CommentAdded):
        return f"{who} acted on the change ({type(event).__name__})"
    votes = ", ".join(f"{vote.label} {vote.value:+d}" for vote in event.votes if vote.old is not None)
    return f"{who} voted {votes}" if votes else f"{who} replied"


def _missed(event: ChangeSeen, facts: Facts | None, cases: tuple[Case, ...], settings: Settings, book: Book) -> Effects:
    """What catch-up tells of acts that may not have been heard. The change is open, so it was restored if abandoned."""
    roster = settings.changes.roster
    messages = (facts.change.messages or ()) if facts and facts.change else ()
    commands = {(person_of(one.by, roster), one.at) for one in messages if one.lines} | book.commanded(event.item)
    spoke = {(person_of(who, roster), at) for who, at in event.spoke} - commands
    restored = tuple(_reopened(case) for case in cases if case.end == "abandoned")
    waiting = [case for case in (*cases, *restored) if case.waits]
    acted = {
        case.person
        for case in waiting
        if any(who == case.person and at >= case.opened.replace(microsecond=0) for who, at in spoke)
    }
    answered = tuple(case for who in sorted(acted) for case in _answered(who, f"{who} replied", waiting))
    taken_off = [_removed(event, who, by, settings, book) for who, by in event.removed]
    return Effects(
        cases=restored + answered + tuple(case for effects in taken_off for case in effects.cases),
        declined=tuple(one for effects in taken_off for one in effects.declined),
    )


def _removed(event: ChangeEvent, reviewer: Account, by: Account | None, settings: Settings, book: Book) -> Effects:
    roster = settings.changes.roster
    who = person_of(reviewer, roster)
    remover = (by.username or by.email or "somebody") if by else "the server"
    if who is None or remover == settings.ourselves or who in book.declined(event.item):
        return NOTHING
    how = "declined" if person_of(by, roster) == who else "removed"
    because = "took themselves off the change" if how == "declined" else f"was taken off the change by {remover}"
    theirs = [case for case in book.cases(event.item) if case.person == who]
    cases = [case for case in theirs if case.waits or case.end in ("acted", "abandoned")]  # their slot is free again
    declined = Declined(item=event.item, person=who, how=how, because=because, at=event.at)
    return Effects(cases=tuple(close(case, "removed", because) for case in cases), declined=(declined,))


def _refused(event: AskRefused, book: Book) -> Effects:
    cases = [case for case in book.cases(event.item) if case.waits and case.person == event.person]
    because = f"the server refused: {event.why}"
    declined = Declined(item=event.item, person=event.person, how="refused", because=because, at=event.at)
    return Effects(cases=tuple(close(case, "refused", because) for case in cases), declined=(declined,))

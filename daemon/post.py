"""Who is told what, and when: from all that waits to the next message. Computes only; the clock is handed in.

What comes for one person within the batching window goes out together, not in their quiet hours, and only so many
times a day; what is over stays for the next message. After each message the next one waits for more to come up, unless
it is urgent. What can wait, and all for people who asked for quiet, is in the weekly digest. A reminder of what waits
for them no longer is dropped. What may have been sent already is sent again as it was, alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from daemon.config.service import Notify
from daemon.hours import digest_due
from daemon.journal.telling import Notice, Waiting
from rules.arrangements import arranged, quiet
from rules.roster import Person, Roster, local_date
from rules.state import ENDS, Case

APART = 30
"""So many times the batching window lies between two messages: an hour where that is two minutes."""
URGENT = frozenset({"embargo", "security", "gate", "signoff"})
"""Reasons that do not wait for more to come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is to be done for one person: notices sent in one message, or refused where `refusal` says why they are told
    nothing, or dropped where `needless` says why these need not be told any more.

    `digest`: it is the weekly one, which was due then.
    """

    person: str
    notices: tuple[Notice, ...] = ()
    digest: datetime | None = None
    refusal: str = ""
    needless: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the actions."""
        return tuple(notice.action.key for notice in self.notices)

    @property
    def tries(self) -> int:
        """How often one of them was tried."""
        return max((notice.tries for notice in self.notices), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what it is decided. `started`: digests that were due before were not ours to send."""

    roster: Roster
    notify: Notify
    started: datetime


def next_piece(waiting: Waiting, rules: Rules, now: datetime, but: frozenset[str] = frozenset()) -> Piece | None:
    """What to do first, for nobody of `but`; None where nothing is to be done now."""
    rules = replace(rules, roster=arranged(rules.roster, waiting.arrangements))
    return next((piece for piece in _pieces(waiting, rules, now) if piece.person not in but), None)


def today(person: Person, now: datetime) -> date:
    """The day it is for them."""
    return local_date(now, person.tz)


def _pieces(waiting: Waiting, rules: Rules, now: datetime) -> Iterator[Piece]:
    for key, notices in waiting.notices.items():
        yield from _of_person(key, notices, waiting, rules, now)
    for person in rules.roster.people.values():
        yield from _digest(person, waiting, rules, now)
    for key in waiting.unreachable:
        if key not in waiting.notices and not _misses_digest(rules.roster.people.get(key), waiting, rules, now):
            yield Piece(person=key, refusal="nothing is left to tell them")


def _of_person(key: str, notices: tuple[Notice, ...], waiting: Waiting, rules: Rules, now: datetime) -> Iterator[Piece]:
    person = rules.roster.people.get(key)
    if person is None:
        yield Piece(person=key, notices=notices, refusal="is not in the roster")
        return
    if person.opt_out:
        yield Piece(person=key, notices=notices, refusal="has opted out")
        return
    over = dict(_needless(notices, waiting.cases))
    for because in dict.fromkeys(over.values()):
        yield Piece(person=key, notices=tuple(one for one in over if over[one] == because), needless=because)
    notices = tuple(notice for notice in notices if notice not in over)
    soon = tuple(notice for notice in notices if not _can_wait(notice, waiting))
    late = tuple(notice for notice in notices if notice not in soon)
    if late and rules.notify.digest == "never":
        yield Piece(person=key, notices=late, refusal="no digest is sent (notify.digest is never)")
    if soon and _is_time(soon, waiting.last.get(key), rules, now) and _may_be_told(person, waiting, rules, now):
        doubtful = tuple(notice for notice in soon if notice.doubt)
        yield Piece(person=key, notices=doubtful or soon)


def _digest(person: Person, waiting: Waiting, rules: Rules, now: datetime) -> Iterator[Piece]:
    if not _misses_digest(person, waiting, rules, now):
        return
    due = digest_due(now, person.tz, rules.notify.digest)
    if person.opt_out:
        yield Piece(person=person.key, digest=due, refusal="has opted out")
    elif _may_be_told(person, waiting, rules, now):
        mine = waiting.notices.get(person.key, ())  # what is needless was dropped before
        in_it = tuple(notice for notice in mine if _can_wait(notice, waiting) and notice.since <= due)
        yield Piece(person=person.key, digest=due, notices=in_it)


def _misses_digest(person: Person | None, waiting: Waiting, rules: Rules, now: datetime) -> bool:
    """Whether a digest is due, and none of that week was sent yet or had nothing to say."""
    if person is None or rules.notify.digest == "never":
        return False
    due = digest_due(now, person.tz, rules.notify.digest)
    last = waiting.digests.get(person.key)
    return due >= rules.started and (last is None or _week(last, person) < _week(due, person))


def _week(at: datetime, person: Person) -> tuple[int, int]:
    """Year and number (ISO 8601), where they are."""
    year, week, _ = local_date(at, person.tz).isocalendar()
    return year, week


def _can_wait(notice: Notice, waiting: Waiting) -> bool:
    return notice.action.digest or quiet(notice.action.person, waiting.arrangements)


def _needless(notices: Sequence[Notice], cases: Mapping[str, Case]) -> Iterator[tuple[Notice, str]]:
    """Reminders of what does not wait for their person now, and why; a message in doubt is left whole."""
    found = [(one, because) for one in notices if (because := _why_over(cases.get(one.action.case)))]
    doubtful = {one for one in notices if one.doubt}
    whole = doubtful <= {one for one, _ in found}
    return ((one, because) for one, because in found if whole or not one.doubt)


def _why_over(case: Case | None) -> str:
    if case is None:
        return ""
    if case.state == "closed":
        return f"no longer needed: {ENDS.get(case.end) or case.because}"
    if case.state == "snoozed":
        return "no longer needed: it is snoozed"
    return f"no longer needed: {case.because}" if case.paused else ""


def _is_time(notices: tuple[Notice, ...], last: datetime | None, rules: Rules, now: datetime) -> bool:
    """Nothing more is waited for: the oldest is old enough, and so is the last message; or one was tried already."""
    if any(notice.tries for notice in notices):
        return True
    batch = rules.notify.batch
    if last and now - last < APART * batch and not any(notice.action.reason in URGENT for notice in notices):
        return False
    return any(now - notice.since >= batch for notice in notices)


def _may_be_told(person: Person, waiting: Waiting, rules: Rules, now: datetime) -> bool:
    again = waiting.again.get(person.key)
    if again and again > now:
        return False
    hours = rules.notify.quiet
    if hours and hours.cover(now, person.tz):
        return False
    return waiting.told.get((person.key, today(person, now)), 0) < rules.notify.per_day

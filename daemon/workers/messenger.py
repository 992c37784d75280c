"""Tells people what came up for them, one person at a time. Several work side by side on different people.

Sending cannot be looked at afterwards: a message that may have gone out when the process ended is sent once more, the
same and under the same id. Names and texts stay out of the log; people are named by their keys.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from daemon.config.secrets import BadSecret
from daemon.digest import World, digest
from daemon.journal.telling import Telling, Waiting
from daemon.letters import Sender, letter
from daemon.post import Piece, Rules, next_piece, today
from integrations.contract import Channel, Letter, Refused, Teller, Transient
from rules.arrangements import arranged
from rules.roster import Person, Roster
from rules.state import Case

log = structlog.get_logger()

MOST_NAMED = 5
LOOK_EVERY = timedelta(seconds=5)
"""Where nothing is to be done: people have time, and there may be thousands of lines for the next digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesBy:
    """What the config says. `channels` gives the ways to a person, the best first; raises BadSecret."""

    rules: Rules
    sender: Sender
    channels: Callable[[str], Sequence[Channel]]


class Messenger:
    """`goes_by` is asked before each step, so that a reload takes effect; `cases` gives those that are not closed."""

    def __init__(
        self,
        telling: Telling,
        teller: Teller,
        *,
        name: str,
        goes_by: Callable[[], GoesBy],
        cases: Callable[[], Sequence[Case]],
        clock: Callable[[], datetime],
        trouble: Callable[[str], None],
        may_act: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self._telling = telling
        self._teller = teller
        self._goes_by = goes_by
        self._cases = cases
        self._clock = clock
        self._trouble = trouble
        self._may_act = may_act
        self._idle = threading.Event()
        self._look_at: datetime | None = None

    def step(self, wait_s: float) -> bool:
        """Tell one person."""
        by = self._goes_by()
        todo = self._next(by)
        if todo is None:
            self._idle.wait(wait_s)
            return False
        try:
            self._do(todo.piece, todo.roster, by)
            self._tell_trouble()
        finally:
            self._telling.give_back(todo.person)
        return True

    def _next(self, by: GoesBy) -> _Todo | None:
        now = self._clock()
        if not self._may_act() or (self._look_at and now < self._look_at):
            return None
        todo = self._telling.take(lambda waiting, taken: self._choose(by, waiting, taken))
        self._look_at = None if todo else now + LOOK_EVERY
        return todo

    def _choose(self, by: GoesBy, waiting: Waiting, taken: frozenset[str]) -> _Todo | None:
        piece = next_piece(waiting, by.rules, self._clock(), taken)
        return _Todo(piece=piece, roster=arranged(by.rules.roster, waiting.arrangements)) if piece else None

    def _do(self, piece: Piece, roster: Roster, by: GoesBy) -> None:
        if piece.needless:
            self._telling.drop(piece.keys, piece.needless)
            log.info("person.need_not_be_told", person=piece.person, things=len(piece.keys), because=piece.needless)
            return
        person = roster.people.get(piece.person)
        if person is None or piece.refusal:
            self._refuse(piece, piece.refusal)
            return
        message = self._message(piece, person, roster, by)
        if message is None:
            self._telling.refuse(piece.person, (), "", digest=piece.digest)
            return
        self._telling.start(piece.keys)
        try:
            self._teller.tell(person, self._ways_to(person, by), message)
        except Refused as error:
            self._refuse(piece, str(error))
        except Transient as error:
            self._postpone(piece, str(error), doubt=error.in_doubt or any(notice.doubt for notice in piece.notices))
        except Exception as error:  # noqa: BLE001  a fault of ours must not stop the rest, nor its text show a URL
            self._postpone(piece, f"a fault of czar ({type(error).__name__})", doubt=True)
        else:
            self._telling.sent(piece.person, piece.keys, today(person, self._clock()), digest=piece.digest)
            log.info("person.told", person=piece.person, things=len(piece.keys), digest=piece.digest is not None)

    def _message(self, piece: Piece, person: Person, roster: Roster, by: GoesBy) -> Letter | None:
        notices = [notice.action for notice in piece.notices]
        if piece.digest is None:
            return letter(person, notices, by.sender)
        return digest(person, notices, World(roster=roster, cases=self._cases()), piece.digest, by.sender)

    def _ways_to(self, person: Person, by: GoesBy) -> Sequence[Channel]:
        try:
            return by.channels(person.key)
        except BadSecret:  # the message names a path; czar check tells it at its place
            raise Transient("the secret file of the channel cannot be used: see czar check --live") from None

    def _refuse(self, piece: Piece, because: str) -> None:
        self._telling.refuse(piece.person, piece.keys, because, digest=piece.digest)
        if piece.keys:
            log.warning("person.not_told", person=piece.person, things=len(piece.keys), because=because)

    def _postpone(self, piece: Piece, because: str, *, doubt: bool) -> None:
        tries = piece.tries + 1 if piece.keys else None
        if self._telling.is_hopeless(piece.person, tries):
            self._refuse(piece, f"could not be reached for days: {because}")
            return
        self._telling.postpone(piece.person, piece.keys, because, doubt=doubt)
        log.warning("person.postponed", person=piece.person, things=len(piece.keys), because=because)

    def _tell_trouble(self) -> None:
        people = self._telling.unreachable()
        named = ", ".join(people[:MOST_NAMED]) + (" …" if len(people) > MOST_NAMED else "")
        self._trouble(f"cannot be told anything now: {named}" if people else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Todo:
    piece: Piece
    roster: Roster

    @property
    def person(self) -> str:
        return self.piece.person

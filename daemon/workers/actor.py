"""Carries out what was decided, one item at a time, looking first. Several work side by side on different items."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

from daemon.journal.acting import Acting, Todo
from integrations.contract import Hands, Outcome, StillInDoubt, Transient
from rules.actions import AddReviewer

log = structlog.get_logger()

LOOK_AGAIN_S = 5.0


class Actor:
    """One pair of hands. `refused` tells the journal of asks the server will never take."""

    def __init__(
        self,
        acting: Acting,
        hands: Hands,
        *,
        name: str,
        refused: Callable[[str, str, str, str], None],
        trouble: Callable[[str], None],
        may_act: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self._acting = acting
        self._hands = hands
        self._refused = refused
        self._trouble = trouble
        self._may_act = may_act
        self._idle = threading.Event()

    def step(self, wait_s: float) -> bool:
        """Take up one item."""
        todo = self._acting.take() if self._may_act() else None
        if todo is None:
            self._idle.wait(min(wait_s, 0.2))
            return False
        try:
            self._act(todo)
        finally:
            self._acting.give_back(todo.item)
        return True

    def _act(self, todo: Todo) -> None:
        self._acting.start(todo)
        try:
            outcomes = self._hands.act(todo.item, todo.actions, in_doubt=todo.doubt)
        except StillInDoubt as error:
            self._acting.postpone(todo, str(error), doubt=False, after_s=LOOK_AGAIN_S)
            return
        except Transient as error:
            self._acting.postpone(todo, str(error), doubt=todo.doubt or error.in_doubt)
            self._trouble(str(error))
            log.warning("action.postponed", item=todo.item, tries=todo.tries + 1, because=str(error))
            return
        except Exception as error:  # a fault of ours: later, so that this item does not come first for ever
            self._acting.postpone(todo, f"{type(error).__name__}: {error}", doubt=True)
            raise
        self._trouble("")
        self._tell(todo, outcomes)
        self._acting.settle(todo, outcomes)
        for outcome in outcomes:
            log.info("action.settled", item=todo.item, key=outcome.key, done=outcome.done, because=outcome.because)

    def _tell(self, todo: Todo, outcomes: Sequence[Outcome]) -> None:
        """Before it is settled, so that a crash between the two repeats it: hearing twice decides once."""
        refused = {outcome.key: outcome.because for outcome in outcomes if outcome.about_person}
        for action in todo.actions:
            if isinstance(action, AddReviewer) and action.key in refused:
                self._refused(action.item, action.repo, action.person, refused[action.key])

"""Tells people things, and is a witness of it: what was delivered, how often, and whether that was known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daemon.journal.journal import Journal
from integrations.contract import Channel, Letter, Refused, Transient
from rules.roster import Person
from tests.simulation.mishaps import Doom


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One letter that arrived. `known`: that it did was written down."""

    person: str
    letter: str
    keys: tuple[str, ...]
    known: bool = False


class FakeTeller:
    """`next` says what goes wrong with the next letters: fails, loses the answer, refuses; `wrong` what never may."""

    def __init__(self, doom: Doom) -> None:
        self._doom = doom
        self._keys: tuple[str, ...] = ()
        self.next: list[str] = []
        self.delivered: list[Delivery] = []
        self.wrong: list[str] = []
        self._is_over: Callable[[str], bool] = lambda key: False

    def watch(self, journal: Journal, is_over: Callable[[str], bool]) -> None:
        """Know what each letter is about, and what of it was written down. `is_over` tells of a case, by its key."""
        start, sent = journal.telling.start, journal.telling.sent
        self._is_over = is_over

        def started(keys: Sequence[str]) -> None:
            start(keys)
            self._keys = tuple(keys)

        def was_sent(person: str, keys: Sequence[str], *given: object, **more: object) -> None:
            sent(person, keys, *given, **more)  # type: ignore[arg-type]
            self.delivered[-1].known = True

        journal.telling.start = started  # type: ignore[method-assign]
        journal.telling.sent = was_sent  # type: ignore[method-assign]

    def tell(self, person: Person, channels: Sequence[Channel], letter: Letter) -> None:
        """As Teller."""
        self._doom.point()
        fault = self.next.pop(0) if self.next else ""
        if fault == "fails":
            raise Transient("the mail server is away")
        if fault == "refuses":
            raise Refused("no such mailbox")
        before = {key for one in self.delivered for key in one.keys}
        over = [key for key in self._keys if key not in before and _asks(key) and self._is_over(_case_of(key))]
        self.wrong += [f"{person.key} was told {key}, which is over" for key in over]
        self.delivered.append(Delivery(person=person.key, letter=letter.id, keys=self._keys))
        self._doom.point()
        if fault == "loses the answer":
            raise Transient("no answer of the mail server", in_doubt=True)


def _asks(key: str) -> bool:
    """Whether it is about a case, and not about a tag or a change that went past the gate."""
    return not key.startswith("Notify:tag:") and "/merged-unsigned/" not in key


def _case_of(key: str) -> str:
    return key.partition(":")[2].partition("#")[0]

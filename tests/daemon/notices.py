"""Makers for tests of telling people: notices, people in different time zones, somebody who tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from integrations.contract import Channel, Letter, Refused, Transient
from rules.actions import Notify
from rules.arrangements import Arrangement
from rules.roster import Person
from rules.state import Effects
from tests.clock import START
from tests.daemon.journals import REPO, decision

PEOPLE = {
    "ann": Person(key="ann", name="Ann", emails=("ann@example.org",)),
    "bob": Person(key="bob", name="Bob", emails=("bob@example.org",), tz="Asia/Tokyo"),
    "cyd": Person(key="cyd", name="Cyd"),
    "pat": Person(key="pat", name="Pat", emails=("pat@example.org",)),
}


def notice(number: int = 1, person: str = "ann", **fields: Any) -> Notify:
    """Somebody is to be told that a change waits."""
    item = f"gerrit:{number}"
    text = {"reason": "reminder", "text": f"{item} ({REPO}) waits for you"}
    key = f"Notify:{item}/release/{person}#1~{fields.get('reason', '')}"
    return Notify(**({"item": item, "repo": REPO, "key": key, "person": person} | text | fields))


def arrangement(kind: str, person: str = "ann", **fields: Any) -> Arrangement:
    """Said in a comment."""
    return Arrangement(kind=kind, person=person, **({"at": START} | fields))


def order(journal: Journal, *notices: Notify) -> None:
    """Decide that people are to be told."""
    seq = journal.deciding.upto() + 1
    journal.deciding.record(Batch(upto=seq, decided=[(seq, decision(seq, *notices, effects=Effects()), None)]))


def arrange(journal: Journal, *arrangements: Arrangement) -> None:
    """Decide that this is arranged."""
    seq = journal.deciding.upto() + 1
    one = decision(seq, effects=Effects(arrangements=arrangements))
    journal.deciding.record(Batch(upto=seq, decided=[(seq, one, None)]))


@dataclass
class FakeTeller:
    """Keeps what it was given. `down`: it takes nothing now. `silent`: it takes all, but its answer is lost.

    `gone`: people it will never take anything for. `breaks`: people for whom it has a fault.
    """

    letters: list[tuple[str, Letter]] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    down: frozenset[str] = frozenset()
    silent: bool = False
    gone: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()

    def tell(self, person: Person, channels: Sequence[Channel], letter: Letter) -> None:
        """As Teller."""
        if person.key in self.down:
            raise Transient("the mail server cannot be reached")
        if person.key in self.gone:
            raise Refused("the mail server does not take mail to this address (550)")
        if person.key in self.breaks:
            raise KeyError("mailto://czar:hunter2@mail.example.org")
        self.channels += channels
        self.letters.append((person.key, letter))
        if self.silent:
            raise Transient("no answer of the mail server", in_doubt=True)

    def told(self, person: str) -> list[Letter]:
        """What they were told, in order."""
        return [letter for key, letter in self.letters if key == person]

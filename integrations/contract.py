"""What every outside system is to the daemon: something that is heard, looked at and acted upon.

Integrations know these words and `rules`, nothing of each other and nothing of the daemon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rules.actions import Action
from rules.facts import Facts, Need
from rules.roster import Person


class Transient(Exception):
    """The other side cannot now: the same call may succeed later. `in_doubt`: it may have been carried out already."""

    def __init__(self, message: str, *, in_doubt: bool = False) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt


class StillInDoubt(Transient):
    """Found no trace of the earlier try: it may be under way. Whoever looks again and finds none may act."""


class Refused(Exception):
    """The other side will not: repeating the call is of no use, a person must change something."""


class Malformed(Exception):
    """Something heard cannot be read; it is kept and shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing heard: `sequence` counts within a connection of its source."""

    sequence: int
    raw: bytes


Hear = Callable[[str, str, Sequence[Heard]], None]
"""`(source, connection, things)`: appends durably; raises Transient where that is impossible now."""


class Source(Protocol):
    """Somewhere things are heard. It only appends, it never decides."""

    name: str

    def step(self, wait_s: float) -> bool:
        """Do the next piece, waiting at most `wait_s` seconds for it; say whether there was one."""

    def trouble(self) -> str:
        """Why nothing can be heard now, "" if all is well."""

    def close(self) -> None:
        """Give up connections; a step under way ends soon."""


class Lookup(Protocol):
    """Fetches what a decision needs."""

    def look(self, need: Need) -> Facts:
        """Raises Transient. What is gone or hidden is told in the facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one action: `done` (now, or found to be so already) or refused for good, and why.

    `about_person`: what is refused is this person; somebody else may be asked.
    """

    key: str
    done: bool
    because: str
    about_person: bool = False


class Hands(Protocol):
    """Acts upon the items of one system. Looks before it acts, so that twice is once."""

    def act(self, item: str, actions: Sequence[Action], *, in_doubt: bool) -> Sequence[Outcome]:
        """Carry out what belongs to one item; an outcome for each. Raises Transient where nothing is settled.

        `in_doubt`: an earlier try may still be carried out at the other side.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message to a person. `id` is the same whenever the same is sent again; `by_mail`: better by mail than else."""

    id: str
    subject: str
    text: str
    by_mail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where somebody can be told things: a URL, which is a secret. `shared`: it is not theirs alone."""

    url: str = field(repr=False)
    shared: bool = False


class Teller(Protocol):
    """Tells people things, each by a channel of their own or a shared one."""

    def tell(self, person: Person, channels: Sequence[Channel], letter: Letter) -> None:
        """By the channel that fits best. Raises Refused, Transient; neither says anything of a URL."""

"""What people tell the daemon in comments, as the seed chooses: every verb, rightly and wrongly, by anybody."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.gerrit.said import PATCH_SET_LEVEL
from integrations.sandbox.gerrit.records import Change
from integrations.sandbox.gerrit.state import Review, Said, State
from tests.simulation.community import BOT, CZARS, DEVELOPERS, MACHINE

DUTIES = ("code", "docs", "release", "hot", "hint", "cooking")
SPANS = ("30m", "3h", "2d", "5w", "200d", "0d", "long", "")
PLAIN = ("claim", "decline", "decline no time", "release", "reroll", "hold", "unhold", "explain", "status", "back")
RARE = ("optout", "quiet", "quiet off", "accept", "veto it", "involve nova", "gate close", "clam", "snoze 3d", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message with commands; `id` is that of the message, or of its patch-set-level comment."""

    id: str
    number: int
    by: str
    at: datetime


class Talk:
    """`told` are all messages with commands, whoever said them."""

    def __init__(self, state: State, accounts: dict[str, int], chance: random.Random) -> None:
        self._state = state
        self._accounts = accounts
        self._chance = chance
        self.told: list[Told] = []

    def say(self, change: Change) -> str:
        """Somebody says one or two commands, plainly or as a patch-set-level comment, sometimes with a vote."""
        reviewers = [self._state.accounts[who].username for who in change.reviewers]
        asked = [who for who in reviewers if who in CZARS] * 3
        by = self._chance.choice((*CZARS, *asked, *DEVELOPERS, MACHINE, BOT))
        lines = [f"czar: {self._command()}" for _ in range(self._chance.choice((1, 1, 1, 2)))]
        text = "\n".join(
            self._chance.choice(([], ["> czar: optout"], ["Hello."], ["```", "czar: optout", "```"])) + lines
        )
        labels = {"Code-Review": self._chance.choice((-2, 0, 1, 2))} if self._chance.random() < 0.1 else {}
        where = self._chance.choice(("plain", "comment", "both"))
        comments = () if where == "plain" else (Said(path=PATCH_SET_LEVEL, text=text),)
        review = Review(message="" if where == "comment" else text, labels=labels, comments=comments)
        said, commented = len(change.messages), len(change.comments)
        self._state.review(change.number, self._accounts[by], review)
        ids = [one.id for one in change.messages[said:] if where != "comment"]
        ids += [one.id for one in change.comments[commented:]]
        at = change.messages[said].at
        self.told += [Told(id=one, number=change.number, by=by, at=at) for one in ids]
        return f"{by} says {' / '.join(lines)} on {change.number} ({where}) {labels or ''}"

    def _command(self) -> str:
        chance = self._chance.random()
        if chance < 0.5:
            return self._chance.choice(PLAIN)
        if chance < 0.6:
            return self._chance.choice(RARE)
        return self._chance.choice((self._assign, self._route, self._snooze, self._away, self._swap, self._delegate))()

    def _assign(self) -> str:
        return f"assign {self._somebody()} {self._chance.choice(('', *DUTIES))}"

    def _route(self) -> str:
        return f"{self._chance.choice(('route', 'reroll'))} {self._chance.choice(DUTIES)}"

    def _snooze(self) -> str:
        return f"snooze {self._chance.choice(SPANS)}"

    def _away(self) -> str:
        first = self._day(self._chance.choice((-1, 0, 0, 1)))
        last = self._day(self._chance.choice((0, 1, 3)))
        cover = self._chance.choice(("", f" cover {self._somebody()}"))
        return f"away {first}..{last}{cover}"

    def _swap(self) -> str:
        return f"swap {self._somebody()} {self._day(self._chance.choice((-7, 0, 7)))}"

    def _delegate(self) -> str:
        duty, last = self._chance.choice(DUTIES), self._day(self._chance.choice((-1, 1, 5)))
        return f"delegate {duty} {self._somebody()} until {last}"

    def _day(self, away: int) -> str:
        return (self._state.now() + timedelta(days=away)).date().isoformat()

    def _somebody(self) -> str:
        return f"@{self._chance.choice((*CZARS, 'nobody'))}"

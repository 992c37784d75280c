"""A made-up change that lives through weeks: what happens to it, a clock that ticks as the decider lets it, and a
server that takes people on and off as it is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rules.actions import Action, AddReviewer, Comment, DrawAttention, Notify, RemoveReviewer
from rules.catalogue.climb import gone
from rules.engine import NO_FACTS
from rules.events import CommentAdded, Event, PatchsetCreated, ReviewerRemoved, Tick, Vote, WipChanged
from rules.facts import Ballot, ChangeFacts, Message
from rules.judging import Judging
from rules.ladders import Step
from rules.roster import Roster
from rules.routing import Rule
from rules.state import Case
from rules.verdicts import Decision
from tests.rules.makers import HOUR, ITEM, REPO, World, account, facts, happened

DAY = timedelta(days=1)
MOST_TICKS = 1000
"""More in one stretch of time, and the clock runs idle."""


def step(do: str, hours: float = 0, *, days: int = 0, to: str | None = None) -> Step:
    """One step of a ladder, after hours or business days."""
    return Step(after=days * DAY if days else hours * HOUR, business=bool(days), do=do, to=to)


class Life(World):
    """Zed's change 7 of nova. People's accounts are their names; `actions` is all that was done."""

    def __init__(self, *rules: Rule, who: Roster | None = None, **given: Any) -> None:
        shown = {name: given.pop(name) for name in tuple(given) if name in ChangeFacts.__dataclass_fields__}
        super().__init__(*rules, who=who, **given)
        self.found = facts(people=tuple(self.settings.changes.roster.people), **{"messages": (), **shown})
        self.decisions: list[Decision] = []
        self.actions: list[Action] = []
        self.ticks = 0
        self._said = 0
        self._told_gone: dict[str, datetime] = {}

    @property
    def change(self) -> ChangeFacts:
        """What the server shows."""
        assert self.found.change is not None
        return self.found.change

    def shows(self, **given: Any) -> None:
        """The server shows something else."""
        self.found = replace(self.found, change=replace(self.change, **given))

    def hears(self, what: Event) -> Decision:
        """An event is decided and acted upon."""
        decision = self.decide(what, self.found)
        self.decisions.append(decision)
        for action in decision.actions:
            self._act(action)
        return decision

    def begins(self) -> Decision:
        """The first patch set."""
        return self.happens(PatchsetCreated, by=account("zed"))

    def happens(self, kind: Any, **given: Any) -> Decision:
        """Something of this kind happens to the change as it is."""
        change = self.change
        shown = {"wip": change.wip, "private": change.private, "topic": change.topic, "status": change.status}
        return self.hears(happened(kind, at=self.now, **{**shown, **given}))

    def says(self, who: str, *lines: str) -> Decision:
        """Somebody comments; what begins with `czar:` is a command."""
        self.writes(who, *lines)
        return self.happens(CommentAdded, by=account(who), text="\n".join(lines))

    def writes(self, who: str, *lines: str) -> None:
        """Somebody comments, and nothing is heard of it yet."""
        self._said += 1
        commands = tuple((number, line) for number, line in enumerate(lines) if line.startswith("czar:"))
        new = Message(id=f"m{self._said}", by=account(who), account=who, at=self.now, lines=commands)
        self.shows(messages=(*(self.change.messages or ()), new))

    def answered(self, who: str, *lines: str) -> str:
        """What somebody is told on what they say; "" if nothing. Nobody else is told."""
        told = [one for one in self.says(who, *lines).actions if isinstance(one, Comment) and "reply" in one.key]
        assert [one.tell for one in told] in ([], [(who,)])
        return "\n".join(one.text for one in told)

    def votes(self, who: str, value: int = 2) -> Decision:
        """Somebody votes, and so is done with it."""
        ballot = Ballot(label="Code-Review", value=value, account=who, name=who, at=self.now)
        attention = tuple(one for one in self.change.attention if one != who)
        self.shows(votes=(*self.change.votes, ballot), attention=attention)
        vote = Vote(label="Code-Review", value=value, old=0)
        return self.happens(CommentAdded, by=account(who), votes=(vote,))

    def wip(self, *, on: bool) -> Decision:
        """Work in progress begins or ends."""
        self.shows(wip=on)
        return self.happens(WipChanged, by=account("zed"))

    def takes_off(self, who: str, by: str) -> Decision:
        """A person takes somebody off the change."""
        self._leaves(who)
        self.shows(removed={**self.change.removed, who: by})
        return self.happens(ReviewerRemoved, reviewer=account(who), by=account(by))

    def turn_of(self, *accounts: str) -> None:
        """From now on it is their turn."""
        since = {who: self.change.attention_since.get(who, self.now) for who in accounts}
        self.shows(attention=accounts, attention_since=since)

    def live(self, span: timedelta) -> None:
        """Time goes by, and what is due is done when it is."""
        until, ticks = self.now + span, self.ticks
        while self.now < until:
            dues = [one.due for one in self.waiting() if one.due]
            soonest = min(dues, default=until)
            full_hour = self.now.replace(minute=0, second=0, microsecond=0) + HOUR
            self.now = min(until, full_hour, max(soonest, self.now + timedelta(seconds=1)))
            self.tick(full=self.now == full_hour)
            assert self.ticks - ticks < MOST_TICKS, "the clock runs idle"

    def sleep(self, span: timedelta) -> None:
        """Time goes by without us."""
        self.now += span

    def tick(self, *, full: bool = True) -> None:
        """The decider looks what the clock brings about; `full`: also who is gone and what is unrouted."""
        due = any(one.due and one.due <= self.now for one in self.waiting())
        unrouted = any(one.state == "unrouted" for one in self.book.cases(ITEM))
        if due or (full and (unrouted or self._somebody_is_gone())):
            self.ticks += 1
            self.hears(Tick(at=self.now, item=ITEM, repo=REPO, because="due"))

    def _somebody_is_gone(self) -> bool:
        judging = Judging(
            item=ITEM, repo=REPO, view=None, facts=NO_FACTS, settings=self.settings, book=self.book, now=self.now
        )
        return any(gone(one, judging) for one in self.waiting())

    def waiting(self) -> tuple[Case, ...]:
        """The cases that wait."""
        return tuple(one for one in self.book.cases(ITEM) if one.waits)

    def who_waits(self) -> list[str]:
        """Whose turn it is by our asks."""
        return [one.person for one in self.waiting()]

    def the_case(self) -> Case:
        """The one that waits."""
        (one,) = self.waiting()
        return one

    def times(self, kind: type[Action]) -> int:
        """How often something was done."""
        return sum(isinstance(one, kind) for one in self.actions)

    def said(self) -> list[str]:
        """All that was said on the server, or by people's own channels."""
        return [one.text for one in self.actions if isinstance(one, Comment | Notify)]

    def _act(self, action: Action) -> None:
        assert action.key not in {one.key for one in self.actions}, f"done twice: {action.key}"
        self.actions.append(action)
        if isinstance(action, AddReviewer):
            self._joins(action)
        elif isinstance(action, RemoveReviewer) and action.account not in {one.account for one in self.change.votes}:
            self._leaves(action.account)
        elif isinstance(action, DrawAttention):
            self._draws((action.account,))

    def _joins(self, add: AddReviewer) -> None:
        there = self.change.ccs if add.cc else self.change.reviewers
        joined = tuple(dict.fromkeys((*there, add.account)))
        self.shows(**({"ccs": joined} if add.cc else {"reviewers": joined}))
        if not add.cc:
            self._draws((add.account,))

    def _draws(self, accounts: Iterable[str]) -> None:
        self.turn_of(*dict.fromkeys((*self.change.attention, *accounts)))

    def _leaves(self, who: str) -> None:
        without = {
            name: tuple(one for one in getattr(self.change, name) if one != who)
            for name in ("reviewers", "ccs", "attention")
        }
        self.shows(**without)

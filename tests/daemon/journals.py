"""Makers for tests of the journal and of those who work on it: a small community, its events, a Gerrit with state."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from daemon import own_events
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal, open_journal
from daemon.workers.actor import Actor
from daemon.workers.decider import Decider
from daemon.workers.desk import Desk
from daemon.workers.looker import Looker
from integrations.contract import Heard, Outcome, StillInDoubt, Transient
from integrations.gerrit import wire
from rules.actions import Action, AddReviewer, Comment
from rules.facts import ChangeFacts, Facts, Need
from rules.roster import Duty, Person, Roster, Team
from rules.routing import Ask, Index, Rule
from rules.state import Case, Effects
from rules.verdicts import Decision, Settings, Verdict
from tests.clock import START, Clock

SOURCE = "gerrit-stream"
REPO = "openstack/nova"


class Place:
    """Where one journal lies. Each `open` is another start, or another process; all are closed at the end."""

    def __init__(self, url: str, state: Path, clock: Callable[[], datetime]) -> None:
        self.url = url
        self.state = state
        self._clock = clock
        self._ends = ExitStack()

    @property
    def is_sqlite(self) -> bool:
        """Or PostgreSQL."""
        return self.url.startswith("sqlite")

    def open(self) -> Journal:
        """The journal as a new process finds it."""
        journal = open_journal(self.url, self._clock, random.Random(1))
        self._ends.callback(journal.close)
        return journal

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()


@contextmanager
def failing(journal: Journal, statement: str) -> Iterator[None]:
    """The database gives up at every statement that begins so."""

    def give_up(*given: Any) -> None:
        if given[2].startswith(statement):
            raise OperationalError(statement, {}, Exception("the disk is gone"))

    event.listen(journal.database.engine, "before_cursor_execute", give_up)
    try:
        yield
    finally:
        event.remove(journal.database.engine, "before_cursor_execute", give_up)


def heard(*raws: bytes, first: int = 0) -> list[Heard]:
    """Things heard, numbered as their connection does."""
    return [Heard(sequence=first + n, raw=raw) for n, raw in enumerate(raws)]


def line(kind: str, number: int = 1, **more: Any) -> bytes:
    """A line of Gerrit's stream about a change of nova."""
    at = int(START.timestamp())
    owner = {"username": "dev", "email": "dev@example.org"}
    change = {"number": number, "project": REPO, "branch": "master", "id": f"I{number}", "owner": owner}
    return json.dumps({"type": kind, "eventCreatedOn": at, "change": change, **more}).encode()


def pushed(number: int = 1) -> bytes:
    """Somebody uploaded a patch set: rules judge it, which needs a look."""
    patch_set = {"number": 1, "revision": "c0ffee"}
    return line("patchset-created", number, patchSet=patch_set, uploader={"username": "dev"})


def merged(number: int = 1) -> bytes:
    """The change is in: no rule asks, no look is needed."""
    return line("change-merged", number, submitter={"username": "zuul"})


def roster() -> Roster:
    """Nova's release czars are ann and bob."""
    people = {name: Person(key=name, gerrit=name) for name in ("ann", "bob")}
    duty = Duty(name="release", czars=("ann", "bob"))
    return Roster(people=people, teams={"nova": Team(name="nova", repos=(REPO,), duties={"release": duty})})


def rule(**fields: Any) -> Rule:
    """Asks a release czar of nova about every change."""
    given: dict[str, Any] = {
        "id": "ask-release",
        "event": "change",
        "slot": "release",
        "ask": Ask(duty="release", pick="first"),
    }
    return Rule(**(given | fields))


def settings(*rules: Rule, **fields: Any) -> Settings:
    """What deciding goes by: that one rule unless others are given."""
    return Settings(changes=Index(rules=rules or (rule(),), roster=roster()), **fields)


def case(number: int = 1, **fields: Any) -> Case:
    """Ann was asked about a change."""
    given: dict[str, Any] = {
        "item": f"gerrit:{number}",
        "repo": REPO,
        "slot": "release",
        "duty": "release",
        "team": "nova",
    }
    who = {"rule": "ask-release", "person": "ann", "role": "czar", "state": "open", "opened": START}
    return Case(**(given | who | {"because": "is first in line for release"} | fields))


def add_reviewer(number: int = 1, person: str = "ann", **fields: Any) -> AddReviewer:
    """Put somebody on a change."""
    item = f"gerrit:{number}"
    given = {"item": item, "repo": REPO, "key": f"AddReviewer:{item}/release/{person}", "person": person}
    return AddReviewer(**(given | {"account": f"id-of-{person}"} | fields))


def comment(number: int = 1, text: str = "please look") -> Comment:
    """Say something on a change."""
    return Comment(item=f"gerrit:{number}", repo=REPO, key=f"Comment:gerrit:{number}", text=text)


def decision(number: int = 1, *actions: Action, **fields: Any) -> Decision:
    """Ann is asked about a change."""
    said = Verdict(rule="ask-release", slot="release", outcome="ask", because="is first", people=("ann",))
    given: dict[str, Any] = {"event": "PatchsetCreated", "item": f"gerrit:{number}", "at": START, "verdicts": (said,)}
    effects = Effects(cases=(case(number),)) if actions else Effects()
    return Decision(**(given | {"actions": actions, "effects": effects} | fields))


def batch(upto: int, *decided: Decision, **fields: Any) -> Batch:
    """Decisions on what was heard from number 1 on."""
    return Batch(upto=upto, decided=[(n, one, None) for n, one in enumerate(decided, 1)], **fields)


def facts(number: int = 1, *reviewers: str) -> Facts:
    """A change as Gerrit shows it, and everybody's accounts."""
    change = ChangeFacts(repo=REPO, branch="master", revision="c0ffee", owner="id-of-dev", reviewers=reviewers)
    return Facts(change=change, accounts={name: f"id-of-{name}" for name in ("ann", "bob")}, seen=START)


@dataclass
class FakeGerrit:
    """Changes with reviewers and messages; looked at and acted upon. It fails as told.

    `down`: nothing can be had. `silent`: requests are carried out, but their answers are lost. `late`: requests are
    carried out only on `arrive`. `refuses`: people it will not have as reviewers. `broken`: items that raise a fault.
    `closed`: items on which nothing can be done any more.
    """

    reviewers: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    down: str = ""
    silent: bool = False
    late: bool = False
    refuses: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    looked: list[Need] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)  # item, in doubt
    requests: int = 0
    under_way: list[Action] = field(default_factory=list)

    def look(self, need: Need) -> Facts:
        """As `Lookup`."""
        self.looked.append(need)
        self._fail(need.item)
        accounts = {person.key: f"id-of-{person.key}" for person in need.people}
        found = facts(1, *self.reviewers.get(need.item, ()))
        assert found.change is not None
        seen = replace(found.change, related=(), messages=(), files=())
        return replace(found, change=seen, accounts=accounts, turns=dict.fromkeys(accounts, ()))

    def act(self, item: str, actions: Sequence[Action], *, in_doubt: bool) -> Sequence[Outcome]:
        """As `Hands`."""
        self.asked.append((item, in_doubt))
        self._fail(item)
        todo = [action for action in actions if not self._is_so(action)]
        if todo and in_doubt:
            raise StillInDoubt("no trace of the earlier try yet")
        wrong = [one for one in todo if isinstance(one, AddReviewer) and one.person in self.refuses]
        taken = [] if item in self.closed else [one for one in todo if one not in wrong]
        if taken:
            self.requests += 1
            self.under_way += taken
            if not self.late:
                self.arrive()
            if self.late or self.silent:
                raise Transient("no answer", in_doubt=True)
        return [self._outcome(action) for action in actions]

    def arrive(self) -> None:
        """What is under way is carried out."""
        for action in self.under_way:
            if isinstance(action, AddReviewer):
                self.reviewers.setdefault(action.item, []).append(action.account)
            elif isinstance(action, Comment):
                self.said.setdefault(action.item, []).append(action.text)
        self.under_way.clear()

    def _fail(self, item: str) -> None:
        if item in self.broken:
            raise KeyError(item)
        if self.down:
            raise Transient(self.down)

    def _is_so(self, action: Action) -> bool:
        if isinstance(action, AddReviewer):
            return action.account in self.reviewers.get(action.item, ())
        return isinstance(action, Comment) and action.text in self.said.get(action.item, ())

    def _outcome(self, action: Action) -> Outcome:
        if isinstance(action, AddReviewer) and action.person in self.refuses:
            because = f"{action.person} may not read the change"
            return Outcome(key=action.key, done=False, because=because, about_person=True)
        if action.item in self.closed:
            return Outcome(key=action.key, done=False, because="the change is merged")
        return Outcome(key=action.key, done=True, because="done")


class Office:
    """All who work on one journal, run by hand. Making another one on the same journal is a restart."""

    def __init__(self, journal: Journal, gerrit: FakeGerrit, clock: Clock, *, goes_by: Settings | None = None) -> None:
        self.journal = journal
        self.gerrit = gerrit
        self.goes_by = goes_by or settings()
        self.troubles: dict[str, str] = {}
        self.desk = Desk(journal.intake.nudge, clock.monotonic_s)
        self.decider = Decider(
            journal.intake, journal.deciding, self.desk, {SOURCE: wire.parse}, lambda: self.goes_by, clock
        )
        self.looker = Looker(self.desk, gerrit, random.Random(1), name="looker", trouble=self._trouble("lookup"))
        self.actor = Actor(journal.acting, gerrit, name="actor", refused=self._refused, trouble=self._trouble("hands"))
        self._clock = clock

    def hear(self, *raws: bytes) -> None:
        """On the stream."""
        self.journal.intake.hear(SOURCE, "one", heard(*raws))

    def decide(self) -> None:
        """As far as is possible without looking anything up."""
        while self.decider.step(0):
            pass

    def work(self) -> None:
        """Until nothing is left to be done now, also by what the decider hears of while it is idle."""
        idle = 0
        while idle < 2:
            worked = [self.decider.step(0), self.looker.step(0), self.actor.step(0)]
            idle = 0 if any(worked) else idle + 1

    def events(self, number: int = 1) -> list[str]:
        """What was decided about a change, in order."""
        return [told.event for told in self.journal.views.story(f"gerrit:{number}")]

    def _refused(self, item: str, repo: str, person: str, why: str) -> None:
        raw = own_events.ask_refused(item, repo, person, why, self._clock())
        self.journal.intake.hear(own_events.SOURCE, "hands", heard(raw))

    def _trouble(self, name: str) -> Callable[[str], None]:
        return lambda because: self.troubles.__setitem__(name, because)

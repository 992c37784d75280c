"""A community of five on a real Gerrit with a real daemon, and the truth about it by Gerrit's own REST."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.czar_process import Czar
from tests.gerrit_world import Person, Pushed
from tests.real.gerrit import RealGerrit
from tests.waiting import until

NAMES = ("ann", "bob", "cyd", "dee", "eve")
CODE = ("ann", "bob", "cyd")
WITHIN_S = 60.0
RULES = """\
rules:
  - {id: docs-only, event: change, when: {only: ["doc/**"]}, slot: code, ask: {duty: docs, pick: first}}
  - {id: any-code, event: change, slot: code, ask: {duty: code, pick: 1}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a change, as Gerrit tells it."""

    reviewers: tuple[str, ...]  # usernames
    added: Counter[str]  # how often each was put on the change by the bot
    messages: int  # of the bot

    @property
    def once(self) -> bool:
        """One reviewer, put there once, told once."""
        return len(self.reviewers) == 1 and self.added == Counter(self.reviewers) and self.messages == 1


@dataclass(slots=True, kw_only=True)
class Community:
    """`name` keeps it apart from others on the same server. Pushes are remembered."""

    world: RealGerrit
    czar: Czar
    name: str
    people: dict[str, Person] = field(init=False)
    bot: Person = field(init=False)
    pushed: list[Pushed] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.people = {name: self.world.add_person(f"{self.name}-{name}") for name in NAMES}
        self.bot = self.world.add_person(f"{self.name}-bot", service=True)
        self.world.add_project(self.repo)

    @property
    def repo(self) -> str:
        return f"{self.name}/tea"

    def roster(self, code: Collection[str] = CODE) -> str:
        """Ann, Bob and Cyd share the code; the documentation is Dee's, then Eve's."""
        people = "".join(f"  {name}: {{gerrit: {person.username}}}\n" for name, person in self.people.items())
        duties = f"{{code: {{czars: [{', '.join(code)}]}}, docs: {{czars: [dee], deputies: [eve]}}}}"
        return f"people:\n{people}teams:\n  tea: {{repos: [{self.repo}], ptl: eve, duties: {duties}}}\n"

    def write(self, *, rules: str = RULES, code: Collection[str] = CODE, **how: Any) -> None:
        """The daemon's config."""
        self.czar.write(self.world, self.bot, roster=self.roster(code), rules=rules, **how)

    def push(self, who: str, *, path: str = "src/a.py", over: str = "http", **how: Any) -> Pushed:
        """A change (or patch set) of somebody that is to find its reviewer."""
        number = next(self._numbers)
        subject = f"Brew tea, take {number}"
        files = {path: f"{number}\n"}
        pushed = self.world.push(self.people[who], self.repo, subject=subject, files=files, over=over, **how)
        if pushed.number not in {other.number for other in self.pushed}:
            self.pushed.append(pushed)
        return pushed

    def fate(self, pushed: Pushed) -> Fate:
        """By REST."""
        detail = self.world.rest(self.world.admin, "GET", f"/changes/{pushed.number}/detail")
        added = (
            update["reviewer"]["username"]
            for update in detail["reviewer_updates"]
            if update["state"] == "REVIEWER" and update["updated_by"]["_account_id"] == self.bot.account_id
        )
        authors = [message.get("author", {}).get("_account_id") for message in detail["messages"]]
        return Fate(
            reviewers=tuple(self.key(one["username"]) for one in detail["reviewers"].get("REVIEWER", ())),
            added=Counter(self.key(username) for username in added),
            messages=authors.count(self.bot.account_id),
        )

    def key(self, username: str) -> str:
        """`ann` for `first-light-ann`."""
        return username.removeprefix(f"{self.name}-")

    def until_each_once(self, within_s: float = WITHIN_S) -> None:
        """Every change pushed so far has its one reviewer, and the daemon has nothing left to do; never is it more."""
        waiting = list(self.pushed)

        def settled() -> bool:
            for pushed in list(waiting):
                fate = self.fate(pushed)
                assert fate.messages <= 1, (pushed, fate)
                assert fate.added.total() <= 1, (pushed, fate)
                if fate.once:
                    waiting.remove(pushed)
            return not waiting

        until(settled, within_s, f"one reviewer for each of {len(self.pushed)} changes; log:\n{self.log_tail()}")
        self.until_idle(within_s)
        fates = {pushed.number: self.fate(pushed) for pushed in self.pushed}
        assert all(fate.once for fate in fates.values()), fates

    def until_idle(self, within_s: float = WITHIN_S) -> None:
        """It is connected, caught up, and has done what it decided."""
        until(self.czar.is_ready, within_s, f"the daemon to be ready; log:\n{self.log_tail()}")
        until(lambda: self.metric('czar_actions{state="pending"}') == 0, within_s, "nothing to be left to do")

    def metric(self, name: str) -> float:
        """One of the daemon's metrics, 0 where it is not shown."""
        return metric(self.czar, name)

    def until_logged(self, words: str, since: int, within_s: float = WITHIN_S) -> None:
        """The log has these words after its first `since` letters."""
        until(lambda: words in self.czar.logged()[since:], within_s, f"{words!r} in the log:\n{self.log_tail()}")

    def log_tail(self) -> str:
        return "\n".join(self.czar.logged().splitlines()[-25:])

    def asked(self, pushed: Pushed) -> dict[str, Any]:
        """The decision by which somebody was asked, as `czar explain` shows it."""
        return self.decision(pushed, lambda row: any(one["outcome"] == "ask" for one in row["verdicts"]))

    def decision(self, pushed: Pushed, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest decision of a kind."""

        def found() -> list[dict[str, Any]]:
            return [row for row in self.czar.json("explain", f"gerrit:{pushed.number}") if wanted(row)]

        return until(found, WITHIN_S, f"a decision on {pushed}")[-1]


def metric(czar: Czar, name: str) -> float:
    """One of a daemon's metrics, 0 where it is not shown."""
    lines = requests.get(f"http://127.0.0.1:{czar.web_port}/metrics", timeout=5).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name + " ")), 0.0)

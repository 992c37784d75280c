"""The daemon's way of the data in one thread, with look-ups answered from memory."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

from daemon.journal.journal import open_journal
from daemon.journal.views import Stats
from daemon.workers.decider import Decider
from daemon.workers.desk import Desk
from daemon.workers.looker import Looker
from integrations.gerrit.stream import NAME, Lines
from integrations.gerrit.wire import parse
from rules.facts import ChangeFacts, Facts, Need
from rules.patterns import pattern
from rules.roster import Duty, Person, Roster, Team
from rules.routing import Ask, Index, Rule, compile_tests
from rules.verdicts import Limits, Settings

NOBODY_LIMITS = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)
TEAM_SIZE = 3


class Pipeline:
    """`take` hears and decides a chunk of the stream."""

    def __init__(self, folder: Path, rules: int, repos: list[str]) -> None:
        self._journal = open_journal(f"sqlite:///{folder / 'czar.db'}", _now, random.Random(0))
        self._desk = Desk(lambda: None)
        self._looker = Looker(self._desk, FromMemory(), random.Random(0), name="looker", trouble=lambda _: None)
        settings = make_settings(rules, repos)
        self._decider = Decider(
            self._journal.intake, self._journal.deciding, self._desk, {NAME: parse}, lambda: settings, _now
        )
        self._lines = Lines()

    def take(self, data: bytes) -> None:
        """One chunk of stream bytes, heard and decided."""
        things = self._lines.take(data)
        if things:
            self._journal.intake.hear(NAME, "benchmark", things)
        while self._decider.step(0):
            while self._looker.step(0):
                pass

    def stats(self) -> Stats:
        """The journal's counters."""
        return self._journal.views.stats()


class FromMemory:
    """A look-up that knows everything at once."""

    def look(self, need: Need) -> Facts:
        """The change as nobody's in particular, touching two files."""
        change = ChangeFacts(
            repo=need.repo, branch="master", owner="owner", files=("src/a.py", "doc/a.rst"), related=(), messages=()
        )
        accounts = {person.key: person.key for person in need.people}
        return Facts(change=change, accounts=accounts, turns=dict.fromkeys(accounts, ()))


def make_settings(rules: int, repos: list[str]) -> Settings:
    """As many rules, spread over the repos; a team for each repo."""
    people: dict[str, Person] = {}
    teams: dict[str, Team] = {}
    for number, repo in enumerate(repos):
        czars = tuple(f"p{number}-{n}" for n in range(TEAM_SIZE))
        people |= {key: Person(key=key, gerrit=key) for key in czars}
        teams[f"team-{number}"] = Team(
            name=f"team-{number}", repos=(repo,), ptl=czars[:1], duties={"code": Duty(name="code", czars=czars)}
        )
    roster = Roster(people=people, teams=teams)
    made = tuple(_rule(number, repos[number % len(repos)]) for number in range(rules))
    return Settings(changes=Index(rules=made, roster=roster), limits=NOBODY_LIMITS)


def _rule(number: int, repo: str) -> Rule:
    when = {"repo": (repo,), "branch": ("master", "stable-*"), **({"file": ("src/**",)} if number % 3 == 0 else {})}
    return Rule(
        id=f"rule-{number}",
        event="change",
        slot="code",
        ask=Ask(duty="code", pick=1),
        tests=compile_tests("change", when),
        repo=pattern((repo,)),
    )


def _now() -> datetime:
    return datetime.now(UTC)

"""What deciding takes and gives: settings, verdicts, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from rules.actions import Action
from rules.ladders import Ladders
from rules.picking import Candidate
from rules.routing import Index, Rule, strictest
from rules.signoff.terms import Terms
from rules.state import Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most asks; over them a rule pauses itself, or the person is passed over. None: no limit (a replay)."""

    rule_per_hour: int | None = 60
    total_per_hour: int | None = 300
    person_per_day: int | None = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a decision depends on besides event, facts and book. `since`: older items are not asked about."""

    changes: Index
    mode: str = "act"
    term: str = "czar"
    since: datetime | None = None
    limits: Limits = field(default_factory=Limits)
    ladders: Ladders = field(default_factory=lambda: MappingProxyType({}))
    ourselves: str = ""  # the daemon's own Gerrit username
    started: datetime | None = None  # first of all: what people said before was not said to us
    web_url: str = ""  # of the daemon's own pages, "" if people cannot reach them
    version: str = ""  # of the config, as shown by explain
    signoff: Mapping[str, Terms] = field(default_factory=lambda: MappingProxyType({}))  # by repo of release requests
    roster_trouble: str = ""  # why governance's roster cannot be read now: nothing more is let out

    def mode_of(self, rule: Rule, team: str, repo: str) -> str:
        """The most careful mode of all, the rule, the team asked and the team that owns the repo."""
        roster = self.changes.roster
        concerned = (roster.teams.get(name) for name in (team, roster.owners.get(repo, "")))
        return strictest(self.mode, rule.mode, *(one.mode for one in concerned if one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one rule says about one event: ask (`people` empty: unrouted), skip or fail, and why."""

    rule: str
    slot: str
    outcome: str
    because: str
    team: str = ""
    people: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    served: bool = False  # a skip because somebody was asked before: the decision of that time tells why


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A rule that looked at the event and does not take it: the first key that failed."""

    rule: str
    key: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All verdicts on one event and what follows. `would` are the actions that observing leaves undone."""

    event: str
    item: str
    at: datetime
    verdicts: tuple[Verdict, ...] = ()
    passed: tuple[Passed, ...] = ()
    actions: tuple[Action, ...] = ()
    would: tuple[Action, ...] = ()
    effects: Effects = field(default_factory=Effects)
    notes: tuple[str, ...] = ()  # what else happened: commands, steps of ladders
    version: str = ""
    revision: str = ""  # of the roster

    @property
    def looked(self) -> bool:
        """Whether some rule or policy had something to say."""
        return bool(self.verdicts or self.passed or self.notes)

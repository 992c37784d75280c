"""What policies are given and what they come to: one item being judged, and rulings that add up to a decision."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from rules.actions import Action
from rules.facts import UNKNOWN, Facts
from rules.roster import Roster
from rules.routing import Rule, View, strictest
from rules.state import Book, Case, Effects
from rules.verdicts import Passed, Settings, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """One item being judged: what is known of it, and by which settings. `now` is the decision's instant.

    `roster` is the settings' one as people have arranged it since; `taken_up`: asked about although it is old.
    """

    item: str
    repo: str
    view: View | None
    facts: Facts
    settings: Settings
    book: Book
    now: datetime
    taken_up: bool = False

    @property
    def roster(self) -> Roster:
        """Who holds what, as people have arranged it since."""
        return self.book.roster(self.settings.changes.roster)

    @property
    def team(self) -> str:
        """The team that owns the repo, "" if none does."""
        return self.roster.owners.get(self.repo, "")

    @property
    def acts_here(self) -> bool:
        """Whether anything may be done on this repo's items at all."""
        team = self.roster.teams.get(self.team)
        return strictest(self.settings.mode, team.mode if team else None) == "act"

    def account(self, person: str) -> str:
        """The server's id of a person's account, UNKNOWN where it is not known."""
        return self.facts.accounts.get(person, UNKNOWN)

    def waiting(self) -> tuple[Case, ...]:
        """The item's cases that wait for somebody."""
        return tuple(case for case in self.book.cases(self.item) if case.waits)

    def rule_of(self, case: Case) -> Rule | None:
        """The rule that made a case, None where there is none any more."""
        return self.settings.changes.by_id.get(case.rule)

    def acts(self, case: Case) -> bool:
        """Whether the case's rule and teams may be acted for."""
        rule = self.rule_of(case)
        mode = self.settings.mode_of(rule, case.team, case.repo) if rule else self.settings.mode
        return mode == "act" and not case.observed


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsk:
    """Somebody newly asked, and what they are told of it: `say` instead of the usual words, `instead` of whom."""

    case: Case
    say: str | None = None
    instead: str = ""
    silent: bool = False  # they asked for it themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a policy comes to. Those `asked` are put on the item and told in one message, whoever asked them."""

    verdicts: tuple[Verdict, ...] = ()
    passed: tuple[Passed, ...] = ()
    effects: Effects = field(default_factory=Effects)
    asked: tuple[NewAsk, ...] = ()
    actions: tuple[Action, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: Ruling) -> Ruling:
        """First this, then the other."""
        if other is NOTHING:
            return self
        return Ruling(
            verdicts=self.verdicts + other.verdicts,
            passed=self.passed + other.passed,
            effects=self.effects + other.effects,
            asked=self.asked + other.asked,
            actions=self.actions + other.actions,
            notes=self.notes + other.notes,
        )


NOTHING = Ruling()


def changed(*cases: Case) -> Effects:
    """These cases, as they are now."""
    return Effects(cases=cases)


def resumed(case: Case, now: datetime, because: str) -> Case:
    """A case whose clock goes on: it stood still since `paused`."""
    stood_still = now - case.paused if case.paused else now - now
    began = (case.began or case.opened) + stood_still
    return replace(case, state="open", began=began, paused=None, because=because)

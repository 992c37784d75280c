"""A config directory with a journal written by hand: what commands tell of it, without any daemon."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal, open_journal
from rules.actions import Notify, RemoveReviewer
from rules.facts import Facts
from rules.picking import Candidate
from rules.state import Effects, close
from rules.verdicts import Decision, Verdict
from tests.clock import START, Clock
from tests.command_line import Ran, czar
from tests.daemon.config.makers import write
from tests.daemon.journals import REPO, SOURCE, add_reviewer, case, decision, heard

ROSTER = """
people:
  ann: {gerrit: ann, email: ann@example.org}
  bob: {gerrit: bobg, email: bob@example.org}
  cyd: {gerrit: cyd, email: cyd@example.org}
  dee: {gerrit: dee, email: dee@example.org}
  pat: {gerrit: pat, email: pat@example.org}
  tom: {gerrit: tom, email: tom@example.org}
bots: [zuul]
teams:
  nova:
    repos: [openstack/nova]
    ptl: pat
    duties: {release: {czars: [ann, bob], deputies: [cyd]}, docs: {czars: [dee]}, code: {czars: [tom, ann]}}
"""
RULES = """
ladders:
  review: [{after: 2d, do: ping}, {after: 4d, do: reassign}, {after: 8d, do: add, to: ptl}]
rules:
  - {id: docs-only, event: change, when: {topic: docs}, slot: release, ask: {duty: docs, pick: first}}
  - {id: ask-release, event: change, slot: release, ask: {duty: release, pick: first}, ladder: review}
  - {id: late-code, event: change, slot: release, ask: {duty: code}}
"""


class Kept:
    """One such directory."""

    def __init__(self, folder: Path, template: Path, clock: Clock) -> None:
        self.clock = clock
        self.state = folder / "state"
        self.config = write(
            folder / "config",
            czar=f"gerrit: {{url: https://review.example.org, user: czar-bot}}\nstate: {self.state}\n",
            roster=ROSTER,
            rules=RULES,
        )
        self.state.mkdir(parents=True)
        shutil.copy(template, self.state / "czar.db")

    def czar(self, *arguments: str | Path) -> Ran:
        """A command on it."""
        return czar("--config", self.config, *arguments)

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The journal, as the daemon has it."""
        journal = open_journal(f"sqlite:///{self.state}/czar.db", self.clock, random.Random(1))
        try:
            yield journal
        finally:
            journal.close()

    def decided(self, *decisions: Decision, facts: Facts | None = None) -> None:
        """What the daemon decided, each on a line of its own."""
        with self.journal() as journal:
            upto = journal.deciding.upto()
            numbered = [(upto + n, one, facts) for n, one in enumerate(decisions, 1)]
            journal.deciding.record(Batch(upto=upto + len(decisions), decided=numbered))

    def hears(self, *lines: bytes) -> None:
        """Lines of Gerrit's stream."""
        with self.journal() as journal:
            journal.intake.hear(SOURCE, f"at {self.clock()}", heard(*lines))

    def follow_up(self) -> None:
        """Ann was asked, reminded and taken off; Bob is asked instead, and told by mail."""
        due = START + timedelta(days=4)
        common: dict[str, Any] = {"item": "gerrit:1", "repo": REPO}
        table = (
            Candidate(person="ann", role="czar", code="reassigned", because="has not answered"),
            Candidate(person="bob", role="czar", because="is next in line for release", picked=True),
        )
        instead = Verdict(
            rule="ask-release",
            slot="release",
            outcome="ask",
            because="bob is next in line for release",
            team="nova",
            people=("bob",),
            candidates=table,
        )
        ann = case(ladder="review", due=due)
        on: dict[str, Any] = {"ladder": "review", "step": 2, "due": due + timedelta(days=4)}
        bob = case(person="bob", opened=due, because="is next in line for release", **on)
        self.decided(
            decision(1, add_reviewer(), effects=Effects(cases=(ann,))),
            decision(
                1,
                RemoveReviewer(**common, key="off", person="ann", account="id-of-ann"),
                Notify(**common, key="told", person="bob", reason="reminder", text="it waits"),
                event="Tick",
                at=due,
                verdicts=(instead,),
                notes=("release: ann has not answered; bob is asked instead",),
                effects=Effects(cases=(close(ann, "reassigned", "ann has not answered; bob is asked instead"), bob)),
            ),
        )

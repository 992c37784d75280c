"""One life of the daemon: its parts put together as service and wiring do, but without threads."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import requests
from sqlalchemy import select

from daemon import own_events
from daemon.config.service import Notify
from daemon.journal.journal import Journal, open_journal
from daemon.journal.marks import FIRST_START
from daemon.journal.tables import cases
from daemon.letters import Sender
from daemon.post import Rules
from daemon.wiring import CAUGHT_UP, PARSERS, SWEPT, request_of
from daemon.workers.actor import Actor
from daemon.workers.decider import Decider
from daemon.workers.desk import Desk
from daemon.workers.looker import Looker
from daemon.workers.loop import Worker
from daemon.workers.messenger import GoesBy, Messenger
from integrations.contract import Heard
from integrations.gerrit.catch_up import CatchUp
from integrations.gerrit.hands import GerritHands
from integrations.gerrit.lookup import GerritLookup
from integrations.gerrit.rest import Rest
from integrations.gerrit.tag_sweep import Known, TagSweep
from integrations.sandbox.gerrit.faults import Faults
from integrations.sandbox.gerrit.state import State
from rules.catalogue.audit import audited_repos
from rules.state import Book
from rules.verdicts import Settings
from tests.simulation.community import BOT, PASSWORD
from tests.simulation.mishaps import Disk, Door, Time
from tests.simulation.stream import ChoppedStream
from tests.simulation.teller import FakeTeller
from tests.simulation.witness import Witness

URL = "http://gerrit.test"
NOTIFY = Notify(quiet=None, per_day=20, digest="never")


class Process:
    """Made from the journal's file; `end` drops everything. Raises Transient where the journal cannot be opened."""

    def __init__(
        self,
        file: Path,
        *,
        state: State,
        faults: Faults,
        door: Door,
        disk: Disk,
        time: Time,
        chance: random.Random,
        settings: Callable[[datetime], Settings],
        teller: FakeTeller,
        witness: Witness,
    ) -> None:
        clock, monotonic = time.clock, time.clock.monotonic_s
        self.journal = journal = open_journal(f"sqlite:///{file}", clock, chance)
        disk.put_under(journal.database)
        self._clock = clock
        self._door = door
        self._book: Book | None = None
        self._remember_books(journal)
        witness.watch(journal, lambda: self.settings)
        teller.watch(journal, self._is_over)
        try:
            self.since = journal.marks.first(FIRST_START, clock())
            self.settings = settings(self.since)
            journal.marks.first(CAUGHT_UP, clock())
            rest = Rest(URL, BOT, PASSWORD, make_session=self._session, sleep=lambda _: time.pass_s(1.0))
            self._lookup, self._hands = GerritLookup(rest, clock, request_of), GerritHands(rest)
            self.desk = Desk(journal.intake.nudge, monotonic)
            catching = CatchUp(
                rest,
                journal.intake.hear,
                read_mark=lambda: journal.marks.get(CAUGHT_UP),
                write_mark=lambda at: journal.marks.put(CAUGHT_UP, at),
                clock=clock,
                monotonic=monotonic,
            )
            self.catching = catching
            sweeping = TagSweep(
                rest,
                journal.intake.hear,
                Known(
                    repos=lambda: audited_repos(self.settings),
                    tags=journal.signoffs.tags_of,
                    strange=journal.signoffs.strange_tags_of,
                    hidden=_nobody,
                ),
                read_mark=lambda repo: journal.marks.get(SWEPT + repo),
                write_mark=lambda repo, at: journal.marks.put(SWEPT + repo, at),
                clock=clock,
                monotonic=monotonic,
            )

            def missed(because: str) -> None:
                catching.request(because)
                sweeping.request(because)

            self._stream = ChoppedStream(
                state,
                faults,
                next(one.account_id for one in state.accounts.values() if one.username == BOT),
                journal.intake.hear,
                missed=missed,
                later=time.later,
                clock=clock,
                monotonic=monotonic,
                chance=chance,
            )
            self.decider = Decider(
                journal.intake, journal.deciding, self.desk, PARSERS, lambda: self.settings, time.tick
            )
        except BaseException:
            journal.close()
            raise
        self.workers: tuple[Worker, ...] = (
            self._stream,
            catching,
            sweeping,
            self.decider,
            *(Looker(self.desk, self._lookup, chance, name=f"looker-{n}", trouble=_nobody) for n in range(2)),
            *(
                Messenger(
                    journal.telling,
                    teller,
                    name=f"messenger-{n}",
                    goes_by=self._goes_by,
                    cases=lambda: journal.views.cases(open_only=True),
                    clock=clock,
                    trouble=_nobody,
                    may_act=lambda: self.settings.mode == "act",
                )
                for n in range(2)
            ),
            *(
                Actor(
                    journal.acting,
                    self._hands,
                    name=f"actor-{n}",
                    refused=self._refused,
                    trouble=_nobody,
                    may_act=lambda: self.settings.mode == "act",
                )
                for n in range(2)
            ),
        )

    def end(self) -> None:
        """Nothing of it is left but the journal's file."""
        self._stream.close()
        self.journal.close()

    @property
    def book(self) -> Book | None:
        """The newest book the decider made; the one in use once a step of it went well."""
        return self._book

    def _remember_books(self, journal: Journal) -> None:
        make = journal.deciding.book

        def remembered() -> Book:
            self._book = make()
            return self._book

        journal.deciding.book = remembered  # type: ignore[method-assign]

    def _goes_by(self) -> GoesBy:
        rules = Rules(roster=self.settings.changes.roster, notify=NOTIFY, started=self.since)
        return GoesBy(rules=rules, sender=Sender(notify=NOTIFY), channels=lambda _: ())

    def _is_over(self, key: str) -> bool:
        with self.journal.database.read() as connection:
            return connection.execute(select(cases.c.state).where(cases.c.key == key)).scalar() != "open"

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.mount(URL, self._door)
        return session

    def _refused(self, item: str, repo: str, person: str, why: str) -> None:
        raw = own_events.ask_refused(item, repo, person, why, self._clock())
        self.journal.intake.hear(own_events.SOURCE, "hands", [Heard(sequence=0, raw=raw)])


def _nobody(_trouble: str) -> None:
    """Is told of troubles."""

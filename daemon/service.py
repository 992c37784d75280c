"""The daemon's life: start what works, watch it, reload, end within five seconds."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

import structlog

from daemon import own_events
from daemon.config.load import Config, load, settings
from daemon.config.mistakes import Mistakes
from daemon.health import Health
from daemon.journal.claim import Claimed
from daemon.journal.journal import Journal, now
from daemon.journal.marks import FIRST_START
from daemon.notify import notify, watchdog_s
from daemon.web.serve import Pages
from daemon.wiring import (
    PARSERS,
    LateTeller,
    OldOnes,
    TagsToAudit,
    gerrit_parts,
    governance_rosters,
    ways_to_people,
)
from daemon.workers.actor import Actor
from daemon.workers.decider import Decider
from daemon.workers.desk import Desk
from daemon.workers.governance_watch import GovernanceWatch
from daemon.workers.looker import Looker
from daemon.workers.loop import Loop
from daemon.workers.messenger import Messenger
from integrations.contract import Heard, Source, Transient
from rules.catalogue.audit import audited_repos
from rules.state import Pause
from rules.verdicts import Settings

log = structlog.get_logger()

LOOKERS = 4
ACTORS = 2
MESSENGERS = 2  # a channel that does not answer holds up one of them
END_WITHIN_S = 4.0
BEAT_S = 0.5
MAIN_LOOK_S = 5.0  # how often troubles are read for systemd's status


class Service:
    """All workers on one journal. `directory` is read again on reload."""

    def __init__(self, directory: Path, config: Config, journal: Journal) -> None:
        self._directory = directory
        self._config = config
        self._started_with = config.service
        self._journal = journal
        self._chance = random.Random()  # noqa: S311  spreads retries
        self.health = Health(journal.views)
        self._first_start = journal.marks.first(FIRST_START, now())
        self._taking_over = threading.RLock()  # the config and the settings: two threads may have news
        self._roster_trouble = ""
        self._settings = self._settings_of(config)
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._decider, others = self._workers()
        self._loops = [Loop(self._decider), *(Loop(worker) for worker in others)]
        self.health.loops = self._loops
        self._ready = False

    @property
    def settings(self) -> Settings:
        """What deciding goes by now."""
        return self._settings

    @property
    def web_port(self) -> int:
        """Where the pages are; 0 until they listen."""
        return self._pages.port

    def run(self, holds_claim: Callable[[], bool]) -> None:
        """Until SIGTERM or SIGINT, or until the claim on the journal is lost. Only the main thread may call it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGHUP, self._asked_to_reload)
        with self.started():
            self._watch(holds_claim)

    def started(self) -> Started:
        """Everything at work, for as long as the context lasts."""
        return Started(self._begin, self._end)

    def stop(self) -> None:
        """End `run` soon."""
        self._stop.set()

    def reload(self) -> None:
        """Read the config again; a wrong one is shown and the old one stays. Any thread may ask."""
        with self._taking_over:
            self._read_again()

    def _read_again(self) -> None:
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            config = load(self._directory, governance=self._governance.read)
        except Mistakes as error:
            for mistake in error.mistakes:
                log.error("config.refused", mistake=str(mistake))
            self.health.reporter("config")("the config on disk is wrong, the last good one is in force: see czar check")
        else:
            self._take_over(config)
        if self._ready:
            notify("READY=1")

    def _take_over(self, config: Config) -> None:
        fixed = ("gerrit", "web", "state", "database", "database_file", "log")
        changed = [name for name in fixed if getattr(config.service, name) != getattr(self._started_with, name)]
        if changed:
            log.warning("config.needs_restart", changed=changed, because="these count from the next start")
        self._config, self._settings = config, self._settings_of(config)
        self.health.reporter("config")("")
        self._journal.intake.nudge()
        log.info("config.reloaded", version=config.version, roster=config.roster.revision)

    def _settings_of(self, config: Config) -> Settings:
        gerrit = config.service.gerrit
        return settings(
            config,
            since=config.since or self._first_start,
            ourselves=gerrit.user if gerrit else "",
            started=self._first_start,
            roster_trouble=self._roster_trouble,
        )

    def _roster_is(self, trouble: str) -> None:
        """Whether the roster in force can be trusted, "" if so: new settings when that changes."""
        self.health.reporter("governance")(trouble)
        with self._taking_over:
            if trouble == self._roster_trouble:
                return
            self._roster_trouble = trouble
            self._settings = replace(self._settings, roster_trouble=trouble)
        if trouble:
            log.error("governance.trouble", because=trouble)
        else:
            log.info("governance.well", revision=self._config.governance_revision)
        self._journal.intake.nudge()

    def _old_ones(self) -> OldOnes:
        return OldOnes(per_day=lambda: self._config.backlog or 0, since=lambda: self._config.since or self._first_start)

    def _tags(self) -> TagsToAudit:
        hidden = self.health.reporter("tags", mild=True)
        return TagsToAudit(repos=lambda: audited_repos(self._settings), hidden=hidden)

    def _workers(self) -> tuple[Decider, list[Source | Looker | Actor | Messenger | Pages | GovernanceWatch]]:
        journal, health = self._journal, self.health
        desk = Desk(journal.intake.nudge)
        self._pages = Pages(self._config.service.web, health, journal.views)
        decider = Decider(journal.intake, journal.deciding, desk, PARSERS, lambda: self._settings, now)
        self._governance = GovernanceWatch(
            governance_rosters,
            in_force=lambda: (self._config.governance, self._config.governance_revision),
            reload=self.reload,
            trouble=self._roster_is,
            clock=now,
        )
        others: list[Source | Looker | Actor | Messenger | Pages | GovernanceWatch] = [
            self._pages,
            self._governance,
            *self._messengers(),
        ]
        if self._config.service.gerrit:
            parts = gerrit_parts(
                self._config.service.gerrit, self._config, journal, now, self._chance, self._old_ones(), self._tags()
            )
            health.sources = parts.sources
            look, act = health.reporter("gerrit-lookup"), health.reporter("gerrit-hands")
            others += parts.sources
            others += [
                Looker(desk, parts.lookup, self._chance, name=f"looker-{n}", trouble=look) for n in range(LOOKERS)
            ]
            others += [
                Actor(
                    journal.acting,
                    parts.hands,
                    name=f"actor-{n}",
                    refused=self._ask_refused,
                    trouble=act,
                    may_act=self._may_act,
                )
                for n in range(ACTORS)
            ]
        return decider, others

    def _messengers(self) -> list[Messenger]:
        teller, trouble = LateTeller(), self.health.reporter("notify", mild=True)
        return [
            Messenger(
                self._journal.telling,
                teller,
                name=f"messenger-{n}",
                goes_by=lambda: ways_to_people(self._config, self._first_start),
                cases=lambda: self._journal.views.cases(open_only=True),
                clock=now,
                trouble=trouble,
                may_act=self._may_act,
            )
            for n in range(MESSENGERS)
        ]

    def _may_act(self) -> bool:
        """What was decided before a change of mode waits until the mode is `act` again."""
        return self._settings.mode == "act"

    def _ask_refused(self, item: str, repo: str, person: str, why: str) -> None:
        raw = own_events.ask_refused(item, repo, person, why, now())
        self._journal.intake.hear(own_events.SOURCE, "hands", [Heard(sequence=0, raw=raw)])

    def _begin(self) -> None:
        log.info("czar.started", pid=os.getpid(), mode=self._settings.mode, config=self._settings.version)
        for loop in self._loops:
            loop.start()

    def _end(self) -> None:
        """A call under way is abandoned: what it brought about is found by looking at the next start."""
        notify("STOPPING=1")
        deadline = time.monotonic() + END_WITHIN_S
        for loop in self._loops:
            loop.stop()
        for loop in self._loops:
            closing: Callable[[], None] | None = getattr(loop.worker, "close", None)
            if closing:
                closing()
        self._journal.intake.nudge()
        late = [loop.worker.name for loop in self._loops if not loop.join(max(0.0, deadline - time.monotonic()))]
        log.info("czar.stopped", abandoned=late)

    def _watch(self, holds_claim: Callable[[], bool]) -> None:
        """Feed the watchdog while the decider turns, say when we are ready, reload when asked."""
        every_s = min(BEAT_S, (watchdog_s() or 60.0) / 4)
        status, looked_at = "", 0.0
        while not self._stop.wait(every_s):
            if self._reload.is_set():
                self._reload.clear()
                self.reload()
            if self._loops[0].beat_age_s() < (watchdog_s() or 60.0):
                notify("WATCHDOG=1")
            if self._ready and time.monotonic() - looked_at < MAIN_LOOK_S:
                continue
            looked_at = time.monotonic()
            if not holds_claim():
                raise Claimed("the claim on the journal is lost: another czar may have it")
            status = self._tell_status(status)

    def _tell_status(self, before: str) -> str:
        troubles = self.health.troubles()
        told = troubles | self.health.mild() | {f"paused {one.scope}": one.because for one in self._pauses()}
        status = "; ".join(f"{name}: {because}" for name, because in told.items()) or "all is well"
        if not troubles and not self._ready:
            self._ready = True
            notify("READY=1")
            log.info("czar.ready")
        if status != before:
            notify(f"STATUS={status[:400]}")
        return status

    def _pauses(self) -> tuple[Pause, ...]:
        try:
            return self._journal.pausing.all()
        except Transient:  # told as a trouble of the journal
            return ()

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _asked_to_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reload.set()


class Started:
    """Begins on entering, ends on leaving."""

    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin, self._end = begin, end

    def __enter__(self) -> None:
        self._begin()

    def __exit__(self, *_: object) -> None:
        self._end()

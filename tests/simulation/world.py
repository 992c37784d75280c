"""The simulated world: Gerrit, its people, the daemon, and a seed that chooses what happens next."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from daemon.workers.loop import AFTER_FAULT_S, LONGEST_AFTER_FAULT_S, Worker
from integrations.contract import Transient
from integrations.sandbox.gerrit.faults import Faults
from integrations.sandbox.gerrit.in_process import InProcess
from integrations.sandbox.gerrit.rest import Rest
from integrations.sandbox.gerrit.state import State
from rules.state import ACTING, EVERYTHING
from tests.simulation import community
from tests.simulation.community import CZARS, RULES, Config
from tests.simulation.mishaps import Disk, Doom, Door, Killed, Time
from tests.simulation.people import People
from tests.simulation.process import Process
from tests.simulation.release_people import ReleasePeople
from tests.simulation.teller import FakeTeller
from tests.simulation.witness import Witness

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
MOST_AT_A_STRETCH = 2_000  # rounds without time passing: more, and somebody works for ever


class Broken(AssertionError):
    """The promise is broken."""


class World:
    """`live` for so many steps, then `calm_down`; look at `state` and at the journal in `process` afterwards.

    `file` is a journal in which nothing was written yet. `trace` tells what happened, step by step.
    """

    def __init__(self, file: Path, seed: int) -> None:
        self._file = file
        self.chance = random.Random(seed)
        self.time = Time()
        self.clock = self.time.clock
        self.state = State(clock=self.clock, seed=str(seed))
        self.accounts = community.populate(self.state)
        self.faults = Faults()
        self.doom = Doom()
        self.disk = Disk(self.doom, self.chance)
        self.door = Door(InProcess(Rest(self.state, self.faults)), self.time, self.doom, self.chance)
        self.door.between = self._meanwhile
        self.people = People(self.state, self.accounts, self.chance, lambda: self.door.busy)
        self.releasing = ReleasePeople(self.state, self.accounts, self.chance, lambda: self.clock.pass_s(1.0))
        self.teller, self.witness = FakeTeller(self.doom), Witness()
        self.config = Config()
        self.always_acted = True
        self.lives = 0
        self.trace: list[str] = []
        self._version = 0
        self._lively = False
        self._may_observe = self.chance.random() < 0.3
        self._releases = self.chance.choice((0.1, 0.2, 0.6))  # so many of the acts are about releases
        self._roughness = self.chance.choice((0.3, 1.0, 2.0))
        self._doomed = ("", 0)  # which worker will not survive its step, and after how many points
        self._process: Process | None = None
        self._resting: dict[str, tuple[float, int]] = {}  # workers after a fault: until when, how many in a row
        self.people.push()
        self.people.push()
        self.rosters: list[tuple[datetime, Config]] = [(self.clock(), self.config)]  # and since when they hold
        self.time.pass_s(HOUR_S)
        self._start()

    @property
    def process(self) -> Process:
        """The daemon's present life."""
        assert self._process is not None
        return self._process

    def live(self) -> None:
        """One step: something happens."""
        self._lively = True
        happenings = {
            self._somebody_acts: 20,
            self._many_act: 6,
            self._something_works: 30,
            self._all_work: 20,
            self._time_passes: 10,
            self._rest_fails: 4 * self._roughness,
            self._stream_fails: 4 * self._roughness,
            self._telling_fails: 2 * self._roughness,
            self._disk_fails: 1 * self._roughness,
            self._is_killed: 5 * self._roughness,
            self._is_reloaded: 2,
            self._is_paused: 1,
            self._all_is_well: 6,
        }
        (happen,) = self.chance.choices([*happenings], [*happenings.values()])
        self._tell(happen())
        self.time.pass_s(self.chance.uniform(0.0, 2.0))

    def calm_down(self) -> None:
        """Nothing fails any more, and the daemon works until there is nothing left to do."""
        self._lively = False
        self._all_is_well()
        self.door.late = 0
        self.config = replace(self.config, mode="act", trouble="")  # else what was decided before waits for ever
        self._tell(self._reload())
        waits_s = (0.1, 5.0, 31.0, 61.0, 1000.0, HOUR_S + 1, HOUR_S + 1, HOUR_S + 1, *(HOUR_S + 1,) * 30)
        for turn, wait_s in enumerate(waits_s):
            self.time.pass_s(wait_s)
            resumed = self.process.journal.pausing.resume() if self._process or self._start() else ()
            self.work_until_idle()
            if turn > 7 and not resumed and not self.process.journal.pausing.all():
                break
        self._tell("all is calm")

    def work_until_idle(self) -> None:
        """Every worker in turn, until none finds anything to do."""
        for _ in range(MOST_AT_A_STRETCH):
            if self._process is None and not self._start():
                return
            if not self._all_step() and not self._work(self.process.decider):  # whose ticks are heard by an idle step
                return
        self.fail("the daemon finds no end")

    def fail(self, because: str) -> NoReturn:
        """The promise is broken."""
        raise Broken(because)

    # what happens

    def _somebody_acts(self) -> str:
        return self._act()

    def _act(self) -> str:
        return self.releasing.act() if self.chance.random() < self._releases else self.people.act()

    def _many_act(self) -> str:
        return "; ".join(self._act() for _ in range(self.chance.randint(2, 6)))

    def _something_works(self) -> str:
        if self._process is None:
            return "the daemon starts" if self._start() else "the daemon cannot start"
        worker = self.chance.choice(self._workers())
        return f"{worker.name}: {self._work(worker)}"

    def _all_work(self) -> str:
        self.work_until_idle()
        return "the daemon works until it is idle"

    def _time_passes(self) -> str:
        seconds = (
            self.chance.choice((6.0, 40.0, 700.0, HOUR_S, 3 * HOUR_S, 5 * HOUR_S, DAY_S, 3 * DAY_S))
            * self.chance.random()
        )
        self.time.pass_s(seconds)
        return f"{seconds:.0f} s pass"

    def _rest_fails(self) -> str:
        times = self.chance.choice((1, 1, 2, 4, 30))
        what = self.chance.choice(("503", "500", "hangs", "is cut", "loses answers", "is late", "is late", "is shut"))
        match what:
            case "503" | "500":
                self.faults.answer(int(what), times=times)
            case "hangs":
                self.faults.hang(times=min(times, 4))
            case "is cut":
                self.faults.cut(times=times)
            case "is shut":
                self.faults.shut_rest()
            case "loses answers":
                self.faults.lose_answer(times=min(times, 4), method="POST")
            case _:
                self.door.late += 1
        return f"REST {what} × {times}"

    def _stream_fails(self) -> str:
        what = self.chance.choice(("cut", "cut", "loses lines", "is down", "is down"))
        match what:
            case "cut":
                self.faults.cut_streams()
            case "loses lines":
                self.faults.drop_output(self.chance.randint(1, 10))
            case _:
                self.faults.freeze()
                self.faults.cut_streams()
        return f"the stream: {what}"

    def _telling_fails(self) -> str:
        what = self.chance.choice(("fails", "fails", "loses the answer", "loses the answer", "refuses"))
        self.teller.next += [what] * (1 if what == "refuses" else self.chance.randint(1, 3))
        return f"telling: {what}"

    def _disk_fails(self) -> str:
        self.disk.state = self.chance.choice(("full", "broken"))
        return f"the disk is {self.disk.state}"

    def _all_is_well(self) -> str:
        self.faults.clear()
        self.teller.next.clear()
        self.disk.state = "fine"
        return "all faults are mended"

    def _is_killed(self) -> str:
        if self._process is None or self.chance.random() < 0.2:
            self._end()
            return "the daemon is killed between two steps"
        lives = self.lives
        self._tell(self._many_act())
        self._doomed = self.chance.choice(self._workers()).name, self.chance.randrange(9)
        self.work_until_idle()
        self._doomed = "", 0
        return "the daemon is killed at work" if self.lives != lives else "the daemon works and is not killed"

    def _is_reloaded(self) -> str:
        now = self.clock()
        away = tuple(community.absence(who, now, self.chance.randrange(9)) for who in self.chance.sample(CZARS, k=2))
        opted_out = self.chance.choice(("", "", *CZARS))
        self.config = Config(
            away=self.chance.choice(((), away, away)),
            opted_out=opted_out,
            off=self.chance.choice(("", "", "ann", "bob")),
            trouble=self.chance.choice(("", "", "", "", "governance is away")),
        )
        if self._may_observe:
            rule, mode = self.chance.choice(RULES), self.chance.choice(("observe", "off"))
            team_mode = self.chance.choice((None, "observe"))
            modes = self.chance.choice(((), ((rule, mode),)))
            mode = self.chance.choice(("act", "act", "observe"))
            self.config = replace(self.config, modes=modes, team_mode=team_mode, mode=mode)
        return self._reload()

    def _reload(self) -> str:
        self.always_acted = self.always_acted and self.config.acts
        self._version += 1
        self.rosters.append((self.clock(), self.config))
        if self._process:
            self._process.settings = community.settings(self.config, self._process.since, self._version)
        return f"reloaded: {self.config}"

    def _is_paused(self) -> str:
        if self._process is None:
            return "nobody to pause"
        scope = self.chance.choice((ACTING, EVERYTHING, *RULES))
        try:
            if self.chance.random() < 0.5:
                return f"resumed {self._process.journal.pausing.resume()}"
            self._process.journal.pausing.pause(scope, "a person said so", self.clock())
        except Transient as error:
            return f"not paused: {error}"
        return f"paused {scope}"

    def _meanwhile(self) -> None:
        """While an answer travels, somebody acts."""
        if self._lively and self.chance.random() < 0.05:
            self._tell(f"  meanwhile {self._act()}")

    # the daemon

    def _workers(self) -> tuple[Worker, ...]:
        return self.process.workers

    def _all_step(self) -> bool:
        """Each worker once; whether one of them did something, or the process was killed over it."""
        process, worked = self._process, False
        for worker in self._workers():
            worked = self._work(worker) or worked
            if self._process is not process:
                return True
        return worked

    def _work(self, worker: Worker) -> bool:
        """One step; as in `Loop`, the worker rests after a transient error. Any other error is a fault of ours."""
        rests_until, faults = self._resting.get(worker.name, (0.0, 0))
        if self.clock.monotonic_s() < rests_until:
            return False
        doomed, points = self._doomed
        if worker.name == doomed:
            self.doom.arm(points)
        try:
            worked = worker.step(0.0)
        except Transient as error:
            self._tell(f"  {worker.name} cannot: {error}")
            after_s = min(LONGEST_AFTER_FAULT_S, AFTER_FAULT_S * 2.0 ** min(faults, 10))
            self._resting[worker.name] = self.clock.monotonic_s() + after_s, faults + 1
            return False
        except Killed:
            self._tell(f"  killed in {worker.name}")
            self._doomed = "", 0
            self._end()
            return False
        except Exception as error:
            raise Broken(f"{worker.name} raised {type(error).__name__}: {error}") from error
        finally:
            self.doom.disarm()
        self._resting.pop(worker.name, None)
        return worked

    def _start(self) -> bool:
        self.lives += 1
        self._resting.clear()
        try:
            self._process = Process(
                self._file,
                state=self.state,
                faults=self.faults,
                door=self.door,
                disk=self.disk,
                time=self.time,
                chance=self.chance,
                settings=lambda since: community.settings(self.config, since, self._version),
                teller=self.teller,
                witness=self.witness,
            )
        except (Transient, Killed) as error:
            self._tell(f"  the daemon cannot start: {error}")
            return False
        return True

    def _end(self) -> None:
        if self._process:
            self._process.end()
        self._process = None

    def close(self) -> None:
        """The end of the world."""
        self._end()

    def _tell(self, what: str) -> None:
        self.trace.append(f"{self.clock():%m-%d %H:%M:%S} {what}")

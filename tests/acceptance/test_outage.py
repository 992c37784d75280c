"""Gerrit's REST is away while its events go on: everything is heard, and afterwards everybody is asked once."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
import structlog

from daemon.journal.database import Database
from integrations.contract import Transient
from integrations.sandbox.gerrit.records import Change
from rules.ladders import Step
from rules.routing import Index
from rules.verdicts import Limits
from tests.acceptance.community import metric
from tests.czar_process import Czar
from tests.simulation.community import BOT
from tests.simulation.world import World
from tests.stand_in_world import StandInWorld
from tests.waiting import until

pytestmark = pytest.mark.full
HOUR_S = 3600.0
WAITING = 200
ASKED = 10
"""Changes that wait for somebody already when REST goes away."""
UNLIMITED = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)
LADDER = (
    Step(after=timedelta(minutes=20), business=False, do="ping"),
    Step(after=timedelta(minutes=50), business=False, do="reassign"),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Simulated: the whole daemon on a made-up clock, with a ladder that an hour is long for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    file = tmp_path / "czar.db"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    made = World(file, seed=0)
    old = made.process.settings
    rules = tuple(replace(rule, ladder="review") for rule in old.changes.rules)
    changes = Index(rules=rules, roster=old.changes.roster)
    ladders = MappingProxyType({"review": LADDER})
    made.process.settings = replace(old, changes=changes, ladders=ladders, limits=UNLIMITED)
    let_pass(made, 10)
    yield made
    made.close()
    structlog.reset_defaults()


def let_pass(world: World, seconds: float) -> None:
    """So long, and the daemon works."""
    world.time.pass_s(seconds)
    world.work_until_idle()


def try_all(world: World, seconds: float) -> None:
    """So long, and every worker works once: with nothing but failures to get there is no end to trying."""
    world.time.pass_s(seconds)
    for worker in world.process.workers:
        with suppress(Transient):
            worker.step(0.0)


def pushed(world: World) -> Change:
    """A change of somebody whom nobody asks."""
    return world.state.push(world.accounts["dev"], "org/nova", subject="Do it", files={"src/a.py": "1\n"})


def told(change: Change, bot: int) -> int:
    """How many messages the bot wrote on it."""
    return sum(message.author == bot for message in change.messages)


def asked(change: Change, bot: int) -> Counter[int]:
    """Whom the bot put on it, and how often."""
    return Counter(one.reviewer for one in change.reviewer_updates if one.by == bot and one.state == "REVIEWER")


def test_after_an_hour_without_rest_everybody_was_asked_once(world: World) -> None:
    bot = world.accounts[BOT]
    before = [pushed(world) for _ in range(ASKED)]
    let_pass(world, 10)
    assert [told(change, bot) for change in before] == [1] * ASKED
    heard = world.process.journal.views.stats().heard["gerrit-stream"]
    world.faults.shut_rest()
    waiting = []
    for _ in range(WAITING):
        waiting.append(pushed(world))
        try_all(world, HOUR_S / WAITING)
    try_all(world, 10)
    try_all(world, 10)
    assert world.process.journal.views.stats().heard["gerrit-stream"] >= heard + WAITING
    assert not any(told(change, bot) for change in waiting)
    world.faults.open_rest()
    for _ in range(40):
        let_pass(world, 15)
    for change in waiting:
        assert (told(change, bot), asked(change, bot).total()) == (1, 1), change.number
    for change in before:  # reminded late, but not handed on as well: the next step keeps its distance
        assert (told(change, bot), asked(change, bot).total()) == (2, 1), change.number
    assert world.process.journal.views.stats().actions.get("pending", 0) == 0


ROSTER = """\
people: {ann: {gerrit: ann}, bob: {gerrit: bob}, cyd: {gerrit: cyd}}
teams: {tea: {repos: [tea], duties: {code: {czars: [ann, bob, cyd]}}}}
"""
RULES = """\
defaults: {limits: {rule_per_hour: 1000, total_per_hour: 1000, person_per_day: 1000}}
ladders: {quick: [{after: 5s, do: ping}]}
rules:
  - {id: watched, event: change, when: {subject: "re:^Watched"}, ask: {duty: code, pick: 1}, ladder: quick}
  - {id: any, event: change, ask: {duty: code, pick: 1}}
"""
AWAY_S = 10.0
AT_ONCE = 40
HEARD = 'czar_heard_total{source="gerrit-stream"}'


@pytest.mark.long
def test_a_real_daemon_outlives_some_seconds_without_rest(tmp_path: Path) -> None:
    world = StandInWorld(tmp_path)
    try:
        with Czar(tmp_path / "czar") as czar:
            outlives(world, czar)
    finally:
        world.close()


def has_heard(czar: Czar, count: float) -> bool:
    return metric(czar, HEARD) >= count


def outlives(world: StandInWorld, czar: Czar) -> None:
    state, faults = world.gerrit.state, world.gerrit.faults
    bot, dev = world.add_person("czar-bot", service=True), world.add_person("dev")
    for name in ("ann", "bob", "cyd"):
        world.add_person(name)
    world.add_project("tea")
    czar.write(world, bot, roster=ROSTER, rules=RULES)
    czar.start()

    def push(subject: str) -> Change:
        return state.changes[world.push(dev, "tea", subject=subject, files={"a": "1\n"}).number]

    before = [push("Watched") for _ in range(ASKED)]
    until(lambda: all(told(change, bot.account_id) for change in before), 60, "the first to be asked about")
    heard = metric(czar, HEARD)
    faults.shut_rest()
    end = time.monotonic() + AWAY_S
    messages = sum(told(change, bot.account_id) for change in before)
    waiting: list[Change] = []
    for count in range(AT_ONCE, WAITING + 1, AT_ONCE):  # in one burst the stream would drop some, as a real one does
        waiting += [push("Do it") for _ in range(AT_ONCE)]
        until(partial(has_heard, czar, heard + count), 20, "them to be heard")
    until(lambda: time.monotonic() > end, AWAY_S + 5, "the outage to last")
    assert not czar.is_ready()
    assert sum(told(change, bot.account_id) for change in (*before, *waiting)) == messages
    faults.open_rest()
    until(lambda: all(told(change, bot.account_id) for change in waiting), 150, "everybody to be asked")
    until(lambda: all(told(change, bot.account_id) == 2 for change in before), 60, "everybody to be reminded")
    until(czar.is_ready, 90, "the daemon to be ready")
    until(lambda: metric(czar, 'czar_actions{state="pending"}') == 0, 60, "nothing to be left to do")
    for change in (*before, *waiting):
        assert asked(change, bot.account_id).total() == 1, change.number
        assert told(change, bot.account_id) == 1 + (change in before), change.number

"""Recordings played in several ways: by the config as it is, by chance, and by `first`. What is counted is counted from
what the command would show.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from benchmarks.turns import Turns
from daemon.commands.decided import decision_row
from daemon.commands.recordings import lines_of, touched_by
from daemon.commands.shown import json_line
from daemon.config.load import load, settings
from daemon.replay import Replay
from daemon.wiring import read_governance, stream_parser
from rules import picking
from rules.picking import Circumstances
from rules.routing import Ask, Index
from rules.verdicts import Decision, Limits, Settings

WAYS = ("by turns", "by chance", "first")
UNLIMITED = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Stream lines in order of time, and the touched paths."""

    lines: tuple[bytes, ...]
    files: tuple[Path, ...]


@dataclass(slots=True)
class Played:
    """What came of one way. `passed_over`: how often whom for which reason, so that one sees what was tried."""

    turns: Turns
    sha256: str = ""
    unrouted: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)


def merged(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of several recordings, by time; those of one second in the order of the paths."""
    return heapq.merge(*(lines_of([path]) for path in paths), key=lambda line: json.loads(line)["eventCreatedOn"])


def play(recording: Recording, config: Path, way: str, seed: int = 1) -> Played:
    """The recording by a config, whose numbers pick in one of the WAYS; `seed` is for chance."""
    roster, rules = (yaml.safe_load((config / name).read_text("utf-8")) for name in ("roster.yaml", "rules.yaml"))
    played, sha = Played(Turns(roster, rules)), hashlib.sha256()
    replay = Replay(stream_parser, _settings(config, way), touched_by(recording.files))
    with _order(way, seed):
        for line in recording.lines:
            for row in _heard(line, replay, played):
                sha.update(f"{json_line(row)}\n".encode())
    played.sha256 = sha.hexdigest()
    return played


def _heard(line: bytes, replay: Replay, played: Played) -> Iterator[dict[str, Any]]:
    """The rows of a line. What fell due before it was decided in a world that did not know the line."""
    decisions = list(replay.hear(line))
    ticks = [one for one in decisions if one.event == "Tick"]
    for decision in ticks:
        yield _row(decision, played)
    played.turns.hear(json.loads(line))
    for decision in decisions[len(ticks) :]:
        yield _row(decision, played)


def _row(decision: Decision, played: Played) -> dict[str, Any]:
    row = decision_row(decision)
    played.turns.decided(row)
    asks = [verdict for verdict in decision.verdicts if verdict.outcome == "ask"]
    played.unrouted += sum(not verdict.people for verdict in asks)
    played.passed_over.update(one.code for verdict in asks for one in verdict.candidates if one.code)
    return row


def _settings(config: Path, way: str) -> Settings:
    read = load(config, governance=read_governance)
    gerrit = read.service.gerrit
    made = settings(read, since=read.since, ourselves=gerrit.user if gerrit else "", limits=UNLIMITED)
    if way != "first":
        return made
    rules = (replace(rule, ask=_first(rule.ask), else_=_first(rule.else_)) for rule in made.changes.rules)
    return replace(made, changes=Index(rules=tuple(rules), roster=made.changes.roster))


def _first(ask: Ask | None) -> Ask | None:
    return replace(ask, pick="first") if ask and isinstance(ask.pick, int) else ask


def _order(way: str, seed: int) -> AbstractContextManager[object]:
    return patch.object(picking, "_burden", partial(_chance, seed)) if way == "by chance" else nullcontext()


def _chance(seed: int, person: str, world: Circumstances) -> tuple[float, float, bytes]:
    """In place of open turns and the last ask: the draw alone."""
    return 0.0, 0.0, hashlib.sha256(f"{seed}\0{world.item}\0{person}".encode()).digest()

"""Ladders: what is done how long after an ask that nobody answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from daemon.config.marks import Marked
from daemon.config.reading import Reading, Section

DEEDS = ("ping", "reassign", "add", "notify")
ADDED = ("deputies", "ptl")

_AFTER = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `after` counts from the ask, in business days where `business`; `to` says who is added."""

    after: timedelta
    business: bool
    do: str
    to: str | None = None


Ladders = Mapping[str, tuple[Step, ...]]


def read_ladders(reading: Reading, value: Marked | None) -> Ladders:
    """The steps of each ladder, in order."""
    found = {}
    for key, entry in reading.named(value, "ladders"):
        steps = reading.listed(entry, f"ladder '{key.text}'")
        found[reading.name(key, "a ladder")] = _steps(reading, steps)
    return MappingProxyType(found)


def _steps(reading: Reading, items: tuple[Marked, ...]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in items:
        section = Section(reading, item, "a step", ("after", "do", "to"))
        if section.missing("after", "do"):
            continue
        step = _step(section)
        if step and steps and step.after < steps[-1].after:
            reading.wrong(section.at("after"), "order", "this step comes before the one above it")
        if step:
            steps.append(step)
    return tuple(steps)


def _step(section: Section) -> Step | None:
    do = section.choice("do", DEEDS)
    to = section.choice("to", ADDED)
    after = section.word("after")
    if do == "add":
        section.missing("to")
    elif do and "to" in section:
        section.reading.wrong(section.key("to"), "shape", f"'to' goes with 'add', not with '{do}'")
    if after is None or do is None:
        return None
    found = _AFTER.fullmatch(after.text)
    if found is None:
        example = "write e.g. 90s, 30m, 4h or 2d (business days)"
        section.reading.wrong(after, "duration", f"'{after.text}' is no time: {example}")
        return None
    return Step(after=timedelta(**{_UNITS[found[2]]: int(found[1])}), business=found[2] == "d", do=do, to=to)

"""Ladders: what is done how long after an ask that nobody answered."""

from __future__ import annotations

from types import MappingProxyType

from daemon.config.durations import read_duration
from daemon.config.marks import Marked
from daemon.config.reading import Reading, Section
from rules.ladders import ADDED, DEEDS, Ladders, Step

MOST_DAYS = 366
"""A step comes no later than that after the ask."""


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
    found = read_duration(after.text)
    if found is None:
        example = "write e.g. 90s, 30m, 4h or 2d (business days)"
        section.reading.wrong(after, "duration", f"'{after.text}' is no time: {example}")
        return None
    if found.length.days > MOST_DAYS:
        section.reading.wrong(after, "duration", f"'{after.text}' is too late: write at most {MOST_DAYS}d")
    return Step(after=found.length, business=found.in_days, do=do, to=to)

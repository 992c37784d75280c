"""What happens next to a case, and when, in words: from the step of its ladder it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from daemon.main import config_directory
from rules.ladders import Ladders, Step
from rules.signoff.rule import with_ladder
from rules.state import Case

NOTHING = "nothing more by itself"


def ladders_on_disk() -> Ladders:
    """Those of the rules. Where these have mistakes that is said, and the rest of a command goes on without."""
    from daemon.config.load import load
    from daemon.config.mistakes import Mistakes

    try:
        return with_ladder(load(config_directory(), need=("rules",)).ladders)
    except Mistakes:
        click.echo("rules.yaml has mistakes (czar check): what comes next cannot be told", err=True)
        return {}


def what_next(case: Case, ladders: Ladders) -> str:
    """E.g. "reminder at 2026-01-09 12:00, then somebody else is asked". Times are UTC."""
    if case.state == "closed":
        return "nothing: it is closed"
    if case.state == "unrouted":
        return "tried again every hour, and when config, roster or arrangements change"
    if case.as_ == "suggest":
        return "nothing by itself: it is a suggestion"
    if case.observed:
        return "nothing: it is only observed, nobody was told"
    if case.state == "snoozed":
        return f"comes back at {_minute(case.due)}" if case.due else "comes back when somebody lifts the snooze"
    if case.paused:
        return f"stands still since {_minute(case.paused)}; {_steps(case, ladders)} once it goes on"
    return _steps(case, ladders)


def _steps(case: Case, ladders: Ladders) -> str:
    if case.ladder and case.ladder not in ladders:
        return f"{NOTHING}: the rules have no ladder {case.ladder} now"
    left = ladders.get(case.ladder, ())[case.step :]
    deeds = [_deed(step) for step in left]
    if deeds and case.due and not case.paused:
        deeds[0] += f" at {_minute(case.due)}"
    return ", then ".join(deeds) or NOTHING


def _deed(step: Step) -> str:
    if step.do == "add":
        return "the PTL is asked as well" if step.to == "ptl" else "the deputies are asked as well"
    return _DEEDS[step.do]


_DEEDS = {"ping": "reminder", "reassign": "somebody else is asked", "notify": "message"}


def in_order_of_urgency(cases: tuple[Case, ...], now: datetime) -> Iterator[Case]:
    """What is late comes first, by when it is due (where nothing more is due, before all); then what waits longest."""
    late = [case for case in cases if is_late(case, now)]
    rest = [case for case in cases if not is_late(case, now)]
    yield from sorted(late, key=lambda case: (case.due or case.opened, case.opened, case.key))
    yield from sorted(rest, key=lambda case: (case.opened, case.key))


def is_late(case: Case, now: datetime) -> bool:
    """Whether its ladder has begun: they were reminded, or will be any moment. What is snoozed or observed is not."""
    if case.state != "open" or case.observed or case.paused:
        return False
    return case.step > 0 or (case.due is not None and case.due <= now)


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""

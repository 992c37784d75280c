"""All that the journal has on one item, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from daemon.journal.journal import Journal
from daemon.journal.views import Told
from rules.ladders import Ladders
from rules.state import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that the journal has on one item."""

    item: str
    repo: str
    story: tuple[Told, ...]
    cases: tuple[Case, ...]
    waits: datetime | None  # for a look-up, since then


def known_of(item: str, journal: Journal) -> Known:
    """Read from the journal; an item never heard of has no story and waits for nothing."""
    story, cases = journal.views.story(item), journal.views.cases_of(item)
    return Known(
        item=item, repo=_repo(story, cases, journal), story=story, cases=cases, waits=journal.views.waits(item)
    )


def _repo(story: tuple[Told, ...], cases: tuple[Case, ...], journal: Journal) -> str:
    """By its cases, by what was looked up, else by what was heard, unless that is pruned."""
    from daemon.journal.hindsight import events
    from daemon.wiring import PARSERS

    if cases:
        return cases[0].repo
    looked = (told.detail.facts.change for told in story if told.detail and told.detail.facts)
    if change := next((one for one in looked if one), None):
        return change.repo
    told = events(journal.intake.lines([told.seq for told in story[:1]]), PARSERS)
    return next((event.change.repo for event in told), "")


def only_observed(told: Told) -> bool:
    """Whether nobody was told: it is only recorded."""
    return any(done.state == "observed" for done in told.actions)


def now_lines(case: Case, ladders: Ladders) -> Iterator[str]:
    """Who, in which state since when, why, and what comes next."""
    from daemon.commands.coming import what_next

    how = {"suggest": ", suggested", "cc": ", for their information"}.get(case.as_, "")
    state = f"{case.state}{how}{' (only observed)' if case.observed else ''}"
    whose = f"{case.role} for {case.duty or case.slot} of {case.team}" if case.person else f"{case.duty} of {case.team}"
    since = f"{', asked' if case.state == 'closed' else ' since'} {case.opened:%Y-%m-%d %H:%M}"
    yield f"  {case.slot}: {case.person or 'nobody'}, {state}{since}: {case.because}"
    yield f"     {whose}, rule {case.rule}; next: {what_next(case, ladders)}"

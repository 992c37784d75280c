"""`czar explain`: who was asked, why, why nobody else, and what happened since. From the journal alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from daemon.journal.views import Done, Told
from daemon.main import CannotRun, shared_options, wants_json
from rules.state import Case
from rules.verdicts import Verdict

ITEM = re.compile(r"gerrit:\d+|lp:\d+|tag:[^@\s]+@\S+|job:[^@\s]+@[^:\s]+:\S+|branch:[^@\s]+@\S+|repo:\S+")


@click.command(short_help="who was asked, why, and why nobody else")
@click.argument("item")
@click.option("--person", metavar="P", help="Why (not) this person, by their key in the roster.")
@shared_options
def explain(item: str, person: str | None) -> None:
    """Everything decided about ITEM (gerrit:12345). Exit 1: never heard of it."""
    from daemon.commands.opened import opened_journal
    from daemon.commands.shown import json_line

    if not ITEM.fullmatch(item):
        raise CannotRun(f"{item!r} is no item: write e.g. gerrit:12345 or tag:openstack/nova@25.0.0")
    with opened_journal() as journal:
        story, cases, waits = journal.views.story(item), journal.views.cases_of(item), journal.views.waits(item)
    if not story and waits is None:
        click.echo(f"Never heard of {item}.", err=True)
        sys.exit(1)
    if wants_json():
        for told in story:
            if told.detail:
                click.echo(json_line(_row(item, told)))
        return
    for line in _person_lines(item, story, person) if person else _lines(item, story, cases, waits):
        click.echo(line)


def _row(item: str, told: Told) -> dict[str, Any]:
    from daemon.commands.decided import action_row, verdict_row
    from daemon.commands.shown import rfc3339

    detail = told.detail
    assert detail is not None  # noqa: S101
    verdicts = [verdict_row(verdict) for verdict in detail.verdicts]
    return {
        "at": rfc3339(told.at),
        "event": told.event,
        "item": item,
        "verdicts": verdicts,
        "actions": [action_row(done.action) | {"state": done.state, "outcome": done.outcome} for done in told.actions],
        "candidates": [
            {"person": one.person, "reason": one.code or "could be asked", "because": one.because, "slot": verdict.slot}
            for verdict in detail.verdicts
            for one in verdict.candidates
        ],
        "passed": [{"rule": one.rule, "key": one.key, "because": one.because} for one in detail.passed],
        "config": detail.version,
        "roster": detail.revision,
    }


def _lines(item: str, story: tuple[Told, ...], cases: tuple[Case, ...], waits: datetime | None) -> Iterator[str]:
    yield item + (f", {cases[0].repo}" if cases else "")
    if waits:
        yield f"  waits for a look-up since {waits:%Y-%m-%d %H:%M:%S}"
    last: tuple[object, ...] = ()
    for told in story:
        said = tuple(_told(told))
        if said and said != last:
            yield f"{told.at:%Y-%m-%d %H:%M:%S} {told.event}"
            yield from said
        last = said
    if not any(told.detail for told in story):
        yield "  no rule looked at it: its repo is no team's, or only events came that are not judged"
    if cases:
        yield "Now:"
        yield from (_now(case) for case in cases)


def _told(told: Told) -> Iterator[str]:
    if told.detail is None:
        return
    for verdict in told.detail.verdicts:
        yield f"  {verdict.slot}: {_headline(verdict, observed=_only_observed(told))}"
        for one in verdict.candidates:
            mark = "->" if one.picked else "  "
            yield f"     {mark} {one.person} ({one.role}) {f'[{one.code}] ' if one.code else ''}{one.because}"
    for passed in told.detail.passed:
        yield f"  rule {passed.rule} passed: {passed.because}"
    for done in told.actions:
        yield f"  {_deed(done)}"


def _only_observed(told: Told) -> bool:
    return any(done.state == "observed" for done in told.actions)


def _headline(verdict: Verdict, *, observed: bool) -> str:
    asked = "would have asked" if observed else "asked"
    if verdict.outcome == "ask" and verdict.people:
        return f"{asked} {', '.join(verdict.people)} (rule {verdict.rule}, team {verdict.team})"
    return f"{verdict.outcome}: {verdict.because} (rule {verdict.rule})"


def _deed(done: Done) -> str:
    from daemon.commands.decided import action_row

    row = action_row(done.action)
    people = f" {', '.join(row['people'])}" if row["people"] else ""
    return f"{row['kind']}{people}: {done.state}" + (
        f" ({done.outcome})" if done.outcome not in ("", done.state) else ""
    )


def _now(case: Case) -> str:
    who = case.person or "nobody"
    return f"  {case.slot}: {who}, {case.state}{' (only observed)' if case.observed else ''}: {case.because}"


def _person_lines(item: str, story: tuple[Told, ...], person: str) -> Iterator[str]:
    """The answer to "why me?" and "why not me?", for the newest decision that looked at them."""
    for told in reversed(story):
        verdicts = told.detail.verdicts if told.detail else ()
        for verdict in verdicts:
            for one in verdict.candidates:
                if one.person == person:
                    asked = "would have been asked" if _only_observed(told) else "was asked"
                    fate = asked if one.picked else "was not asked"
                    yield f"{person} {fate} about {item} for {verdict.slot} ({told.at:%Y-%m-%d %H:%M}): {one.because}"
                    return
    others = sorted({p for told in story if told.detail for v in told.detail.verdicts for p in v.people})
    yield f"{person} (is that their key in the roster?) was not considered for {item}: no rule asked a duty of theirs."
    if others:
        yield f"Picked: {', '.join(others)}."

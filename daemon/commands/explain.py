"""`czar explain`: who was asked, why, why nobody else, and what happened since. From the journal alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import click

from daemon.commands.stories import Known, known_of, now_lines, only_observed
from daemon.journal.views import Done, Told
from daemon.main import CannotRun, shared_options, wants_json
from rules.ladders import Ladders
from rules.verdicts import Verdict

ITEM = re.compile(r"gerrit:\d+|lp:\d+|tag:[^@\s]+@\S+|job:[^@\s]+@[^:\s]+:\S+|branch:[^@\s]+@\S+|repo:\S+")


@click.command(short_help="who was asked, why, and why nobody else")
@click.argument("item")
@click.option("--person", metavar="P", help="Why (not) this person: key in the roster, Gerrit username or e-mail.")
@shared_options
def explain(item: str, person: str | None) -> None:
    """Everything decided about ITEM (gerrit:12345). Exit 1: never heard of it."""
    from daemon.commands.coming import ladders_on_disk
    from daemon.commands.opened import opened_journal
    from daemon.commands.shown import json_line
    from daemon.commands.why_me import person_lines

    if not ITEM.fullmatch(item):
        raise CannotRun(f"{item!r} is no item: write e.g. gerrit:12345 or tag:openstack/nova@25.0.0")
    with opened_journal() as journal:
        known = known_of(item, journal)
        if not known.story and known.waits is None:
            click.echo(f"Never heard of {item}.", err=True)
            sys.exit(1)
        if wants_json():
            for told in known.story:
                if told.detail:
                    click.echo(json_line(_row(item, told)))
            return
        lines = person_lines(known, person, journal) if person else _lines(known, ladders_on_disk())
        for line in lines:
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
        "notes": list(detail.notes),
        "config": detail.version,
        "roster": detail.revision,
    }


def _lines(known: Known, ladders: Ladders) -> Iterator[str]:
    yield known.item + (f", {known.repo}" if known.repo else "")
    if known.waits:
        yield f"  waits for a look-up since {known.waits:%Y-%m-%d %H:%M:%S}"
    last: tuple[object, ...] = ()
    for told in known.story:
        said = tuple(_told(told))
        if said and said != last:
            yield f"{told.at:%Y-%m-%d %H:%M:%S} {told.event}"
            yield from said
        last = said
    if not any(told.detail for told in known.story):
        yield "  no rule looked at it: its repo is no team's, or only events came that are not judged"
    if known.cases:
        yield "Now:"
        for case in known.cases:
            yield from now_lines(case, ladders)


def _told(told: Told) -> Iterator[str]:
    if told.detail is None:
        return
    for verdict in told.detail.verdicts:
        yield f"  {verdict.slot}: {_headline(verdict, observed=only_observed(told))}"
        for one in verdict.candidates:
            mark = "->" if one.picked else "  "
            yield f"     {mark} {one.person} ({one.role}) {f'[{one.code}] ' if one.code else ''}{one.because}"
    for passed in told.detail.passed:
        yield f"  rule {passed.rule} passed: {passed.because}"
    for note in told.detail.notes:
        yield f"  {note}"
    for done in told.actions:
        yield f"  {_deed(done)}"


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

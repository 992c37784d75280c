"""`czar replay`: recorded events through the deciding code, offline."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from daemon.commands.recordings import (
    RECORDING,
    complain_of_files,
    files_option,
    lines_of,
    progress,
    replay_with,
    touched_by,
)
from daemon.main import config_directory, shared_options, wants_json
from rules.verdicts import Decision


@click.command(short_help="recorded events through the deciding code, offline")
@click.argument("events", nargs=-1, required=True, type=RECORDING)
@files_option
@shared_options
def replay(events: tuple[Path, ...], files: tuple[Path, ...]) -> None:
    """Recorded stream lines (.jsonl, .gz) through the real deciding code, with the events' own clock.

    What falls due between two events (reminders and the like) shows as event Tick.
    """
    from daemon.commands.decided import decision_row
    from daemon.commands.shown import json_line

    running = replay_with(config_directory(), touched_by(files))
    asked: Counter[str] = Counter()
    unrouted = 0
    for decision in running.run(progress(lines_of(events))):
        asks = [verdict for verdict in decision.verdicts if verdict.outcome == "ask"]
        asked.update(person for verdict in asks for person in verdict.people)
        unrouted += sum(not verdict.people for verdict in asks)
        if wants_json():
            click.echo(json_line(decision_row(decision)))
        else:
            _tell(decision)
    complain_of_files(running)
    if not wants_json():
        _sum_up(running.read, running.malformed, asked, unrouted)


def _tell(decision: Decision) -> None:
    """A line for each ask, and for what else happened."""
    when = f"{decision.at:%Y-%m-%d %H:%M} {decision.item:14}"
    for verdict in decision.verdicts:
        if verdict.outcome == "ask":
            click.echo(f"{when} {verdict.slot:10} {', '.join(verdict.people) or 'nobody':20} {verdict.because}")
    for note in decision.notes:
        click.echo(f"{when} {note}")


def _sum_up(read: int, malformed: int, asked: Counter[str], unrouted: int) -> None:
    click.echo(f"\n{read} lines read, {malformed} malformed; {sum(asked.values())} asks, {unrouted} unrouted.")
    for person, count in asked.most_common():
        click.echo(f"  {person:24} {count}")

"""`czar simulate`: a recording by two configs, and the difference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from daemon import simulation
from daemon.commands.recordings import (
    RECORDING,
    Touched,
    complain_of_files,
    files_option,
    lines_of,
    progress,
    replay_with,
    touched_by,
)
from daemon.main import CannotRun, shared_options, wants_json
from daemon.replay import Replay
from daemon.simulation import Outcome

MOST_SHOWN = 50
"""Lines of a table for eyes; `--json` has all."""

CONFIG = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(short_help="what another config would change")
@click.argument("old", type=CONFIG)
@click.argument("new", type=CONFIG)
@click.option("--events", "events", multiple=True, required=True, type=RECORDING, help="Recorded stream lines.")
@files_option
@shared_options
def simulate(old: Path, new: Path, events: tuple[Path, ...], files: tuple[Path, ...]) -> None:
    """The same recording by the config directories OLD and NEW, offline: who gets more or less, what changes hands.

    \b
    With --json, a line for each person, then for each item that changes hands,
    then for each that somebody is missing for ("old" and "new" say why, null: somebody is found):
      {"person","before","after","difference"}
      {"item","slot","old":[…],"new":[…]}
      {"unrouted":ITEM,"slot","old","new"}
    """
    from daemon.commands.shown import json_line

    touched = touched_by(files)
    replays = [_replay_with(directory, touched) for directory in (old, new)]
    before, after = outcomes = [Outcome(), Outcome()]
    for line in progress(lines_of(events)):  # side by side: what comes through a pipe can be read once
        for running, found in zip(replays, outcomes, strict=True):
            for decision in running.hear(line):
                found.add(decision)
    complain_of_files(replays[1])
    loads, handovers, unrouted = _loads(before, after), _handovers(before, after), _unrouted(before, after)
    if wants_json():
        for row in (*loads, *handovers, *unrouted):
            click.echo(json_line(row))
        return
    _section("Who is asked, and how often", loads, ("person", "before", "after", "difference"), "Nobody, by neither.")
    _section("What changes hands", handovers, ("item", "slot", "old", "new"), "Nothing.")
    _section("What nobody is found for", unrouted, ("unrouted", "slot", "old", "new"), "Nothing.")


def _replay_with(directory: Path, touched: Touched) -> Replay:
    """Of two configs it must be said which one is wrong."""
    from daemon.config.mistakes import Mistakes

    try:
        return replay_with(directory, touched)
    except Mistakes as error:
        raise CannotRun(f"{directory}: {error.mistakes[0]} (all of them: czar check {directory})") from error


def _loads(old: Outcome, new: Outcome) -> list[dict[str, Any]]:
    return [
        {"person": one.person, "before": one.before, "after": one.after, "difference": one.after - one.before}
        for one in simulation.loads(old, new)
    ]


def _handovers(old: Outcome, new: Outcome) -> list[dict[str, Any]]:
    found = simulation.handovers(old, new)
    return [{"item": one.item, "slot": one.slot, "old": list(one.old), "new": list(one.new)} for one in found]


def _unrouted(old: Outcome, new: Outcome) -> list[dict[str, Any]]:
    found = simulation.unrouted(old, new)
    return [{"unrouted": one.item, "slot": one.slot, "old": one.old or None, "new": one.new or None} for one in found]


def _section(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...], empty: str) -> None:
    from daemon.commands.shown import show

    shown = rows[:MOST_SHOWN]
    click.echo(f"{title} ({len(rows)}):" if rows else f"{title}:")
    show(_signed(shown), columns, empty=empty)
    if len(rows) > len(shown):
        click.echo(f"… and {len(rows) - len(shown)} more: --json has all")
    click.echo()


def _signed(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A difference has its sign for eyes."""
    for row in rows:
        yield (
            row | {"difference": f"{row['difference']:+d}" if row["difference"] else "0"}
            if "difference" in row
            else row
        )

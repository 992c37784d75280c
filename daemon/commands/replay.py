"""`czar replay`: recorded events through the deciding code, offline."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from daemon.main import CannotRun, config_directory, shared_options, wants_json


@click.command(short_help="recorded events through the deciding code, offline")
@click.argument("events", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--files",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Touched paths by change and patch set, as JSON lines.",
)
@shared_options
def replay(events: tuple[Path, ...], files: tuple[Path, ...]) -> None:
    """Recorded stream lines (.jsonl, .gz) through the real deciding code, with the events' own clock."""
    from daemon.commands.decided import decision_row
    from daemon.commands.shown import json_line
    from daemon.config.load import load, settings
    from daemon.replay import Replay
    from daemon.wiring import read_governance, stream_parser
    from rules.verdicts import Limits

    config = load(config_directory(), governance=read_governance)
    unlimited = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)
    gerrit = config.service.gerrit
    deciding = settings(config, since=config.since, ourselves=gerrit.user if gerrit else "", limits=unlimited)
    running = Replay(stream_parser, deciding, _touched(files))
    asked: Counter[str] = Counter()
    unrouted = 0
    for decision in running.run(_progress(_lines(events))):
        if wants_json():
            click.echo(json_line(decision_row(decision)))
        for verdict in decision.verdicts:
            if verdict.outcome != "ask":
                continue
            asked.update(verdict.people)
            unrouted += not verdict.people
            if not wants_json():
                who = ", ".join(verdict.people) or "nobody"
                click.echo(
                    f"{decision.at:%Y-%m-%d %H:%M} {decision.item:14} {verdict.slot:10} {who:20} {verdict.because}"
                )
    if running.without_files:
        count = len(running.without_files)
        click.echo(f"{count} patch sets were judged without their files, which some rule asks for: --files", err=True)
    if not wants_json():
        _sum_up(running.read, running.malformed, asked, unrouted)


def _sum_up(read: int, malformed: int, asked: Counter[str], unrouted: int) -> None:
    click.echo(f"\n{read} lines read, {malformed} malformed; {sum(asked.values())} asks, {unrouted} unrouted.")
    for person, count in asked.most_common():
        click.echo(f"  {person:24} {count}")


def _lines(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
                yield from (line.rstrip(b"\r\n") for line in stream if line.strip())
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise CannotRun(f"{path} is no whole gzip file: {error}") from error


def _progress(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Long work shows that it goes on, where somebody is watching."""
    watching = sys.stderr.isatty()
    for number, line in enumerate(lines, 1):
        if watching and number % 1000 == 0:
            click.echo(f"\r{number} lines", err=True, nl=False)
        yield line
    if watching:
        click.echo("\r", err=True, nl=False)


def _touched(paths: Iterable[Path]) -> dict[tuple[int, int], tuple[str, ...]]:
    import msgspec

    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for path in paths:
        for number, line in enumerate(_lines([path]), 1):
            try:
                row = msgspec.json.decode(line)
                touched = [one[key] for one in row["files"] for key in ("path", "oldPath") if one.get(key)]
                found[row["number"], row["patchSet"]] = tuple(touched)
            except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
                raise CannotRun(f"{path}:{number}: is no list of touched files: {error}") from error
    return found

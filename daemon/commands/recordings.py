"""What `replay` and `simulate` share: recorded lines, the files that changes touched, a config to decide by."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from daemon.main import CannotRun
from daemon.replay import Replay

RECORDING = click.Path(exists=True, dir_okay=False, path_type=Path)

files_option = click.option(
    "--files", "files", multiple=True, type=RECORDING, help="Touched paths by change and patch set, as JSON lines."
)

Touched = dict[tuple[int, int], tuple[str, ...]]


def replay_with(directory: Path, touched: Touched) -> Replay:
    """A replay by the config of a directory; limits pause nothing, secrets are not read. Raises Mistakes."""
    from daemon.config.load import load, settings
    from daemon.wiring import read_governance, stream_parser
    from rules.verdicts import Limits

    config = load(directory, governance=read_governance)
    unlimited = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)
    gerrit = config.service.gerrit
    deciding = settings(config, since=config.since, ourselves=gerrit.user if gerrit else "", limits=unlimited)
    return Replay(stream_parser, deciding, touched)


def lines_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """All lines that are not empty, of plain and of gzip files. Raises CannotRun."""
    for path in paths:
        try:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
                yield from (line.rstrip(b"\r\n") for line in stream if line.strip())
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise CannotRun(f"{path} is no whole gzip file: {error}") from error


def progress(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Long work shows that it goes on, where somebody is watching."""
    watching = sys.stderr.isatty()
    for number, line in enumerate(lines, 1):
        if watching and number % 1000 == 0:
            click.echo(f"\r{number} lines", err=True, nl=False)
        yield line
    if watching:
        click.echo("\r", err=True, nl=False)


def touched_by(paths: Iterable[Path]) -> Touched:
    """Touched paths by change and patch set. Raises CannotRun."""
    import msgspec

    found: Touched = {}
    for path in paths:
        for number, line in enumerate(lines_of([path]), 1):
            try:
                row = msgspec.json.decode(line)
                touched = [one[key] for one in row["files"] for key in ("path", "oldPath") if one.get(key)]
                found[row["number"], row["patchSet"]] = tuple(touched)
            except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
                raise CannotRun(f"{path}:{number}: is no list of touched files: {error}") from error
    return found


def complain_of_files(running: Replay) -> None:
    """Say how often files were asked for that nobody gave."""
    if count := len(running.without_files):
        click.echo(f"{count} patch sets were judged without their files, which some rule asks for: --files", err=True)

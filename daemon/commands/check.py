"""`czar check`: the mistakes in the config, all at once; with `--live` also at the servers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from daemon.config.load import Config, load
from daemon.config.mistakes import Mistakes
from daemon.main import CannotRun, config_directory, shared_options, wants_json


@click.command(short_help="find the mistakes in the config")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Also ask the servers.")
@click.option("--as", "user", metavar="USER", help="Ask Gerrit as this user, who may see more than the bot.")
@click.option("--password-file", type=click.Path(exists=True, path_type=Path), help="HTTP password of --as.")
@shared_options
def check(directory: Path | None, live: bool, user: str | None, password_file: Path | None) -> None:
    """All mistakes in the config directory, as file:line:column. Exit 1 on any."""
    from daemon.commands.shown import json_line
    from daemon.wiring import read_governance, unreadable_channels

    if (user is None) != (password_file is None):
        raise CannotRun("--as and --password-file go together")
    where = directory or config_directory()
    if not where.is_dir():
        raise CannotRun(f"there is no directory {where}: name it with --config DIR or $CZAR_CONFIG")
    need = ("czar", "roster", "rules", *(["secrets"] if live else []))
    try:
        config = load(where, governance=read_governance, need=need)
        if unreadable := unreadable_channels(config):
            raise Mistakes(unreadable)
    except Mistakes as error:
        for mistake in error.mistakes:
            row = {name: getattr(mistake, name) for name in ("file", "line", "column", "code", "message")}
            click.echo(json_line(row) if wants_json() else str(mistake))
        sys.exit(1)
    wrong = False
    if not wants_json():
        for note in config.notes:
            click.echo(str(note))
        click.echo(_summary(config))
    for row in _live(config, user, password_file) if live else ():
        wrong = wrong or row["fine"] is False
        if not wants_json():
            sign = {True: "ok", False: "WRONG", None: "not proven"}[row["fine"]]
            click.echo(f"{sign}: {row['message']}")
        elif row["fine"] is not True:
            click.echo(json_line({"file": "czar.yaml", "line": 1, "column": 1, **row}))
    if wrong:
        sys.exit(1)


def _summary(config: Config) -> str:
    roster = config.roster
    counted = f"{len(roster.people)} people, {len(roster.teams)} teams, {len(config.rules)} rules"
    return f"No mistakes: {counted}; mode {config.service.mode}."


def _live(config: Config, user: str | None, password_file: Path | None) -> Iterator[dict[str, Any]]:
    """What the servers say."""
    from daemon.commands.opened import password_of
    from daemon.wiring import ask_gerrit, ask_launchpad

    password = password_of(password_file) if password_file else None
    answers = [*ask_gerrit(config, user, password), *ask_launchpad(config)]
    for answer in answers:
        yield {"code": answer.code, "message": answer.message, "fine": answer.fine}

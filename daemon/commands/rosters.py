"""The roster a command is about: the config's, or that of a file: ours or governance's."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from daemon.config.load import Config, load, load_roster
from daemon.main import CannotRun, config_directory
from rules.arrangements import arranged
from rules.roster import Roster

roster_option = click.option(
    "--roster", "roster_file", type=click.Path(path_type=Path), help="A roster.yaml or a governance projects.yaml."
)
OURS = ("people:", "teams:", "community:", "governance:", "liaisons:", "bots:")


def _as_arranged(config: Config) -> Roster:
    from daemon.commands.opened import journal_of
    from integrations.contract import Transient

    try:
        with journal_of(config) as journal:
            return arranged(config.roster, journal.views.arrangements())
    except CannotRun:  # nobody has said anything yet
        return config.roster
    except Transient as error:
        click.echo(f"What people have arranged by commands is left out: {error}", err=True)
        return config.roster


def read_roster(file: Path | None, at: datetime) -> Roster:
    """From `file`, else from the config directory. A file none of whose top keys is ours is governance's.

    What governance keeps in git is read as of the instant. Over that of the config lies what people have arranged by
    commands since, if there is a journal.
    """
    from daemon.wiring import read_governance, read_governance_file

    as_of = partial(read_governance, at=at)
    if file is None:
        return _as_arranged(load(config_directory(), governance=as_of))
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CannotRun(f"{file} is not UTF-8 text") from None
    if any(line.startswith(OURS) for line in text.splitlines()):
        return load_roster(file, governance=as_of)
    try:
        return read_governance_file(file)
    except ValueError as error:
        raise CannotRun(f"{file}: {error}") from error

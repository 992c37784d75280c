"""`czar gerrit setup`: what Gerrit needs, as a list, as a patch for review, or done."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daemon.main import CannotRun, config_directory, shared_options, wants_json


@click.group(short_help="what Gerrit needs")
@shared_options
def gerrit() -> None:
    """What Gerrit needs before the daemon can work."""


@gerrit.command()
@click.option("--apply", "do_it", is_flag=True, help="Make what is missing, put right what differs.")
@click.option("--as", "user", metavar="USER", help="An administrator.")
@click.option("--password-file", type=click.Path(exists=True, path_type=Path), help="HTTP password of --as.")
@click.option("--format", "form", type=click.Choice(["project.config"]), help="Print it as patches instead.")
@shared_options
def setup(do_it: bool, user: str | None, password_file: Path | None, form: str | None) -> None:
    """List what the server needs; with --as look what is missing (exit 1), with --apply make it."""
    from daemon.commands.opened import password_of
    from daemon.commands.shown import json_line
    from daemon.config.load import load
    from daemon.wiring import gerrit_instructions, gerrit_project_config, gerrit_steps

    service = load(config_directory(), need=("czar",)).service
    if service.gerrit is None:
        raise CannotRun("czar.yaml has no gerrit section")
    if form:
        click.echo(gerrit_project_config(service), nl=False)
        return
    if user is None or password_file is None:
        if do_it or user or password_file:
            raise CannotRun("looking and --apply need an administrator: --as USER and --password-file FILE")
        for number, text in enumerate(gerrit_instructions(service), 1):
            click.echo(f"{number}. {text}")
        return
    password = password_of(password_file)
    steps = gerrit_steps(service, user, password, do_it=do_it)
    for step in steps:
        row = {"what": step.what, "done": step.done, "because": step.because}
        line = f"{'ok' if step.done else 'MISSING'}: {step.what}" + (f": {step.because}" if step.because else "")
        click.echo(json_line(row) if wants_json() else line)
    if not all(step.done for step in steps):
        sys.exit(1)

"""`czar run`: the daemon."""

from __future__ import annotations

import os

import click

from daemon.main import config_directory, shared_options


@click.command(short_help="the daemon")
@shared_options
def run() -> None:
    """The daemon. Keeps trying when a server is away; SIGHUP reloads, SIGTERM ends it."""
    from daemon.commands.opened import journal_of, load_config
    from daemon.journal.claim import claim
    from daemon.logs import configure
    from daemon.service import Service

    os.umask(0o077)  # the journal is nobody else's
    config = load_config()
    configure(form=config.service.log.format, level=config.service.log.level)
    with journal_of(config, make=True) as journal, claim(journal.database, config.service.state) as held:
        Service(config_directory(), config, journal).run(held)

"""`czar pause`: stop all acting at once."""

from __future__ import annotations

import click

from daemon.main import shared_options


@click.command(short_help="stop all acting at once")
@click.argument("why", nargs=-1)
@shared_options
def pause(why: tuple[str, ...]) -> None:
    """Stop all acting at once; hearing and deciding go on, and what is decided is done after `czar resume`."""
    from daemon.commands.opened import opened_journal
    from daemon.journal.journal import now
    from rules.state import ACTING

    with opened_journal(make=True) as journal:
        reason = " ".join(why) or "by hand"
        journal.pausing.pause(ACTING, reason, now())
    click.echo(f"Paused ({reason}): nothing is done until czar resume.")

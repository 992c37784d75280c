"""`czar resume`: go on."""

from __future__ import annotations

import click

from daemon.main import CannotRun, shared_options


@click.command(short_help="go on")
@click.argument("rule", required=False)
@shared_options
def resume(rule: str | None) -> None:
    """Go on with everything, or with the one RULE that paused itself."""
    from daemon.commands.opened import opened_journal

    with opened_journal() as journal:
        ended = journal.pausing.resume(rule)
    if rule and not ended:
        raise CannotRun(f"rule {rule} is not paused")
    click.echo("Resumed: " + ", ".join(scope.lstrip(":") for scope in ended) if ended else "Nothing was paused.")

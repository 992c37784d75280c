"""`czar cases`: what waits for whom."""

from __future__ import annotations

import click

from daemon.main import shared_options

COLUMNS = ("item", "duty", "team", "person", "state", "opened", "because")


@click.command(short_help="what waits for whom")
@click.option("--open", "open_only", is_flag=True, help="Only those not closed.")
@shared_options
def cases(open_only: bool) -> None:
    """All cases, oldest first."""
    from daemon.commands.opened import opened_journal
    from daemon.commands.shown import rfc3339, show

    with opened_journal() as journal:
        found = journal.views.cases(open_only=open_only)
    rows = [
        {
            "item": case.item,
            "duty": case.duty,
            "team": case.team,
            "person": case.person or None,
            "state": case.state,
            "opened": rfc3339(case.opened),
            "due": rfc3339(case.due),
            "step": case.step,
            "slot": case.slot,
            "rule": case.rule,
            "repo": case.repo,
            "observed": case.observed,
            "because": case.because,
        }
        for case in found
    ]
    show(rows, COLUMNS, empty="No cases.")

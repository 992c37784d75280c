"""`czar cases`: what waits for whom."""

from __future__ import annotations

from typing import Any

import click

from daemon.main import shared_options
from rules.ladders import Ladders
from rules.state import Case

COLUMNS = ("item", "duty", "team", "person", "state", "opened", "due", "because", "next")


@click.command(short_help="what waits for whom")
@click.option("--open", "open_only", is_flag=True, help="Only those not closed.")
@click.option("--person", metavar="P", help="Only those of this person, by key in the roster.")
@click.option("--team", metavar="TEAM", help="Only those of this team's duties.")
@shared_options
def cases(open_only: bool, person: str | None, team: str | None) -> None:
    """All cases, oldest first: who was asked, why, since when, and what comes next."""
    from daemon.commands.coming import ladders_on_disk
    from daemon.commands.opened import opened_journal
    from daemon.commands.shown import show

    with opened_journal() as journal:
        found = journal.views.cases(open_only=open_only)
    ladders = ladders_on_disk()
    wanted = (case for case in found if person in (None, case.person) and team in (None, case.team))
    show((case_row(case, ladders) for case in wanted), COLUMNS, empty="No cases.")


def case_row(case: Case, ladders: Ladders) -> dict[str, Any]:
    """`{item,duty,team,person,state,opened,due,step}` and more; `as` is reviewer, cc or suggest."""
    from daemon.commands.coming import what_next
    from daemon.commands.shown import rfc3339

    return {
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
        "role": case.role,
        "as": case.as_,
        "ladder": case.ladder,
        "snoozed_until": rfc3339(case.due) if case.state == "snoozed" else None,
        "paused_since": rfc3339(case.paused),
        "observed": case.observed,
        "because": case.because,
        "next": what_next(case, ladders),
    }

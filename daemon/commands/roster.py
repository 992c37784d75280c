"""`czar roster`: teams and duties, and the gaps in them."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from daemon.commands.rosters import read_roster, roster_option
from daemon.main import shared_options
from rules.roster import Roster
from rules.roster_review import PTL, Row

COLUMNS = ("team", "duty", "people", "problems")


@click.command(short_help="teams and duties, and the gaps in them")
@roster_option
@shared_options
def roster(roster_file: Path | None) -> None:
    """Team by duty: who holds it, and what is wrong with that. Exit 1: gaps."""
    from daemon.commands.shown import show
    from daemon.main import wants_json
    from rules.roster_review import gaps, review, without_ptl

    at = datetime.now(UTC)
    found = read_roster(roster_file, at)
    rows = review(found, at)
    shown = [
        {"team": row.team, "duty": row.duty, "people": list(row.people), "problems": list(row.problems)} for row in rows
    ]
    show(shown, COLUMNS, empty="The roster has no teams.")
    missing = gaps(rows)
    if not wants_json():
        _sum_up(found, missing, without_ptl(found))
    if missing:
        sys.exit(1)


def _sum_up(found: Roster, missing: tuple[Row, ...], leaderless: tuple[str, ...]) -> None:
    """The gaps by duty, in lines that can be read out."""
    click.echo(f"\n{len(found.teams)} teams.")
    for duty, count in Counter(row.duty for row in missing if row.duty != PTL).items():
        click.echo(f"Nobody for {duty}: {count} teams.")
    if leaderless:
        distributed = [name for name in leaderless if found.teams[name].distributed]
        vacant = [name for name in leaderless if name not in distributed]
        click.echo(f"Without a PTL: {len(leaderless)} teams.")
        click.echo(f"  led by several people: {', '.join(distributed) or 'none'}")
        click.echo(f"  vacant: {', '.join(vacant) or 'none'}")

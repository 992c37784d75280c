"""`czar inbox`: what waits for one person, most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from daemon.main import CannotRun, shared_options, wants_json
from rules.ladders import Ladders
from rules.roster import Roster
from rules.state import Case


@click.command(short_help="what waits for one person, and what comes next")
@click.argument("person")
@shared_options
def inbox(person: str) -> None:
    """What waits for PERSON (key in the roster, Gerrit username or e-mail): what is late first, then the oldest.

    Suggestions stand there too: nobody was told of them on the server.
    """
    from daemon.commands.coming import in_order_of_urgency
    from daemon.commands.opened import journal_of, load_config
    from daemon.commands.shown import json_line
    from daemon.journal.journal import now

    config, at = load_config(), now()
    with journal_of(config) as journal:
        who = _known(person, config.roster, journal.views.people())
        cases = tuple(in_order_of_urgency(journal.views.waiting_for(who), at))
    rows = [_row(case, config.ladders, at) for case in cases]
    for row in rows:
        click.echo(json_line(row) if wants_json() else "\n".join(_lines(row)))
    if not rows and not wants_json():
        click.echo(f"Nothing waits for {who}.")


def _known(word: str, roster: Roster, asked: frozenset[str]) -> str:
    from daemon.commands.words import find_person, nearest_person

    found = find_person(word, roster)
    if found is None and word not in asked:
        raise CannotRun(f"nobody is called {word!r}{nearest_person(word, roster)}")
    return found or word  # they were asked before they left the roster


def _row(case: Case, ladders: Ladders, at: datetime) -> dict[str, Any]:
    from daemon.commands.coming import is_late, what_next
    from daemon.commands.shown import rfc3339

    return {
        "item": case.item,
        "duty": case.duty,
        "since": rfc3339(case.opened),
        "due": rfc3339(case.due),
        "because": case.because,
        "next": what_next(case, ladders),
        "late": is_late(case, at),
        "state": case.state,
        "as": case.as_,
        "team": case.team,
        "role": case.role,
        "slot": case.slot,
        "rule": case.rule,
        "repo": case.repo,
    }


def _lines(row: dict[str, Any]) -> Iterator[str]:
    marks = [mark for mark, there in _marks(row) if there]
    what = f"{row['duty'] or row['slot']} of {row['team']}" if row["team"] else row["duty"] or row["slot"]
    since = row["since"][:16].replace("T", " ")
    marked = f" ({', '.join(marks)})" if marks else ""
    yield f"{row['item']}  {what}, since {since}{marked}"
    yield f"    why:  {row['because']} (rule {row['rule']}, {row['repo']})"
    yield f"    next: {row['next']}"


def _marks(row: dict[str, Any]) -> tuple[tuple[str, bool], ...]:
    return (
        ("late", row["late"]),
        ("snoozed", row["state"] == "snoozed"),
        ("suggested", row["as"] == "suggest"),
        ("for your information", row["as"] == "cc"),
    )

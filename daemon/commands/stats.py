"""`czar stats`: counters of the journal."""

from __future__ import annotations

import click

from daemon.main import shared_options, wants_json


@click.command(short_help="counters of the journal")
@shared_options
def stats() -> None:
    """Counters of the journal: heard, decided, done, and how far behind."""
    from daemon.commands.opened import opened_journal
    from daemon.commands.shown import json_line

    with opened_journal() as journal:
        counted = journal.views.stats()
    waiting = sum(count for state, count in counted.cases.items() if state != "closed")
    row = {
        "heard": counted.heard,
        "decided": counted.decided,
        "ignored": counted.ignored,
        "malformed": counted.malformed,
        "quarantined": counted.quarantined,
        "actions": counted.actions,
        "messages": counted.messages,
        "cases": {**counted.cases, "open": waiting},
        "needed_ptl": {"cases": counted.asked_ptl, "of": counted.asked},
        "behind_s": round(counted.behind_s, 3),
        "paused": [{"scope": pause.scope.lstrip(":"), "because": pause.because} for pause in counted.pauses],
    }
    if wants_json():
        click.echo(json_line(row))
        return
    row["needed_ptl"] = _share(counted.asked_ptl, counted.asked)
    row["paused"] = "; ".join(f"{pause.scope.lstrip(':')} ({pause.because})" for pause in counted.pauses)
    for name, value in row.items():
        text = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        click.echo(f"{name:12} {text or '-' if not isinstance(text, int | float) else text}")


def _share(part: int, of: int) -> str:
    return f"{part} of {of} cases ({part / of:.1%})" if of else ""

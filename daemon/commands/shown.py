"""How commands show things: JSON lines as CONTRACT says, or a table for eyes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from daemon.main import wants_json

WHOLE = frozenset({"sha", "item", "at", "state", "since", "due", "opened"})
"""Columns whose cells people copy: never cut or folded."""
UNBOUNDED = 4_000
"""Letters in a line that no terminal shows."""


def rfc3339(at: datetime | None) -> str | None:
    """An instant as text, UTC."""
    if at is None:
        return None
    text = at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def json_line(value: Mapping[str, Any]) -> str:
    """One object on one line, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def show(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, empty: str) -> None:
    """Rows as JSON lines, or as a table of some columns."""
    if wants_json():
        for row in rows:
            click.echo(json_line(row))
        return
    listed = list(rows)
    if not listed:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in WHOLE)
    for row in listed:
        table.add_row(*(_cell(row[column]) for column in columns))
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else UNBOUNDED)
    with console.capture() as drawn:  # rich itself would end with 1 where the reader has gone
        console.print(table)
    click.echo(drawn.get(), nl=False)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if isinstance(value, list | tuple):
        return escape(", ".join(str(one) for one in value))
    return "" if value is None else escape(str(value))

"""What was heard, read once more: what people really did since an instant, as far as it was not pruned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import func, select

from daemon.journal.instants import to_us
from daemon.journal.intake import Line
from daemon.journal.journal import Journal
from daemon.journal.tables import heard
from integrations.contract import Malformed
from rules.events import ChangeEvent, Event

Parsers = Mapping[str, Callable[[bytes], Event | None]]
"""By source."""

AT_ONCE = 1_000


def heard_since(journal: Journal, at: datetime) -> Iterator[Line]:
    """Everything heard from then on, in order."""
    ends = select(func.min(heard.c.seq), func.max(heard.c.seq)).where(heard.c.at >= to_us(at))
    with journal.database.read() as connection:
        first, last = connection.execute(ends).one()
    if first is not None:
        for start in range(first, last + 1, AT_ONCE):
            yield from journal.intake.lines(range(start, min(start + AT_ONCE, last + 1)))


def events(lines: Iterable[Line], parsers: Parsers) -> Iterator[ChangeEvent]:
    """What of it is about changes; what cannot be read, or was pruned, is left out."""
    for line in lines:
        parse = parsers.get(line.source)
        if line.raw is None or parse is None:
            continue
        try:
            event = parse(line.raw)
        except Malformed:
            continue
        if isinstance(event, ChangeEvent):
            yield event

"""What czar asked, or would have asked, beside what people really did: so that a team decides on figures.

An item counts for each team it was asked of. Its first review is the first reply or vote of a person who is neither
its owner nor a bot, from the moment on at which somebody was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from daemon.journal.hindsight import Parsers, events, heard_since
from daemon.journal.journal import Journal
from rules.catalogue.follow import person_of
from rules.events import Account, ChangeEvent, ChangeSeen, CommentAdded, ReviewerAdded
from rules.roster import Roster
from rules.state import Case

NO_TEAM = "(no team)"


@dataclass(slots=True)
class Deeds:
    """What people did to one item: who reviewed it and when, who asked whom."""

    reviewed: dict[str, set[datetime]] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)  # whom, by whom


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReport:
    """One item of one team. `asked` is empty where nobody was found."""

    item: str
    repo: str
    team: str
    opened: datetime
    observed: bool
    asked: tuple[str, ...]
    reviewed: Mapping[str, datetime]  # after `opened`
    added: Mapping[str, str]

    @property
    def first(self) -> str:
        """Who reviewed it first, "" if nobody did."""
        return min(self.reviewed, key=lambda who: (self.reviewed[who], who), default="")

    @property
    def wait(self) -> timedelta | None:
        """From the ask to the first review."""
        return max(self.reviewed[self.first] - self.opened, timedelta()) if self.first else None

    @property
    def hit(self) -> bool:
        """Whether somebody reviewed it who was, or would have been, asked."""
        return any(who in self.reviewed for who in self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReport:
    """The figures of one team."""

    team: str
    items: tuple[ItemReport, ...]

    @property
    def asked(self) -> int:
        """Items somebody was, or would have been, asked for."""
        return sum(bool(one.asked) for one in self.items)

    @property
    def reviewed(self) -> int:
        """Items that somebody reviewed."""
        return sum(bool(one.first) for one in self.items)

    @property
    def comparable(self) -> int:
        """Items both asked for and reviewed: those the hit rate is of."""
        return sum(bool(one.asked and one.first) for one in self.items)

    @property
    def hits(self) -> int:
        """Of these, the ones that somebody asked reviewed."""
        return sum(one.hit for one in self.items)

    @property
    def median_wait(self) -> timedelta | None:
        """From the ask to the first review, where there was one."""
        waits = [one.wait.total_seconds() for one in self.items if one.wait is not None]
        return timedelta(seconds=median(waits)) if waits else None

    @property
    def unreviewed(self) -> tuple[ItemReport, ...]:
        """What nobody reviewed."""
        return tuple(one for one in self.items if not one.first)

    @property
    def unrouted(self) -> tuple[ItemReport, ...]:
        """What nobody was found for."""
        return tuple(one for one in self.items if not one.asked)


def deeds(happened: Iterable[ChangeEvent], roster: Roster, ourselves: str) -> dict[str, Deeds]:
    """What people did, by item. People of the roster have their key, others their username."""
    bots = frozenset({*roster.bots, ourselves} - {""})
    found: dict[str, Deeds] = {}
    for event in happened:
        done = found.setdefault(event.item, Deeds())
        for who, at in _said(event):
            if not _is_owner(who, event) and not _is_bot(who, bots):
                done.reviewed.setdefault(_name(who, roster), set()).add(at)
        if isinstance(event, ReviewerAdded) and event.by and not _is_bot(event.by, bots):
            done.added.setdefault(_name(event.reviewer, roster), _name(event.by, roster))
    return found


def compare(cases: Iterable[Case], done: Mapping[str, Deeds]) -> tuple[TeamReport, ...]:
    """The figures of each team, by name; `cases` are the asks in question, oldest first."""
    teams: dict[str, dict[str, list[Case]]] = {}
    for case in cases:
        teams.setdefault(case.team or NO_TEAM, {}).setdefault(case.item, []).append(case)
    return tuple(
        TeamReport(team=team, items=tuple(_item(team, asks, done.get(item, Deeds())) for item, asks in items.items()))
        for team, items in sorted(teams.items())
    )


def reports(
    journal: Journal, parsers: Parsers, roster: Roster, ourselves: str, since: datetime
) -> tuple[TeamReport, ...]:
    """The figures of each team since an instant, from the journal; `ourselves` is our own username."""
    done = deeds(events(heard_since(journal, since), parsers), roster, ourselves)
    return compare(journal.views.cases_since(since), done)


def _item(team: str, asks: Sequence[Case], done: Deeds) -> ItemReport:
    opened = min(case.opened for case in asks)
    begun = opened.replace(microsecond=0)  # events have whole seconds
    return ItemReport(
        item=asks[0].item,
        repo=asks[0].repo,
        team=team,
        opened=opened,
        observed=all(case.observed for case in asks),
        asked=tuple(dict.fromkeys(case.person for case in asks if case.person)),
        reviewed={
            who: min(at for at in times if at >= begun) for who, times in done.reviewed.items() if max(times) >= begun
        },
        added=dict(done.added),
    )


def _said(event: ChangeEvent) -> Iterable[tuple[Account, datetime]]:
    """Who replied or voted, heard at once or found by catch-up."""
    if isinstance(event, CommentAdded) and event.by:
        return ((event.by, event.at),)
    return event.spoke if isinstance(event, ChangeSeen) else ()


def _is_owner(account: Account, event: ChangeEvent) -> bool:
    owner = event.change.owner or Account()
    return account.username == owner.username if account.username or owner.username else account.email == owner.email


def _is_bot(account: Account, bots: frozenset[str]) -> bool:
    return account.username in bots or account.email in bots


def _name(account: Account, roster: Roster) -> str:
    return person_of(account, roster) or account.username or account.email or account.name


def in_words(span: timedelta) -> str:
    """`2d 3h`, `4h 10m`, `25m`, `40s`: two units at most."""
    seconds = int(span.total_seconds())
    units = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    place = next((n for n, (_, size) in enumerate(units) if seconds >= size), 3)
    (unit, size), *rest = units[place:]
    whole, left = divmod(seconds, size)
    if not rest or unit == "m" or left < rest[0][1]:
        return f"{whole}{unit}"
    return f"{whole}{unit} {left // rest[0][1]}{rest[0][0]}"

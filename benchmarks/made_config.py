"""A config for recordings that have none: the people who really reviewed, as czars of one team that owns all repos.

Who reviewed most is the PTL, and not a czar. The next ones are czars of `code` from their first review to their last.
Every third weighs double, all but every fourth have a capacity, every second is away for three weeks each August,
covered by somebody who is there; they are spread over three time zones. Whoever votes, but never on Code-Review, and
never uploads, is a bot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

Line = Mapping[str, Any]
CZARS = 11
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
CAP = 5
RULES = {
    "ladders": {
        "review": [
            {"after": "2d", "do": "ping"},
            {"after": "4d", "do": "reassign"},
            {"after": "8d", "do": "add", "to": "ptl"},
        ]
    },
    "rules": [
        {"id": "any-code", "event": "change", "slot": "code", "ask": {"duty": "code", "pick": 1}, "ladder": "review"}
    ],
}
SERVICE = {"gerrit": {"url": "https://review.example.org", "user": "czar-bot"}}


@dataclass(slots=True)
class _Seen:
    """One account of the recording."""

    email: str = ""
    reviewed: set[int] = field(default_factory=set)
    days: list[date] = field(default_factory=list)  # of reviews, in order
    votes_elsewhere: bool = False
    uploads: bool = False

    @property
    def is_bot(self) -> bool:
        """Whether it only ever votes on what is not for people."""
        return self.votes_elsewhere and not self.reviewed and not self.uploads

    def spans(self, first: date, last: date) -> bool:
        """Whether they reviewed both before and after."""
        return self.days[0] <= first and last <= self.days[-1]


def write_config(folder: Path, lines: Iterable[Line]) -> None:
    """The three files, for these lines in order of time."""
    repos: dict[str, None] = {}
    seen: dict[str, _Seen] = {}
    for line in lines:
        if "change" in line:
            repos[line["change"]["project"]] = None
            _see(line, seen)
    roster = _roster(seen, list(repos))
    for name, content in (("czar", SERVICE), ("roster", roster), ("rules", RULES)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _see(line: Line, seen: dict[str, _Seen]) -> None:
    uploader, author = line.get("uploader", {}), line.get("author", {})
    if name := uploader.get("username"):
        seen.setdefault(name, _Seen()).uploads = True
    name = author.get("username")
    if not name or line["type"] != "comment-added":
        return
    account = seen.setdefault(name, _Seen())
    account.email = author.get("email", "")
    voted = {one["type"] for one in line["approvals"] if int(one.get("oldValue") or 0) != int(one["value"])}
    account.votes_elsewhere |= bool(voted - {"Code-Review"})
    if "Code-Review" in voted and name != line["change"]["owner"].get("username"):
        account.reviewed.add(line["change"]["number"])
        account.days.append(datetime.fromtimestamp(line["eventCreatedOn"], UTC).date())


def _roster(seen: Mapping[str, _Seen], repos: Sequence[str]) -> dict[str, Any]:
    reviewers = sorted(
        (name for name in seen if seen[name].reviewed), key=lambda name: (-len(seen[name].reviewed), name)
    )
    ptl, *czars = reviewers[: CZARS + 1]
    slots = [{"person": name} | _days(seen[name].days[0], seen[name].days[-1]) for name in czars]
    people = {name: _person(place, name, czars, seen) for place, name in enumerate(czars)}
    return {
        "people": {ptl: {"gerrit": ptl, "email": seen[ptl].email}} | people,
        "bots": sorted(name for name in seen if seen[name].is_bot),
        "teams": {"plugins": {"repos": list(repos), "ptl": ptl, "duties": {"code": {"slots": slots}}}},
    }


def _person(place: int, name: str, czars: Sequence[str], seen: Mapping[str, _Seen]) -> dict[str, Any]:
    person: dict[str, Any] = {"gerrit": name, "email": seen[name].email, "tz": ZONES[place % len(ZONES)]}
    weight = 2 if place % 3 == 0 else 1
    if weight > 1:
        person["weight"] = weight
    if place % 4 != 3:
        person["cap"] = {"change": CAP * weight}
    if place % 2 and (away := list(_away(name, czars, seen))):
        person["away"] = away
    return person


def _away(name: str, czars: Sequence[str], seen: Mapping[str, _Seen]) -> Iterator[dict[str, Any]]:
    """Their absences; whoever covers is not away at that time."""
    for year in range(seen[name].days[0].year, seen[name].days[-1].year + 1):
        first, last = date(year, 8, 1), date(year, 8, 21)
        there = [one for one in czars[::2] if seen[one].spans(first, last)]
        yield _days(first, last) | ({"cover": there[0]} if there else {})


def _days(first: date, last: date) -> dict[str, Any]:
    return {"from": first.isoformat(), "to": last.isoformat()}

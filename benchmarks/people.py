"""The people of a roster as its text says, read without any of the code that decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = Mapping[str, Any]
Days = tuple[date, date]
"""The first and the last, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may be asked. `shifts` is None where some duty is theirs always, or none."""

    names: frozenset[str]  # username and addresses, in lower case
    weight: float
    cap: int | None
    tz: str
    away: tuple[Days, ...]
    shifts: tuple[Days, ...] | None

    def is_away(self, at: datetime) -> bool:
        """Whether that instant lies on a day of an absence, where they are."""
        today = at.astimezone(ZoneInfo(self.tz)).date()
        return any(first <= today <= last for first, last in self.away)

    def can_be_asked(self, at: datetime) -> bool:
        """Whether they hold a duty then, and are there."""
        today = at.astimezone(UTC).date()
        on = self.shifts is None or any(first <= today <= last for first, last in self.shifts)
        return on and not self.is_away(at)


def people_of(roster: Json) -> dict[str, Person]:
    """All of them by key."""
    shifts: dict[str, list[Days]] = {}
    for slot in (slot for duty in _duties(roster) for slot in duty.get("slots", ())):
        shifts.setdefault(slot["person"], []).append(_days(slot))
    always = {key for duty in _duties(roster) for key in _always(duty)}
    limited = {key: days for key, days in shifts.items() if key not in always}
    return {key: _person(said or {}, limited.get(key)) for key, said in roster["people"].items()}


def holders(roster: Json) -> tuple[str, ...]:
    """Everybody a duty names, each once: not who is asked as PTL only."""
    named: dict[str, None] = {}
    for duty in _duties(roster):
        named.update(dict.fromkeys((*_always(duty), *(slot["person"] for slot in duty.get("slots", ())))))
    return tuple(named)


def names_of(account: Json | None) -> frozenset[str]:
    """Username and address of an account as the stream tells it."""
    told = account or {}
    return frozenset(str(told[key]).lower() for key in ("username", "email") if told.get(key))


def _person(said: Json, shifts: list[Days] | None) -> Person:
    mails = said.get("email") or []
    names = [said.get("gerrit") or "", *([mails] if isinstance(mails, str) else mails)]
    return Person(
        names=frozenset(name.lower() for name in names if name),
        weight=float(said.get("weight", 1)),
        cap=(said.get("cap") or {}).get("change"),
        tz=said.get("tz", "UTC"),
        away=tuple(_days(one) for one in said.get("away", ())),
        shifts=tuple(shifts) if shifts else None,
    )


def _always(duty: Json) -> tuple[str, ...]:
    return (*duty.get("czars", ()), *duty.get("rotation", {}).get("order", ()), *duty.get("deputies", ()))


def _duties(roster: Json) -> Iterator[Json]:
    return (duty for team in roster["teams"].values() for duty in team.get("duties", {}).values())


def _days(said: Json) -> Days:
    """Of `{from, to}`."""
    first, last = (day if isinstance(day, date) else date.fromisoformat(day) for day in (said["from"], said["to"]))
    return first, last

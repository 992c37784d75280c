"""Where a whole release request stands: release by release, as our vote, and of whom something is still wanted."""

from __future__ import annotations

from datetime import datetime

from rules.judging import Judging
from rules.signoff.acts import Asked, asked
from rules.signoff.requests import Release
from rules.signoff.signing import DUTY, Stand, stand
from rules.state import Case, Gate

SIGN_OFF = "sign-off"
"""The rule by which signers are asked, where none of the community's own rules does; see `rule`."""
SIGNERS = "signers"
"""Of whom that rule asks: the teams that must still sign."""


def standings(request: Asked) -> tuple[Stand, ...]:
    """Where each release of the request stands."""
    law, book = request.law(), request.judging.book
    return tuple(stand(one, book.entries(one.release), law) for one in request.wanted)


def verdict(request: Asked, stands: tuple[Stand, ...]) -> tuple[int, str]:
    """Our vote (-1, 0 or +1) and why."""
    trouble = request.judging.settings.roster_trouble
    if request.refusals:
        return -1, "this cannot be let out as it is, and no sign-off helps"
    if vetoed := [one for one in stands if one.state == "vetoed"]:
        return -1, f"vetoed: {vetoed[0].because}"
    if trouble and stands:
        return 0, f"nothing is let out while the roster cannot be read: {trouble}"
    waiting = sum(not one.is_let_out for one in stands)
    if waiting:
        return 0, f"{waiting} of {len(stands)} waits for a sign-off"
    return 1, "every release is signed off" if stands else "no release is asked for"


def lacking(judging: Judging) -> tuple[str, ...]:
    """The teams of whom somebody must still sign, "" for one that the roster does not know."""
    request = asked(judging)
    if request is None or request.refusals:
        return ()
    return tuple(dict.fromkeys(bench.team for one in standings(request) for bench in one.lacking))


def slot_of(team: str) -> str:
    """The slot of the case by which a team is asked."""
    return f"{DUTY}@{team}" if team else DUTY


def asks_for_sign_off(case: Case) -> bool:
    """Whether the case ends with a sign-off, not with any act of who was asked."""
    return case.rule == SIGN_OFF


def asked_since(gate: Gate, request: Asked, stands: tuple[Stand, ...]) -> tuple[tuple[Release, datetime], ...]:
    """Since when people were asked for each release: those of every bench that is still to sign, by a case of theirs.
    Where another bench comes to it, since that one was asked.
    """
    judging, known, found = request.judging, dict(gate.asked), {}
    first, asked_now = _first_asked(judging), {case.slot for case in judging.waiting() if case.person}
    for one in stands:
        release, slots = one.wanted.release, [slot_of(bench.team) for bench in one.lacking]
        if all(slot in first for slot in slots) and release in known:
            found[release] = max((known[release], *(first[slot] for slot in slots)))
        elif slots and all(slot in first and slot in asked_now for slot in slots):
            found[release] = judging.now
    return tuple(found.items())


def _first_asked(judging: Judging) -> dict[str, datetime]:
    """Since when somebody was asked by each slot, whoever it is by now."""
    found: dict[str, datetime] = {}
    for case in judging.book.cases(judging.item):
        if case.person and not case.observed:
            found[case.slot] = min(case.opened, found.get(case.slot, case.opened))
    return found


def has_signed(team: str, judging: Judging) -> dict[str, str]:
    """Who of a bench has done their part already, by all that it is still to sign, and how: they are not asked."""
    request = asked(judging)
    if request is None:
        return {}
    seats = [seat for one in standings(request) if one.lacking for seat in one.seats if seat.bench.team == team]
    signed = [{entry.person for entry in seat.signed} for seat in seats if seat.lacks]
    return dict.fromkeys(set.intersection(*signed) if signed else (), "has signed already")


MOST_NAMED = 5


def releases_named(team: str, judging: Judging) -> str:
    """The releases that a team is asked for, as a reminder names them: those that wait for it, else all that wait; the
    whole request where it was not looked at now.
    """
    request, gate = asked(judging), judging.book.gate(judging.item)
    if request is None:
        return _named([one.release for one in gate.wanted] if gate else [])
    waiting = [one for one in standings(request) if one.lacking]
    theirs = [one for one in waiting if any(bench.team == team for bench in one.lacking)]
    return _named([one.wanted.release for one in theirs or waiting])


def _named(waiting: list[Release]) -> str:
    named = ", ".join(f"{release.repo} {release.version} ({release.sha[:12]})" for release in waiting[:MOST_NAMED])
    return f"{named} and {len(waiting) - MOST_NAMED} more" if len(waiting) > MOST_NAMED else named

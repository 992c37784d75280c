"""What people read: why you, why now, what to do, how to pass it on.

No line may begin with `czar:` or `TERM:`, lest the daemon's own words read as a command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.roster import COMMUNITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One ask as people are told of it."""

    name: str
    duty: str
    team: str
    role: str
    because: str
    rule: str
    cc: bool = False


def request(item: str, asks: Sequence[Asked], term: str) -> str:
    """The one message about all asks of a decision on a change."""
    lines = [_line(ask, term) for ask in asks]
    lines += [
        "",
        "Not yours? Remove yourself from the reviewers, and the next in line is asked.",
        f"Who else was considered, and why not: czar explain {item}",
    ]
    return "\n".join(lines)


def office(role: str, duty: str, team: str, term: str) -> str:
    """`release czar of nova`, `deputy for release of nova`, `PTL of nova`."""
    whose = "the community" if team == COMMUNITY else team
    if role == "ptl":
        return f"PTL of {whose}"
    if not duty:
        return "somebody the rule names"
    return f"{duty} {term} of {whose}" if role == "czar" else f"deputy for {duty} of {whose}"


def _line(ask: Asked, term: str) -> str:
    what = "kept informed of" if ask.cc else "asked to review"
    as_what = office(ask.role, ask.duty, ask.team, term)
    text = f"{ask.name} is {what} this change as {as_what}: {ask.name} {ask.because} (rule {ask.rule})."
    line = " ".join(text.split())  # a name or reason may not begin a line
    return f"- {line}" if line.casefold().startswith((f"{term}:".casefold(), "czar:")) else line

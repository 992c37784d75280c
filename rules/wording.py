"""What people read: why you, why now, what to do, how to pass it on, how to hear less.

No line may begin with `czar:` or `TERM:`, lest the daemon's own words read as a command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.roster import COMMUNITY
from rules.signoff.standing import asks_for_sign_off
from rules.state import Case
from rules.verdicts import Settings

BY_COMMAND = "by command"
"""Stands for the rule of a case that no rule made, but a person's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One ask as people are told of it: `say` instead of the usual words, `instead` why somebody's place is taken."""

    name: str
    case: Case
    say: str | None = None
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """Somebody who is asked once more: in which capacity, since when, and what comes next."""

    name: str
    as_what: str
    since: datetime
    next_: str


def request(item: str, asks: Sequence[Asked], settings: Settings) -> str:
    """The one message about all asks of a decision on a change."""
    lines = [_lines(ask, settings.term) for ask in asks]
    return "\n".join([*lines, "", *_ways_out(item, settings)])


def reminder(item: str, told: Reminded, settings: Settings) -> str:
    """The one message to somebody who has not answered."""
    since = f"since {told.since:%Y-%m-%d %H:%M} UTC ({told.as_what})"
    line = f"{told.name}, this change has been waiting for you {since}. {told.next_}"
    return "\n".join([safe(line, settings.term), "", *_ways_out(item, settings)])


def office(role: str, duty: str, team: str, term: str) -> str:
    """`release czar of nova`, `deputy for release of nova`, `PTL of nova`; `release of nova` without an office."""
    whose = "the community" if team == COMMUNITY else team
    if role == "ptl":
        return f"PTL of {whose}"
    if not duty:
        return "somebody the rule names"
    if role == "deputy":
        return f"deputy for {duty} of {whose}"
    return f"{duty} of {whose}" if role in BY_WORD else f"{duty} {term} of {whose}"


BY_WORD = ("assigned", "claimed")
"""Roles of who was named by somebody, or took it on."""


def capacity(role: str, duty: str, team: str, term: str) -> str:
    """`as release czar of nova`; `for release of nova` for who holds no office by it."""
    return f"{'for' if role in BY_WORD else 'as'} {office(role, duty, team, term)}"


def by_rule(rule: str) -> str:
    """By which rule, where it was one."""
    return "" if rule == BY_COMMAND else f", by rule {rule}"


def safe(text: str, term: str) -> str:
    """One line that is no command."""
    line = " ".join(text.split())  # a name or reason may not begin a line
    return f"- {line}" if line.casefold().startswith((f"{term}:".casefold(), "czar:")) else line


def safe_lines(text: str, term: str) -> str:
    """Several lines none of which is a command."""
    return "\n".join(safe(line, term) for line in text.splitlines())


PLACEHOLDERS = ("person", "duty", "team", "role", "item", "repo", "rule", "because", "term")
"""What a template may speak of."""


def _lines(ask: Asked, term: str) -> str:
    case = ask.case
    if ask.say is not None:
        fields = {name: getattr(case, name) for name in PLACEHOLDERS if name != "term"} | {"term": term}
        return safe_lines(ask.say.format(**(fields | {"person": ask.name})), term)
    what = "kept informed of" if case.as_ == "cc" else "asked to review"
    what = "asked to sign off what is released by" if asks_for_sign_off(case) else what
    as_what = capacity(case.role, case.duty, case.team, term)
    rule = "" if case.rule == BY_COMMAND else f" (rule {case.rule})"
    text = f"{ask.name} is {what} this change {as_what}: {ask.name} {case.because}{rule}."
    return safe(f"{text} Why now: {ask.instead}." if ask.instead else text, term)


def _ways_out(item: str, settings: Settings) -> tuple[str, ...]:
    command = settings.term
    where = f"{settings.web_url.rstrip('/')}/ or czar explain {item}" if settings.web_url else f"czar explain {item}"
    decline = f"Not yours? Reply with a line “{command}: decline”, or remove yourself, and the next in line is asked."
    return (
        f"{decline} Later? “{command}: snooze 3d”. Less of this? “{command}: quiet” or “{command}: optout”.",
        f"Who else was considered, and why not: reply “{command}: explain”, or see {where}",
    )

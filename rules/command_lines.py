"""Comment commands as people write them: lines that begin with `czar:` (or the community's own word), one per line.

Quotes (`> …`), code (fenced, or indented by four spaces) and everything else are text like any other. What the lines
mean is said in `catalogue/commands.py`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

VERBS = (
    *("claim", "decline", "assign", "release", "reroll", "route", "snooze", "hold", "unhold", "explain", "status"),
    *("away", "back", "swap", "delegate", "involve", "quiet", "optout", "accept"),
    *("signoff", "veto", "unveto", "lapse", "override", "gate"),
)
MOST_COMMANDS = 200
"""Read in one message; what comes after is left."""

_OPENS = re.compile(r" {0,3}(?:(```+)[^`]*|(~~~+).*)")
_CLOSES = re.compile(r" {0,3}(```+|~~~+)\s*")
"""Fences as CommonMark has them: no backtick follows one of backticks, and nothing what closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: `verb` is a word of VERBS, or what somebody wrote instead; `line` its number in the message."""

    line: int
    verb: str
    words: tuple[str, ...] = ()

    @property
    def rest(self) -> str:
        """All that follows the verb."""
        return " ".join(self.words)


def command_lines(text: str, terms: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """`(line number, line)` of every line that is a command, counted from 0; a line begins with a word of `terms`."""
    return tuple(_lines(text, terms))[:MOST_COMMANDS] if may_be_told(text, terms) else ()


def may_be_told(text: str, terms: tuple[str, ...]) -> bool:
    """Whether there can be a command in it at all: most of what is said has none."""
    folded = text.casefold()
    return any(f"{term.casefold()}:" in folded for term in terms)


def listens_to(term: str) -> tuple[str, ...]:
    """The words by which commands begin: ours, and the one people are shown."""
    return tuple(dict.fromkeys(("czar", term)))


def read_command(line: int, text: str) -> Command:
    """A line that `command_lines` gave, as a command."""
    words = text.partition(":")[2].split()
    verb, *rest = words or [""]
    return Command(line=line, verb=verb.casefold(), words=tuple(rest))


def nearest_verb(verb: str) -> str:
    """The verb most like it; "" where none is."""
    return next(iter(difflib.get_close_matches(verb, VERBS, n=1, cutoff=0.5)), "")


def _lines(text: str, terms: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    begins = tuple(f"{term}:".casefold() for term in terms)
    fence = ""
    for number, line in enumerate(text.splitlines()):
        if fence:
            closes = _CLOSES.fullmatch(line)
            fence = "" if closes and closes[1].startswith(fence) else fence
        elif opens := _OPENS.fullmatch(line):
            fence = opens[1] or opens[2]
        elif not line.expandtabs(4).startswith("    ") and line.strip().casefold().startswith(begins):
            yield number, line.replace("\0", "").strip()  # PostgreSQL takes no NUL

"""What is wrong in a config, said where it stands and with the nearest right word; and notes on what is merely odd."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

MOST_LISTED = 12
"""So many right words are listed where none is near."""
MOST_COMPARED = 20_000
"""Among more words than that, nobody looks for a near one."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Something to put right before the config can be used. `file` is relative to the config directory."""

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """Something worth knowing that hinders nothing."""

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: note: {self.message}"


class Mistakes(Exception):
    """The config cannot be used; all that was found, in the order of the files."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def near(word: str, known: Iterable[str]) -> str:
    """The nearest right word as ` (did you mean 'x'?)`, a few right words where none is near, else nothing.

    `Paris` is near to `Europe/Paris`, and `nova` to `openstack/nova`.
    """
    words = sorted(set(known))
    if len(words) > MOST_COMPARED:
        return ""
    by_folded = {one.casefold(): one for one in reversed(words)}
    last = (folded for folded in by_folded if folded.endswith(f"/{word.casefold()}"))
    found = [*islice(last, 1)] or difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    if found:
        return f" (did you mean '{by_folded[found[0]]}'?)"
    return f" (known: {', '.join(words)})" if 0 < len(words) <= MOST_LISTED else ""

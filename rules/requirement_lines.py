"""Lines of requirements files: which library they name, in which version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LISTS = ("upper-constraints.txt", "requirements.txt", "global-requirements.txt")
"""Files, by base name, that say which versions are used."""
LONGEST_LINE = 500
_LINE = re.compile(
    r"([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)"  # name
    r" ?(?:\[[^]]*\])? ?\(? ?"  # extras
    r"([=<>!~][^;#)]*)?(?: ?[;#)@]|$)"  # versions, then a marker, a comment, a place
)
_VERSION = re.compile(r"(?:===?|>=|~=|>)\s*([^\s,]{1,64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bump:
    """One version of a library, `version` "" where the line tells none."""

    name: str
    version: str


def bumps(lines: Iterable[str]) -> Iterator[Bump]:
    """What requirement lines name: `oslo.log[fixtures]>=5.0,!=5.1;python_version>='3.10'  # Apache-2.0`."""
    for line in lines:
        found = _LINE.match(" ".join(line.split())) if len(line) <= LONGEST_LINE else None
        if found:
            specifier = (found[2] or "").strip()
            version = _VERSION.search(specifier)
            yield Bump(name=normalised(found[1]), version=version[1] if version else specifier)


def normalised(name: str) -> str:
    """As PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()

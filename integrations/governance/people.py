"""Who is named by a value of governance's files: "Name (irc)", a mapping {name, irc, email}, or a list of them.

Nicks are never identities: several people share "No nick supplied". Placeholders of a vacant seat are nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from sys import intern

from rules.roster import Person

_NULLS = frozenset({"", "null", "~"})
_VACANT = frozenset({"appointment needed", "leaderless", "nobody", "none", "tbd", "tba", "vacant", "n/a"})
_NO_NICK = frozenset({"no nick supplied", "none", "n/a", "-"})
_NO_ADDRESS = re.compile(r"example@example\.(org|com|net)", re.IGNORECASE)
_NEXT_ONE = re.compile(r"(?<=\))\s*(?:\band\b|&|,)\s*")  # "Name (irc) and Name (irc)", two PTLs in 2015
_NAME_AND_NICK = re.compile(r"(?P<name>[^(]*)(?:\((?P<irc>[^)]*))?.*", re.DOTALL)


Place = tuple[str, str, str]
"""Team, duty (or "ptl"), and the key of who is named there."""


class People:
    """Everybody met so far. An address in other letter case is the same person, under the spelling met first."""

    def __init__(self) -> None:
        self.found: dict[str, Person] = {}
        self._names: dict[Place, dict[str, None]] = {}
        self._spelling: dict[str, str] = {}

    def keys(self, raw: object, team: str = "", duty: str = "") -> tuple[str, ...]:
        """Keys of those whom a value names, in its order, each once."""
        found: dict[str, None] = {}
        for person in named(raw):
            key = self._add(person)
            self._names.setdefault((team, duty, key), {})[person.name] = None
            found[key] = None
        return tuple(found)

    def other_names(self, team_of: Callable[[str], str]) -> dict[Place, tuple[str, ...]]:
        """By place, what people are called there where it is not their name alone; teams may be spelled in two ways."""
        all_names: dict[Place, dict[str, None]] = {}
        for (team, duty, key), names in self._names.items():
            all_names.setdefault((team_of(team), duty, key), {}).update(names)
        return {place: tuple(names) for place, names in all_names.items() if [*names] != [self.found[place[2]].name]}

    def _add(self, person: Person) -> str:
        key = self._spelling.setdefault(person.key.lower() if person.emails else person.key, person.key)
        self.found.setdefault(key, person)
        return key


def named(raw: object) -> Iterator[Person]:
    """The people in a value; their key is the e-mail address as written, else the name."""
    if isinstance(raw, list):
        for one in raw:
            yield from named(one)
    elif isinstance(raw, dict):
        yield from _somebody(text(raw.get("name")), text(raw.get("irc")), text(raw.get("email")))
    elif isinstance(raw, str):
        for part in _NEXT_ONE.split(raw):
            if found := _NAME_AND_NICK.fullmatch(part):
                yield from _somebody(text(found["name"]), text(found["irc"]), "")


def text(value: object) -> str:
    """A scalar without space around it; empty for null, lists and mappings."""
    found = value.strip() if isinstance(value, str) else ""
    return "" if found.lower() in _NULLS else found


def _somebody(name: str, irc: str, email: str) -> Iterator[Person]:
    address = email if "@" in email else ""
    key = address or name
    if not key or name.casefold() in _VACANT or _NO_ADDRESS.fullmatch(address):
        return
    nick = None if not irc or irc.casefold() in _NO_NICK else irc
    yield Person(key=intern(key), name=name, emails=(address,) if address else (), irc=nick)

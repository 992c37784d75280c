"""The people of roster.yaml, and the names by which duties and rules may speak of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from daemon.config.countries import read_country
from daemon.config.marks import Marked, Scalar
from daemon.config.reading import Reading, Section
from rules.roster import Absence, Person, Roster
from rules.routing import EVENTS

PERSON_KEYS = ("name", "gerrit", "launchpad", "email", "irc", "tz", "holidays", "weight", "cap", "opt_out", "away")


class Names:
    """Who may be named: people by key, those that only governance has also by e-mail."""

    def __init__(self, roster: Roster) -> None:
        self.people = roster.people
        self._by_email = roster.by_email

    def find(self, reading: Reading, word: Scalar) -> str | None:
        """The key of the person named, None (and a mistake) where there is no such person."""
        if word.text in self.people:
            return word.text
        found = self._by_email.get(word.text.lower())
        if found is None:
            reading.unknown(word, "person", word.text, self.people.keys())
        return found

    def find_all(self, reading: Reading, words: tuple[Scalar, ...]) -> tuple[str, ...]:
        """The keys of those who are known, in order."""
        return tuple(key for word in words if (key := self.find(reading, word)))


def read_people(reading: Reading, value: Marked | None) -> dict[str, Person]:
    """The people by key. Covers may be anybody: `check_covers` once all are known."""
    taken: dict[tuple[str, str], str] = {}
    found = {}
    for key, entry in reading.named(value, "people"):
        section = Section(reading, entry, f"person '{key.text}'", PERSON_KEYS)
        found[key.text] = _person(key.text, section)
        _refuse_doubles(key.text, section, taken)
    return found


def check_covers(reading: Reading, value: Marked | None, names: Names) -> None:
    """Whoever covers somebody must be known, and somebody else."""
    for key, away in _absences(value):
        cover = away.word("cover")
        if cover is None:
            continue
        if names.find(reading, cover) == key:
            reading.wrong(cover, "cover", f"'{key}' cannot cover their own absence")


def _person(key: str, section: Section) -> Person:
    tz = section.tz("tz")
    return Person(
        key=key,
        name=section.text("name") or "",
        gerrit=section.text("gerrit"),
        launchpad=section.text("launchpad"),
        emails=_emails(section),
        irc=section.text("irc"),
        tz=tz,
        country=read_country(section, tz),
        weight=section.number("weight", 1.0),
        cap=_caps(section),
        opt_out=section.flag("opt_out", default=False),
        away=tuple(_away(section)),
    )


def _emails(section: Section) -> tuple[str, ...]:
    for word in section.words("email"):
        if "@" not in word.text.strip("@"):
            section.reading.wrong(word, "email", f"'{word.text}' is no e-mail address")
    return section.texts("email")


def _caps(section: Section) -> Mapping[str, int]:
    value = section.get("cap")
    if value is None:
        return MappingProxyType({})
    caps = Section(section.reading, value, "cap", EVENTS)
    return MappingProxyType({kind: most for kind in EVENTS if (most := caps.whole(kind))})


def _away(person: Section) -> Iterator[Absence]:
    for item in person.reading.listed(person.get("away"), "away"):
        away = Section(person.reading, item, "an absence", ("from", "to", "cover"))
        if away.missing("from", "to"):
            continue
        first, last = away.span("from", "to")
        if first and last:
            yield Absence(first=first, last=last, cover=away.text("cover"))


def _absences(people: Marked | None) -> Iterator[tuple[str, Section]]:
    """The absences once more; what is wrong with them was told when the person was read."""
    silent = Reading("")
    for key, entry in silent.named(people, "people"):
        person = Section(silent, entry, "", PERSON_KEYS)
        for item in silent.listed(person.get("away"), ""):
            yield key.text, Section(silent, item, "", ("from", "to", "cover"))


def _refuse_doubles(key: str, section: Section, taken: dict[tuple[str, str], str]) -> None:
    """Two people of one account or address would be one and the same to the servers."""
    for where in ("gerrit", "launchpad", "email"):
        for word in Reading("").words(section.get(where), where):
            name = word.text.lower() if where == "email" else word.text
            first = taken.setdefault((where, name), key)
            if first != key:
                section.reading.wrong(word, "double", f"{where} '{word.text}' is that of '{first}' already")

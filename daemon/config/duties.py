"""One duty of a team or of the community: czars, a rotation or slots; deputies; its term."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from daemon.config.marks import Marked, Scalar
from daemon.config.people import Names
from daemon.config.reading import Reading, Section
from rules.roster import Duty, Rotation, Shift, Term

DUTY_KEYS = ("czars", "rotation", "slots", "deputies", "private", "term")
HOLDERS = ("czars", "rotation", "slots")

_EVERY = re.compile(r"([1-9][0-9]{0,3}) ?(d|days?|w|weeks?|workdays?)")


def read_duties(reading: Reading, value: Marked | None, names: Names) -> Mapping[str, Duty]:
    """The duties by name."""
    found = {}
    for key, entry in reading.named(value, "duties"):
        name = reading.name(key, "a duty")
        found[name] = _duty(name, Section(reading, entry, f"duty '{name}'", DUTY_KEYS), names)
    return MappingProxyType(found)


def _duty(name: str, section: Section, names: Names) -> Duty:
    _refuse_two_ways(section)
    duty = Duty(
        name=name,
        czars=_people(section, "czars", names),
        rotation=_rotation(section, names),
        shifts=tuple(_shifts(section, names)),
        deputies=_people(section, "deputies", names),
        private=section.flag("private", default=False),
        term=_term(section),
    )
    if duty.private:
        _refuse_without_launchpad(section, names)
    return duty


def _refuse_two_ways(section: Section) -> None:
    section.without(*HOLDERS)
    ways = [key for key in HOLDERS if key in section]
    for extra in ways[1:]:
        section.reading.wrong(section.key(extra), "shape", f"{section.what} has '{ways[0]}' already")


def _people(section: Section, key: str, names: Names) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    for word in section.words(key):
        person = names.find(section.reading, word)
        if person in seen:
            section.reading.wrong(word, "double", f"'{word.text}' stands twice among the {key}")
        elif person:
            seen[person] = None
    return tuple(seen)


def _rotation(duty: Section, names: Names) -> Rotation | None:
    value = duty.get("rotation")
    if value is None:
        return None
    section = Section(duty.reading, value, "a rotation", ("order", "every", "start", "tz"))
    lacking = section.missing("order", "start")
    words = section.words("order")
    order, start = names.find_all(duty.reading, words), section.day("start")
    every, workdays = _every(section)
    tz = section.tz("tz")
    if not words and not lacking:
        duty.reading.wrong(section.at("order"), "empty", "a rotation needs somebody in its order")
    if not order or start is None:
        return None
    return Rotation(order=order, every=every, workdays=workdays, start=start, tz=tz)


def _every(section: Section) -> tuple[int, bool]:
    """Length of a turn, and whether only working days count."""
    word = section.word("every")
    if word is None:
        return 7, False
    found = _EVERY.fullmatch(word.text)
    if found is None:
        example = "write e.g. 7d, 2w or 1 workday"
        section.reading.wrong(word, "duration", f"'{word.text}' is no length of a turn: {example}")
        return 7, False
    count, unit = int(found[1]), found[2]
    return count * 7 if unit.startswith("week") or unit == "w" else count, unit.startswith("work")


def _shifts(duty: Section, names: Names) -> Iterator[Shift]:
    for item in duty.reading.listed(duty.get("slots"), "slots"):
        section = Section(duty.reading, item, "a slot", ("person", "from", "to"))
        if section.missing("person", "from", "to"):
            continue
        word = section.word("person")
        person = names.find(duty.reading, word) if word else None
        first, last = section.span("from", "to")
        if person and first and last:
            yield Shift(person=person, first=first, last=last)


def _term(duty: Section) -> Term | None:
    value = duty.get("term")
    if value is None:
        return None
    section = Section(duty.reading, value, "a term", ("from", "until", "appointed_by"))
    first, last = section.span("from", "until")
    return Term(first=first, last=last, appointed_by=section.text("appointed_by"))


def _refuse_without_launchpad(duty: Section, names: Names) -> None:
    told: set[str] = set()
    for word in _words_of_people(duty):
        person = names.people.get(names.find(Reading(""), word) or "")
        if person and not person.launchpad and person.key not in told:
            told.add(person.key)
            remedy = "name their account, or take them off this private duty"
            duty.reading.wrong(word, "private", f"'{word.text}' has no launchpad name: {remedy}")


def _words_of_people(duty: Section) -> Iterator[Scalar]:
    """All who are named in a duty; what is wrong with its shape was told before."""
    silent = Reading("")
    again = Section(silent, duty.value, "", DUTY_KEYS)
    yield from again.words("czars")
    if rotation := again.get("rotation"):
        yield from Section(silent, rotation, "", ("order",)).words("order")
    for item in silent.listed(again.get("slots"), ""):
        if word := Section(silent, item, "", ("person",)).word("person"):
            yield word
    yield from again.words("deputies")

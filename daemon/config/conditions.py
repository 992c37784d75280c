"""`when` and `unless`: the keys of an event with their patterns, compiled; a bad pattern is told at its very value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daemon.config.marks import Items, Marked, Scalar
from daemon.config.reading import Reading, Section
from rules.patterns import BadPattern, Pattern, is_literal, number, pattern
from rules.routing import EVENTS, KEYS, Test, compile_tests

GATE_KINDS = ("job", "branch", "repo", "infra", "config", "conflict")

Values = Mapping[str, tuple[Scalar, ...]]
"""The words of each key, as they stand."""

Tests = tuple[tuple[str, Test], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What some event must fulfil: the keys with their words, the tests these make, and the pattern of `repo`."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tests: Tests = ()
    repo: Pattern | None = None
    repos: tuple[Scalar, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys that are there."""
        return frozenset(self.words)


def read_conditions(reading: Reading, value: Marked | None, what: str, event: str) -> Conditions:
    """A `when` or `unless` of a rule for one kind of event."""
    if value is None:
        return Conditions()
    values = _values(Section(reading, value, what, KEYS[event]))
    return _compiled(reading, values, event)


def read_defaults(reading: Reading, value: Marked | None) -> Mapping[str, Conditions]:
    """`defaults.unless`, for each kind of event that knows the key."""
    if value is None:
        return {}
    every_key = dict.fromkeys(key for event in EVENTS for key in KEYS[event])
    values = _values(Section(reading, value, "defaults.unless", tuple(every_key)))
    return {event: _compiled(reading, values, event) for event in EVENTS}


def _compiled(reading: Reading, values: Values, event: str) -> Conditions:
    """The keys that this kind of event knows."""
    known = {key: words for key, words in values.items() if key in KEYS[event]}
    good = {key: texts for key, words in known.items() if (texts := _compilable(reading, key, words, event))}
    return Conditions(
        words={key: frozenset(word.text for word in words) for key, words in known.items()},
        tests=compile_tests(event, good),
        repo=pattern(good["repo"]) if "repo" in good else None,
        repos=known.get("repo", ()),
    )


def _values(section: Section) -> Values:
    found = {}
    for key in sorted(set().union(*KEYS.values())):
        if key not in section:
            continue
        found[key] = section.words(key)
        if isinstance(value := section.at(key), Items) and not value.items:
            section.reading.wrong(value, "empty", f"'{key}' has no values")
    return found


def _compilable(reading: Reading, key: str, words: tuple[Scalar, ...], event: str) -> tuple[str, ...] | None:
    """The words of a key as text; None, and a mistake at the first bad one, where they make no test."""
    texts = tuple(word.text for word in words)
    try:
        _try(key, texts, event)
    except BadPattern as error:
        bad = next((word for word in words if _bad(key, word, event)), words[0])
        reading.wrong(bad, "pattern", f"{key}: {error}")
        return None
    _check_kinds(reading, key, words)
    return texts


def _bad(key: str, word: Scalar, event: str) -> bool:
    try:
        _try(key, (word.text,), event)
    except BadPattern:
        return True
    return False


def _try(key: str, texts: tuple[str, ...], event: str) -> None:
    compile_tests(event, {key: texts})
    if key == "streak":
        for text in texts:
            number(text)


def _check_kinds(reading: Reading, key: str, words: tuple[Scalar, ...]) -> None:
    for word in words if key == "kind" else ():
        if is_literal(word.text) and word.text not in GATE_KINDS:
            reading.unknown(word, "kind", word.text, GATE_KINDS)

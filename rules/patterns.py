"""The patterns of the rule language: exact words, globs, `re:` and numbers, each compiled once.

Regular expressions run on a linear-time engine (re2), so that no rule can stall the daemon.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import re2

Matcher = Callable[[str], bool]

_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


class BadPattern(ValueError):
    """A pattern that cannot be compiled; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One or more alternatives with exceptions: passes what some alternative takes and no exception does.

    Without alternatives everything passes that no exception takes.
    """

    texts: tuple[str, ...]
    takes: tuple[Matcher, ...]
    excepts: tuple[Matcher, ...]

    def __call__(self, value: str) -> bool:
        """Whether one value passes."""
        if self.takes and not any(take(value) for take in self.takes):
            return False
        return not any(take(value) for take in self.excepts)

    def some(self, values: Iterable[str]) -> bool:
        """Whether a set of words (hashtags, an owner's names) passes: an alternative among them, no exception."""
        values = tuple(values)
        if self.takes and not any(take(value) for value in values for take in self.takes):
            return False
        return not any(take(value) for value in values for take in self.excepts)

    @property
    def literals(self) -> tuple[str, ...] | None:
        """The exact words it takes, or None where a glob, expression or exception is among them."""
        return None if self.excepts or any(not is_literal(text) for text in self.texts) else self.texts


@dataclass(frozen=True, slots=True)
class PathNames:
    """A glob with one place like `{deliverable}`: what stands there in a path names something of that kind."""

    text: str
    kind: str
    find: Callable[[str], str | None]

    def names(self, paths: Iterable[str]) -> tuple[str, ...]:
        """What the paths name, each once, in order."""
        found = (self.find(path) for path in paths)
        return tuple(dict.fromkeys(name for name in found if name is not None))


NAMED_BY_PATH = {"deliverable": "[^/]+", "team": "[^/]+", "repo": ".+"}
"""What a path may name, and how it is spelled there: only repos have slashes."""


def path_names(text: str) -> PathNames:
    """Compile `deliverables/**/{deliverable}.yaml`. Raises BadPattern."""
    places = re2.compile(r"\{([^{}]*)\}").findall(text)
    if len(places) != 1 or places[0] not in NAMED_BY_PATH:
        raise BadPattern(f"{text!r} needs one of {', '.join('{' + kind + '}' for kind in NAMED_BY_PATH)}, once")
    kind = places[0]
    before, after = text.split("{" + kind + "}")
    compiled = re2.compile(f"(?s)^{_glob(before)}({NAMED_BY_PATH[kind]}){_glob_after(after)}$", _quiet())

    def find(path: str) -> str | None:
        found = compiled.search(path)
        return found[1] if found else None

    return PathNames(text, kind, find)


def _glob_after(text: str) -> str:
    """The rest of a glob, which does not begin a segment."""
    return _glob("x" + text)[1:]


def pattern(texts: Iterable[str]) -> Pattern:
    """Compile alternatives; a leading `!` makes an exception. Raises BadPattern."""
    texts = tuple(texts)
    takes = tuple(matcher(text) for text in texts if not text.startswith("!"))
    excepts = tuple(matcher(text[1:]) for text in texts if text.startswith("!"))
    return Pattern(texts, takes, excepts)


def is_literal(text: str) -> bool:
    """Whether the text stands for itself only."""
    return not text.startswith(("re:", "!")) and not any(sign in text for sign in "*?")


def matcher(text: str) -> Matcher:
    """One alternative: `re:` searches anywhere, a glob or word matches the whole value. Raises BadPattern."""
    if text.startswith("re:"):
        return _search(text[3:])
    if is_literal(text):
        return text.__eq__
    if text.endswith("/**") and is_literal(text[:-3]):
        folder = text[:-2]
        return lambda value: value.startswith(folder) or value == folder[:-1]
    before, star, after = text.partition("*")
    if star and "*" not in after and "?" not in text:
        return _one_star(before, after)
    return _search(f"(?s)^{_glob(text)}$")


def number(text: str) -> Callable[[int], bool]:
    """`>=3`, `<10`, `=5` or `5`. Raises BadPattern."""
    sign = next((sign for sign in _COMPARE if text.startswith(sign)), "")
    digits = text[len(sign) :].strip()
    if not digits.isdecimal():
        raise BadPattern(f"{text!r} is no number: write e.g. '>=3', '<10' or '5'")
    compare, bound = _COMPARE[sign or "="], int(digits)
    return lambda value: bool(compare(value, bound))


def _one_star(before: str, after: str) -> Matcher:
    """The most common glob, e.g. `stable-*`, without an expression."""
    least = len(before) + len(after)

    def match(value: str) -> bool:
        if len(value) < least or not value.startswith(before) or not value.endswith(after):
            return False
        return "/" not in value[len(before) : len(value) - len(after)]

    return match


def _search(expression: str) -> Matcher:
    try:
        compiled = re2.compile(expression, _quiet())
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadPattern(f"{expression!r} is no regular expression (re2 syntax): {why}") from error
    return lambda value: compiled.search(value) is not None


def _quiet() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


def _glob(text: str) -> str:
    """As an expression: `*` and `?` stay within one path segment, `**` takes any number of segments, also none."""
    parts = text.split("/")
    once = (part for part, before in zip(parts, ["", *parts], strict=False) if not part == before == "**")
    out, rest = "", "/".join(once)
    while rest:
        if rest.startswith("**/") and out[-1:] in ("", "/"):
            out, rest = out + "(?:.*/)?", rest[3:]
        elif rest == "/**":
            out, rest = out + "(?:/.*)?", ""
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        else:
            out, rest = out + re2.escape(rest[0]), rest[1:]
    return out

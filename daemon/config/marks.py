"""YAML as values that know where they stand, with scalars as YAML 1.2's core schema reads them.

`yes` and `off` are text, `012` is twelve, a date is text. Anchors, aliases, tags, duplicate keys and second documents
are refused, so what is read is never bigger than what was written. Read from the events of libyaml: faster than its
nodes, and what it refuses is seen where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NoReturn

import yaml

from daemon.config.mistakes import Mistake, Mistakes

MOST_LEVELS = 40

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_UNQUOTED = {"*": "alias", "&": "anchor", "!": "tag", ">": "block scalar", "|": "block scalar"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A word as it was written; `plain` where it stood without quotes."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def value(self) -> str | int | float | bool | None:
        """As YAML 1.2 (core schema) resolves it."""
        if not self.plain:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        return _number(self.text)

    @property
    def empty(self) -> bool:
        """Whether nothing was written, or null."""
        return self.value is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    items: tuple[Marked, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A mapping; `keys` has the keys as they stand."""

    entries: Mapping[str, Marked]
    keys: Mapping[str, Scalar]
    line: int
    column: int


Marked = Scalar | Items | Fields


def read(text: str, file: str) -> Marked:
    """The one document in the text. Raises Mistakes."""
    reader = _Reader(file, text)
    try:
        found = reader.document(yaml.parse(text, yaml.CBaseLoader))
    except yaml.MarkedYAMLError as error:
        reader.mistakes.append(_syntax(error, text, file))
    except yaml.reader.ReaderError as error:
        line, column = _unprintable(text)
        reader.wrong(line, column, "character", f"character {error.character:#06x} is not allowed")
    except RecursionError:
        pass  # told where it stands
    if reader.mistakes:
        raise Mistakes(reader.mistakes)
    return found


def plain(value: Marked) -> Any:
    """The same as plain dict, list and scalars."""
    if isinstance(value, Fields):
        return {key: plain(entry) for key, entry in value.entries.items()}
    if isinstance(value, Items):
        return [plain(item) for item in value.items]
    return value.value


def decode(raw: bytes, file: str) -> str:
    """The text of a file. Raises Mistakes where it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        raise Mistakes([Mistake(file, line, column, "encoding", "is not UTF-8 text")]) from error


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.mistakes: list[Mistake] = []
        self._events: Iterator[Any] = iter(())

    def wrong(self, line: int, column: int, code: str, message: str) -> None:
        self.mistakes.append(Mistake(self.file, line, column, code, message))

    def document(self, events: Iterator[Any]) -> Marked:
        self._events = events
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            self.wrong(1, 1, "empty", "the file is empty")
            return Scalar(text="", plain=True, line=1, column=1)
        root = self._value(next(events), 0)
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            line, column = _place(after)
            self.wrong(line, column, "documents", "a second document begins here: a file has one")
        return root

    def _value(self, event: Any, level: int) -> Marked:
        line, column = _place(event)
        self._refuse_marks(event, line, column)
        if level > MOST_LEVELS:
            self._too_deep(line, column)
        if isinstance(event, yaml.MappingStartEvent):
            return self._fields(line, column, level + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            items = tuple(self._value(item, level + 1) for item in takewhile(_goes_on, self._events))
            return Items(items=items, line=line, column=column)
        text = "" if isinstance(event, yaml.AliasEvent) else event.value
        return Scalar(text=text, plain=not getattr(event, "style", ""), line=line, column=column)

    def _fields(self, line: int, column: int, level: int) -> Fields:
        entries: dict[str, Marked] = {}
        keys: dict[str, Scalar] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, level)
            value = self._value(next(self._events), level)
            if not isinstance(key, Scalar):
                self.wrong(key.line, key.column, "key", "a key must be a word")
            elif first := keys.get(key.text):
                again = f"'{key.text}' stands twice: first in line {first.line}"
                self.wrong(key.line, key.column, "duplicate", again)
            else:
                entries[key.text], keys[key.text] = value, key
        return Fields(entries=entries, keys=keys, line=line, column=column)

    def _refuse_marks(self, event: Any, line: int, column: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.wrong(line, column, "alias", f"aliases are not supported: a pattern is quoted, '*{event.anchor}'")
        elif event.anchor is not None:
            self.wrong(line, column, "anchor", "anchors are not supported: say it twice, or put the word in quotes")
        elif event.tag is not None:
            self.wrong(line, column, "tag", f"a word that begins with ! is put in quotes: '{event.tag}'")

    def _too_deep(self, line: int, column: int) -> NoReturn:
        self.wrong(line, column, "depth", f"nested more than {MOST_LEVELS} levels deep")
        raise RecursionError


def _goes_on(event: Any) -> bool:
    return not isinstance(event, yaml.SequenceEndEvent)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _number(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL_OR_HEX.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Mistake:
    """libyaml's complaint; what people mean by an unquoted sign is told with the remedy."""
    context, mark = error.context or "", error.problem_mark or error.context_mark
    if error.context_mark and any(f"scanning a{n} {what}" in context for what in _UNQUOTED.values() for n in ("", "n")):
        mark = error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    sign = _sign_at(text, line, column)
    if sign == "\t":
        return Mistake(file, line, column, "tab", "a tab: indent with spaces")
    if sign in "*&!>|@`%":
        return Mistake(file, line, column, "quotes", f"a word that begins with {sign} is put in quotes")
    said = f"{error.problem} {context}".strip()
    return Mistake(file, line, column, "yaml", f"this is no YAML: {said}")


def _sign_at(text: str, line: int, column: int) -> str:
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    written = lines[line - 1] if line <= len(lines) else ""
    return written[column - 1 : column] or " "


def _unprintable(text: str) -> tuple[int, int]:
    for number, line in enumerate(text.split("\n"), start=1):
        if found := yaml.reader.Reader.NON_PRINTABLE.search(line):
            return number, found.start() + 1
    return 1, 1

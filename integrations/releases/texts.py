"""YAML text to a tree of values with lines, for files that anybody may write.

The tree is built from libyaml's events, not by its composer, whose recursion a deep file can overflow. Scalars stay
text: a version never turns into a number. Refused, besides broken YAML: what readers understand in different ways
(merge keys, tags, several documents, a key twice) and what grows without bound (depth, aliases, size).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Never

import yaml

SIZE_LIMIT_BYTES = 1_000_000  # the largest of 30,739 real files has 140,201
DEPTH_LIMIT = 50
ALIAS_LIMIT = 1_000  # values that aliases repeat; real files have none

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset({None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))})


class Unreadable(ValueError):
    """A file that cannot be read at all; `line` counts from 1, 0 where there is none."""

    def __init__(self, line: int, because: str) -> None:
        super().__init__(because)
        self.line = line
        self.because = because


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word; `plain` where it stands without quotes."""

    line: int
    text: str
    plain: bool

    @property
    def is_null(self) -> bool:
        """Whether it says that nothing is there."""
        return self.plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of words to values."""

    line: int
    items: dict[str, Node]

    def get(self, key: str) -> Node | None:
        """The value, None where it is not there or null."""
        found = self.items.get(key)
        return None if isinstance(found, Scalar) and found.is_null else found


Node = Scalar | Listing | Table


def tree(text: str | bytes) -> Node:
    """The one value that a file holds. Raises Unreadable."""
    size = len(text) if isinstance(text, bytes) else len(text.encode(errors="replace"))
    if size > SIZE_LIMIT_BYTES:
        raise Unreadable(0, f"has {size} bytes; more than {SIZE_LIMIT_BYTES} are not read")
    whole = _decoded(text) if isinstance(text, bytes) else text
    try:
        return _Builder().build(yaml.parse(whole, yaml.CBaseLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 0, f"is not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise Unreadable(_unprintable(whole), "has a character that YAML does not allow") from error


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(raw.count(b"\n", 0, error.start) + 1, "is not UTF-8 text") from error


def _unprintable(whole: str) -> int:
    found = yaml.reader.Reader.NON_PRINTABLE.search(whole)
    return whole.count("\n", 0, found.start()) + 1 if found else 0


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come."""

    event: Any
    items: list[Node]
    began: int  # how many values there were before it


class _Builder:
    """Puts events together. `_count` is how many values there are, those repeated by aliases (`_repeated`) included."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}  # the value and its count; None: not whole yet
        self._count = 0
        self._repeated = 0
        self._root: Node | None = None

    def build(self, events: Iterator[Any]) -> Node:
        """The value of the one document."""
        for event in events:
            self._take(event)
        if self._root is None:
            raise Unreadable(0, "is empty")
        return self._root

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._learn(event)
            self._add(event, Scalar(_line(event), event.value, event.style in (None, "")), 1)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._learn(event)
            if len(self._open) == DEPTH_LIMIT:
                _refuse(event, f"is nested more than {DEPTH_LIMIT} deep")
            self._open.append(_Open(event, [], self._count))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            done = self._open.pop()
            self._add(done.event, _whole(done), self._count - done.began + 1)
        elif kind is yaml.AliasEvent:
            self._repeat(event)
        elif kind is yaml.DocumentStartEvent and self._root:
            _refuse(event, "has more than one YAML document")

    def _learn(self, event: Any) -> None:
        """A value begins; its name stands for nothing before it is whole."""
        if event.tag not in _PLAIN_TAGS:
            _refuse(event, f"has a value marked as {shown(event.tag)}; only plain values are read")
        if event.anchor:
            self._anchors[event.anchor] = None

    def _add(self, event: Any, node: Node, count: int) -> None:
        """A value is whole; `count` values are in it, of which only the last is new."""
        self._count += 1
        if event.anchor:
            self._anchors[event.anchor] = (node, count)
        self._put(node)

    def _repeat(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            _refuse(event, f"*{shown(event.anchor)} stands for nothing, or for a value that holds it")
        node, count = known
        self._repeated += count
        self._count += count
        if self._repeated > ALIAS_LIMIT:
            _refuse(event, f"its aliases repeat more than {ALIAS_LIMIT} values")
        self._put(node)

    def _put(self, node: Node) -> None:
        if self._open:
            self._open[-1].items.append(node)
        else:
            self._root = node


def _whole(done: _Open) -> Node:
    if isinstance(done.event, yaml.SequenceStartEvent):
        return Listing(_line(done.event), tuple(done.items))
    items: dict[str, Node] = {}
    for key, value in zip(done.items[::2], done.items[1::2], strict=True):
        if not isinstance(key, Scalar):
            raise Unreadable(key.line, "a key is a list or a mapping")
        if key.text in items:
            raise Unreadable(key.line, f"the key {shown(key.text)} stands here twice")
        if key.text == "<<" and key.plain:
            raise Unreadable(key.line, "the merge key << is not read; write out what it stands for")
        items[key.text] = value
    return Table(_line(done.event), items)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse(event: Any, because: str) -> Never:
    raise Unreadable(_line(event), because)


_HARMLESS = re.compile(r"[\w.+~/@:-]{1,80}", re.ASCII)


def shown(text: str) -> str:
    """A word from a file as people may be shown it: as it is, or as a Python literal, shortened."""
    return text if _HARMLESS.fullmatch(text) else ascii(text if len(text) <= 80 else f"{text[:77]}...")

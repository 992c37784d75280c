"""YAML text to text, lists and mappings, and nothing else: scalars are never numbers, dates or null.

As `yaml.load(text, yaml.CBaseLoader)`, from libyaml's events: in half the time, which counts where a thousand versions
of a file are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError


def load(text: str) -> object:
    """The value of the one document, None where there is none. Raises yaml.YAMLError, UnicodeError."""
    return _Loading().run(text)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A collection that has a name and is not whole yet."""

    mark: Any


class _Loading:
    """Puts events together; `_open` are the collections whose end has not come, with the event they began with."""

    def __init__(self) -> None:
        self._open: list[tuple[Any, list[object]]] = []
        self._anchors: dict[str, object] = {}
        self._documents: list[object] = []

    def run(self, text: str) -> object:
        for event in yaml.parse(text, yaml.CBaseLoader):
            self._take(event)
        return self._documents[0] if self._documents else None

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._whole(event, event.value)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._begin(event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            begun, items = self._open.pop()
            self._whole(begun, items if kind is yaml.SequenceEndEvent else _mapping(begun, items))
        elif kind is yaml.AliasEvent:
            self._put(self._known(event))
        elif kind is yaml.DocumentStartEvent and self._documents:
            raise ComposerError(None, None, "but found another document", event.start_mark)

    def _begin(self, event: Any) -> None:
        if event.anchor:
            self._anchors[event.anchor] = _Begun(event.start_mark)
        self._open.append((event, []))

    def _whole(self, event: Any, value: object) -> None:
        if event.anchor:
            self._anchors[event.anchor] = value
        self._put(value)

    def _put(self, value: object) -> None:
        (self._open[-1][1] if self._open else self._documents).append(value)

    def _known(self, event: Any) -> object:
        if event.anchor not in self._anchors:
            raise ComposerError(None, None, f"found undefined alias {event.anchor!r}", event.start_mark)
        value = self._anchors[event.anchor]
        if isinstance(value, _Begun):
            raise ConstructorError(None, None, "found unconstructable recursive node", value.mark)
        return value


def _mapping(event: Any, items: list[object]) -> dict[object, object]:
    try:
        return dict(zip(items[::2], items[1::2], strict=True))
    except TypeError as error:
        raise ConstructorError(None, None, "found unhashable key", event.start_mark) from error

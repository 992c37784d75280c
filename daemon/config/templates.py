"""`templates` of rules.yaml: what people are told in a community's own words, with places for what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from daemon.config.marks import Marked, Scalar
from daemon.config.mistakes import near
from daemon.config.reading import Reading
from rules.command_lines import listens_to
from rules.wording import PLACEHOLDERS

_PLACE = re.compile(r"\{([^{}]*)\}")


def read_templates(reading: Reading, value: Marked | None, term: str) -> Mapping[str, str]:
    """The texts by name; `term` is the community's word, by which commands begin too."""
    found = {}
    for key, entry in reading.named(value, "templates"):
        name = reading.name(key, "a template")
        text = reading.word(entry, f"template '{name}'")
        found[name] = text.text.strip() if text else ""  # one that is wrong can be spoken of all the same
        for wrong in _wrongs(text, term) if text else ():
            reading.wrong(entry, "template", f"template '{name}': {wrong}")
    return MappingProxyType(found)


def _wrongs(text: Scalar, term: str) -> Iterator[str]:
    for name in dict.fromkeys(_PLACE.findall(text.text)):
        if name not in PLACEHOLDERS:
            yield f"unknown placeholder '{{{name}}}'{near(name, PLACEHOLDERS)}"
    if set("{}") & set(_PLACE.sub("", text.text)):
        yield "a brace that is no part of a {placeholder}"
    if line := _command(text.text, term):
        yield f"the line '{line}' would be read as a command: begin it with another word"


def _command(text: str, term: str) -> str | None:
    """The first line that begins as commands do, also once the placeholders are filled in."""
    begins = tuple(f"{word}:".casefold() for word in listens_to(term))
    lines = (line.strip() for line in text.replace("{term}", term).splitlines())
    return next((line for line in lines if line.casefold().startswith(begins)), None)

from __future__ import annotations

from collections.abc import Mapping

import pytest

from daemon.config.reading import Reading
from daemon.config.templates import read_templates
from rules.wording import PLACEHOLDERS
from tests.daemon.config.makers import marked, said


def templates(text: str, term: str = "liaison") -> tuple[Mapping[str, str], list[str]]:
    reading = Reading("rules.yaml")
    return read_templates(reading, marked(text), term), said(reading)


def test_a_text_may_have_every_placeholder_and_several_lines() -> None:
    every = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    found, wrong = templates(f"hello: |\n  Dear {every},\n\n  please look.\n")
    assert not wrong
    assert found == {"hello": f"Dear {every},\n\nplease look."}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("'Dear {persn}'", "unknown placeholder '{persn}' (did you mean 'person'?)"),
        ("'Dear {}'", "unknown placeholder '{}' (known: because, duty, item, person, repo, role, rule, team, term)"),
        ("'Dear {person.name}'", "unknown placeholder '{person.name}'"),
        ("'Dear {person!r}'", "unknown placeholder '{person!r}' (did you mean 'person'?)"),
        ("'Dear {{person}}'", "a brace that is no part of a {placeholder}"),
        ("'Dear {person'", "a brace that is no part of a {placeholder}"),
        ("'Look: '' CZAR: claim'''", None),
        ("'CZAR: claim'", "the line 'CZAR: claim' would be read as a command: begin it with another word"),
        ('"Look.\\n  Liaison: claim"', "the line 'Liaison: claim' would be read as a command: begin it with another"),
        ('"Look.\\n{term}: claim"', "the line 'liaison: claim' would be read as a command: begin it with another"),
        ("'  '", "template 'a' is empty"),
        ("", "template 'a' is empty"),
        ("[x]", "template 'a' must be a word"),
    ],
)
def test_what_cannot_be_said(text: str, told: str | None) -> None:
    _, wrong = templates(f"a: {text}")
    assert len(wrong) == (told is not None)
    assert (told or "") in " ".join(wrong)


def test_a_name_is_one() -> None:
    assert templates("'a b': text")[1] == [
        "rules.yaml:1:1: a template is made of letters, digits, . _ + and -: 'a b' is not"
    ]

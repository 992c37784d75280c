from __future__ import annotations

import pytest

from daemon.config.mistakes import Mistake, Mistakes, Note, near


def test_a_mistake_reads_as_compilers_write_it() -> None:
    assert str(Mistake("rules.yaml", 3, 5, "x", "unknown key")) == "rules.yaml:3:5: unknown key"
    assert str(Note("rules.yaml", 3, 5, "x", "odd")) == "rules.yaml:3:5: note: odd"


def test_all_mistakes_come_as_one_error_of_several_lines() -> None:
    error = Mistakes([Mistake("a", 1, 1, "x", "one"), Mistake("b", 2, 2, "x", "two")])
    assert str(error).splitlines() == ["a:1:1: one", "b:2:2: two"]
    assert len(error.mistakes) == 2


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("relese", ["release", "docs"], " (did you mean 'release'?)"),
        ("RELEASE", ["release", "docs"], " (did you mean 'release'?)"),
        ("Paris", ["Europe/Paris", "Parish"], " (did you mean 'Europe/Paris'?)"),
        ("xyz", ["release", "docs"], " (known: docs, release)"),
        ("xyz", [f"duty-{n}" for n in range(50)], ""),
        ("xyz", [], ""),
    ],
)
def test_the_nearest_word_is_offered(word: str, known: list[str], hint: str) -> None:
    assert near(word, known) == hint

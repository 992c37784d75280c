"""What people write on a command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daemon.commands.words import find_person, nearest, nearest_person, since
from daemon.main import CannotRun
from tests.rules.makers import NOW, person, roster

ROSTER = roster(person("ann", gerrit="AnnG", emails=("ann@example.org", "Ann@Work.example")))


@pytest.mark.parametrize("word", ["ann", "AnnG", "anng", "ann@example.org", "ANN@work.EXAMPLE"])
def test_a_person_is_found_by_key_username_or_address(word: str) -> None:
    assert find_person(word, ROSTER) == "ann"


@pytest.mark.parametrize(
    ("word", "said"),
    [("an", " (did you mean 'ann'?)"), ("bobb@example.org", " (did you mean 'bob'?)"), ("somebody else", "")],
)
def test_nobody_of_that_name_but_somebody_near(word: str, said: str) -> None:
    assert find_person(word, ROSTER) is None
    assert nearest_person(word, ROSTER) == said


def test_the_nearest_word_is_offered() -> None:
    assert nearest("novva", ["nova", "glance"]) == " (did you mean 'nova'?)"
    assert nearest("xyz", ["nova", "glance"]) == ""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("36h", NOW - timedelta(hours=36)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
    ],
)
def test_an_instant_is_given_as_such_as_a_day_or_by_how_long_ago_it_was(text: str, at: datetime) -> None:
    assert since(text, NOW) == at


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "yesterday", "2026-13-01", "9999999d", "0001-01-01T00:00+14:00"])
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(CannotRun, match=r"--since '.*' is no instant: write e\.g\. 7d"):
        since(text, NOW)

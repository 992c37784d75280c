"""A ledger made again from comments: the same from the same, whole where they are, plain about what is missing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.signoff.ledger import Entry, Head
from rules.signoff.restored import Disagrees, restored
from tests.daemon.signed import chain, entry

MADE = chain(entry("1.0.0", act="vetoed"), entry("1.0.0"), entry("2.0.0", item="gerrit:2"), entry("3.0.0"))
SHOWN = tuple((one.item, one) for one in MADE)


def test_the_whole_chain_comes_back() -> None:
    made = restored(SHOWN, ())
    assert (made.fresh, made.told) == (MADE, ())


@given(st.randoms(use_true_random=False), st.integers(0, 4), st.integers(1, 3))
def test_in_whatever_order_however_often_and_whatever_was_there(
    chance: random.Random, present: int, times: int
) -> None:
    shown = list(SHOWN * times)
    chance.shuffle(shown)
    there = tuple(chance.sample(MADE, present))
    made = restored(shown, there)
    assert made.told == ()
    assert sorted([*made.fresh, *there], key=lambda one: one.number) == list(MADE)
    assert restored(shown, [*made.fresh, *there]).fresh == ()


def test_what_was_never_published_is_told_as_a_gap_and_what_follows_is_kept() -> None:
    made = restored([*SHOWN[:1], *SHOWN[3:]], ())
    assert [one.number for one in made.fresh] == [1, 4]
    ((number, item, because),) = made.told
    assert (number, item) == (4, "gerrit:1")
    assert "comes after number 1" in because
    assert "missing" in because


def test_where_the_first_are_missing_that_is_a_gap_too() -> None:
    ((number, _, because),) = restored(SHOWN[2:], ()).told
    assert number == 3
    assert "comes after number 0" in because


def test_a_line_that_does_not_fit_its_hash_is_left_out() -> None:
    forged = replace(MADE[1], person="mallory")
    made = restored([SHOWN[0], ("gerrit:1", forged)], ())
    assert made.fresh == MADE[:1]
    assert made.told == ((2, "gerrit:1", "does not fit the hash it was published with: it is left out"),)
    assert restored([*SHOWN, ("gerrit:1", forged)], ()).fresh == MADE


def test_of_two_with_one_number_the_one_that_fits_is_kept() -> None:
    """The journal was put back to an old copy, and went on from there."""
    for stray in (_other(2, MADE[1].before), _other(2, "f" * 64)):
        made = restored([*SHOWN, ("gerrit:9", stray)], MADE[:2])
        assert made.fresh == MADE[2:]
    stray = _other(3, "f" * 64)
    made = restored([("gerrit:9", stray), *SHOWN], ())
    assert made.fresh == MADE
    assert made.told == (
        (3, "gerrit:9", "was published as something else in gerrit:2, which fits: this one is left out"),
    )


def test_what_is_here_and_was_published_otherwise_stops_it() -> None:
    with pytest.raises(Disagrees, match="number 2 of the ledger here is not the one published in gerrit:1"):
        restored(SHOWN, (MADE[0], _other(2, MADE[0].hash)))
    with pytest.raises(Disagrees, match="number 2"):
        restored(SHOWN, (MADE[0], replace(MADE[1], person="mallory")))


def test_what_is_here_and_was_never_published_stays() -> None:
    made = restored(SHOWN[:2], MADE)
    assert (made.fresh, made.told) == ((), ())


def test_of_nothing_comes_nothing() -> None:
    made = restored((), ())
    assert (made.fresh, made.told) == ((), ())


def _other(number: int, before: str) -> Entry:
    (made,) = chain(entry("9.9.9", item="gerrit:9"), head=Head(number=number - 1, hash=before))
    return made

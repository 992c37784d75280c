"""Compressing what was heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.journal.codec import DICTIONARY_BYTES, TRAIN_ON, Codec
from tests.daemon.journals import pushed

LINES = [pushed(number) + b" " * (number % 7) for number in range(TRAIN_ON)]


@pytest.fixture(scope="module")
def trained() -> tuple[int, bytes]:
    """A dictionary made from many lines."""
    found = Codec({}).train(LINES)
    assert found is not None
    return found


@given(st.binary(max_size=2_000))
def test_whatever_is_packed_comes_back(raw: bytes) -> None:
    codec = Codec({})
    assert codec.unpack(codec.pack(raw)) == raw


def test_nothing_is_trained_until_there_are_enough_samples(trained: tuple[int, bytes]) -> None:
    codec = Codec({})
    assert codec.train(LINES[:-1]) is None
    assert codec.train(LINES[-1:]) is not None


def test_a_dictionary_is_trained_until_one_is_adopted(trained: tuple[int, bytes]) -> None:
    """What could not be stored is made again from the same samples."""
    codec = Codec({})
    made = codec.train(LINES)
    assert made is not None
    assert codec.train(LINES) == made
    codec.adopt(made[1])
    assert codec.train(LINES) is None
    assert Codec(dict([trained])).train(LINES) is None


def test_a_dictionary_makes_lines_a_third_of_the_size_or_less(trained: tuple[int, bytes]) -> None:
    plain, learned = Codec({}), Codec(dict([trained]))
    assert len(learned.pack(LINES[0])) * 3 <= len(plain.pack(LINES[0]))


def test_what_was_packed_before_a_dictionary_is_still_read(trained: tuple[int, bytes]) -> None:
    codec = Codec({})
    before = codec.pack(b"before")
    codec.adopt(trained[1])
    assert codec.unpack(before) == b"before"
    assert codec.unpack(codec.pack(b"after")) == b"after"


def test_another_process_reads_it_with_the_stored_dictionary(trained: tuple[int, bytes]) -> None:
    writer = Codec({})
    writer.adopt(trained[1])
    packed = writer.pack(LINES[3])
    assert Codec(dict([trained])).unpack(packed) == LINES[3]
    with pytest.raises(KeyError):
        Codec({}).unpack(packed)


def test_samples_of_which_nothing_can_be_learned_do_no_harm() -> None:
    codec = Codec({})
    assert codec.train([b""] * TRAIN_ON) is None
    assert codec.unpack(codec.pack(b"x")) == b"x"


def test_huge_lines_are_no_samples() -> None:
    codec = Codec({})
    assert codec.train([b"x" * DICTIONARY_BYTES] * TRAIN_ON) is None
    assert codec.train(LINES) is not None

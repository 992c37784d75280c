from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.marks import MOST_LEVELS, Fields, Items, Scalar, decode, plain, read
from daemon.config.mistakes import Mistakes


def complaint(text: str) -> str:
    with pytest.raises(Mistakes) as refused:
        read(text, "it.yaml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("012", 12),
        ("0o14", 12),
        ("0xff", 255),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-08-03", "2026-08-03"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"12"', "12"),
        ("''", ""),
        ("<<", "<<"),
    ],
)
def test_scalars_are_read_as_yaml_1_2_does(written: str, means: object) -> None:
    found = plain(read(f"a: {written}\n", "it.yaml"))["a"]
    assert (found, type(found)) == (means, type(means))


def test_each_value_and_key_knows_where_it_stands() -> None:
    root = read("a: 1\nbb:\n  - é: [x, 'y']\n", "it.yaml")
    assert isinstance(root, Fields)
    bb = root.entries["bb"]
    assert isinstance(bb, Items)
    first = bb.items[0]
    assert isinstance(first, Fields)
    xs = first.entries["é"]
    assert isinstance(xs, Items)
    places = [(one.line, one.column) for one in (root.keys["bb"], bb, first.keys["é"], *xs.items)]
    assert places == [(2, 1), (3, 3), (3, 5), (3, 9), (3, 12)]


def test_a_scalar_keeps_its_text() -> None:
    assert read("1.10", "it.yaml") == Scalar(text="1.10", plain=True, line=1, column=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it.yaml:1:1: the file is empty"),
        ("# only this\n", "it.yaml:1:1: the file is empty"),
        ("a: 1\n---\nb: 2\n", "it.yaml:2:1: a second document"),
        ("a:\n\tb: 1\n", "it.yaml:2:1: a tab: indent with spaces"),
        ("a: 1\nb: 2\na: 3\n", "it.yaml:3:1: 'a' stands twice: first in line 1"),
        ("a: &x [1]\n", "it.yaml:1:4: anchors"),
        ("a: !!int '3'\n", "it.yaml:1:4: a word that begins with ! is put in quotes"),
        ("a: ! x\n", "it.yaml:1:4: a word that begins with ! is put in quotes"),
        ("a: @p\n", "it.yaml:1:4: a word that begins with @ is put in quotes"),
        ("a: *.py\n", "it.yaml:1:4: a word that begins with * is put in quotes"),
        ("a: >=3\n", "it.yaml:1:4: a word that begins with > is put in quotes"),
        ("? [a]\n: b\n", "it.yaml:1:3: a key must be a word"),
        ("a: 'x\n", "it.yaml:2:1: this is no YAML"),
        ("a: b: c\n", "it.yaml:1:5: this is no YAML: mapping values are not allowed"),
        ("a: \x07\n", "it.yaml:1:4: character 0x0007 is not allowed"),
        ("%YAML 1.3\n---\na: 1\n", "it.yaml:1:1: "),
    ],
)
def test_what_is_not_read_is_told_at_its_place(text: str, said: str) -> None:
    assert complaint(text).startswith(said)


def test_several_mistakes_come_out_at_once() -> None:
    assert complaint("a: &x 1\na: *x\n").count("\n") == 2


def test_a_bomb_of_aliases_is_refused_without_being_expanded() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert "anchors are not supported" in complaint(bomb)


@pytest.mark.parametrize("depth", [MOST_LEVELS + 2, 200_000])
def test_deep_nesting_is_refused_and_does_not_end_the_process(depth: int) -> None:
    assert f"nested more than {MOST_LEVELS} levels deep" in complaint("[" * depth)


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert plain(read(decode(b"\xef\xbb\xbfa: 1\n", "it.yaml"), "it.yaml")) == {"a": 1}


def test_bytes_that_are_no_text_are_told_at_their_place() -> None:
    with pytest.raises(Mistakes, match=r"it\.yaml:2:4: is not UTF-8 text"):
        decode("a: 1\né: ".encode() + b"\xff\n", "it.yaml")


@given(st.text())
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        read(text, "it.yaml")
    except Mistakes as refused:
        found = refused.mistakes
    else:
        found = ()
    assert all(mistake.line > 0 and mistake.column > 0 for mistake in found)


TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))  # libyaml pairs no surrogates
KEYS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=100)  # YAML: 1024 escaped
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_json_means_the_same(value: object) -> None:
    assert plain(read(json.dumps(value), "it.yaml")) == value

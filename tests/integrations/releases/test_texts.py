"""YAML that anybody may write: what is read, what is refused, at which line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from integrations.releases.texts import (
    ALIAS_LIMIT,
    DEPTH_LIMIT,
    SIZE_LIMIT_BYTES,
    Listing,
    Node,
    Scalar,
    Table,
    Unreadable,
    shown,
    tree,
)
from tests.integrations.releases.makers import Plain


def plain(node: Node | None) -> object:
    """Without lines."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.items.items()}
    if isinstance(node, Listing):
        return [plain(one) for one in node.items]
    return node.text if node else None


def refusal(text: str | bytes) -> tuple[int, str]:
    with pytest.raises(Unreadable) as refused:
        tree(text)
    return refused.value.line, refused.value.because


def outcome(text: str | bytes) -> Node | Unreadable:
    try:
        return tree(text)
    except Unreadable as refused:
        return refused


def test_scalars_stay_text_and_know_their_line() -> None:
    top = tree("a: 2026.10\nb:\n  - 1e5\n  - 0123\n  - yes\n")
    assert plain(top) == {"a": "2026.10", "b": ["1e5", "0123", "yes"]}
    assert isinstance(top, Table)
    assert isinstance(top.items["b"], Listing)
    assert [one.line for one in top.items["b"].items] == [3, 4, 5]


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL"])
def test_null_is_nothing_unless_quoted(written: str) -> None:
    top = tree(f'a: {written}\nb: "{written}"\n')
    assert isinstance(top, Table)
    assert top.get("a") is None
    assert isinstance(top.get("b"), Scalar)


@pytest.mark.parametrize(
    ("text", "line", "because"),
    [
        ("", 0, "is empty"),
        ("a: [1\nb: 2\n", 2, "is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "is not YAML"),
        ("a: 1\na: 2\n", 2, "the key a stands here twice"),
        ("a: 1\n---\nb: 2\n", 2, "more than one YAML document"),
        ("a: &x 1\nb: *y\n", 2, "*y stands for nothing"),
        ("a: &x [*x]\n", 1, "*x stands for nothing, or for a value that holds it"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge key"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "only plain values"),
        ("a: !!binary cmVwbw==\n", 1, "only plain values"),
        ("[a, b]: 1\n", 1, "a key is a list or a mapping"),
        ("a: 1\nb: \x07\n", 2, "a character that YAML does not allow"),
        ("a: \ud800\n", 1, "a character that YAML does not allow"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, "not UTF-8"),
        (b"a\0: 1\n", 1, "a character that YAML does not allow"),
        ("%YAML 3.0\n---\na: 1\n", 1, "is not YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_line(text: str | bytes, line: int, because: str) -> None:
    found = refusal(text)
    assert because in found[1]
    assert found[0] == line


@pytest.mark.parametrize("step", ["[", "- ", "{a: ", "? "])
def test_a_deep_file_ends_nothing_but_its_reading(step: str) -> None:
    assert f"more than {DEPTH_LIMIT} deep" in refusal(step * 200_000)[1]


def test_a_deep_file_with_steps_in_lines_of_their_own() -> None:
    assert "deep" in refusal("".join(f"{' ' * step}a:\n" for step in range(900)))[1]


def test_a_large_file_is_refused_unread() -> None:
    assert refusal("#" * (SIZE_LIMIT_BYTES + 1))[1].startswith(f"has {SIZE_LIMIT_BYTES + 1} bytes")
    assert refusal("\u00e4" * (SIZE_LIMIT_BYTES // 2 + 1))[0] == 0
    assert refusal(b"#" * (SIZE_LIMIT_BYTES + 1))[0] == 0


def test_a_few_aliases_are_read() -> None:
    assert plain(tree("a: &x {b: [1, 2]}\nc: *x\nd: *x\n")) == {key: {"b": ["1", "2"]} for key in "acd"}


def test_an_alias_bomb_is_refused() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12)]
    line, because = refusal("\n".join(["l0: &l0 [lol]", *levels]))
    assert because == f"its aliases repeat more than {ALIAS_LIMIT} values"
    assert line <= 5


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.text("-:[]{}&*!|>'\"#%@`,? \n\ta1", max_size=80)))
def test_any_bytes_are_a_tree_or_a_refusal(text: str | bytes) -> None:
    found = outcome(text)
    assert found.line >= 0
    assert not isinstance(found, Unreadable) or found.because


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
values = st.recursive(words, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4))


@given(values, st.sampled_from([True, False, None]), st.sampled_from([None, '"', "'"]))
def test_however_a_value_is_written_it_reads_the_same(value: object, flow: bool | None, style: str | None) -> None:
    written = yaml.dump(value, Dumper=Plain, default_flow_style=flow, default_style=style)
    assert plain(tree(written)) == value


def test_words_of_a_file_are_shown_so_that_they_cannot_mislead() -> None:
    assert shown("stable/zed") == "stable/zed"
    assert shown("a\u202eb|c") == r"'a\u202eb|c'"
    assert len(shown("x " * 1000)) < 100

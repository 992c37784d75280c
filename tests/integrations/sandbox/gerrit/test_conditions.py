"""The query language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sandbox.gerrit.conditions import holds
from integrations.sandbox.gerrit.records import Refusal


def is_true(operator: str, value: str) -> bool:
    return value == "yes"


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("", True),
        ("a:yes", True),
        ("a:yes b:no", False),
        ("a:yes AND b:yes", True),
        ("-a:no", True),
        ("NOT a:no", True),
        ('a:"yes" b:{yes}', True),
        ("(a:no OR a:yes) a:yes", True),
        ("-(a:no a:yes)", True),
        ("a:no a:yes OR a:yes", False),  # OR binds tighter: no AND (yes OR yes)
    ],
)
def test_terms_combine_as_in_gerrit(text: str, truth: bool) -> None:
    assert holds(text, is_true) is truth


@pytest.mark.parametrize("text", ["(a:yes", "a:yes)", "a:yes OR", "NOT"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        holds(text, is_true)


@given(st.text(alphabet='ab:"(){} -yesORNT', max_size=30))
def test_any_text_is_answered_or_refused(text: str) -> None:
    try:
        assert holds(text, is_true) in (True, False)
    except Refusal as refusal:
        assert refusal.status == 400  # noqa: PT017

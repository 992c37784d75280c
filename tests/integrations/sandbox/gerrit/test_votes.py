"""Labels at work."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit import votes
from integrations.sandbox.gerrit.records import Label
from integrations.sandbox.gerrit.registry import CODE_REVIEW

VERIFIED = Label(name="Verified", values={-1: "", 0: "", 1: ""}, copy_condition="changekind:NO_CODE_CHANGE")


@pytest.mark.parametrize(
    ("kind", "plus_two", "minus_two", "verified"),
    [
        ("NO_CHANGE", True, True, True),
        ("NO_CODE_CHANGE", False, True, True),
        ("TRIVIAL_REBASE", True, True, False),
        ("MERGE_FIRST_PARENT_UPDATE", False, True, False),
        ("REWORK", False, True, False),
    ],
)
def test_the_defaults_copy_as_the_table_of_gerrit_says(
    kind: str, plus_two: bool, minus_two: bool, verified: bool
) -> None:
    assert votes.is_copied(CODE_REVIEW, kind, 2) is plus_two
    assert votes.is_copied(CODE_REVIEW, kind, -2) is minus_two
    assert votes.is_copied(VERIFIED, kind, 1) is verified

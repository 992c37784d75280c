"""What should be done: values that the journal can keep."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.journal.records import decode_action, encode_action
from rules.actions import KINDS, Action, AddReviewer, Comment, DrawAttention, Notify, RemoveReviewer, Vote

EACH = [
    AddReviewer(item="gerrit:7", repo="r", key="k", person="ann", account="1001", cc=True),
    Comment(item="gerrit:7", repo="r", key="k", text="Grüße,\n\nbye", tell=("1001", "1002")),
    Vote(item="gerrit:7", repo="r", key="k", label="Release-Signoff", value=-1, revision="c0ffee"),
    DrawAttention(item="gerrit:7", repo="r", key="k", account="1001", reason="your turn"),
    RemoveReviewer(item="gerrit:7", repo="r", key="k", person="ann", account="1001"),
    Notify(item="gerrit:7", repo="r", key="k", person="ann", reason="library", text="oslo.db 17.0 ☂", digest=True),
    Notify(item="gerrit:7", repo="r", key="k", person="ann", reason="reminder", text="it waits", case="gerrit:7/c/ann"),
]


def test_every_kind_is_tried_here() -> None:
    assert list(dict.fromkeys(type(action) for action in EACH)) == list(KINDS.values())
    assert set(KINDS) == {kind.__name__ for kind in Action.__subclasses__()}


@pytest.mark.parametrize("action", EACH, ids=lambda action: type(action).__name__)
class TestEach:
    def test_comes_back_from_the_journal_as_it_was(self, action: Action) -> None:
        assert decode_action(type(action).__name__, encode_action(action)) == action

    def test_is_frozen(self, action: Action) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            action.key = "other"  # type: ignore[misc]


def test_what_is_told_at_once_is_no_part_of_the_digest() -> None:
    assert not Notify(item="gerrit:7", repo="r", key="k", person="ann", reason="reminder", text="still yours").digest


@given(text=st.text(), tell=st.lists(st.text()).map(tuple))
def test_a_comment_of_any_text_comes_back_as_it_was(text: str, tell: tuple[str, ...]) -> None:
    comment = Comment(item="gerrit:7", repo="r", key="k", text=text, tell=tell)
    assert decode_action("Comment", encode_action(comment)) == comment

"""What the records say of themselves."""

from __future__ import annotations

from tests.integrations.sandbox.gerrit.world import START, World


def test_the_subject_is_the_first_paragraph_in_one_line() -> None:
    assert World().push(message="Do it\nat once\n\nBecause.\n").subject == "Do it at once"


def test_refs_are_spread_by_the_last_two_digits() -> None:
    world = World()
    assert world.push(number=1234).ref_base == "refs/changes/34/1234"
    assert world.push(number=7, branch="refs/meta/config").ref == "refs/meta/config"


def test_the_size_counts_the_generated_message_file() -> None:
    patch_set = World().push(message="a\n\nb\n", files={"x": "1\n2\n"}).current
    assert (patch_set.insertions, patch_set.message_lines) == (2, 5 + 1 + 3)


def test_who_leaves_the_attention_set_is_remembered_until_the_return() -> None:
    change = World().push()
    change.attend([5], reason="a", by=1, at=START)
    change.leave([5, 6], reason="b", by=1, at=START)
    assert (set(change.attention), change.out_of_attention[5].reason) == (set(), "b")
    change.attend([5], reason="c", by=1, at=START)
    assert (set(change.attention), set(change.out_of_attention)) == ({5}, set())

"""Which files are read at all; tests/integrations/gerrit/test_request.py shows what becomes of them."""

from __future__ import annotations

from typing import Any

from integrations.gerrit.touched_files import MOST_FILES, Pair, Side, oddities, path_of, too_much, touched_in

REGULAR, EXECUTABLE, LINK = 0o100644, 0o100755, 0o120000


def side(path: str, *, size: int = 0, mode: int = 0, of_parent: bool = False) -> Side:
    return Side(path, mode, size, of_parent)


def test_files_are_listed_by_path_with_both_their_sides() -> None:
    files: dict[str, Any] = {
        "/COMMIT_MSG": {"status": "A"},
        "z": {"size": 5, "size_delta": 2, "old_mode": REGULAR, "new_mode": EXECUTABLE},
        "new": {"status": "R", "old_path": "old", "size": 7},
        "gone": {"status": "D", "size": 0, "size_delta": -4},
        "copy": {"status": "C", "old_path": "z"},
    }
    assert touched_in(files, lambda path: not path.startswith("/")) == [
        Pair(None, side("copy")),
        Pair(side("gone", size=4, of_parent=True), None),
        Pair(None, side("new", size=7)),
        Pair(side("old", size=7, of_parent=True), None),
        Pair(side("z", size=3, mode=REGULAR, of_parent=True), side("z", size=5, mode=EXECUTABLE)),
    ]
    assert touched_in(files, lambda path: path == "old") == [Pair(side("old", size=7, of_parent=True), None)]


def test_an_executable_file_is_a_file() -> None:
    assert list(oddities(side("a", mode=EXECUTABLE))) == []
    assert [one.file for one in oddities(side("a", mode=LINK, size=2_000_000))] == ["a", "a"]


def test_as_many_as_may_be_are_not_too_many() -> None:
    pairs = [Pair(None, side(f"{n:03}")) for n in range(MOST_FILES + 1)]
    assert too_much(pairs[1:]) is None
    problem = too_much(pairs)
    assert problem is not None
    assert (problem.file, path_of(pairs[0])) == ("000", "000")
    assert too_much([]) is None

"""The relation chain of a revision and the lines it adds."""

from __future__ import annotations

from typing import Any

from integrations.gerrit.revision import MOST_FILES, MOST_LINES, added_lines, related
from tests.integrations.gerrit.answers import Answers

HERE = "changes/x~7/revisions/1a"


def chain(*changes: tuple[int, str]) -> Answers:
    told = [{"_change_number": number, "status": status} for number, status in changes]
    return Answers({f"{HERE}/related": {"changes": told}})


def test_related_are_the_other_open_changes() -> None:
    rest = chain((9, "NEW"), (8, "ABANDONED"), (7, "NEW"), (6, "MERGED"), (5, "NEW"), (5, "NEW"))
    assert related(rest, HERE, 7) == (9, 5)
    assert related(chain(), HERE, 7) == ()


def diffs(**content: list[dict[str, Any]]) -> Answers:
    return Answers({f"{HERE}/files/{name}/diff": {"content": parts} for name, parts in content.items()})


def test_only_new_lines_count_and_no_empty_ones() -> None:
    rest = diffs(constraints=[{"ab": ["same"]}, {"a": ["old"], "b": ["new", ""]}, {"a": ["gone"]}, {"b": ["last"]}])
    assert added_lines(rest, HERE, ["constraints"], {"constraints"}) == {"constraints": ("new", "last")}


def test_files_are_known_by_their_base_name() -> None:
    rest = Answers({f"{HERE}/files/a%2Fb%20c%2Freq.txt/diff": {"content": [{"b": ["x"]}]}})
    paths = ["a/b c/req.txt", "req.txt.orig", "a/req.txt/other"]
    assert added_lines(rest, HERE, paths, {"req.txt"}) == {"a/b c/req.txt": ("x",)}
    assert rest.count("GET") == 1


def test_a_binary_or_removed_file_adds_nothing() -> None:
    rest = Answers({f"{HERE}/files/{name}/diff": {"binary": True} for name in ("a", "b")})
    assert added_lines(rest, HERE, ["a", "b"], {"a", "b"}) == {"a": (), "b": ()}


def test_there_are_limits() -> None:
    paths = [f"{number}/req" for number in range(MOST_FILES + 5)]
    table = {f"{HERE}/files/{n}%2Freq/diff": {"content": [{"b": ["x"] * (MOST_LINES + 9)}]} for n in range(99)}
    lines = added_lines(Answers(table), HERE, paths, {"req"})
    assert [len(lines), len(lines["0/req"])] == [MOST_FILES, MOST_LINES]

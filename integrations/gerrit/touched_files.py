"""Which files a commit touches, as the server lists them (Documentation/rest-api-changes.html#file-info), and which of
them are not even fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rules.signoff.requests import Problem

MOST_FILES = 500  # of one patch set
LARGEST_BYTES = 1_000_000  # of one file
MOST_BYTES = 16_000_000  # of all files of one patch set, before and after
_MODES = {0o120000: "a symbolic link", 0o160000: "a submodule"}
_FORMAT = 0o170000


class Side(NamedTuple):
    """A file as it is on one side of a commit."""

    path: str
    mode: int
    size: int
    of_parent: bool


class Pair(NamedTuple):
    """A file before and after a commit; of a renamed one there are two of these."""

    before: Side | None
    after: Side | None


def touched_in(files: Mapping[str, Any], wanted: Callable[[str], bool]) -> list[Pair]:
    """The files with paths that are wanted, by path."""
    return sorted((pair for pair in _pairs(files) if wanted(path_of(pair))), key=path_of)


def _pairs(files: Mapping[str, Any]) -> Iterator[Pair]:
    for path, info in files.items():
        size, status = info.get("size", 0), info.get("status", "M")
        after = Side(path, info.get("new_mode", 0), size, of_parent=False)
        before = Side(
            info.get("old_path", path), info.get("old_mode", 0), size - info.get("size_delta", 0), of_parent=True
        )
        match status:
            case "A" | "C":
                yield Pair(None, after)
            case "D":
                yield Pair(before, None)
            case "R":
                yield from (Pair(before, None), Pair(None, after))
            case _:
                yield Pair(before, after)


def path_of(pair: Pair) -> str:
    """Its path, before and after."""
    side = pair.after or pair.before
    return side.path if side else ""


def too_much(pairs: Sequence[Pair]) -> Problem | None:
    """Why so much is not even looked at."""
    if len(pairs) > MOST_FILES:
        return Problem(
            file=path_of(pairs[0]), line=0, because=f"touches more than {MOST_FILES} release files: split it"
        )
    if sum(side.size for pair in pairs for side in pair if side and side.size <= LARGEST_BYTES) > MOST_BYTES:
        because = f"touches release files of more than {MOST_BYTES // 10**6} MB in all: split it"
        return Problem(file=path_of(pairs[0]), line=0, because=because)
    return None


def oddities(side: Side) -> Iterator[Problem]:
    """Why a file is not even fetched."""
    if kind := _MODES.get(side.mode & _FORMAT):
        yield Problem(file=side.path, line=0, because=f"is {kind}, not a file of its own")
    if side.size > LARGEST_BYTES:
        yield Problem(file=side.path, line=0, because=f"has {side.size} bytes; more than {LARGEST_BYTES} are not read")

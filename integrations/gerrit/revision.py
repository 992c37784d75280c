"""What only separate calls tell of one revision: its relation chain, and the lines it adds to a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from integrations.gerrit.rest import Rest

MOST_FILES = 10
MOST_LINES = 5_000  # of one file


def related(rest: Rest, revision_path: str, number: int) -> tuple[int, ...]:
    """The other open changes of the relation chain of change `number`. Raises Transient, Refused."""
    found = rest.get(f"{revision_path}/related")["changes"]
    open_ones = (one["_change_number"] for one in found if one.get("status", "NEW") == "NEW")
    return tuple(dict.fromkeys(other for other in open_ones if other != number))


def added_lines(
    rest: Rest, revision_path: str, paths: Iterable[str], names: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Path to the lines added, empty ones left out, of each file with a base name in `names`. Raises Transient,
    Refused."""
    wanted = [path for path in paths if PurePosixPath(path).name in names]
    return {path: _added(rest, revision_path, path) for path in wanted[:MOST_FILES]}


def _added(rest: Rest, revision_path: str, path: str) -> tuple[str, ...]:
    diff = rest.get(f"{revision_path}/files/{quote(path, safe='')}/diff", [("context", "0")])
    return tuple(_new_lines(diff.get("content", ())))[:MOST_LINES]


def _new_lines(content: Iterable[dict[str, Any]]) -> Iterator[str]:
    for part in content:
        yield from (line for line in part.get("b", ()) if line)

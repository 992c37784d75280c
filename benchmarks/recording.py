"""Stream lines in any number, made from the recording that ships with the sandbox: other changes, other repos."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from integrations.sandbox.playback import RECORDINGS, read_lines


def write_lines(path: Path, count: int, repos: int) -> int:
    """Write `count` lines of as many changes as that takes, spread over the repos; gives the bytes written."""
    with path.open("wb") as out:
        return sum(out.write(line) for line in _lines(count, repos))


def repo_name(number: int) -> str:
    """The name of one of the repos."""
    return f"openstack/project-{number:04d}"


def _lines(count: int, repos: int) -> Iterator[bytes]:
    recorded = list(read_lines(RECORDINGS / "webhooks.events.jsonl.gz"))
    for number in range(count):
        turn, place = divmod(number, len(recorded))
        yield _moved(recorded[place], turn, repos)


def _moved(recorded: dict[str, object], turn: int, repos: int) -> bytes:
    """The line as of another change in another repo. A change stays in its repo."""
    line = json.loads(json.dumps(recorded))
    change = line.get("change")
    key = change["number"] if change else turn
    repo = repo_name((key * 31 + turn) % repos)
    if change:
        change["number"] += turn * 10_000_000
        change["project"] = repo
        change["id"] = f"I{turn:08x}{change['id'][9:]}"
    if "project" in line:
        line["project"] = repo
    if "refUpdate" in line:
        line["refUpdate"]["project"] = repo
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

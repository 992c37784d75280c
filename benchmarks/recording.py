"""Stream lines in any number, made from the recording that ships with the sandbox: other changes, other repos."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from integrations.sandbox.playback import RECORDINGS, read_lines

ZEROS = "0" * 40
SOMEBODY = {"name": "Gerrit User 1003873", "email": "u1003873@example.org", "username": "u1003873"}


def write_lines(path: Path, count: int, repos: int, *, noise: bool = False) -> int:
    """Write `count` lines of as many changes as that takes, spread over the repos; gives the bytes written.

    With `noise` as a server sends them by default: each write to a change is told as `ref-updated` of its notes too, a
    new patch set as another one of its own.
    """
    lines = _lines(count, repos)
    with path.open("wb") as out:
        return sum(out.write(line) for line in islice(_noisy(lines) if noise else lines, count))


def repo_name(number: int) -> str:
    """The name of one of the repos."""
    return f"openstack/project-{number:04d}"


def _noisy(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        told = json.loads(line)
        change, patch_set = told.get("change"), told.get("patchSet", {})
        if change:
            place = f"refs/changes/{change['number'] % 100:02d}/{change['number']}"
            refs = [f"{place}/meta"]
            if told["type"] == "patchset-created":
                refs.insert(0, f"{place}/{patch_set['number']}")
            for ref in refs:
                yield _ref_updated(change["project"], ref, patch_set.get("revision", ZEROS), told["eventCreatedOn"])
        yield line


def _ref_updated(project: str, ref: str, new: str, at: int) -> bytes:
    update = {"oldRev": ZEROS, "newRev": new, "refName": ref, "project": project}
    told = {"submitter": SOMEBODY, "refUpdate": update, "type": "ref-updated", "eventCreatedOn": at}
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


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

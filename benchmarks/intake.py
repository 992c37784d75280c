"""From stream bytes to committed decisions: what an event costs, beside two floors measured in the same run.

    python -m benchmarks.intake --events 100000 --rules 1000 --teams 1000 [--json]

The whole way is taken by the daemon's own code in one thread: splitting lines, journal (SQLite, WAL, every commit
synced), decoding, deciding by a compiled index, look-ups answered from memory at once, recording. Each part runs in a
process of its own. The lines are a recording without `ref-updated` of changes' notes, one in seven makes an ask;
`with_noise` is the same with them, as a server sends them by default. Floors: `json.loads` of the same lines, and one
row per commit of the same SQLite.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.recording import repo_name, write_lines
from integrations.gerrit.stream import AT_ONCE_BYTES

SINGLE_COMMITS = 500


def main() -> None:
    """Prepare the lines, measure each part in a process of its own, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--teams", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", action="store_true", help="show where the time of the intake goes")
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--lines", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options.lines, options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        size = write_lines(lines, options.events, options.teams)
        found: dict[str, Any] = {}
        for part in ("intake", "floor_json", "floor_single_commit"):
            found |= _in_process(part, lines, options)
        write_lines(lines, options.events, options.teams, noise=True)
        found["with_noise_per_cpu_s"] = _in_process("intake", lines, options)["events_per_cpu_s"]
    _show(found, size / options.events, options)


def _in_process(part: str, lines: Path, options: argparse.Namespace) -> dict[str, Any]:
    sizes = ["--events", str(options.events), "--rules", str(options.rules), "--teams", str(options.teams)]
    profile = ["--profile"] if options.profile and part == "intake" else []
    command = [sys.executable, "-m", "benchmarks.intake", "--part", part, "--lines", str(lines), *sizes, *profile]
    measured: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return measured


def _show(found: dict[str, Any], line_bytes: float, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(found))
        return
    rate = found["events_per_cpu_s"]
    print(f"{options.events} events of {line_bytes:.0f} bytes, {options.rules} rules, {options.teams} teams")
    for name, value in found.items():
        print(f"  {name:28} {value:>12,.0f}" if isinstance(value, float | int) else f"  {name:28} {value}")
    print(f"  of the json.loads floor      {rate / found['floor_json_per_cpu_s']:>12.2f}")


def intake(lines: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The daemon's own way, in one thread."""
    from benchmarks.pipeline import Pipeline

    with tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(Path(folder), options.rules, [repo_name(number) for number in range(options.teams)])
        run = lambda: _feed(lines, pipeline)  # noqa: E731
        cpu_s, wall_s = _profiled(run) if options.profile else _timed(run)
        stats = pipeline.stats()
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        return {
            "events_per_cpu_s": round(options.events / cpu_s, 1),
            "events_per_wall_s": round(options.events / wall_s, 1),
            "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            "bytes_per_event": round(size / options.events, 1),
            "decided": stats.decided,
            "asks": stats.actions["pending"],
        }


def _feed(lines: Path, pipeline: Any) -> None:
    with lines.open("rb") as stream:
        while data := stream.read(AT_ONCE_BYTES):
            pipeline.take(data)


def floor_json(lines: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Only `json.loads`, nothing kept."""

    def run() -> None:
        with lines.open("rb") as stream:
            for line in stream:
                json.loads(line)

    return {"floor_json_per_cpu_s": round(options.events / _timed(run)[0], 1)}


def floor_single_commit(lines: Path, _options: argparse.Namespace) -> dict[str, Any]:
    """One row per commit, synced: what a journal without group commit would do (per wall second: it waits)."""
    with lines.open("rb") as stream:
        rows = [line for line, _ in zip(stream, range(SINGLE_COMMITS), strict=False)]
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE heard (seq INTEGER PRIMARY KEY, raw BLOB)")

        def run() -> None:
            for row in rows:
                connection.execute("INSERT INTO heard (raw) VALUES (?)", (row,))

        _, wall_s = _timed(run)
        connection.close()
    return {"floor_single_commit_per_s": round(len(rows) / wall_s, 1)}


def _timed(run: Callable[[], None]) -> tuple[float, float]:
    """CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall


def _profiled(run: Callable[[], None]) -> tuple[float, float]:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    measured = _timed(lambda: profile.runcall(run))
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    return measured


PARTS: dict[str, Callable[[Path, argparse.Namespace], dict[str, Any]]] = {
    "intake": intake,
    "floor_json": floor_json,
    "floor_single_commit": floor_single_commit,
}

if __name__ == "__main__":
    main()

"""Who is asked how often, and whose turn it is how long: picking by open turns, beside the first in line and chance.

    python -m benchmarks.fairness --events A.events.jsonl.gz B.events.jsonl.gz --files A.files.jsonl.gz B.files.jsonl.gz
                                  [--config DIR] [--seeds N] [--json]

The recordings are merged by time and replayed three times: by the config as it is (without --config one made from the
people who really reviewed, see `benchmarks/made_config.py`); with `pick: first` in place of each number; and with the
order of picking by number put by chance: a hash of a seed, the item and the person, in place of open turns. Chance is
played with seeds 1 to N; the table shows the first one, and how far they lie apart. Everything else (who is available,
capacity, affinity, ladders) stays the product's. What is counted and checked is told from raw lines, raw config and the
rows shown (`benchmarks/turns.py`). Of `first` capacity is not checked: it knows none. Beside that `czar replay --json`
runs twice with other hash seeds. Exit 1 where a check fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.made_config import write_config
from benchmarks.turns import FAULTS, gini
from benchmarks.ways import WAYS, Played, Recording, merged, play

SUMS = ("asks", "unrouted", "gini_asks", "gini_asks_per_year", "gini_turns", "gini_all_turns")
NOT_CHECKED = {"first": frozenset({"above capacity"})}


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, count, check, print. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=__doc__)
    parser.add_argument("--events", type=Path, nargs="+", required=True)
    parser.add_argument("--files", type=Path, nargs="*", default=[])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    recording = Recording(lines=tuple(merged(options.events)), files=tuple(options.files))
    with tempfile.TemporaryDirectory() as folder:
        found = measure(recording, options.config, options.seeds, Path(folder))
    if options.json:
        print(json.dumps(found))
    else:
        _show(found)
    return 0 if all(found["checks"].values()) else 1


def measure(recording: Recording, config: Path | None, seeds: int, folder: Path) -> dict[str, Any]:
    """All ways and checks; `folder` is for what is needed meanwhile."""
    if config is None:
        config = folder / "config"
        config.mkdir()
        write_config(config, map(json.loads, recording.lines))
    events = folder / "events.jsonl"
    events.write_bytes(b"\n".join(recording.lines))
    outs = [folder / f"{hash_seed}.jsonl" for hash_seed in "12"]
    with ExitStack() as running:
        for out in outs:
            running.enter_context(_start_replay(config, events, recording.files, out))
        ways = {way: play(recording, config, way) for way in WAYS}
        others = [play(recording, config, "by chance", seed) for seed in range(2, seeds + 1)]
    return _told(ways, others, recording, [hashlib.sha256(out.read_bytes()).hexdigest() for out in outs])


def _start_replay(config: Path, events: Path, files: Sequence[Path], out: Path) -> subprocess.Popen[bytes]:
    """`czar replay` in a process of its own, whose hash seed is the name of what it writes."""
    given = [part for file in files for part in ("--files", str(file))]
    command = [sys.executable, "-m", "daemon", "replay", "--json", "--config", str(config), str(events), *given]
    with out.open("wb") as stdout:
        return subprocess.Popen(command, stdout=stdout, env={**os.environ, "PYTHONHASHSEED": out.stem})


def _told(
    ways: Mapping[str, Played], others: Sequence[Played], recording: Recording, shas: list[str]
) -> dict[str, Any]:
    """`others` are those of chance with other seeds."""
    turns = ways["by turns"].turns
    czars = sorted(turns.czars, key=lambda key: -turns.years(key))
    return {
        "lines": len(recording.lines),
        "people": {key: _person(key, ways) for key in (*czars, *sorted(set(turns.people) - set(czars)))},
        "ways": {way: _way(played, czars) for way, played in ways.items()},
        "chance": [_way(played, czars) for played in (ways["by chance"], *others)],
        "faults": {way: _faults(way, ways, others) for way in ways},
        "checks": {name: _is_clean(name, ways, others) for name in FAULTS} | {"same bytes": _is_same(ways, shas)},
        "sha256": shas,
    }


def _person(key: str, ways: Mapping[str, Played]) -> dict[str, Any]:
    turns = ways["by turns"].turns
    person = turns.people[key]
    each = {
        way: {
            "asks": played.turns.loads[key].asks,
            "most": played.turns.loads[key].most,
            "turns": round(played.turns.asked_mean(key), 3),
            "all_turns": round(played.turns.waiting_mean(key), 3),
        }
        for way, played in ways.items()
    }
    return {"weight": person.weight, "cap": person.cap, "years": round(turns.years(key), 1)} | each


def _way(played: Played, czars: Sequence[str]) -> dict[str, Any]:
    turns = played.turns
    return {
        "asks": sum(load.asks for load in turns.loads.values()),
        "unrouted": played.unrouted,
        "gini_asks": round(gini([turns.loads[key].asks for key in czars]), 3),
        "gini_asks_per_year": round(gini([turns.asks_per_year(key) for key in czars]), 3),
        "gini_turns": round(gini([turns.asked_mean(key) for key in czars]), 3),
        "gini_all_turns": round(gini([turns.waiting_mean(key) for key in czars]), 3),
        "passed_over": dict(sorted(played.passed_over.items())),
    }


def _faults(way: str, ways: Mapping[str, Played], others: Sequence[Played]) -> dict[str, list[str]]:
    """Of all seeds."""
    of_way = (ways[way], *(others if way == "by chance" else ()))
    return {name: [fault for played in of_way for fault in played.turns.faults[name]] for name in FAULTS}


def _is_clean(fault: str, ways: Mapping[str, Played], others: Sequence[Played]) -> bool:
    checked = (way for way in ways if fault not in NOT_CHECKED.get(way, ()))
    return not any(_faults(way, ways, others)[fault] for way in checked)


def _is_same(ways: Mapping[str, Played], shas: Sequence[str]) -> bool:
    """Both runs of the command, and the one whose rows were counted here."""
    return {*shas} == {ways["by turns"].sha256}


def _show(found: Mapping[str, Any]) -> None:
    print(
        f"{found['lines']} lines. Turns: on average while they could be asked, by weight; asked by us / all there were."
    )
    print(f"{'':24}" + "".join(f"{way:>26}" for way in WAYS))
    print(f"{'person':12}{'w':>2}{'cap':>4}{'years':>6}" + f"{'asks':>8}{'most':>5}{'turns':>7}{'all':>6}" * len(WAYS))
    for key, one in found["people"].items():
        cap = "-" if one["cap"] is None else one["cap"]
        print(f"{key:12}{one['weight']:>2.0f}{cap:>4}{one['years']:>6.1f}" + "".join(_cells(one[way]) for way in WAYS))
    for name in SUMS:
        print(f"{name.replace('_', ' '):24}" + "".join(f"{found['ways'][way][name]:>26}" for way in WAYS))
    for name in SUMS[2:]:
        values = sorted(way[name] for way in found["chance"])
        spread = f"{values[0]} to {values[-1]}, median {median(values):.3f}"
        print(f"by chance, {len(values)} seeds: {name.replace('_', ' '):20}{spread}")
    for way in WAYS:
        print(f"passed over {way}: {', '.join(f'{n} {code}' for code, n in found['ways'][way]['passed_over'].items())}")
    for name, clean in found["checks"].items():
        counts = ", ".join(f"{way} {len(found['faults'][way][name])}" for way in WAYS) if name in FAULTS else ""
        print(f"{'ok  ' if clean else 'FAIL'} {name:18} {counts}".rstrip())
    print(f"sha256 {' '.join(found['sha256'])}")


def _cells(one: Mapping[str, Any]) -> str:
    return f"{one['asks']:>8}{one['most']:>5}{one['turns']:>7.2f}{one['all_turns']:>6.2f}"


if __name__ == "__main__":
    sys.exit(main())

"""`czar signoff replay`: recorded release requests, what must be signed and who may."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, czar
from tests.integrations.governance.conftest import CHECKOUT, Mainline

ODD = CHECKOUT / "tests" / "samples" / "releases" / "odd.jsonl"
REQUEST_KEYS = ("file", "version", "repo", "sha", "kind", "provenance", "team")
BRANCH_KEYS = ("file", "branch", "location", "kind")
ONE, TWO = "a" * 40, "b" * 40
PATH = "deliverables/zed/nova.yaml"

LIAISONS_BY_PARENT = 14
"""Requests made on another liaisons file than the one that had landed by their date, of those where it matters."""
COPIED_FROM_ELSEWHERE = 6
"""Releases copied from a file that the recorded request does not hold."""


def release_file(sha: str, team: str = "team: nova\n", repo: str = "openstack/nova") -> str:
    return f"{team}releases:\n- version: 1.0.0\n  projects:\n  - {{repo: {repo}, hash: {sha}}}\n"


def line(after: str | None, before: str | None = None, date: str = "2023-03-01T00:00:00Z", path: str = PATH) -> str:
    file = {"path": path, "status": "M", "before": before, "after": after}
    return json.dumps({"commit": "c0ffee", "parent": "0ff1ce", "date": date, "deliverables": [file]})


def replay(tmp_path: Path, *lines: str, options: tuple[str | Path, ...] = ()) -> Ran:
    file = tmp_path / "requests.jsonl"
    file.write_text("".join(f"{one}\n" for one in lines))
    return czar("signoff", "replay", file, "--json", *options, CZAR_CONFIG="/nowhere")


@pytest.fixture
def governance(tmp_path: Path) -> Path:
    """Nova had Ann as PTL until 2023-02-01, and has Bob since."""
    mainline = Mainline(tmp_path / "governance")
    for date, name in (("2022-01-01T00:00:00Z", "ann"), ("2023-02-01T00:00:00Z", "bob")):
        ptl = f"{{name: {name.title()}, irc: {name}, email: {name}@example.org}}"
        text = f"nova:\n  ptl: {ptl}\n  deliverables:\n    nova:\n      repos: [openstack/nova, openstack/os-vif]\n"
        mainline.land(date, {"reference/projects.yaml": text})
    return mainline.path


@pytest.fixture
def liaisons(tmp_path: Path) -> Path:
    mainline = Mainline(tmp_path / "liaisons")
    listed = "- {name: Cyd, irc: cyd, email: cyd@example.org}\n- {name: Robert, irc: bob, email: bob@example.org}\n"
    mainline.land("2022-01-01T00:00:00Z", {"data/release_liaisons.yaml": f"Nova:\n{listed}"})
    return mainline.path


def test_a_request_shows_what_must_be_signed_and_who_may(tmp_path: Path, governance: Path, liaisons: Path) -> None:
    ran = replay(tmp_path, line(release_file(ONE)), options=("--governance", governance, "--liaisons", liaisons))
    assert (ran.code, ran.err) == (0, "")
    (row,) = ran.rows
    request = dict(
        zip(REQUEST_KEYS, (PATH, "1.0.0", "openstack/nova", ONE, "new-version", "fresh", "nova"), strict=True)
    )
    assert row == {
        "commit": "c0ffee",
        "requests": [request],
        "branches": [],
        "teams": [
            {
                "team": "nova",
                "people": [
                    {"name": "Bob", "email": "bob@example.org", "role": "ptl"},
                    {"name": "Cyd", "email": "cyd@example.org", "role": "czar"},
                    {"name": "Robert", "email": "bob@example.org", "role": "czar"},
                ],
            }
        ],
        "repo_owners": {"openstack/nova": "nova"},
        "problems": [],
    }


def test_the_roster_is_that_of_the_request_s_date(tmp_path: Path, governance: Path) -> None:
    dates = ("2021-01-01T00:00:00Z", "2023-01-31T23:59:59Z", "2023-02-01T01:00:00+01:00")
    ran = replay(
        tmp_path, *(line(release_file(ONE), date=date) for date in dates), options=("--governance", governance)
    )
    people = [[person["name"] for team in row["teams"] for person in team["people"]] for row in ran.rows]
    assert people == [[], ["Ann"], ["Bob"]]


@pytest.mark.parametrize(
    ("path", "repo", "team"),
    [
        (PATH, "x/foreign", "nova"),
        ("deliverables/zed/vif.yaml", "openstack/os-vif", "nova"),
        ("deliverables/zed/vif.yaml", "x/foreign", None),
    ],
)
def test_a_file_that_names_no_team_belongs_to_who_owns_the_deliverable_or_the_repo(
    tmp_path: Path, governance: Path, path: str, repo: str, team: str | None
) -> None:
    asked = line(release_file(ONE, team="", repo=repo), path=path)
    (row,) = replay(tmp_path, asked, options=("--governance", governance)).rows
    assert [one["team"] for one in row["requests"]] == [team]
    assert [one["team"] for one in row["teams"]] == [team]


def test_the_team_that_a_file_named_before_is_asked_too(tmp_path: Path) -> None:
    (row,) = replay(tmp_path, line(release_file(ONE, team="team: mine\n"), before="team: nova\n")).rows
    assert row["teams"] == [{"team": "mine", "people": []}, {"team": "nova", "people": []}]


def test_what_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    (row,) = replay(tmp_path, line(release_file(ONE[:7]))).rows
    (problem,) = row["problems"]
    assert (problem["file"], problem["line"], problem["refuses"]) == (PATH, 5, True)
    assert "has 7 hex digits" in problem["because"]
    assert row["requests"] == []


def test_malformed_lines_are_told_and_the_others_read(tmp_path: Path) -> None:
    bad = [
        "{",
        "[]",
        '{"commit": 1}',
        line(None, date="yesterday"),
        line(None, date="2023-03-01T00:00:00"),
        '"\\ud800"',
    ]
    ran = replay(tmp_path, line(release_file(ONE)), *bad, line(release_file(TWO)))
    assert ran.code == 2
    assert [row["requests"][0]["sha"] for row in ran.rows] == [ONE, TWO]
    *told, last = ran.err.splitlines()
    assert [one.partition(": ")[0] for one in told] == [f"{tmp_path}/requests.jsonl:{number}" for number in range(2, 8)]
    assert last == "czar: 6 lines were left out"


def test_a_damaged_archive_is_one_plain_line(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl.gz"
    file.write_bytes(gzip.compress(line(None).encode())[:-9])
    ran = czar("signoff", "replay", file, "--json")
    assert ran.code == 2
    assert "no whole gzip file" in ran.err


def test_for_eyes_there_is_a_line_for_each_thing(tmp_path: Path, governance: Path) -> None:
    file = tmp_path / "requests.jsonl"
    after = f"{release_file(ONE)}- version: x y\nbranches: [{{name: stable/zed, location: 1.0.0}}]\n"
    file.write_text(line(after) + "\n")
    out = czar("signoff", "replay", file, "--governance", governance).out
    assert "sign    openstack/nova 1.0.0 " + ONE in out
    assert "branch  stable/zed" in out
    assert "team    nova: bob@example.org (ptl)" in out
    assert "REFUSED" in out


def test_odd_requests_of_history_come_out_as_somebody_else_read_them() -> None:
    ran = czar("signoff", "replay", ODD, "--json")
    expected = [json.loads(one) for one in ODD.read_text(encoding="utf-8").splitlines()]
    assert ran.code == 0
    for row, wanted in zip(ran.rows, expected, strict=True):
        assert row["commit"] == wanted["commit"]
        assert _picked(row["requests"], REQUEST_KEYS[:-1]) == _picked(wanted["requests"], REQUEST_KEYS[:-1])
        assert _picked(row["branches"], BRANCH_KEYS) == _picked(wanted["branches"], BRANCH_KEYS)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_eleven_years_of_requests_come_out_as_somebody_else_read_them(tmp_path: Path) -> None:
    shared = Path(os.environ.get("CZAR_SHARED", CHECKOUT.parent / "shared")) / "data"
    if not (shared / "releases").exists():
        pytest.skip("the recorded requests are not here (CZAR_SHARED)")
    files = [shared / "releases" / f"{name}.jsonl.gz" for name in ("requests", "nonrequests")]
    governance, liaisons = (_clone(shared / "governance" / f"{name}.bundle", tmp_path) for name in BUNDLES)
    began_s = time.process_time()
    ran = czar("signoff", "replay", *files, "--governance", governance, "--liaisons", liaisons, "--json")
    took_s = time.process_time() - began_s
    assert (ran.code, ran.err) == (0, "")
    asked = unlike = elsewhere = 0
    for row, wanted in zip(ran.rows, _lines(files), strict=True):
        held = {file["path"] for file in wanted["deliverables"]}
        for one, expected in zip(row["requests"], wanted["requests"], strict=True):
            asked += 1
            if expected.get("from") and expected["from"] not in held:
                elsewhere += 1
                assert one["provenance"] in ("fresh", "unknown")
                one["provenance"] = expected["provenance"]
            assert _picked([one], REQUEST_KEYS) == _picked([expected], REQUEST_KEYS)
        assert _picked(row["branches"], BRANCH_KEYS) == _picked(wanted["branches"], BRANCH_KEYS)
        assert row["repo_owners"] == {one["repo"]: one["repo_owner_in_governance"] for one in wanted["requests"]}
        unlike += _people(row["teams"]) != _people(wanted["teams"])
    assert (asked, elsewhere, unlike) == (18_317, COPIED_FROM_ELSEWHERE, LIAISONS_BY_PARENT)
    assert took_s < 120


BUNDLES = ("governance", "release-liaisons")


def _clone(bundle: Path, where: Path) -> Path:
    clone = where / bundle.stem
    subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(clone)], check=True)
    return clone


def _lines(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _picked(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in rows]


def _people(teams: list[dict[str, Any]]) -> list[tuple[str | None, set[tuple[str, str | None, str]]]]:
    roles = {"release-liaison": "czar"}
    return [
        (
            team["team"],
            {(one["name"], one["email"], roles.get(one["role"], one["role"])) for one in team["people"]},
        )
        for team in teams
    ]

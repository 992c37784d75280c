"""Thirteen years of governance's real history: everything is read, and gives the people who could approve releases."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.governance.history import LIAISONS_PATH, History
from integrations.governance.shapes import read
from integrations.governance.source import GovernanceRosters
from rules.roster import Roster

NOW = datetime(2026, 11, 1, tzinfo=UTC)

LIAISONS_BY_PARENT = 14
"""Of all 5,847: requests stacked on an older or newer liaisons file than the one that had landed by their date."""


@pytest.fixture(scope="session")
def governance(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(_clone(shared_data / "governance" / "governance.bundle", tmp_path_factory))


@pytest.fixture(scope="session")
def liaisons(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(_clone(shared_data / "governance" / "release-liaisons.bundle", tmp_path_factory), LIAISONS_PATH)


@pytest.fixture(scope="session")
def rosters(governance: History, liaisons: History) -> GovernanceRosters:
    return GovernanceRosters(governance, liaisons)


def test_the_histories_have_all_their_versions(governance: History, liaisons: History) -> None:
    assert len(governance.versions) == 1612
    assert len(liaisons.versions) == 85
    assert liaisons.latest()[0] == "", "deleted on 2026-06-04"


def test_the_file_was_renamed_in_2015_without_a_gap(governance: History) -> None:
    before, after = (governance.at(datetime(2015, 1, 28, 15, 57, second, tzinfo=UTC)) for second in (40, 41))
    assert before[1] != after[1]
    assert set(read(before[0]).teams) & set(read(after[0]).teams)


def test_oslo_went_from_a_ptl_to_many(rosters: GovernanceRosters) -> None:
    then, now = rosters.at(datetime(2015, 8, 3, 17, 9, 41, tzinfo=UTC)), rosters.at(NOW)
    assert then.teams["Oslo"].ptl == ("Person Number0001",)
    assert now.teams["oslo"].distributed


def test_two_people_were_ptl_in_2015(rosters: GovernanceRosters) -> None:
    roster = rosters.at(datetime(2015, 9, 1, tzinfo=UTC))
    pairs = {team.ptl for team in roster.teams.values() if len(team.ptl) > 1}
    assert pairs == {
        ("Person Number0057", "Person Number0012"),
        ("Person Number0116", "Person Number0140"),
    }


def test_a_sample_of_versions_can_be_read(governance: History) -> None:
    for version in governance.versions[::100]:
        assert len(read(governance.text(version)).teams) >= 15


def test_a_sample_of_requests_finds_the_people_who_could_approve(rosters: GovernanceRosters, shared_data: Path) -> None:
    sample = list(_requests(shared_data))[::211]
    assert [request["commit"] for request in sample if not _agrees(rosters, request)] == []


@pytest.mark.full
@pytest.mark.timeout(600)
def test_every_version_can_be_read(governance: History) -> None:
    for version in governance.versions:
        roster = read(governance.text(version))
        assert all(team.ptl or team.duties or team.repos for team in roster.teams.values())


@pytest.mark.full
@pytest.mark.timeout(600)
def test_every_request_finds_the_people_who_could_approve(rosters: GovernanceRosters, shared_data: Path) -> None:
    requests = list(_requests(shared_data))
    differ = [request["commit"] for request in requests if not _agrees(rosters, request)]
    assert (len(requests), len(differ)) == (5847, LIAISONS_BY_PARENT)


def _clone(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    clone = tmp_path_factory.mktemp("clones") / bundle.stem
    subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(clone)], check=True)
    return clone


def _requests(shared_data: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(shared_data / "releases" / "requests.jsonl.gz", "rt") as lines:
        yield from map(json.loads, lines)


def _agrees(rosters: GovernanceRosters, request: dict[str, Any]) -> bool:
    date = datetime.fromisoformat(request["date"])
    roster = rosters.at(date)
    return all(_approvers(roster, named["team"], date) == _expected(named["people"]) for named in request["teams"])


def _approvers(roster: Roster, name: str | None, date: datetime) -> set[str]:
    team = roster.find_team(name) if name else None
    return {standing.person.lower() for standing in roster.who(team.name, "release", date)} if team else set()


def _expected(people: list[dict[str, str]]) -> set[str]:
    return {(person["email"] or person["name"]).lower() for person in people}

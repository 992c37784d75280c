"""`czar roster`: the matrix and its gaps, on a roster of ours and on governance's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, czar
from tests.daemon.commands.test_who import HEAD, SMALL


def roster(file: Path, *arguments: str) -> Ran:
    """Without a config anywhere."""
    return czar("roster", "--roster", file, *arguments, CZAR_CONFIG="/nowhere")


def test_gaps_end_with_1_and_are_counted() -> None:
    ran = roster(HEAD)
    assert (ran.code, ran.err) == (1, "")
    assert "42 teams.\nNobody for release: 18 teams.\n" in ran.out
    assert "Without a PTL: 6 teams.\n" in ran.out
    assert "  led by several people: freezer, ironic, oslo, Release Management, requirements\n" in ran.out
    assert "  vacant: vitrage\n" in ran.out


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Governance's matrix in JSON."""
    ran = roster(HEAD, "--json")
    assert (ran.code, ran.err) == (1, "")
    return ran.rows


def test_every_row_has_the_keys_of_the_contract(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert set(row) >= {"team", "duty", "people", "problems"}
        assert isinstance(row["team"], str)
        assert isinstance(row["duty"], str)
        assert all(isinstance(one, str) for one in (*row["people"], *row["problems"]))


def test_the_numbers_people_read_are_those_in_the_rows(rows: list[dict[str, Any]]) -> None:
    unreleased = [row["team"] for row in rows if row["duty"] == "release" and not row["people"]]
    assert len(unreleased) == 18
    assert len({row["team"] for row in rows}) == 42
    assert all("nobody" in row["problems"] for row in rows if row["duty"] == "release" and not row["people"])


def test_one_person_duties_and_one_company_teams_are_told(rows: list[dict[str, Any]]) -> None:
    problems = {problem for row in rows for problem in row["problems"]}
    assert {"one person only", "whole team of one company", "no PTL"} <= problems


def test_without_gaps_it_ends_with_0() -> None:
    ran = roster(SMALL)
    assert ran.code == 0
    assert ran.out.endswith("1 teams.\n")


def test_an_expired_term_is_told(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text(
        "people: {ann: {email: ann@example.org}}\n"
        "teams: {nova: {repos: [openstack/nova], ptl: ann, duties: {\n"
        "  release: {czars: [ann], term: {from: 2020-01-01, until: 2020-12-31}}, security: {czars: [ann]}}}}\n"
    )
    problems = {row["duty"]: row["problems"] for row in roster(file, "--json").rows}
    assert "term ended 2020-12-31" in problems["release"]


def test_a_roster_without_teams_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text("people: {}\n")
    assert "The roster has no teams." in roster(file).out

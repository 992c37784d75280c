"""What a change may stand on."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.gerrit import grounds
from integrations.gerrit.grounds import Grounds
from tests.integrations.gerrit.answers import REVISION, Answers, detail

PARENT = "5e" * 20
INCLUDED = f"projects/plugins%2Fx/commits/{PARENT}/in"


def on(*parents: str, **more: Any) -> dict[str, Any]:
    """A change with these parents."""
    change = detail(**more)
    change["revisions"][REVISION]["commit"]["parents"] = [{"commit": parent} for parent in parents]
    return change


def row(project: str = "plugins/x", branch: str = "master") -> dict[str, Any]:
    return {"project": project, "branch": branch}


@pytest.mark.parametrize(
    ("table", "fine"),
    [
        ({INCLUDED: {"branches": ["master", "side"]}}, True),
        ({INCLUDED: {"branches": ["side"]}, "changes/": []}, False),
        ({INCLUDED: {"branches": []}, "changes/": [row()]}, True),
        ({INCLUDED: {"branches": []}, "changes/": [row(branch="side"), row("plugins/y")]}, False),
        ({"changes/": []}, False),  # a parent we may not see
    ],
)
def test_it_stands_on_its_branch_or_on_an_open_change_for_it(table: dict[str, Any], fine: bool) -> None:
    problem = Grounds(Answers(table)).problem(on(PARENT, "7a" * 20))
    assert (problem is None) is fine
    if problem:
        assert str(problem) == (
            f"commit: its first parent, {PARENT}, is neither on master nor an open change for it: rebase the change"
        )


def test_nobody_is_asked_where_nothing_can_come_in() -> None:
    for change in (on(), on(PARENT, status="MERGED"), on(PARENT, branch="refs/meta/config")):
        rest = Answers()
        assert Grounds(rest).problem(change) is None
        assert rest.asked == []


def test_what_is_on_a_branch_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = Answers({INCLUDED: {"branches": ["master"]}})
    known = Grounds(rest)
    assert [known.problem(on(PARENT)) for _ in range(3)] == [None] * 3
    assert rest.count("GET") == 1
    monkeypatch.setattr(grounds, "MOST_KEPT", 1)
    rest.table[INCLUDED.replace(PARENT, REVISION)] = {"branches": ["master"]}
    known.problem(on(REVISION))
    known.problem(on(PARENT))
    assert rest.count("GET") == 3

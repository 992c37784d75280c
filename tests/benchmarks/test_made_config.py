"""The config made for recordings: who reviewed is in it, and the daemon takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.made_config import write_config
from daemon.config.load import load
from daemon.wiring import read_governance

DAY_S = 86_400


def reply(by: str, number: int, day: int, label: str = "Code-Review") -> dict[str, Any]:
    """A vote on a change of olaf's."""
    return {
        "type": "comment-added",
        "eventCreatedOn": 1_700_000_000 + day * DAY_S,
        "change": {"project": "plugins/a", "number": number, "owner": {"username": "olaf"}},
        "author": {"username": by, "email": f"{by}@example.org"},
        "approvals": [{"type": label, "value": "1", "oldValue": "0"}, {"type": "Other", "value": "0"}],
    }


def test_reviewers_are_czars_from_first_review_to_last_and_who_reviewed_most_is_the_ptl(tmp_path: Path) -> None:
    told = [reply("ann", 1, 0), reply("ann", 2, 1), reply("ann", 3, 2), reply("bob", 1, 3), reply("bob", 2, 600)]
    told += [reply("cyd", 1, 601), reply("olaf", 1, 602), reply("ci", 1, 603, "Verified")]
    write_config(tmp_path, told)
    roster = load(tmp_path, governance=read_governance).roster
    (team,) = roster.teams.values()
    assert team.repos == ("plugins/a",)
    assert team.ptl == ("ann",)
    assert [(one.person, (one.last - one.first).days) for one in team.duties["code"].shifts] == [
        ("bob", 597),
        ("cyd", 0),
    ]
    assert roster.bots == {"ci"}
    assert (roster.people["bob"].weight, roster.people["bob"].cap["change"]) == (2, 10)
    assert (roster.people["cyd"].weight, roster.people["cyd"].cap["change"]) == (1, 5)


def test_every_second_one_is_away_in_august_covered_by_who_is_there(tmp_path: Path) -> None:
    told = [reply(who, number, day) for number in (1, 2) for who in ("ann", "bob", "cyd") for day in (0, 600)]
    write_config(tmp_path, [*told, reply("ann", 3, 601), reply("bob", 3, 602)])
    people = load(tmp_path, governance=read_governance).roster.people
    assert people["bob"].away == ()
    assert [(one.first.isoformat(), one.cover) for one in people["cyd"].away] == [
        ("2023-08-01", None),
        ("2024-08-01", "bob"),
        ("2025-08-01", None),
    ]

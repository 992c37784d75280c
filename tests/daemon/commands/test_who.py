"""`czar who`: on a roster of ours and on governance's, without any config."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.arrangements import Arrangement
from rules.state import Effects
from tests.command_line import Ran, czar, instant, refusal
from tests.daemon.config.makers import EXAMPLES, write
from tests.daemon.journals import decision
from tests.daemon.kept import Kept
from tests.integrations.governance.conftest import Mainline

SMALL = EXAMPLES / "small" / "roster.yaml"
GOVERNANCE = Path(__file__).parents[2] / "samples" / "governance"
HEAD = GOVERNANCE / "HEAD-2026-08-08.yaml"


def who(*arguments: str | Path, roster: Path = SMALL) -> Ran:
    """Without a config anywhere."""
    return czar("who", *arguments, "--roster", roster, CZAR_CONFIG="/nowhere")


def test_it_names_everybody_who_answers_in_order_and_why() -> None:
    ran = who("nova", "release", "--json", "--at", "2026-03-04T05:06:07Z")
    (row,) = ran.rows
    assert (ran.code, ran.err) == (0, "")
    assert (row["team"], row["duty"], row["at"]) == ("nova", "release", "2026-03-04T05:06:07Z")
    assert [(one["name"], one["role"]) for one in row["people"]] == [
        ("ann", "czar"),
        ("bob", "czar"),
        ("cyd", "deputy"),
        ("pat", "ptl"),
    ]
    assert all(set(one) >= {"name", "role", "available", "because"} for one in row["people"])
    assert all(one["available"] is True and one["because"] for one in row["people"])


def test_who_is_away_at_that_instant_is_not_available() -> None:
    (row,) = who("nova", "release", "--json", "--at", "2026-08-10").rows
    (bob,) = [one for one in row["people"] if one["name"] == "bob"]
    assert bob["available"] is False
    assert "away" in bob["because"]


def test_an_instant_is_told_in_utc_whatever_zone_it_was_asked_in() -> None:
    (row,) = who("nova", "release", "--json", "--at", "2026-03-04T01:00:00+02:00").rows
    assert row["at"] == "2026-03-03T23:00:00Z"


@pytest.mark.parametrize("at", ["2026-03-04", "2026-03-04T00:00:00", "2026-03-04T00:00:00Z", "2026-03-04 00:00Z"])
def test_a_day_begins_in_utc(at: str) -> None:
    (row,) = who("nova", "release", "--json", "--at", at).rows
    assert row["at"] == "2026-03-04T00:00:00Z"


def test_without_at_it_is_now() -> None:
    (row,) = who("nova", "release", "--json").rows
    assert instant(row["at"])


def test_the_community_has_duties_too() -> None:
    (row,) = who("community", "vmt", "--json").rows
    assert [one["name"] for one in row["people"]] == ["dee"]


def test_nobody_ends_with_1(tmp_path: Path) -> None:
    roster = tmp_path / "roster.yaml"
    roster.write_text("people: {}\nteams: {nova: {repos: [openstack/nova]}}\n")
    ran = who("nova", "release", roster=roster)
    assert (ran.code, ran.out) == (1, "Nobody holds release of nova.\n")
    ran = who("nova", "release", "--json", roster=roster)
    assert (ran.code, ran.rows[0]["people"]) == (1, [])


def test_governances_projects_yaml_is_a_roster_as_it_is() -> None:
    (row,) = who("nova", "release", "--json", roster=HEAD).rows
    assert [one["role"] for one in row["people"]] == ["czar", "ptl"]
    assert all("@" in one["name"] for one in row["people"])


@pytest.mark.parametrize("sample", ["2014-12-18.yaml", "2018-06-28.yaml", "2022-06-27.yaml"])
def test_governances_older_shapes_too(sample: str) -> None:
    team = "Block Storage" if sample.startswith("2014") else "cinder"
    (row,) = who(team, "release", "--json", roster=GOVERNANCE / sample).rows
    assert row["people"][-1]["role"] == "ptl"


def test_for_eyes_each_has_a_line() -> None:
    ran = who("nova", "docs", "--at", "2026-03-04")
    assert [line.split()[:2] for line in ran.out.splitlines()] == [["cyd", "czar"], ["pat", "ptl"]]


@pytest.mark.parametrize(
    ("team", "duty", "said"),
    [
        ("nvoa", "release", "there is no team 'nvoa' (did you mean 'nova'?)"),
        ("comunity", "vmt", "there is no team 'comunity' (did you mean 'community'?)"),
        ("nova", "relaese", "nobody holds a duty 'relaese' (did you mean 'release'?)"),
        ("nova", "zzz", "nobody holds a duty 'zzz'"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest_right_one(team: str, duty: str, said: str) -> None:
    assert refusal(who(team, duty)) == said


@pytest.mark.parametrize(
    "at", ["", "tomorrow", "2026-13-01", "2026-02-30T00:00:00Z", "12:00", "0001-01-01T00:00:00+05:00"]
)
def test_what_is_no_instant_is_refused_with_an_example(at: str) -> None:
    assert "is no instant: write e.g. 2026-08-03" in refusal(who("nova", "release", "--at", at))


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31T23:59:59Z"])
def test_the_ends_of_all_calendars_are_answered_or_refused(at: str) -> None:
    ran = who("nova", "bugs", "--at", at)
    assert ran.code == 0 or "too near to the end of all calendars" in refusal(ran)


def test_without_a_roster_file_it_is_the_configs() -> None:
    ran = czar("who", "nova", "docs", "--json", "--config", EXAMPLES / "small")
    assert [one["name"] for one in ran.rows[0]["people"]] == ["cyd", "pat"]


def test_governance_kept_in_git_is_read_as_of_the_instant(tmp_path: Path) -> None:
    mainline = Mainline(tmp_path / "governance")
    for when, name in (("2020-01-01T00:00:00Z", "ann"), ("2022-01-01T00:00:00Z", "bob")):
        ptl = f"{{name: {name}, irc: {name}, email: {name}@example.org}}"
        mainline.land(when, {"reference/projects.yaml": f"nova:\n  ptl: {ptl}\n  deliverables: {{}}\n"})
    config = tmp_path / "config"
    write(config, roster=f"governance: {{git: {mainline.path}, path: reference/projects.yaml}}\n", rules="rules: []\n")
    for at, name in (("2021-06-01", "ann"), ("2022-06-01", "bob")):
        (row,) = czar("who", "nova", "release", "--at", at, "--json", "--config", config).rows
        assert [one["name"] for one in row["people"]] == [f"{name}@example.org"]


def test_what_people_have_arranged_by_commands_counts(kept: Kept) -> None:
    today = kept.clock().date()
    away = Arrangement(kind="away", person="ann", first=today, last=today, at=kept.clock())
    kept.decided(decision(1, effects=Effects(arrangements=(away,))))
    (row,) = kept.czar("who", "nova", "release", "--json", "--at", today.isoformat()).rows
    assert {one["name"]: one["available"] for one in row["people"]}["ann"] is False

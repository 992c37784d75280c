"""`czar simulate`: the same recording by two configs."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from tests.command_line import Ran, czar, refusal
from tests.daemon.commands.test_replay import CONFIG, EVENTS, FILES


def simulate(old: Path, new: Path, *more: str | Path) -> Ran:
    """With the recording and its files."""
    return czar("simulate", old, new, "--events", EVENTS, "--files", FILES, *more)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The config in which u1011323 does no more code and nobody can be asked for the build."""
    shutil.copytree(CONFIG, tmp_path / "other")
    roster = tmp_path / "other" / "roster.yaml"
    text = roster.read_text().replace("ptl: u1006192", "leadership: distributed")
    text = text.replace("{czars: [u1006192, u1011123, u1011323]", "{czars: [u1006192, u1011123]")
    roster.write_text(text.replace("build:   {czars: [u1011323, u1012732]}", "build:   {czars: [u1003935]}", 1))
    return tmp_path / "other"


def test_the_same_config_twice_makes_no_difference() -> None:
    ran = simulate(CONFIG, CONFIG, "--json")
    assert ran.code == 0
    assert {row["difference"] for row in ran.rows} == {0}
    assert {tuple(row) for row in ran.rows} == {("person", "before", "after", "difference")}


def test_it_tells_who_gets_more_or_less_what_changes_hands_and_what_is_unrouted(other: Path) -> None:
    rows = simulate(CONFIG, other, "--json").rows
    loads = {row["person"]: row for row in rows if "person" in row}
    moved = [row for row in rows if "item" in row]
    missing = [row for row in rows if "unrouted" in row]
    assert loads["u1011323"]["difference"] < 0 < loads["u1006192"]["difference"]
    assert all(row["difference"] == row["after"] - row["before"] for row in loads.values())
    assert all(set(row["old"]) != set(row["new"]) for row in moved)
    assert {"u1011323"} <= {person for row in moved for person in row["old"]}
    assert "u1011323" not in {person for row in moved for person in row["new"] if row["slot"] == "code"}
    assert {(row["slot"], row["old"]) for row in missing} == {("build", None)}
    assert all("opted out" in row["new"] for row in missing)


def test_it_agrees_with_replay(other: Path) -> None:
    asked = [
        person
        for row in czar("replay", "--json", "--config", other, EVENTS, "--files", FILES).rows
        for verdict in row["verdicts"]
        for person in verdict["people"]
    ]
    loads = {row["person"]: row["after"] for row in simulate(CONFIG, other, "--json").rows if "person" in row}
    assert {who: count for who, count in loads.items() if count} == {who: asked.count(who) for who in set(asked)}


def test_twice_gives_the_same_bytes(other: Path) -> None:
    assert simulate(CONFIG, other, "--json").out == simulate(CONFIG, other, "--json").out


def test_for_eyes_there_are_three_tables(other: Path) -> None:
    out = simulate(CONFIG, other).out
    titles = ("Who is asked, and how often (", "What changes hands (", "What nobody is found for (")
    places = [out.index(title) for title in titles]
    assert places == sorted(places)
    assert "\nperson    before  after  difference\nu1011323  " in out
    assert out.count("What changes hands:\nNothing.\n") == 0
    assert "What changes hands:\nNothing.\n" in simulate(CONFIG, CONFIG).out


def test_events_may_come_through_a_pipe(tmp_path: Path, other: Path) -> None:
    pipe = tmp_path / "pipe.gz"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(EVENTS.read_bytes()))
    writer.start()
    ran = czar("simulate", CONFIG, other, "--events", pipe, "--files", FILES, "--json")
    writer.join()
    assert ran.out == simulate(CONFIG, other, "--json").out


def test_a_config_with_mistakes_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    assert refusal(simulate(CONFIG, tmp_path)).startswith(f"{tmp_path}: czar.yaml:1:1: there is no czar.yaml")
    assert "does not exist" in refusal(simulate(CONFIG, tmp_path / "nowhere"))


def test_without_events_there_is_nothing_to_simulate(other: Path) -> None:
    assert refusal(czar("simulate", CONFIG, other)) == "Missing option '--events'."

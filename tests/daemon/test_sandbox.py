"""A world of its own: servers and a config for them. What the daemon does there: commands/test_sandbox.py."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.config.load import load
from daemon.sandbox import port_file_content, sandbox, write_config
from daemon.wiring import StandIn, stand_in
from tests.waiting import until

WITHIN_S = 15.0


@pytest.fixture(scope="module")
def world() -> Iterator[StandIn]:
    """Servers alone."""
    with stand_in() as made:
        yield made


def test_the_config_written_for_it_has_no_mistakes_also_about_secrets(world: StandIn, tmp_path: Path) -> None:
    write_config(tmp_path, world)
    config = load(tmp_path, need=("czar", "roster", "rules", "secrets"))
    assert config.notes == ()
    assert set(config.roster.owners) == {world.cast.project}
    assert {rule.id for rule in config.rules} == {"docs-only", "any-code"}


def test_its_roster_is_made_of_the_people_of_the_recording(world: StandIn, tmp_path: Path) -> None:
    write_config(tmp_path, world)
    roster = load(tmp_path).roster
    assert set(roster.people) <= {*world.cast.reviewers, *world.cast.submitters}
    (team,) = roster.teams.values()
    assert team.duties["code"].czars == world.cast.reviewers[:3]
    assert team.duties["docs"].czars
    assert team.ptl


def test_secrets_are_for_their_owner_only(world: StandIn, tmp_path: Path) -> None:
    write_config(tmp_path, world)
    for name in ("gerrit-password", "gerrit-key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_the_port_file_names_the_servers_and_how_to_log_in(world: StandIn, tmp_path: Path) -> None:
    gerrit = json.loads(port_file_content(world, tmp_path))["gerrit"]
    assert gerrit["url"] == world.url
    assert gerrit["ssh"] == f"{world.ssh_host}:{world.ssh_port}"
    assert (gerrit["user"], gerrit["password"]) == ("czar-bot", world.bot_password)
    key_file = Path(gerrit["key_file"])
    assert key_file.read_text() == world.bot_key
    assert key_file.stat().st_mode & 0o077 == 0
    assert Path(gerrit["known_hosts_file"]).read_text() == world.host_key_line + "\n"


def test_what_fails_on_the_way_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(threading.enumerate())

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("daemon.sandbox.open_journal", fail)
    with pytest.raises(OSError, match="no space left"), sandbox():
        pass
    assert list(tmp_path.iterdir()) == []
    until(lambda: set(threading.enumerate()) <= before, WITHIN_S, "all threads to end")

"""What is new in governance is taken over within a minute; while it cannot be, that is a trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from daemon.config.governance import GovernanceSettings, Kept
from daemon.workers.governance_watch import EVERY_S, RETRY_S, SETTLE_S, Followed, GovernanceWatch
from rules.roster import Roster
from tests.clock import Clock

SETTINGS = GovernanceSettings(governance=Kept(file=Path("projects.yaml")))
UNREADABLE = ValueError("projects.yaml: No such file or directory")


class World:
    """Governance at a revision or unreadable, and a config that was made of some revision of it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.tip: str | Exception = "one"
        self.made: list[GovernanceSettings] = []
        self.followed: Followed = SETTINGS, "one"
        self.config_is_wrong = False
        self.reloads = 0
        self.troubles: list[str] = []
        self.watch = GovernanceWatch(
            self._make,
            in_force=lambda: self.followed,
            reload=self.reload,
            trouble=self.troubles.append,
            clock=self.clock,
            monotonic=self.clock.monotonic_s,
        )

    @property
    def trouble(self) -> str:
        """The last one told."""
        return self.troubles[-1]

    def pass_s(self, seconds: float) -> None:
        """Let time go by, second by second."""
        for _ in range(int(seconds)):
            self.watch.step(0)
            self.clock.pass_s(1)

    def reload(self) -> None:
        """As the service does it."""
        self.reloads += 1
        settings, _ = self.followed
        assert settings
        try:
            found = self.watch.read(settings).revision
        except ValueError:
            return
        if not self.config_is_wrong:
            self.followed = settings, found

    def _make(self, settings: GovernanceSettings) -> World:
        self.made.append(settings)
        self.refresh()
        return self

    def refresh(self) -> bool:
        if isinstance(self.tip, Exception):
            raise self.tip
        return True

    def at(self, instant: datetime) -> Roster:
        assert instant == self.clock()
        assert isinstance(self.tip, str)
        return Roster(people={}, teams={}, revision=self.tip)


def test_what_is_new_is_taken_over_within_little_more_than_a_minute() -> None:
    world = World()
    world.pass_s(10)
    world.tip = "two"
    world.pass_s(EVERY_S + SETTLE_S)
    assert (world.reloads, world.followed) == (1, (SETTINGS, "two"))
    assert set(world.troubles) == {""}


def test_where_nothing_is_new_nothing_is_read_again() -> None:
    world = World()
    world.pass_s(10 * EVERY_S)
    assert (world.reloads, set(world.troubles)) == (0, {""})
    assert world.made == [SETTINGS]


def test_a_file_that_is_being_written_is_not_taken_over_half_written() -> None:
    world = World()
    world.pass_s(1)
    world.tip = "half"
    world.pass_s(EVERY_S)
    world.tip = "whole"
    world.pass_s(EVERY_S)
    assert (world.reloads, world.followed[1]) == (1, "whole")


def test_what_cannot_be_read_is_a_trouble_until_it_can() -> None:
    world = World()
    world.pass_s(1)
    world.tip = UNREADABLE
    world.pass_s(EVERY_S)
    assert world.trouble == f"governance's roster cannot be read: {UNREADABLE}"
    assert world.followed == (SETTINGS, "one")
    world.tip = "one"
    world.pass_s(EVERY_S)
    assert (world.trouble, world.reloads) == ("", 0)


def test_a_version_that_the_config_refuses_is_a_trouble_and_tried_again_now_and_then() -> None:
    world = World()
    world.config_is_wrong = True
    world.tip = "two"
    world.pass_s(EVERY_S + SETTLE_S + RETRY_S)
    assert world.trouble == "the roster of two cannot be taken over: see czar check"
    assert (world.reloads, world.followed[1]) == (2, "one")
    world.config_is_wrong = False
    world.pass_s(RETRY_S + EVERY_S)
    assert (world.trouble, world.followed[1]) == ("", "two")


def test_a_version_that_went_away_again_is_no_trouble_any_more() -> None:
    world = World()
    world.config_is_wrong = True
    world.tip = "two"
    world.pass_s(2 * EVERY_S)
    assert world.trouble
    world.tip = "one"
    world.pass_s(EVERY_S)
    assert world.trouble == ""


def test_a_reload_that_could_not_read_it_is_told_at_once() -> None:
    world = World()
    world.pass_s(10)
    world.tip = UNREADABLE
    world.reload()
    world.pass_s(1)
    assert "cannot be read" in world.trouble


def test_another_place_of_governance_is_followed_after_a_reload() -> None:
    world = World()
    world.pass_s(1)
    other = replace(SETTINGS, governance=Kept(file=Path("other.yaml")))
    world.followed = other, "one"
    world.pass_s(EVERY_S)
    assert world.made == [SETTINGS, other]


@pytest.mark.parametrize("settings", [None, GovernanceSettings(liaisons=Kept(file=Path("liaisons.yaml")))])
def test_without_governance_there_is_nothing_to_follow(settings: GovernanceSettings | None) -> None:
    world = World()
    world.followed, world.tip = (settings, ""), UNREADABLE
    world.pass_s(2 * EVERY_S)
    assert (world.made, world.reloads, world.trouble) == ([], 0, "")

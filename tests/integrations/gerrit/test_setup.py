"""What a Gerrit must have before the daemon can work: on the stand-in, and on real servers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.rest import NotFound, Rest
from integrations.gerrit.setup import REMOVE, SERVICE_USERS, STREAM, apply, instructions, needed, project_config
from tests.gerrit_world import GerritWorld, Person
from tests.integrations.gerrit.answers import BOT, Answers
from tests.real.gerrit import RealGerrit
from tests.stand_in_world import StandInWorld

GROUP = "groups/Service%20Users"
UUID = "5e4f"
ACCESS = "projects/All-Projects/access"


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInWorld]:
    """Shared: each test takes a bot of its own."""
    world = StandInWorld(tmp_path_factory.mktemp("stand-in"))
    yield world
    world.close()


def admin(world: GerritWorld) -> Rest:
    """With an administrator's rights."""
    return Rest(world.url, world.admin.username, world.admin.password)


def members(world: GerritWorld) -> list[str]:
    """Who is in the group."""
    found = world.rest(world.admin, "GET", f"/{GROUP}/members/")
    return sorted(member["username"] for member in found)


def test_a_bot_outside_of_the_group_is_put_into_it_once(stand_in: StandInWorld) -> None:
    stand_in.add_person("new-bot")
    rest = admin(stand_in)
    assert needed(rest, "new-bot")[0].done is False
    assert members(stand_in) == []
    assert apply(rest, "new-bot")[0].done is True
    assert apply(rest, "new-bot")[0].done is True
    assert needed(rest, "new-bot")[0].done is True
    assert members(stand_in) == ["new-bot"]


def test_without_an_account_nothing_is_made(stand_in: StandInWorld) -> None:
    before = members(stand_in)
    step = needed(admin(stand_in), "nobody")[0]
    assert (step.done, step.because) == (False, "there is no account nobody: make it first")
    with pytest.raises(Refused, match="there is no account nobody"):
        apply(admin(stand_in), "nobody")
    assert members(stand_in) == before


def test_only_an_administrator_may_apply(stand_in: StandInWorld) -> None:
    ann, bot = stand_in.add_person("ann"), stand_in.add_person("other-bot")
    with pytest.raises(Refused, match="403"):
        apply(Rest(stand_in.url, ann.username, ann.password), bot.username)
    assert "other-bot" not in members(stand_in)


def test_a_server_that_is_away_is_asked_later(stand_in: StandInWorld) -> None:
    stand_in.gerrit.faults.answer(503, times=3, method="GET")
    with pytest.raises(Transient):
        needed(admin(stand_in), "new-bot")


class Site(Answers):
    """A server whose group has no rights until it is given them."""

    def __init__(self, **permissions: object) -> None:
        self.local: dict[str, Any] = {"GLOBAL_CAPABILITIES": {"permissions": dict(permissions)}}
        table = {
            "accounts/bot/detail": BOT,
            f"{GROUP}/members/": [BOT],
            GROUP: {"id": UUID},
            ACCESS: lambda given: self._access(given) if given else {"local": self.local},
        }
        super().__init__(table)

    def _access(self, given: dict[str, dict[str, Any]]) -> object:
        for section, added in given["add"].items():
            self.local.setdefault(section, {"permissions": {}})["permissions"].update(added["permissions"])
        return {}


def granted(name: str) -> dict[str, object]:
    return {"permissions": {name: {"rules": {UUID: {"action": "ALLOW"}}}}}


def test_rights_are_given_to_the_group_once() -> None:
    site = Site()
    assert [step.done for step in needed(site, "bot")] == [True, False, False]
    assert [step.done for step in apply(site, "bot")] == [True, True, True]
    assert [step.done for step in apply(site, "bot")] == [True, True, True]
    posted = [given for method, _, given in site.asked if method == "POST"]
    assert posted == [{"add": {"GLOBAL_CAPABILITIES": granted(STREAM), "refs/*": granted(REMOVE)}}]


def test_only_the_right_that_is_missing_is_given() -> None:
    site = Site(**{STREAM: {"rules": {UUID: {"action": "ALLOW"}}}})
    assert [step.done for step in apply(site, "bot")] == [True, True, True]
    assert [given for method, _, given in site.asked if method == "POST"] == [{"add": {"refs/*": granted(REMOVE)}}]


@pytest.mark.parametrize("rules", [{}, {"other": {"action": "ALLOW"}}, {UUID: {"action": "DENY"}}])
def test_a_right_of_others_or_a_denied_one_does_not_count(rules: dict[str, object]) -> None:
    site = Site(**{STREAM: {"rules": rules}})
    site.local["refs/*"] = {"permissions": {REMOVE: {"rules": rules}}}
    assert [step.done for step in needed(site, "bot")[1:]] == [False, False]


def test_a_server_without_the_group_is_told_so() -> None:
    site = Site()
    site.table[GROUP] = NotFound("404")
    with pytest.raises(Refused, match="has no group 'Service Users'"):
        needed(site, "bot")


def test_the_instructions_name_the_bot_and_the_group() -> None:
    steps = instructions("my-bot")
    assert all("my-bot" in step for step in steps[:2])
    assert all(SERVICE_USERS in step for step in steps[:2])
    assert STREAM in steps[2]
    assert REMOVE in steps[3]


@pytest.mark.parametrize("right", [f"capability.{STREAM}", f"access.refs/*.{REMOVE}"])
def test_the_patch_is_what_git_config_reads(right: str, tmp_path: Path) -> None:
    file = tmp_path / "project.config"
    file.write_text(project_config())
    command = ["git", "config", "--file", str(file), "--get", right]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"group {SERVICE_USERS}\n"


@pytest.mark.full
def test_a_real_server_is_set_up_and_twice_is_once(real_gerrit: RealGerrit) -> None:
    bot = real_gerrit.add_person("setup-bot")
    rest = admin(real_gerrit)
    assert needed(rest, bot.username)[0].done is False
    assert [step.done for step in apply(rest, bot.username)] == [True, True, True]
    assert [step.done for step in apply(rest, bot.username)] == [True, True, True]
    assert [step.done for step in needed(rest, bot.username)] == [True, True, True]
    assert "setup-bot" in members(real_gerrit)


@pytest.mark.full
def test_a_right_that_was_taken_is_given_again_on_a_real_server(real_gerrit: RealGerrit) -> None:
    bot = real_gerrit.add_person("setup-bot")
    rest = admin(real_gerrit)
    apply(rest, bot.username)
    uuid = real_gerrit.rest(real_gerrit.admin, "GET", f"/{GROUP}")["id"]
    right = {STREAM: {"rules": {uuid: {"action": "ALLOW"}}}}  # without its rules it would be the whole section
    remove = {"remove": {"GLOBAL_CAPABILITIES": {"permissions": right}}}
    real_gerrit.rest(real_gerrit.admin, "POST", "/projects/All-Projects/access", remove)
    try:
        assert [step.done for step in needed(rest, bot.username)] == [True, False, True]
    finally:
        assert [step.done for step in apply(rest, bot.username)] == [True, True, True]


@pytest.mark.full
def test_on_a_real_server_only_an_administrator_may_apply(real_gerrit: RealGerrit) -> None:
    ann: Person = real_gerrit.add_person("setup-ann")
    bot = real_gerrit.add_person("setup-other-bot")
    with pytest.raises(Refused):
        apply(Rest(real_gerrit.url, ann.username, ann.password), bot.username)
    with pytest.raises(Refused, match="there is no account setup-nobody"):
        apply(admin(real_gerrit), "setup-nobody")

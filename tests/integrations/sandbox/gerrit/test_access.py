"""How far somebody may vote, and who may do what."""

from __future__ import annotations

import pytest

from integrations.sandbox.gerrit import access
from integrations.sandbox.gerrit.directory import ADMINISTRATORS, SERVICE_USERS
from integrations.sandbox.gerrit.records import Label
from tests.integrations.sandbox.gerrit.world import PROJECT, World

SIGNOFF = Label(name="Signoff", values={-1: "no", 0: "", 1: "yes"})
MASTER = "refs/heads/master"


@pytest.fixture
def world() -> World:
    world = World()
    world.state.set_label(PROJECT, SIGNOFF)
    return world


def reach(world: World, who: str, *, ref: str = MASTER, owner: str = "cyd") -> tuple[int, int]:
    ids = {one.username: one.account_id for one in world.state.accounts.values()}
    return access.vote_range(world.state, ids[who], PROJECT, ref, "Signoff", owner=ids[owner])


def exclusive(world: World, project: str, ref: str) -> None:
    world.state.project(project).access[ref]["permissions"]["label-Signoff"]["exclusive"] = True


@pytest.mark.parametrize(
    ("pattern", "ref", "is_about"),
    [
        ("refs/*", MASTER, True),
        ("refs/heads/*", MASTER, True),
        ("refs/heads/*", "refs/tags/1", False),
        (MASTER, MASTER, True),
        (MASTER, "refs/heads/master2", False),
        ("^refs/heads/m.*", MASTER, True),
        ("^refs/heads/m", MASTER, False),
    ],
)
def test_a_section_is_about_some_refs(pattern: str, ref: str, is_about: bool) -> None:
    assert access.covers(pattern, ref) is is_about


def test_without_a_rule_nobody_votes_not_even_an_administrator(world: World) -> None:
    assert reach(world, "admin") == (0, 0)


def test_rules_of_several_groups_and_sections_add_up(world: World) -> None:
    world.state.allow(PROJECT, "refs/heads/*", "label-Signoff", access.REGISTERED, min=0, max=1)
    world.state.allow(PROJECT, "refs/*", "label-Signoff", world.state.group(SERVICE_USERS).uuid, min=-1, max=0)
    world.state.allow("All-Projects", "refs/*", "label-Signoff", access.CHANGE_OWNER, min=-1, max=0)
    assert [reach(world, who) for who in ("bob", "czar-bot", "cyd")] == [(0, 1), (-1, 1), (-1, 1)]
    assert reach(world, "bob", ref="refs/meta/config") == (0, 0)


def test_an_exclusive_rule_ends_the_asking_but_a_more_specific_one_came_before(world: World) -> None:
    bots = world.state.group(SERVICE_USERS).uuid
    world.state.allow(PROJECT, "refs/*", "label-Signoff", access.ANONYMOUS, min=-1, max=1)
    world.state.allow(PROJECT, "refs/heads/*", "label-Signoff", bots, min=-1, max=1)
    exclusive(world, PROJECT, "refs/heads/*")
    assert [reach(world, who) for who in ("bob", "czar-bot")] == [(0, 0), (-1, 1)]
    world.state.allow(PROJECT, MASTER, "label-Signoff", access.PROJECT_OWNERS, min=-1, max=1)
    assert [reach(world, who) for who in ("bob", "admin")] == [(0, 0), (-1, 1)]


def test_of_one_group_in_sections_of_one_name_the_nearer_project_decides(world: World) -> None:
    for project, high in (("All-Projects", 1), (PROJECT, 0)):
        world.state.allow(project, "refs/heads/*", "label-Signoff", access.REGISTERED, min=-1, max=high)
    assert reach(world, "bob") == (-1, 0)


def test_strangers_belong_to_everybody_only(world: World) -> None:
    assert access.may_do(world.state, None, PROJECT, MASTER, "read")
    assert not access.may_do(world.state, None, PROJECT, MASTER, "submit")
    assert not access.may_do(world.state, world.ann.account_id, PROJECT, "refs/meta/config", "read")
    admin = next(iter(world.state.group(ADMINISTRATORS).members))
    assert access.may_do(world.state, admin, PROJECT, "refs/meta/config", "read")

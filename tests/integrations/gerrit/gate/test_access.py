"""Reading who may do what, from answers of the shape seen on Gerrit 3.10.2 and 3.13.5 (2026-11)."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.contract import Transient
from integrations.gerrit.gate.access import Grant, access_of, lineage, may_match, project_path, seen
from integrations.gerrit.rest import NotFound
from tests.integrations.gerrit.answers import Answers

ALLOW = {"action": "ALLOW", "force": False}


def access(sections: dict[str, Any] | None = None, *, parent: str = "", whole: bool = True) -> dict[str, Any]:
    """A ProjectAccessInfo; sections by ref, with permissions and their rules."""
    local = {
        ref: {"permissions": {name: {"rules": rules} for name, rules in permissions.items()}}
        for ref, permissions in (sections or {}).items()
    }
    inherits = {"inherits_from": {"id": parent, "name": parent}} if parent else {}
    return {"local": local, "config_visible": whole, "groups": {"u1": {"name": "core"}}, **inherits}


def test_each_group_that_is_allowed_something_is_a_grant() -> None:
    rules = {"u1": ALLOW, "u2": {"action": "BLOCK"}, "u3": ALLOW}
    rest = Answers({"projects/a%2Fb/access": access({"refs/heads/*": {"push": rules}})})
    found = access_of(rest, "a/b")
    assert found.grants == tuple(
        Grant(project="a/b", ref="refs/heads/*", name="push", group=group, group_name=name)
        for group, name in (("u1", "core"), ("u3", "u3"))
    )
    assert (found.name, found.parent, found.whole) == ("a/b", "", True)


def test_a_capability_with_a_priority_is_a_grant_too() -> None:
    capabilities = {"priority": {"u1": {"action": "BATCH"}}, "administrateServer": {"u1": ALLOW}}
    rest = Answers({"projects/All-Projects/access": access({"GLOBAL_CAPABILITIES": capabilities})})
    found = access_of(rest, "All-Projects").grants
    assert [(grant.ref, grant.name) for grant in found] == [
        ("GLOBAL_CAPABILITIES", "priority"),
        ("GLOBAL_CAPABILITIES", "administrateServer"),
    ]


def test_the_line_goes_up_to_the_first_that_is_hidden() -> None:
    rest = Answers({"projects/c/access": access(parent="b"), "projects/b/access": access(parent="a", whole=False)})
    assert [(one.name, one.whole) for one in lineage(rest, "c")] == [("c", True), ("b", False), ("a", False)]


def test_a_project_that_is_hidden_has_nothing_but_a_server_that_is_away_is_no_hidden_project() -> None:
    rest = Answers({"projects/away/access": Transient("away")})
    assert seen(rest, "none").grants == ()
    assert seen(rest, "none").whole is False
    with pytest.raises(NotFound):
        access_of(rest, "none")
    with pytest.raises(Transient):
        seen(rest, "away")


def test_a_path_holds_the_name_as_one_part() -> None:
    assert project_path("openstack/releases") == "projects/openstack%2Freleases"


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("refs/*", "refs/heads/"),
        ("refs/heads/*", "refs/heads/"),
        ("refs/heads/master", "refs/heads/"),
        ("refs/heads/stable/*", "refs/heads/"),
        ("^refs/heads/(master|stable/.*)", "refs/heads/"),
        ("^refs/.*", "refs/heads/"),
        ("^.*", "refs/heads/"),
        ("refs/heads/${username}/*", "refs/heads/"),
        ("refs/*", "refs/meta/config"),
        ("refs/meta/*", "refs/meta/config"),
        ("refs/meta/config", "refs/meta/config"),
        ("^refs/meta/.+", "refs/meta/config"),
    ],
)
def test_a_pattern_that_may_match(pattern: str, target: str) -> None:
    assert may_match(pattern, target)


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("refs/for/*", "refs/heads/"),
        ("refs/for/refs/heads/*", "refs/heads/"),
        ("refs/tags/*", "refs/heads/"),
        ("refs/meta/config", "refs/heads/"),
        ("^refs/tags/.*", "refs/heads/"),
        ("refs/heads/*", "refs/meta/config"),
        ("refs/meta/version", "refs/meta/config"),
        ("refs/meta/config-of-another", "refs/meta/config"),
        ("GLOBAL_CAPABILITIES", "refs/heads/"),
    ],
)
def test_a_pattern_that_does_not(pattern: str, target: str) -> None:
    assert not may_match(pattern, target)

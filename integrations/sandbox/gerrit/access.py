"""What the access sections of a project and its parents allow: how far somebody may vote, and plain rights.

https://gerrit-review.googlesource.com/Documentation/access-control.html: the most specific pattern is asked first, of
equal ones the nearer project's; an exclusive permission ends the asking. Only ALLOW rules count here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.sandbox.gerrit.registry import Registry

REGISTERED = "global:Registered-Users"
ANONYMOUS = "global:Anonymous-Users"
CHANGE_OWNER = "global:Change-Owner"
PROJECT_OWNERS = "global:Project-Owners"
SYSTEM_GROUPS = (REGISTERED, ANONYMOUS, CHANGE_OWNER, PROJECT_OWNERS)


def may_do(world: Registry, account_id: int | None, project: str, ref: str, permission: str) -> bool:
    """Whether some rule gives that permission on the ref."""
    return any(
        rule.get("action") == "ALLOW" and _is_in(world, account_id, group)
        for group, rule in _rules(world, project, ref, permission)
    )


def vote_range(
    world: Registry, account_id: int, project: str, ref: str, label: str, *, owner: int | None = None
) -> tuple[int, int]:
    """The lowest and highest vote on a label, of a change by `owner`; (0, 0): none."""
    theirs = [
        rule
        for group, rule in _rules(world, project, ref, f"label-{label}")
        if rule.get("action") == "ALLOW" and _is_in(world, account_id, group, owner)
    ]
    lows, highs = ([int(rule.get(end, 0)) for rule in theirs] for end in ("min", "max"))
    return min([0, *lows]), max([0, *highs])


def covers(pattern: str, ref: str) -> bool:
    """Whether a section named `pattern` is about the ref."""
    if pattern.startswith("^"):
        return re.fullmatch(pattern[1:], ref) is not None
    if pattern.endswith("/*"):
        return ref.startswith(pattern[:-1])
    return pattern == ref


def _rules(world: Registry, project: str, ref: str, permission: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Group and rule, the deciding ones first; what a nearer section of the same name says of a group stands."""
    sections = [
        (pattern, section)
        for place in world.lineage(project)
        for pattern, section in place.access.items()
        if covers(pattern, ref)
    ]
    sections.sort(key=lambda one: _how_specific(one[0]), reverse=True)
    seen = set()
    for pattern, section in sections:
        found = section.get("permissions", {}).get(permission)
        if found is None:
            continue
        for group, rule in found.get("rules", {}).items():
            if (pattern, group) not in seen:
                seen.add((pattern, group))
                yield group, rule
        if found.get("exclusive"):
            return


def _how_specific(pattern: str) -> tuple[bool, int]:
    """Exact names before patterns, longer before shorter."""
    return not pattern.startswith("^") and not pattern.endswith("*"), len(pattern)


def _is_in(world: Registry, account_id: int | None, group: str, owner: int | None = None) -> bool:
    if group == ANONYMOUS:
        return True
    if account_id is None:
        return False
    if group == REGISTERED:
        return True
    if group == CHANGE_OWNER:
        return account_id == owner
    if group == PROJECT_OWNERS:
        return world.is_admin(account_id)
    return any(one.uuid == group and account_id in one.members for one in world.groups.values())

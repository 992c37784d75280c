"""Who may do what in a project and its parents, as project access shows it.

https://gerrit-review.googlesource.com/Documentation/rest-api-access.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.contract import Refused
from integrations.gerrit.rest import Rest

CAPABILITIES = "GLOBAL_CAPABILITIES"
WILD = re.compile(r"[*$.\[(\\^+?{|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A group that may do something on refs of a project; a capability has `CAPABILITIES` for its ref."""

    project: str
    ref: str
    name: str  # push, label-Code-Review …
    group: str  # its UUID
    group_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project's own access; `whole` where we may see all of it."""

    name: str
    parent: str
    local: dict[str, Any]
    grants: tuple[Grant, ...]
    whole: bool


def project_path(name: str) -> str:
    """`projects/openstack%2Freleases`."""
    return f"projects/{quote(name, safe='')}"


def access_of(rest: Rest, name: str) -> Project:
    """Raises NotFound, Transient, Refused."""
    found = rest.get(f"{project_path(name)}/access")
    return Project(
        name=name,
        parent=found.get("inherits_from", {}).get("name", ""),
        local=found["local"],
        grants=tuple(_grants(name, found)),
        whole=found.get("config_visible", False),
    )


def seen(rest: Rest, name: str) -> Project:
    """As access_of, and with nothing in it where the project is hidden. Raises Transient."""
    try:
        return access_of(rest, name)
    except Refused:
        return Project(name=name, parent="", local={}, grants=(), whole=False)


def lineage(rest: Rest, name: str) -> tuple[Project, ...]:
    """The project, its parent, and so on; one that is hidden ends it. Raises NotFound, Transient, Refused."""
    found = [access_of(rest, name)]
    while found[-1].parent:
        found.append(seen(rest, found[-1].parent))
    return tuple(found)


def may_match(pattern: str, target: str) -> bool:
    """Whether a pattern of refs may match a ref, or one below a target that ends with a slash. In doubt it may."""
    wild = WILD.search(pattern.removeprefix("^"))
    stem = pattern.removeprefix("^")[: wild.start()] if wild else pattern
    if target.endswith("/") and stem.startswith(target):
        return True
    return target.startswith(stem) if wild else stem == target


def _grants(project: str, access: dict[str, Any]) -> Iterator[Grant]:
    names = access.get("groups", {})
    for ref, section in access["local"].items():
        for name, permission in section.get("permissions", {}).items():
            for group, rule in permission.get("rules", {}).items():
                if rule.get("action") in ("ALLOW", "BATCH", "INTERACTIVE"):
                    called = names.get(group, {}).get("name", group)
                    yield Grant(project=project, ref=ref, name=name, group=group, group_name=called)

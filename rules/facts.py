"""What a rule may ask about the world, looked up before deciding and stored with the decision.

Accounts are compared by the server's own id, kept as text. In a replay, where no server is asked, the username is
the id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from rules.roster import Person

UNKNOWN = ""
"""The id of an account that is not there, not active, or not one."""


CO_AUTHOR = re.compile(r"^Co-Authored-By:.*<([^<>\s]+)>\s*$", re.IGNORECASE | re.MULTILINE)


def co_authors(message: str) -> tuple[str, ...]:
    """The addresses in a commit message's `Co-Authored-By` footers."""
    return tuple(CO_AUTHOR.findall(message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What to look up before an item can be judged: the change, its files if `files`, the accounts of `people`."""

    item: str
    repo: str
    files: bool = False
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """A change as the server shows it now. `files` is None where nobody asked for them."""

    repo: str
    branch: str
    status: str = "NEW"
    patch_set: int = 1
    revision: str = ""
    subject: str = ""
    message: str = ""
    topic: str = ""
    hashtags: tuple[str, ...] = ()
    wip: bool = False
    private: bool = False
    size: int = 0
    created: datetime | None = None
    owner: str = UNKNOWN
    owner_names: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # ids of uploader, author and co-authors
    files: tuple[str, ...] | None = None
    reviewers: tuple[str, ...] = ()
    ccs: tuple[str, ...] = ()
    removed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # id to who took them off
    attention: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was looked up for one decision. `change` is None where it is gone or hidden from us."""

    change: ChangeFacts | None
    accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # person to account id or UNKNOWN
    seen: datetime | None = None

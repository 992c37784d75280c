"""What a rule may ask about the world, looked up before deciding and stored with the decision.

Accounts are compared by the server's own id, kept as text. In a replay, where no server is asked, the username is
the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from rules.events import Account
from rules.roster import Person
from rules.signoff.requests import Request, Upload

UNKNOWN = ""
"""The id of an account that is not there, not active, or not one."""


CO_AUTHOR = re.compile(r"^Co-Authored-By:.*<([^<>\s]+)>\s*$", re.IGNORECASE | re.MULTILINE)


def co_authors(message: str) -> tuple[str, ...]:
    """The addresses in a commit message's `Co-Authored-By` footers."""
    return tuple(CO_AUTHOR.findall(message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What to look up before an item can be judged: the change and the accounts of `people`; and where wanted, its
    touched `files`, the changes `related` to it, what else waits for each of the people (`turns`), the lines that
    begin with a word of `listen` in what people said, the lines added to files of the names `lines_of`, the release
    request in files of the patterns `request`; or, of an item that is a tag, the commit it is on (`tag`).
    """

    item: str
    repo: str
    files: bool = False
    people: tuple[Person, ...] = ()
    related: bool = False
    turns: bool = False
    listen: tuple[str, ...] = ()
    lines_of: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    tag: bool = False


def together(needs: Iterable[Need | None]) -> Need | None:
    """One look for several needs of an item, None where nobody needs anything."""
    wanted = [need for need in needs if need]
    if not wanted:
        return None
    return Need(
        item=wanted[0].item,
        repo=wanted[0].repo,
        files=any(need.files for need in wanted),
        people=tuple({person.key: person for need in wanted for person in need.people}.values()),
        related=any(need.related for need in wanted),
        turns=any(need.turns for need in wanted),
        listen=tuple(dict.fromkeys(word for need in wanted for word in need.listen)),
        lines_of=tuple(dict.fromkeys(name for need in wanted for name in need.lines_of)),
        request=tuple(dict.fromkeys(pattern for need in wanted for pattern in need.request)),
        tag=any(need.tag for need in wanted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What somebody said on a change, reduced to the lines that are commands: `(line number, line)`; where a release
    request is looked at, also to the votes given with it on `patch_set` (0: taken back). `deletes`: it tells that
    votes of anybody were deleted.

    `by` is the authenticated account and `account` its id; `at` the server's time.
    """

    id: str
    by: Account
    account: str = UNKNOWN
    at: datetime
    lines: tuple[tuple[int, str], ...] = ()
    votes: tuple[tuple[str, int], ...] = ()
    patch_set: int = 0
    deletes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A vote that stands on the current patch set; `account` is the server's id, `name` the username."""

    label: str
    value: int
    account: str
    name: str
    at: datetime | None = None


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
    attention_since: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))  # by id
    votes: tuple[Ballot, ...] = ()  # but for zeros
    cherry_pick_of: int | None = None
    related: tuple[int, ...] | None = None  # numbers of the other changes of its relation chain
    messages: tuple[Message, ...] | None = None  # oldest first, none of bots
    lines: Mapping[str, tuple[str, ...]] | None = None  # path to the lines added
    request: Request | None = None  # of the current patch set
    uploads: tuple[Upload, ...] = ()  # all patch sets, oldest first, where the request was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was looked up for one decision. `change` is None where it is gone or hidden from us."""

    change: ChangeFacts | None
    accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # person to account id or UNKNOWN
    turns: Mapping[str, tuple[str, ...]] | None = None  # person to the items that are their turn by the server
    tag: str | None = None  # the commit a tag is on, "" where there is none; None where it cannot be told
    seen: datetime | None = None

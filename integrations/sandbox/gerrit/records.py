"""What the stand-in remembers: people, projects, and changes with all that was said and voted on them.

Values are frozen; `Project` and `Change` are the two things that live and are only touched under the state's lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NO_SHA = "0" * 40
ALL_PROJECTS = "All-Projects"


class Refusal(Exception):
    """What Gerrit answers instead of doing it: an HTTP status, and plain text or (where Gerrit does so) JSON."""

    def __init__(self, status: int, message: str, *, json: object = None) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.json = json


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    account_id: int
    username: str = ""
    name: str = ""
    email: str = ""
    password: str = ""  # HTTP credentials
    keys: tuple[str, ...] = ()  # "ssh-ed25519 AAAA…", without the comment
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    uuid: str
    name: str
    group_id: int
    members: frozenset[int] = frozenset()
    includes: frozenset[str] = frozenset()  # UUIDs of groups; nobody becomes a member by them here


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """The author of a commit; `username` is "" when no account has the address."""

    name: str
    email: str
    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    name: str
    values: Mapping[int, str]
    copy_condition: str = ""
    allow_post_submit: bool = True
    can_override: bool = True  # by a label of that name in child projects
    function: str = "NoBlock"

    @property
    def lowest(self) -> int:
        return min(self.values)

    @property
    def highest(self) -> int:
        return max(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A submit requirement; "" is an expression that is not there."""

    name: str
    submittable_if: str
    applicable_if: str = ""
    override_if: str = ""
    description: str = ""
    overridable: bool = False  # in child projects


@dataclass(frozen=True, slots=True, kw_only=True)
class TagObject:
    """What an annotated tag's ref points to."""

    commit: str
    message: str
    tagger: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    status: str = "M"  # A, M, D, R, C
    insertions: int = 0
    deletions: int = 0
    old_path: str = ""
    binary: bool = False
    content: str | None = None  # the file after the commit; unknown in recordings
    before: str | None = field(default=None, compare=False)  # it; None: was not there, or unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchSet:
    number: int
    revision: str
    parents: tuple[str, ...]
    uploader: int
    author: Author
    created: datetime
    kind: str
    message: str
    files: Mapping[str, FileChange]

    @property
    def message_lines(self) -> int:
        """Lines of the generated /COMMIT_MSG, which Gerrit counts into the size since 3.5."""
        return 5 + len(self.parents) + self.message.count("\n")

    @property
    def insertions(self) -> int:
        return sum(file.insertions for file in self.files.values())

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self.files.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    value: int
    at: datetime
    tag: str = ""
    copied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: str
    author: int | None  # None: the server itself
    at: datetime
    text: str  # people stand in it as <GERRIT_ACCOUNT_n>
    tag: str
    patch_set: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    id: str
    path: str
    author: int
    at: datetime
    text: str
    patch_set: int
    message_id: str
    tag: str = ""
    unresolved: bool = False
    line: int = 0
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerUpdate:
    at: datetime
    by: int
    reviewer: int
    state: str  # REVIEWER, CC, REMOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    at: datetime
    reason: str
    by: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the stream, and what is needed to judge who may hear it."""

    kind: str
    text: str
    project: str = ""
    number: int = 0  # of the change, 0: none
    leaks: bool = False  # sent to everybody who reads the branch, private or not
    ref: str = ""  # that was moved
    new: str = ""  # where it points to now


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a commit changes against its first parent."""

    message: str
    parents: tuple[str, ...] = ()
    files: Mapping[str, FileChange] = field(default_factory=dict)


@dataclass(slots=True)
class Branch:
    tip: str
    tree: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Project:
    name: str
    parent: str = ALL_PROJECTS  # "": it has none
    labels: dict[str, Label] = field(default_factory=dict)  # its own
    requirements: dict[str, Requirement] = field(default_factory=dict)  # its own
    branches: dict[str, Branch] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)  # those made here; recordings name others
    refs: dict[str, str] = field(default_factory=dict)  # tags and the like
    tag_objects: dict[str, TagObject] = field(default_factory=dict)  # by their SHA
    access: dict[str, Any] = field(default_factory=dict)  # "local" of ProjectAccessInfo, as it was set


@dataclass(slots=True, kw_only=True)
class Change:
    number: int
    project: str
    branch: str
    change_id: str
    owner: int
    created: datetime
    updated: datetime
    turn: int = 0  # of the last write; orders changes within a second
    meta: str = NO_SHA
    status: str = "NEW"
    topic: str = ""
    hashtags: tuple[str, ...] = ()
    wip: bool = False
    started: bool = True  # has ever been ready for review
    private: bool = False
    cherry_pick_of: tuple[int, int] | None = None  # number and patch set
    submitter: int | None = None
    submitted: datetime | None = None
    patch_sets: list[PatchSet] = field(default_factory=list)
    reviewers: dict[int, str] = field(default_factory=dict)  # account → REVIEWER or CC
    reviewer_updates: list[ReviewerUpdate] = field(default_factory=list)
    votes: dict[tuple[int, int, str], Vote] = field(default_factory=dict)  # patch set, account, label
    messages: list[Message] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    attention: dict[int, Attention] = field(default_factory=dict)
    out_of_attention: dict[int, Attention] = field(default_factory=dict)

    @property
    def current(self) -> PatchSet:
        return self.patch_sets[-1]

    @property
    def subject(self) -> str:
        """The first paragraph of the commit message, in one line."""
        return " ".join(self.current.message.split("\n\n", 1)[0].split("\n")).strip()

    @property
    def ref(self) -> str:
        """Where it is bound for; refs/meta/config is a branch that carries its whole name."""
        return self.branch if self.branch.startswith("refs/") else f"refs/heads/{self.branch}"

    @property
    def ref_base(self) -> str:
        return f"refs/changes/{self.number % 100:02d}/{self.number}"

    def value(self, patch_set: int, account_id: int, label: str) -> int:
        vote = self.votes.get((patch_set, account_id, label))
        return vote.value if vote else 0

    def voters(self) -> frozenset[int]:
        """Who has a vote on the current patch set."""
        return frozenset(who for number, who, _ in self.votes if number == self.current.number)

    def put_reviewer(self, account_id: int, state: str, *, by: int, at: datetime) -> None:
        """REMOVED takes the account off, votes on the current patch set included."""
        self.reviewer_updates.append(ReviewerUpdate(at=at, by=by, reviewer=account_id, state=state))
        if state != "REMOVED":
            self.reviewers[account_id] = state
            return
        self.reviewers.pop(account_id, None)
        for key in [key for key in self.votes if key[:2] == (self.current.number, account_id)]:
            del self.votes[key]

    def attend(self, accounts: Iterable[int], *, reason: str, by: int, at: datetime) -> None:
        for account_id in accounts:
            self.out_of_attention.pop(account_id, None)
            self.attention.setdefault(account_id, Attention(at=at, reason=reason, by=by))

    def leave(self, accounts: Iterable[int], *, reason: str, by: int | None, at: datetime) -> None:
        for account_id in accounts:
            if self.attention.pop(account_id, None):
                self.out_of_attention[account_id] = Attention(at=at, reason=reason, by=by)

"""What happened, normalised and frozen. Each event is about one item; times are the server's, aware UTC, whole seconds.

Gerrit's stream has more fields than stand here: an event keeps what a rule, a case or a sign-off may ask about.
What each system's own words become is told in its `wire` module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person as Gerrit's stream names one: any part may be empty, and none of them but `username` identifies."""

    username: str = ""
    email: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change as it stood when the event was written."""

    number: int
    repo: str
    branch: str
    change_id: str = ""
    subject: str = ""
    message: str = ""
    topic: str = ""
    hashtags: tuple[str, ...] = ()
    owner: Account | None = None
    status: str = "NEW"
    wip: bool = False
    private: bool = False
    created: datetime | None = None
    cherry_pick_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchSet:
    """One patch set; `size` is inserted plus deleted lines as the server counts them."""

    number: int
    revision: str
    uploader: Account | None = None
    author: Account | None = None
    kind: str = "REWORK"
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A label's value after the event; `old` is there only where this event set the vote."""

    label: str
    value: int
    old: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that happened."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent(Event):
    """Something happened to a change; `by` is who did it, None where the server itself acted."""

    change: Change
    by: Account | None = None
    patch_set: PatchSet | None = None

    @property
    def item(self) -> str:
        """`gerrit:12345`."""
        return f"gerrit:{self.change.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchsetCreated(ChangeEvent):
    """Somebody uploaded content; `change.wip` is right here even where no `WipChanged` was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAdded(ChangeEvent):
    """Somebody replied, voted or both. `text` has no votes and no inline comments in it: read `votes`."""

    votes: tuple[Vote, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerAdded(ChangeEvent):
    """Somebody became a reviewer (CC is silent). Of several added at once the server may name the wrong one."""

    reviewer: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerRemoved(ChangeEvent):
    """A reviewer or CC was taken off, by `by`."""

    reviewer: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRemoved(ChangeEvent):
    """Somebody's vote was deleted, by `by`."""

    reviewer: Account
    votes: tuple[Vote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMerged(ChangeEvent):
    """The change is in; `tip` is the branch's tip after the whole submission."""

    tip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAbandoned(ChangeEvent):
    """Given up, for `reason` ("" if none was said)."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRestored(ChangeEvent):
    """Taken up again."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDeleted(ChangeEvent):
    """Gone for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WipChanged(ChangeEvent):
    """Work in progress began or ended: see `change.wip`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateChanged(ChangeEvent):
    """Became private or public: see `change.private`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChanged(ChangeEvent):
    """The topic was set; sent also where it stayed the same."""

    old_topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashtagsChanged(ChangeEvent):
    """Hashtags came or went."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeen(ChangeEvent):
    """Catch-up found the change in this state; what led there may have been missed.

    `spoke` says who replied and when, `removed` who was taken off and by whom, both over the change's whole life.
    """

    spoke: tuple[tuple[Account, datetime], ...] = ()
    removed: tuple[tuple[Account, Account], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefEvent(Event):
    """A branch or tag moved."""

    repo: str
    ref: str
    old: str
    new: str
    by: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchUpdated(RefEvent):
    """A branch moved, by submission or direct push."""

    @property
    def item(self) -> str:
        """`branch:openstack/nova@master`."""
        return f"branch:{self.repo}@{self.ref.removeprefix('refs/heads/')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPushed(RefEvent):
    """A tag was made, moved or (where `new` is all zeros) deleted."""

    @property
    def item(self) -> str:
        """`tag:openstack/nova@25.0.0`."""
        return f"tag:{self.repo}@{self.ref.removeprefix('refs/tags/')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCreated(Event):
    """The server has a new project."""

    repo: str

    @property
    def item(self) -> str:
        """`repo:openstack/nova`."""
        return f"repo:{self.repo}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsDropped(Event):
    """The server threw events away because we read too slowly: catch up now, and again once the backlog is drained."""

    item: str = "stream:gerrit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """A due time of an item came; what `because` says is looked at again."""

    item: str
    repo: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRefused(Event):
    """The server would not let us ask `person` about the item, finally, and said `why`."""

    item: str
    repo: str
    person: str
    why: str


JUDGED = (
    PatchsetCreated,
    ChangeSeen,
    ChangeRestored,
    WipChanged,
    PrivateChanged,
    TopicChanged,
    HashtagsChanged,
    ReviewerRemoved,
    Tick,
    AskRefused,
)
"""The events after which a change is judged by the rules (RULES, "When is a change judged?")."""

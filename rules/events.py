"""What happened, normalised and frozen. Each event is about one item; times are the server's, aware UTC, whole seconds.

Gerrit's stream has more fields than stand here: an event keeps what a rule, a case or a sign-off may ask about.
What each system's own words become is told in its `wire` module. They are structs, not dataclasses: making one costs a
fifth, and every line of the stream makes several.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person as Gerrit's stream names one: any part may be empty, and none of them but `username` identifies."""

    username: str = ""
    email: str = ""
    name: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


class PatchSet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One patch set; `size` is inserted plus deleted lines as the server counts them."""

    number: int
    revision: str
    uploader: Account | None = None
    author: Account | None = None
    kind: str = "REWORK"
    size: int = 0


class Vote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A label's value after the event; `old` is there only where this event set the vote."""

    label: str
    value: int
    old: int | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Anything that happened."""

    at: datetime


class ChangeEvent(Event, frozen=True, kw_only=True, gc=False):
    """Something happened to a change; `by` is who did it, None where the server itself acted."""

    change: Change
    by: Account | None = None
    patch_set: PatchSet | None = None

    @property
    def item(self) -> str:
        """`gerrit:12345`."""
        return f"gerrit:{self.change.number}"


class PatchsetCreated(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Somebody uploaded content; `change.wip` is right here even where no `WipChanged` was sent."""


class CommentAdded(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Somebody replied, voted or both. `text` has no votes and no inline comments in it: read `votes`."""

    votes: tuple[Vote, ...] = ()
    text: str = ""


class ReviewerAdded(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Somebody became a reviewer (CC is silent). Of several added at once the server may name the wrong one."""

    reviewer: Account


class ReviewerRemoved(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """A reviewer or CC was taken off, by `by`."""

    reviewer: Account


class VoteRemoved(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Somebody's vote was deleted, by `by`."""

    reviewer: Account
    votes: tuple[Vote, ...] = ()


class ChangeMerged(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """The change is in; `tip` is the branch's tip after the whole submission."""

    tip: str = ""


class ChangeAbandoned(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Given up, for `reason` ("" if none was said)."""

    reason: str = ""


class ChangeRestored(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Taken up again."""

    reason: str = ""


class ChangeDeleted(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Gone for good."""


class WipChanged(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Work in progress began or ended: see `change.wip`."""


class PrivateChanged(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Became private or public: see `change.private`."""


class TopicChanged(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """The topic was set; sent also where it stayed the same."""

    old_topic: str = ""


class HashtagsChanged(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Hashtags came or went."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class ChangeSeen(ChangeEvent, frozen=True, kw_only=True, gc=False):
    """Catch-up found the change in this state; what led there may have been missed.

    `spoke` says who replied and when, `removed` who was taken off and by whom, both over the change's whole life;
    `may_command` whose replies may hold a command: `Need.listen` finds out.
    """

    spoke: tuple[tuple[Account, datetime], ...] = ()
    removed: tuple[tuple[Account, Account], ...] = ()
    may_command: tuple[tuple[Account, datetime], ...] = ()


class BacklogSeen(ChangeSeen, frozen=True, kw_only=True, gc=False):
    """An old change is taken up, of its own accord: it is asked about although it is older than `since`."""


class RefEvent(Event, frozen=True, kw_only=True, gc=False):
    """A branch or tag moved."""

    repo: str
    ref: str
    old: str
    new: str
    by: Account | None = None


class BranchUpdated(RefEvent, frozen=True, kw_only=True, gc=False):
    """A branch moved, by submission or direct push."""

    @property
    def item(self) -> str:
        """`branch:openstack/nova@master`."""
        return f"branch:{self.repo}@{self.ref.removeprefix('refs/heads/')}"


class TagPushed(RefEvent, frozen=True, kw_only=True, gc=False):
    """A tag was made, moved or (where `new` is all zeros) deleted."""

    @property
    def item(self) -> str:
        """`tag:openstack/nova@25.0.0`."""
        return f"tag:{self.repo}@{self.ref.removeprefix('refs/tags/')}"


class TagSeen(TagPushed, frozen=True, kw_only=True, gc=False):
    """A sweep found a tag on a commit other than the one known: `new` is the commit itself, also of an annotated tag.

    `first`: nobody had looked at the repo's tags before, so it may have been there for years.
    """

    first: bool = False


class ProjectCreated(Event, frozen=True, kw_only=True, gc=False):
    """The server has a new project."""

    repo: str

    @property
    def item(self) -> str:
        """`repo:openstack/nova`."""
        return f"repo:{self.repo}"


class EventsDropped(Event, frozen=True, kw_only=True, gc=False):
    """The server threw events away because we read too slowly: catch up now, and again once the backlog is drained."""

    item: str = "stream:gerrit"


class Tick(Event, frozen=True, kw_only=True, gc=False):
    """A due time of an item came; what `because` says is looked at again."""

    item: str
    repo: str
    because: str


class AskRefused(Event, frozen=True, kw_only=True, gc=False):
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


def item_of(event: Event) -> str:
    """The item an event is about."""
    item: str = event.item  # type: ignore[attr-defined]
    return item

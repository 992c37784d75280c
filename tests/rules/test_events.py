"""What happened: each event names its item, and nobody can change it."""

from __future__ import annotations

import inspect

import pytest

from rules import events
from rules.events import (
    JUDGED,
    AskRefused,
    BranchUpdated,
    ChangeEvent,
    ChangeSeen,
    CommentAdded,
    Event,
    EventsDropped,
    ProjectCreated,
    RefEvent,
    ReviewerAdded,
    ReviewerRemoved,
    TagPushed,
    TagSeen,
    Tick,
    VoteRemoved,
    item_of,
)
from tests.rules.makers import NOW, account, change, event

EVERY = [
    kind
    for _, kind in inspect.getmembers(events, inspect.isclass)
    if issubclass(kind, Event) and kind not in (Event, ChangeEvent, RefEvent)
]
OF_CHANGES = [kind for kind in EVERY if issubclass(kind, ChangeEvent)]
WITH_REVIEWER = (ReviewerAdded, ReviewerRemoved, VoteRemoved)


def made(kind: type[Event], ref: str = "refs/tags/1.0") -> Event:
    given: dict[str, object] = {"at": NOW}
    if issubclass(kind, ChangeEvent):
        given["change"] = change(number=12345)
    if issubclass(kind, WITH_REVIEWER):
        given["reviewer"] = account("ann")
    if issubclass(kind, RefEvent):
        given |= {"repo": "openstack/nova", "ref": ref, "old": "0", "new": "1"}
    if issubclass(kind, ProjectCreated):
        given["repo"] = "openstack/nova"
    if issubclass(kind, Tick | AskRefused):
        given |= {"item": "gerrit:12345", "repo": "openstack/nova"}
        given |= {"because": "due"} if kind is Tick else {"person": "ann", "why": "no"}
    return kind(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", OF_CHANGES)
def test_an_event_of_a_change_is_about_that_change(kind: type[Event]) -> None:
    assert item_of(made(kind)) == "gerrit:12345"


@pytest.mark.parametrize(
    ("kind", "ref", "item"),
    [
        (BranchUpdated, "refs/heads/stable/2026.1", "branch:openstack/nova@stable/2026.1"),
        (BranchUpdated, "refs/heads/refs/heads/odd", "branch:openstack/nova@refs/heads/odd"),
        (TagPushed, "refs/tags/25.0.0", "tag:openstack/nova@25.0.0"),
        (TagSeen, "refs/tags/25.0.0", "tag:openstack/nova@25.0.0"),
        (ProjectCreated, "", "repo:openstack/nova"),
        (EventsDropped, "", "stream:gerrit"),
        (Tick, "", "gerrit:12345"),
        (AskRefused, "", "gerrit:12345"),
    ],
)
def test_other_items_are_written_as_people_read_them(kind: type[Event], ref: str, item: str) -> None:
    assert item_of(made(kind, ref)) == item


@pytest.mark.parametrize("kind", EVERY)
def test_every_event_is_about_an_item_and_frozen(kind: type[Event]) -> None:
    what = made(kind)
    assert item_of(what).partition(":")[2]
    with pytest.raises(AttributeError):
        what.at = NOW  # type: ignore[misc]


def test_replies_are_not_judged_and_what_changes_the_change_is() -> None:
    assert not isinstance(made(CommentAdded), JUDGED)
    assert not isinstance(made(ReviewerAdded), JUDGED)
    assert isinstance(event(), JUDGED)
    assert isinstance(made(ChangeSeen), JUDGED)
    assert isinstance(made(ReviewerRemoved), JUDGED)

"""What should be done, frozen. `key` names the effect itself, so that whoever repeats it can tell: twice is once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One effect on one item."""

    item: str
    repo: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReviewer(Action):
    """Put a person on the change, as reviewer or (`cc`) to be kept informed. `account` is the server's id."""

    person: str
    account: str
    cc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Action):
    """Say something on the item; mail goes to `tell` (account ids) and nobody else."""

    text: str
    tell: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote(Action):
    """Set a label on exactly this revision; 0 takes the vote back."""

    label: str
    value: int
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawAttention(Action):
    """Say whose turn it is: an account that is already on the change."""

    account: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveReviewer(Action):
    """Take a person off the change: the ask has gone to somebody else. One who has voted meanwhile stays."""

    person: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Action):
    """Tell a person something by their own channel, not on the server. `reason` is why they are told at all, in one
    word by which they can sort it: reminder, library, …; `digest`: it can wait for the weekly mail; `case`: the key of
    the case it reminds of, and without which it need not be told any more.
    """

    person: str
    reason: str
    text: str
    digest: bool = False
    case: str = ""


KINDS: dict[str, type[Action]] = {
    kind.__name__: kind for kind in (AddReviewer, Comment, Vote, DrawAttention, RemoveReviewer, Notify)
}
"""By the name under which the journal and `--json` show them."""

"""Which votes the messages of a change tell: the server writes them into the first line, at the very end of the list
only those that were given with it.

    Patch Set 2: Code-Review+1 -Verified             a reply; the second vote was taken back
    Uploaded patch set 2: Code-Review+1.             a push with votes
    Uploaded patch set 2: Code-Review+1: Commit message was updated.
    Removed Code-Review+2 by <GERRIT_ACCOUNT_7>      somebody deleted a vote
    Removed reviewer <GERRIT_ACCOUNT_7> with the following votes:

As 3.10.2 and 3.13.5 write them. A vote that stands already is told again where it had been copied, else not. Whoever
replies may choose the message's tag, but not its first line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.gerrit.infos import account, account_id, instant
from rules.facts import Message

_HEAD = re.compile(r"Patch Set \d+: (?P<reply>.+)|Uploaded patch set \d+: (?P<push>[^:]+?)(?:\.|: .*)")
_GIVEN = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)([+-]\d+)")
_TAKEN_BACK = re.compile(r"-([A-Za-z0-9][A-Za-z0-9-]*)")
_DELETED = re.compile(
    r"Removed (?:reviewer|cc) .* with the following votes:|Removed the following votes:|Removed .+ by .+"
)

Info = Mapping[str, Any]  # a ChangeMessageInfo


def with_votes(told: Iterable[Message], messages: Sequence[Info], ourselves: str) -> tuple[Message, ...]:
    """The messages that hold commands, and those that tell of votes, oldest first. None of our own is among them, but
    those of other robots are, where they vote.
    """
    by_id = {one.id: one for one in told}
    spoken = (
        _spoken(message, by_id.get(str(message["id"]))) for message in messages if not _is_ours(message, ourselves)
    )
    found = {one.id: one for one in spoken if one}
    place = {message["id"]: number for number, message in enumerate(messages)}  # the order within a second
    return tuple(sorted((by_id | found).values(), key=lambda one: (one.at, place.get(one.id, len(place)))))


def votes_of(text: str) -> tuple[tuple[str, int], ...]:
    """`(label, value)` of each vote that was given with a message, 0 where it was taken back."""
    head = _HEAD.fullmatch(text.partition("\n")[0].rstrip())
    words = (head["reply"] or head["push"]).split() if head else []
    votes = [_vote(word) for word in words]
    return tuple(vote for vote in votes if vote) if all(votes) else ()


def _vote(word: str) -> tuple[str, int] | None:
    if given := _GIVEN.fullmatch(word):
        return given[1], int(given[2])
    taken_back = _TAKEN_BACK.fullmatch(word)
    return (taken_back[1], 0) if taken_back else None


def _spoken(message: Info, told: Message | None) -> Message | None:
    """A message with its votes, None where it tells of none. A vote in somebody's name is nobody's own, and another
    of theirs may have gone by it.
    """
    votes, deletes = votes_of(message["message"]), _DELETED.match(message["message"]) is not None
    if not votes and not deletes:
        return None
    if "real_author" in message:
        votes, deletes = (), True
    by = message.get("real_author") or message.get("author") or {}
    bare = told or Message(id=message["id"], by=account(by), account=account_id(by), at=instant(message["date"]))
    return replace(bare, votes=votes, patch_set=message.get("_revision_number", 0), deletes=deletes)


def _is_ours(message: Info, ourselves: str) -> bool:
    return bool(message.get("author", {}).get("username") == ourselves)

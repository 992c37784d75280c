"""Who knows an item's siblings: whoever was asked about a change of the same relation chain, about what it was picked
from, or about another change of its owner with the same topic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from rules.facts import Facts
from rules.judging import Judging
from rules.state import FREES, Case

TOPIC_LASTS = timedelta(days=14)
MOST_OF_A_TOPIC = 5
"""So many changes of a topic go to one person: more would bury them."""


def siblings(facts: Facts | None) -> tuple[str, ...]:
    """The items whose cases must be known before this one is decided."""
    change = facts.change if facts else None
    if change is None:
        return ()
    picked = (change.cherry_pick_of,) if change.cherry_pick_of else ()
    return tuple(f"gerrit:{number}" for number in (*(change.related or ()), *picked))


def affine(slot: str, judging: Judging) -> Mapping[str, str]:
    """Person to why, those of the closest items first."""
    found: dict[str, str] = {}
    for case, because in _asked_before(slot, judging):
        found.setdefault(case.person, because)
    return found


def _asked_before(slot: str, judging: Judging) -> Iterator[tuple[Case, str]]:
    change = judging.facts.change
    for item in siblings(judging.facts):
        kin = "which it is a cherry-pick of" if item == _source(judging) else "of the same relation chain"
        cases = (case for case in judging.book.cases(item) if case.slot == slot and _still_theirs(case))
        yield from ((case, f"was asked about {item}, {kin}") for case in cases)
    if change and change.topic:
        since = judging.now - TOPIC_LASTS
        same = [case for case in judging.book.about(change.topic, change.owner, since=since) if case.slot == slot]
        others = [case for case in same if case.item != judging.item and _still_theirs(case)]
        for case in reversed(others):
            if len({one.item for one in others if one.person == case.person}) < MOST_OF_A_TOPIC:
                yield case, f"was asked about {case.item}, of the same owner and topic"


def _source(judging: Judging) -> str:
    change = judging.facts.change
    return f"gerrit:{change.cherry_pick_of}" if change and change.cherry_pick_of else ""


def _still_theirs(case: Case) -> bool:
    return bool(case.person) and case.end not in FREES and not case.observed

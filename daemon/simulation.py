"""The same recording by two configs: who is asked more or less, what changes hands, what stays unrouted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rules.verdicts import Decision

Slot = tuple[str, str]
"""An item and one of its slots."""


@dataclass(slots=True)
class Outcome:
    """What came of a recording by one config. A person counts once for a slot of an item, however often asked."""

    asked: dict[Slot, dict[str, None]] = field(default_factory=dict)  # in the order they were
    unrouted: dict[Slot, str] = field(default_factory=dict)  # in the end, and why

    def add(self, decision: Decision) -> None:
        """Take in what was decided."""
        for case in decision.effects.cases:
            slot = case.item, case.slot
            if case.person:
                self.asked.setdefault(slot, {})[case.person] = None
            elif case.state == "unrouted":
                self.unrouted[slot] = case.because
            else:
                self.unrouted.pop(slot, None)

    def loads(self) -> Counter[str]:
        """How often each person was asked."""
        return Counter(person for people in self.asked.values() for person in people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How often somebody is asked by each config."""

    person: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A slot of an item that other people are asked for."""

    item: str
    slot: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrouted:
    """A slot of an item for which nobody is found in the end, by one config or by both; why, "" where somebody is."""

    item: str
    slot: str
    old: str
    new: str


def loads(old: Outcome, new: Outcome) -> tuple[Load, ...]:
    """Everybody asked by either, the greatest differences first."""
    before, after = old.loads(), new.loads()
    found = (Load(person=who, before=before[who], after=after[who]) for who in {*before, *after})
    return tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), one.person)))


def handovers(old: Outcome, new: Outcome) -> Iterator[Handover]:
    """What changes hands, in the order of the old config's asks."""
    for slot in dict.fromkeys((*old.asked, *new.asked)):
        before, after = old.asked.get(slot, {}), new.asked.get(slot, {})
        if set(before) != set(after):
            yield Handover(item=slot[0], slot=slot[1], old=tuple(before), new=tuple(after))


def unrouted(old: Outcome, new: Outcome) -> Iterator[Unrouted]:
    """What nobody is found for, in the order of the old config's asks."""
    for slot in dict.fromkeys((*old.unrouted, *new.unrouted)):
        yield Unrouted(item=slot[0], slot=slot[1], old=old.unrouted.get(slot, ""), new=new.unrouted.get(slot, ""))

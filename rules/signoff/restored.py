"""A ledger made again from what was published of it: which entries are taken over, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rules.signoff.ledger import Entry, Head, faults, hash_of

Told = tuple[int, str, str]
"""Number, item where it was published, what is wrong."""


class Disagrees(ValueError):
    """What is here is not what was published: neither may take the other's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`fresh` are the entries to be added, in order; `told` what is wrong with the ledger they make."""

    fresh: tuple[Entry, ...]
    told: tuple[Told, ...]


def restored(published: Iterable[tuple[str, Entry]], present: Sequence[Entry]) -> Restored:
    """From `(item, entry)` as they stand in comments, in any order and however often, and what is here already.

    Raises Disagrees. The same comments always give the same.
    """
    here = {entry.number: entry for entry in present}
    kept, told = dict(here), list[Told]()
    last = Head()
    distinct = sorted(set(published), key=lambda one: (one[1].number, one[1].hash, one[0]))
    for number, group in groupby(distinct, key=lambda one: one[1].number):
        sound = [one for one in group if _is_sound(*one, told)]
        if number in here:
            _compare(sound, here[number])
        if sound and number not in here:
            item, kept[number] = min(sound, key=lambda one: one[1].before != last.hash)
            told += [(number, where, _twice(item)) for where, entry in sound if entry != kept[number]]
        if number in kept:
            last = Head(number=number, hash=kept[number].hash)
    whole = [kept[number] for number in sorted(kept)]
    told += [(entry.number, entry.item, because) for entry, because in faults(whole)]
    return Restored(fresh=tuple(one for one in whole if one.number not in here), told=tuple(sorted(told)))


def _is_sound(item: str, entry: Entry, told: list[Told]) -> bool:
    if hash_of(entry) == entry.hash:
        return True
    told.append((entry.number, item, "does not fit the hash it was published with: it is left out"))
    return False


def _compare(published: Iterable[tuple[str, Entry]], here: Entry) -> None:
    others = [item for item, entry in published if entry != here]
    if others and len(others) == len(list(published)):
        raise Disagrees(f"number {here.number} of the ledger here is not the one published in {others[0]}")


def _twice(item: str) -> str:
    return f"was published as something else in {item}, which fits: this one is left out"

"""What two configs make of the same recording."""

from __future__ import annotations

from daemon.simulation import Handover, Load, Outcome, Unrouted, handovers, loads, unrouted
from rules.state import Case, Effects, close
from tests.daemon.journals import case, decision


def outcome(*cases: Case) -> Outcome:
    """Of decisions that made these cases, one after the other."""
    found = Outcome()
    for one in cases:
        found.add(decision(effects=Effects(cases=(one,))))
    return found


def unfound(number: int, because: str = "nobody is available") -> Case:
    """A case nobody was found for."""
    return case(number, person="", role="", state="unrouted", because=because)


def test_loads_are_asks_by_each_the_greatest_difference_first() -> None:
    old = outcome(case(1), case(2), case(3), case(4, person="bob"))
    new = outcome(case(1, person="bob"), case(2, person="cyd"), case(3, person="dee"), case(4, person="bob"))
    assert loads(old, new) == (
        Load(person="ann", before=3, after=0),
        Load(person="bob", before=1, after=2),
        Load(person="cyd", before=0, after=1),
        Load(person="dee", before=0, after=1),
    )


def test_somebody_counts_once_for_a_slot_however_often_the_case_changed() -> None:
    assert outcome(case(1), close(case(1), "acted", ""), case(1), case(1, slot="docs")).loads() == {"ann": 2}


def test_those_whom_a_ladder_added_count_too() -> None:
    old, new = outcome(case(1)), outcome(case(1), case(1, person="pat", role="ptl", added=True))
    assert list(handovers(old, new)) == [Handover(item="gerrit:1", slot="release", old=("ann",), new=("ann", "pat"))]


def test_what_other_people_are_asked_for_changes_hands() -> None:
    old = outcome(case(1), case(2), case(2, person="bob"), case(3))
    new = outcome(case(2, person="bob"), case(2), case(3, person="cyd"), case(4))
    assert list(handovers(old, new)) == [
        Handover(item="gerrit:1", slot="release", old=("ann",), new=()),
        Handover(item="gerrit:3", slot="release", old=("ann",), new=("cyd",)),
        Handover(item="gerrit:4", slot="release", old=(), new=("ann",)),
    ]


def test_what_stays_unrouted_is_told_for_each_with_the_reason() -> None:
    routed = close(unfound(1), "routed", "asked ann")
    old, new = outcome(unfound(1, "away"), unfound(2)), outcome(unfound(1), routed, unfound(3))
    assert list(unrouted(old, new)) == [
        Unrouted(item="gerrit:1", slot="release", old="away", new=""),
        Unrouted(item="gerrit:2", slot="release", old="nobody is available", new=""),
        Unrouted(item="gerrit:3", slot="release", old="", new="nobody is available"),
    ]

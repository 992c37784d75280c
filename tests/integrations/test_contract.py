"""What integrations and the daemon agree on: errors say whose turn it is, and real parts keep to the protocols."""

from __future__ import annotations

from integrations.contract import Outcome, Refused, Source, StillInDoubt, Transient
from integrations.gerrit.catch_up import CatchUp
from integrations.gerrit.stream import GerritStream, Pulse


def test_a_transient_error_is_not_in_doubt_unless_it_says_so() -> None:
    assert not Transient("503").in_doubt
    assert Transient("the answer was lost", in_doubt=True).in_doubt


def test_still_in_doubt_is_tried_again_and_a_refusal_is_not() -> None:
    assert issubclass(StillInDoubt, Transient)
    assert not issubclass(Refused, Transient)


def test_a_refusal_is_about_the_person_only_where_it_says_so() -> None:
    assert not Outcome(key="k", done=False, because="the change is merged").about_person


def test_every_source_of_gerrit_is_one() -> None:
    kinds: tuple[type[Source], ...] = (GerritStream, Pulse, CatchUp)
    assert len({kind.name for kind in kinds}) == len(kinds)

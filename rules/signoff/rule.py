"""The rule by which signers are asked: as if it stood last in rules.yaml, so that the community's own come first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from rules.ladders import Ladders, Step
from rules.patterns import pattern
from rules.routing import Ask, Index, Rule
from rules.signoff.signing import DUTY
from rules.signoff.standing import SIGN_OFF, SIGNERS
from rules.signoff.terms import Held, Terms

LADDER = DUTY
"""The ladder of the asks; the community's own of this name takes the place of STEPS."""
STEPS = (
    Step(after=timedelta(days=2), business=True, do="ping"),
    Step(after=timedelta(days=4), business=True, do="add", to="deputies"),
    Step(after=timedelta(days=6), business=True, do="add", to="ptl"),
)


def with_signers(index: Index, signoff: Mapping[str, Terms]) -> Index:
    """The rules, and one more for the repos of release requests."""
    if not signoff:
        return index
    fallbacks = {terms.fallback for terms in signoff.values()}
    rule = _rule(tuple(signoff), next(iter(fallbacks)) if len(fallbacks) == 1 else None)
    return Index(rules=(*index.rules, rule), roster=index.roster)


def with_ladder(ladders: Ladders) -> Ladders:
    """The ladders, and one by which signers are followed up."""
    return MappingProxyType({LADDER: STEPS, **ladders})


def _rule(repos: tuple[str, ...], fallback: Held | None) -> Rule:
    """Bots ask for releases too, so their changes are not passed over."""
    return Rule(
        id=SIGN_OFF,
        event="change",
        slot=DUTY,
        ask=Ask(duty=DUTY, of=SIGNERS, pick="first"),
        else_=Ask(duty=fallback.duty, of=fallback.of, pick="first") if fallback else None,
        allow=frozenset({"owner"}),
        repo=pattern(repos),
        ladder=LADDER,
    )

"""The rule by which signers are asked, and its ladder."""

from __future__ import annotations

from types import MappingProxyType

from rules.routing import Ask, Index, Rule
from rules.signoff.rule import LADDER, STEPS, with_ladder, with_signers
from rules.signoff.standing import SIGN_OFF
from rules.signoff.terms import Held
from tests.rules.signers import RELEASES, community, terms

SIGNOFF = {RELEASES: terms()}


def test_without_release_requests_there_is_no_such_rule() -> None:
    index = Index(rules=(), roster=community())
    assert with_signers(index, {}) is index


def test_the_communitys_own_rules_come_first() -> None:
    own = Rule(id="own", event="change", slot="release", ask=Ask(duty="release"))
    index = with_signers(Index(rules=(own,), roster=community()), SIGNOFF)
    assert [rule.id for rule in index.rules] == ["own", SIGN_OFF]


def test_the_fallback_is_asked_where_all_repos_have_the_same_one() -> None:
    index = with_signers(Index(rules=(), roster=community()), SIGNOFF)
    assert index.by_id[SIGN_OFF].else_ == Ask(duty="tc", of="community", pick="first")
    other = {**SIGNOFF, "other": terms(project="other", fallback=Held(duty="releases", of="community"))}
    assert with_signers(Index(rules=(), roster=community()), other).by_id[SIGN_OFF].else_ is None


def test_the_communitys_own_ladder_takes_the_place_of_ours() -> None:
    assert with_ladder({})[LADDER] == STEPS
    assert with_ladder(MappingProxyType({LADDER: ()}))[LADDER] == ()

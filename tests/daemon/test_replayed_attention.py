"""Whose turn a recorded change is; what draws it is tested with the world around it."""

from __future__ import annotations

from daemon.replayed_attention import Attention
from tests.rules.makers import HOUR, NOW


def attention() -> Attention:
    """Ann and Bob have that of `one`, Ann that of `two`."""
    found = Attention(frozenset({"zuul"}))
    found.draw("one", ("ann", "bob"), NOW)
    found.draw("two", ("ann",), NOW)
    return found


def test_it_is_known_since_when_and_by_whom() -> None:
    found = attention()
    found.draw("one", ("ann", "cyd"), NOW + HOUR)
    assert found.of("one") == {"ann": NOW, "bob": NOW, "cyd": NOW + HOUR}
    assert found.turns("ann") == ("one", "two")
    assert (found.of("three"), found.turns("dee")) == ({}, ())


def test_bots_and_accounts_nobody_knows_never_have_it() -> None:
    found = attention()
    found.draw("three", ("zuul", ""), NOW)
    assert found.of("three") == {}


def test_it_is_given_up_by_some_or_by_all() -> None:
    found = attention()
    found.forgo("one", ("ann", "dee"))
    assert (dict(found.of("one")), found.turns("ann")) == ({"bob": NOW}, ("two",))
    found.forget("one")
    found.forget("nowhere")
    assert (found.of("one"), found.turns("bob")) == ({}, ())

"""What counts where czar.yaml says nothing."""

from __future__ import annotations

from datetime import timedelta

from rules.signoff.terms import Held, Terms


def test_the_defaults_are_those_of_the_contract() -> None:
    terms = Terms(project="openstack/releases")
    assert terms.files == ("deliverables/**/*.yaml", "deliverables/**/*.yml")
    assert (terms.label, terms.counts) == ("Release-Signoff", ("comment", "code-review"))
    assert (terms.self_sign, terms.quorum, terms.rights_at) == (True, 1, "landing")
    assert (terms.expires, terms.lapse_after) == (timedelta(days=90), timedelta(days=7))


def test_nobody_overrides_and_nobody_stands_in_unless_somebody_is_named() -> None:
    terms = Terms(project="openstack/releases")
    assert (terms.override, terms.fallback, terms.compare) == (None, None, "")
    assert Held(duty="tc").of == "owner"

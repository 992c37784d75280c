"""`czar inbox` on a journal written by hand, and on that of a real daemon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.state import Case, Effects, close
from tests.clock import START
from tests.command_line import instant, refusal
from tests.daemon.community import Community, item
from tests.daemon.journals import case, decision
from tests.daemon.kept import Kept

KEYS = {"item", "duty", "since", "due", "because", "next"}
FAR = START + timedelta(days=36500)


def asked(kept: Kept, *cases: Case) -> None:
    """These cases stand in the journal."""
    kept.decided(decision(effects=Effects(cases=cases)))


def waiting(number: int, **given: Any) -> Case:
    """Asked with the ladder `review`; nothing is due in our lifetime."""
    return case(number, **{"ladder": "review", "due": FAR, **given})


def items(kept: Kept, who: str = "ann") -> list[str]:
    """What waits for somebody, in order."""
    return [row["item"] for row in kept.czar("inbox", who, "--json").rows]


def test_each_case_has_the_keys_of_the_contract(kept: Kept) -> None:
    asked(kept, waiting(1))
    (row,) = kept.czar("inbox", "ann", "--json").rows
    assert set(row) >= KEYS
    assert (row["item"], row["duty"], instant(row["since"]), instant(row["due"])) == ("gerrit:1", "release", START, FAR)
    assert row["because"] == "is first in line for release"
    assert row["next"] == (
        f"reminder at {FAR:%Y-%m-%d %H:%M}, then somebody else is asked, then the PTL is asked as well"
    )


def test_what_is_late_comes_first_then_the_oldest(kept: Kept) -> None:
    hour = timedelta(hours=1)
    asked(
        kept,
        waiting(1, opened=START + hour),
        waiting(2, opened=START),
        waiting(3, due=START + 2 * hour),
        waiting(4, due=START + hour),
    )
    assert items(kept) == ["gerrit:4", "gerrit:3", "gerrit:2", "gerrit:1"]


def test_only_what_waits_for_them_is_there_suggestions_too(kept: Kept) -> None:
    asked(
        kept,
        waiting(1, person="bob"),
        close(waiting(2), "acted", "ann replied"),
        waiting(3, observed=True),
        waiting(4, as_="suggest", ladder="", due=None),
        waiting(5, state="snoozed"),
    )
    assert items(kept) == ["gerrit:4", "gerrit:5"]


@pytest.mark.parametrize("who", ["bob", "bobg", "BOB@example.org"])
def test_a_person_is_named_by_key_username_or_address(kept: Kept, who: str) -> None:
    asked(kept, waiting(1, person="bob"))
    assert items(kept, who) == ["gerrit:1"]


def test_who_left_the_roster_is_still_known_by_their_key(kept: Kept) -> None:
    asked(kept, waiting(1, person="zoe"))
    assert items(kept, "zoe") == ["gerrit:1"]


def test_somebody_unknown_is_told_who_comes_near(kept: Kept) -> None:
    assert refusal(kept.czar("inbox", "annn")) == "nobody is called 'annn' (did you mean 'ann'?)"


def test_for_eyes_each_has_why_and_what_comes_next(kept: Kept) -> None:
    asked(kept, waiting(1), waiting(2, as_="suggest", state="snoozed"), waiting(3, step=3, due=None))
    coming = f"reminder at {FAR:%Y-%m-%d %H:%M}, then somebody else is asked, then the PTL is asked as well"
    assert (
        kept.czar("inbox", "ann").out
        == f"""\
gerrit:3  release of nova, since 2026-03-04 05:06 (late)
    why:  is first in line for release (rule ask-release, openstack/nova)
    next: nothing more by itself
gerrit:1  release of nova, since 2026-03-04 05:06
    why:  is first in line for release (rule ask-release, openstack/nova)
    next: {coming}
gerrit:2  release of nova, since 2026-03-04 05:06 (snoozed, suggested)
    why:  is first in line for release (rule ask-release, openstack/nova)
    next: nothing by itself: it is a suggestion
"""
    )


def test_where_nothing_waits_that_is_said(kept: Kept) -> None:
    assert kept.czar("inbox", "bobg").out == "Nothing waits for bob.\n"
    assert kept.czar("inbox", "bobg", "--json").out == ""


def test_what_a_real_daemon_asked_is_in_it(community: Community) -> None:
    rows = community.czar("inbox", "cyd@example.org", "--json").rows
    assert (item(community.documented), "docs") in {(row["item"], row["duty"]) for row in rows}

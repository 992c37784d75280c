"""What is said of votes; tests/integrations/gerrit/test_hands.py shows how they are cast."""

from __future__ import annotations

import pytest

from integrations.contract import Outcome
from integrations.gerrit.voting import NEWER, NOT_THERE, checked, is_about_a_label, standing, strays, unwanted
from rules.actions import Vote
from tests.integrations.gerrit.answers import ANN, BOT, REVISION, detail

OLD = "2b" * 20


def vote(value: int = 1, revision: str = REVISION, label: str = "Release-Signoff") -> Vote:
    return Vote(item="gerrit:7", repo="plugins/x", key=f"{label}{value}", label=label, value=value, revision=revision)


VOTED = detail(labels={"Release-Signoff": {"all": [ANN | {"value": -1}, BOT | {"value": 1}]}, "Code-Review": {}})


def test_only_our_own_vote_is_ours() -> None:
    assert standing(VOTED, "Release-Signoff", "bot") == 1
    assert standing(VOTED, "Release-Signoff", "bob") == standing(VOTED, "Code-Review", "bot") == 0


def test_a_vote_is_wanted_on_the_current_patch_set_and_by_the_last_word() -> None:
    assert unwanted(vote(), [vote(), vote(label="Other")], VOTED) == ""
    assert unwanted(vote(), [vote(), vote(-1, OLD)], VOTED) == ""
    assert unwanted(vote(1, OLD), [vote(1, OLD)], VOTED) == NEWER
    assert unwanted(vote(), [vote(), vote(0)], VOTED) != ""
    assert unwanted(vote(0), [vote(), vote(0)], VOTED) == ""


def test_a_stray_is_a_vote_of_an_older_patch_set_that_stands() -> None:
    assert strays([vote(1, OLD)], [vote(1, OLD)], VOTED, "bot") == {"Release-Signoff": 0}
    assert strays([vote(1, OLD)], [vote(1, OLD), vote()], VOTED, "bot") == {}
    assert strays([vote(1, OLD, "Code-Review"), vote()], [], VOTED, "bot") == {}


def test_what_was_cast_is_done_only_if_it_stands() -> None:
    def after(one: Vote) -> list[tuple[bool, str]]:
        outcomes = [Outcome(key=one.key, done=True, because="done"), Outcome(key="else", done=True, because="done")]
        return [(outcome.done, outcome.because) for outcome in checked(outcomes, [one], VOTED, "bot")]

    assert after(vote()) == [(True, "done")] * 2
    assert after(vote(-1)) == [(False, NOT_THERE), (True, "done")]
    assert after(vote(1, OLD)) == [(False, NEWER), (True, "done")]


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ('403 Applying label "Release-Signoff": 1 is restricted', True),
        ('400 label "Release-Signoff" is not a configured label', True),
        ("POST changes/openstack%2Flabel-maker~7/review: 403 remove reviewer not permitted", False),
    ],
)
def test_a_refusal_names_the_label_it_is_about(text: str, is_so: bool) -> None:
    assert is_about_a_label(Exception(text)) is is_so

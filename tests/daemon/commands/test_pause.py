"""`czar pause` and what follows: nothing is done, but everything is heard and decided."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.command_line import czar, refusal
from tests.daemon.community import WITHIN_S, Community, item
from tests.daemon.config.makers import write
from tests.waiting import until


@pytest.fixture
def paused(community: Community) -> Iterator[Community]:
    """Paused by somebody who says why; resumed at the end, whatever happens."""
    ran = community.czar("pause", "the", "server", "moves")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Paused (the server moves): nothing is done until czar resume.\n"
    yield community
    assert community.czar("resume").code == 0


def test_while_paused_nothing_is_done_and_after_resuming_all_of_it(paused: Community) -> None:
    change = paused.push()

    def states() -> set[str]:
        rows = paused.czar("explain", "--json", item(change)).rows
        return {action["state"] for row in rows for action in row["actions"]}

    until(lambda: states() == {"pending"}, WITHIN_S, "what to do to be decided")
    assert paused.reviewers(change) == set()
    assert paused.czar("resume").out == "Resumed: acting\n"
    until(lambda: paused.reviewers(change), WITHIN_S, "what was decided to be done")


def test_stats_tell_that_and_why(paused: Community) -> None:
    (row,) = paused.czar("stats", "--json").rows
    assert row["paused"] == [{"scope": "acting", "because": "the server moves"}]


def test_it_may_be_paused_before_the_first_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("new")
    write(folder, czar="gerrit: {url: https://review.example.org, user: bot}\nstate: state\n")
    assert czar("pause", "--config", folder).code == 0
    assert czar("stats", "--json", "--config", folder).rows[0]["paused"] == [{"scope": "acting", "because": "by hand"}]
    assert (folder / "state").stat().st_mode & 0o077 == 0


def test_a_state_that_cannot_be_made_is_one_plain_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("no-state")
    write(folder, czar="gerrit: {url: https://review.example.org, user: bot}\nstate: rules.yaml\n")
    assert "rules.yaml" in refusal(czar("pause", "--config", folder))

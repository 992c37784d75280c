"""REST on a socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from integrations.sandbox.gerrit.server import StandInGerrit
from tests.integrations.sandbox.gerrit.world import World


@pytest.fixture
def gerrit() -> Iterator[StandInGerrit]:
    with StandInGerrit(World().state) as gerrit:
        yield gerrit


def test_it_answers_over_http_and_keeps_the_connection(gerrit: StandInGerrit) -> None:
    gerrit.state.push(gerrit.state.admin.account_id, "plugins/tool", subject="é", files={})
    with requests.Session() as session:
        session.auth = ("admin", "secret")
        for _ in range(3):
            answer = session.get(f"{gerrit.url}/a/changes/1", timeout=5)
            assert answer.status_code == 200
        empty = session.delete(f"{gerrit.url}/a/changes/1", timeout=5)
        assert (empty.status_code, empty.content) == (204, b"")
        assert session.get(f"{gerrit.url}/a/changes/1", timeout=5).text == "Not found: 1\n"


def test_faults_reach_the_wire(gerrit: StandInGerrit) -> None:
    url = f"{gerrit.url}/config/server/version"
    gerrit.faults.answer(503, headers={"Retry-After": "3"})
    with requests.get(url, timeout=5) as answer:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    gerrit.faults.cut()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    gerrit.faults.hang()
    with pytest.raises(requests.ReadTimeout):
        requests.get(url, timeout=0.2)


def test_an_answer_can_be_lost_after_the_change_was_made(gerrit: StandInGerrit) -> None:
    change = gerrit.state.push(gerrit.state.admin.account_id, "plugins/tool", subject="x", files={})
    gerrit.faults.lose_answer(method="POST")
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{gerrit.url}/a/changes/1/abandon", auth=("admin", "secret"), timeout=5)
    assert change.status == "ABANDONED"

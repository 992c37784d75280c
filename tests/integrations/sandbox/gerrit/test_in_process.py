"""`requests` without sockets."""

from __future__ import annotations

import pytest
import requests

from integrations.sandbox.gerrit.faults import Faults
from integrations.sandbox.gerrit.in_process import InProcess
from integrations.sandbox.gerrit.rest import Rest
from tests.integrations.sandbox.gerrit.world import World

URL = "http://gerrit.test"


def test_a_session_talks_to_the_state_and_faults_come_as_its_errors() -> None:
    world, faults = World(), Faults()
    world.push()
    with requests.Session() as session:
        session.mount(URL, InProcess(Rest(world.state, faults)))
        session.auth = ("bob", "pw")
        answer = session.post(f"{URL}/a/changes/1/reviewers", json={"reviewer": "cyd"})
        assert answer.status_code == 200
        assert answer.text.startswith(")]}'\n")
        faults.hang()
        with pytest.raises(requests.ReadTimeout):
            session.get(f"{URL}/a/changes/1")
        faults.lose_answer()
        with pytest.raises(requests.ConnectionError):
            session.post(f"{URL}/a/changes/1/reviewers", json={"reviewer": "bob"})
    assert len(world.state.change(1).reviewers) == 2

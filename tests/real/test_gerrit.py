"""The fixture itself: what the other tests rely on when they ask a real Gerrit."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko
import pytest
import requests

from tests.gerrit_world import GerritWorld, Person, Pushed
from tests.real.gerrit import RealGerrit
from tests.real.git import GitFailed
from tests.waiting import WaitedInVain, until

pytestmark = pytest.mark.full


@contextmanager
def stream_of(gerrit: RealGerrit, person: Person) -> Iterator[list[dict[str, Any]]]:
    """The stream-events lines of `gerrit` as they come, over a connection that trusts the pinned key only."""
    seen: list[dict[str, Any]] = []
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(gerrit.known_hosts))
        client.connect(
            gerrit.ssh_host,
            gerrit.ssh_port,
            person.username,
            key_filename=str(person.key_file),
            allow_agent=False,
            look_for_keys=False,
        )
        _, output, _ = client.exec_command("gerrit stream-events")
        reader = threading.Thread(target=lambda: seen.extend(map(json.loads, output)))
        reader.start()
        yield seen
    reader.join()


def look(gerrit: RealGerrit, pushed: Pushed) -> str:
    """The revision REST shows as current."""
    change = gerrit.rest(gerrit.admin, "GET", f"/changes/{pushed.number}?o=CURRENT_REVISION")
    return str(change["current_revision"])


def test_it_speaks_the_words_of_a_gerrit_world(real_gerrit: RealGerrit) -> None:
    world: GerritWorld = real_gerrit
    people = [world.add_person("words-ann"), world.add_person("words-bot", service=True)]
    assert [world.rest(person, "GET", "/accounts/self")["_account_id"] for person in people] == [
        person.account_id for person in people
    ]


@pytest.mark.parametrize("over", ["http", "ssh"])
def test_a_pushed_change_is_visible(real_gerrit: RealGerrit, over: str) -> None:
    ann = real_gerrit.add_person(f"push-{over}")
    real_gerrit.add_project("push/some")
    pushed = real_gerrit.push(ann, "push/some", subject="Say hello", files={"a/b c.txt": "hé\n"}, over=over)
    assert look(real_gerrit, pushed) == pushed.revision
    change = real_gerrit.rest(ann, "GET", f"/changes/{pushed.number}/detail?o=CURRENT_REVISION&o=CURRENT_FILES")
    assert (change["project"], change["change_id"], change["subject"]) == ("push/some", pushed.change_id, "Say hello")
    assert change["owner"]["_account_id"] == ann.account_id
    assert list(change["revisions"][pushed.revision]["files"]) == ["a/b c.txt"]


def test_the_change_id_of_an_earlier_push_makes_a_new_patch_set_on_the_same_base(real_gerrit: RealGerrit) -> None:
    ann = real_gerrit.add_person("again-ann")
    real_gerrit.add_project("again")
    first = real_gerrit.push(ann, "again", subject="One", files={"a": "1\n"})
    tip = real_gerrit.push(real_gerrit.admin, "again", subject="Tip", files={"b": "1\n"}, options=("l=Code-Review+2",))
    real_gerrit.rest(real_gerrit.admin, "POST", f"/changes/{tip.number}/submit")
    second = real_gerrit.push(ann, "again", subject="One", files={"a": "2\n"}, change_id=first.change_id)
    same = real_gerrit.push(ann, "again", subject="One", files={"a": "2\n"}, change_id=first.change_id, over="ssh")
    assert [push.patch_set for push in (first, second, same)] == [1, 2, 3]
    assert {push.number for push in (first, second, same)} == {first.number}
    detail = real_gerrit.rest(ann, "GET", f"/changes/{first.number}?o=ALL_REVISIONS")
    kinds = [detail["revisions"][push.revision]["kind"] for push in (first, second, same)]
    assert kinds == ["REWORK", "REWORK", "NO_CHANGE"]


def test_a_change_may_stand_on_another_one(real_gerrit: RealGerrit) -> None:
    ann = real_gerrit.add_person("onto-ann")
    real_gerrit.add_project("onto")
    first = real_gerrit.push(ann, "onto", subject="One", files={"a": "1\n"})
    second = real_gerrit.push(ann, "onto", subject="Two", files={"b": "1\n"}, onto=first)
    detail = real_gerrit.rest(ann, "GET", f"/changes/{second.number}?o=CURRENT_REVISION&o=CURRENT_COMMIT")
    assert detail["revisions"][second.revision]["commit"]["parents"][0]["commit"] == first.revision


def test_push_options_reach_the_server(real_gerrit: RealGerrit) -> None:
    ann = real_gerrit.add_person("options-ann")
    real_gerrit.add_project("options")
    pushed = real_gerrit.push(ann, "options", subject="Later", files={"a": "1\n"}, options=("wip", "topic=x"))
    change = real_gerrit.rest(ann, "GET", f"/changes/{pushed.number}")
    assert (change["work_in_progress"], change["topic"]) == (True, "x")


def test_a_refused_push_says_why(real_gerrit: RealGerrit) -> None:
    ann = real_gerrit.add_person("refused-ann")
    real_gerrit.add_project("refused")
    with pytest.raises(GitFailed, match="Verified"):
        real_gerrit.push(ann, "refused", subject="One", files={"a": "1\n"}, options=("l=Verified+1",))


def test_a_wrong_password_is_an_http_error(real_gerrit: RealGerrit) -> None:
    stranger = Person(account_id=0, username="admin", email="", password="guess", key_file=real_gerrit.admin.key_file)
    with pytest.raises(requests.HTTPError, match="401"):
        real_gerrit.rest(stranger, "GET", "/accounts/self")


def test_a_person_asked_for_again_is_the_same_unless_made_otherwise(real_gerrit: RealGerrit) -> None:
    ann = real_gerrit.add_person("same-ann")
    assert real_gerrit.add_person("same-ann") is ann
    with pytest.raises(ValueError, match="same-ann"):
        real_gerrit.add_person("same-ann", service=True)


def test_a_service_user_sees_the_push_in_the_stream(real_gerrit: RealGerrit) -> None:
    bot = real_gerrit.add_person("stream-bot", service=True)
    real_gerrit.add_project("stream")
    with stream_of(real_gerrit, bot) as seen:
        pushed = real_gerrit.push(real_gerrit.admin, "stream", subject="Hello", files={"a": "1\n"})
        lines = until(lambda: [event for event in seen if event["type"] == "patchset-created"], 20, "the line")
    assert [line["patchSet"]["revision"] for line in lines] == [pushed.revision]


def test_another_host_key_than_the_pinned_one_is_refused(real_gerrit: RealGerrit) -> None:
    names = {line.split()[1] for line in real_gerrit.known_hosts.read_text().splitlines()}
    assert {"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"} <= names
    with paramiko.SSHClient() as client, pytest.raises(paramiko.SSHException, match="not found in known_hosts"):
        client.connect(real_gerrit.ssh_host, real_gerrit.ssh_port, "admin", allow_agent=False, look_for_keys=False)


def test_a_restart_keeps_changes_ports_and_people(private_gerrit: RealGerrit) -> None:
    ann = private_gerrit.add_person("restart-ann")
    private_gerrit.add_project("restart")
    pushed = private_gerrit.push(ann, "restart", subject="Hello", files={"a": "1\n"})
    private_gerrit.restart()
    assert look(private_gerrit, pushed) == pushed.revision
    again = private_gerrit.push(ann, "restart", subject="Hello", files={"a": "2\n"}, change_id=pushed.change_id)
    assert again.patch_set == 2


def test_a_kill_loses_nothing_that_was_answered(private_gerrit: RealGerrit) -> None:
    private_gerrit.add_project("kill")
    ann = private_gerrit.add_person("kill-ann")
    pushed = private_gerrit.push(ann, "kill", subject="Hello", files={"a": "1\n"})
    private_gerrit.kill()
    with pytest.raises(requests.ConnectionError):
        private_gerrit.rest(private_gerrit.admin, "GET", "/config/server/version")
    private_gerrit.start()
    rows = private_gerrit.rest(ann, "GET", "/changes/?q=project:kill")
    assert [row["_number"] for row in rows] == [pushed.number]


def test_a_frozen_server_answers_nothing_until_thawed(private_gerrit: RealGerrit) -> None:
    answers: list[str] = []
    asking = threading.Thread(
        target=lambda: answers.append(private_gerrit.rest(private_gerrit.admin, "GET", "/config/server/version"))
    )
    private_gerrit.freeze()
    asking.start()
    with pytest.raises(WaitedInVain):
        until(lambda: answers, 0.5, "an answer of a frozen server")
    private_gerrit.thaw()
    asking.join(20)
    assert answers


def test_a_server_does_not_outlive_its_starter(private_gerrit: RealGerrit) -> None:
    server = private_gerrit.server
    server.let_go()
    until(lambda: not server.running(), 30, "the end of a server whose starter is gone")

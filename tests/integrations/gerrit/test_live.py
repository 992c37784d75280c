"""The questions that `czar check --live` asks a Gerrit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from integrations.gerrit.live import Answer, ask
from integrations.gerrit.rest import Rest
from integrations.gerrit.setup import apply
from integrations.gerrit.ssh import Server
from integrations.sandbox.gerrit.ssh import new_key
from tests.gerrit_world import GerritWorld, Person
from tests.integrations.gerrit.answers import Answers
from tests.integrations.gerrit.loopback import answer, serving
from tests.integrations.gerrit.ssh_loopback import ssh_serving
from tests.real.gerrit import RealGerrit
from tests.real.ports import free_ports
from tests.stand_in_world import StandInWorld

PROJECT = "plugins/live"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInWorld]:
    """A stand-in with a bot, Ann, and one project."""
    made = StandInWorld(tmp_path_factory.mktemp("stand-in"))
    filled(made)
    yield made
    made.close()


def filled(world: GerritWorld) -> Person:
    """The bot; all of this is made once."""
    world.add_project(PROJECT)
    world.add_person("live-ann")
    return world.add_person("live-bot", service=True)


def server_of(world: GerritWorld, person: Person) -> Server:
    """Its SSH daemon, and who logs in."""
    return Server(
        host=world.ssh_host,
        port=world.ssh_port,
        user=person.username,
        key_file=person.key_file,
        known_hosts=world.known_hosts,
    )


@pytest.fixture
def server(world: StandInWorld) -> Server:
    """For the bot."""
    return server_of(world, world.add_person("live-bot", service=True))


@pytest.fixture
def rest(world: StandInWorld) -> Rest:
    """As the bot."""
    bot = world.add_person("live-bot", service=True)
    return Rest(world.url, bot.username, bot.password)


@pytest.fixture
def nowhere(server: Server) -> Server:
    """A port nobody listens on: for tests about REST."""
    return replace(server, port=free_ports(1)[0])


def wrong(answers: Sequence[Answer]) -> list[str]:
    """The codes of what is not fine."""
    return [one.code for one in answers if one.fine is False]


def about_ssh(server: Server) -> Answer:
    """The first answer, where nothing else can be asked."""
    ssh, rest = ask(Answers(), server, (), ())
    assert (ssh.code, ssh.fine, rest.code) == ("ssh", False, "rest")
    return ssh


def test_all_is_well(rest: Rest, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.gerrit.live.REFUSED_WITHIN_S", 0.2)
    answers = list(ask(rest, server, [PROJECT], ["live-ann"]))
    assert [(one.code, one.fine) for one in answers] == [
        ("ssh", True),
        ("stream", True),
        ("rest", True),
        ("repo", True),
        ("account", True),
    ]
    assert all(one.message for one in answers)


def test_who_may_not_stream_is_told_the_remedy(world: StandInWorld, rest: Rest) -> None:
    plain = world.add_person("plain")
    answers = list(ask(rest, server_of(world, plain), (), ()))
    assert wrong(answers) == ["stream"]
    assert "stream events not permitted" in answers[1].message
    assert "give plain the capability streamEvents" in answers[1].message


def test_another_host_key_is_told(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "known_hosts"
    other.write_text(f"[{server.host}]:{server.port} {new_key()[1]}\n")
    assert "shows another host key" in about_ssh(replace(server, known_hosts=other)).message


def test_a_host_that_is_not_pinned_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").touch()
    said = about_ssh(replace(server, known_hosts=tmp_path / "known_hosts")).message
    assert said == f"{server.host}:{server.port} has no pinned host key in {tmp_path}/known_hosts"


def test_a_key_the_server_does_not_know_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(new_key()[0])
    assert "refuses the login of live-bot" in about_ssh(replace(server, key_file=tmp_path / "key")).message


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe", b"-----BEGIN OPENSSH PRIVATE KEY-----\nzz\n"])
def test_a_key_file_that_holds_none_is_told(content: bytes, server: Server, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    said = about_ssh(replace(server, key_file=tmp_path / "key")).message
    assert said == f"{tmp_path}/key holds no SSH private key without a passphrase: ssh-keygen makes one"


def test_a_key_with_a_passphrase_is_told(server: Server, tmp_path: Path) -> None:
    made = Ed25519PrivateKey.generate()
    closed = made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"pass"))
    (tmp_path / "key").write_bytes(closed)
    assert "without a passphrase" in about_ssh(replace(server, key_file=tmp_path / "key")).message


@pytest.mark.parametrize("content", [b"-----BEGIN NO KNOWN HOSTS-----\n", b"\xff\xfe\n"])
def test_a_known_hosts_file_that_is_none_is_told(content: bytes, server: Server, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_bytes(content)
    said = about_ssh(replace(server, known_hosts=tmp_path / "known_hosts")).message
    assert said.startswith(f"{tmp_path}/known_hosts is no known_hosts file: ssh-keyscan -p {server.port} {server.host}")


def test_files_that_are_not_there_are_told(server: Server, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    for broken in (replace(server, key_file=missing), replace(server, known_hosts=missing)):
        assert about_ssh(broken).message == f"{missing}: No such file or directory"


def test_a_port_nobody_listens_on_is_told(nowhere: Server) -> None:
    assert f"{nowhere.host}:{nowhere.port}" in about_ssh(nowhere).message


def test_a_server_that_ends_the_connection_after_the_login_is_told(tmp_path: Path) -> None:
    def hang_up(channel: paramiko.Channel, _command: str) -> None:
        channel.get_transport().close()

    with ssh_serving(tmp_path, hang_up) as door:
        answers = list(ask(Answers(), door.server, (), ()))
    assert wrong(answers) == ["stream", "rest"]


def test_a_wrong_password_ends_the_questions_about_rest(world: StandInWorld, nowhere: Server) -> None:
    answers = list(ask(Rest(world.url, "live-bot", "nonsense"), nowhere, [PROJECT], ["live-ann"]))
    assert [one.code for one in answers] == ["ssh", "rest"]
    assert "refuses our user or password" in answers[1].message
    assert "nonsense" not in answers[1].message


def test_a_repo_we_do_not_see_is_not_proven_and_a_username_nobody_has_is_wrong(rest: Rest, nowhere: Server) -> None:
    answers = list(ask(rest, nowhere, [PROJECT, "plugins/no ne"], ["live-ann", "nobody"]))
    told = {(one.code, one.fine): one.message for one in answers}
    assert told["repo", None] == "repo plugins/no ne is not there, or hidden from us"
    assert told["account", False] == "account nobody is nobody's username there"
    assert told["repo", True] == f"repo {PROJECT} is there"


def test_a_name_the_server_spells_otherwise_is_told(nowhere: Server) -> None:
    body = b')]}\'\n{"username": "somebody"}'
    with serving(answer(200, body)) as gerrit:
        answers = list(ask(Rest(gerrit.url, "live-bot", "x"), nowhere, (), ()))
    assert answers[1].message == "REST knows us as 'somebody', not as 'live-bot'"


@pytest.mark.parametrize("body", [b"<html>", b")]}'\n[]", b')]}\'\n"word"', b""])
def test_what_is_no_gerrit_is_told(body: bytes, nowhere: Server) -> None:
    with serving(answer(200, body)) as gerrit:
        answers = list(ask(Rest(gerrit.url, "live-bot", "x"), nowhere, [PROJECT], ()))
    assert [(one.code, one.fine) for one in answers] == [("ssh", False), ("rest", False)]


def test_trouble_with_one_question_does_not_end_the_others(world: StandInWorld, rest: Rest, nowhere: Server) -> None:
    world.gerrit.faults.answer(500, times=3, path="/projects/")
    answers = list(ask(rest, nowhere, [PROJECT], ["live-ann"]))
    assert [(one.code, one.fine) for one in answers] == [
        ("ssh", False),
        ("rest", True),
        ("repo", False),
        ("account", True),
    ]


def removing(world: GerritWorld, rest: Rest, nowhere: Server) -> list[tuple[bool | None, str]]:
    """What is said about taking reviewers off."""
    answers = ask(rest, nowhere, (), (), removes=True)
    return [(one.fine, one.message) for one in answers if one.code == "remove"]


def test_whether_reviewers_may_be_taken_off_shows_only_where_there_is_one(tmp_path: Path, nowhere: Server) -> None:
    world = StandInWorld(tmp_path)
    try:
        bot, ann = filled(world), world.add_person("live-ann")
        rest, admin = Rest(world.url, bot.username, bot.password), world.admin
        options = (f"r={bot.username}",)
        world.push(ann, PROJECT, subject="Brew tea", files={"a": "1\n"}, options=options)
        assert removing(world, rest, nowhere) == []
        assert wrong(list(ask(rest, nowhere, (), ()))) == ["ssh"]
        world.push(ann, PROJECT, subject="Brew tea", files={"a": "1\n"}, options=("r=admin",))
        ((fine, message),) = removing(world, rest, nowhere)
        assert fine is False
        assert message.endswith(f"off changes of {PROJECT}; give it the right removeReviewer: czar gerrit setup")
        apply(Rest(world.url, admin.username, admin.password), bot.username)
        assert removing(world, rest, nowhere) == [(True, f"live-bot may take reviewers off changes of {PROJECT}")]
        world.gerrit.faults.answer(500, times=3, path="changes/")
        ((fine, message),) = removing(world, rest, nowhere)
        assert (fine, "500" in message) == (False, True)
    finally:
        world.close()


@pytest.mark.full
def test_a_real_server_answers_the_same(real_gerrit: RealGerrit, tmp_path: Path) -> None:
    bot = filled(real_gerrit)
    server, rest = server_of(real_gerrit, bot), Rest(real_gerrit.url, bot.username, bot.password)
    options = (f"r={real_gerrit.admin.username}",)
    ann = real_gerrit.add_person("live-ann")
    real_gerrit.push(ann, PROJECT, subject="Brew tea", files={"a": "1\n"}, options=options)
    admin = Rest(real_gerrit.url, real_gerrit.admin.username, real_gerrit.admin.password)
    apply(admin, bot.username)
    answers = list(ask(rest, server, [PROJECT, "plugins/none"], ["live-ann", "nobody"], removes=True))
    assert [(one.code, one.fine) for one in answers] == [
        ("ssh", True),
        ("stream", True),
        ("rest", True),
        ("remove", True),
        ("repo", True),
        ("repo", None),
        ("account", True),
        ("account", False),
    ]
    plain = real_gerrit.add_person("live-plain")
    theirs = Rest(real_gerrit.url, plain.username, plain.password)
    assert wrong(list(ask(theirs, server_of(real_gerrit, plain), (), (), removes=True))) == ["stream", "remove"]
    (tmp_path / "known_hosts").write_text(f"[{server.host}]:{server.port} {new_key()[1]}\n")
    answers = list(ask(rest, replace(server, known_hosts=tmp_path / "known_hosts"), (), ()))
    assert wrong(answers) == ["ssh"]
    answers = list(ask(Rest(real_gerrit.url, bot.username, "nonsense"), server, (), ()))
    assert wrong(answers) == ["rest"]

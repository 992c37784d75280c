"""From a config to parts that work."""

from __future__ import annotations

import random
import socket
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from daemon import wiring
from daemon.config.governance import GovernanceSettings, Kept
from daemon.config.load import Config, load
from daemon.config.secrets import BadSecret
from daemon.journal.journal import Journal
from integrations.contract import Letter, Refused
from integrations.gerrit.request import TouchedFile
from integrations.gerrit.rest import Rest
from rules.roster import Person
from tests.clock import START, Clock
from tests.daemon.config.makers import write
from tests.integrations.gerrit.loopback import answer, serving
from tests.real.ports import LOOPBACK, free_ports

HEAD = Path(__file__).parents[1] / "samples" / "governance" / "HEAD-2026-08-08.yaml"
CZAR = "gerrit: {url: https://review.example.org/r, user: czar-bot}\n"
NO_OLD_ONES = wiring.OldOnes(per_day=lambda: 0, since=lambda: START)
NO_TAGS = wiring.TagsToAudit(repos=tuple, hidden=lambda _: None)
SECRETS = {"gerrit-password": "hidden\n", "gerrit-key": "a key"}


def configured(directory: Path, czar: str = CZAR, **secrets: str) -> Config:
    """A config with its secrets."""
    write(directory, czar=czar)
    for name, text in (secrets or SECRETS).items():
        (directory / name).touch(mode=0o600)
        (directory / name).write_text(text)
    return load(directory)


def test_the_stream_is_heard_at_the_host_of_the_url_unless_told_otherwise(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert config.service.gerrit
    server = wiring.gerrit_server(config.service.gerrit, config)
    assert (server.host, server.port, server.user) == ("review.example.org", 29418, "czar-bot")
    assert (server.key_file, server.known_hosts) == (tmp_path / "gerrit-key", tmp_path / "known_hosts")


def test_the_bots_password_is_taken_without_its_line_break(tmp_path: Path) -> None:
    with serving(answer(200, b")]}'\n{}")) as gerrit:
        config = configured(tmp_path, czar=f"gerrit: {{url: '{gerrit.url}/', user: bot}}\n")
        assert config.service.gerrit
        wiring.gerrit_rest(config.service.gerrit, config).get("accounts/self")
        assert gerrit.headers[0]["Authorization"] == "Basic Ym90OmhpZGRlbg=="  # bot:hidden


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_everybody_may_read_or_that_is_missing_is_refused(
    name: str, tmp_path: Path, sqlite_journal: Journal, clock: Clock
) -> None:
    config = configured(tmp_path)
    assert config.service.gerrit
    (tmp_path / name).chmod(0o644)
    with pytest.raises(BadSecret, match="chmod 600"):
        wiring.gerrit_parts(
            config.service.gerrit, config, sqlite_journal, clock, random.Random(1), NO_OLD_ONES, NO_TAGS
        )
    (tmp_path / name).unlink()
    with pytest.raises(BadSecret, match=name):
        wiring.gerrit_parts(
            config.service.gerrit, config, sqlite_journal, clock, random.Random(1), NO_OLD_ONES, NO_TAGS
        )


def test_what_is_heard_at_a_source_can_be_read(tmp_path: Path, sqlite_journal: Journal, clock: Clock) -> None:
    config = configured(tmp_path)
    assert config.service.gerrit
    parts = wiring.gerrit_parts(
        config.service.gerrit, config, sqlite_journal, clock, random.Random(1), NO_OLD_ONES, NO_TAGS
    )
    assert [source.name for source in parts.sources] == [
        "gerrit-stream",
        "gerrit-pulse",
        "gerrit-rest",
        "gerrit-backlog",
        "gerrit-tags",
    ]
    assert set(wiring.PARSERS) == {"gerrit-stream", "gerrit-rest", "gerrit-backlog", "gerrit-tags"}
    assert [source.name for source in parts.sources if source.trouble()] == ["gerrit-stream", "gerrit-rest"]


def test_governance_is_read_from_a_file_and_without_one_is_empty() -> None:
    found = wiring.read_governance(GovernanceSettings(governance=Kept(file=HEAD)))
    assert len(found.teams) == 42
    assert wiring.read_governance(GovernanceSettings(governance=None)).teams == {}


def test_governance_in_a_git_that_is_none_is_told(tmp_path: Path) -> None:
    kept = Kept(git=tmp_path, path="reference/projects.yaml")
    with pytest.raises((ValueError, OSError), match=r".+"):
        wiring.governance_rosters(GovernanceSettings(governance=kept)).at(datetime.now(UTC))


def test_people_are_told_as_the_config_says(tmp_path: Path) -> None:
    section = "term: liaison\nnotify: {default: {url_file: channel}, per_day: 3}\n"
    config = configured(tmp_path, CZAR + section, channel="mailto://mail.example.org?from=czar@example.org\n")
    by = wiring.ways_to_people(config, START)
    assert (by.rules.notify.per_day, by.rules.started, by.sender.term) == (3, START, "liaison")
    assert [channel.shared for channel in by.channels("ann")] == [True]
    assert wiring.unreadable_channels(config) == ()
    with pytest.raises(Refused, match="no email of ann"):
        wiring.LateTeller().tell(Person(key="ann"), by.channels("ann"), Letter(id="1", subject="s", text="t"))


def test_the_report_is_mailed_by_the_ways_to_people(tmp_path: Path) -> None:
    section = "term: liaison\nmode: observe\nnotify: {default: {url_file: channel}}\n"
    config = configured(tmp_path, CZAR + section, channel="mailto://mail.example.org?from=czar@example.org\n")
    mail = wiring.report_mail(config, config.roster, START)
    assert (mail.about.mode, mail.about.since, mail.about.sender.term) == ("observe", START, "liaison")
    assert [channel.shared for channel in mail.channels("ann")] == [True]


def test_systems_that_are_not_in_the_config_are_not_asked(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert list(wiring.ask_launchpad(configured(tmp_path / "a"))) == []
    assert list(wiring.ask_gerrit(configured(tmp_path / "b", czar="launchpad: {}\n"), None, None)) == []


def test_where_nobody_may_log_in_the_gate_is_not_asked_for(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    ssh = f"{{host: {LOOPBACK}, port: {port}}}"
    section = (
        f"gerrit: {{url: 'http://{LOOPBACK}:{port}', user: czar-bot, ssh: {ssh}}}\nsignoff: [{{project: releases}}]\n"
    )
    config = configured(tmp_path, section)
    assert {answer.code for answer in wiring.ask_gerrit(config, None, None)} == {"ssh", "rest"}


def test_each_release_repo_has_a_gate_of_its_own_in_the_list_and_in_the_patch(tmp_path: Path) -> None:
    service = configured(
        tmp_path, f"{CZAR}signoff: [{{project: a/releases}}, {{project: b/releases, label: Go}}]\n"
    ).service
    patch, listed = wiring.gerrit_project_config(service), wiring.gerrit_instructions(service)
    assert "label:Release-Signoff=MAX,user=czar-bot" in patch
    assert "label:Go=MAX,user=czar-bot" in patch
    assert [f"In {repo}/releases" in "".join(listed) for repo in "ab"] == [True, True]


def test_launchpads_answer_is_one(tmp_path: Path) -> None:
    root = f"http://{LOOPBACK}:{free_ports(1)[0]}/"
    config = configured(tmp_path, f"launchpad: {{root: '{root}'}}\n", **{"launchpad-credentials": "nonsense"})
    (told,) = wiring.ask_launchpad(config)
    assert (told.code, told.fine) == ("launchpad", False)
    assert "holds no Launchpad credentials" in told.message


def test_the_stand_in_has_the_bot_and_the_people_of_the_recording_and_goes_away() -> None:
    with wiring.stand_in() as world:
        rest = Rest(world.url, "czar-bot", world.bot_password)
        assert rest.get("accounts/self")["username"] == "czar-bot"
        for name in (*world.cast.reviewers, *world.cast.submitters):
            assert rest.get(f"accounts/{name}")["email"] == f"{name}@example.org"
        assert Rest(world.url, world.admin, world.admin_password).get("groups/Service%20Users/members/")
        assert world.host_key_line.startswith(f"[{world.ssh_host}]:{world.ssh_port} ")
        assert world.playback.left > 100
    for port in (world.ssh_port, urlsplit(world.url).port):
        with pytest.raises(ConnectionRefusedError), socket.create_connection((LOOPBACK, port), timeout=5):
            pass


def test_release_files_are_read_by_their_reader() -> None:
    release = b"releases:\n  - version: 1.0.0\n    projects:\n      - repo: openstack/nova\n        hash: " + b"5e" * 20
    request = wiring.request_of([TouchedFile("a.yaml", None, release)], lambda repo, version: "")
    assert [str(one) for one in request.releases] == [f"openstack/nova 1.0.0 {'5e' * 20}"]

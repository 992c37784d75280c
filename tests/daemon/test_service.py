"""The daemon's life, within the test's process; whole processes are started in commands/test_run.py."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from structlog.testing import capture_logs

from daemon.config.load import load
from daemon.config.secrets import BadSecret
from daemon.journal.journal import Journal, now, open_journal
from daemon.service import END_WITHIN_S, Service
from daemon.wiring import read_governance
from tests.daemon.community import ROSTER, RULES, TOOL
from tests.daemon.notices import notice, order
from tests.gerrit_world import Person, Pushed
from tests.real.ports import LOOPBACK, free_ports
from tests.stand_in_world import StandInWorld
from tests.waiting import until

WITHIN_S = 15.0


@dataclass
class House:
    """A stand-in Gerrit, a config directory for it, and a journal in it."""

    world: StandInWorld
    config: Path
    journal: Journal
    dev: Person

    def service(self) -> Service:
        """Made of the config as it is now."""
        return Service(self.config, load(self.config), self.journal)

    def write(self, rules: str = RULES, more: str = "") -> None:
        """The config, anew."""
        ssh = f"{{host: {self.world.ssh_host}, port: {self.world.ssh_port}}}"
        gerrit = f"gerrit: {{url: '{self.world.url}', user: czar-bot, ssh: {ssh}}}\n"
        (self.config / "czar.yaml").write_text(f"state: state\nweb: {{listen: '{LOOPBACK}:0'}}\n{gerrit}{more}")
        (self.config / "roster.yaml").write_text(ROSTER)
        (self.config / "rules.yaml").write_text(rules)

    def push(self, path: str) -> Pushed:
        """A new change."""
        return self.world.push(self.dev, TOOL, subject="Brew tea", files={path: "leaves\n"})

    def reviewers(self, change: Pushed) -> set[str]:
        """By username."""
        state = self.world.gerrit.state
        with state.lock:
            found = state.changes[change.number].reviewers
            return {state.accounts[account].username for account in found} - {"czar-bot"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInWorld]:
    """Shared; every test makes changes of its own."""
    made = StandInWorld(tmp_path_factory.mktemp("stand-in"))
    for name in ("ann", "bob", "cyd", "pat", "dev"):
        made.add_person(name)
    made.add_person("czar-bot", service=True)
    made.add_project(TOOL)
    yield made
    made.close()


@pytest.fixture
def house(world: StandInWorld, tmp_path: Path) -> Iterator[House]:
    """See House."""
    bot = world.add_person("czar-bot", service=True)
    for name, text in (("gerrit-password", bot.password), ("gerrit-key", bot.key_file.read_text())):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text)
    (tmp_path / "known_hosts").write_text(world.known_hosts.read_text())
    (tmp_path / "state").mkdir()
    journal = open_journal(f"sqlite:///{tmp_path}/state/czar.db", now, random.Random(1))
    made = House(world, tmp_path, journal, world.add_person("dev"))
    made.write()
    yield made
    journal.close()


def ready(service: Service) -> bool:
    """As /readyz has it."""
    return bool(service.web_port) and not service.health.troubles()


def test_a_wrong_config_is_refused_at_a_reload_and_told_until_it_is_right(house: House) -> None:
    service = house.service()
    old = service.settings
    house.write(rules="rules: [{id: nonsense, evnt: change}]\n")
    with capture_logs() as log:
        service.reload()
    assert service.settings is old
    assert any("rules.yaml:1:" in line["mistake"] for line in log if line["event"] == "config.refused")
    assert "last good one is in force" in service.health.troubles()["config"]
    house.write(rules=RULES.replace("any-code", "every-code"))
    with capture_logs() as log:
        service.reload()
    assert [line["event"] for line in log] == ["config.reloaded"]
    assert service.settings.version != old.version
    assert "config" not in service.health.troubles()


def test_a_config_directory_that_went_away_is_a_wrong_config(house: House) -> None:
    service = house.service()
    (house.config / "czar.yaml").unlink()
    service.reload()
    assert "config" in service.health.troubles()
    assert service.settings.version


def test_what_counts_from_the_next_start_only_is_said(house: House) -> None:
    service = house.service()
    house.write(more="mode: observe\n")
    with capture_logs() as log:
        service.reload()
    assert "config.needs_restart" not in {line["event"] for line in log}
    text = (house.config / "czar.yaml").read_text()
    (house.config / "czar.yaml").write_text(text.replace("user: czar-bot", "user: other-bot"))
    with capture_logs() as log:
        service.reload()
    assert "config.needs_restart" in {line["event"] for line in log}


def test_the_first_start_is_remembered_as_the_instant_before_which_nobody_is_asked(house: House) -> None:
    first = house.service().settings.since
    assert first
    assert house.service().settings.since == first
    house.write(rules="defaults: {since: 2026-01-02}\n" + RULES)
    since = house.service().settings.since
    assert since
    assert f"{since:%Y-%m-%d}" == "2026-01-02"


def test_a_secret_that_is_missing_is_told_before_anything_begins(house: House) -> None:
    (house.config / "gerrit-password").unlink()
    with pytest.raises(BadSecret, match="gerrit-password"):
        house.service()


def test_it_hears_asks_lives_through_a_cut_and_ends_in_time_with_all_its_threads(house: House) -> None:
    before = set(threading.enumerate())
    service = house.service()
    with capture_logs() as log:
        with service.started():
            until(lambda: ready(service), WITHIN_S, "it to be ready")
            assert requests.get(f"http://{LOOPBACK}:{service.web_port}/readyz", timeout=5).status_code == 200
            _asks(house)
            _passes_over_whom_the_server_will_not_have(house)
            _finds_what_came_while_the_link_was_cut(house, service)
            begun = time.monotonic()
        assert time.monotonic() - begun < END_WITHIN_S
    assert [line["abandoned"] for line in log if line["event"] == "czar.stopped"] == [[]]
    ours = {thread.name for thread in set(threading.enumerate()) - before}
    assert not ours & {"decider", "web", "gerrit-stream", "gerrit-rest", "looker-0", "actor-0"}


def _asks(house: House) -> None:
    change = house.push("doc/a.md")
    until(lambda: house.reviewers(change) == {"cyd"}, WITHIN_S, "cyd to be asked")


def _passes_over_whom_the_server_will_not_have(house: House) -> None:
    """Ann's account is closed."""
    state = house.world.gerrit.state
    ann = house.world.add_person("ann").account_id
    state.edit_account(ann, active=False)
    try:
        change = house.push("src/a.py")
        until(lambda: house.reviewers(change) == {"bob"}, WITHIN_S, "bob to be asked instead")
    finally:
        state.edit_account(ann, active=True)


def _finds_what_came_while_the_link_was_cut(house: House, service: Service) -> None:
    house.world.gerrit.faults.answer(503, times=10_000, path="/changes/")
    house.world.gerrit.faults.cut_streams()
    until(lambda: "gerrit-rest" in service.health.troubles(), WITHIN_S, "the catch-up to be wanted")
    meanwhile = house.push("doc/b.md")
    house.world.gerrit.faults.clear()
    until(lambda: ready(service), WITHIN_S, "it to be ready again")
    until(lambda: house.reviewers(meanwhile) == {"cyd"}, WITHIN_S, "what came meanwhile")


def test_one_person_who_cannot_be_told_is_shown_and_the_rest_goes_on(house: House) -> None:
    (port,) = free_ports(1)
    (house.config / "channel").touch(mode=0o600)
    (house.config / "channel").write_text(f"mailto://{LOOPBACK}:{port}?from=czar@example.org")
    house.write(more="notify: {default: {url_file: channel}, batch: 1s, quiet: never}\n")
    order(house.journal, notice(1, "ann"))
    service = house.service()
    with service.started():
        until(lambda: service.health.mild(), WITHIN_S, "the trouble to be shown")
        until(lambda: ready(service), WITHIN_S, "it to be ready")
    assert service.health.mild() == {"notify": "cannot be told anything now: ann"}


def test_governance_is_followed_and_what_hinders_that_is_in_the_settings(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EVERY_S", "SETTLE_S"):
        monkeypatch.setattr(f"daemon.workers.governance_watch.{name}", 0.1)
    house.write()
    projects = house.config / "projects.yaml"
    projects.write_text("glance:\n")
    (house.config / "roster.yaml").write_text(f"governance: {{file: projects.yaml}}\n{ROSTER}")
    service = Service(house.config, load(house.config, governance=read_governance), house.journal)
    with service.started():
        projects.write_text("glance:\ncinder:\n")
        until(lambda: "cinder" in service.settings.changes.roster.teams, WITHIN_S, "what is new to be taken over")
        until(lambda: ready(service), WITHIN_S, "it to be ready")
        well = service.settings
        projects.unlink()
        until(lambda: service.settings.roster_trouble, WITHIN_S, "the trouble to be told")
        assert "No such file" in service.health.troubles()["governance"]
        assert service.settings.changes.roster is well.changes.roster
        projects.write_text("cinder: [\n")
        until(lambda: "line 2" in service.settings.roster_trouble, WITHIN_S, "the other trouble to be told")
        projects.write_text("cinder:\n")
        until(lambda: "glance" not in service.settings.changes.roster.teams, WITHIN_S, "it to go on")
        until(lambda: not service.settings.roster_trouble, WITHIN_S, "it to be well")
        assert "governance" not in service.health.troubles()


def test_a_roster_of_governance_that_ours_contradicts_is_a_trouble_and_the_last_one_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EVERY_S", "SETTLE_S"):
        monkeypatch.setattr(f"daemon.workers.governance_watch.{name}", 0.1)
    projects = house.config / "projects.yaml"
    projects.write_text("glance:\n")
    (house.config / "roster.yaml").write_text(f"governance: {{file: projects.yaml}}\n{ROSTER}")
    service = Service(house.config, load(house.config, governance=read_governance), house.journal)
    before = service.settings.changes.roster
    with service.started():
        projects.write_text(f"glance: {{deliverables: {{x: {{repos: [{TOOL}]}}}}}}\n")
        until(lambda: service.settings.roster_trouble, WITHIN_S, "the trouble to be told")
        assert "cannot be taken over" in service.settings.roster_trouble
        assert "config" in service.health.troubles()
        assert service.settings.changes.roster is before


def test_tags_of_repos_with_releases_are_swept_and_those_that_cannot_be_seen_are_told(house: House) -> None:
    house.write(more="signoff: [{project: releases}]\n")
    (house.config / "roster.yaml").write_text(ROSTER + "  none: {repos: [not/there]}\n")
    with house.world.gerrit.state.lock:
        state = house.world.gerrit.state
        tip = state.project(TOOL).branches["master"].tip
        state.update_ref(TOOL, "refs/tags/1.0.0", tip, by=state.admin.account_id)
    service = house.service()
    with service.started():
        until(lambda: house.journal.signoffs.tags_of(TOOL) == {"1.0.0": tip}, WITHIN_S, "the tag to be found")
        until(lambda: "not/there" in service.health.mild().get("tags", ""), WITHIN_S, "the hidden repo to be told")
        until(lambda: ready(service), WITHIN_S, "it to be ready all the same")
    (found,) = house.journal.signoffs.audits()
    assert found.state == "before"


def test_without_gerrit_it_serves_its_pages_and_tells_when_their_port_is_taken(house: House) -> None:
    web = f"web: {{listen: '{LOOPBACK}:0'}}\n"
    (house.config / "czar.yaml").write_text(f"state: state\nlaunchpad: {{}}\n{web}")
    first = house.service()
    with first.started():
        until(lambda: ready(first), WITHIN_S, "it to be ready")
        assert requests.get(f"http://{LOOPBACK}:{first.web_port}/healthz", timeout=5).status_code == 200
        (house.config / "czar.yaml").write_text(
            f"state: state\nlaunchpad: {{}}\n{web.replace(':0', f':{first.web_port}')}"
        )
        second = house.service()
        with second.started():
            until(lambda: "cannot listen" in second.health.troubles().get("web", ""), WITHIN_S, "it to say so")

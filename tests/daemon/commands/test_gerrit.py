"""`czar gerrit setup`: as a list, as a patch, or done at a stand-in Gerrit."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.sandbox.gerrit.directory import SERVICE_USERS
from tests.command_line import Ran, czar, refusal
from tests.daemon.config.makers import CZAR, EXAMPLES, write
from tests.stand_in_world import StandInWorld

SMALL = EXAMPLES / "small"


class Site:
    """A Gerrit that was never set up for the bot, a config for it, and an administrator's password."""

    def __init__(self, world: StandInWorld, folder: Path) -> None:
        self.world = world
        self.config = write(folder / "config", czar=f"gerrit: {{url: '{world.url}', user: czar-bot}}\n")
        self.password_file = folder / "password"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(world.admin.password + "\n")

    def setup(self, *options: str, user: str = "admin") -> Ran:
        """As somebody of that Gerrit."""
        return czar("gerrit", "setup", "--config", self.config, "--as", user, "--password-file", self.password_file,
                    *options)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """See Site."""
    world = StandInWorld(tmp_path)
    try:
        world.add_person("czar-bot")
        yield Site(world, tmp_path)
    finally:
        world.close()


def test_the_list_names_account_group_and_capability() -> None:
    ran = czar("gerrit", "setup", "--config", SMALL)
    assert (ran.code, ran.err) == (0, "")
    assert re.findall(r"^\d\.", ran.out, re.MULTILINE) == ["1.", "2.", "3.", "4."]
    assert "create-account" in ran.out
    assert "--add czar-bot\n" in ran.out
    assert "streamEvents" in ran.out
    assert "removeReviewer" in ran.out


def test_the_patch_is_a_part_of_project_config() -> None:
    ran = czar("gerrit", "setup", "--format", "project.config", "--config", SMALL)
    rights = ("[capability]", "streamEvents"), ('[access "refs/*"]', "removeReviewer")
    out = "".join(f"{heading}\n\t{name} = group {SERVICE_USERS}\n" for heading, name in rights)
    assert ran == Ran(code=0, out=out, err="")


def with_gate(folder: Path) -> Path:
    """A config with a repo of release requests."""
    return write(folder, czar=f"{CZAR}signoff: [{{project: openstack/releases, label: Go-Ahead}}]\n")


def test_with_a_release_repo_the_list_names_its_gate_too(tmp_path: Path) -> None:
    ran = czar("gerrit", "setup", "--config", with_gate(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    assert re.findall(r"^\d\.", ran.out, re.MULTILINE) == ["1.", "2.", "3.", "4.", "5.", "6.", "7."]
    assert "create-group --member czar-bot --visible-to-all czar-bot-gate\n" in ran.out
    assert "In openstack/releases the label Go-Ahead" in ran.out


def test_with_a_release_repo_the_patch_holds_its_gate_too(tmp_path: Path) -> None:
    ran = czar("gerrit", "setup", "--format", "project.config", "--config", with_gate(tmp_path / "config"))
    plain = czar("gerrit", "setup", "--format", "project.config", "--config", SMALL)
    assert ran.out.startswith(plain.out)
    file = tmp_path / "project.config"
    file.write_text(ran.out)
    command = ["git", "config", "--file", str(file), "--get", "submit-requirement.Go-Ahead.submittableIf"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert found == "label:Go-Ahead=MAX,user=czar-bot AND -label:Go-Ahead=MIN\n"


def test_what_is_missing_is_listed_and_ends_with_1(site: Site) -> None:
    ran = site.setup()
    assert (ran.code, ran.err) == (1, "")
    assert f"MISSING: czar-bot is in the group {SERVICE_USERS}: it is not\n" in ran.out
    assert site.setup().out == ran.out  # looking changes nothing


def test_apply_makes_what_is_missing_and_twice_is_once(site: Site) -> None:
    first = site.setup("--apply")
    assert first.err == ""
    assert f"ok: czar-bot is in the group {SERVICE_USERS}: put right; before: it is not\n" in first.out
    members = {name: set(group.members) for name, group in site.world.gerrit.state.groups.items()}
    again = site.setup("--apply")
    assert (again.code, again.err) == (0, "")
    assert f"ok: czar-bot is in the group {SERVICE_USERS}\n" in again.out
    assert site.setup() == again
    assert {name: set(group.members) for name, group in site.world.gerrit.state.groups.items()} == members


def test_once_all_is_there_it_ends_with_0(site: Site) -> None:
    ran = site.setup("--apply")
    assert ran.code == 0
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["ok"] * 3


def test_with_a_release_repo_apply_makes_its_gate_and_check_proves_all_of_it(site: Site) -> None:
    bot = site.world.add_person("czar-bot")
    ssh = f"ssh: {{host: {site.world.ssh_host}, port: {site.world.ssh_port}}}"
    gerrit = f"gerrit: {{url: '{site.world.url}', user: czar-bot, {ssh}}}"
    files = {"gerrit-password": bot.password, "gerrit-key": bot.key_file.read_text()}
    files["known_hosts"] = site.world.known_hosts.read_text()
    roster = "people: {bot: {gerrit: czar-bot}}\nteams: {t: {repos: [releases], ptl: bot}}\n"
    czar_yaml = f"{gerrit}\nsignoff: [{{project: releases}}]\n"
    write(site.config, czar=czar_yaml, roster=roster, rules="rules: []\n", **files)
    for name in files:
        (site.config / name).chmod(0o600)
    site.world.add_project("releases")
    site.world.push(site.world.admin, "releases", subject="Release", files={"a": "1\n"})
    made = site.setup("--apply")
    assert (made.code, made.err) == (0, "")
    assert [line.partition(":")[0] for line in made.out.splitlines()] == ["ok"] * 9
    assert "put right; before: not refs/*" in made.out
    state = site.world.gerrit.state
    state.add_members("czar-bot-gate", [state.admin.account_id])
    state.include("czar-bot-gate", add=[state.group(SERVICE_USERS).uuid])
    assert "before: there is also admin, group Service Users" in site.setup("--apply").out
    checked = czar("check", site.config, "--live", "--as", "admin", "--password-file", site.password_file)
    assert (checked.code, checked.err) == (0, ""), checked.out
    assert "not proven" not in checked.out
    assert "which tags czar-bot hears of is as it must be" in checked.out
    assert "what opens change 1 is as it must be" in checked.out


def test_a_bot_without_an_account_is_told_before_anything_is_done(site: Site) -> None:
    file = site.config / "czar.yaml"
    file.write_text(file.read_text().replace("czar-bot", "nobody"))
    assert refusal(site.setup("--apply")) == "there is no account nobody: make it first, czar gerrit setup says how"
    assert (
        "MISSING: nobody is in the group Service Users: there is no account nobody: make it first" in site.setup().out
    )


def test_in_json_each_step_is_an_object(site: Site) -> None:
    rows = site.setup("--json").rows
    assert [set(row) for row in rows] == [{"what", "done", "because"}] * 3
    assert all(isinstance(row["done"], bool) for row in rows)


@pytest.mark.parametrize("options", [["--apply"], ["--as", "admin"], ["--apply", "--as", "admin"]])
def test_an_administrator_has_name_and_password(options: list[str]) -> None:
    said = refusal(czar("gerrit", "setup", "--config", SMALL, *options))
    assert said == "looking and --apply need an administrator: --as USER and --password-file FILE"


def test_a_password_that_everybody_may_read_is_refused(site: Site) -> None:
    site.password_file.chmod(0o644)
    assert refusal(site.setup()).endswith(f"may be read by everybody: chmod 600 {site.password_file}")


def test_a_wrong_password_is_one_plain_line(site: Site) -> None:
    site.password_file.write_text("nonsense")
    assert "refuses our user or password" in refusal(site.setup())


def test_who_is_no_administrator_is_told_in_one_plain_line(site: Site) -> None:
    ann = site.world.add_person("ann")
    site.password_file.write_text(ann.password)
    assert refusal(site.setup("--apply", user="ann"))


def test_a_config_without_gerrit_needs_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path, czar="launchpad: {}\n")
    assert refusal(czar("gerrit", "setup", "--config", tmp_path)) == "czar.yaml has no gerrit section"


def test_the_shared_options_may_stand_anywhere() -> None:
    after = czar("gerrit", "setup", "--config", SMALL)
    assert after.code == 0
    assert czar("--config", SMALL, "gerrit", "setup") == czar("gerrit", "--config", SMALL, "setup") == after

"""`czar check`: mistakes at their place, and with --live what a Gerrit answers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_line import Ran, czar, refusal
from tests.daemon.community import LONELY, ROSTER, RULES, TOOL, Community
from tests.daemon.config.makers import CZAR, EXAMPLES, write
from tests.real.ports import LOOPBACK, free_ports

PLACE = re.compile(r"[a-z.]+\.yaml:\d+:\d+: .+")
BROKEN_ROSTER = "people: {ann: {gerrit: ann, emial: x}}\nteams: {nova: {ptl: anne}}\n"
BROKEN_RULES = "rules: [{id: any-code, event: change, ask: {duty: coed}}]\n"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Four mistakes in three files."""
    czar_yaml = "gerrit: {url: https://review.example.org, user: czar-bot}\nmdoe: act\n"
    return write(tmp_path, czar=czar_yaml, roster=BROKEN_ROSTER, rules=BROKEN_RULES)


@pytest.mark.parametrize("example", ["small", "gerrit-plugins"])
def test_the_examples_are_fine(example: str) -> None:
    ran = czar("check", EXAMPLES / example)
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"^No mistakes: \d+ people, \d+ teams, \d+ rules; mode act\.$", ran.out, re.MULTILINE)


def test_all_mistakes_are_told_at_once_with_file_line_and_column(broken: Path) -> None:
    ran = czar("check", broken)
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert all(PLACE.fullmatch(line) for line in lines)
    assert {line.partition(":")[0] for line in lines} == {"czar.yaml", "roster.yaml", "rules.yaml"}
    assert "czar.yaml:2:1: unknown key 'mdoe' (did you mean 'mode'?)" in lines
    assert "roster.yaml:1:29: unknown key 'emial' (did you mean 'email'?)" in lines


def test_in_json_each_mistake_is_an_object_with_the_keys_of_the_contract(broken: Path) -> None:
    ran = czar("--json", "check", broken)
    assert (ran.code, ran.err) == (1, "")
    assert len(ran.rows) >= 4
    for row in ran.rows:
        assert list(row) == ["file", "line", "column", "code", "message"]
        assert isinstance(row["line"], int)
        assert isinstance(row["column"], int)
        assert all(row[name] for name in ("file", "code", "message"))


def test_without_mistakes_json_has_no_line() -> None:
    ran = czar("check", EXAMPLES / "small", "--json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_notes_hinder_nothing() -> None:
    ran = czar("check", EXAMPLES / "small")
    assert ran.code == 0
    assert "czar.yaml:10:1: note: " in ran.out


def test_the_directory_may_be_named_in_three_ways(broken: Path) -> None:
    named = [czar("check", broken), czar("check", "--config", broken), czar("check", CZAR_CONFIG=str(broken))]
    assert [ran.code for ran in named] == [1, 1, 1]
    assert len({ran.out for ran in named}) == 1


def test_missing_files_are_mistakes_like_others(tmp_path: Path) -> None:
    ran = czar("check", tmp_path)
    assert ran.code == 1
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["czar.yaml", "roster.yaml", "rules.yaml"]
    assert "there is no directory" in refusal(czar("check", tmp_path / "nowhere"))


def test_a_config_without_secrets_is_fine_until_it_is_asked_live(tmp_path: Path) -> None:
    write(tmp_path)
    assert czar("check", tmp_path).code == 0
    ran = czar("check", tmp_path, "--live")
    assert ran.code == 1
    assert "gerrit-password" in ran.out
    assert "chmod 600" in ran.out


def test_a_channel_that_apprise_cannot_read_is_a_mistake_at_its_place_and_not_repeated(tmp_path: Path) -> None:
    write(tmp_path, czar=f"{CZAR}notify: {{default: {{url_file: channel}}}}\n")
    assert czar("check", tmp_path).code == 0  # its secret is asked for with --live
    secret = tmp_path / "channel"
    secret.touch(mode=0o600)
    secret.write_text("smpt://hunter2@mail.example.org\n")
    ran = czar("check", tmp_path, "--json")
    assert (ran.code, ran.err) == (1, "")
    (row,) = ran.rows
    assert (row["file"], row["line"], row["column"], row["code"]) == ("czar.yaml", 2, 30, "notify")
    assert "hunter2" not in ran.out
    secret.write_text("mailto://mail.example.org?from=czar@example.org\n")
    assert czar("check", tmp_path).code == 0


@pytest.mark.parametrize("options", [("--as", "admin"), ("--password-file", EXAMPLES / "small" / "czar.yaml")])
def test_who_looks_instead_of_the_bot_needs_name_and_password(options: tuple[str | Path, ...]) -> None:
    assert refusal(czar("check", EXAMPLES / "small", *options)) == "--as and --password-file go together"


class Live:
    """A config directory of its own, like the community's; its answers by sign."""

    def __init__(self, community: Community, folder: Path) -> None:
        self.community = community
        self.config = folder / "config"
        shutil.copytree(community.daemon.config, self.config)

    def change(self, name: str, change: Callable[[str], str]) -> None:
        """Edit one of its files."""
        file = self.config / name
        file.write_text(change(file.read_text()))

    def without_ssh(self) -> None:
        """For tests about REST: nobody listens for SSH, which is known at once."""
        (port,) = free_ports(1)
        self.change("czar.yaml", lambda text: text.replace(str(self.community.world.ssh_port), str(port)))

    def check(self, *options: str | Path) -> Ran:
        """The command."""
        return czar("check", self.config, "--live", *options)


@pytest.fixture
def live(community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    """See Live. The stand-in refuses a stream at once."""
    monkeypatch.setattr("integrations.gerrit.live.REFUSED_WITHIN_S", 0.2)
    return Live(community, tmp_path)


def wrong(ran: Ran) -> list[str]:
    """What stands there with WRONG."""
    assert ran.err == ""
    return [line.removeprefix("WRONG: ") for line in ran.out.splitlines() if line.startswith("WRONG: ")]


def test_where_all_is_well_every_answer_is_ok(live: Live) -> None:
    ran = live.check()
    assert (ran.code, wrong(ran)) == (0, [])
    fine = [line for line in ran.out.splitlines() if line.startswith("ok: ")]
    for word in ("host key", "stream-events", "password", f"repo {TOOL} ", f"repo {LONELY} ", "account ann "):
        assert any(word in line for line in fine), word


def test_a_wrong_password_is_one_wrong_line(live: Live) -> None:
    live.change("gerrit-password", lambda _: "nonsense")
    ran = live.check()
    assert ran.code == 1
    (line,) = wrong(ran)
    assert "refuses our user or password" in line
    assert "nonsense" not in ran.out


def test_another_host_key_is_one_wrong_line(live: Live, tmp_path: Path) -> None:
    from integrations.sandbox.gerrit.ssh import new_key

    where = live.config.joinpath("known_hosts").read_text().split()[0]
    live.change("known_hosts", lambda _: f"{where} {new_key()[1]}\n")
    ran = live.check()
    (line,) = wrong(ran)
    assert ran.code == 1
    assert "shows another host key than" in line


def test_a_bot_that_is_no_service_user_may_not_stream_which_is_one_wrong_line(live: Live) -> None:
    plain = live.community.world.add_person("plain-bot")
    live.change("czar.yaml", lambda text: text.replace("czar-bot", plain.username))
    live.change("gerrit-password", lambda _: plain.password)
    live.change("gerrit-key", lambda _: plain.key_file.read_text())
    ran = live.check()
    (line,) = wrong(ran)
    assert ran.code == 1
    assert line.startswith("stream-events: ")
    assert "czar gerrit setup" in line


def test_a_username_that_nobody_has_is_one_wrong_line_and_a_repo_we_do_not_see_is_not_proven(live: Live) -> None:
    live.change("roster.yaml", lambda text: text.replace("gerrit: bob", "gerrit: bobby"))
    live.change("roster.yaml", lambda text: text.replace(LONELY, "plugins/hidden"))
    ran = live.check()
    assert ran.code == 1
    assert wrong(ran) == ["account bobby is nobody's username there"]
    assert "not proven: repo plugins/hidden is not there, or hidden from us\n" in ran.out


def test_the_right_to_take_people_off_is_asked_for_where_a_ladder_does_so(live: Live) -> None:
    live.without_ssh()
    assert "reviewers off" not in live.check().out
    steps = "ladders: {slow: [{after: 2d, do: ping}, {after: 4d, do: reassign}]}\n"
    live.change("rules.yaml", lambda text: steps + text)
    missing = f"czar-bot may not take reviewers off changes of {TOOL}; "
    assert any(line.startswith(missing) for line in wrong(live.check()))


def test_what_is_not_proven_alone_is_no_mistake(live: Live) -> None:
    live.change("roster.yaml", lambda text: text.replace(LONELY, "plugins/hidden"))
    ran = live.check()
    assert ran.code == 0
    assert "not proven: " in ran.out


def test_in_json_only_what_is_not_fine_is_told(live: Live) -> None:
    live.without_ssh()
    live.change("roster.yaml", lambda text: text.replace("gerrit: bob", "gerrit: bobby"))
    ran = live.check("--json")
    assert (ran.code, ran.err) == (1, "")
    assert [row["code"] for row in ran.rows] == ["ssh", "account"]
    assert all({"file", "line", "column", "code", "message"} <= set(row) for row in ran.rows)


def test_somebody_else_may_look_instead_of_the_bot(live: Live, tmp_path: Path) -> None:
    admin, password = live.community.world.admin, tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text(f"{admin.password}\n")
    live.without_ssh()
    ran = live.check("--as", admin.username, "--password-file", password)
    assert f"ok: {live.community.world.url} takes the password of {admin.username}\n" in ran.out
    assert len(wrong(ran)) == 1  # SSH


def test_launchpad_is_asked_too(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    write(tmp_path, czar=f"launchpad: {{root: 'http://{LOOPBACK}:{port}/'}}\n", roster=ROSTER, rules=RULES)
    credentials = tmp_path / "launchpad-credentials"
    credentials.touch(mode=0o600)
    credentials.write_text("[1]\nconsumer_key=czar\nconsumer_secret=\naccess_token=a\naccess_secret=b\n")
    ran = czar("check", tmp_path, "--live")
    assert ran.code == 1
    assert wrong(ran) == [f"http://{LOOPBACK}:{port}/ cannot be reached: [Errno 111] Connection refused"]

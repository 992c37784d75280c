"""`czar` itself: finding commands, the shared options, exit codes, and one plain line for what went wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from daemon import main as module
from daemon.main import SECTIONS
from integrations.contract import Refused, Transient
from tests.command_line import czar, refusal
from tests.daemon.config.makers import EXAMPLES, write

SMALL = str(EXAMPLES / "small")
HEAD = Path(__file__).parents[1] / "samples" / "governance" / "HEAD-2026-08-08.yaml"
NAMES = [name for commands in SECTIONS.values() for name, _ in commands]
WHO = ("who", "nova", "docs", "--at", "2026-03-04")
AS_JSON = '{"team":"nova","duty":"docs","at":"2026-03-04T00:00:00Z",'


def test_help_groups_the_commands_and_loads_none() -> None:
    ran = czar("--help")
    assert (ran.code, ran.err) == (0, "")
    positions = [ran.out.index(f"\n{title}:\n") for title in SECTIONS]
    assert positions == sorted(positions)
    assert all(f"\n  {name} " in ran.out for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_the_help_is_there_and_explains_itself(name: str) -> None:
    ran = czar(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: czar {name} ")
    assert "--config DIR" in ran.out
    assert "--json" in ran.out


def test_every_module_of_commands_is_in_the_help_or_helps_others() -> None:
    helpers = {
        "__init__",
        "coming",
        "decided",
        "opened",
        "recordings",
        "rosters",
        "shown",
        "signed",
        "signoff_replay",
        "signoff_show",
        "stories",
        "why_me",
        "why_not",
        "words",
    }
    there = {path.stem for path in (Path(module.__file__).parent / "commands").glob("*.py")}
    assert there - helpers == set(NAMES)


def test_the_version_is_told() -> None:
    ran = czar("--version")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("czar, version ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which command? czar --help lists them"),
        (("gerrit",), "which command? czar gerrit --help lists them"),
        (("bogus",), "No such command 'bogus'."),
        (("gerrit", "bogus"), "No such command 'bogus'."),
        (("stats", "--bogus"), "No such option '--bogus'."),
        (("--bogus", "stats"), "No such option '--bogus'."),
        (("stats", "extra"), "Got unexpected extra argument (extra)"),
        (("who", "nova"), "Missing argument 'DUTY'."),
        (("stats", "--config"), "Option '--config' requires an argument."),
        (("gerrit", "setup", "--format", "xml"), "Invalid value for '--format': 'xml' is not 'project.config'."),
    ],
)
def test_wrong_use_is_one_plain_line(arguments: tuple[str, ...], said: str) -> None:
    assert refusal(czar(*arguments)) == said


@pytest.mark.parametrize(
    "name", ["stats", "cases", "roster", "pause", "resume", "run", "explain", "who", "replay", "inbox", "report"]
)
def test_a_config_that_is_not_there_is_one_plain_line_with_the_remedy(name: str, tmp_path: Path) -> None:
    more = {"explain": ["gerrit:1"], "who": ["nova", "release"], "replay": [str(HEAD)], "inbox": ["ann"]}.get(name, [])
    said = refusal(czar(name, *more, "--config", tmp_path / "nowhere"))
    assert said.startswith(f"{tmp_path}/nowhere:1:1: there is no such directory: name it with --config DIR")


@pytest.mark.parametrize("name", ["stats", "cases", "roster", "pause"])
def test_a_config_with_mistakes_is_the_first_of_them_and_how_many_more(name: str, tmp_path: Path) -> None:
    write(tmp_path, czar="gerrit: {url: nonsense, user: bot}\nmdoe: act\n", roster="people: []\nmore: 1\n")
    said = refusal(czar(name, "--config", tmp_path))
    assert said.startswith("czar.yaml:1:15: ")
    assert said.endswith("more: czar check)")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "czar.yaml").mkdir()
    assert refusal(czar("stats", "--config", tmp_path)) == "czar.yaml:1:1: cannot be read: Is a directory"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", SMALL, "--json", *WHO),
        (*WHO, "--config", SMALL, "--json"),
        ("--config", SMALL, *WHO, "--json"),
        ("--json", *WHO, "--config", SMALL),
        ("who", "--json", "nova", "--config", SMALL, "docs", "--at", "2026-03-04"),
    ],
)
def test_the_shared_options_stand_before_or_after_the_command(arguments: tuple[str, ...]) -> None:
    ran = czar(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(AS_JSON)


def test_the_config_may_be_named_by_the_environment_which_the_option_overrules(tmp_path: Path) -> None:
    assert czar(*WHO, "--json", CZAR_CONFIG=SMALL).out.startswith(AS_JSON)
    assert czar(*WHO, "--json", "--config", SMALL, CZAR_CONFIG=str(tmp_path)).out.startswith(AS_JSON)
    assert str(tmp_path / "no") in refusal(czar(*WHO, "--config", tmp_path / "no", CZAR_CONFIG=SMALL))


def test_without_either_it_is_in_etc() -> None:
    with click.Context(module.czar) as context:
        assert context.invoke(lambda: str(module.config_directory())) == "/etc/czar"


class Surprising(Exception):
    """Of nobody's making."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Transient("the server is away"), "the server is away"),
        (Refused("the server\nwill not"), "the server will not"),
        (PermissionError(13, "Permission denied", "/var/lib/czar"), "/var/lib/czar: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ValueError("this is wrong"), "this is wrong"),
        (Surprising("!"), "this should not happen (Surprising: !); CZAR_DEBUG=1 shows where"),
        (BrokenPipeError(32, "Broken pipe"), "a connection broke"),
    ],
)
def test_whatever_goes_wrong_is_one_plain_line(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def stats() -> None:
        raise error

    monkeypatch.setattr("daemon.commands.stats.stats", stats)
    if isinstance(error, BrokenPipeError):
        monkeypatch.setattr(module, "_reader_has_gone", lambda: False)
    ran = czar("stats")
    assert (ran.code, ran.out, ran.err) == (2, "", f"czar: {said}\n")


def test_the_place_of_a_fault_is_shown_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def stats() -> None:
        raise Surprising("!")

    monkeypatch.setattr("daemon.commands.stats.stats", stats)
    with pytest.raises(Surprising):
        czar("stats", CZAR_DEBUG="1")


def test_ctrl_c_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def stats() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("daemon.commands.stats.stats", stats)
    ran = czar("stats")
    assert (ran.code, ran.out) == (130, "")
    assert "Traceback" not in ran.err


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    command = [sys.executable, "-m", "daemon", "roster", "--roster", str(HEAD)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(30)) == (b"", 0)

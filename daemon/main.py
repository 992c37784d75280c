"""`czar`: finds the command, hands it the config directory, and turns what went wrong into one plain line."""

from __future__ import annotations

import importlib
import os
import select
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

SECTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Try it": (("sandbox", "a stand-in Gerrit with real traffic, and the daemon on it"),),
    "Run it": (
        ("check", "find the mistakes in the config, and with --live at the servers"),
        ("run", "the daemon"),
        ("pause", "stop all acting at once"),
        ("resume", "go on"),
        ("stats", "counters of the journal"),
    ),
    "Ask it": (
        ("explain", "who was asked, why, and why nobody else"),
        ("cases", "what waits for whom"),
        ("inbox", "what waits for one person, and what comes next"),
        ("report", "what was or would have been asked, and what people really did"),
        ("who", "who answers for a duty at an instant"),
        ("roster", "teams and duties, and the gaps in them"),
        ("ledger", "all sign-offs ever, and whether anybody tampered with them"),
    ),
    "Plan with it": (
        ("replay", "recorded events through the deciding code, offline"),
        ("simulate", "what another config would change"),
        ("signoff", "release requests: what must be signed, and who may"),
        ("gerrit", "what Gerrit needs"),
    ),
}
"""Every command by section: function `NAME` of module `daemon.commands.NAME`, loaded when it is used."""

DEFAULT_CONFIG = "/etc/czar"


class CannotRun(Exception):
    """Wrong use, or something missing: one line for people, exit 2."""


class Commands(click.Group):
    """Commands loaded by name."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of SECTIONS."""
        return [name for section in SECTIONS.values() for name, _ in section]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, with the shared options."""
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(importlib.import_module(f"daemon.commands.{name}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """A reader that has gone (`| head`) had what it wanted; click would say 1, which means something else here."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            if not _reader_has_gone():
                raise CannotRun("a connection broke") from error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is for nobody
            return 0

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Grouped, without loading any."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands))


def _remember(ctx: click.Context, option: click.Parameter, value: Any) -> Any:
    """Keep a shared option wherever it stood."""
    if value:
        ctx.find_root().ensure_object(dict)[option.name] = value
    return value


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--config` and `--json`, before or after the subcommand."""
    say_json = click.option(
        "--json", "as_json", is_flag=True, callback=_remember, expose_value=False, help="One JSON object per line."
    )
    where = click.option(
        "--config",
        metavar="DIR",
        callback=_remember,
        expose_value=False,
        help="Config directory (else $CZAR_CONFIG, else /etc/czar).",
    )
    return where(say_json(command))


@click.group(cls=Commands)
@click.version_option(package_name="czar")
@shared_options
def czar() -> None:
    """Names a person for each duty, asks them, and follows up until it is done."""


def config_directory() -> Path:
    """`--config`, else $CZAR_CONFIG, else /etc/czar."""
    shared = click.get_current_context().find_root().ensure_object(dict)
    return Path(shared.get("config") or os.environ.get("CZAR_CONFIG") or DEFAULT_CONFIG)


def wants_json() -> bool:
    """Whether `--json` was given."""
    return bool(click.get_current_context().find_root().ensure_object(dict).get("as_json"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Exits 0 done, 1 where the command says so, 2 wrong use or cannot run."""
    try:
        code = czar.main(args=arguments, prog_name="czar", standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.exceptions.NoArgsIsHelpError as error:
        path = error.ctx.command_path if error.ctx else "czar"
        code = _complain(f"which command? {path} --help lists them")
    except click.ClickException as error:
        code = _complain(error.format_message())
    except Exception as error:
        if os.environ.get("CZAR_DEBUG"):
            raise
        code = _complain(_plain(error))
    sys.exit(code if isinstance(code, int) else 0)


def _reader_has_gone() -> bool:
    """Whether nobody reads our output any more: else a broken pipe was some other connection."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    return bool(poll.poll(0))


def _plain(error: Exception) -> str:
    from daemon.config.mistakes import Mistakes
    from integrations.contract import Refused, Transient

    if isinstance(error, Mistakes):
        lines = [str(mistake) for mistake in error.mistakes]
        more = f" (and {len(lines) - 1} more: czar check)" if len(lines) > 1 else ""
        return lines[0] + more
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, CannotRun | Transient | Refused | ValueError) or type(error).__module__.startswith("daemon"):
        return str(error)
    return f"this should not happen ({type(error).__name__}: {error}); CZAR_DEBUG=1 shows where"


def _complain(message: str) -> int:
    click.echo(f"czar: {' '.join(message.split())}", err=True)
    return 2

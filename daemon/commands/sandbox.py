"""`czar sandbox`: a newcomer sees within a minute what this is for."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.main import CannotRun, shared_options

if TYPE_CHECKING:
    from rich.console import Console

    from daemon.journal.views import Told
    from daemon.sandbox import Sandbox

WELCOME = """\
[bold]czar sandbox[/bold]: a stand-in for Gerrit on this machine, and the real daemon on it.
What is played in really happened: the review history of {project}, people as pseudonyms.
The roster is made of those people for this sandbox ({directory}/roster.yaml).
Each push should find a reviewer by itself: watch who is asked, and why. After a while somebody asks for a release,
which goes in once its czar has signed it off.

  stand-in Gerrit {url}/changes/?q=status:open
  czar's page     http://127.0.0.1:{port}/
  any question    {czar} --config {directory} explain gerrit:NUMBER
Ctrl-C ends all and leaves nothing behind.
"""
SHOW_COMMAND_EVERY = 5
QUICKEST = 0.02  # seconds between two recorded events


@click.command(short_help="a stand-in Gerrit with real traffic, and the daemon on it")
@click.option("--pace", default=0.4, show_default=True, metavar="S", help="Seconds between two recorded events.")
@click.option("--serve-only", is_flag=True, help="Only the servers, empty, for tests and scripts of others.")
@click.option(
    "--port-file", type=click.Path(path_type=Path), help="With --serve-only: where to write how to reach them."
)
@shared_options
def sandbox(pace: float, serve_only: bool, port_file: Path | None) -> None:
    """A stand-in Gerrit on loopback, the real daemon on it, and real recorded traffic played in."""
    if port_file and not serve_only:
        raise CannotRun("--port-file goes with --serve-only")
    if pace < QUICKEST:
        raise CannotRun(f"--pace is at least {QUICKEST} seconds: else changes are merged before anybody is asked")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    if serve_only:
        _serve(stop, port_file)
    else:
        _play(stop, pace)


def _serve(stop: threading.Event, port_file: Path | None) -> None:
    from daemon.logs import configure
    from daemon.sandbox import port_file_content
    from daemon.wiring import stand_in

    configure(form="text", level="error")
    with stand_in() as world, tempfile.TemporaryDirectory(prefix="czar-sandbox-") as folder:
        content = port_file_content(world, Path(folder))
        click.echo(content)
        if port_file:
            part = port_file.with_name(port_file.name + ".part")
            part.touch(mode=0o600)
            part.write_text(content, encoding="utf-8")
            part.replace(port_file)
        stop.wait()


def _play(stop: threading.Event, pace: float) -> None:
    from rich.console import Console

    from daemon.logs import configure
    from daemon.sandbox import sandbox as opened

    configure(form="text", level="error")
    console = Console(highlight=False, soft_wrap=True)
    console.print("Starting …", style="dim")
    with opened() as box:
        if not _wait_until_ready(box, stop):
            return
        _welcome(box, console)
        shown = Shown(box, console)
        while box.world.playback.step() and not stop.wait(pace):
            box.world.story.step()
            shown.catch_up()
        if not stop.is_set():
            shown.settle(stop)
            console.print("\nThe recording is over; everything stays up for your questions. Ctrl-C ends.", style="bold")
        while not stop.wait(0.5):
            shown.catch_up()
        console.print("\nEnded; nothing is left behind.", style="dim")


def _wait_until_ready(box: Sandbox, stop: threading.Event) -> bool:
    deadline = time.monotonic() + 30
    while box.service.health.troubles() or not box.service.web_port:
        if stop.wait(0.05):
            return False
        if time.monotonic() > deadline:
            raise CannotRun(f"the sandbox does not start: {box.service.health.troubles()}")
    return True


def _welcome(box: Sandbox, console: Console) -> None:
    text = WELCOME.format(
        project=box.world.cast.project,
        directory=box.directory,
        url=box.world.url,
        port=box.service.web_port,
        czar=_ourselves(),
    )
    console.print(text)


def _ourselves() -> str:
    """How the reader can call us, from wherever they stand."""
    if shutil.which("czar"):
        return "czar"
    script = Path(sys.argv[0])
    return str(script.absolute()) if script.name == "czar" else f"{sys.executable} -m daemon"


class Shown:
    """What the journal has, told as it comes."""

    def __init__(self, box: Sandbox, console: Console) -> None:
        self._box = box
        self._console = console
        self._seq = 0
        self._asks = 0

    def catch_up(self) -> None:
        """Tell what was decided since."""
        for item, told in self._box.journal.views.since(self._seq):
            self._seq = told.seq
            self._tell(item, told)

    def settle(self, stop: threading.Event) -> None:
        """Wait until nothing is left to be decided."""
        deadline = time.monotonic() + 10
        while self._box.journal.views.stats().behind_s > 0 and time.monotonic() < deadline and not stop.wait(0.1):
            self.catch_up()

    def _tell(self, item: str, told: Told) -> None:
        detail = told.detail
        if detail is None:
            return
        asks = [verdict for verdict in detail.verdicts if verdict.outcome == "ask"]
        released = [note for note in detail.notes if note.startswith("sign-off:")]
        if not asks and not released:
            return
        change = detail.facts.change if detail.facts else None
        subject = f' "{change.subject}"' if change else ""
        owner = f" by {change.owner_names[0]}" if change and change.owner_names else ""
        self._console.print(f"[bold]{item}[/bold]{_plain(subject)}{owner}")
        for note in released:
            self._console.print(f"  {_plain(note)}", style="magenta")
        for verdict in asks:
            who = ", ".join(verdict.people) or "nobody"
            why = f"for team {verdict.team}: {_plain(verdict.because)} (rule {verdict.rule})"
            self._console.print(f"  -> asks [bold green]{who}[/bold green] {why}")
            for one in verdict.candidates:
                if one.code:
                    self._console.print(f"     not {one.person}: {_plain(one.because)}", style="dim")
        if self._asks % SHOW_COMMAND_EVERY == 0:
            self._console.print(
                f"     all about it: {_ourselves()} --config {self._box.directory} explain {item}", style="cyan"
            )
        self._asks += 1


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)

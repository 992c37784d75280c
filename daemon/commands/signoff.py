"""`czar signoff`: release requests, what must be signed, and who may."""

from __future__ import annotations

from pathlib import Path

import click

from daemon.commands.recordings import RECORDING
from daemon.main import shared_options

GITDIR = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(short_help="release requests: what must be signed, and who may")
@shared_options
def signoff() -> None:
    """Release requests: what must be signed, and who may."""


@signoff.command("show")
@click.argument("item")
@shared_options
def show_(item: str) -> None:
    """Where the release request ITEM (gerrit:12345) stands. Exit 1: not all is signed, or never heard of it."""
    from daemon.commands.signoff_show import show_item

    show_item(item)


@signoff.command()
@click.argument("requests", nargs=-1, required=True, type=RECORDING)
@click.option("--governance", metavar="GITDIR", type=GITDIR, help="Repository with reference/projects.yaml.")
@click.option("--liaisons", metavar="GITDIR", type=GITDIR, help="Repository with data/release_liaisons.yaml.")
@shared_options
def replay(requests: tuple[Path, ...], governance: Path | None, liaisons: Path | None) -> None:
    """Recorded requests (.jsonl, .gz), oldest first: what must be signed and who may, as of the request's date.

    A request is a JSON object {commit, date, deliverables: [{path, before, after}]}. Without --governance a team is
    what the file says, and nobody is known.
    """
    from daemon.commands.signoff_replay import replay_requests

    replay_requests(requests, governance, liaisons)

"""`czar ledger`: all sign-offs ever, whether anybody tampered with them, and a lost ledger made again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from daemon.main import CannotRun, shared_options, wants_json

if TYPE_CHECKING:
    from daemon.journal.signoffs import Signoffs
    from rules.signoff.ledger import Entry
    from rules.signoff.restored import Told


@click.command(short_help="all sign-offs ever, and whether anybody tampered with them")
@click.argument("repo", required=False)
@click.option("--verify", is_flag=True, help="Walk the whole chain of the journal's ledger, offline. Exit 1: faults.")
@click.option("--rebuild", is_flag=True, help="Make a lost ledger again from our comments in Gerrit. Exit 1: faults.")
@shared_options
def ledger(repo: str | None, verify: bool, rebuild: bool) -> None:
    """All sign-offs ever, oldest first, then the tags as they were found; of one REPO where named.

    --verify needs no server: it tells what was changed, replaced or lost in the journal. Compare the last hash it
    prints with the newest one in a comment on a change. --rebuild adds to the journal what is missing there and stands
    in our own comments on the changes of the repos in signoff; it refuses where the two disagree. The chain runs
    through all repos, so both look at all of it, whatever REPO says.
    """
    if not (verify or rebuild):
        _list(repo)
        return
    faults = _rebuild() if rebuild else _verify()
    _tell(faults)
    if faults:
        sys.exit(1)


def _list(repo: str | None) -> None:
    from daemon.commands.opened import opened_journal
    from daemon.commands.shown import show
    from daemon.commands.signed import COLUMNS

    with opened_journal() as journal:
        rows = list(_rows(journal.signoffs, repo))
    show(rows, COLUMNS, empty="Nothing was signed off yet.")


def _rows(signoffs: Signoffs, repo: str | None) -> Iterator[dict[str, Any]]:
    from daemon.commands.signed import act_row, tag_row

    for entry in signoffs.entries():
        if repo in (None, entry.release.repo):
            yield act_row(entry)
    for audit in signoffs.audits():
        if audit.state != "before" and repo in (None, audit.release.repo):
            yield tag_row(audit)


def _verify() -> Sequence[Told]:
    from daemon.commands.opened import opened_journal

    with opened_journal() as journal:
        entries, unreadable = journal.signoffs.readable()
        published = max(((gate.published, gate.item) for gate in journal.signoffs.gates()), default=(0, ""))
    if not wants_json():
        click.echo(_summary(entries))
    return sorted([*_faults(entries), *((number, "", why) for number, why in unreadable), *_cut(entries, *published)])


def _faults(entries: Sequence[Entry]) -> Iterator[Told]:
    from rules.signoff.ledger import faults

    yield from ((entry.number, entry.item, because) for entry, because in faults(entries))


def _cut(entries: Sequence[Entry], published: int, item: str) -> Iterator[Told]:
    """What a comment shows cannot be missing at the end."""
    last = entries[-1].number if entries else 0
    if published > last:
        yield published, item, f"was shown in a comment on {item}, and the ledger ends with number {last}"


def _rebuild() -> Sequence[Told]:
    from daemon.commands.opened import journal_of, load_config
    from daemon.wiring import published_ledger
    from rules.signoff.restored import Disagrees, restored

    config = load_config()
    if not config.service.signoff:
        raise CannotRun("there is no signoff in czar.yaml: name the repos whose changes have our comments")
    found = list(published_ledger(config))
    with journal_of(config, make=True) as journal:
        try:
            made = restored([(one.item, one.entry) for one in found if one.entry], journal.signoffs.entries())
        except Disagrees as error:
            raise CannotRun(f"nothing was written: {error}") from error
        journal.signoffs.restore(made.fresh)
        entries = journal.signoffs.entries()
    if not wants_json():
        click.echo(f"Took over {len(made.fresh)} entries from comments in Gerrit.")
        click.echo(_summary(entries))
    return [*made.told, *((0, one.item, one.because) for one in found if not one.entry)]


def _summary(entries: Sequence[Entry]) -> str:
    if not entries:
        return "The ledger is empty."
    return f"The ledger has {len(entries)} entries and ends with number {entries[-1].number}, {entries[-1].hash}."


def _tell(faults: Iterable[Told]) -> None:
    from daemon.commands.shown import json_line

    for number, item, because in faults:
        if wants_json():
            click.echo(json_line({"number": number or None, "item": item, "because": because}))
        else:
            click.echo(f"{f'number {number}' if number else 'a line'}{f' ({item})' if item else ''}: {because}")

"""`czar signoff show`: where a release request stands now, release by release."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from daemon.commands.explain import ITEM
from daemon.commands.opened import journal_of, load_config
from daemon.commands.shown import show
from daemon.commands.signed import COLUMNS, stand_row, tag_row
from daemon.config.load import Config
from daemon.journal.journal import Journal, now
from daemon.main import CannotRun, wants_json
from rules.arrangements import arranged
from rules.signoff.signing import Law, Stand, stand
from rules.signoff.terms import Terms
from rules.state import Gate

NO_TUPLES = "No release is asked for here: nothing to sign."


def show_item(item: str) -> None:
    """Print it. Exits 1 where not all is signed, or nobody ever heard of the item."""
    if not ITEM.fullmatch(item):
        raise CannotRun(f"{item!r} is no item: write e.g. gerrit:12345 or tag:openstack/nova@25.0.0")
    config = load_config()
    with journal_of(config) as journal:
        if item.startswith("tag:"):
            done = _show_tag(item, journal)
        elif gate := journal.signoffs.gate(item):
            done = _show_gate(gate, config, journal)
        else:
            done = _has_heard(item, journal)
    if not done:
        sys.exit(1)


def _show_gate(gate: Gate, config: Config, journal: Journal) -> bool:
    """Whether nothing is left to be signed."""
    stands, revision = _stands(gate, config, journal)
    if not wants_json():
        click.echo(f"{gate.item}, patch set {gate.patch_set}, {gate.state}: {gate.because}")
    show((stand_row(one, gate.item, revision) for one in stands), COLUMNS, empty=NO_TUPLES)
    for problem in gate.refusals:
        click.echo(f"wrong: {problem}", err=wants_json())
    return not gate.refusals and all(one.is_let_out for one in stands)


def _stands(gate: Gate, config: Config, journal: Journal) -> tuple[Sequence[Stand], str]:
    """By the roster as it is now, as people arranged it; what is merged or given up stays as it was."""
    known = journal.signoffs.of_releases([one.release for one in gate.wanted])
    law = Law(roster=arranged(config.roster, journal.views.arrangements()), terms=_terms(gate.repo, config), now=now())
    if gate.state != "open":
        last = max((entry.at for entries in known.values() for entry in entries), default=law.now)
        law = replace(law, terms=replace(law.terms, rights_at="signing"), now=last)
    return [stand(one, known[one.release], law) for one in gate.wanted], law.roster.revision


def _terms(repo: str, config: Config) -> Terms:
    found = next((one.terms for one in config.service.signoff if one.project == repo), None)
    if found is None:
        raise CannotRun(f"{repo} is not in signoff of czar.yaml any more: by what to judge is not known")
    return found


def _show_tag(item: str, journal: Journal) -> bool:
    """Whether it is as it was signed."""
    repo, _, version = item.removeprefix("tag:").partition("@")
    found = [one for one in journal.signoffs.audits() if (one.release.repo, one.release.version) == (repo, version)]
    if not found:
        return _has_heard(item, journal)
    show(map(tag_row, found), COLUMNS, empty=NO_TUPLES)
    return found[0].state == "signed"


def _has_heard(item: str, journal: Journal) -> bool:
    if not journal.views.story(item) and journal.views.waits(item) is None:
        click.echo(f"Never heard of {item}.", err=True)
        return False
    if not wants_json():
        click.echo(NO_TUPLES)
    return True

"""`czar report`: what was, or would have been, asked beside what people really did; shown, or mailed to the PTLs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from daemon.config.load import Config
from daemon.journal.journal import Journal
from daemon.main import CannotRun, shared_options, wants_json
from daemon.report_mail import Sent
from daemon.reporting import ItemReport, TeamReport
from rules.state import Gate

OF_TEAM = ("team", "items", "asked", "reviewed", "hit rate", "median wait", "unreviewed", "unrouted")
OF_REQUEST = ("item", "repo", "state", "differs", "because")
OF_ITEM = ("item", "team", "asked", "reviewed by", "after")
NOBODY = "Nobody was asked for anything, nor would have been."


@click.command(short_help="what was or would have been asked, and what people really did")
@click.argument("about", nargs=-1, metavar="[bugs TEAM]")
@click.option("--since", "since_text", metavar="T", default="7d", help="Instant (RFC 3339), day, or e.g. 7d (default).")
@click.option("--items", is_flag=True, help="Also each item.")
@click.option("--mail", is_flag=True, help="Send each PTL the report on their teams, now.")
@shared_options
def report(about: tuple[str, ...], since_text: str, items: bool, mail: bool) -> None:
    """For each team: whom czar asked or would have asked since T, who reviewed, and how long it waited.

    The hit rate is of the items both asked for and reviewed: by whom czar asked, or would have. A review is the first
    reply or vote after the ask by a person who is neither the owner nor a bot.

    Then the release requests where the vote of `signoff.compare` is not what czar would vote.

    With --mail each PTL gets the report on their teams, in whatever mode the daemon is, and nothing is printed but who
    got it and who did not.
    """
    from daemon.commands.opened import journal_of, load_config
    from daemon.commands.shown import json_line
    from daemon.commands.words import since
    from daemon.journal.journal import now
    from daemon.reporting import reports
    from daemon.wiring import PARSERS

    _refuse(about)
    config, at = load_config(), since(since_text, now())
    if mail:
        _refuse_to_mail(config, items=items)
    gerrit = config.service.gerrit
    with journal_of(config) as journal:
        found = reports(journal, PARSERS, config.roster, gerrit.user if gerrit else "", at)
        if mail:
            _mail(found, at, config, journal)
            return
        differing = journal.signoffs.disagreeing(at)
    if not wants_json():
        _show(found, at, items=items)
        _show_differing(differing)
        return
    for one in found:
        click.echo(json_line(_team_row(one, at)))
        for item in one.items if items else ():
            click.echo(json_line(_item_row(item)))
    for gate in differing:
        click.echo(json_line(_request_row(gate)))


def _refuse(about: tuple[str, ...]) -> None:
    if about[:1] == ("bugs",):
        raise CannotRun("czar report bugs is not there yet: it comes with following Launchpad's bugs")
    if about:
        raise CannotRun(f"there is no report about {about[0]!r}: write czar report")


def _refuse_to_mail(config: Config, *, items: bool) -> None:
    if items:
        raise CannotRun("--items and --mail do not go together: the mail names what nobody reviewed")
    notify = config.service.notify
    if notify.default is None and not notify.people:
        raise CannotRun("nobody can be sent anything: czar.yaml has no channel under 'notify'")


def _mail(found: tuple[TeamReport, ...], since: datetime, config: Config, journal: Journal) -> None:
    from daemon.commands.shown import json_line
    from daemon.wiring import report_mail
    from rules.arrangements import arranged

    mail = report_mail(config, arranged(config.roster, journal.views.arrangements()), since)
    for one in mail.send(found):
        row = {"team": one.team, "person": one.person or None, "sent": one.sent, "because": one.because}
        click.echo(json_line(row) if wants_json() else _sent_line(one))
    if not found and not wants_json():
        click.echo(NOBODY)


def _sent_line(one: Sent) -> str:
    to = f" to {one.person}" if one.person else ""
    return f"{one.team}: {'sent' if one.sent else 'not sent'}{to}: {one.because}"


def _team_row(one: TeamReport, since: datetime) -> dict[str, Any]:
    from daemon.commands.shown import rfc3339

    wait = one.median_wait
    return {
        "team": one.team,
        "since": rfc3339(since),
        "items": len(one.items),
        "asked": one.asked,
        "observed": sum(item.observed for item in one.items),
        "reviewed": one.reviewed,
        "hits": one.hits,
        "of": one.comparable,
        "hit_rate": round(one.hits / one.comparable, 3) if one.comparable else None,
        "median_wait_s": round(wait.total_seconds()) if wait is not None else None,
        "unreviewed": len(one.unreviewed),
        "unrouted": len(one.unrouted),
    }


def _item_row(one: ItemReport) -> dict[str, Any]:
    from daemon.commands.shown import rfc3339

    return {
        "item": one.item,
        "team": one.team,
        "since": rfc3339(one.opened),
        "observed": one.observed,
        "asked": list(one.asked),
        "reviewed": [{"person": who, "at": rfc3339(at)} for who, at in one.reviewed.items()],
        "first": one.first or None,
        "wait_s": round(one.wait.total_seconds()) if one.wait is not None else None,
        "hit": one.hit,
        "added": [{"person": who, "by": by} for who, by in one.added.items()],
    }


def _show(found: tuple[TeamReport, ...], since: datetime, *, items: bool) -> None:
    from daemon.commands.shown import show

    click.echo(f"Since {since:%Y-%m-%d %H:%M} UTC:")
    show([_team_cells(one) for one in found], OF_TEAM, empty=NOBODY)
    if items and found:
        click.echo()
        show([_item_cells(item) for one in found for item in one.items], OF_ITEM, empty="")


def _show_differing(gates: tuple[Gate, ...]) -> None:
    """Release requests on which the vote that people go by until now is not ours."""
    from daemon.commands.shown import show

    if gates:
        click.echo("\nRelease requests judged otherwise:")
        show([_request_row(gate) for gate in gates], OF_REQUEST, empty="")


def _request_row(gate: Gate) -> dict[str, Any]:
    return {
        "item": gate.item,
        "repo": gate.repo,
        "state": gate.state,
        "differs": gate.disagrees,
        "because": gate.because,
    }


def _team_cells(one: TeamReport) -> dict[str, Any]:
    from daemon.reporting import in_words

    rate = f"{one.hits}/{one.comparable} ({one.hits / one.comparable:.0%})" if one.comparable else "-"
    wait = in_words(one.median_wait) if one.median_wait is not None else "-"
    row = _team_row(one, one.items[0].opened)
    return row | {"hit rate": rate, "median wait": wait}


def _item_cells(one: ItemReport) -> dict[str, Any]:
    from daemon.reporting import in_words

    after = in_words(one.wait) if one.wait is not None else "-"
    asked = ", ".join(one.asked) + (" (only observed)" if one.observed else "")
    return {
        "item": one.item,
        "team": one.team,
        "asked": asked if one.asked else "nobody",
        "reviewed by": tuple(one.reviewed) or ("nobody",),
        "after": after,
    }

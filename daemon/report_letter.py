"""The mail that `czar report --mail` sends to a PTL: how it goes with their teams, and how a team begins to act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.letters import Sender, letter_id, one_line, wrapped
from daemon.reporting import ItemReport, TeamReport, in_words
from integrations.contract import Letter
from rules.roster import Person, Team
from rules.routing import strictest

MOST_LISTED = 50
"""Changes of one team that nobody reviewed: a longer mail is read by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is told of one team."""

    team: Team
    report: TeamReport


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What all parts have in common; `mode` is that of the service."""

    since: datetime
    mode: str
    sender: Sender


def report_letter(person: Person, parts: Sequence[Part], about: About) -> Letter:
    """One mail about all the teams somebody leads."""
    texts = [
        f"Hello {person.name or person.key},",
        _what_this_is(parts, about.sender),
        *(text for part in parts for text in _of_team(part, about)),
        f"-- \n{_ways_out(about.sender)}",
    ]
    text = "\n\n".join(texts) + "\n"
    subject = _subject(parts, about.sender)
    return Letter(id=letter_id(("report", person.key, text)), subject=subject, text=text, by_mail=True)


def _subject(parts: Sequence[Part], sender: Sender) -> str:
    teams = parts[0].team.name if len(parts) == 1 else f"{len(parts)} teams"
    items = sum(len(part.report.items) for part in parts)
    unreviewed = sum(len(part.report.unreviewed) for part in parts)
    return f"{sender.term}: report on {teams}: {_changes(items)}, {unreviewed} not reviewed"


def _what_this_is(parts: Sequence[Part], sender: Sender) -> str:
    teams = ", ".join(part.team.name for part in parts)
    return wrapped(
        f"this is a report by {sender.term}, the service that asks the people whom a team has named for reviews, and "
        f"follows up. You get it because you are PTL of {teams}; those who run {sender.term} here have sent it. You "
        "need not do anything. The figures are there for you to judge whether the right people are asked."
    )


def _ways_out(sender: Sender) -> str:
    term = sender.term
    return wrapped(
        f"Not for you? Tell those who run {term}. To get nothing at all from it: write a line “{term}: optout” in a "
        f"comment on any change (you are neither asked nor told anything until “{term}: back”)."
    )


def _of_team(part: Part, about: About) -> Iterator[str]:
    title = f"{part.team.name} since {about.since:%Y-%m-%d %H:%M} UTC"
    yield "\n".join([title, "-" * len(title), *_figures(part.report)])
    unreviewed = part.report.unreviewed
    if unreviewed:
        more = len(unreviewed) - MOST_LISTED
        lines = [_line(one, about.sender) for one in unreviewed[:MOST_LISTED]]
        rest = [f"… and {more} more"] if more > 0 else []
        yield "\n".join([f"Nobody has reviewed yet ({len(unreviewed)}):", *lines, *rest])
    yield "\n".join(_what_next(part.team, about))


def _figures(report: TeamReport) -> Iterator[str]:
    nobody = f", for {len(report.unrouted)} nobody was found" if report.unrouted else ""
    yield f"- {_changes(len(report.items))}: for {report.asked} {_was_asked(report)}{nobody}."
    yield f"- {report.reviewed} reviewed, {len(report.unreviewed)} not."
    if report.comparable:
        share = f"{report.hits} of {report.comparable} ({report.hits / report.comparable:.0%})"
        yield f"- Of those both asked for and reviewed, one of the asked did it for {share}."
    if report.median_wait is not None:
        yield f"- The first review came after {in_words(report.median_wait)} (median)."


def _was_asked(report: TeamReport) -> str:
    observed = sum(one.observed for one in report.items if one.asked)
    if not observed:
        return "somebody was asked"
    if observed == report.asked:
        return "somebody would have been asked (it was only observed)"
    return f"somebody was asked ({observed} only observed: would have been)"


def _line(one: ItemReport, sender: Sender) -> str:
    who = ", ".join(one.asked) or "nobody was found"
    link = sender.link(one.item, one.repo)
    return f"- {one.item} ({one.repo}), since {one.opened:%Y-%m-%d}: {one_line(who)}" + (f"\n  {link}" if link else "")


def _what_next(team: Team, about: About) -> Iterator[str]:
    """How the team goes from observing to acting, or back."""
    term, place = about.sender.term, f"roster.yaml (or teams.d/{team.name}.yaml)"
    if strictest(about.mode, team.mode) == "act":
        yield f"{team.name} acts: people are really asked."
        yield f"- To only look on again, write “mode: observe” for {team.name} in {place}."
        return
    yield f"{team.name} only observes: nobody is asked. When the figures are good enough:"
    if team.mode not in (None, "act"):
        yield f"- In {place}, write “mode: act” for {team.name} in place of “mode: {team.mode}”."
    if about.mode != "act":
        yield f"- In czar.yaml, those who run {term} write “mode: act” in place of “mode: {about.mode}”. That is for"
        yield "  all teams: one that wants to look on longer gets “mode: observe” of its own before."
    yield "- Reload (systemctl reload czar). What was only observed is asked at the change's next event."


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"

"""Mails each PTL the report on their teams, in one mail, and tells the operator who got it.

It is sent by an operator's hand: in any mode, at any hour, and beside the ceiling of messages a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from daemon.config.secrets import BadSecret
from daemon.report_letter import About, Part, report_letter
from daemon.reporting import TeamReport
from integrations.contract import Channel, Refused, Teller, Transient
from rules.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Whether a team's part went to a person ("" where there is none), and why or why not."""

    team: str
    person: str
    sent: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    """`roster` is as people arranged it; `channels` gives the ways to a person, and raises BadSecret."""

    roster: Roster
    about: About
    teller: Teller
    channels: Callable[[str], Sequence[Channel]]

    def send(self, found: Sequence[TeamReport]) -> Iterator[Sent]:
        """One mail to each person; what became of each team's part."""
        people: dict[str, list[Part]] = {}
        for report in found:
            team = self.roster.teams.get(report.team)
            if team is None or not team.ptl:
                because = "has no PTL in the roster" if team else "is no team of the roster"
                yield Sent(team=report.team, person="", sent=False, because=because)
                continue
            for person in team.ptl:
                people.setdefault(person, []).append(Part(team=team, report=report))
        for person, parts in people.items():
            why_not = self._send_to(person, parts)
            for part in parts:
                name = part.team.name
                yield Sent(team=name, person=person, sent=not why_not, because=why_not or f"is PTL of {name}")

    def _send_to(self, key: str, parts: Sequence[Part]) -> str:
        """Why it was not sent, "" where it was."""
        person = self.roster.people.get(key)
        if person is None:
            return "is not in the roster"
        if person.opt_out:
            return "has opted out"
        try:
            self.teller.tell(person, self.channels(key), report_letter(person, parts, self.about))
        except Transient as error:
            return f"{error}; it may have arrived all the same" if error.in_doubt else str(error)
        except (Refused, BadSecret) as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  the others get theirs, and its text may show a URL
            return f"a fault of czar ({type(error).__name__})"
        return ""

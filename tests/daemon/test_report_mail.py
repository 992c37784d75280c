"""Who is mailed the report on their teams, and what the operator is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from daemon.config.secrets import BadSecret
from daemon.config.service import Notify as Section
from daemon.letters import Sender
from daemon.report_letter import About
from daemon.report_mail import ReportMail
from daemon.reporting import compare
from integrations.contract import Channel
from integrations.notify.teller import AppriseTeller
from rules.roster import Person, Roster, Team
from tests.clock import START
from tests.daemon.journals import case
from tests.daemon.notices import PEOPLE, FakeTeller
from tests.real.exim import GONE, RealMailServer

CHANNEL = Channel(url="mailto://mail.example.org", shared=True)
TEAMS = {"nova": ("pat",), "glance": ("pat",), "keystone": ("ann", "bob"), "swift": ()}
FOUND = compare([case(n, team=team) for n, team in enumerate((*TEAMS, "gone", ""), 1)], {})


def of(teller: Any, *, people: dict[str, Person] | None = None, **fields: Any) -> ReportMail:
    """Everybody has the same channel."""
    teams = {name: Team(name=name, ptl=ptl) for name, ptl in TEAMS.items()}
    roster = Roster(people=people or PEOPLE, teams=teams)
    about = About(since=START, mode="observe", sender=Sender(notify=Section()))
    given: dict[str, Any] = {"roster": roster, "about": about, "channels": lambda _: (CHANNEL,), "teller": teller}
    return ReportMail(**(given | fields))


def said(mail: ReportMail) -> list[str]:
    """What became of each team's part, by team."""
    rows = (
        f"{one.team}: {one.person or '-'}: {'sent' if one.sent else 'no'}: {one.because}" for one in mail.send(FOUND)
    )
    return sorted(rows)


NOBODY = [
    "(no team): -: no: is no team of the roster",
    "gone: -: no: is no team of the roster",
]
SWIFT = "swift: -: no: has no PTL in the roster"


def test_each_ptl_gets_one_mail_about_all_their_teams_and_the_operator_hears_of_each_team() -> None:
    teller = FakeTeller()
    assert said(of(teller)) == [
        *NOBODY[:1],
        "glance: pat: sent: is PTL of glance",
        *NOBODY[1:],
        "keystone: ann: sent: is PTL of keystone",
        "keystone: bob: sent: is PTL of keystone",
        "nova: pat: sent: is PTL of nova",
        SWIFT,
    ]
    assert sorted(person for person, _ in teller.letters) == ["ann", "bob", "pat"]
    (pat,) = teller.told("pat")
    assert pat.subject == "czar: report on 2 teams: 2 changes, 2 not reviewed"


def test_who_cannot_be_sent_it_holds_up_nobody_and_the_reason_is_told() -> None:
    teller = FakeTeller(down=frozenset({"pat"}), breaks=frozenset({"ann"}))
    rows = said(of(teller))
    assert "nova: pat: no: the mail server cannot be reached" in rows
    assert "glance: pat: no: the mail server cannot be reached" in rows
    assert "keystone: ann: no: a fault of czar (KeyError)" in rows
    assert "keystone: bob: sent: is PTL of keystone" in rows


def test_a_lost_answer_is_told_as_such() -> None:
    rows = said(of(FakeTeller(silent=True)))
    assert "nova: pat: no: no answer of the mail server; it may have arrived all the same" in rows


def test_who_opted_out_or_is_not_in_the_roster_gets_nothing() -> None:
    people = {"ann": PEOPLE["ann"], "pat": replace(PEOPLE["pat"], opt_out=True)}
    teller = FakeTeller()
    rows = said(of(teller, people=people))
    assert "nova: pat: no: has opted out" in rows
    assert "keystone: bob: no: is not in the roster" in rows
    assert [person for person, _ in teller.letters] == ["ann"]


def test_a_missing_secret_is_told() -> None:
    def channels(_person: str) -> Sequence[Channel]:
        raise BadSecret("notify-url: there is no such file")

    assert "nova: pat: no: notify-url: there is no such file" in said(of(FakeTeller(), channels=channels))


def test_where_nothing_was_asked_nothing_is_sent() -> None:
    assert list(of(FakeTeller()).send(())) == []


@pytest.mark.full
def test_real_mail_reaches_the_ptls_and_a_final_no_is_told(mail_server: RealMailServer) -> None:
    gone = Person(key="bob", emails=(f"{GONE}@example.org",))
    channels = (Channel(url=mail_server.url, shared=True),)
    rows = said(of(AppriseTeller(), people=PEOPLE | {"bob": gone}, channels=lambda _: channels))
    assert "keystone: bob: no: the mail server does not take mail to this address (550)" in rows
    (mail,) = mail_server.mails_to("pat@example.org", 1)
    assert mail["Subject"] == "czar: report on 2 teams: 2 changes, 2 not reviewed"
    assert "You get it because you are PTL of glance, nova;" in " ".join(mail.get_content().split())
    assert len(mail_server.mails_to("ann@example.org", 1)) == 1
    assert len(mail_server.mails()) == 2


@pytest.mark.full
def test_a_mail_server_that_is_down_is_told(mail_server: RealMailServer) -> None:
    mail_server.stop()
    channels = (Channel(url=mail_server.url, shared=True),)
    rows = said(of(AppriseTeller(), channels=lambda _: channels))
    assert "nova: pat: no: the mail server cannot be reached (ConnectionRefusedError)" in rows


def test_who_has_no_channel_is_told_as_such() -> None:
    assert "nova: pat: no: there is no channel to them: see notify in czar.yaml" in said(
        of(AppriseTeller(), channels=lambda _: ())
    )

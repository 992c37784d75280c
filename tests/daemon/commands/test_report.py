"""`czar report` on a journal written by hand, and on that of a real daemon."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from integrations.sandbox.gerrit.state import Review
from rules.state import Effects
from tests.clock import START, Clock
from tests.command_line import instant, refusal
from tests.daemon.community import WITHIN_S, Community, item
from tests.daemon.journals import case, decision, line
from tests.daemon.kept import Kept
from tests.daemon.notices import arrange, arrangement
from tests.daemon.signed import gate
from tests.real.exim import RealMailServer
from tests.real.ports import free_ports
from tests.waiting import until

SINCE = ("--since", "2026-03-01")


def replied(number: int, who: str, hours: float) -> bytes:
    """A line of the stream."""
    told = json.loads(line("comment-added", number, author={"username": who, "email": f"{who}@example.org"}))
    return json.dumps(told | {"eventCreatedOn": int((START + timedelta(hours=hours)).timestamp())}).encode()


@pytest.fixture
def week(kept: Kept, clock: Clock) -> Kept:
    """A week of observing: four changes of nova, one of glance that somebody was really asked about."""
    cases = (
        case(1, observed=True),
        case(2, observed=True),
        case(3, observed=True),
        case(4, person="", state="unrouted"),
        case(5, team="glance", person="pat"),
    )
    kept.decided(decision(effects=Effects(cases=cases)))
    clock.pass_s(3600)
    kept.hears(
        replied(1, "zuul", 0.1),
        replied(1, "ann", 2),
        replied(2, "cyd", 5),
        replied(4, "bobg", 50),
        line("reviewer-added", 2, reviewer={"username": "cyd"}, adder={"username": "dev"}),
        b"nonsense",
    )
    return kept


def test_each_team_has_its_figures(week: Kept) -> None:
    ran = week.czar("report", "--json", *SINCE)
    assert (ran.code, ran.err) == (0, "")
    glance, nova = ran.rows
    assert nova == {
        "team": "nova",
        "since": "2026-03-01T00:00:00Z",
        "items": 4,
        "asked": 3,
        "observed": 3,
        "reviewed": 3,
        "hits": 1,
        "of": 2,
        "hit_rate": 0.5,
        "median_wait_s": 5 * 3600,
        "unreviewed": 1,
        "unrouted": 1,
    }
    assert (glance["team"], glance["items"], glance["hit_rate"], glance["median_wait_s"]) == ("glance", 1, None, None)


def test_with_items_each_stands_behind_its_team(week: Kept) -> None:
    rows = week.czar("report", "--json", "--items", *SINCE).rows
    assert ["item" in row for row in rows] == [False, True, False, True, True, True, True]
    second = next(row for row in rows if row.get("item") == "gerrit:2")
    assert instant(second["since"]) == START
    assert second | {"since": ""} == {
        "item": "gerrit:2",
        "team": "nova",
        "since": "",
        "observed": True,
        "asked": ["ann"],
        "reviewed": [{"person": "cyd", "at": "2026-03-04T10:06:07Z"}],
        "first": "cyd",
        "wait_s": 5 * 3600,
        "hit": False,
        "added": [{"person": "cyd", "by": "dev"}],
    }


def test_for_eyes_there_is_a_table(week: Kept) -> None:
    lines = [line.rstrip() for line in week.czar("report", "--items", *SINCE).out.splitlines()]
    assert (
        lines
        == """\
Since 2026-03-01 00:00 UTC:
team    items  asked  reviewed  hit rate   median wait  unreviewed  unrouted
glance  1      1      0         -          -            1           0
nova    4      3      3         1/2 (50%)  5h           1           1

item      team    asked                reviewed by  after
gerrit:5  glance  pat                  nobody       -
gerrit:1  nova    ann (only observed)  ann          2h
gerrit:2  nova    ann (only observed)  cyd          5h
gerrit:3  nova    ann (only observed)  nobody       -
gerrit:4  nova    nobody               bob          2d 2h""".splitlines()
    )


def test_only_what_was_asked_since_then_is_in_it(week: Kept) -> None:
    ran = week.czar("report", "--since", "2026-03-05")
    assert ran.out.splitlines()[1] == "Nobody was asked for anything, nor would have been."
    assert week.czar("report", "--json", "--since", "2026-03-05").out == ""


def test_bugs_come_later_and_that_is_said(kept: Kept) -> None:
    said = "czar report bugs is not there yet: it comes with following Launchpad's bugs"
    assert refusal(kept.czar("report", "bugs", "nova")) == said
    assert refusal(kept.czar("report", "weather")) == "there is no report about 'weather': write czar report"


def test_since_is_an_instant(kept: Kept) -> None:
    assert refusal(kept.czar("report", "--since", "yesterday")).startswith("--since 'yesterday' is no instant")


def channel(kept: Kept, url: str) -> None:
    """People are told that way; only Pat leads a team."""
    service = kept.config / "czar.yaml"
    service.write_text(service.read_text() + "mode: observe\nnotify: {default: {url_file: channel}}\n")
    (kept.config / "channel").write_text(url)
    (kept.config / "channel").chmod(0o600)


GLANCE = {"team": "glance", "person": None, "sent": False, "because": "is no team of the roster"}
NOVA = {"team": "nova", "person": "pat"}


@pytest.mark.full
def test_the_ptl_is_mailed_also_while_observing_and_paused(week: Kept, mail_server: RealMailServer) -> None:
    channel(week, mail_server.url)
    assert week.czar("pause", "maintenance").code == 0
    ran = week.czar("report", "--mail", "--json", *SINCE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.rows == [GLANCE, NOVA | {"sent": True, "because": "is PTL of nova"}]
    (mail,) = mail_server.mails_to("pat@example.org", 1)
    assert mail["Subject"] == "czar: report on nova: 4 changes, 1 not reviewed"
    text = mail.get_content()
    assert "- gerrit:3 (openstack/nova), since 2026-03-04: ann" in text
    assert "https://review.example.org/c/openstack/nova/+/3" in text
    assert "those who run czar write “mode: act” in place of “mode: observe”" in text
    assert len(mail_server.mails()) == 1


@pytest.mark.full
def test_the_same_report_mailed_twice_is_one_mail_to_a_mailbox(week: Kept, mail_server: RealMailServer) -> None:
    channel(week, mail_server.url)
    for _ in range(2):
        assert week.czar("report", "--mail", *SINCE).out.splitlines()[-1] == "nova: sent to pat: is PTL of nova"
    one, other = mail_server.mails_to("pat@example.org", 2)
    assert one["Message-ID"] == other["Message-ID"]


def test_a_channel_that_fails_is_told_and_ends_with_0(week: Kept) -> None:
    (port,) = free_ports(1)
    channel(week, f"mailto://127.0.0.1:{port}?from=czar@example.org")
    ran = week.czar("report", "--mail", *SINCE)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "glance: not sent: is no team of the roster",
        "nova: not sent to pat: the mail server cannot be reached (ConnectionRefusedError)",
    ]


def test_who_opted_out_by_a_comment_is_not_mailed(week: Kept) -> None:
    channel(week, "mailto://127.0.0.1?from=czar@example.org")
    with week.journal() as journal:
        arrange(journal, arrangement("optout", "pat"))
    assert week.czar("report", "--mail", "--json", *SINCE).rows[-1] == NOVA | {
        "sent": False,
        "because": "has opted out",
    }


def test_a_secret_that_is_missing_is_told(week: Kept) -> None:
    channel(week, "")
    ran = week.czar("report", "--mail", *SINCE)
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith("nova: not sent to pat: ")
    assert "channel" in ran.out


def test_without_any_channel_nothing_can_be_mailed(week: Kept) -> None:
    said = "nobody can be sent anything: czar.yaml has no channel under 'notify'"
    assert refusal(week.czar("report", "--mail")) == said


def test_what_the_mail_names_is_not_asked_for_twice(week: Kept) -> None:
    channel(week, "mailto://127.0.0.1?from=czar@example.org")
    said = "--items and --mail do not go together: the mail names what nobody reviewed"
    assert refusal(week.czar("report", "--mail", "--items")) == said


def test_where_nobody_was_asked_nothing_is_mailed(week: Kept) -> None:
    channel(week, "mailto://127.0.0.1?from=czar@example.org")
    ran = week.czar("report", "--mail", "--since", "2026-03-05")
    assert (ran.code, ran.out) == (0, "Nobody was asked for anything, nor would have been.\n")
    assert week.czar("report", "--mail", "--json", "--since", "2026-03-05").out == ""


def test_what_a_real_daemon_asked_and_heard_is_compared(community: Community) -> None:
    change = community.push()
    until(lambda: community.reviewers(change), WITHIN_S, "somebody to be asked")
    (who,) = community.reviewers(change)

    def row() -> dict[str, Any]:
        rows = community.czar("report", "--json", "--items", "--since", "1h").rows
        return next(one for one in rows if one.get("item") == item(change))

    assert (row()["asked"], row()["first"], row()["hit"]) == ([who], None, False)
    state = community.world.gerrit.state
    (account,) = (one for one in state.changes[change.number].reviewers if state.accounts[one].username == who)
    state.review(change.number, account, Review(message="looks good"))
    until(lambda: row()["first"] == who, WITHIN_S, "the reply to be heard")
    assert row()["hit"]


def test_release_requests_where_the_vote_people_go_by_is_another_are_listed(week: Kept) -> None:
    other = gate(9, disagrees="PTL-Approved is given, and we vote +0", because="1 of 1 waits for a sign-off")
    week.decided(decision(9, effects=Effects(gates=(other, gate(8)))))
    *_, row = week.czar("report", "--json", *SINCE).rows
    assert (row["item"], row["differs"]) == ("gerrit:9", "PTL-Approved is given, and we vote +0")
    assert "judged otherwise" in week.czar("report", *SINCE).out
    assert "judged otherwise" not in week.czar("report", "--since", "2026-06-01").out

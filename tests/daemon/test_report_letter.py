"""What a PTL reads about their teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from daemon.config.service import Notify as Section
from daemon.letters import Sender
from daemon.report_letter import MOST_LISTED, About, Part, report_letter
from daemon.reporting import TeamReport, compare, deeds
from integrations.contract import Letter
from rules.events import CommentAdded
from rules.roster import Person, Team
from rules.state import Case
from tests.clock import START
from tests.daemon.journals import REPO, case
from tests.rules.makers import HOUR, account, happened, person, roster

PAT = Person(key="pat", name="Pat", emails=("pat@example.org",))
NOVA = Team(name="nova", repos=(REPO,), ptl=("pat",), mode="observe")
ABOUT = About(since=START, mode="act", sender=Sender(notify=Section(), gerrit_url="https://review.example.org"))
WEEK = (
    *(case(n, observed=True) for n in (1, 2, 3)),
    case(4, observed=True, person="", state="unrouted"),
)
"""All that was only observed."""


def replied(who: str, number: int, hours: float) -> CommentAdded:
    return happened(CommentAdded, by=account(who), at=START + hours * HOUR, number=number)


def report(cases: Sequence[Case] = WEEK, *done: CommentAdded) -> TeamReport:
    """Ann reviewed the first change, Bob the second, unless something else is given."""
    events = done or (replied("ann", 1, 2), replied("bob", 2, 5))
    (found,) = compare(cases, deeds(events, roster(person("ann"), person("bob")), "czar-bot"))
    return found


def mail(*parts: Part, about: About = ABOUT) -> Letter:
    """To Pat, about nova unless parts are given."""
    return report_letter(PAT, parts or (Part(team=NOVA, report=report()),), about)


def test_it_says_what_it_is_why_they_get_it_the_figures_what_nobody_reviewed_and_how_to_act() -> None:
    told = mail()
    assert told.by_mail
    assert told.subject == "czar: report on nova: 4 changes, 2 not reviewed"
    assert (
        told.text
        == """\
Hello Pat,

this is a report by czar, the service that asks the people whom a team has named for reviews, and
follows up. You get it because you are PTL of nova; those who run czar here have sent it. You need
not do anything. The figures are there for you to judge whether the right people are asked.

nova since 2026-03-04 05:06 UTC
-------------------------------
- 4 changes: for 3 somebody would have been asked (it was only observed), for 1 nobody was found.
- 2 reviewed, 2 not.
- Of those both asked for and reviewed, one of the asked did it for 1 of 2 (50%).
- The first review came after 3h 30m (median).

Nobody has reviewed yet (2):
- gerrit:3 (openstack/nova), since 2026-03-04: ann
  https://review.example.org/c/openstack/nova/+/3
- gerrit:4 (openstack/nova), since 2026-03-04: nobody was found
  https://review.example.org/c/openstack/nova/+/4

nova only observes: nobody is asked. When the figures are good enough:
- In roster.yaml (or teams.d/nova.yaml), write “mode: act” for nova in place of “mode: observe”.
- Reload (systemctl reload czar). What was only observed is asked at the change's next event.

--\x20
Not for you? Tell those who run czar. To get nothing at all from it: write a line “czar: optout” in
a comment on any change (you are neither asked nor told anything until “czar: back”).
"""
    )


@pytest.mark.parametrize(
    ("service", "team", "said", "unsaid"),
    [
        ("observe", None, ["write “mode: act” in place of “mode: observe”. That is for"], ["roster.yaml"]),
        ("observe", "observe", ["In roster.yaml (or teams.d/nova.yaml)", "In czar.yaml"], ["nova acts"]),
        ("off", "act", ["in place of “mode: off”"], ["roster.yaml"]),
        ("act", None, ["nova acts: people are really asked.", "To only look on again"], ["Reload", "czar.yaml"]),
    ],
)
def test_how_it_goes_on_depends_on_what_keeps_the_team_from_acting(
    service: str, team: str | None, said: list[str], unsaid: list[str]
) -> None:
    part = Part(team=replace(NOVA, mode=team), report=report())
    text = mail(part, about=replace(ABOUT, mode=service)).text
    assert [one for one in said if one not in text] == []
    assert [one for one in unsaid if one in text] == []


@pytest.mark.parametrize(
    ("cases", "figures"),
    [
        ((case(1),), "- 1 change: for 1 somebody was asked.\n- 1 reviewed, 0 not."),
        (
            (case(1), case(3, observed=True)),
            "- 2 changes: for 2 somebody was asked (1 only observed: would have been).\n- 1 reviewed, 1 not.",
        ),
    ],
)
def test_it_tells_what_was_asked_from_what_would_have_been(cases: Sequence[Case], figures: str) -> None:
    assert figures in mail(Part(team=NOVA, report=report(cases))).text


def test_where_nobody_reviewed_there_is_no_share_and_where_all_is_reviewed_no_list() -> None:
    nothing = mail(Part(team=NOVA, report=report((case(9),)))).text
    assert "both asked" not in nothing
    assert "median" not in nothing
    assert "Nobody has reviewed" not in mail(Part(team=NOVA, report=report((case(1),)))).text


def test_a_long_list_is_cut() -> None:
    cases = tuple(case(n) for n in range(10, 20 + MOST_LISTED))
    text = mail(Part(team=NOVA, report=report(cases))).text
    assert "Nobody has reviewed yet (60):" in text
    assert "… and 10 more" in text


def test_several_teams_are_one_mail() -> None:
    glance = Team(name="glance", ptl=("pat",))
    told = mail(Part(team=NOVA, report=report()), Part(team=glance, report=report((case(7, team="glance"),))))
    assert told.subject == "czar: report on 2 teams: 5 changes, 3 not reviewed"
    assert "PTL of nova, glance;" in told.text
    assert told.text.index("nova since") < told.text.index("glance since") < told.text.index("glance acts")


def test_the_same_report_has_the_same_id_and_another_one_another() -> None:
    assert mail().id == mail().id != mail(Part(team=NOVA, report=report((case(1),)))).id


def test_it_speaks_the_words_of_the_community() -> None:
    told = mail(about=replace(ABOUT, sender=replace(ABOUT.sender, term="liaison")))
    assert told.subject.startswith("liaison: report on nova")
    assert "“liaison: optout”" in told.text

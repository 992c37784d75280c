"""What czar asked beside what people did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from daemon.journal.journal import Journal
from daemon.reporting import NO_TEAM, ItemReport, TeamReport, compare, deeds, in_words, reports
from integrations.gerrit import wire
from rules.events import Account, ChangeEvent, ChangeSeen, CommentAdded, ReviewerAdded
from rules.state import Case, Effects
from tests.clock import START, Clock
from tests.daemon.journals import SOURCE, case, decision, heard, line
from tests.daemon.journals import batch as recorded
from tests.rules.makers import HOUR, account, happened, person, roster

WHO = roster(person("bob", gerrit="bobg"), bots=frozenset({"zuul"}))


def replied(who: str | Account, hours: float = 1, number: int = 1, **given: Any) -> CommentAdded:
    """Somebody replied so many hours after the start."""
    by = account(who) if isinstance(who, str) else who
    return happened(CommentAdded, by=by, at=START + hours * HOUR, number=number, **given)


def added(who: str, by: str, number: int = 1) -> ReviewerAdded:
    return happened(ReviewerAdded, reviewer=account(who), by=account(by), number=number)


def item(*happened: ChangeEvent, cases: tuple[Case, ...] = (case(1),)) -> ItemReport:
    """The one item."""
    (team,) = compare(cases, deeds(happened, WHO, "czar-bot"))
    (found,) = team.items
    return found


def team(*happened: ChangeEvent, cases: tuple[Case, ...]) -> TeamReport:
    """The one team."""
    (found,) = compare(cases, deeds(happened, WHO, "czar-bot"))
    return found


class TestItem:
    def test_the_first_review_is_the_first_reply_of_somebody_else(self) -> None:
        found = item(
            replied("zed", 1), replied("zuul", 1), replied("czar-bot", 1), replied("cyd", 3), replied("ann", 4)
        )
        assert (found.first, found.wait, found.hit) == ("cyd", 3 * HOUR, True)
        assert dict(found.reviewed) == {"cyd": START + 3 * HOUR, "ann": START + 4 * HOUR}

    def test_what_was_said_before_the_ask_is_no_review(self) -> None:
        found = item(replied("ann", -1), replied("bobg", 2))
        assert (found.first, found.hit) == ("bob", False)
        assert item(replied("ann", -1), replied("ann", 2)).wait == 2 * HOUR

    def test_in_the_second_of_the_ask_it_is_one_without_a_wait(self) -> None:
        asked = case(1, opened=START + timedelta(milliseconds=400))
        assert item(replied("ann", 0), cases=(asked,)).wait == timedelta()

    def test_nobody_reviewed_it(self) -> None:
        found = item()
        assert (found.first, found.wait, found.hit) == ("", None, False)

    def test_replies_that_only_catch_up_found_count(self) -> None:
        seen = happened(ChangeSeen, number=1, spoke=((account("ann"), START + HOUR), (account("zed"), START)))
        assert item(seen, replied("ann", 1)).wait == HOUR
        assert item(seen).hit

    def test_it_tells_whom_people_asked_themselves(self) -> None:
        found = item(added("cyd", "zed"), added("ann", "czar-bot"), added("dee", "cyd"))
        assert dict(found.added) == {"cyd": "zed", "dee": "cyd"}

    def test_people_are_named_by_key_others_by_what_is_known(self) -> None:
        strangers = (Account(username="eve"), Account(email="eve@example.net"), Account(name="Eve"))
        found = item(replied("bobg"), *(replied(one) for one in strangers))
        assert set(found.reviewed) == {"bob", "eve", "eve@example.net", "Eve"}

    def test_somebody_without_an_address_is_no_bot_where_we_have_no_name(self) -> None:
        assert deeds([replied(Account(username="eve"))], WHO, "")["gerrit:1"].reviewed == {"eve": {START + HOUR}}

    def test_all_who_were_asked_for_any_slot_are_named_once(self) -> None:
        cases = (case(1), case(1, slot="docs"), case(1, person="bob"), case(1, person="", state="unrouted", slot="x"))
        assert item(cases=cases).asked == ("ann", "bob")


class TestTeam:
    CASES = (case(1), case(2), case(3, observed=True), case(4, person="", state="unrouted"), case(5))
    DONE = (replied("ann", 1, 1), replied("cyd", 4, 2), replied("ann", 2, 3), replied("pat", 9, 4))

    def test_the_figures(self) -> None:
        found = team(*self.DONE, cases=self.CASES)
        assert (found.asked, found.reviewed, found.hits, found.comparable) == (4, 4, 2, 3)
        assert found.median_wait == 3 * HOUR
        assert [one.item for one in found.unreviewed] == ["gerrit:5"]
        assert [one.item for one in found.unrouted] == ["gerrit:4"]

    def test_without_reviews_there_is_no_median(self) -> None:
        assert team(cases=self.CASES).median_wait is None

    def test_an_item_counts_for_each_team_it_was_asked_of(self) -> None:
        cases = (case(1), case(1, team="glance", person="bob"), case(2, team="", person="", state="unrouted"))
        found = compare(cases, deeds([replied("bobg")], WHO, ""))
        assert [(one.team, one.hits, len(one.items)) for one in found] == [
            (NO_TEAM, 0, 1),
            ("glance", 1, 1),
            ("nova", 0, 1),
        ]


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=59.9), "59s"),
        (timedelta(minutes=25, seconds=30), "25m"),
        (timedelta(hours=4, minutes=10), "4h 10m"),
        (timedelta(hours=4, seconds=10), "4h"),
        (timedelta(days=2, hours=3, minutes=59), "2d 3h"),
        (timedelta(days=400), "400d"),
    ],
)
def test_a_span_has_two_units_at_most(span: timedelta, said: str) -> None:
    assert in_words(span) == said


def test_the_figures_come_from_the_journal(journal: Journal, clock: Clock) -> None:
    cases = (*(case(n) for n in range(1, 13)), case(13, person="", state="unrouted"))
    journal.deciding.record(recorded(1, decision(effects=Effects(cases=cases))))
    clock.pass_s(7200)
    at = int(clock().timestamp())
    said = line("comment-added", 1, author={"username": "ann"})
    said = said.replace(b'"eventCreatedOn": %d' % START.timestamp(), b'"eventCreatedOn": %d' % at)
    journal.intake.hear(SOURCE, "one", heard(said))
    (found,) = reports(journal, {SOURCE: wire.parse}, WHO, "czar-bot", START)
    assert (found.team, found.asked, found.hits, len(found.unreviewed)) == ("nova", 12, 1, 12)
    assert found.median_wait == 2 * HOUR
    assert {(one.item, one.repo) for one in found.unrouted} == {("gerrit:13", "openstack/nova")}
    assert reports(journal, {SOURCE: wire.parse}, WHO, "czar-bot", clock()) == ()

"""What waits for somebody is followed up, by its ladder, until somebody has acted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import given

from rules.actions import AddReviewer, Comment, DrawAttention, Notify, RemoveReviewer
from rules.catalogue.climb import next_words
from rules.events import ChangeAbandoned, ChangeRestored, ChangeSeen
from rules.ladders import Ladder
from rules.roster import Absence, Duty, Roster, Rotation
from rules.routing import Ask
from rules.state import ACTING, EVERYTHING, Effects, Pause
from rules.verdicts import Settings
from tests.rules import generated
from tests.rules.life import DAY, Life, step
from tests.rules.makers import HOUR, ITEM, NOW, asks, case, event, person, roster, rule, settings

LADDER = {"up": (step("ping", 1), step("add", 2, to="deputies"), step("add", 4, to="ptl"))}
MINUTE = timedelta(minutes=1)


def life(*, ask: Ask | None = None, ladder: Mapping[str, Ladder] | None = None, **given: Any) -> Life:
    """The first czar was just asked, with a ladder."""
    made = Life(rule(ask=ask or asks(pick="first"), ladder="up"), ladders=ladder or LADDER, **given)
    made.begins()
    return made


class TestLadder:
    def test_goes_from_czar_by_reminder_and_deputy_to_the_ptl(self) -> None:
        made = life()
        stories = []
        for _ in range(5):
            stories.append((made.who_waits(), made.times(DrawAttention)))
            made.live(HOUR)
        assert stories == [
            (["ann"], 0),
            (["ann"], 1),
            (["ann", "cyd"], 1),
            (["ann", "cyd"], 1),
            (["ann", "cyd", "pat"], 1),
        ]
        made.live(30 * DAY)
        assert [made.times(kind) for kind in (AddReviewer, Comment, RemoveReviewer)] == [3, 4, 0]

    def test_says_as_what_and_why_now_somebody_is_added(self) -> None:
        made = life()
        made.live(2 * HOUR)
        said = made.said()[-1]
        assert "for code of nova: cyd is deputy for code (rule any-code). Why now: ann was asked on" in said

    @pytest.mark.parametrize("who", ["ann", "cyd", "pat"])
    def test_ends_for_all_by_a_vote_of_one_of_them(self, who: str) -> None:
        made = life()
        made.live(5 * HOUR)
        made.votes(who)
        assert made.who_waits() == []
        ends = {one.person: one.end for one in made.book.cases(ITEM)}
        assert ends == {name: "acted" if name == who else "answered" for name in ("ann", "cyd", "pat")}
        done = len(made.actions)
        made.live(30 * DAY)
        assert len(made.actions) == done

    def test_is_not_begun_where_a_vote_comes_first(self) -> None:
        made = life()
        made.votes("ann")
        made.live(10 * DAY)
        assert [made.times(kind) for kind in (AddReviewer, Comment)] == [1, 1]

    def test_goes_on_whatever_strangers_say(self) -> None:
        made = life()
        made.votes("zed", 1)
        made.says("zed", "ping")
        made.live(HOUR)
        assert made.times(DrawAttention) == 1

    def test_reassign_takes_the_person_off_for_good_and_goes_on_where_it_stood(self) -> None:
        made = life(ladder={"up": (step("reassign", 2), step("add", 4, to="ptl"))})
        made.live(2 * HOUR)
        assert made.who_waits() == ["bob"]
        assert made.change.reviewers == ("bob",)
        assert made.book.declined(ITEM)["ann"].how == "reassigned"
        assert "Why now: ann was asked on 2026-01-07 and has not answered." in made.said()[-1]
        made.live(2 * HOUR)
        assert made.who_waits() == ["bob", "pat"]

    def test_reassign_leaves_who_is_asked_where_there_is_nobody_else(self) -> None:
        made = life(
            who=roster(duties={"code": ("ann",)}, ptl=()), ladder={"up": (step("reassign", 2), step("ping", 3))}
        )
        made.live(2 * HOUR)
        assert (made.who_waits(), made.times(RemoveReviewer)) == (["ann"], 0)
        made.live(DAY)
        assert made.times(DrawAttention) == 1
        assert made.ticks < 5

    def test_reassign_asks_nobody_who_is_asked_already(self) -> None:
        made = life(ask=asks(pick=2), ladder={"up": (step("reassign", 2),)})
        made.live(2 * HOUR)
        assert len(made.who_waits()) == len(set(made.who_waits())) == 2
        assert not {"ann", "bob"} & set(made.who_waits()) or made.times(AddReviewer) == 3

    def test_notify_tells_by_the_persons_own_channel(self) -> None:
        made = life(ladder={"up": (step("notify", 1),)})
        made.live(DAY)
        (told,) = [one for one in made.actions if isinstance(one, Notify)]
        assert (told.person, told.reason, told.case) == ("ann", "reminder", made.the_case().key)
        assert "gerrit:7 (openstack/nova) has been waiting for you since 2026-01-07 12:00 UTC" in told.text

    def test_days_are_business_days_where_the_person_is(self) -> None:
        french = roster(person("ann", tz="Europe/Paris", country="FR"), duties={"code": ("ann",)})
        made = Life(rule(ladder="up"), who=french, ladders={"up": (step("ping", days=2),)})
        made.now = datetime(2026, 4, 30, 15, tzinfo=UTC)  # a Thursday; the next day is Labour Day
        made.begins()
        assert made.the_case().due == datetime(2026, 5, 5, 15, tzinfo=UTC)

    def test_of_nobody_left_to_add_says_so(self) -> None:
        made = life(who=roster(duties={"code": ("ann",)}, ptl=()), ladder={"up": (step("add", 1, to="ptl"),)})
        made.live(2 * HOUR)
        assert "code: nobody is available to be added" in [note for one in made.decisions for note in one.notes]

    def test_a_rule_that_is_gone_goes_on_reminding(self) -> None:
        made = life()
        made.settings = replace(made.settings, changes=settings(rule("other", slot="docs", ask=None)).changes)
        made.live(5 * HOUR)
        assert (made.times(DrawAttention), made.who_waits()) == (1, ["ann"])

    def test_a_shorter_ladder_ends_quietly(self) -> None:
        made = life()
        made.live(HOUR)
        made.settings = replace(made.settings, ladders={})
        made.live(DAY)
        assert made.the_case().due is None


class TestClock:
    def test_stands_still_while_work_in_progress_and_goes_on_with_what_was_left(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.live(4 * HOUR)
        made.wip(on=True)
        made.live(100 * HOUR)
        assert made.times(DrawAttention) == 0
        made.wip(on=False)
        made.live(5 * HOUR)
        assert made.times(DrawAttention) == 0
        made.live(HOUR)
        assert made.times(DrawAttention) == 1

    def test_stands_still_while_it_is_the_owners_turn(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.live(4 * HOUR)
        made.turn_of("zed")
        made.live(100 * HOUR)
        assert made.times(DrawAttention) == 0
        assert made.the_case().because == "it is the owner's turn"
        made.turn_of("ann")
        made.live(5 * HOUR)
        assert made.times(DrawAttention) == 0
        made.live(2 * HOUR)  # it is looked every hour
        assert made.times(DrawAttention) == 1

    def test_runs_where_it_is_the_turn_of_both(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.turn_of("zed", "ann")
        made.live(10 * HOUR)
        assert made.times(DrawAttention) == 1

    def test_stands_still_while_snoozed(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.live(4 * HOUR)
        assert "snoozed by ann until 2026-01-10 16:00 UTC" in made.answered("ann", "czar: snooze 3d")
        made.live(3 * DAY - HOUR)
        assert made.times(DrawAttention) == 0
        made.live(6 * HOUR)
        assert made.times(DrawAttention) == 1  # awake: it is their turn again
        made.live(HOUR)
        assert made.times(DrawAttention) == 2

    def test_goes_on_when_a_server_takes_a_command_for_a_reply(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.says("ann", "czar: status")
        assert made.times(DrawAttention) == 1
        made.shows(attention=("zed",), attention_since={"zed": made.now})  # as Gerrit moves it with any reply
        made.live(11 * HOUR)
        assert made.times(DrawAttention) == 2

    def test_stands_still_while_held_until_let_go(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.live(4 * HOUR)
        made.says("bob", "czar: hold")  # a czar of the same duty
        made.live(30 * DAY)
        assert made.times(DrawAttention) == 0
        assert made.the_case().because == "held by bob"
        made.says("pat", "czar: unhold")
        made.live(5 * HOUR)
        assert made.times(DrawAttention) == 0
        made.live(HOUR)
        assert made.times(DrawAttention) == 1

    def test_stands_still_on_while_snooze_ends_in_work_in_progress(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.says("ann", "czar: snooze 2h")
        made.wip(on=True)
        made.live(100 * HOUR)
        made.wip(on=False)
        made.live(9 * HOUR)
        assert made.times(DrawAttention) == 0
        made.live(2 * HOUR)
        assert made.times(DrawAttention) == 1

    def test_goes_on_with_whom_it_added_when_the_first_declines(self) -> None:
        made = life()
        made.live(2 * HOUR)
        assert made.who_waits() == ["ann", "cyd"]
        made.says("ann", "czar: decline")
        assert made.who_waits() == ["cyd"]
        made.live(3 * HOUR)
        assert made.who_waits() == ["cyd", "pat"]

    def test_of_a_change_given_up_and_restored_goes_on(self) -> None:
        made = life(ladder={"up": (step("ping", 10),)})
        made.shows(status="ABANDONED")
        made.happens(ChangeAbandoned)
        made.live(5 * DAY)
        made.shows(status="NEW")
        made.happens(ChangeRestored)
        assert made.who_waits() == ["ann"]
        made.live(11 * HOUR)
        assert made.times(DrawAttention) == 1

    def test_late_we_remind_once_and_keep_the_distance_of_what_follows(self) -> None:
        made = life()
        made.sleep(20 * DAY)
        made.tick()
        assert (made.who_waits(), made.times(DrawAttention)) == (["ann"], 1)
        made.live(59 * MINUTE)
        assert made.who_waits() == ["ann"]
        made.live(MINUTE)
        assert made.who_waits() == ["ann", "cyd"]
        made.live(119 * MINUTE)
        assert made.who_waits() == ["ann", "cyd"]

    @pytest.mark.parametrize("scope", [ACTING, EVERYTHING])
    def test_nothing_is_done_while_paused_nor_all_at_once_after(self, scope: str) -> None:
        made = life()
        made.book.apply(Effects(pauses=(Pause(scope=scope, because="lunch", at=NOW),)))
        made.live(10 * HOUR)
        assert made.times(DrawAttention) == 0
        made.book.paused.clear()
        made.live(HOUR)
        assert (made.who_waits(), made.times(DrawAttention)) == (["ann"], 1)

    def test_a_change_hidden_from_us_is_left_alone(self) -> None:
        made = life()
        made.found = replace(made.found, change=None)
        made.live(2 * DAY)
        assert made.times(DrawAttention) == 0
        assert made.ticks < 60


class TestAbsence:
    def away(self, *, cover: str | None = None, **given: Any) -> Roster:
        week = Absence(first=date(2026, 1, 9), last=date(2026, 1, 16), cover=cover)
        return roster(person("ann", away=(week,)), **given)

    def test_moves_the_item_when_it_begins(self) -> None:
        made = life(who=self.away(), ladder={"up": (step("ping", 100),)})
        made.live(36 * HOUR - MINUTE)
        assert made.who_waits() == ["ann"]
        made.live(HOUR)
        assert (made.who_waits(), made.change.reviewers) == (["bob"], ("bob",))
        assert "Why now: ann is away until 2026-01-16" in made.said()[-1]

    def test_moves_it_to_who_covers(self) -> None:
        made = life(who=self.away(cover="dee"), ladder={"up": (step("ping", 100),)})
        made.live(38 * HOUR)
        assert made.who_waits() == ["dee"]

    def test_leaves_it_where_there_is_nobody_else(self) -> None:
        made = life(who=self.away(duties={"code": ("ann",)}, ptl=()))
        made.live(20 * DAY)
        assert (made.who_waits(), made.change.reviewers) == (["ann"], ("ann",))
        assert made.ticks < 24 * 21

    def test_the_clock_does_not_run_idle_where_something_is_due_meanwhile(self) -> None:
        made = life(who=self.away(duties={"code": ("ann",)}, ptl=()), ladder={"up": (step("ping", 72),)})
        made.live(12 * DAY)
        assert made.times(DrawAttention) == 1
        assert made.ticks < 24 * 12

    def test_is_over_for_who_is_asked_again_and_told_anew(self) -> None:
        made = life(who=self.away(duties={"code": ("ann", "bob")}, ptl=()), ladder={"up": (step("ping", 1000),)})
        made.live(38 * HOUR)
        assert made.who_waits() == ["bob"]
        made.live(10 * DAY)
        made.says("bob", "czar: decline")
        assert made.who_waits() == ["ann"]
        assert made.the_case().times == 2
        assert [one.key for one in made.actions if isinstance(one, AddReviewer)][-1].endswith("/code/ann~2")

    def test_waits_while_the_change_is_work_in_progress(self) -> None:
        made = life(who=self.away(), ladder={"up": (step("ping", 100),)})
        made.wip(on=True)
        made.live(3 * DAY)
        assert made.who_waits() == ["ann"]
        made.wip(on=False)
        made.live(2 * HOUR)
        assert made.who_waits() == ["bob"]

    def test_of_two_asked_at_once_finds_two_others(self) -> None:
        gone = Absence(first=date(2026, 1, 9), last=date(2026, 1, 16))
        people = roster(
            *(person(name, away=(gone,)) for name in ("ann", "bob")),
            duties={"code": Duty(name="code", czars=("ann", "bob"), deputies=("cyd", "dee"))},
        )
        made = life(who=people, ask=asks(pick="all"), ladder={"up": (step("ping", 100),)})
        made.live(38 * HOUR)
        assert sorted(made.who_waits()) == ["cyd", "dee"]

    def test_with_nobody_else_does_no_step_before_its_time_after_the_clock_stood_still(self) -> None:
        gone = Absence(first=date(2026, 1, 9), last=date(2026, 1, 30))
        alone = roster(person("ann", away=(gone,)), duties={"code": ("ann",)}, ptl=())
        made = life(who=alone, ladder={"up": (step("ping", 100),)})
        made.live(HOUR)
        made.wip(on=True)
        made.live(2 * DAY)
        made.wip(on=False)
        made.live(90 * HOUR)
        assert (made.who_waits(), made.times(DrawAttention)) == (["ann"], 0)
        made.live(12 * HOUR)
        assert made.times(DrawAttention) == 1

    def test_in_the_place_of_one_whom_a_ladder_added_nobody_climbs_a_ladder_of_their_own(self) -> None:
        gone = Absence(first=date(2026, 1, 9), last=date(2026, 1, 16))
        made = life(who=roster(person("cyd", away=(gone,))), ladder={"up": (step("add", 2, to="deputies"),)})
        made.live(2 * HOUR)
        assert made.who_waits() == ["ann", "cyd"]
        made.live(2 * DAY)
        assert [(one.person, one.added, one.ladder) for one in made.waiting()] == [
            ("ann", False, "up"),
            ("bob", True, ""),
        ]

    def test_takes_nobody_off_who_is_asked_for_something_else(self) -> None:
        who = roster(duties={"docs": ("ann", "bob")})
        one = rule(ask=asks(pick="first"), ladder="up")
        other = rule("docs", ask=asks("docs", pick="first"))
        made = Life(one, other, who=who, ladders={"up": (step("reassign", 1),)})
        made.begins()
        made.live(HOUR)
        assert sorted((one.slot, one.person) for one in made.waiting()) == [("code", "bob"), ("docs", "ann")]
        assert "ann" in made.change.reviewers

    def test_somebody_off_the_roster_hands_over(self) -> None:
        made = life(ladder={"up": (step("ping", 1000),)})
        new = roster(duties={"code": ("bob",)})
        made.settings = replace(made.settings, changes=settings(*made.settings.changes.rules, who=new).changes)
        made.live(2 * HOUR)
        assert made.who_waits() == ["bob"]

    def test_a_team_that_is_gone_stops_nothing(self) -> None:
        made = life(ladder=LADDER)
        new = replace(roster(), teams={})
        made.settings = replace(made.settings, changes=settings(*made.settings.changes.rules, who=new).changes)
        made.live(DAY)
        assert made.who_waits() == ["ann"]

    def test_a_team_of_another_name_takes_over(self) -> None:
        made = life(ladder={"up": (step("ping", 1000),)})
        old = roster(duties={"code": ("bob",)})
        new = replace(old, teams={"compute": replace(old.teams["nova"], name="compute")})
        made.settings = replace(made.settings, changes=settings(*made.settings.changes.rules, who=new).changes)
        made.live(DAY)
        assert [(one.person, one.team) for one in made.waiting()] == [("bob", "compute")]


class TestRotation:
    WEEKLY = Duty(
        name="code", rotation=Rotation(order=("ann", "bob", "cyd"), start=date(2026, 1, 5), every=7), deputies=()
    )

    def made(self, **given: Any) -> Life:
        ladder = {"up": (step("ping", 1000),)}
        return life(who=roster(duties={"code": self.WEEKLY}, ptl=()), ask=asks(pick="rotation"), ladder=ladder, **given)

    def test_hands_over_what_nobody_has_acknowledged(self) -> None:
        made = self.made()
        assert made.who_waits() == ["ann"]
        made.live(5 * DAY)
        assert made.who_waits() == ["bob"]
        assert "Why now: ann is relieved: bob is on duty now." in made.said()[-1]

    def test_hands_over_nothing_that_was_acknowledged(self) -> None:
        made = self.made()
        made.says("ann", "I am looking at it")
        made.live(20 * DAY)
        assert (made.who_waits(), made.times(AddReviewer)) == ([], 1)

    @pytest.mark.parametrize("why", ["owner", "declined", "unknown"])
    def test_stays_with_who_is_next_where_the_one_on_duty_cannot_be_asked(self, why: str) -> None:
        made = Life(
            rule(ask=asks(pick="rotation"), ladder="up"),
            who=roster(duties={"code": self.WEEKLY}, ptl=()),
            ladders={"up": (step("ping", 10_000),)},
            owner="bob" if why == "owner" else "zed",
        )
        if why == "unknown":
            made.found = replace(made.found, accounts={**made.found.accounts, "bob": ""})
        made.begins()
        if why == "declined":
            made.says("bob", "czar: decline")
        made.live(6 * DAY)  # bob's week
        assert made.times(AddReviewer) <= 2
        assert len(made.who_waits()) == 1


class TestModes:
    def test_observing_follows_nothing_up(self) -> None:
        made = life(mode="observe")
        made.live(30 * DAY)
        assert made.actions == []
        assert made.ticks == 0

    def test_what_was_asked_is_left_alone_once_it_is_only_observed(self) -> None:
        made = life()
        made.settings = replace(made.settings, mode="observe")
        asked = len(made.actions)
        made.live(10 * DAY)
        assert len(made.actions) == asked

    def test_a_suggestion_never_acts(self) -> None:
        made = life(ask=asks(pick="first", as_="suggest"))
        made.live(30 * DAY)
        assert made.actions == []

    def test_who_is_kept_informed_is_not_reminded(self) -> None:
        made = life(ask=asks(pick="first", as_="cc"))
        made.live(30 * DAY)
        assert [type(one).__name__ for one in made.actions] == ["AddReviewer", "Comment"]


class TestPrivate:
    """A ladder lets nobody in who does not see the change."""

    SECRET = Duty(name="code", czars=("ann", "bob"), private=True)

    def test_who_takes_a_place_is_of_the_private_duty(self) -> None:
        one = rule(ask=asks(pick="first"), ladder="up", allow=["private"])
        made = Life(one, who=roster(duties={"code": self.SECRET}), ladders=LADDER, private=True)
        made.begins()
        made.live(DAY)
        assert {one.person for one in made.actions if isinstance(one, AddReviewer)} <= {"ann", "bob"}

    def test_its_ladder_only_reminds(self) -> None:
        one = rule(ask=asks(pick="first"), ladder="up", allow=["private"])
        ladder = {"up": (step("reassign", 1), step("add", 2, to="ptl"), step("notify", 3))}
        made = Life(one, who=roster(duties={"code": self.SECRET}), ladders=ladder, private=True)
        made.begins()
        made.live(DAY)
        assert [one.person for one in made.actions if isinstance(one, AddReviewer)] == ["ann"]
        (told,) = [one for one in made.actions if isinstance(one, Notify)]
        assert told.text.startswith("gerrit:7 has been waiting for you")
        assert told.repo == ""

    def test_a_change_that_becomes_private_is_shown_to_nobody_new(self) -> None:
        ladder = {"up": (step("reassign", 1), step("add", 2, to="deputies"), step("add", 3, to="ptl"))}
        made = life(ladder=ladder)
        made.shows(private=True)
        made.happens(ChangeSeen)
        made.live(DAY)
        assert [one.person for one in made.actions if isinstance(one, AddReviewer)] == ["ann"]


class TestWords:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "Nothing more happens by itself."),
            ({"due": NOW}, "Without an answer you are reminded on 2026-01-07 12:00 UTC."),
        ],
    )
    def test_say_what_is_next(self, given: dict[str, Any], said: str) -> None:
        assert next_words(case(**given), step("ping", 1)).replace("ann is", "you are") == said

    def test_of_a_reminder_say_since_when_what_next_and_how_to_pass_on(self) -> None:
        made = life(who=roster(person("ann", name="Ann Lee")))
        made.live(HOUR)
        text = made.said()[-1]
        assert text.startswith("Ann Lee, this change has been waiting for you since 2026-01-07 12:00 UTC")
        assert "Without an answer the deputies are asked too on 2026-01-07 14:00 UTC." in text
        assert "czar: decline" in text
        assert "code czar of nova" in text


def test_nothing_is_asked_of_a_change_that_was_never_asked_about() -> None:
    made = Life(rule(when={"branch": ("stable/*",)}, ladder="up"), ladders=LADDER)
    made.hears(event())
    made.live(5 * DAY)
    assert made.actions == []


@hypothesis.settings(max_examples=25, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@given(generated.configs, generated.shown)
def test_whatever_is_configured_no_clock_runs_idle_and_nothing_goes_to_and_fro(
    config: Settings, shown: dict[str, Any]
) -> None:
    looks = {name: shown[name] for name in ("owner", "private", "wip", "files", "attention")}
    made = Life(*config.changes.rules, who=config.changes.roster, ladders=generated.LADDERS, **looks)
    made.begins()
    made.live(15 * DAY)
    slots = {one.slot for one in made.book.cases(ITEM)}
    assert made.times(AddReviewer) <= 12 + 16 * len(slots)  # all of a tier, and a rotation that turns every day


class TestNobodyElse:
    def test_is_said_once_and_taken_back_when_they_return(self) -> None:
        away = person("ann", away=(Absence(first=NOW.date() + DAY, last=NOW.date() + 3 * DAY),))
        alone = roster(away, duties={"code": Duty(name="code", czars=("ann",))}, ptl=())
        made = life(who=alone, ladder={"up": (step("ping", 24 * 5),)})
        made.live(3 * DAY)
        assert made.who_waits() == ["ann"]
        said = [note for decision in made.decisions for note in decision.notes]
        assert said == ["code: ann is away until 2026-01-10, but nobody else is available"]
        made.live(3 * DAY)
        (waits,) = made.book.cases(ITEM)
        assert waits.because == "ann answers for it again"

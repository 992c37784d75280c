"""What waits is followed up by its ladder, in seconds here, until somebody acts; and what stops that."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.stage import Cast, Stage, Story, played, wanted
from tests.czar_process import Czar
from tests.real.downloads import VERSIONS
from tests.real.fixtures import Gerrits

pytestmark = pytest.mark.full
_numbers = itertools.count()
RULES = """\
defaults: {limits: {rule_per_hour: 1000, total_per_hour: 1000, person_per_day: 1000}}
ladders:
  quick: [{after: 10s, do: ping}, {after: 18s, do: reassign}, {after: 26s, do: add, to: ptl}]
  patient: [{after: 10s, do: ping}, {after: 30s, do: reassign}]
  slow: [{after: 12s, do: ping}]
rules:
  - {id: quick, event: change, when: {subject: "re:^quick"}, ask: {duty: code, pick: first}, ladder: quick}
  - {id: patient, event: change, when: {subject: "re:^patient"}, ask: {duty: code, pick: first}, ladder: patient}
  - {id: slow, event: change, when: {subject: "re:^slow"}, ask: {duty: code, pick: first}, ladder: slow}
  - {id: calm, event: change, ask: {duty: code, pick: first}}
"""
REMINDED = "this change has been waiting for you since"
UNANSWERED = "was asked on"
SLOW = timedelta(seconds=12)
ROUNDED = timedelta(seconds=1)  # Gerrit tells whole seconds


def czar_is_reminded_then_deputy_then_ptl(cast: Cast) -> None:
    change = cast.asked("quick")
    cast.turn("eve", change, off="ann")
    seen = cast.until(change, lambda seen: seen.says(REMINDED), "a reminder")
    assert seen.attention["ann"] == "still asked to review"
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy in Ann's place")
    seen = cast.until(change, lambda seen: seen.says("pat is asked"), "the PTL")
    assert seen.reviewers == ("bob", "pat")
    words = ("ann is asked to review", REMINDED, "bob is asked to review", "pat is asked to review")
    assert all(phrase in one.text for phrase, one in zip(words, seen.said, strict=True)), seen.said
    assert "Why now: ann was asked on" in seen.said[2].text
    assert "Why now: bob was asked on" in seen.said[3].text
    assert [to for to, _ in cast.mails(change)] == [["ann"], ["ann"], ["bob"], ["pat"]]
    assert [(one["item"], one["role"], one["next"]) for one in cast.inbox("pat")] == [
        (f"gerrit:{change}", "ptl", "nothing more by itself")
    ]
    assert not cast.inbox("ann")
    notes = cast.notes(change)
    assert "code: reminded ann" in notes
    assert any(note.startswith("code: ann was asked on") and note.endswith("bob is asked instead") for note in notes)
    assert "code: pat added" in notes
    cast.review("pat", change, labels={"Code-Review": 1})
    cast.until_case(change, "pat", state="closed")
    cast.until_case(change, "bob", state="closed")
    assert not [one for one in cast.cases(change) if one["state"] != "closed"]
    assert len(cast.look(change, fresh=True).said) == len(words)


def vote_after_the_reminder_ends_it(cast: Cast) -> None:
    change = cast.asked("patient")
    cast.until(change, lambda seen: seen.says(REMINDED), "a reminder")
    cast.review("ann", change, labels={"Code-Review": 1})
    case = cast.until_case(change, "ann", state="closed")
    assert case["because"] in ("ann voted Code-Review +1", "ann replied")  # by the stream, or by catching up
    assert case["due"] is None
    seen = cast.until_age(change, 34)
    assert (seen.reviewers, len(seen.said)) == (("ann",), 2)


def who_is_away_is_passed_over(cast: Cast) -> None:
    change = cast.create()
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy")
    assert cast.candidates(change)["ann"] == "away"


def who_goes_away_is_covered_until_they_are_back(cast: Cast) -> None:
    here, elsewhere = cast.asked(), cast.asked()
    today = datetime.now(UTC).date()
    days = f"{today - timedelta(days=1)}..{today + timedelta(days=7)}"
    cast.answered("ann", here, f"czar: away {days} cover @{cast.prefix}dee", "dee covers")
    for change in (here, elsewhere):
        seen = cast.until(change, lambda seen: seen.says("Why now: ann is away"), "the cover to be asked")
        assert seen.reviewers == ("dee",)
    cast.answered("ann", here, "czar: back", "welcome back")
    cast.asked()
    for change in (here, elsewhere):  # who covered covers no longer
        cast.until(change, lambda seen: seen.reviewers == ("ann",), "Ann in the cover's place")


def who_declines_is_not_asked_again(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("ann", change, "czar: decline not my thing", "the next in line is asked")
    cast.until(change, lambda seen: seen.says("bob is asked"), "the deputy")
    is_not_asked_again(cast, change, "declined")


def who_is_taken_off_by_a_person_is_not_asked_again(cast: Cast) -> None:
    change = cast.asked()
    path = f"/changes/{change}/reviewers/{cast.people['ann'].account_id}/delete"
    cast.rest("oli", "POST", path, {"notify": "NONE"})
    cast.until(change, lambda seen: seen.says("bob is asked"), "the deputy")
    is_not_asked_again(cast, change, "removed")


def is_not_asked_again(cast: Cast, change: int, because: str) -> None:
    cast.new_patch_set(change)
    seen = cast.heard_out(change)
    assert seen.reviewers == ("bob",)
    assert seen.added == {"ann": 1, "bob": 1}
    assert cast.candidates(change)["ann"] == because


def snoozed_it_sleeps_and_wakes(cast: Cast) -> None:
    change = cast.asked("slow")
    cast.answered("ann", change, "czar: snooze 8s", "snoozed by ann until")
    cast.until_case(change, "ann", state="snoozed")
    seen = cast.until(change, lambda seen: seen.says(REMINDED), "a reminder")
    assert seen.when(REMINDED) - seen.created >= SLOW + timedelta(seconds=8) - ROUNDED
    assert len(seen.said) == 3
    cast.until_case(change, "ann", state="open")
    assert "ann's snooze is over" in cast.notes(change)


def work_in_progress_stops_the_clock(cast: Cast) -> None:
    change = cast.asked("slow")
    cast.rest("oli", "POST", f"/changes/{change}/wip", {})
    stopped = time.time()
    cast.until_case(change, "ann", because="the change is work in progress")
    assert not cast.until_age(change, 18).says(REMINDED)
    still = timedelta(seconds=time.time() - stopped)
    cast.rest("oli", "POST", f"/changes/{change}/ready", {})
    is_reminded_later(cast, change, still)


def owners_turn_stops_the_clock(cast: Cast) -> None:
    change = cast.asked("slow")
    cast.turn("eve", change, to="oli", off="ann")
    stopped = time.time()
    cast.until_case(change, "ann", because="it is the owner's turn")
    assert not cast.until_age(change, 18).says(REMINDED)
    still = timedelta(seconds=time.time() - stopped)
    cast.turn("oli", change, to="ann", off="oli")
    is_reminded_later(cast, change, still)


def is_reminded_later(cast: Cast, change: int, still: timedelta) -> None:
    seen = cast.until(change, lambda seen: seen.says(REMINDED), "a reminder")
    assert seen.when(REMINDED) - seen.created >= SLOW + still - ROUNDED
    assert seen.reviewers == ("ann",)
    assert len(seen.said) == 2


def observed_it_moves_nobody(cast: Cast) -> None:
    world, folder = cast.stage.world, cast.stage.czar.config.parent / "observing"
    with Czar(folder) as czar:
        stage = Stage(world, czar, f"{cast.stage.name}-observing")
        other = stage.cast("tea")
        stage.open(RULES, more="mode: observe\n")
        change = other.create("quick")
        other.until_case(change, "ann", observed=True)
        other.review("dee", change, message="czar: status")
        other.review("ann", change, message="czar: decline")
        seen = other.until_age(change, 15)
        assert (seen.reviewers, seen.said) == ((), ())
        assert {row["state"] for told in other.explained(change) for row in told["actions"]} == {"observed"}
        assert stage.http.posted == []


STORIES: tuple[Story, ...] = (
    czar_is_reminded_then_deputy_then_ptl,
    vote_after_the_reminder_ends_it,
    who_is_away_is_passed_over,
    who_goes_away_is_covered_until_they_are_back,
    who_declines_is_not_asked_again,
    who_is_taken_off_by_a_person_is_not_asked_again,
    snoozed_it_sleeps_and_wakes,
    work_in_progress_stops_the_clock,
    owners_turn_stops_the_clock,
    observed_it_moves_nobody,
)
AWAY: Mapping[Story, tuple[str, ...]] = {who_is_away_is_passed_over: ("ann",)}


@pytest.fixture(scope="module", params=VERSIONS)
def told(
    request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Story, Future[None]]]:
    """All stories, told at the same time by one daemon."""
    with Czar(tmp_path_factory.mktemp("following-")) as czar:
        stage = Stage(real_gerrits.get(request.param), czar, f"follow{next(_numbers)}")
        with played(stage, wanted(request, STORIES), RULES, AWAY) as futures:
            yield futures


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_while_seconds_are_days(story: Story, told: Mapping[Story, Future[None]]) -> None:
    told[story].result()

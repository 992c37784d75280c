"""What people tell the daemon in comments is carried out, once, or refused to those without the right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.stage import WAYS, Cast, Seen, Stage, Story, played, wanted
from tests.czar_process import Czar
from tests.real.downloads import VERSIONS
from tests.real.fixtures import Gerrits
from tests.waiting import until

pytestmark = pytest.mark.full
_numbers = itertools.count()
RULES = """\
defaults: {limits: {rule_per_hour: 1000, total_per_hour: 1000, person_per_day: 1000}}
ladders:
  slow: [{after: 15s, do: ping}]
rules:
  - {id: gate, event: change, when: {subject: "re:^gate"}, slot: gate, ask: {duty: gate, pick: rotation}}
  - {id: slow, event: change, when: {subject: "re:^slow"}, slot: code, ask: {duty: code, pick: first}, ladder: slow}
  - {id: calm, event: change, when: {subject: "!re:^gate"}, slot: code, ask: {duty: code, pick: first}}
"""
REMINDED = "for you since"


def claim(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("oli", change, "czar: claim", "not done: oli owns or wrote it")
    cast.answered("eve", change, "czar: claim", "it is yours now (code)")
    cast.until(change, lambda seen: seen.reviewers == ("eve",), "Eve in Ann's place")
    cast.answered("eve", change, "czar: claim", "not done: it is yours already")


def decline(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("eve", change, "czar: decline", "you will not be asked about this one")
    assert cast.look(change, fresh=True).reviewers == ("ann",)
    cast.answered("ann", change, "czar: decline no time", "noted, ")
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy")


def assign(cast: Cast) -> None:
    change = cast.asked()
    eve, stranger = f"@{cast.prefix}eve", "@nobody-of-that-name"
    cast.answered("eve", change, f"czar: assign {eve}", "not done: only who answers for code of")
    cast.answered("bob", change, f"czar: assign {stranger}", "not done: nobody of the roster is called")
    cast.answered("bob", change, f"czar: assign @{cast.prefix}oli", "not done: oli owns or wrote it")
    assert cast.look(change, fresh=True).reviewers == ("ann",)
    cast.answered("bob", change, f"czar: assign {eve}", "eve is asked")
    cast.until(change, lambda seen: seen.reviewers == ("eve",), "Eve in Ann's place")


def release(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("ann", change, "czar: release", "noted, ")
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy")


def reroll(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("eve", change, "czar: reroll", "not done: only who is asked, or answers for the duty, may")
    cast.answered("pat", change, "czar: reroll code", "bob is asked instead")
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy")


def route(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("eve", change, "czar: route docs", "not done: only people who hold a duty of")
    cast.answered("ann", change, "czar: route tea", "not done: nobody has heard of a duty tea")
    cast.answered("ann", change, "czar: route docs", "dee is asked")
    cast.until(change, lambda seen: seen.reviewers == ("ann", "dee"), "Dee beside Ann")
    cast.answered("ann", change, "czar: route docs", "not done: dee is asked for docs already")


def snooze(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("eve", change, "czar: snooze 3d", "not done: nothing waits for you here")
    cast.answered("ann", change, "czar: snooze soon", "not done: say for how long")
    cast.answered("ann", change, "czar: snooze 91d", "not done: at most 90 days")
    cast.answered("ann", change, "czar: snooze 1w", "snoozed by ann until")
    assert cast.until_case(change, "ann", state="snoozed")["snoozed_until"]


def hold_and_unhold(cast: Cast) -> None:
    change = cast.asked("slow")
    cast.answered("bob", change, "czar: hold", "held until unhold")
    for verb in ("hold", "unhold"):
        cast.answered("eve", change, f"czar: {verb}", "not done: nothing here waits for you, or for a duty of yours")
    cast.until_case(change, "ann", state="snoozed")
    assert not cast.until_age(change, 20).says(REMINDED)
    cast.answered("bob", change, "czar: unhold", "goes on")
    cast.until(change, lambda seen: seen.says(REMINDED), "a reminder")
    cast.answered("bob", change, "czar: unhold", "not done: nothing is held here")


def explain_and_status(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("eve", change, "czar: explain", "ann, as code czar of")
    cast.answered("eve", change, "czar: status", "code: ann, asked on")
    cast.answered("", change, "czar: status", "your account is not in the roster")


def away_and_back(cast: Cast) -> None:
    change, today = cast.asked(), datetime.now(UTC).date()
    week = f"{today - timedelta(days=1)}..{today + timedelta(days=6)}"
    cast.answered("ann", change, "czar: away soon", "not done: soon is no day")
    cast.answered("ann", change, f"czar: away {week} cover @{cast.prefix}ann", "not done: somebody else must cover")
    cast.answered("", change, f"czar: away {week}", "your account is not in the roster")
    cast.answered("ann", change, f"czar: away {week}", "you are away")
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy")
    cast.answered("ann", change, "czar: back", "welcome back")
    cast.asked()


def swap(cast: Cast) -> None:
    change = cast.create("gate")
    seen = cast.until(change, lambda seen: seen.says("is asked to review"), "somebody on duty")
    (on_duty,) = seen.reviewers
    (other,) = {"ann", "bob"} - {on_duty}
    week = f"{datetime.now(UTC):%G-W%V}"
    cast.answered("eve", change, f"czar: swap @{cast.prefix}ann {week}", "not done: you and ann are in no rotation")
    cast.answered(other, change, f"czar: swap @{cast.prefix}{on_duty} next", "not done:")
    cast.answered(other, change, f"czar: swap @{cast.prefix}{on_duty} {week}", "have each other's turns")
    later = cast.create("gate")
    cast.until(later, lambda seen: seen.reviewers == (other,), "who swapped")
    cast.until(change, lambda seen: seen.reviewers == (other,), "who swapped, in the other's place")


def delegate(cast: Cast) -> None:
    change, tomorrow = cast.asked(), datetime.now(UTC).date() + timedelta(days=1)
    order = f"czar: delegate code @{cast.prefix}eve until {tomorrow}"
    for who in ("eve", "ann"):
        cast.answered(who, change, order, "not done: only the PTL of")
    cast.answered("pat", change, "czar: delegate code @" + cast.prefix + "eve until then", "not done: then is no day")
    cast.answered("pat", change, order, "eve stands in for code of")
    later = cast.create()
    cast.until(later, lambda seen: seen.reviewers == ("eve",), "who stands in")


def quiet(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("", change, "czar: quiet", "your account is not in the roster")
    cast.answered("ann", change, "czar: quiet", "you get the weekly digest only")
    cast.answered("ann", change, "czar: quiet off", "you are told everything again")


def optout(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("", change, "czar: optout", "your account is not in the roster")
    cast.answered("ann", change, "czar: optout", "you are not asked any more")
    cast.until(change, lambda seen: seen.reviewers == ("bob",), "the deputy")
    later = cast.create()
    cast.until(later, lambda seen: seen.reviewers == ("bob",), "the deputy")
    cast.answered("ann", later, "czar: back", "welcome back")
    cast.asked()


def words_that_are_for_elsewhere(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("ann", change, "czar: signoff", "no release is asked for here")
    cast.answered("ann", change, "czar: gate split", "that is for gate failures")


def an_unknown_word_is_answered_once_to_its_author_alone(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("eve", change, "czar: clame", "I do not know that word; did you mean “claim”?")
    assert [to for to, message in cast.mails(change) if "did you mean" in message] == [["eve"]]
    assert len(cast.heard_out(change).said) == 2


def several_in_one_message_get_one_answer(cast: Cast) -> None:
    change = cast.asked()
    cast.answered("pat", change, "Hello,\nczar: route docs\nCZAR: hold\n\nczar: unhold\n", "hold: held until unhold")
    seen = cast.heard_out(change)
    assert seen.reviewers == ("ann", "dee")
    assert sum("goes on" in one.text for one in seen.said) == 1
    assert cast.until_case(change, "ann")["state"] == "open"


def quotes_and_code_are_no_commands(cast: Cast) -> None:
    change = cast.asked()
    for way in WAYS:
        cast.say("ann", change, "> czar: decline\n\nYes.", way=way)
        cast.say("pat", change, "```\nczar: decline\n```\n\n    czar: release\n\nI say czar: optout", way=way)
    seen = cast.heard_out(change)
    assert (seen.reviewers, len(seen.said)) == (("ann",), 1)


def bots_are_not_heard(cast: Cast) -> None:
    change = cast.asked()
    for bot in (cast.stage.robot, cast.stage.bot):
        for how in ({"message": "czar: status"}, {"comments": {"/PATCHSET_LEVEL": [{"message": "czar: explain"}]}}):
            cast.stage.world.rest(bot, "POST", f"/changes/{change}/revisions/current/review", how)
    cast.heard_out(change)
    assert [to for to, _ in cast.mails(change)] == [["ann"], ["dee"]]


def who_says_too_much_is_obeyed_and_not_answered(cast: Cast) -> None:
    change = cast.asked()
    for number in range(10):
        cast.say("eve", change, f"czar: bla{number}")
    cast.until(change, lambda seen: answers(seen) == 10, "ten answers, in however many messages")
    cast.say("eve", change, "czar: claim")
    cast.until(change, lambda seen: seen.reviewers == ("eve",), "Eve in Ann's place")
    assert not cast.heard_out(change).says("it is yours now")


def answers(seen: Seen) -> int:
    return sum(one.text.count("I do not know that word") for one in seen.said)


STORIES: tuple[Story, ...] = (
    claim,
    decline,
    assign,
    release,
    reroll,
    route,
    snooze,
    hold_and_unhold,
    explain_and_status,
    away_and_back,
    swap,
    delegate,
    quiet,
    optout,
    words_that_are_for_elsewhere,
    an_unknown_word_is_answered_once_to_its_author_alone,
    several_in_one_message_get_one_answer,
    quotes_and_code_are_no_commands,
    bots_are_not_heard,
    who_says_too_much_is_obeyed_and_not_answered,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The stories, and a team for what is told afterwards."""

    stories: Mapping[Story, Future[None]]
    later: Cast


@pytest.fixture(scope="module", params=VERSIONS)
def told(
    request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """All stories, told at the same time to one daemon. What one version hears one way, the other hears the other."""
    ways = WAYS if request.param == VERSIONS[0] else (WAYS[1], WAYS[0])
    with Czar(tmp_path_factory.mktemp("commands-")) as czar:
        stage = Stage(real_gerrits.get(request.param), czar, f"say{next(_numbers)}", ways=ways)
        later = stage.cast("later")
        with played(stage, wanted(request, STORIES), RULES) as stories:
            yield Told(stories=stories, later=later)


@pytest.fixture
def later(told: Told) -> Cast:
    """Once all stories are told, the daemon may be stopped."""
    for story in told.stories.values():
        story.exception()
    return told.later


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_what_is_said_is_done(story: Story, told: Told) -> None:
    told.stories[story].result()


def test_what_was_said_while_the_daemon_was_down_is_done_once(later: Cast) -> None:
    change = later.asked()
    assert later.stage.czar.stop() == 0
    later.say("ann", change, "czar: decline", way="comment")
    later.say("pat", change, "czar: route docs", way="message")
    later.stage.czar.start()
    done_once(later, change)


@pytest.mark.parametrize(("way", "seen"), [("message", "GET"), ("comment", "POST")])
def test_killed_while_it_obeys_it_has_obeyed_once(way: str, seen: str, later: Cast) -> None:
    change = later.asked()
    later.say("ann", change, "czar: decline", way=way)
    before = later.stage.http.asked(seen)
    later.say("pat", change, "czar: route docs", way=way)
    until(lambda: later.stage.http.asked(seen) > before, 30, f"a {seen}")
    later.stage.czar.kill()
    later.stage.czar.start()
    done_once(later, change)


def done_once(cast: Cast, change: int) -> None:
    answers = ("noted, ", "route: dee is asked")
    cast.until(change, lambda seen: all(seen.says(words) for words in answers), "both answers")
    cast.until(change, lambda seen: seen.reviewers == ("bob", "dee"), "both reviewers")
    seen = cast.heard_out(change)
    for words in (*answers, "bob is asked to review", "dee is asked to review"):
        assert sum(one.text.count(words) for one in seen.said) == 1, (words, seen.said)
    assert seen.added == {"ann": 1, "bob": 1, "dee": 1}

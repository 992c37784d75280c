"""What people tell the daemon in comments is carried out, or refused with a reason, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.actions import Comment
from rules.catalogue.commands import ELSEWHERE, MOST_REPLIES, VERBS
from rules.command_lines import VERBS as ALL_VERBS
from rules.events import Account, ChangeMerged, ChangeSeen, CommentAdded
from rules.facts import Message
from tests.rules.life import Life
from tests.rules.makers import HOUR, ITEM, NOW, account, asks, roster, rule

BOTS = frozenset({"zuul"})


def life(**given: object) -> Life:
    made = Life(rule(ask=asks(pick="first")), who=roster(bots=BOTS, duties={"docs": ("dee",)}), **given)
    made.begins()
    return made


def replies(made: Life) -> list[str]:
    return [one.text for one in made.actions if isinstance(one, Comment) and "reply" in one.key]


class TestWords:
    def test_each_is_obeyed_or_has_no_meaning_here(self) -> None:
        assert {*VERBS, *ELSEWHERE} == set(ALL_VERBS)

    def test_unknown_are_answered_once_with_the_nearest_to_their_author_alone(self) -> None:
        made = life()
        assert made.answered("bob", "czar: clame") == "clame: I do not know that word; did you mean “claim”?"
        made.happens(ChangeSeen, may_command=((account("bob"), NOW),))
        assert len(replies(made)) == 1

    def test_like_nothing_are_answered_without_a_guess(self) -> None:
        assert life().answered("bob", "czar: xyzzyx") == "xyzzyx: I do not know that word"

    def test_left_out_are_asked_for(self) -> None:
        assert life().answered("bob", "czar:") == "?: say what, e.g. status"

    def test_of_any_length_are_not_said_back_in_full(self) -> None:
        made = life()
        for line in ("czar: " + "x" * 9999, f"czar: assign @{'x' * 9999}", f"czar: route {'x' * 9999}"):
            assert len(made.answered("ann", line)) < 200

    @pytest.mark.parametrize("line", [f"czar: {verb}" for verb in ELSEWHERE])
    def test_for_other_items_are_told_so(self, line: str) -> None:
        assert life().answered("ann", line).endswith(ELSEWHERE[line.removeprefix("czar: ")])

    @pytest.mark.parametrize("line", [f"czar: {verb} @ bob 0d 9999-W53..0 until" for verb in ALL_VERBS])
    def test_with_nonsense_do_no_harm(self, line: str) -> None:
        assert life().answered("pat", line)

    def test_of_one_message_are_answered_together(self) -> None:
        said = life().answered("ann", "czar: status", "hello", "czar: snooze 3d").splitlines()
        assert [line.partition(":")[0] for line in said] == ["status", "snooze"]

    def test_said_by_the_asked_person_are_no_review(self) -> None:
        made = life()
        made.answered("ann", "czar: status")
        assert made.who_waits() == ["ann"]

    def test_in_a_reply_cannot_be_commands(self) -> None:
        made = life()
        for text in [*replies(made), made.answered("ann", "czar: czar: claim", "czar: decline czar: x")]:
            assert not any(line.strip().casefold().startswith("czar:") for line in text.splitlines())


class TestAuthors:
    @pytest.mark.parametrize("who", ["zuul", "czar-bot"])
    def test_bots_and_we_ourselves_are_not_heard(self, who: str) -> None:
        made = life()
        assert made.says(who, "czar: clame").actions == ()
        made.says("bob", "czar: status")
        assert len(replies(made)) == 1

    def test_the_server_itself_is_not_heard(self) -> None:
        made = life()
        made.shows(messages=(Message(id="x", by=Account(), at=NOW, lines=((0, "czar: optout"),)),))
        made.happens(CommentAdded, by=None, text="czar: optout")
        assert made.book.arrangements == ()

    def test_outside_the_roster_are_told_so_once(self) -> None:
        made = life()
        assert made.answered("zed", "czar: claim") == "claim: your account is not in the roster"
        assert made.who_waits() == ["ann"]

    def test_are_known_by_account_never_by_name(self) -> None:
        made = life()
        false = Message(
            id="m", by=Account(username="zed", name="ann", email="zed@x.org"), at=NOW, lines=((0, "czar: decline"),)
        )
        made.shows(messages=(false,))
        made.happens(CommentAdded, by=false.by, text="czar: decline")
        assert made.who_waits() == ["ann"]

    def test_are_answered_where_only_the_roster_knows_their_account(self) -> None:
        made = life()
        made.writes("bob", "czar: status")
        (said,) = made.change.messages or ()
        made.shows(messages=(replace(said, account=""),))
        decided = made.happens(CommentAdded, by=account("bob"), text="czar: status")
        assert [one.tell for one in decided.actions if isinstance(one, Comment)] == [("bob",)]

    def test_are_answered_within_reason_and_obeyed_all_the_same(self) -> None:
        made = life()
        for _ in range(MOST_REPLIES + 5):
            made.says("bob", "czar: clame")
        assert len(replies(made)) == MOST_REPLIES
        made.says("bob", "czar: claim")
        assert made.who_waits() == ["bob"]
        assert len(replies(made)) == MOST_REPLIES
        assert made.answered("cyd", "czar: status")  # others are answered
        made.sleep(HOUR + timedelta(seconds=1))
        assert made.answered("bob", "czar: status")


class TestHearing:
    def test_by_stream_and_catch_up_is_once(self) -> None:
        made = life()
        made.says("ann", "czar: decline")
        assert made.who_waits() == ["bob"]
        decided = made.happens(ChangeSeen, may_command=((account("ann"), NOW),))
        assert decided.actions == ()
        assert made.who_waits() == ["bob"]

    def test_by_catch_up_alone_is_as_good(self) -> None:
        made = life()
        made.sleep(HOUR)
        made.writes("ann", "czar: decline")
        made.happens(ChangeSeen, may_command=((account("ann"), made.now),))
        assert made.who_waits() == ["bob"]

    def test_what_was_said_before_the_first_start_was_not_said_to_us(self) -> None:
        made = life(started=NOW + HOUR)
        made.writes("bob", "czar: optout")
        made.sleep(2 * HOUR)
        made.happens(ChangeSeen, may_command=((account("bob"), NOW),))
        made.says("ann", "czar: status")  # all messages are looked at
        assert made.book.arrangements == ()
        assert len(replies(made)) == 1

    def test_old_messages_that_were_read_are_not_read_again_with_a_new_one(self) -> None:
        made = life()
        made.says("ann", "czar: decline")
        made.says("pat", "czar: assign @ann")
        made.says("bob", "czar: status")
        assert made.who_waits() == ["ann"]

    def test_in_the_order_it_was_said(self) -> None:
        made = life()
        made.writes("ann", "czar: decline")
        made.says("bob", "czar: claim", "czar: snooze 3d")
        assert (made.who_waits(), made.the_case().state) == (["bob"], "snoozed")

    @pytest.mark.parametrize("line", ["czar: route docs", "czar: assign @bob code", "czar: claim", "czar: reroll"])
    def test_on_a_merged_change_asks_nobody(self, line: str) -> None:
        made = life()
        made.shows(status="MERGED")
        made.happens(ChangeMerged)
        asked = len(made.actions)
        assert "not done" in made.answered("pat", line)
        assert (made.who_waits(), len(made.actions)) == ([], asked + 1)

    def test_observing_nothing_is_done(self) -> None:
        made = life(mode="observe")
        for line in ("czar: status", "czar: route docs", "czar: assign @bob", "czar: decline", "czar: claim"):
            made.says("pat", line)
        assert made.actions == []

    def test_a_change_nobody_was_asked_about_may_be_talked_on(self) -> None:
        made = Life(rule(when={"branch": ("stable/*",)}))
        assert made.answered("ann", "czar: status") == "status: nothing waits for anybody here"
        assert made.answered("ann", "czar: explain") == "explain: nobody was asked about this change"


def test_every_command_is_noted_with_who_said_it() -> None:
    made = life()
    assert made.says("ann", "czar: decline too busy").notes == ("ann said “decline too busy”",)
    assert made.says("zed", "czar: decline").notes == ()
    assert made.says("bob", "czar: unhold").notes == ("bob said “unhold”: refused: nothing is held here",)


def test_what_was_read_is_kept_by_message_and_item() -> None:
    made = life()
    made.says("ann", "czar: status")
    assert made.book.was_read(ITEM, "m1")
    assert not made.book.was_read("gerrit:8", "m1")

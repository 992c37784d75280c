"""What people and the server do about an ask changes its case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rules.catalogue.follow import follow, person_of
from rules.events import (
    Account,
    AskRefused,
    ChangeAbandoned,
    ChangeDeleted,
    ChangeEvent,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    Event,
    PatchsetCreated,
    ReviewerAdded,
    ReviewerRemoved,
    Tick,
    TopicChanged,
    Vote,
)
from rules.state import Book, Case, Effects, close
from tests.rules.makers import HOUR, ITEM, NOW, REPO, account, case, facts, happened, person, roster, settings

SETTINGS = settings()
UNROUTED = case("", state="unrouted")


def book(*cases: Case) -> Book:
    made = Book()
    made.apply(Effects(cases=cases))
    return made


def ended(what: Event, *cases: Case, **given: Any) -> list[tuple[str, str]]:
    """The cases that change, by person and how they end."""
    effects = follow(what, given.get("found"), SETTINGS, book(*(cases or (case(),))))
    return [(one.person, one.end) for one in effects.cases]


def removed(who: str, by: str | None, **given: Any) -> ReviewerRemoved:
    return happened(ReviewerRemoved, reviewer=account(who), by=account(by) if by else None, **given)


def reply(by: str, **given: Any) -> CommentAdded:
    return happened(CommentAdded, by=account(by), **given)


class TestPersonOf:
    WHO = roster(person("eve", gerrit=None, emails=("Eve@Example.net",)))

    @pytest.mark.parametrize(
        ("given", "person"),
        [
            (Account(username="ann"), "ann"),
            (Account(username="ann", email="bob@example.org"), "ann"),
            (Account(email="ANN@example.org"), "ann"),
            (Account(username="eve-at-work", email="eve@example.net"), "eve"),
            (Account(username="zed", email="zed@example.org"), None),
            (Account(name="ann"), None),
            (Account(), None),
            (None, None),
        ],
    )
    def test_is_known_by_username_else_by_address_never_by_name(
        self, given: Account | None, person: str | None
    ) -> None:
        assert person_of(given, self.WHO) == person


class TestEnds:
    @pytest.mark.parametrize(
        ("kind", "end"), [(ChangeMerged, "merged"), (ChangeAbandoned, "abandoned"), (ChangeDeleted, "deleted")]
    )
    def test_of_the_change_close_all_that_is_open_or_unrouted(self, kind: type[ChangeEvent], end: str) -> None:
        done = close(case("dee"), "acted", "dee replied")
        assert ended(happened(kind), case(), case("bob", state="snoozed"), UNROUTED, done) == [
            ("ann", end),
            ("bob", end),
            ("", end),
        ]

    @pytest.mark.parametrize(("status", "end"), [("MERGED", "merged"), ("ABANDONED", "abandoned")])
    def test_are_also_seen_by_catch_up_and_look_up(self, status: str, end: str) -> None:
        assert ended(happened(ChangeSeen, status=status)) == [("ann", end)]
        assert ended(happened(PatchsetCreated), found=facts(status=status)) == [("ann", end)]

    def test_what_the_server_shows_now_counts_more_than_what_catch_up_saw(self) -> None:
        assert ended(happened(ChangeSeen, status="ABANDONED"), found=facts(status="NEW")) == []

    def test_restoring_opens_what_abandoning_closed(self) -> None:
        given_up = close(case(), "abandoned", "the change was abandoned")
        effects = follow(happened(ChangeRestored), None, SETTINGS, book(given_up, close(case("bob"), "acted", "")))
        assert [(one.person, one.state, one.end, one.opened) for one in effects.cases] == [("ann", "open", "", NOW)]

    def test_restoring_is_an_act_of_whoever_was_asked(self) -> None:
        given_up = (close(case(), "abandoned", ""), close(case("bob"), "abandoned", ""))
        effects = follow(happened(ChangeRestored, by=account("ann")), None, SETTINGS, book(*given_up))
        assert [(one.person, one.state, one.end) for one in effects.cases] == [
            ("ann", "closed", "acted"),
            ("bob", "open", ""),
        ]

    def test_restoring_leaves_unrouted_what_was_unrouted(self) -> None:
        given_up = close(UNROUTED, "abandoned", "the change was abandoned")
        effects = follow(happened(ChangeRestored), None, SETTINGS, book(given_up))
        assert [one.state for one in effects.cases] == ["unrouted"]

    def test_restoring_does_not_bring_back_who_was_taken_off_meanwhile(self) -> None:
        made = book(close(case(), "abandoned", "the change was abandoned"))
        for what in (removed("ann", "ann"), happened(ChangeRestored)):
            made.apply(follow(what, None, SETTINGS, made))
        assert [(one.state, one.end) for one in made.cases(ITEM)] == [("closed", "removed")]


class TestReplies:
    def test_close_the_case_of_who_was_asked_and_no_other(self) -> None:
        assert ended(reply("ann"), case(), case("bob")) == [("ann", "acted")]

    @pytest.mark.parametrize("by", ["zed", "dee", "czar-bot"])
    def test_of_others_close_nothing(self, by: str) -> None:
        assert ended(reply(by)) == []

    def test_of_nobody_known_leave_the_unrouted_one(self) -> None:
        assert ended(reply("zed"), UNROUTED) == []

    def test_close_every_slot_of_the_person(self) -> None:
        assert ended(reply("ann"), case(), case(slot="docs")) == [("ann", "acted"), ("ann", "acted")]

    def test_say_whether_it_was_a_vote(self) -> None:
        votes = (Vote(label="Code-Review", value=2, old=0), Vote(label="Verified", value=1))
        for given, said in ((votes, "ann voted Code-Review +2"), ((), "ann replied"), (votes[1:], "ann replied")):
            effects = follow(reply("ann", votes=given), None, SETTINGS, book(case()))
            assert [one.because for one in effects.cases] == [said]

    def test_do_not_close_twice(self) -> None:
        assert ended(reply("ann"), close(case(), "merged", "")) == []

    def test_to_an_item_nobody_asked_about_change_nothing(self) -> None:
        assert follow(reply("ann"), None, SETTINGS, Book()) == Effects()


class TestRemoval:
    @pytest.mark.parametrize(
        ("by", "how", "because"),
        [
            ("ann", "declined", "took themselves off the change"),
            ("zed", "removed", "was taken off the change by zed"),
            (None, "removed", "was taken off the change by the server"),
        ],
    )
    def test_closes_the_case_and_is_remembered(self, by: str | None, how: str, because: str) -> None:
        effects = follow(removed("ann", by), None, SETTINGS, book(case(), case("bob")))
        assert [(one.person, one.end, one.because) for one in effects.cases] == [("ann", "removed", because)]
        assert [(one.person, one.how, one.because) for one in effects.declined] == [("ann", how, because)]

    def test_by_us_is_nothing(self) -> None:
        assert follow(removed("ann", "czar-bot"), None, SETTINGS, book(case())) == Effects()

    def test_by_somebody_without_any_name_is_not_ours(self) -> None:
        what = happened(ReviewerRemoved, reviewer=account("ann"), by=Account())
        effects = follow(what, None, settings(ourselves=""), book(case()))
        assert [one.how for one in effects.declined] == ["removed"]

    def test_of_a_stranger_is_nothing(self) -> None:
        assert follow(removed("zed", "bob"), None, SETTINGS, book(case())) == Effects()

    def test_of_somebody_never_asked_is_remembered_too(self) -> None:
        effects = follow(removed("dee", "zed"), None, SETTINGS, Book())
        assert [one.person for one in effects.declined] == ["dee"]

    def test_the_first_removal_stands(self) -> None:
        made = book(case())
        made.apply(follow(removed("ann", "ann"), None, SETTINGS, made))
        assert follow(removed("ann", "zed"), None, SETTINGS, made) == Effects()

    def test_after_an_answer_frees_the_slot_too(self) -> None:
        assert ended(removed("ann", "ann"), close(case(), "acted", "not mine")) == [("ann", "removed")]


class TestRefusal:
    def test_closes_the_case_and_is_remembered(self) -> None:
        what = AskRefused(at=NOW, item=ITEM, repo=REPO, person="ann", why="may not read it")
        effects = follow(what, None, SETTINGS, book(case(), case("bob")))
        assert [(one.person, one.end) for one in effects.cases] == [("ann", "refused")]
        assert [(one.person, one.how, one.because) for one in effects.declined] == [
            ("ann", "refused", "the server refused: may not read it")
        ]


class TestMissed:
    def test_replies_close_the_case(self) -> None:
        seen = happened(ChangeSeen, spoke=((account("ann"), NOW + HOUR), (account("zed"), NOW + HOUR)))
        assert ended(seen, case(), case("bob")) == [("ann", "acted")]

    def test_replies_before_the_ask_do_not(self) -> None:
        asked = case(opened=NOW + timedelta(milliseconds=600))
        assert ended(happened(ChangeSeen, spoke=((account("ann"), NOW - timedelta(seconds=1)),)), asked) == []

    def test_a_reply_within_the_second_of_the_ask_does(self) -> None:
        asked = case(opened=NOW + timedelta(milliseconds=600))
        assert ended(happened(ChangeSeen, spoke=((account("ann"), NOW),)), asked) == [("ann", "acted")]

    def test_removals_are_as_if_heard(self) -> None:
        seen = happened(ChangeSeen, removed=((account("ann"), account("ann")), (account("bob"), account("zed"))))
        effects = follow(seen, None, SETTINGS, book(case(), case("bob")))
        assert [(one.person, one.end) for one in effects.cases] == [("ann", "removed"), ("bob", "removed")]
        assert [(one.person, one.how) for one in effects.declined] == [("ann", "declined"), ("bob", "removed")]

    def test_our_own_removals_are_nothing(self) -> None:
        seen = happened(ChangeSeen, removed=((account("ann"), account("czar-bot")),))
        assert follow(seen, None, SETTINGS, book(case())) == Effects()

    def test_seen_twice_changes_nothing_more(self) -> None:
        seen = happened(ChangeSeen, spoke=((account("bob"), NOW + HOUR),), removed=((account("ann"), account("zed")),))
        made = book(case(), case("bob"))
        made.apply(follow(seen, None, SETTINGS, made))
        assert follow(seen, None, SETTINGS, made) == Effects()


@pytest.mark.parametrize("kind", [PatchsetCreated, TopicChanged])
def test_any_act_of_the_asked_person_answers(kind: type[ChangeEvent]) -> None:
    assert ended(happened(kind, by=account("ann"))) == [("ann", "acted")]


@pytest.mark.parametrize(
    "what",
    [
        happened(PatchsetCreated, by=account("zed")),
        happened(ReviewerAdded, reviewer=account("ann"), by=account("zed")),
        Tick(at=NOW, item=ITEM, repo=REPO, because="was unrouted"),
    ],
    ids=lambda what: type(what).__name__,
)
def test_what_else_happens_answers_nothing(what: Event) -> None:
    assert follow(what, None, SETTINGS, book(case(), UNROUTED)) == Effects()


def test_a_removal_found_on_an_abandoned_change_is_remembered_all_the_same() -> None:
    made = book(case(), case("bob"))
    effects = follow(removed("ann", "zed"), facts(status="ABANDONED"), SETTINGS, made)
    assert {(one.person, one.end) for one in effects.cases} == {("ann", "removed"), ("bob", "abandoned")}
    assert [one.person for one in effects.declined] == ["ann"]

"""What a recording has told of its changes, as a server would show it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from daemon.replayed_world import Files, ReplayedWorld, account_of
from rules.actions import AddReviewer, DrawAttention, RemoveReviewer
from rules.events import (
    Account,
    ChangeAbandoned,
    ChangeDeleted,
    ChangeEvent,
    ChangeMerged,
    ChangeRestored,
    CommentAdded,
    PatchSet,
    ReviewerAdded,
    ReviewerRemoved,
    Vote,
    VoteRemoved,
    WipChanged,
)
from rules.facts import Ballot, ChangeFacts, Facts, Need
from rules.roster import Person
from tests.rules.makers import HOUR, ITEM, NOW, REPO, account, event, happened, person, roster, settings

WHO = roster(person("ann", gerrit=None), bots=frozenset({"zuul"}))
ANN = "ann@example.org"  # has no username: her address is her id


def world(*told: ChangeEvent, files: Files | None = None, **given: Any) -> ReplayedWorld:
    """What is known after these events."""
    found = ReplayedWorld(settings(who=WHO, **given), files or {})
    for one in told:
        found.hear(one)
    return found


def need(**given: Any) -> Need:
    """Something is to be looked up about change 7."""
    return Need(item=ITEM, repo=REPO, **given)


def shown(*told: ChangeEvent, wanted: Need | None = None, **given: Any) -> ChangeFacts:
    """Change 7 as it is shown after these events."""
    found = world(*told, **given).look(wanted or need(), NOW).change
    assert found
    return found


def added(who: str, **given: Any) -> ReviewerAdded:
    return happened(ReviewerAdded, reviewer=account(who), by=account("zed"), **given)


def removed(who: str, by: str = "zed") -> ReviewerRemoved:
    return happened(ReviewerRemoved, reviewer=account(who), by=account(by))


def said(who: str, *votes: Vote, **given: Any) -> CommentAdded:
    return happened(CommentAdded, by=account(who), votes=votes, **given)


def uploaded(number: int, kind: str = "REWORK", **given: Any) -> ChangeEvent:
    return event(patch_set=PatchSet(number=number, revision=f"r{number}", kind=kind), **given)


def vote(value: int, old: int | None = 0, label: str = "Code-Review") -> Vote:
    return Vote(label=label, value=value, old=old)


class TestChange:
    def test_it_is_as_its_newest_event_shows_it(self) -> None:
        found = shown(event(subject="old", topic="a"), event(subject="new", status="MERGED", cherry_pick_of=3))
        assert (found.subject, found.topic, found.status, found.cherry_pick_of) == ("new", "", "MERGED", 3)

    def test_a_deleted_one_is_gone(self) -> None:
        assert world(event(), happened(ChangeDeleted)).look(need(), NOW) == Facts(change=None, seen=NOW)

    def test_only_what_is_asked_for_is_looked_up(self) -> None:
        found = shown(event())
        assert (found.files, found.related, found.messages, found.lines) == (None, None, None, None)
        assert world(event()).look(need(), NOW).turns is None
        all_of_it = need(files=True, related=True, listen=("czar",), lines_of=("upper-constraints.txt",))
        found = shown(event(), wanted=all_of_it, files={(7, 1): ("a",)})
        assert (found.files, found.related, found.messages, found.lines) == (("a",), (), (), {})

    def test_files_that_nobody_gave_are_noted(self) -> None:
        known = world(uploaded(1), uploaded(2), files={(7, 1): ("a",)})
        known.look(need(files=True), NOW)
        assert known.without_files == {(7, 2)}

    def test_changes_nobody_told_of_are_not_known(self) -> None:
        assert world(event()).knows(ITEM)
        assert not world(event()).knows("gerrit:8")


@pytest.mark.parametrize(
    ("given", "account"), [({"gerrit": "Ann"}, "Ann"), ({"emails": ("A@b", "c@d")}, "a@b"), ({}, "")]
)
def test_a_persons_id_is_their_username_else_their_first_address(given: dict[str, Any], account: str) -> None:
    assert account_of(Person(key="x", **given)) == account


class TestReviewers:
    def test_who_is_added_or_votes_is_one_who_only_replies_is_not(self) -> None:
        found = shown(event(), added("ann"), said("bob", vote(-1)), said("cyd", vote(0, None)))
        assert found.reviewers == (ANN, "bob")

    def test_who_is_taken_off_loses_their_votes_and_is_remembered(self) -> None:
        told = (added("bob"), said("bob", vote(2)), removed("bob", "pat"))
        found = shown(event(), *told)
        assert (found.reviewers, found.votes, dict(found.removed)) == ((), (), {"bob": "pat"})
        assert not shown(event(), *told, added("bob")).removed

    def test_what_we_did_ourselves_is_done(self) -> None:
        known = world(event(), added("dee"), said("cyd", vote(1)))
        common: dict[str, Any] = {"item": ITEM, "repo": REPO, "key": ""}
        known.did(
            (
                AddReviewer(**common, person="bob", account="bob"),
                AddReviewer(**common, person="pat", account="pat", cc=True),
                RemoveReviewer(**common, person="dee", account="dee"),
                RemoveReviewer(**common, person="cyd", account="cyd"),  # has voted meanwhile, and stays
                DrawAttention(**common, account="cyd", reason="still asked"),
            ),
            NOW,
        )
        found = known.look(need(), NOW).change
        assert found
        assert (found.reviewers, found.ccs, dict(found.removed)) == (("cyd", "bob"), ("pat",), {})
        assert found.attention == ("zed", "bob", "cyd")

    def test_somebody_without_an_address_is_no_bot_where_we_have_no_name(self) -> None:
        nameless = happened(CommentAdded, by=Account(username="bob"), votes=(vote(1),))
        assert shown(event(), nameless, ourselves="").attention == ("zed",)

    def test_a_cc_who_is_made_a_reviewer_is_no_cc_any_more(self) -> None:
        known = world(event())
        known.did((AddReviewer(item=ITEM, repo=REPO, key="", person="bob", account="bob", cc=True),), NOW)
        known.hear(added("bob"))
        found = known.look(need(), NOW).change
        assert found
        assert (found.reviewers, found.ccs) == (("bob",), ())


class TestVotes:
    def ballots(self, *told: ChangeEvent) -> list[tuple[str, str, int]]:
        return [(one.name, one.label, one.value) for one in shown(uploaded(1), *told).votes]

    def test_a_vote_stands_with_the_instant_at_which_it_was_given(self) -> None:
        later = said("ann", vote(2, None), vote(1, 0, "Verified"), at=NOW + HOUR)
        found = shown(uploaded(1), said("ann", vote(2)), later).votes
        assert found == (
            Ballot(label="Code-Review", value=2, account=ANN, name="ann", at=NOW),
            Ballot(label="Verified", value=1, account=ANN, name="ann", at=NOW + HOUR),
        )

    def test_a_vote_is_changed_taken_back_or_deleted(self) -> None:
        assert self.ballots(said("bob", vote(2)), said("bob", vote(-2, 2))) == [("bob", "Code-Review", -2)]
        assert self.ballots(said("bob", vote(2)), said("bob", vote(0, 2))) == []
        deleted = happened(VoteRemoved, reviewer=account("bob"), by=account("pat"), votes=(vote(0, 2),))
        assert self.ballots(said("bob", vote(2)), deleted) == []

    def test_new_content_takes_all_votes_away_a_rebase_does_not(self) -> None:
        assert self.ballots(said("bob", vote(2)), uploaded(2)) == []
        assert self.ballots(said("bob", vote(2)), uploaded(2, "TRIVIAL_REBASE")) == [("bob", "Code-Review", 2)]

    def test_a_vote_on_an_older_patch_set_does_not_count(self) -> None:
        late = said("bob", vote(2), patch_set=PatchSet(number=1, revision="r1"))
        assert self.ballots(uploaded(2), late) == []


class TestMessages:
    def heard(self, *told: ChangeEvent, **given: Any) -> list[tuple[str, tuple[tuple[int, str], ...]]]:
        found = shown(event(), *told, wanted=need(listen=("czar",)), **given).messages
        return [(one.id, one.lines) for one in found or ()]

    def test_commands_are_told_by_line_and_by_the_order_of_comments(self) -> None:
        told = (said("ann", text="Patch Set 1:\n\nlooks good"), said("bob", text="Patch Set 1:\n\nczar: claim"))
        assert self.heard(*told) == [("7-2", ((2, "czar: claim"),))]

    def test_who_said_it_is_named_by_account_and_id(self) -> None:
        (message,) = shown(event(), said("ann", text="czar: claim"), wanted=need(listen=("czar",))).messages or ()
        assert (message.by, message.account, message.at) == (account("ann"), ANN, NOW)

    def test_the_communitys_own_word_is_heard(self) -> None:
        told = said("bob", text="liaison: claim\nczar: status")
        assert self.heard(told, term="liaison") == [("7-1", ((0, "liaison: claim"), (1, "czar: status")))]
        assert self.heard(told) == [("7-1", ((1, "czar: status"),))]

    @pytest.mark.parametrize("bot", ["zuul", "czar-bot"])
    def test_bots_say_nothing(self, bot: str) -> None:
        assert self.heard(said(bot, text="czar: claim")) == []


class TestAttention:
    @pytest.mark.parametrize(
        ("told", "attention"),
        [
            ([added("bob"), added("cyd")], ["bob", "cyd"]),
            ([added("bob"), removed("bob")], []),
            ([added("bob"), said("bob")], ["zed"]),
            ([added("bob"), added("cyd"), said("bob", vote(-1)), said("zed")], ["cyd", "bob"]),
            ([said("zed")], []),
            ([added("bob"), said("zuul", vote(1))], ["bob"]),
            ([said("zuul", vote(-1))], ["zed"]),
            ([said("zuul", vote(-1)), said("zuul", vote(-1, None))], ["zed"]),
            ([added("zuul")], []),
            ([happened(CommentAdded, votes=(vote(-1),))], []),
            ([said("bob", vote(2)), said("zed"), said("bob"), uploaded(2)], ["zed", "bob"]),
            ([said("bob", vote(2)), uploaded(2, "NO_CODE_CHANGE")], ["zed"]),
            ([added("bob"), happened(WipChanged, wip=True)], []),
            ([happened(WipChanged, wip=True), added("bob", wip=True)], []),
            ([added("bob", wip=True), happened(WipChanged)], ["bob"]),
            ([added("bob"), happened(ChangeMerged, status="MERGED"), said("bob", status="MERGED")], []),
            ([added("bob"), happened(ChangeAbandoned, status="ABANDONED"), happened(ChangeRestored)], []),
        ],
        ids=[
            "added",
            "taken off",
            "replied: the owner's turn",
            "the owner replied: all reviewers'",
            "the owner of a change without reviewers",
            "a bot is content",
            "a bot is not",
            "a bot's old vote",
            "a bot is added",
            "the server itself",
            "a vote is lost by new content",
            "a vote is kept",
            "work in progress",
            "added to work in progress",
            "ready again",
            "merged",
            "restored",
        ],
    )
    def test_it_follows_what_people_do(self, told: Iterable[ChangeEvent], attention: list[str]) -> None:
        assert list(shown(uploaded(1), *told).attention) == attention

    def test_it_is_known_since_when(self) -> None:
        found = shown(event(), added("bob"), added("bob", at=NOW + HOUR), said("cyd", at=NOW + HOUR))
        assert dict(found.attention_since) == {"bob": NOW, "zed": NOW + HOUR}


class TestTurns:
    def turns(self, *told: ChangeEvent) -> Any:
        people = (WHO.people["ann"], WHO.people["bob"])
        return world(*told).look(need(people=people, turns=True), NOW + timedelta(days=1)).turns

    def test_they_are_the_open_changes_that_have_the_persons_attention(self) -> None:
        told = (event(), added("ann"), added("ann", number=8), added("bob", number=9))
        assert self.turns(*told) == {"ann": ("gerrit:7", "gerrit:8"), "bob": ("gerrit:9",)}
        over = (happened(ChangeMerged, number=8, status="MERGED"), said("ann"))
        assert self.turns(*told, *over) == {"ann": (), "bob": ("gerrit:9",)}

    def test_accounts_are_those_of_the_people(self) -> None:
        found = world(event()).look(need(people=(WHO.people["ann"], Person(key="x"))), NOW)
        assert found.accounts == {"ann": ANN, "x": ""}

    def test_an_account_nobody_knows_has_no_turn(self) -> None:
        assert shown(event(), added("bob"), said("bob", owner=Account())).attention == ()

"""A +2 against a -2 that nobody resolves is the PTL's, once, and ends when they agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.actions import AddReviewer, Comment
from rules.catalogue.final_say import FINAL_SAY
from rules.engine import needs
from rules.events import (
    AskRefused,
    BacklogSeen,
    ChangeAbandoned,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    HashtagsChanged,
    PatchsetCreated,
    ReviewerRemoved,
    Tick,
    TopicChanged,
    Vote,
    VoteRemoved,
    WipChanged,
)
from rules.facts import Ballot, Facts, Message
from rules.roster import Absence, FinalSay, Person, Roster
from rules.state import EVERYTHING, Case, Pause, close
from rules.verdicts import Decision
from tests.rules.makers import HOUR, ITEM, NOW, REPO, World, account, facts, happened, person, roster, rule

AFTER = timedelta(days=2)
DAY = timedelta(days=1)
TICK = Tick(at=NOW, item=ITEM, repo=REPO, because="final-say is due")
CODE_REVIEW = "Code-Review"


def of_nova(*people: Person, after: timedelta = AFTER, freeze: tuple[str, ...] = (), **team: Any) -> Roster:
    """Nova, whose PTL Pat has the final say."""
    return roster(*people, **{"final_say": FinalSay(after=after, freeze=freeze), **team})


def ballot(who: str, value: int, at: datetime = NOW, **given: Any) -> Ballot:
    return Ballot(**{"label": CODE_REVIEW, "value": value, "account": who, "name": who, "at": at, **given})


ANN, BOB = ballot("ann", 2), ballot("bob", -2)


class Dispute(World):
    """Change 7 with votes on it. No rule asks anybody."""

    def __init__(self, who: Roster | None = None, **given: Any) -> None:
        super().__init__(rule(when={"topic": ("never",)}), who=who or of_nova(), **given)
        self.seen: dict[str, Any] = {}
        self.votes: tuple[Ballot, ...] = ()

    def found(self) -> Facts:
        """The change as it stands."""
        return facts(votes=self.votes, **self.seen)

    def stand(self, *votes: Ballot) -> Decision:
        """These votes stand now, as the last one of them tells."""
        self.votes = votes
        value, who = (votes[-1].value, votes[-1].name) if votes else (0, "bob")
        vote = Vote(label=CODE_REVIEW, value=value, old=0 if value else -2)
        return self.decide(happened(CommentAdded, at=self.now, by=account(who), votes=(vote,)), self.found())

    def tick(self) -> Decision:
        """The clock has something."""
        return self.decide(TICK, self.found())

    def later(self, span: timedelta = AFTER) -> Decision:
        """Some time goes by, then the clock has something."""
        self.now += span
        return self.tick()

    def asked_pat(self) -> Decision:
        """Ann and Bob disagreed for long."""
        self.stand(ANN, BOB)
        return self.later()

    @property
    def cases(self) -> dict[str, Case]:
        """By person."""
        return {case.person: case for case in self.book.cases(ITEM) if case.rule == FINAL_SAY}

    @property
    def states(self) -> dict[str, str]:
        """By person: the state, or how it ended."""
        return {who: case.end or case.state for who, case in self.cases.items()}


@pytest.fixture
def dispute() -> Dispute:
    """Nobody has voted yet."""
    return Dispute()


class TestWaiting:
    def test_a_contradiction_waits_until_both_votes_are_old_enough(self, dispute: Dispute) -> None:
        dispute.now += HOUR
        told = dispute.stand(ANN, ballot("bob", -2, NOW + HOUR))
        (case,) = dispute.cases.values()
        assert (case.person, case.state, case.due) == ("", "snoozed", NOW + HOUR + AFTER)
        assert (case.slot, case.duty, case.team) == ("final-say", "ptl", "nova")
        assert case.because == "ann +2 and bob -2 stand against each other"
        assert told.notes == (f"final-say: {case.because}; the PTL is asked on 2026-01-09 13:00 UTC",)
        assert told.actions == ()

    def test_it_burdens_nobody(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB)
        assert (dispute.book.turns(""), dispute.book.asked(since=NOW - DAY)) == (0, 0)

    def test_a_tick_before_that_changes_nothing(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB)
        assert dispute.later(HOUR).effects.cases == ()

    def test_of_several_pairs_the_first_counts(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB, ballot("cyd", -2, NOW + HOUR))
        assert dispute.cases[""].due == NOW + AFTER
        assert dispute.cases[""].because == "ann +2, bob -2 and cyd -2 stand against each other"

    def test_the_clock_begins_anew_with_the_pair_that_is_left(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB)
        dispute.stand(ANN, ballot("cyd", -2, NOW + HOUR))
        assert dispute.cases[""].due == NOW + HOUR + AFTER

    @pytest.mark.parametrize(
        "votes",
        [
            (ANN,),
            (ANN, ballot("bob", -1)),
            (ballot("ann", 1), BOB),
            (ANN, ballot("bob", -2, label="Workflow")),
            (ballot("zed", 2), BOB),
            (ANN, ballot("bot", -2)),
            (ballot("czar-bot", 2), BOB),
            (ANN, replace(BOB, at=None)),
        ],
        ids=["alone", "weak", "weak +1", "other label", "owner's +2", "bot's", "ours", "no date"],
    )
    def test_what_is_no_contradiction(self, votes: tuple[Ballot, ...]) -> None:
        world = Dispute(of_nova(bots=frozenset({"bot"})))
        world.stand(*votes)
        assert world.cases == {}

    def test_a_stranger_is_named_by_their_username(self, dispute: Dispute) -> None:
        dispute.stand(ANN, ballot("stranger", -2), ballot("9", -2, name=""))
        assert dispute.cases[""].because == "ann +2, stranger -2 and account 9 -2 stand against each other"

    def test_teams_that_do_not_want_it_pay_nothing(self) -> None:
        world = Dispute(roster())
        voted = happened(CommentAdded, by=account("bob"), votes=(Vote(label=CODE_REVIEW, value=-2, old=0),))
        assert needs(voted, world.settings, world.book, NOW) is None

    @pytest.mark.parametrize(("off", "in_team"), [("off", None), ("act", "off")])
    def test_nor_those_that_are_switched_off(self, off: str, in_team: str | None) -> None:
        world = Dispute(of_nova(mode=in_team), mode=off)
        world.stand(ANN, BOB)
        assert world.cases == {}


class TestLookingUp:
    """Only what may begin or end a contradiction costs a look."""

    @pytest.mark.parametrize(
        ("vote", "looks"),
        [
            (Vote(label=CODE_REVIEW, value=-2, old=0), True),
            (Vote(label=CODE_REVIEW, value=2, old=-2), True),
            (Vote(label=CODE_REVIEW, value=-2), False),
            (Vote(label=CODE_REVIEW, value=0, old=-2), False),
            (Vote(label=CODE_REVIEW, value=1, old=0), False),
            (Vote(label="Verified", value=-2, old=0), False),
        ],
    )
    def test_a_strong_vote_does(self, dispute: Dispute, vote: Vote, looks: bool) -> None:
        voted = happened(CommentAdded, by=account("bob"), votes=(vote,))
        assert (needs(voted, dispute.settings, dispute.book, NOW) is not None) == looks

    def test_with_a_case_every_change_of_votes_does(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB)
        gone = happened(VoteRemoved, by=account("bob"), reviewer=account("bob"))
        need = needs(gone, dispute.settings, dispute.book, NOW)
        assert need is not None
        assert [one.key for one in need.people] == ["pat"]

    def test_what_catch_up_found_does(self, dispute: Dispute) -> None:
        dispute.votes = (ANN, BOB)
        dispute.decide(happened(ChangeSeen), dispute.found())
        assert dispute.states == {"": "snoozed"}

    def test_a_change_that_is_hidden_is_looked_at_again_in_an_hour(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB)
        dispute.now += AFTER
        dispute.decide(TICK, Facts(change=None))
        assert dispute.cases[""].due == dispute.now + HOUR
        dispute.later(HOUR)
        assert dispute.states == {"": "routed", "pat": "open"}


class TestAskingThePtl:
    def test_both_sides_are_named_and_told_what_is_wanted(self, dispute: Dispute) -> None:
        told = dispute.asked_pat()
        add, comment = told.actions
        assert isinstance(add, AddReviewer)
        assert (add.person, add.cc) == ("pat", False)
        assert isinstance(comment, Comment)
        assert comment.tell == ("pat",)
        assert comment.text.startswith(
            "pat, ann (+2) and bob (-2) stand against each other in Code-Review on patch set 1 since 2026-01-07 12:00 "
            "UTC. The final say is yours, pat is PTL of nova: please vote, or bring them to agree.\n"
        )

    def test_the_case_is_theirs(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        case = dispute.cases["pat"]
        assert (case.state, case.role, case.duty, case.as_, case.due) == ("open", "ptl", "ptl", "reviewer", None)
        assert case.because == "is PTL of nova: ann +2 and bob -2 stand against each other"
        assert dispute.states == {"": "routed", "pat": "open"}

    def test_the_verdict_shows_who_was_considered(self, dispute: Dispute) -> None:
        (verdict,) = dispute.asked_pat().verdicts
        assert (verdict.rule, verdict.slot, verdict.outcome, verdict.people) == (FINAL_SAY, FINAL_SAY, "ask", ("pat",))
        assert [(one.person, one.role, one.picked) for one in verdict.candidates] == [("pat", "ptl", True)]

    def test_at_once_where_both_votes_are_old_already(self, dispute: Dispute) -> None:
        dispute.now += AFTER
        dispute.votes = (ANN, BOB)
        dispute.decide(happened(ChangeSeen), dispute.found())
        assert dispute.states == {"pat": "open"}

    def test_once(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        for _ in range(3):
            assert dispute.later(DAY).actions == ()
        assert dispute.decide(happened(ChangeSeen), dispute.found()).actions == ()
        assert dispute.stand(ANN, BOB, ballot("cyd", -2, dispute.now)).actions == ()
        assert dispute.states == {"": "routed", "pat": "open"}

    def test_braces_in_names_are_just_letters(self, dispute: Dispute) -> None:
        dispute.stand(ANN, ballot("{0} {person.x}", -2))
        (_, comment) = dispute.later().actions
        assert isinstance(comment, Comment)
        assert "{0} {person.x} (-2)" in comment.text

    def test_who_covers_the_ptl_has_the_say_meanwhile(self) -> None:
        away = person("pat", away=(Absence(first=date(2026, 1, 1), last=date(2026, 2, 1), cover="dee"),))
        world = Dispute(of_nova(away))
        (_, comment) = world.asked_pat().actions
        assert world.states == {"": "routed", "dee": "open"}
        assert isinstance(comment, Comment)
        assert "The final say is yours, dee covers pat, away until 2026-02-01: " in comment.text

    def test_of_two_ptls_the_first_to_act_answers(self) -> None:
        world = Dispute(of_nova(ptl=("pat", "dee")))
        world.asked_pat()
        world.decide(happened(CommentAdded, by=account("dee"), text="I talk to them"), world.found())
        assert world.states == {"": "routed", "pat": "answered", "dee": "acted"}

    def test_an_observing_team_records_it_only(self) -> None:
        world = Dispute(of_nova(mode="observe"))
        told = world.asked_pat()
        assert told.actions == ()
        assert [type(one) for one in told.would] == [AddReviewer, Comment]
        assert {case.observed for case in world.cases.values()} == {True}
        assert world.later().would == ()

    def test_what_was_observed_is_asked_once_the_team_acts(self) -> None:
        world = Dispute(of_nova(mode="observe"))
        world.asked_pat()
        world.settings = Dispute(of_nova()).settings
        assert [type(one) for one in world.tick().actions] == [AddReviewer, Comment]
        assert not world.cases["pat"].observed


class TestNobodyToAsk:
    @pytest.mark.parametrize(
        ("who", "votes", "because"),
        [
            (of_nova(ptl=(), distributed=True), (ANN, BOB), "leadership of nova is distributed"),
            (of_nova(ptl=()), (ANN, BOB), "there is no PTL to ask"),
            (of_nova(person("pat", opt_out=True)), (ANN, BOB), "no PTL can be asked: pat opted out"),
            (of_nova(), (ANN, ballot("pat", -2)), "no PTL can be asked: pat is one of the two sides"),
            (of_nova(ptl=("zed",)), (ANN, BOB), "no PTL can be asked: zed is not among the people of the roster"),
        ],
        ids=["distributed", "none", "opted out", "a side", "unknown"],
    )
    def test_is_shown_with_its_reason(self, who: Roster, votes: tuple[Ballot, ...], because: str) -> None:
        world = Dispute(who)
        world.stand(*votes)
        (verdict,) = world.later().verdicts
        assert world.states == {"": "unrouted"}
        assert world.cases[""].because.endswith(f"stand against each other, and {because}")
        assert verdict.because == f"UNROUTED: {world.cases[''].because}"

    def test_the_owner_is_not_asked_about_their_own_change(self) -> None:
        world = Dispute()
        world.seen = {"owner": "pat", "owner_names": ("pat",)}
        world.asked_pat()
        assert world.cases[""].because.endswith("pat owns the change")

    def test_is_tried_again_by_the_hour(self) -> None:
        world = Dispute(of_nova(ptl=()))
        world.asked_pat()
        opened = world.cases[""].opened
        world.later(HOUR)
        assert (world.cases[""].state, world.cases[""].opened) == ("unrouted", opened)
        world.settings = Dispute(of_nova()).settings
        world.later(HOUR)
        assert world.states == {"": "routed", "pat": "open"}

    def test_no_rule_closes_it(self) -> None:
        world = Dispute(of_nova(ptl=()))
        world.asked_pat()
        world.decide(happened(PatchsetCreated), world.found())
        assert world.states == {"": "unrouted"}

    def test_while_everything_is_paused_nobody_is_asked(self, dispute: Dispute) -> None:
        dispute.book.paused[EVERYTHING] = Pause(scope=EVERYTHING, because="too many asks", at=NOW)
        dispute.asked_pat()
        assert dispute.cases[""].because.endswith("paused: too many asks")
        dispute.book.paused.clear()
        dispute.tick()
        assert dispute.states == {"": "routed", "pat": "open"}

    def test_who_the_server_refuses_is_not_asked_again(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.decide(
            AskRefused(at=dispute.now, item=ITEM, repo=REPO, person="pat", why="may not read"), dispute.found()
        )
        assert dispute.states == {"": "unrouted", "pat": "refused"}
        assert "the server refused: may not read" in dispute.cases[""].because

    def test_nor_who_was_taken_off(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        off = happened(ReviewerRemoved, at=dispute.now, reviewer=account("pat"), by=account("dee"))
        dispute.decide(off, dispute.found())
        assert dispute.states == {"": "unrouted", "pat": "removed"}

    def test_nor_who_declines(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        said = Message(
            id="m1", by=account("pat"), account="pat", at=dispute.now, lines=((1, "czar: decline too close"),)
        )
        dispute.seen["messages"] = (said,)
        spoke = happened(CommentAdded, at=dispute.now, by=account("pat"), text="czar: decline too close")
        dispute.decide(spoke, dispute.found())
        assert dispute.states == {"": "unrouted", "pat": "declined"}
        assert dispute.later(HOUR).actions == ()


class TestAgreement:
    @pytest.mark.parametrize("asked", [False, True], ids=["waiting", "asked"])
    @pytest.mark.parametrize("left", [(ANN,), (ANN, ballot("bob", -1)), (ballot("bob", 2),), ()])
    def test_ends_it(self, dispute: Dispute, asked: bool, left: tuple[Ballot, ...]) -> None:
        dispute.stand(ANN, BOB)
        if asked:
            dispute.later()
        dispute.stand(*left)
        assert dispute.states == ({"": "routed", "pat": "agreed"} if asked else {"": "agreed"})

    def test_ends_what_nobody_could_be_asked_for(self) -> None:
        world = Dispute(of_nova(ptl=()))
        world.asked_pat()
        world.stand(ANN)
        assert world.states == {"": "agreed"}

    def test_by_a_vote_that_was_taken_away(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.votes = (ANN,)
        dispute.decide(happened(VoteRemoved, by=account("dee"), reviewer=account("bob")), dispute.found())
        assert dispute.states["pat"] == "agreed"

    def test_by_a_patch_set_that_dropped_votes(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.votes = ()
        told = dispute.decide(happened(PatchsetCreated), dispute.found())
        assert dispute.states["pat"] == "agreed"
        assert "final-say: no votes stand against each other any more" in told.notes

    def test_by_one_side_that_left(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.votes = (ANN,)
        off = happened(ReviewerRemoved, reviewer=account("bob"), by=account("bob"))
        dispute.decide(off, dispute.found())
        assert dispute.states["pat"] == "agreed"

    def test_while_the_ptl_has_put_it_off(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.book.learn(ITEM, [replace(dispute.cases["pat"], state="snoozed", due=dispute.now + DAY)])
        dispute.stand(ANN)
        assert dispute.states["pat"] == "agreed"

    @pytest.mark.parametrize(("kind", "end"), [(ChangeMerged, "merged"), (ChangeAbandoned, "abandoned")])
    def test_or_the_end_of_the_change(self, dispute: Dispute, kind: Any, end: str) -> None:
        dispute.stand(ANN, BOB)
        dispute.decide(happened(kind))
        assert dispute.states == {"": end}

    def test_restored_it_waits_on(self, dispute: Dispute) -> None:
        dispute.stand(ANN, BOB)
        dispute.decide(happened(ChangeAbandoned))
        dispute.now += HOUR
        dispute.decide(happened(ChangeRestored), dispute.found())
        assert dispute.states == {"": "snoozed"}
        assert dispute.cases[""].due == NOW + AFTER


class TestTheWordOfThePtl:
    @pytest.mark.parametrize("value", [2, -2])
    def test_is_final(self, dispute: Dispute, value: int) -> None:
        dispute.asked_pat()
        dispute.stand(ANN, BOB, ballot("pat", value, dispute.now))
        assert dispute.states == {"": "routed", "pat": "acted"}
        for _ in range(3):
            assert dispute.later().actions == ()
        dispute.decide(happened(ChangeSeen), dispute.found())
        assert dispute.states == {"": "routed", "pat": "acted"}

    def test_so_is_that_of_whoever_took_it_on(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        theirs = replace(dispute.cases["pat"], person="dee", role="claimed")
        dispute.book.learn(ITEM, [close(dispute.cases["pat"], "reassigned", "dee claimed it"), theirs])
        dispute.stand(ANN, BOB, ballot("dee", -2, dispute.now))
        assert dispute.states == {"": "routed", "pat": "reassigned", "dee": "acted"}
        assert dispute.later().actions == ()

    def test_a_later_vote_of_the_same_people_is_another_contradiction(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.stand(ANN, BOB, ballot("pat", 2, dispute.now))
        dispute.stand(ANN)
        dispute.now += HOUR
        dispute.stand(ANN, ballot("bob", -2, dispute.now))
        assert dispute.states == {"": "snoozed", "pat": "acted"}
        told = dispute.later()
        assert dispute.states == {"": "routed", "pat": "open"}
        assert [one.key for one in told.actions] == [
            f"AddReviewer:{ITEM}/final-say/pat~2",
            f"Comment:{ITEM}/final-say/pat~2",
        ]

    def test_so_is_somebody_elses(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.stand(ANN, BOB, ballot("pat", 2, dispute.now))
        dispute.now += HOUR
        dispute.stand(ANN, ballot("cyd", -2, dispute.now))
        assert dispute.cases[""].state == "snoozed"

    def test_new_votes_that_go_again_leave_what_was_decided(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.stand(ANN, BOB, ballot("pat", 1, dispute.now))
        dispute.now += HOUR
        dispute.stand(ANN, BOB, ballot("cyd", -2, dispute.now))
        assert dispute.states[""] == "snoozed"
        dispute.votes = (ANN, BOB)
        dispute.decide(happened(VoteRemoved, by=account("cyd"), reviewer=account("cyd")), dispute.found())
        assert dispute.states == {"": "agreed", "pat": "acted"}

    def test_after_agreement_votes_against_each_other_are_news(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.stand(ANN)
        dispute.now += HOUR
        dispute.stand(ANN, ballot("bob", -2, dispute.now))
        dispute.later()
        assert dispute.cases["pat"].times == 2


class TestFreeze:
    FROZEN = (
        {"wip": True},
        {"private": True},
        {"subject": "WIP: try it"},
        {"hashtags": ("later", "freeze")},
    )

    @pytest.fixture
    def frozen(self) -> Dispute:
        """Work in progress by subject, hashtag or state."""
        return Dispute(of_nova(freeze=("re:^(WIP|DNM)", "freeze")))

    @pytest.mark.parametrize("seen", FROZEN, ids=["wip", "private", "subject", "hashtag"])
    def test_nobody_is_asked(self, frozen: Dispute, seen: dict[str, Any]) -> None:
        frozen.seen = seen
        frozen.asked_pat()
        assert frozen.states == {"": "obsolete"}

    @pytest.mark.parametrize("seen", FROZEN, ids=["wip", "private", "subject", "hashtag"])
    def test_what_waits_or_was_asked_ends(self, frozen: Dispute, seen: dict[str, Any]) -> None:
        frozen.asked_pat()
        frozen.seen = seen
        frozen.decide(happened(PatchsetCreated), frozen.found())
        assert frozen.states["pat"] == "obsolete"

    def test_it_is_said_once(self, frozen: Dispute) -> None:
        frozen.seen = {"wip": True}
        told = frozen.stand(ANN, BOB)
        because = "ann +2 and bob -2 stand against each other, but the change is work in progress"
        assert told.notes == (f"final-say: {because}",)
        assert frozen.stand(ANN, BOB).notes == ()

    def test_afterwards_it_goes_on(self, frozen: Dispute) -> None:
        frozen.seen = {"wip": True}
        frozen.stand(ANN, BOB)
        frozen.seen = {}
        frozen.now += HOUR
        frozen.decide(happened(WipChanged), frozen.found())
        assert frozen.states == {"": "snoozed"}
        assert frozen.cases[""].due == NOW + AFTER

    def test_afterwards_the_ptl_is_asked_again(self, frozen: Dispute) -> None:
        frozen.asked_pat()
        frozen.seen = {"hashtags": ("freeze",)}
        frozen.decide(happened(HashtagsChanged), frozen.found())
        frozen.seen = {}
        told = frozen.decide(happened(HashtagsChanged), frozen.found())
        assert told.actions[0].key == f"AddReviewer:{ITEM}/final-say/pat~2"

    def test_agreed_meanwhile_it_is_over(self, frozen: Dispute) -> None:
        frozen.seen = {"wip": True}
        frozen.stand(ANN, BOB)
        frozen.stand(ANN)
        assert frozen.states == {"": "agreed"}

    def test_without_patterns_no_subject_freezes(self, dispute: Dispute) -> None:
        dispute.seen = {"subject": "WIP: try it", "hashtags": ("freeze",)}
        dispute.asked_pat()
        assert dispute.states["pat"] == "open"


VOTERS = ("ann", "bob", "cyd", "pat", "zed", "bot")
votes = st.tuples(st.sampled_from(VOTERS), st.sampled_from([-2, -1, 0, 1, 2]))
steps = st.one_of(votes, st.sampled_from([HOUR, DAY, AFTER]), st.sampled_from(["freeze", "thaw", "seen", "push"]))


class TestAnyHistory:
    @given(st.lists(steps, max_size=25))
    def test_has_one_case_at_most_and_asks_only_about_what_stands_long_enough(self, history: list[Any]) -> None:
        world, standing = Dispute(of_nova(bots=frozenset({"bot"}))), dict[str, Ballot]()
        for step in history:
            told = self.live(world, standing, step)
            alive = [case for case in world.cases.values() if case.state != "closed"]
            assert len(alive) <= 1
            assert all(case.person or case.state == "unrouted" or case.due for case in alive)
            plus = [one.at for one in standing.values() if one.value == 2 and one.name not in ("zed", "bot")]
            minus = [one.at for one in standing.values() if one.value == -2 and one.name != "bot"]
            assert (plus and minus) or not alive
            if told.actions:
                assert any(max(one, other) + AFTER <= world.now for one in plus for other in minus if one and other)

    def live(self, world: Dispute, standing: dict[str, Ballot], step: Any) -> Decision:
        """One step of a history; the clock ticks when a case is due."""
        if isinstance(step, timedelta):
            world.now += step
        elif isinstance(step, tuple):
            return self.vote(world, standing, *step)
        elif step in ("freeze", "thaw"):
            world.seen = {"wip": step == "freeze"}
            return world.decide(happened(WipChanged, wip=step == "freeze"), world.found())
        elif step == "push":
            standing.clear()
            world.votes = ()
            return world.decide(happened(PatchsetCreated, at=world.now), world.found())
        elif step == "seen":
            return world.decide(happened(ChangeSeen, at=world.now), world.found())
        due = [case for case in world.cases.values() if case.due and case.due <= world.now]
        return world.tick() if due else world.decide(happened(TopicChanged), world.found())

    def vote(self, world: Dispute, standing: dict[str, Ballot], who: str, value: int) -> Decision:
        before = standing.pop(who, None)
        if value:
            standing[who] = ballot(who, value, world.now)
        world.votes = tuple(standing.values())
        vote = Vote(label=CODE_REVIEW, value=value, old=before.value if before else 0)
        return world.decide(happened(CommentAdded, at=world.now, by=account(who), votes=(vote,)), world.found())


class TestSettings:
    def test_a_team_that_gives_it_up_ends_what_is_open(self, dispute: Dispute) -> None:
        dispute.asked_pat()
        dispute.settings = Dispute(roster()).settings
        dispute.tick()
        assert dispute.states["pat"] == "obsolete"

    def test_older_changes_are_nobodys_business(self) -> None:
        world = Dispute(since=NOW + HOUR)
        world.asked_pat()
        assert world.cases == {}
        world.decide(happened(BacklogSeen), world.found())
        assert world.states == {"pat": "open"}

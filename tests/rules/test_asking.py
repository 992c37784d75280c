"""From a rule that won its slot to an ask, or to a reason not to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.actions import AddReviewer, Comment
from rules.asking import teams_asked
from rules.facts import UNKNOWN
from rules.patterns import path_names
from rules.roster import COMMUNITY, Absence, Duty, Team
from rules.routing import Ask
from rules.state import EVERYTHING, Effects, Pause
from rules.verdicts import Limits
from tests.rules.makers import (
    HOUR,
    ITEM,
    NOW,
    REPO,
    UNLIMITED,
    World,
    asks,
    case,
    event,
    facts,
    judging,
    person,
    roster,
    rule,
)

NOBODY = facts(people=())
ANN_ONLY = roster(duties={"code": ("ann",)})


def comment_of(actions: tuple[object, ...]) -> Comment:
    (comment,) = [action for action in actions if isinstance(action, Comment)]
    return comment


def adds_of(actions: tuple[object, ...]) -> list[tuple[str, str, bool]]:
    return [(one.person, one.account, one.cc) for one in actions if isinstance(one, AddReviewer)]


class TestAsk:
    def test_opens_a_case_adds_the_person_and_says_so_once(self) -> None:
        made = World(who=ANN_ONLY)
        decided = made.decide(event(), facts(accounts={"ann": "1001"}))
        assert [(one.person, one.state, one.role, one.team, one.opened) for one in decided.effects.cases] == [
            ("ann", "open", "czar", "nova", NOW)
        ]
        assert adds_of(decided.actions) == [("ann", "1001", False)]
        assert comment_of(decided.actions).tell == ("1001",)
        assert decided.would == ()
        assert made.book.turns("ann") == 1

    def test_names_the_effect_by_item_slot_and_person(self) -> None:
        keys = [action.key for action in World(who=ANN_ONLY).decide(event()).actions]
        assert keys == ["AddReviewer:gerrit:7/code/ann", "Comment:gerrit:7/code/ann"]

    def test_all_asks_everybody_with_one_message(self) -> None:
        decided = World(rule(ask=asks(pick="all"))).decide(event())
        assert decided.verdicts[0].people == ("ann", "bob")
        assert [name for name, _, _ in adds_of(decided.actions)] == ["ann", "bob"]
        assert comment_of(decided.actions).tell == ("ann", "bob")

    def test_cc_keeps_somebody_informed(self) -> None:
        decided = World(rule(ask=asks(as_="cc")), who=ANN_ONLY).decide(event())
        assert adds_of(decided.actions) == [("ann", "ann", True)]
        assert "Ann is kept informed" in comment_of(decided.actions).text.replace("ann is", "Ann is")

    def test_the_same_person_for_two_slots_is_added_and_told_once(self) -> None:
        both = World(rule("one", slot="a"), rule("two", slot="b"), who=ANN_ONLY)
        decided = both.decide(event())
        assert len(decided.verdicts) == len(decided.effects.cases) == 2
        assert adds_of(decided.actions) == [("ann", "ann", False)]
        text = comment_of(decided.actions).text
        assert "rule one" in text
        assert "rule two" in text
        assert len(decided.actions) == 2

    def test_a_reviewer_rather_than_cc_where_somebody_is_asked_as_both(self) -> None:
        both = World(rule("one", slot="a", ask=asks(as_="cc")), rule("two", slot="b"), who=ANN_ONLY)
        assert adds_of(both.decide(event()).actions) == [("ann", "ann", False)]

    def test_people_see_the_word_of_the_settings(self) -> None:
        assert "code liaison of nova" in comment_of(World(who=ANN_ONLY, term="liaison").decide(event()).actions).text

    def test_people_named_by_a_rule_are_asked_also_where_no_team_owns_the_repo(self) -> None:
        named = World(rule("named", ask=Ask(people=("dee",)), when={"repo": ("elsewhere/*",)}))
        decided = named.decide(event(repo="elsewhere/tool"), facts(repo="elsewhere/tool"))
        assert decided.verdicts[0].people == ("dee",)
        assert "as somebody the rule names: dee" in comment_of(decided.actions).text

    def test_a_rule_that_asks_nobody_keeps_others_from_its_slot(self) -> None:
        quiet = World(rule("quiet", ask=None, slot="code"), rule())
        told = quiet.told()
        assert (told.rule, told.outcome, told.because) == ("quiet", "skip", "the rule asks nobody")


class TestNobody:
    def test_leaves_the_item_unrouted_and_says_why_of_each(self) -> None:
        made = World()
        decided = made.decide(event(), NOBODY)
        (told,) = decided.verdicts
        assert (told.outcome, told.people) == ("ask", ())
        assert told.because.startswith("UNROUTED: nobody is available: ann has no active account")
        assert [(one.person, one.state) for one in decided.effects.cases] == [("", "unrouted")]
        assert decided.actions == decided.would == ()

    def test_holds_the_duty(self) -> None:
        told = World(rule(ask=asks("docs")), who=roster(ptl=())).told()
        assert told.because == "UNROUTED: nobody holds docs of nova, and it has no PTL to ask"

    def test_owns_the_repo(self) -> None:
        wide = World(rule(when={"repo": ("**",)}))
        told = wide.told(facts(repo="elsewhere/tool"), repo="elsewhere/tool")
        assert told.because == "UNROUTED: no team owns the repo"

    def test_stays_unrouted_since_the_first_time(self) -> None:
        made = World()
        made.decide(event(), NOBODY)
        made.pass_s(3600)
        made.decide(event(), NOBODY)
        assert [one.opened for one in made.book.cases(ITEM)] == [NOW]

    def test_is_over_once_somebody_is_asked(self) -> None:
        made = World(who=ANN_ONLY)
        made.decide(event(), NOBODY)
        made.decide(event())
        assert [(one.person, one.state, one.end) for one in made.book.cases(ITEM)] == [
            ("", "closed", "routed"),
            ("ann", "open", ""),
        ]

    def test_is_over_once_somebody_reviews_it_by_themselves(self) -> None:
        made = World()
        made.decide(event(), NOBODY)
        assert made.told(facts(reviewers=("bob",))).outcome == "skip"
        assert [(one.state, one.end) for one in made.book.cases(ITEM)] == [("closed", "routed")]

    def test_is_over_once_no_rule_asks_any_more(self) -> None:
        made = World(rule(when={"topic": ("x",)}))
        made.decide(event(topic="x"), facts(people=(), topic="x"))
        made.decide(event(topic="y"), facts(topic="y"))
        assert [(one.state, one.end) for one in made.book.cases(ITEM)] == [("closed", "obsolete")]

    def test_is_only_observed_where_the_rule_observes(self) -> None:
        made = World(mode="observe")
        made.decide(event(), NOBODY)
        assert [one.observed for one in made.book.cases(ITEM)] == [True]


class TestElse:
    ELSE = rule(ask=asks("docs"), else_=Ask(duty="tc", of=COMMUNITY))
    WHO = roster(ptl=(), duties={"docs": ("cyd",)}, community={"tc": Duty(name="tc", czars=("dee",))})

    def test_is_asked_where_the_first_finds_nobody(self) -> None:
        told = World(self.ELSE, who=self.WHO).told(facts(owner="cyd"))
        assert (told.people, told.team) == (("dee",), COMMUNITY)
        assert [one.person for one in told.candidates] == ["cyd", "dee"]

    def test_is_left_alone_where_the_first_finds_somebody(self) -> None:
        told = World(self.ELSE, who=self.WHO).told()
        assert (told.people, told.team) == (("cyd",), "nova")

    def test_finding_nobody_either_leaves_it_unrouted(self) -> None:
        told = World(self.ELSE, who=self.WHO).told(NOBODY)
        assert told.people == ()
        assert [(one.person, one.code) for one in told.candidates] == [("cyd", "unknown"), ("dee", "unknown")]

    def test_is_not_asked_about_a_private_change_unless_its_duty_is_private(self) -> None:
        who = roster(
            ptl=(),
            duties={"security": Duty(name="security", czars=("ann",), private=True)},
            community={"tc": Duty(name="tc", czars=("dee",)), "vmt": Duty(name="vmt", czars=("dee",), private=True)},
        )
        hidden = facts(private=True, owner="ann")
        for duty, people in (("tc", ()), ("vmt", ("dee",))):
            named = rule(ask=asks("security"), else_=Ask(duty=duty, of=COMMUNITY), allow=["private"])
            assert World(named, who=who).asked(hidden, private=True) == people


class TestAlreadyThere:
    def test_somebody_who_could_be_asked_fills_the_slot(self) -> None:
        made = World()
        told = made.told(facts(reviewers=("bob",)))
        assert (told.outcome, told.because) == ("skip", "bob reviews it already")
        assert made.book.turns("bob") == 0

    @pytest.mark.parametrize("there", [("zed",), ("dee",), (UNKNOWN,)])
    def test_somebody_else_does_not(self, there: tuple[str, ...]) -> None:
        assert World(who=ANN_ONLY).asked(facts(reviewers=there, accounts={"bob": UNKNOWN})) == ("ann",)

    def test_the_owner_among_the_reviewers_does_not(self) -> None:
        assert World().asked(facts(owner="ann", reviewers=("ann",))) == ("bob",)

    def test_all_and_cc_are_asked_all_the_same(self) -> None:
        there = facts(reviewers=("ann",))
        assert World(rule(ask=asks(pick="all"))).asked(there) == ("ann", "bob")
        assert World(rule(ask=asks(as_="cc")), who=ANN_ONLY).asked(there) == ("ann",)


class TestMode:
    @pytest.mark.parametrize("where", ["all", "team", "rule"])
    def test_observing_records_only(self, where: str) -> None:
        careful = World(
            rule(mode="observe" if where == "rule" else "act"),
            who=roster(mode="observe" if where == "team" else None, duties={"code": ("ann",)}),
            mode="observe" if where == "all" else "act",
        )
        decided = careful.decide(event())
        assert decided.verdicts[0].people == ("ann",)
        assert decided.actions == ()
        assert adds_of(decided.would) == [("ann", "ann", False)]
        assert [one.observed for one in decided.effects.cases] == [True]
        assert careful.book.turns("ann") == 0

    def test_slots_that_act_and_slots_that_observe_are_told_apart(self) -> None:
        both = World(rule("one", slot="a", mode="observe"), rule("two", slot="b"), who=ANN_ONLY)
        decided = both.decide(event())
        assert "rule two" in comment_of(decided.actions).text
        assert "rule one" not in comment_of(decided.actions).text
        assert "rule one" in comment_of(decided.would).text


class TestSince:
    SINCE = datetime(2026, 1, 1, tzinfo=UTC)

    def test_older_changes_are_not_asked_about(self) -> None:
        told = World(since=self.SINCE).told(facts(created=self.SINCE - timedelta(seconds=1)))
        assert told.outcome == "skip"
        assert told.because == "the change is from 2025-12-31, older than since (2026-01-01 00:00)"

    def test_changes_from_then_on_are(self) -> None:
        assert World(since=self.SINCE, who=ANN_ONLY).asked(facts(created=self.SINCE)) == ("ann",)

    def test_without_a_date_all_are(self) -> None:
        assert World(who=ANN_ONLY).asked(facts(created=datetime(2001, 1, 1, tzinfo=UTC))) == ("ann",)


class TestLimits:
    def asks_before(self, made: World, count: int, name: str = "any-code") -> None:
        for number in range(count):
            earlier = case("dee", item=f"gerrit:{100 + number}", rule=name, opened=NOW - HOUR / 2)
            made.book.apply(Effects(cases=(earlier,)))

    def test_over_its_own_a_rule_pauses_itself_and_says_so(self) -> None:
        made = World(limits=Limits(rule_per_hour=2))
        self.asks_before(made, 2)
        decided = made.decide(event())
        (told,) = decided.verdicts
        assert told.people == ()
        assert told.because == "UNROUTED: paused: rule any-code asked 2 times within an hour"
        assert [one.scope for one in decided.effects.pauses] == ["any-code"]
        assert made.book.paused["any-code"].at == NOW
        assert decided.actions == ()

    def test_others_asks_do_not_count_to_a_rule(self) -> None:
        made = World(limits=Limits(rule_per_hour=2))
        self.asks_before(made, 2, "another")
        assert made.told().people

    def test_over_the_total_everything_pauses(self) -> None:
        made = World(limits=Limits(total_per_hour=2))
        self.asks_before(made, 2, "another")
        decided = made.decide(event())
        assert [one.scope for one in decided.effects.pauses] == [EVERYTHING]
        assert "2 asks within an hour" in decided.verdicts[0].because

    def test_what_was_asked_more_than_an_hour_ago_does_not_count(self) -> None:
        made = World(limits=Limits(rule_per_hour=2))
        self.asks_before(made, 2)
        made.pass_s(1800)
        assert made.told().people

    @pytest.mark.parametrize("scope", ["any-code", EVERYTHING])
    def test_what_was_asked_before_a_resume_does_not_count(self, scope: str) -> None:
        made = World(limits=Limits(rule_per_hour=2, total_per_hour=2 if scope == EVERYTHING else 300))
        self.asks_before(made, 2)
        made.book.resumed[scope] = NOW - HOUR / 4
        assert made.told().people

    def test_without_limits_nothing_pauses(self) -> None:
        made = World(limits=UNLIMITED)
        self.asks_before(made, 500)
        assert made.told().people

    def test_over_a_persons_day_the_next_is_asked(self) -> None:
        made = World(limits=Limits(person_per_day=1), who=roster(person("ann", weight=9.0)))
        assert made.asked() == ("ann",)
        assert made.asked(number=8) == ("bob",)
        assert made.codes(number=9) == {"ann": "daily-limit", "bob": "daily-limit", "cyd": ""}


class TestPause:
    @pytest.mark.parametrize("scope", ["any-code", EVERYTHING])
    def test_asks_nobody_and_leaves_the_item_unrouted(self, scope: str) -> None:
        made = World()
        made.book.paused[scope] = Pause(scope=scope, because="by hand", at=NOW)
        decided = made.decide(event())
        assert decided.verdicts[0].because == "UNROUTED: paused: by hand"
        assert (decided.actions, decided.would) == ((), ())
        assert not decided.effects.pauses
        assert [one.state for one in made.book.cases(ITEM)] == ["unrouted"]

    def test_of_one_rule_leaves_the_others_alone(self) -> None:
        made = World(rule("one", slot="a"), rule("two", slot="b"))
        made.book.paused["one"] = Pause(scope="one", because="by hand", at=NOW)
        assert [bool(one.people) for one in made.decide(event()).verdicts] == [False, True]

    def test_once_lifted_the_item_is_asked_about(self) -> None:
        made = World(who=ANN_ONLY)
        made.book.paused[EVERYTHING] = Pause(scope=EVERYTHING, because="by hand", at=NOW)
        assert made.asked() == ()
        made.book.paused.clear()
        assert made.asked() == ("ann",)


class TestTeam:
    def test_is_the_owner_the_community_or_a_team_by_name(self) -> None:
        assert teams_asked(asks(), judging()) == ("nova",)
        assert teams_asked(asks(of=COMMUNITY), judging()) == (COMMUNITY,)
        assert teams_asked(asks(of="cinder"), judging()) == ("cinder",)
        assert teams_asked(asks(), judging(repo="elsewhere/tool")) == ("",)

    def test_is_each_whose_deliverable_a_path_names(self) -> None:
        by_path = asks(of="path", path=path_names("deliverables/**/{deliverable}.yaml"))
        cinder = Team(name="cinder", deliverables={"cinder": ("openstack/cinder",)})
        who = roster(deliverables={"nova": (REPO,)}, teams={"cinder": cinder})
        touched = ("deliverables/queens/cinder.yaml", "README", "deliverables/queens/nova.yaml")
        assert teams_asked(by_path, judging(who=who, files=touched)) == ("cinder", "nova")
        assert teams_asked(by_path, judging(who=who, files=("README",))) == ("",)


def test_away_people_are_never_asked_by_any_pick() -> None:
    gone = person("ann", away=(Absence(first=NOW.date(), last=NOW.date()),))
    for how in (1, 2, "all", "first", "rotation"):
        assert "ann" not in World(rule(ask=asks(pick=how)), who=roster(gone)).asked()

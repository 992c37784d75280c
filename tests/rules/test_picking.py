"""Who is asked, who is passed over and for which reason."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import UNKNOWN
from rules.picking import Candidate, Circumstances, everyone, in_confidence, pick
from rules.roster import COMMUNITY, Absence, Duty, Person, Roster, Rotation, Shift, Team, Term
from rules.routing import Ask
from rules.state import Book, Declined, Effects
from tests.rules.makers import HOUR, ITEM, NOW, asks, case, facts, person, roster

TODAY = date(2026, 1, 7)
AWAY = Absence(first=TODAY, last=date(2026, 1, 9))


def world(who: Roster | None = None, book: Book | None = None, item: str = ITEM, **given: Any) -> Circumstances:
    names = ("now", "person_per_day", "affine", "passed_over")
    fields = {"now": NOW} | {name: given.pop(name) for name in names if name in given}
    return Circumstances(item=item, facts=facts(**given), roster=who or roster(), book=book or Book(), **fields)


def table(where: Circumstances, ask: Ask | None = None, team: str = "nova") -> tuple[Candidate, ...]:
    return pick(ask or asks(), team, where)


def picked(where: Circumstances, ask: Ask | None = None, team: str = "nova") -> list[str]:
    return [one.person for one in table(where, ask, team) if one.picked]


def codes(where: Circumstances, ask: Ask | None = None) -> dict[str, str]:
    return {one.person: one.code for one in table(where, ask)}


def busy(**turns: int) -> Book:
    """People with so many open turns, never asked yet as far as is known."""
    book = Book()
    book.count(((name, f"gerrit:{100 + n}") for name, some in turns.items() for n in range(some)), {}, [])
    return book


def said_no(who: str, how: str, because: str) -> Book:
    book = Book()
    book.apply(Effects(declined=(Declined(item=ITEM, person=who, how=how, because=because, at=NOW),)))
    return book


class TestTiers:
    def test_czars_are_asked_first(self) -> None:
        assert [(one.person, one.role) for one in table(world())] == [("ann", "czar"), ("bob", "czar")]

    def test_deputies_where_no_czar_is_available(self) -> None:
        who = roster(person("ann", opt_out=True), person("bob", away=(AWAY,)))
        assert picked(world(who)) == ["cyd"]
        assert [(one.person, one.role, one.code) for one in table(world(who))] == [
            ("ann", "czar", "opted-out"),
            ("bob", "czar", "away"),
            ("cyd", "deputy", ""),
        ]

    def test_the_ptl_where_no_deputy_is_available_either(self) -> None:
        assert picked(world(accounts={"ann": UNKNOWN, "bob": UNKNOWN, "cyd": UNKNOWN})) == ["pat"]

    def test_nobody_where_nobody_is_available(self) -> None:
        gone = world(people=())
        assert picked(gone) == []
        assert codes(gone) == dict.fromkeys(("ann", "bob", "cyd", "pat"), "unknown")

    def test_a_tier_is_not_filled_up_from_the_next(self) -> None:
        assert picked(world(owner="bob"), asks(pick=3)) == ["ann"]

    def test_who_stands_in_two_tiers_is_looked_at_once(self) -> None:
        who = roster(duties={"code": Duty(name="code", czars=("ann",), deputies=("ann", "pat"))})
        assert [one.person for one in table(world(who, owner="ann"))] == ["ann", "pat"]

    def test_a_czar_whose_term_ended_may_still_be_asked_as_the_ptl(self) -> None:
        ended = Duty(name="code", czars=("pat",), term=Term(last=date(2025, 12, 31)))
        last = table(world(roster(duties={"code": ended})))[-1]
        assert (last.person, last.role, last.picked) == ("pat", "ptl", True)

    def test_people_the_rule_names_stand_before_nobody(self) -> None:
        named = Ask(people=("dee", "ann"), pick="first")
        assert picked(world(), named) == ["dee"]
        assert picked(world(), named, team="") == ["dee"]
        assert everyone(named, "nova", roster(), NOW) == ("dee", "ann")

    def test_a_named_person_who_left_the_roster_is_passed_over(self) -> None:
        assert codes(world(), Ask(people=("gone", "dee"))) == {"gone": "unknown", "dee": ""}

    def test_a_duty_of_no_team_is_nobodys(self) -> None:
        assert table(world(), asks(), team="") == ()
        assert everyone(asks(), "", roster(), NOW) == ()

    def test_the_community_has_no_ptl(self) -> None:
        who = roster(community={"tc": Duty(name="tc", czars=("dee",))})
        assert picked(world(who), asks("tc"), COMMUNITY) == ["dee"]
        assert picked(world(who, owner="dee"), asks("tc"), COMMUNITY) == []

    def test_everyone_is_all_who_may_come_to_be_asked(self) -> None:
        assert everyone(asks(), "nova", roster(), NOW) == ("ann", "bob", "cyd", "pat")


class TestPassedOver:
    def test_a_bot_whatever_duty_it_holds(self) -> None:
        who = roster(bots=frozenset({"ann"}))
        table = pick(asks(pick="first"), "nova", world(who))
        assert [(one.person, one.code) for one in table] == [("ann", "bot"), ("bob", "")]

    @pytest.mark.parametrize(
        ("given", "because"),
        [
            ({"owner": "ann"}, "owns the change"),
            ({"authors": ("zed", "ann")}, "wrote or uploaded part of the change"),
        ],
    )
    def test_owner_uploader_author_and_co_author_do_not_review_their_own(
        self, given: dict[str, Any], because: str
    ) -> None:
        first = table(world(**given))[0]
        assert (first.person, first.code, first.because, first.picked) == ("ann", "self", because, False)

    def test_themselves_are_known_by_account_not_by_name(self) -> None:
        assert codes(world(owner="1001", accounts={"ann": "1001"}))["ann"] == "self"
        assert codes(world(owner="ann", accounts={"ann": "1001"}))["ann"] == ""

    def test_two_unknown_accounts_are_not_the_same(self) -> None:
        assert codes(world(owner=UNKNOWN, authors=(UNKNOWN,), accounts={"ann": UNKNOWN}))["ann"] == "unknown"

    def test_opted_out(self) -> None:
        assert codes(world(roster(person("ann", opt_out=True))))["ann"] == "opted-out"

    @pytest.mark.parametrize("how", ["declined", "removed", "refused"])
    def test_declined_removed_or_refused(self, how: str) -> None:
        first = table(world(book=said_no("ann", how, "busy")))[0]
        assert (first.code, first.because) == (how, "busy")

    def test_declined_on_another_item_counts_only_there(self) -> None:
        assert codes(world(book=said_no("ann", "declined", "busy"), item="gerrit:8"))["ann"] == ""

    def test_taken_off_before_we_listened(self) -> None:
        first = table(world(removed={"ann": "bob"}))[0]
        assert (first.code, first.because) == ("removed", "was taken off the change by bob")

    def test_away(self) -> None:
        first = table(world(roster(person("ann", away=(AWAY,)))))[0]
        assert (first.code, first.because) == ("away", "away until 2026-01-09")

    def test_absence_is_by_their_own_calendar(self) -> None:
        who = roster(person("ann", tz="Asia/Tokyo", away=(Absence(first=date(2026, 1, 8), last=date(2026, 1, 8)),)))
        assert codes(world(who, now=NOW))["ann"] == ""
        assert codes(world(who, now=NOW + 4 * HOUR))["ann"] == "away"

    def test_the_cover_is_asked_instead(self) -> None:
        cover = Absence(first=TODAY, last=TODAY, cover="dee")
        rows = table(world(roster(person("ann", away=(cover,)))), asks(pick="first"))
        assert [(one.person, one.code, one.picked) for one in rows] == [
            ("ann", "away", False),
            ("dee", "", True),
            ("bob", "", False),
        ]

    def test_a_cover_who_is_czar_too_is_asked_only_once(self) -> None:
        who = roster(
            person("ann", away=(Absence(first=TODAY, last=TODAY, cover="bob"),)), duties={"code": ("ann", "bob", "dee")}
        )
        assert picked(world(who), asks(pick="all")) == ["bob", "dee"]
        assert sorted(picked(world(who), asks(pick=2))) == ["bob", "dee"]

    def test_an_unknown_account(self) -> None:
        assert codes(world(accounts={"ann": UNKNOWN}))["ann"] == "unknown"

    def test_an_account_nobody_looked_up(self) -> None:
        assert codes(world(people=("bob",)))["ann"] == "unknown"

    def test_at_capacity_where_a_number_is_picked(self) -> None:
        who = roster(person("ann", cap={"change": 2, "bug": 0}))
        assert codes(world(who, busy(ann=1)))["ann"] == ""
        first = table(world(who, busy(ann=2)))[0]
        assert (first.code, first.because) == ("at-capacity", "has 2 items waiting, at most 2 are wanted")
        for how in ("all", "first", "rotation"):
            assert codes(world(who, busy(ann=2)), asks(pick=how))["ann"] == ""

    def test_at_the_daily_limit(self) -> None:
        book = Book()
        for number, hours in enumerate((23, 1)):
            book.apply(Effects(cases=(case(item=f"gerrit:{number}", opened=NOW - hours * HOUR),)))
        first = table(world(book=book, person_per_day=2))[0]
        assert (first.code, first.because) == ("daily-limit", "was asked 2 times within a day")
        assert codes(world(book=book, person_per_day=3))["ann"] == ""
        assert codes(world(book=book, person_per_day=2, now=NOW + 2 * HOUR))["ann"] == ""

    def test_the_first_reason_of_several_is_told(self) -> None:
        who = roster(person("ann", opt_out=True, away=(AWAY,), cap={"change": 0}))
        no = said_no("ann", "declined", "busy")
        assert codes(world(who, no, owner="ann"))["ann"] == "self"
        assert codes(world(who, no))["ann"] == "opted-out"
        gone = roster(person("ann", away=(AWAY,), cap={"change": 0}))
        assert codes(world(gone, no))["ann"] == "declined"
        assert codes(world(gone, accounts={"ann": UNKNOWN}))["ann"] == "away"
        full = roster(person("ann", cap={"change": 0}))
        assert codes(world(full, accounts={"ann": UNKNOWN}))["ann"] == "unknown"


class TestPick:
    def test_all_takes_everybody_available(self) -> None:
        assert picked(world(), asks(pick="all")) == ["ann", "bob"]
        assert picked(world(owner="ann"), asks(pick="all")) == ["bob"]

    def test_first_takes_the_first_available(self) -> None:
        assert picked(world(book=busy(ann=9)), asks(pick="first")) == ["ann"]
        assert picked(world(owner="ann"), asks(pick="first")) == ["bob"]

    def test_rotation_takes_who_is_on_duty_then_the_next(self) -> None:
        turns = Rotation(order=("ann", "bob", "cyd"), every=7, start=date(2026, 1, 5))
        who = roster(duties={"code": Duty(name="code", rotation=turns)})
        ask = asks(pick="rotation")
        week = timedelta(days=7)
        assert [picked(world(who, now=NOW + n * week), ask) for n in range(4)] == [["ann"], ["bob"], ["cyd"], ["ann"]]
        assert picked(world(who, owner="ann"), ask) == ["bob"]
        assert picked(world(who, now=NOW + 2 * week, owner="cyd"), ask) == ["ann"]

    def test_rotation_takes_the_cover_of_who_is_on_duty(self) -> None:
        turns = Rotation(order=("ann", "bob"), every=7, start=date(2026, 1, 5))
        cover = Absence(first=TODAY, last=TODAY, cover="dee")
        who = roster(person("ann", away=(cover,)), duties={"code": Duty(name="code", rotation=turns)})
        assert picked(world(who), asks(pick="rotation")) == ["dee"]

    def test_outside_all_shifts_the_deputies_are_asked(self) -> None:
        shifts = (Shift(person="ann", first=date(2026, 1, 1), last=date(2026, 1, 6)),)
        who = roster(duties={"code": Duty(name="code", shifts=shifts, deputies=("cyd",))})
        assert picked(world(who)) == ["cyd"]

    def test_a_number_takes_who_has_least_to_do(self) -> None:
        assert picked(world(book=busy(ann=2, bob=1))) == ["bob"]
        assert picked(world(book=busy(ann=1, bob=2))) == ["ann"]

    def test_a_number_takes_that_many(self) -> None:
        who = roster(duties={"code": ("ann", "bob", "cyd")})
        assert picked(world(who, busy(ann=5)), asks(pick=2)) == ["bob", "cyd"]

    def test_who_weighs_more_takes_more(self) -> None:
        who = roster(person("bob", weight=3.0))
        assert picked(world(who, busy(ann=1, bob=2))) == ["bob"]  # 3/3 < 2/1
        assert picked(world(who, busy(ann=0, bob=3))) == ["ann"]  # 4/3 > 1/1

    def test_of_equals_the_least_recently_asked_is_taken(self) -> None:
        def asked(**last: datetime) -> Book:
            book = Book()
            book.count([], last, [])
            return book

        assert picked(world(book=asked(ann=NOW - HOUR, bob=NOW - 2 * HOUR))) == ["bob"]
        assert picked(world(book=asked(ann=NOW - 2 * HOUR, bob=NOW - HOUR))) == ["ann"]
        assert picked(world(book=asked(ann=NOW - HOUR))) == ["bob"]

    @given(st.integers(1, 10**6))
    def test_of_perfect_equals_a_hash_of_item_and_person_decides(self, number: int) -> None:
        item = f"gerrit:{number}"
        least = min(("ann", "bob"), key=lambda one: sha256(f"{item}\0{one}".encode()).digest())
        assert picked(world(item=item)) == [least]

    def test_the_hash_favours_nobody(self) -> None:
        counts = Counter(picked(world(item=f"gerrit:{number}"))[0] for number in range(200))
        assert min(counts["ann"], counts["bob"]) > 60

    @pytest.mark.parametrize(
        ("how", "because"),
        [
            (1, {"ann": "is next, with 0 waiting", "bob": "is first, with 3 waiting: somebody else has less to do"}),
            ("first", {"ann": "is next; somebody stands before", "bob": "is first"}),
        ],
    )
    def test_who_is_free_but_not_picked_is_told_why(self, how: str | int, because: dict[str, str]) -> None:
        who = roster(duties={"code": ("bob", "ann")})
        told = {
            one.person: one.because.replace(" in line for code", "")
            for one in table(world(who, busy(bob=3)), asks(pick=how))
        }
        assert told == because

    @given(
        turns=st.fixed_dictionaries({name: st.integers(0, 5) for name in ("ann", "bob", "cyd")}),
        weights=st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=3, max_size=3),
        wanted=st.integers(1, 4),
    )
    def test_nobody_picked_carries_more_than_somebody_left_out(
        self, turns: dict[str, int], weights: list[float], wanted: int
    ) -> None:
        people = [person(name, weight=weight) for name, weight in zip(("ann", "bob", "cyd"), weights, strict=True)]
        who = roster(*people, duties={"code": ("ann", "bob", "cyd")})
        chosen = picked(world(who, busy(**turns)), asks(pick=wanted))
        loads = {one.key: (turns[one.key] + 1) / one.weight for one in people}
        assert len(chosen) == min(wanted, 3)
        assert max(loads[name] for name in chosen) <= min(
            (load for name, load in loads.items() if name not in chosen), default=99
        )


class TestTurns:
    def test_are_our_asks_and_what_the_server_shows_each_item_once(self) -> None:
        where = world(book=busy(ann=2), turns={"ann": ("gerrit:101", "gerrit:900"), "bob": ("gerrit:900",)})
        assert {name: where.turns(name) for name in ("ann", "bob", "cyd")} == {"ann": 3, "bob": 1, "cyd": 0}

    def test_of_the_item_itself_do_not_count(self) -> None:
        book = Book()
        book.count([("ann", ITEM), ("ann", "gerrit:8")], {}, [])
        assert world(book=book, turns={"ann": (ITEM, "gerrit:9")}).turns("ann") == 2
        assert world(book=book, item="gerrit:8").turns("ann") == 1

    def test_that_nobody_looked_up_are_our_asks(self) -> None:
        assert world(book=busy(ann=2), turns=None).turns("ann") == 2

    def test_of_the_server_weigh_like_ours(self) -> None:
        assert picked(world(book=busy(bob=1), turns={"ann": ("gerrit:8", "gerrit:9")})) == ["bob"]
        assert picked(world(book=busy(bob=3), turns={"ann": ("gerrit:8", "gerrit:9")})) == ["ann"]

    def test_of_the_server_fill_a_capacity(self) -> None:
        who = roster(person("ann", cap={"change": 2}))
        first = table(world(who, busy(ann=1), turns={"ann": ("gerrit:9",)}))[0]
        assert (first.code, first.because) == ("at-capacity", "has 2 items waiting, at most 2 are wanted")
        assert codes(world(who, busy(ann=1), turns={"ann": (ITEM,)}))["ann"] == ""


class TestSiblings:
    KNOWS = MappingProxyType({"bob": "was asked about gerrit:6, of the same relation chain"})

    def test_go_to_who_knows_them_whoever_has_less_to_do(self) -> None:
        rows = {one.person: one for one in table(world(book=busy(bob=5), affine=self.KNOWS))}
        assert rows["bob"].picked
        assert rows["bob"].because.endswith(" and was asked about gerrit:6, of the same relation chain")
        assert rows["ann"].because.endswith("; bob knows its siblings")

    def test_go_to_who_knows_the_closest_of_those_available(self) -> None:
        knows = {"cyd": "c", "bob": "b", "ann": "a"}
        assert picked(world(affine=knows)) == ["cyd"]
        assert picked(world(affine=knows, owner="cyd")) == ["bob"]

    def test_go_to_a_deputy_who_knows_them(self) -> None:
        rows = table(world(affine={"cyd": "knows"}))
        assert [(one.person, one.role, one.code, one.picked) for one in rows] == [
            ("ann", "czar", "", False),
            ("bob", "czar", "", False),
            ("cyd", "deputy", "", True),
        ]

    def test_go_to_others_where_who_knows_them_cannot_be_asked(self) -> None:
        assert picked(world(affine=self.KNOWS, owner="bob")) == ["ann"]
        assert picked(world(affine={"dee": "knows"}, book=busy(ann=1))) == ["bob"]
        assert picked(world(roster(person("bob", away=(AWAY,))), affine=self.KNOWS)) == ["ann"]

    @pytest.mark.parametrize("how", [1, "first"])
    def test_bury_nobody(self, how: str | int) -> None:
        full = roster(person("bob", cap={"change": 1}))
        assert picked(world(full, busy(bob=1, ann=9), affine=self.KNOWS), asks(pick=how)) == ["ann"]

    def test_are_joined_by_others_where_several_are_wanted(self) -> None:
        who = roster(duties={"code": ("ann", "bob", "cyd")})
        assert sorted(picked(world(who, busy(ann=1, bob=9), affine=self.KNOWS), asks(pick=2))) == ["bob", "cyd"]

    @pytest.mark.parametrize("how", ["all", "rotation"])
    def test_change_nothing_where_all_or_who_is_on_duty_are_asked(self, how: str) -> None:
        assert picked(world(affine=self.KNOWS), asks(pick=how)) == picked(world(), asks(pick=how))


class TestOthers:
    def test_who_is_passed_over_this_time_is_told_why(self) -> None:
        first = table(world(passed_over={"ann": "did not answer for 4 days"}))[0]
        assert (first.code, first.because) == ("passed-over", "did not answer for 4 days")
        assert picked(world(passed_over={"ann": "", "bob": ""})) == ["cyd"]

    def test_a_decline_is_told_before_that(self) -> None:
        assert codes(world(book=said_no("ann", "declined", "busy"), passed_over={"ann": "slow"}))["ann"] == "declined"

    def test_only_those_of_the_roles_wanted_are_considered(self) -> None:
        assert [one.person for one in pick(asks(pick="all"), "nova", world(), roles=frozenset({"deputy"}))] == ["cyd"]
        both = pick(asks(), "nova", world(owner="cyd"), roles=frozenset({"deputy", "ptl"}))
        assert [(one.person, one.code) for one in both] == [("cyd", "self"), ("pat", "")]
        assert pick(asks(), "nova", world(), roles=frozenset()) == ()


everybody = st.sampled_from(["ann", "bob", "cyd", "dee"])
absences = st.none() | st.builds(Absence, first=st.just(TODAY), last=st.just(TODAY), cover=st.none() | everybody)


def maybe_gone(key: str) -> st.SearchStrategy[Person]:
    def made(away: Absence | None, *, opt_out: bool) -> Person:
        return person(key, away=(away,) if away else (), opt_out=opt_out)

    return st.builds(made, absences, opt_out=st.booleans())


@given(
    people=st.tuples(*(maybe_gone(key) for key in ("ann", "bob", "cyd", "dee"))),
    czars=st.lists(everybody, unique=True).map(tuple),
    deputies=st.lists(everybody, unique=True).map(tuple),
    ptl=st.lists(everybody, max_size=1).map(tuple),
    term=st.none() | st.just(Term(last=date(2025, 12, 31))),
)
def test_first_is_whom_czar_who_names_first(
    people: tuple[Person, ...],
    czars: tuple[str, ...],
    deputies: tuple[str, ...],
    ptl: tuple[str, ...],
    term: Term | None,
) -> None:
    who = roster(*people, ptl=ptl, duties={"code": Duty(name="code", czars=czars, deputies=deputies, term=term)})
    available = [one.person for one in who.who("nova", "code", NOW) if one.available]
    assert picked(world(who), asks(pick="first")) == available[:1]
    assert {one.person for one in table(world(who))} <= set(everyone(asks(), "nova", who, NOW))


class TestConfidence:
    def test_goes_with_private_duties_only(self) -> None:
        who = roster(
            duties={"security": Duty(name="security", private=True)},
            community={"vmt": Duty(name="vmt", private=True)},
            teams={"other": Team(name="other")},
        )
        assert in_confidence(asks("security"), "nova", who)
        assert in_confidence(asks("vmt"), COMMUNITY, who)
        assert not in_confidence(Ask(people=("ann",)), "nova", who)
        assert not in_confidence(asks("code"), "nova", who)
        assert not in_confidence(asks("security"), "other", who)
        assert not in_confidence(asks("security"), "", who)

"""Recorded lines through the real deciding code, offline."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.commands.decided import decision_row
from daemon.replay import EndlessTicks, Replay
from daemon.replayed_world import Files
from integrations.contract import Malformed
from integrations.gerrit.wire import parse
from rules.actions import AddReviewer, RemoveReviewer
from rules.events import (
    Account,
    ChangeMerged,
    CommentAdded,
    Event,
    PatchsetCreated,
    ReviewerAdded,
    ReviewerRemoved,
    Vote,
    WipChanged,
)
from rules.events import PatchSet as Uploaded
from rules.ladders import Step
from rules.roster import Absence, Duty, Person, Roster, Team
from rules.routing import Rule
from rules.state import Book, Effects
from rules.verdicts import Decision, Settings
from tests.rules.makers import (
    NOW,
    REPO,
    UNLIMITED,
    account,
    asks,
    case,
    event,
    happened,
    person,
    roster,
    rule,
    settings,
)

SAMPLE = Path(__file__).parent.parent / "samples" / "gerrit" / "its-base"
SHOWN = ("at", "event", "item", "verdicts", "actions")


def replay(events: Iterable[Event | bytes | None], *rules: Rule, who: Roster | None = None, **given: Any) -> Replay:
    """A replay whose lines are numbers of events; bytes are a malformed line."""
    files: Files = given.pop("files", {})
    told = list(events)

    def read(line: bytes) -> Event | None:
        what = told[int(line)]
        if isinstance(what, bytes):
            raise Malformed("not a stream event")
        return what

    return Replay(read, settings(*rules, who=who, limits=UNLIMITED, **given), files)


def decided(events: list[Any], *rules: Rule, **given: Any) -> list[Decision]:
    return list(replay(events, *rules, **given).run(b"%d" % number for number in range(len(events))))


def people(decisions: list[Decision]) -> list[tuple[str, ...]]:
    """Who is asked, verdict by verdict."""
    return [one.people for decision in decisions for one in decision.verdicts if one.outcome == "ask"]


def removed(who: str, by: str) -> ReviewerRemoved:
    return happened(ReviewerRemoved, reviewer=account(who), by=account(by))


ANN = rule(ask=asks(pick="first"))


class TestReading:
    def test_malformed_lines_are_counted_and_the_rest_is_decided(self) -> None:
        told: list[Event | bytes | None] = [b"bad", event(), None, b"bad"]
        running = replay(told, ANN)
        assert people(list(running.run(b"%d" % number for number in range(4)))) == [("ann",)]
        assert (running.read, running.malformed) == (4, 2)

    def test_what_no_rule_looked_at_is_not_told(self) -> None:
        assert decided([happened(CommentAdded, by=account("ann")), event(repo="elsewhere/tool")]) == []

    def test_real_lines_that_are_none_are_counted(self) -> None:
        running = Replay(parse, settings(), {})
        assert list(running.run([b"", b"{", b"\xff", b'{"type":"patchset-created"}', b'{"type":"no-idea"}'])) == []
        assert (running.read, running.malformed) == (5, 4)


class TestLooking:
    def test_the_clock_is_the_events(self) -> None:
        first = datetime(2020, 1, 1, tzinfo=UTC)
        assert [one.at for one in decided([event(at=first)])] == [first]

    def test_accounts_exist_by_username_else_by_address(self) -> None:
        who = roster(person("ann", gerrit=None, emails=("Ann@example.net",)))
        (decision,) = decided([event()], ANN, who=who)
        assert [one.account for one in decision.actions if isinstance(one, AddReviewer)] == ["ann@example.net"]

    def test_somebody_without_either_has_no_account(self) -> None:
        assert people(decided([event()], ANN, who=roster(Person(key="ann")))) == [("bob",)]

    def test_files_are_those_of_the_patch_set(self) -> None:
        docs = rule(when={"only": ("doc/**",)}, ask=asks(pick="first"))
        told = [event(patch_set=Uploaded(number=number, revision="c0ffee")) for number in (1, 2)]
        found = decided(told, docs, files={(7, 1): ("a.py",), (7, 2): ("doc/a",)})
        assert [[one.people for one in decision.verdicts] for decision in found] == [[], [("ann",)]]

    def test_files_nobody_recorded_are_none(self) -> None:
        assert people(decided([event()], rule(when={"file": ("**",)}))) == []

    def test_the_latest_patch_set_counts_also_where_the_event_names_none(self) -> None:
        big = rule(when={"size": (">=100",)}, ask=asks(pick="first"))
        told = [
            event(wip=True, patch_set=Uploaded(number=2, revision="b", size=200)),
            happened(PatchsetCreated, wip=True, patch_set=Uploaded(number=1, revision="a", size=1)),
            event(patch_set=None),
        ]
        assert people(decided(told, big)) == [("ann",)]

    def test_since_is_the_first_event_unless_the_settings_say_so(self) -> None:
        old = NOW - timedelta(days=1)
        assert people(decided([event(created=old)], ANN)) == []
        assert people(decided([event(created=old)], ANN, since=old)) == [("ann",)]
        told = [happened(CommentAdded, number=6, at=NOW), event(created=NOW, at=NOW + timedelta(hours=1))]
        assert people(decided(told, ANN)) == [("ann",)]


class TestSelf:
    @pytest.mark.parametrize(
        "given",
        [
            {"owner": account("ann")},
            {"patch_set": Uploaded(number=1, revision="a", uploader=account("ann"))},
            {"patch_set": Uploaded(number=1, revision="a", author=account("ann"))},
            {"message": "Fix\n\nCo-Authored-By: Ann <Ann@example.org>\n"},
        ],
        ids=["owner", "uploader", "author", "co-author"],
    )
    @pytest.mark.parametrize("known_by", [{"gerrit": "ann"}, {"gerrit": None}], ids=["username", "address"])
    def test_is_not_asked(self, given: dict[str, Any], known_by: dict[str, Any]) -> None:
        assert people(decided([event(**given)], ANN, who=roster(person("ann", **known_by)))) == [("bob",)]

    def test_is_known_by_address_where_the_recording_has_no_username(self) -> None:
        assert people(decided([event(owner=Account(email="ANN@example.org"))], ANN)) == [("bob",)]


class TestReviewers:
    DOCS = rule("docs", slot="docs", when={"topic": ("docs",)}, ask=asks(pick="first"))

    def test_who_was_added_or_voted_reviews_it_already(self) -> None:
        voted = (Vote(label="Code-Review", value=1, old=0),)
        for before in (
            happened(ReviewerAdded, reviewer=account("bob"), by=account("zed")),
            happened(CommentAdded, by=account("bob"), votes=voted),
        ):
            (last,) = decided([before, event()], ANN)
            assert [one.because for one in last.verdicts] == ["bob reviews it already"]

    def test_who_only_replied_does_not(self) -> None:
        assert people(decided([happened(CommentAdded, by=account("bob")), event()], ANN)) == [("ann",)]

    def test_who_was_taken_off_is_not_asked_unless_added_again(self) -> None:
        told = [removed("ann", "zed"), event()]
        assert people(decided(told[:1], ANN)) == [("bob",)]
        dee = rule(ask=asks("dee-only"))
        who = roster(ptl=(), duties={"dee-only": Duty(name="dee-only", czars=("dee",))})
        assert people(decided(told, dee, who=who)) == [("dee",)]

    def test_what_was_asked_before_counts_as_done(self) -> None:
        last = decided([event(), event(topic="docs")], ANN, self.DOCS)[-1]
        assert [(one.slot, one.outcome, one.because) for one in last.verdicts] == [
            ("code", "skip", "ann was asked on 2026-01-07 12:00"),
            ("docs", "skip", "ann reviews it already"),
        ]

    def test_what_was_only_observed_is_not_done(self) -> None:
        told = decided([event(), event(topic="docs")], rule(ask=asks(pick="first"), mode="observe"), self.DOCS)
        assert people(told) == [("ann",), ("ann",)]

    def test_our_own_removals_are_nobodys_refusal(self) -> None:
        told = [event(wip=True), removed("ann", "czar-bot"), event()]
        assert people(decided(told, ANN)) == [("ann",)]

    def test_merged_nobody_is_asked_any_more(self) -> None:
        told = [happened(ChangeMerged, status="MERGED"), event(status="MERGED")]
        assert decided(told, ANN) == []


LADDERS = {
    "review": (
        Step(after=timedelta(hours=1), business=False, do="ping"),
        Step(after=timedelta(hours=2), business=False, do="reassign"),
        Step(after=timedelta(hours=3), business=False, do="add", to="ptl"),
    )
}
CLIMBING = rule(ask=asks(pick="first"), ladder="review")


def later(hours: float, **given: Any) -> Event:
    """Something else that happens so many hours later."""
    return happened(CommentAdded, number=99, by=account("zed"), at=NOW + timedelta(hours=hours), **given)


def ticks(told: list[Any], *rules: Rule, **given: Any) -> list[tuple[str, float, tuple[str, ...]]]:
    """What fell due: the item, after how many hours, and what came of it."""
    found = decided(told, *(rules or (CLIMBING,)), ladders=LADDERS, **given)
    return [(one.item, (one.at - NOW) / timedelta(hours=1), one.notes) for one in found if one.event == "Tick"]


class TestTime:
    def test_what_falls_due_before_an_event_is_decided_at_its_own_instant(self) -> None:
        assert [(item, hours) for item, hours, _ in ticks([event(), later(4)])] == [
            ("gerrit:7", 1.0),
            ("gerrit:7", 2.0),
            ("gerrit:7", 3.0),
        ]

    def test_steps_are_real_decisions(self) -> None:
        found = decided([event(), later(4)], CLIMBING, ladders=LADDERS)
        kinds = [[type(action).__name__ for action in one.actions] for one in found]
        assert kinds[1] == ["Comment", "DrawAttention"]
        assert people(found[2:3]) == [("bob",)]
        assert "RemoveReviewer" in kinds[2]
        assert people(found[3:]) == [("pat",)]

    def test_at_the_instant_itself_what_is_due_comes_first(self) -> None:
        events = [
            one.event for one in decided([event(), event(at=NOW + timedelta(hours=1))], CLIMBING, ladders=LADDERS)
        ]
        assert events == ["PatchsetCreated", "Tick", "PatchsetCreated"]

    def test_after_the_last_event_nothing_falls_due(self) -> None:
        assert ticks([event()]) == []
        assert len(ticks([event(), later(1.5)])) == 1

    def test_items_come_in_the_order_of_their_due_times_then_by_name(self) -> None:
        told = [event(number=9), event(number=8), event(number=7, at=NOW + timedelta(minutes=30)), later(1.9)]
        assert [item for item, _, _ in ticks(told)] == ["gerrit:8", "gerrit:9", "gerrit:7"]

    def test_who_answered_is_not_followed_up(self) -> None:
        answered = happened(CommentAdded, by=account("ann"), at=NOW + timedelta(minutes=30))
        assert ticks([event(), answered, later(9)]) == []

    def test_nothing_falls_due_on_a_change_that_is_in(self) -> None:
        merged = happened(ChangeMerged, status="MERGED", at=NOW + timedelta(minutes=30))
        assert ticks([event(), merged, later(9)]) == []

    def test_a_clock_that_stands_still_does_not_tick(self) -> None:
        wip = happened(WipChanged, wip=True, at=NOW + timedelta(minutes=30))
        assert ticks([event(), wip, later(9)]) == []

    def test_what_is_only_observed_is_not_followed_up(self) -> None:
        assert ticks([event(), later(9)], mode="observe") == []

    def test_lines_out_of_order_do_not_turn_time_back(self) -> None:
        told = [event(), later(0.5), event(number=8, at=NOW - timedelta(days=1)), later(2)]
        found = [one.at for one in decided(told, CLIMBING, ladders=LADDERS) if one.event == "Tick"]
        assert found == sorted(found)

    def test_what_is_due_for_ever_ends_with_a_plain_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def decide(event: Event, facts: Any, settings: Any, book: Book, now: datetime) -> Decision:
            stuck = Effects(cases=(case(due=NOW),))
            book.apply(stuck)
            return Decision(event=type(event).__name__, item="gerrit:7", at=now, effects=stuck)

        monkeypatch.setattr("daemon.replay.decide", decide)
        with pytest.raises(
            EndlessTicks, match=r"^gerrit:7 is still due at 2026-01-07 12:00:00 after 50 decisions on it$"
        ):
            decided([event(), later(1)])


class TestSaid:
    def test_commands_in_comments_are_obeyed(self) -> None:
        declined = happened(
            CommentAdded, by=account("ann"), text="Patch Set 1:\n\nczar: decline no time", at=NOW + timedelta(minutes=1)
        )
        assert people(decided([event(), declined], ANN)) == [("ann",), ("bob",)]

    def test_what_has_a_persons_attention_is_their_turn(self) -> None:
        told = [happened(ReviewerAdded, number=8, reviewer=account("ann"), by=account("zed")), event()]
        assert people(decided(told, rule(ask=asks(pick=1)))) == [("bob",)]

    def test_whom_we_took_off_is_no_reviewer_any_more(self) -> None:
        docs = rule("docs", slot="docs", when={"topic": ("docs",)}, ask=asks("docs"))
        who = roster(duties={"docs": ("ann",)})
        told = decided(
            [event(), later(2.5), event(topic="docs", at=NOW + timedelta(hours=2.6))],
            CLIMBING,
            docs,
            who=who,
            ladders=LADDERS,
        )
        off = [one for decision in told for one in decision.actions if isinstance(one, RemoveReviewer)]
        assert [one.person for one in off] == ["ann"]
        assert "ann reviews it already" not in [one.because for one in told[-1].verdicts]


CZARS = ("u1006192", "u1011323", "u1012155", "u1029953")
BOT = "u1019328"
AWAY = Absence(first=date(2017, 7, 1), last=date(2017, 8, 31), cover="u1010008")


def sampled(**given: Any) -> Settings:
    """The plugin as a team whose reviewers own most of its changes; one of them is called a bot, one is away."""
    keys = (*CZARS, "u1010008", "u1014252", BOT)
    someone = {key: person(key, emails=(f"{key}@example.org",)) for key in keys}
    someone["u1011323"] = person("u1011323", away=(AWAY,))
    code = Duty(name="code", czars=(*CZARS, BOT), deputies=("u1010008",))
    team = Team(name="its", repos=("plugins/its-base",), ptl=("u1014252",), duties={"code": code})
    who = Roster(people=someone, teams={"its": team}, bots=frozenset({BOT}))
    rules = (
        rule("build", slot="code", when={"only": ("BUILD", "WORKSPACE", "*.bzl", "tools/**")}, ask=asks(pick="first")),
        rule("any", slot="code", ask=asks(pick=1)),
        rule("all", slot="informed", ask=asks(pick="all", as_="cc")),
    )
    return settings(*rules, who=who, since=datetime(2013, 1, 1, tzinfo=UTC), limits=UNLIMITED, **given)


def lines(name: str) -> list[bytes]:
    return gzip.decompress((SAMPLE / f"{name}.jsonl.gz").read_bytes()).splitlines()


def touched() -> Files:
    rows = map(json.loads, lines("files"))
    return {(row["number"], row["patchSet"]): tuple(file["path"] for file in row["files"]) for row in rows}


def replayed(extra: tuple[bytes, ...] = ()) -> tuple[Replay, list[Decision]]:
    running = Replay(parse, sampled(), touched())
    return running, list(running.run([*lines("events"), *extra]))


class TestRecording:
    def test_twice_gives_the_same_bytes(self) -> None:
        first, second = (json.dumps([decision_row(one) for one in replayed()[1]]) for _ in range(2))
        assert first == second
        assert all(name in first for name in SHOWN)

    def test_is_read_whole(self) -> None:
        running, _ = replayed((b"{}", b"not json"))
        assert (running.read, running.malformed) == (202, 2)

    def test_asks_somebody_about_most_changes(self) -> None:
        asks_made = [one for decision in replayed()[1] for one in decision.verdicts if one.people]
        assert len(asks_made) >= 20
        assert {one.rule for one in asks_made} == {"build", "any", "all"}
        assert len({name for one in asks_made for name in one.people}) >= 4

    def test_never_asks_the_owner_nor_about_a_bots_change(self) -> None:
        owners: dict[str, str] = {}
        for line in lines("events"):
            change = json.loads(line).get("change")
            if change:
                owners[f"gerrit:{change['number']}"] = change["owner"]["username"]
        assert BOT in owners.values()
        assert set(owners.values()) & set(CZARS)
        for decision in replayed()[1]:
            asked = {name for one in decision.verdicts for name in one.people}
            assert owners[decision.item] not in asked
            assert not (asked and owners[decision.item] == BOT)

    def test_never_asks_who_is_away_but_their_cover(self) -> None:
        during: set[str] = set()
        at_home: set[str] = set()
        for decision in replayed()[1]:
            where = during if AWAY.first <= decision.at.date() <= AWAY.last else at_home
            where |= {name for one in decision.verdicts for name in one.people}
        assert "u1011323" not in during
        assert "u1010008" in during
        assert "u1011323" in at_home

    def test_asks_nobody_about_work_in_progress_or_private_changes(self) -> None:
        hidden = set()
        for line in lines("events"):
            told = json.loads(line)
            if told.get("change", {}).get("wip") or told.get("change", {}).get("private"):
                hidden.add((f"gerrit:{told['change']['number']}", told["eventCreatedOn"]))
        assert hidden
        for decision in replayed()[1]:
            if (decision.item, int(decision.at.timestamp())) in hidden:
                assert not decision.actions

    def test_asks_each_person_at_most_once_about_a_slot(self) -> None:
        keys = [action.key for decision in replayed()[1] for action in decision.actions]
        assert len(keys) == len(set(keys)) > 40


def test_the_sample_says_where_it_comes_from() -> None:
    told = (SAMPLE / "ORIGIN.md").read_text()
    assert all(f"`{path.name}`" in told for path in SAMPLE.glob("*.gz"))
    assert {"plugins/its-base"} == {
        json.loads(line)["change"]["project"] for line in lines("events") if b'"change":' in line
    }
    assert REPO not in told

"""Reading in order, deciding once, and starting anew from the journal after any fault."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from daemon import own_events
from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import heard as heard_table
from daemon.journal.tables import quarantine
from daemon.workers.looker import Looker
from integrations.contract import Transient
from rules.events import Event, Tick, item_of
from rules.facts import Ballot, Facts, Need
from rules.roster import Absence, FinalSay, Person
from rules.routing import Index
from rules.state import Book, Case, Effects
from rules.verdicts import Decision, Limits, Settings
from tests.clock import Clock
from tests.daemon.journals import (
    SOURCE,
    FakeGerrit,
    Office,
    Place,
    case,
    decision,
    failing,
    heard,
    line,
    merged,
    pushed,
    roster,
    rule,
    settings,
)
from tests.daemon.signed import chain, entry, gate, release


@pytest.fixture
def gerrit() -> FakeGerrit:
    """With no reviewers on anything."""
    return FakeGerrit()


@pytest.fixture
def office(journal: Journal, gerrit: FakeGerrit, clock: Clock) -> Office:
    """At work."""
    return Office(journal, gerrit, clock)


class TestTheUsualDay:
    def test_with_nothing_heard_there_is_nothing_to_do(self, office: Office) -> None:
        assert not office.decider.step(0)

    def test_who_is_on_duty_is_asked_once_for_a_change(self, office: Office) -> None:
        office.hear(pushed(), pushed(), line("patchset-created", patchSet={"number": 2, "revision": "beef"}))
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}
        assert office.events() == ["PatchsetCreated"] * 3
        assert len(office.gerrit.said["gerrit:1"]) == 1

    def test_what_no_rule_asks_about_needs_no_look(self, office: Office) -> None:
        office.hear(merged(), line("ref-replicated"), line("comment-added", author={"username": "dev"}))
        office.work()
        stats = office.journal.views.stats()
        assert (stats.decided, stats.ignored, office.gerrit.looked) == (0, 3, [])

    def test_what_was_looked_up_is_stored_with_the_decision(self, office: Office) -> None:
        office.hear(pushed())
        office.work()
        (told,) = office.journal.views.story("gerrit:1")
        assert told.detail is not None
        assert told.detail.facts is not None
        assert told.detail.facts.accounts == {"ann": "id-of-ann", "bob": "id-of-bob"}

    def test_new_settings_count_from_the_next_decision(self, office: Office) -> None:
        office.hear(pushed(1))
        office.work()
        office.goes_by = settings(mode="observe", version="2")
        office.hear(pushed(2))
        office.work()
        assert list(office.gerrit.reviewers) == ["gerrit:1"]
        assert [one.observed for one in office.journal.views.cases()] == [False, True]

    def test_a_rule_over_its_limit_pauses_itself_until_resumed(self, office: Office, clock: Clock) -> None:
        office.goes_by = settings(limits=Limits(rule_per_hour=2))
        office.hear(pushed(1), pushed(2), pushed(3))
        office.work()
        assert len(office.gerrit.reviewers) == 2
        assert [pause.scope for pause in office.journal.pausing.all()] == ["ask-release"]
        clock.pass_s(2 * 3600)
        office.journal.pausing.resume()
        office.work()
        assert len(office.gerrit.reviewers) == 3


class TestWaiting:
    def test_an_item_that_waits_does_not_block_others(self, office: Office) -> None:
        office.hear(pushed(1), merged(2))
        office.decide()
        assert (office.events(1), office.events(2)) == ([], ["ChangeMerged"])

    def test_and_keeps_the_order_of_its_own_events(self, office: Office) -> None:
        office.hear(pushed(1), merged(1), merged(2))
        office.decide()
        assert (office.events(1), office.events(2)) == ([], ["ChangeMerged"])
        office.work()
        assert office.events(1) == ["PatchsetCreated", "ChangeMerged"]
        (one,) = office.journal.views.cases()
        assert (one.state, one.end) == ("closed", "merged")

    def test_one_look_serves_all_that_waits(self, office: Office) -> None:
        office.hear(*(pushed() for _ in range(5)))
        office.work()
        assert len(office.gerrit.looked) == 1
        assert len(office.events()) == 5

    def test_facts_older_than_the_event_are_not_used(self, office: Office) -> None:
        """Nobody is asked for the first event, so that the second one needs a look too: one of its own."""
        office.gerrit.reviewers["gerrit:1"] = ["id-of-ann"]
        office.hear(pushed())
        office.decide()
        order = office.desk.take(0)
        assert order is not None
        before = office.gerrit.look(order.need)
        office.hear(line("wip-state-changed"))
        office.gerrit.reviewers["gerrit:1"] = []
        office.decide()
        office.desk.bring(order, before)
        office.decide()
        assert office.events() == ["PatchsetCreated"]
        office.work()
        assert office.events() == ["PatchsetCreated", "WipChanged"]
        assert len(office.gerrit.looked) == 2
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_a_look_up_that_fails_for_hours_is_had_in_the_end(self, office: Office, clock: Clock) -> None:
        office.gerrit.down = "503 from Gerrit"
        office.hear(pushed())
        for _ in range(100):
            office.work()
            clock.pass_s(300)
        office.gerrit.down = ""
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}
        assert len(office.gerrit.looked) == 101

    def test_what_waited_is_asked_for_again_after_a_restart(self, place: Place, clock: Clock) -> None:
        away = Office(place.open(), FakeGerrit(down="503 from Gerrit"), clock)
        away.hear(pushed(1), merged(1), pushed(2))
        away.work()
        clock.pass_s(3600)
        again = Office(place.open(), FakeGerrit(), clock)
        again.work()
        assert again.events(1) == ["PatchsetCreated", "ChangeMerged"]
        assert set(again.gerrit.reviewers) == {"gerrit:1", "gerrit:2"}
        assert again.journal.deciding.waiting() == []

    def test_settings_under_which_nothing_is_needed_let_it_go_on(self, office: Office, clock: Clock) -> None:
        office.gerrit.down = "503 from Gerrit"
        office.hear(pushed(), merged())
        office.work()
        office.goes_by = settings(mode="off")
        office.gerrit.down = ""
        clock.pass_s(600)
        office.work()
        assert office.events() == ["PatchsetCreated", "ChangeMerged"]
        assert office.gerrit.reviewers == {}

    def test_settings_under_which_more_is_needed_look_again(self, office: Office) -> None:
        office.hear(pushed())
        office.decide()
        office.looker.step(0)
        people = dict(roster().people) | {"cyd": Person(key="cyd", gerrit="cyd")}
        teams = dict(roster().teams)
        duty = replace(teams["nova"].duties["release"], czars=("cyd",))
        teams["nova"] = replace(teams["nova"], duties={"release": duty})
        everybody = replace(roster(), people=people, teams=teams)
        office.goes_by = replace(settings(), changes=Index(rules=(rule(),), roster=everybody), version="2")
        office.work()
        assert len(office.gerrit.looked) == 2
        (told,) = office.journal.views.story("gerrit:1")
        assert told.detail is not None
        assert [one.person for one in told.detail.verdicts[0].candidates] == ["cyd"]

    def test_who_stands_in_since_midnight_is_looked_up_too(self, office: Office, clock: Clock) -> None:
        """The look was ordered on the day before, when nobody was away."""
        tomorrow = clock().date() + timedelta(days=1)
        office.goes_by = _ann_is_away_from(tomorrow)
        office.gerrit.down = "503 from Gerrit"
        office.hear(pushed())
        office.work()
        clock.pass_s(24 * 3600)
        office.gerrit.down = ""
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-bob"]}


class TestWhatCannotBeRead:
    BAD = (
        b"",
        b"not json",
        b'{"type":"patchset-created","change":{"number":',
        b'{"type":"patchset-created"}',
        b'{"type":"patchset-created","change":{"number":"many"}}',
        b'{"type":"patchset-created","eventCreatedOn":99999999999999999,"change":{"number":1}}',
        b'{"type":"comment-added","comment":"\xff\xfe"}',
        b"\xff\xfe\x00",
        b'{"x":' + b"[" * 200_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"type":"patchset-created","change":{"number":1,"subject":"' + b"x" * 10_000_000 + b'"}}',
    )

    def test_it_goes_to_quarantine_is_counted_and_never_in_the_way(self, office: Office) -> None:
        office.hear(*self.BAD, pushed())
        office.work()
        stats = office.journal.views.stats()
        assert (stats.malformed, stats.quarantined, stats.decided) == (len(self.BAD), len(self.BAD), 1)
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_why_is_written_down_and_the_line_is_kept(self, office: Office) -> None:
        office.hear(b"not json")
        office.work()
        with office.journal.database.read() as connection:
            (row,) = connection.execute(select(quarantine)).all()
        assert row.because.startswith("not a stream event:")
        assert [one.raw for one in office.journal.intake.lines([row.seq])] == [b"not json"]

    def test_a_type_nobody_knows_is_ignored(self, office: Office) -> None:
        office.hear(line("comet-sighted"), b'{"type":"plugin-x"}')
        office.work()
        stats = office.journal.views.stats()
        assert (stats.ignored, stats.malformed) == (2, 0)

    def test_a_source_that_nobody_reads_is_quarantined(self, office: Office) -> None:
        office.journal.intake.hear("comet-watch", "one", heard(b"{}"))
        office.work()
        with office.journal.database.read() as connection:
            assert connection.execute(select(quarantine.c.because)).scalar() == "nobody reads source comet-watch"

    def test_text_that_a_database_cannot_hold_does_not_stop_the_others(self, office: Office) -> None:
        """PostgreSQL's text has no NUL."""
        ref = {"refName": "refs/heads/a\0b", "project": "x\0y", "oldRev": "0", "newRev": "1"}
        office.hear(line("ref-updated", refUpdate=ref), pushed())
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_what_waited_and_cannot_be_read_by_a_new_version_does_not_stop_it(self, place: Place, clock: Clock) -> None:
        away = Office(place.open(), FakeGerrit(down="503 from Gerrit"), clock)
        away.hear(pushed(1), pushed(2))
        away.work()
        with away.journal.database.write() as connection:  # as good as a parser that has changed
            broken = away.journal.intake._codec.pack(b"not json")
            connection.execute(update(heard_table).where(heard_table.c.sequence == 0).values(raw=broken))
        again = Office(place.open(), FakeGerrit(), clock)
        again.work()
        assert list(again.gerrit.reviewers) == ["gerrit:2"]
        assert again.journal.deciding.waiting() == []
        assert again.journal.views.stats().quarantined == 1

    def test_what_was_pruned_while_it_waited_waits_no_longer(self, place: Place, clock: Clock) -> None:
        away = Office(place.open(), FakeGerrit(down="503 from Gerrit"), clock)
        away.hear(pushed(1), pushed(2))
        away.work()
        with away.journal.database.write() as connection:
            connection.execute(update(heard_table).where(heard_table.c.sequence == 0).values(raw=None))
        again = Office(place.open(), FakeGerrit(), clock)
        again.work()
        assert list(again.gerrit.reviewers) == ["gerrit:2"]
        assert again.journal.deciding.waiting() == []


HEAR_DECIDE_AND_DIE = """
import os, random, sys
from datetime import UTC, datetime
from pathlib import Path
from daemon.journal.deciding import Deciding
from tests.clock import Clock
from tests.daemon.journals import FakeGerrit, Office, Place, pushed
office = Office(Place(sys.argv[1], Path("/"), Clock()).open(), FakeGerrit(), Clock())
record, records = Deciding.record, []
def dying(self, batch):
    record(self, batch)
    records.append(batch)
    if batch.decided:
        os._exit(9)
Deciding.record = dying
office.hear(pushed(), pushed())
office.decide()
office.looker.step(0)
office.decide()
"""


class TestAfterAFault:
    def test_killed_between_record_and_the_next_line_it_decides_nothing_twice(self, place: Place, clock: Clock) -> None:
        command = [sys.executable, "-c", HEAR_DECIDE_AND_DIE, place.url]
        done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
        assert done.returncode == 9, done.stderr
        office = Office(place.open(), FakeGerrit(), clock)
        assert office.events() == ["PatchsetCreated"] * 2
        office.work()
        assert office.events() == ["PatchsetCreated"] * 2
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}
        assert len(office.gerrit.said["gerrit:1"]) == 1

    def test_the_same_line_heard_twice_acts_once(self, office: Office) -> None:
        office.hear(pushed())
        office.work()
        office.hear(pushed())
        office.work()
        assert office.gerrit.requests == 1
        assert office.journal.views.stats().actions["done"] == 2

    @pytest.mark.parametrize("statement", ["INSERT INTO decisions", "INSERT INTO waiting", "INSERT INTO marks"])
    def test_a_record_that_fails_is_made_anew_from_the_journal(self, office: Office, statement: str) -> None:
        office.hear(pushed(1), merged(2), pushed(3))
        with failing(office.journal, statement):
            for _ in range(3):
                with pytest.raises(Transient, match="the disk is gone"):
                    office.decider.step(0)
        assert office.journal.views.stats().decided == 0
        office.work()
        assert sorted(office.gerrit.reviewers) == ["gerrit:1", "gerrit:3"]
        assert (office.events(1), office.events(2)) == (["PatchsetCreated"], ["ChangeMerged"])

    def test_a_record_of_what_was_looked_up_that_fails_is_made_anew(self, office: Office) -> None:
        office.hear(pushed(), merged())
        office.decide()
        office.looker.step(0)
        with failing(office.journal, "INSERT INTO actions"), pytest.raises(Transient):
            office.decider.step(0)
        assert (office.events(), office.journal.views.cases()) == ([], ())
        office.work()
        assert office.events() == ["PatchsetCreated", "ChangeMerged"]
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_what_was_looked_up_is_not_lost_while_the_journal_cannot_be_read(self, office: Office) -> None:
        office.hear(pushed())
        office.decide()
        office.looker.step(0)
        with failing(office.journal, "SELECT"), pytest.raises(Transient):
            office.decider.step(0)
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_a_journal_that_cannot_be_read_at_the_start_is_read_later(self, office: Office) -> None:
        office.hear(pushed())
        with failing(office.journal, "SELECT"), pytest.raises(Transient):
            office.decider.step(0)
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_limits_count_also_what_was_asked_before_a_restart(self, place: Place, clock: Clock) -> None:
        strict = settings(limits=Limits(rule_per_hour=2))
        for n in range(1, 5):
            office = Office(place.open(), FakeGerrit(), clock, goes_by=strict)
            office.hear(pushed(n))
            office.work()
        asked = [one.person for one in place.open().views.cases() if one.person]
        assert asked == ["ann", "ann"]


def test_who_goes_away_while_an_event_of_the_item_waits_is_not_overlooked(office: Office, clock: Clock) -> None:
    office.hear(pushed(1))
    office.work()
    assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}
    office.gerrit.down = "for a moment"
    office.hear(line("reviewer-deleted", reviewer={"username": "dev"}, remover={"username": "dev"}))
    office.decide()
    office.goes_by = replace(_ann_is_away_from(clock().date()), version="2")
    clock.pass_s(2)
    office.decide()
    office.gerrit.down = ""
    clock.pass_s(120)
    office.work()
    assert [one.person for one in office.journal.views.cases(open_only=True)] == ["bob"]


class TestTrying:
    def test_what_nobody_could_be_asked_for_is_tried_again_once_an_hour(self, office: Office, clock: Clock) -> None:
        office.goes_by = _ann_is_away_from(clock().date(), cover=None, bob=False)
        office.hear(pushed())
        office.work()
        office.work()
        before = len(office.events())
        clock.pass_s(3599)
        office.work()
        assert len(office.events()) == before
        clock.pass_s(2)
        office.work()
        assert office.events()[before:] == ["Tick"]

    def test_and_at_once_when_the_settings_change(self, office: Office, clock: Clock) -> None:
        office.goes_by = _ann_is_away_from(clock().date(), cover=None, bob=False)
        office.hear(pushed())
        office.work()
        assert office.gerrit.reviewers == {}
        office.goes_by = settings(version="2")
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}
        states = [(one.person, one.state, one.end) for one in office.journal.views.cases()]
        assert states == [("", "closed", "routed"), ("ann", "open", "")]

    def test_a_try_that_could_not_be_written_down_is_not_forgotten(self, office: Office, clock: Clock) -> None:
        office.goes_by = _ann_is_away_from(clock().date(), cover=None, bob=False)
        office.hear(pushed())
        office.work()
        office.goes_by = settings(version="2")
        with failing(office.journal, "INSERT INTO heard"), pytest.raises(Transient):
            office.decider.step(0)
        office.work()
        assert office.gerrit.reviewers == {"gerrit:1": ["id-of-ann"]}

    def test_a_tick_for_what_is_unrouted_no_more_asks_nobody_else(self, office: Office, clock: Clock) -> None:
        office.hear(pushed())
        office.work()
        raw = own_events.tick("gerrit:1", "openstack/nova", "again", clock())
        office.journal.intake.hear(own_events.SOURCE, "test", heard(raw))
        office.work()
        assert office.events() == ["PatchsetCreated", "Tick"]
        assert office.gerrit.requests == 1


def test_it_reads_on_where_the_journal_says_it_stopped(place: Place, clock: Clock) -> None:
    journal = place.open()
    journal.intake.hear(SOURCE, "one", heard(merged(1), merged(2), merged(3)))
    seqs = [one.seq for one in journal.intake.next(0, 10)]
    journal.deciding.record(Batch(upto=seqs[1], ignored=2))
    office = Office(place.open(), FakeGerrit(), clock)
    office.work()
    assert [office.events(n) for n in (1, 2, 3)] == [[], [], ["ChangeMerged"]]


def test_a_case_in_the_journal_counts_as_if_it_had_just_been_decided(place: Place, clock: Clock) -> None:
    asked: Case = case(1)
    place.open().deciding.record(Batch(upto=0, decided=[(0, decision(1, effects=Effects(cases=(asked,))), None)]))
    office = Office(place.open(), FakeGerrit(), clock)
    office.hear(pushed(), merged())
    office.work()
    assert office.gerrit.looked == []
    assert [one.end for one in office.journal.views.cases()] == ["merged"]


@dataclass
class DisputedGerrit(FakeGerrit):
    """Shows votes of Code-Review too."""

    votes: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # by username: value and since when

    def look(self, need: Need) -> Facts:
        """As `Lookup`."""
        found = super().look(need)
        assert found.change is not None
        votes = tuple(
            Ballot(label="Code-Review", value=value, account=f"id-of-{who}", name=who, at=at)
            for who, (value, at) in self.votes.items()
        )
        return replace(found, change=replace(found.change, votes=votes))


class TestFinalSay:
    """Ann's +2 stands against Bob's -2; Pat is the PTL."""

    TWO_DAYS_S = 2 * 24 * 3600

    @pytest.fixture
    def disputed(self, journal: Journal, clock: Clock) -> Office:
        return Office(journal, DisputedGerrit(), clock, goes_by=_pat_has_the_final_say())

    def vote(self, office: Office, who: str, value: int, clock: Clock, *, old: int = 0) -> None:
        """Somebody votes on change 1, and all is done that is to be done then."""
        assert isinstance(office.gerrit, DisputedGerrit)
        office.gerrit.votes[who] = value, clock()
        approval = {"type": "Code-Review", "value": str(value), "oldValue": str(old)}
        office.hear(line("comment-added", author={"username": who}, approvals=[approval]))
        office.work()

    def states(self, office: Office) -> dict[str, str]:
        return {case.person: case.end or case.state for case in office.journal.views.cases()}

    def test_is_asked_for_when_the_time_has_come_and_ends_with_agreement(self, disputed: Office, clock: Clock) -> None:
        self.vote(disputed, "ann", 2, clock)
        self.vote(disputed, "bob", -2, clock)
        assert self.states(disputed) == {"": "snoozed"}
        clock.pass_s(self.TWO_DAYS_S - 60)
        disputed.work()
        assert disputed.gerrit.reviewers == {}
        clock.pass_s(60)
        disputed.work()
        assert self.states(disputed) == {"": "routed", "pat": "open"}
        assert disputed.gerrit.reviewers == {"gerrit:1": ["id-of-pat"]}
        (said,) = disputed.gerrit.said["gerrit:1"]
        assert said.startswith("pat, ann (+2) and bob (-2) stand against each other in Code-Review on patch set 1")
        clock.pass_s(self.TWO_DAYS_S)
        self.vote(disputed, "bob", 1, clock, old=-2)
        assert self.states(disputed) == {"": "routed", "pat": "agreed"}
        assert len(disputed.gerrit.said["gerrit:1"]) == 1

    def test_outlives_a_restart_and_is_asked_for_once(self, place: Place, clock: Clock) -> None:
        gerrit = DisputedGerrit()
        first = Office(place.open(), gerrit, clock, goes_by=_pat_has_the_final_say())
        self.vote(first, "ann", 2, clock)
        self.vote(first, "bob", -2, clock)
        for _ in range(3):
            clock.pass_s(self.TWO_DAYS_S)
            Office(place.open(), gerrit, clock, goes_by=_pat_has_the_final_say()).work()
        assert self.states(first) == {"": "routed", "pat": "open"}
        assert len(gerrit.said["gerrit:1"]) == 1

    def test_waits_without_ticking_all_the_time(self, disputed: Office, clock: Clock) -> None:
        self.vote(disputed, "ann", 2, clock)
        self.vote(disputed, "bob", -2, clock)
        for _ in range(47):
            clock.pass_s(3600)
            disputed.work()
        assert disputed.events() == ["CommentAdded", "CommentAdded"]
        assert len(disputed.gerrit.looked) == 2

    def test_that_nobody_can_have_is_tried_again_by_the_hour(self, disputed: Office, clock: Clock) -> None:
        disputed.goes_by = _pat_has_the_final_say(ptl=())
        self.vote(disputed, "ann", 2, clock)
        self.vote(disputed, "bob", -2, clock)
        clock.pass_s(self.TWO_DAYS_S)
        disputed.work()
        assert self.states(disputed) == {"": "unrouted"}
        disputed.goes_by = replace(_pat_has_the_final_say(), version="2")
        clock.pass_s(3600)
        disputed.work()
        assert self.states(disputed) == {"": "routed", "pat": "open"}

    def test_hidden_from_us_the_change_is_looked_at_by_the_hour(self, disputed: Office, clock: Clock) -> None:
        self.vote(disputed, "ann", 2, clock)
        self.vote(disputed, "bob", -2, clock)
        clock.pass_s(self.TWO_DAYS_S)
        disputed.looker = Looker(disputed.desk, Hidden(), random.Random(1), name="looker", trouble=lambda _: None)
        for _ in range(10):
            disputed.work()
            clock.pass_s(60)
        assert (self.states(disputed), len(disputed.events())) == ({"": "snoozed"}, 3)
        assert disputed.gerrit.said == {}


class Hidden(FakeGerrit):
    """Shows no change at all."""

    def look(self, need: Need) -> Facts:
        """As `Lookup`."""
        return replace(super().look(need), change=None)


def _pat_has_the_final_say(**given: Any) -> Settings:
    """No rule asks anybody."""
    team = replace(roster().teams["nova"], **{"ptl": ("pat",), "final_say": FinalSay(after=timedelta(days=2)), **given})
    people = {**roster().people, "pat": Person(key="pat", gerrit="pat")}
    led = replace(roster(), people=people, teams={"nova": team})
    return replace(settings(), changes=Index(rules=(), roster=led))


def _ann_is_away_from(day: date, *, cover: str | None = "bob", bob: bool = True) -> Settings:
    """Ann alone is czar; from that day on, bob covers or nobody does."""
    away = (Absence(first=day, last=day + timedelta(days=30), cover=cover),)
    people = {"ann": Person(key="ann", gerrit="ann", away=away)}
    if bob:
        people["bob"] = Person(key="bob", gerrit="bob")
    team = roster().teams["nova"]
    alone = replace(team, duties={"release": replace(team.duties["release"], czars=("ann",))})
    return replace(
        settings(), changes=Index(rules=(rule(),), roster=replace(roster(), people=people, teams={"nova": alone}))
    )


class TestGates:
    """What the decider knows and does about release requests, whoever judges them."""

    @pytest.fixture
    def gates(self, office: Office) -> Office:
        """Two open release requests that want the same; both were looked at."""
        effects = Effects(gates=(gate(1), gate(2)), ledger=chain(entry(act="asked")))
        decided = decision(1, verdicts=(), effects=effects)
        office.journal.deciding.record(Batch(upto=office.journal.deciding.upto(), decided=[(0, decided, None)]))
        office.work()
        assert (office.events(1), office.events(2)) == (["PatchsetCreated", "Tick"], ["Tick"])
        return office

    @pytest.mark.parametrize(
        "fields",
        [{"version": "2"}, {"roster_trouble": "governance cannot be read"}, {"roster": "r2"}],
        ids=lambda fields: next(iter(fields)),
    )
    def test_all_are_looked_at_again_when_the_roster_or_the_config_changes(
        self, gates: Office, clock: Clock, fields: dict[str, str]
    ) -> None:
        revision = fields.get("roster", "")
        changed = settings(**{name: value for name, value in fields.items() if name != "roster"})
        index = replace(changed.changes, roster=replace(roster(), revision=revision))
        gates.goes_by = replace(changed, changes=index)
        gates.work()
        assert gates.events(2) == ["Tick"] * 2
        clock.pass_s(60)
        gates.work()
        assert gates.events(2) == ["Tick"] * 2

    def test_one_that_is_due_is_looked_at(self, gates: Office, clock: Clock) -> None:
        due = Effects(gates=(gate(1, due=clock() + timedelta(minutes=5)),))
        gates.journal.deciding.record(
            Batch(upto=gates.journal.deciding.upto(), decided=[(0, decision(1, verdicts=(), effects=due), None)])
        )
        restarted = Office(gates.journal, gates.gerrit, clock)
        restarted.work()
        before = len(restarted.events(1))
        clock.pass_s(301)
        restarted.work()
        assert len(restarted.events(1)) == before + 1

    def test_the_other_is_looked_at_when_something_was_signed_here(
        self, gates: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known: list[int] = []

        def sign(event: Event, facts: Facts | None, by: Settings, book: Book, now: datetime) -> Decision:
            known.append(len(book.entries(release())))
            if item_of(event) != "gerrit:1" or isinstance(event, Tick):
                return decision(2, event=type(event).__name__, verdicts=())
            made = Effects(ledger=chain(entry(), head=book.head))
            book.apply(made)
            return decision(1, event=type(event).__name__, verdicts=(), effects=made)

        monkeypatch.setattr("daemon.workers.decider.decide", sign)
        gates.hear(merged(1))
        clock.pass_s(2)
        gates.work()
        assert gates.events(2) == ["Tick"] * 2
        assert known == [1, 2]
        assert [one.act for one in gates.journal.signoffs.entries()] == ["asked", "signed"]

    def test_after_a_fault_all_are_looked_at_again(self, gates: Office, clock: Clock) -> None:
        """What was signed elsewhere just then may not have been told."""
        gates.hear(merged(1))
        with failing(gates.journal, "INSERT INTO marks"), pytest.raises(Transient):
            gates.decider.step(0)
        clock.pass_s(2)
        gates.work()
        assert gates.events(2) == ["Tick"] * 2

"""What people ask the journal."""

from __future__ import annotations

from datetime import timedelta

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.views import Done, Stats
from rules.state import Effects, close
from tests.clock import START, Clock
from tests.daemon.journals import SOURCE, add_reviewer, batch, case, comment, decision, facts, heard


def test_a_new_journal_counts_nothing(journal: Journal) -> None:
    nothing = {"done": 0, "pending": 0, "refused": 0}
    assert journal.views.stats() == Stats(
        heard={},
        decided=0,
        ignored=0,
        malformed=0,
        quarantined=0,
        actions=nothing | {"observed": 0},
        messages=nothing,
        cases={},
        behind_s=0.0,
    )


def test_counters_by_source_and_state(journal: Journal) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a", b"b"))
    journal.intake.hear(SOURCE, "two", heard(b"c"))
    journal.intake.hear("gerrit-rest", "one", heard(b"d"))
    closed = close(case(2), "merged", "")
    journal.deciding.record(
        batch(4, decision(1, add_reviewer(), comment()), decision(2, effects=Effects(cases=(closed,))))
    )
    stats = journal.views.stats()
    assert stats.heard == {SOURCE: 3, "gerrit-rest": 1}
    assert (stats.actions["pending"], stats.cases) == (2, {"open": 1, "closed": 1})


def test_behind_is_the_age_of_the_oldest_thing_not_decided(journal: Journal, clock: Clock) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a"))
    clock.pass_s(10)
    journal.intake.hear(SOURCE, "one", heard(b"b"))
    assert journal.views.stats().behind_s == 10
    first = journal.intake.next(0, 1)[0].seq
    journal.deciding.record(Batch(upto=first, ignored=1))
    clock.pass_s(5)
    assert journal.views.stats().behind_s == 5


def test_what_waits_for_a_look_up_is_behind_too(journal: Journal, clock: Clock) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a"))
    seq = journal.intake.next(0, 1)[0].seq
    journal.deciding.record(Batch(upto=seq, waits=[(seq, "gerrit:1", clock())]))
    clock.pass_s(400)
    assert journal.views.stats().behind_s == 400
    assert journal.views.waits("gerrit:1") == START
    assert journal.views.waits("gerrit:2") is None
    journal.deciding.record(Batch(upto=seq, waited=[seq], ignored=1))
    assert (journal.views.stats().behind_s, journal.views.waits("gerrit:1")) == (0.0, None)


def test_a_clock_that_was_set_back_makes_nothing_negative(journal: Journal, clock: Clock) -> None:
    journal.intake.hear(SOURCE, "one", heard(b"a"))
    clock.pass_s(-60)
    assert journal.views.stats().behind_s == 0.0


def test_cases_are_told_oldest_first_all_or_open_ones(journal: Journal) -> None:
    old, closed = case(2, opened=START - timedelta(days=1)), close(case(3), "acted", "ann replied")
    journal.deciding.record(batch(1, decision(effects=Effects(cases=(case(1), old, closed)))))
    assert journal.views.cases() == (old, case(1), closed)
    assert journal.views.cases(open_only=True) == (old, case(1))
    assert journal.views.cases_of("gerrit:3") == (closed,)
    assert journal.views.cases_of("gerrit:9") == ()


def test_the_story_of_an_item_has_what_was_decided_why_and_what_became_of_it(journal: Journal) -> None:
    first = decision(1, add_reviewer(), comment())
    journal.deciding.record(Batch(upto=5, decided=[(4, first, facts()), (5, decision(2), None)]))
    journal.deciding.record(Batch(upto=6, decided=[(6, decision(1, event="ChangeMerged", verdicts=()), None)]))
    told = journal.views.story("gerrit:1")
    assert [(one.seq, one.event, one.at) for one in told] == [(4, "PatchsetCreated", START), (6, "ChangeMerged", START)]
    assert told[0].detail is not None
    assert (told[0].detail.verdicts, told[0].detail.facts) == (first.verdicts, facts())
    assert told[0].actions == tuple(
        Done(action=action, state="pending", outcome="") for action in (add_reviewer(), comment())
    )
    assert (told[1].detail, told[1].actions) == (None, ())


def test_an_item_never_heard_of_has_no_story(journal: Journal) -> None:
    assert journal.views.story("gerrit:404") == ()


def test_what_waits_for_a_person_is_theirs_open_and_really_asked(journal: Journal) -> None:
    snoozed, suggested = case(1, state="snoozed"), case(2, as_="suggest", opened=START - timedelta(days=1))
    others = (case(3, person="bob"), close(case(4), "acted", ""), case(5, observed=True))
    journal.deciding.record(batch(1, decision(effects=Effects(cases=(snoozed, suggested, *others)))))
    assert journal.views.waiting_for("ann") == (suggested, snoozed)
    assert journal.views.waiting_for("zoe") == ()
    assert journal.views.people() == {"ann", "bob"}


def test_cases_since_an_instant_are_those_opened_since(journal: Journal) -> None:
    old = case(2, opened=START - timedelta(days=1))
    journal.deciding.record(batch(1, decision(effects=Effects(cases=(old, case(1))))))
    assert journal.views.cases_since(START) == (case(1),)


def test_cases_that_needed_the_ptl_are_counted_among_those_really_asked(journal: Journal) -> None:
    ptl, observed, nobody = case(2, role="ptl"), case(3, role="ptl", observed=True), case(4, person="", role="")
    journal.deciding.record(batch(1, decision(effects=Effects(cases=(case(1), ptl, observed, nobody)))))
    stats = journal.views.stats()
    assert (stats.asked_ptl, stats.asked) == (1, 2)

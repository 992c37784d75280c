"""A batch of decisions: recorded wholly or not at all, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Table, func, select

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import actions, cases, counters, decisions, declined, marks, pauses, quarantine, waiting
from integrations.contract import Transient
from rules.state import DAY, Book, Declined, Effects, Pause, close
from tests.clock import START, Clock
from tests.daemon.journals import Place, add_reviewer, batch, case, comment, decision, facts, failing

WRITTEN: tuple[Table, ...] = (
    decisions,
    cases,
    declined,
    pauses,
    actions,
    waiting,
    quarantine,
    counters,
    marks,
)


def full_batch() -> Batch:
    """Something for every table."""
    no = Declined(item="gerrit:1", person="bob", how="removed", because="was taken off", at=START)
    pause = Pause(scope="ask-release", because="60 asks within an hour", at=START)
    effects = Effects(cases=(case(),), declined=(no,), pauses=(pause,))
    decided = decision(1, add_reviewer(), comment(), effects=effects)
    made = Batch(upto=9, decided=[(1, decided, facts())])
    made.waits.append((2, "gerrit:2", START))
    made.malformed.append((3, "not a stream event"))
    made.ignored = 4
    return made


def test_a_new_journal_was_read_up_to_nothing(journal: Journal) -> None:
    assert journal.deciding.upto() == 0
    assert journal.deciding.waiting() == []


def test_a_batch_is_recorded_wholly(place: Place) -> None:
    place.open().deciding.record(full_batch())
    journal = place.open()
    counts = {table.name: _count(journal, table) for table in WRITTEN}
    assert counts == dict.fromkeys(counts, 1) | {"actions": 2, "counters": 3}
    assert journal.deciding.upto() == 9
    stats = journal.views.stats()
    assert (stats.decided, stats.ignored, stats.malformed, stats.quarantined) == (1, 4, 1, 1)


@pytest.mark.parametrize("table", WRITTEN, ids=lambda table: str(table.name))
def test_or_not_at_all_wherever_it_fails(journal: Journal, table: Table) -> None:
    """`marks` is the last statement."""
    with failing(journal, f"INSERT INTO {table.name}"), pytest.raises(Transient, match="the disk is gone"):
        journal.deciding.record(full_batch())
    assert {one.name: _count(journal, one) for one in WRITTEN} == {one.name: 0 for one in WRITTEN}
    assert journal.deciding.upto() == 0
    journal.deciding.record(full_batch())
    assert journal.deciding.upto() == 9


def test_a_full_disk_leaves_nothing_half_done(sqlite_journal: Journal) -> None:
    deciding = sqlite_journal.deciding
    many = batch(300, *(decision(n, comment(n, "x" * 5_000)) for n in range(1, 300)))
    with sqlite_journal.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100")
    with pytest.raises(Transient, match="full"):
        deciding.record(many)
    assert {one.name: _count(sqlite_journal, one) for one in WRITTEN} == {one.name: 0 for one in WRITTEN}
    deciding.record(many)  # on a new connection, without the limit
    assert (deciding.upto(), _count(sqlite_journal, actions)) == (300, 299)


def test_the_same_action_is_kept_once_as_it_was_first(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(1, add_reviewer())))
    again = replace(decision(1, add_reviewer(account="another")), at=START + timedelta(hours=1))
    journal.deciding.record(Batch(upto=2, decided=[(2, again, None)]))
    assert _count(journal, actions) == 1
    todo = journal.acting.take()
    assert todo is not None
    assert todo.actions == (add_reviewer(),)


def test_what_was_done_is_not_pending_again(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(1, add_reviewer())))
    with journal.database.write() as connection:
        connection.execute(actions.update().values(state="done"))
    journal.deciding.record(Batch(upto=2, decided=[(2, decision(1, add_reviewer()), None)]))
    assert journal.acting.take() is None


def test_what_would_have_been_done_is_kept_apart_and_never_taken(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(1, would=(add_reviewer(),))))
    assert journal.acting.take() is None
    assert journal.views.stats().actions["observed"] == 1
    journal.deciding.record(Batch(upto=2, decided=[(2, decision(1, add_reviewer()), None)]))
    todo = journal.acting.take()
    assert todo is not None
    assert todo.actions == (add_reviewer(),)


def test_a_case_has_one_row_with_its_last_state(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(1, add_reviewer())))
    closed = close(case(), "merged", "the change was merged")
    journal.deciding.record(Batch(upto=2, decided=[(2, decision(1, effects=Effects(cases=(closed,))), None)]))
    assert journal.views.cases() == (closed,)


def test_counters_add_up(place: Place) -> None:
    for n in range(3):
        place.open().deciding.record(Batch(upto=n + 1, decided=[(n + 1, decision(), None)], ignored=n))
    stats = place.open().views.stats()
    assert (stats.decided, stats.ignored) == (3, 3)


def test_a_decision_that_no_rule_looked_at_counts_as_ignored(journal: Journal) -> None:
    journal.deciding.record(batch(1, decision(verdicts=())))
    stats = journal.views.stats()
    assert (stats.decided, stats.ignored) == (0, 1)


def test_what_waits_is_told_in_order_until_it_is_decided(place: Place) -> None:
    waits = [(5, "gerrit:5", START), (3, "gerrit:3", START), (4, "gerrit:5", START)]
    place.open().deciding.record(Batch(upto=5, waits=waits))
    assert place.open().deciding.waiting() == [(3, "gerrit:3"), (4, "gerrit:5"), (5, "gerrit:5")]
    place.open().deciding.record(Batch(upto=6, decided=[(4, decision(5), None)], waited=[4]))
    assert place.open().deciding.waiting() == [(3, "gerrit:3"), (5, "gerrit:5")]


def test_something_may_begin_and_end_to_wait_in_one_batch(journal: Journal) -> None:
    journal.deciding.record(Batch(upto=1, waits=[(1, "gerrit:1", START)], waited=[1]))
    assert journal.deciding.waiting() == []


def test_an_empty_batch_only_moves_the_mark(journal: Journal) -> None:
    assert not Batch(upto=7)
    assert Batch(upto=7, ignored=1)
    journal.deciding.record(Batch(upto=7))
    assert journal.deciding.upto() == 7


def test_a_book_made_anew_equals_the_one_in_use(journal: Journal, clock: Clock) -> None:
    used = Book()
    steps = [
        Effects(cases=(case(1),)),
        Effects(cases=(case(2, person="bob"), case(3, observed=True), case(4, person="", state="unrouted"))),
        Effects(cases=(close(case(1), "acted", "ann replied"), case(5, opened=START + timedelta(minutes=1)))),
        Effects(declined=(Declined(item="gerrit:5", person="bob", how="declined", because="b", at=START),)),
        Effects(pauses=(Pause(scope="*", because="too many", at=START),)),
    ]
    items = [f"gerrit:{n}" for n in range(1, 6)]
    for n, effects in enumerate(steps, 1):
        used.apply(effects)
        journal.deciding.record(Batch(upto=n, decided=[(n, decision(n, effects=effects), None)]))
    new = journal.deciding.book()
    journal.deciding.refresh(new, items)
    assert _shown(new, items) == _shown(used, items)
    assert (new.turns("ann"), new.turns("bob")) == (1, 1)


def test_asks_are_counted_for_a_day_and_turns_as_long_as_they_wait(journal: Journal, clock: Clock) -> None:
    journal.deciding.record(batch(1, decision(1, add_reviewer())))
    assert journal.deciding.book().asked(since=clock() - DAY, person="ann") == 1
    clock.pass_s(25 * 3600)
    later = journal.deciding.book()
    assert later.asked(since=clock() - DAY) == 0
    assert (later.turns("ann"), later.last_asked("ann")) == (1, START)


def test_a_refresh_learns_unknown_items_and_current_pauses(journal: Journal) -> None:
    book = journal.deciding.book()
    journal.deciding.record(batch(1, decision(1, add_reviewer())))
    journal.pausing.pause("*", "holidays", START)
    journal.deciding.refresh(book, ["gerrit:1", "gerrit:2"])
    assert (book.cases("gerrit:1"), book.knows("gerrit:2"), set(book.paused)) == ((case(1),), True, {"*"})
    journal.pausing.resume()
    journal.deciding.refresh(book, [])
    assert book.paused == {}


def test_an_item_in_the_book_is_not_read_again(journal: Journal) -> None:
    book = journal.deciding.book()
    book.learn("gerrit:1")
    journal.deciding.record(batch(1, decision(1, add_reviewer())))
    journal.deciding.refresh(book, ["gerrit:1"])
    assert book.cases("gerrit:1") == ()


def test_items_unrouted_are_told_once_each(journal: Journal) -> None:
    open_ = [case(n, person="", state="unrouted", because="nobody is available") for n in (1, 2)]
    routed = close(case(3, person="", state="unrouted"), "routed", "asked ann")
    journal.deciding.record(batch(1, decision(effects=Effects(cases=(*open_, routed)))))
    found = journal.deciding.unrouted()
    assert sorted(found) == [(f"gerrit:{n}", "openstack/nova", "nobody is available") for n in (1, 2)]


def test_very_many_items_are_learnt_at_once(journal: Journal) -> None:
    """Databases bound the parameters of one statement: PostgreSQL at 65535."""
    book = journal.deciding.book()
    journal.deciding.record(batch(1, decision(70_000, add_reviewer(70_000))))
    journal.deciding.refresh(book, [f"gerrit:{n}" for n in range(40_000, 110_000)])
    assert book.cases("gerrit:70000") == (case(70_000),)


def test_very_many_that_waited_are_decided_at_once(journal: Journal) -> None:
    seqs = range(1, 70_001)
    journal.deciding.record(Batch(upto=70_000, waits=[(seq, "gerrit:1", START) for seq in seqs]))
    journal.deciding.record(Batch(upto=70_000, waited=list(seqs), ignored=1))
    assert journal.deciding.waiting() == []


def _count(journal: Journal, table: Table) -> int:
    with journal.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar() or 0


def _shown(book: Book, items: list[str]) -> object:
    people = ("ann", "bob", "")
    return (
        {item: (sorted(book.cases(item), key=lambda one: one.key), book.declined(item)) for item in items},
        {person: (book.turns(person), book.last_asked(person)) for person in people},
        book.asked(since=START - DAY),
        book.paused,
    )

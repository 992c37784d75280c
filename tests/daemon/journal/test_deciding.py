"""A batch of decisions: recorded wholly or not at all, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import (
    actions,
    arrangements,
    audits,
    cases,
    counters,
    decisions,
    declined,
    gates,
    ledger,
    marks,
    messages_read,
    metadata,
    pauses,
    quarantine,
    waiting,
)
from integrations.contract import Transient
from rules.arrangements import Arrangement
from rules.signoff.ledger import ACTS, Head
from rules.state import DAY, Book, Case, Declined, Effects, Pause, Read, close
from tests.clock import START, Clock
from tests.daemon.journals import Place, add_reviewer, batch, case, comment, decision, facts, failing, roster
from tests.daemon.signed import audit, chain, entry, gate, release

WRITTEN: tuple[Table, ...] = (
    decisions,
    cases,
    declined,
    pauses,
    arrangements,
    messages_read,
    ledger,
    gates,
    audits,
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
    optout = Arrangement(kind="optout", person="bob", at=START, item="gerrit:1")
    read = Read(message="m1", item="gerrit:1", person="bob", at=START)
    effects = Effects(cases=(case(),), declined=(no,), pauses=(pause,), arrangements=(optout,), read=(read,))
    effects += Effects(ledger=chain(entry()), gates=(gate(),), audits=(audit(),))
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


HOUR = timedelta(hours=1)
ITEMS = tuple(f"gerrit:{n}" for n in range(1, 6))
SIGNED = (release("1.0.0"), release("2.0.0"), release("1.0.0", "0" * 40))


def both(journal: Journal, clock: Clock, *steps: Effects) -> tuple[Book, Book]:
    """The book that took these steps, and the one made anew from the journal."""
    used = journal.deciding.book()
    for n, effects in enumerate(steps, 1):
        journal.deciding.refresh(used, ITEMS)
        journal.deciding.learn_releases(used, [one.release for one in effects.ledger])
        used.apply(effects)
        journal.deciding.record(Batch(upto=n, decided=[(n, decision(n, effects=effects), None)]))
    new = journal.deciding.book()
    for book in (used, new):
        journal.deciding.refresh(book, ITEMS)
        journal.deciding.learn_releases(book, SIGNED)
        journal.deciding.learn_tags(book, [(one.repo, one.version) for one in SIGNED])
    return used, new


def test_a_book_made_anew_equals_the_one_in_use(journal: Journal, clock: Clock) -> None:
    soon = START + timedelta(minutes=1)
    used, new = both(
        journal,
        clock,
        Effects(cases=(case(1, topic="rework", owner="zed"),)),
        Effects(cases=(case(2, person="bob"), case(3, observed=True), case(4, person="", state="unrouted"))),
        Effects(cases=(close(case(1, topic="rework", owner="zed"), "acted", "ann replied"), case(5, opened=soon))),
        Effects(cases=(case(2, state="snoozed", person="bob", due=soon, began=START, paused=START, step=1),)),
        Effects(cases=(case(3, person="bob", opened=soon, topic="rework", owner="zed", as_="cc", added=True),)),
        Effects(declined=(Declined(item="gerrit:5", person="bob", how="declined", because="b", at=START),)),
        Effects(pauses=(Pause(scope="*", because="too many", at=START),)),
        Effects(read=(read("m1"), read("m2", replied=True)), arrangements=(said("away", first=START.date()),)),
        Effects(read=(read("m3", "bob", 2, replied=True),), arrangements=(said("optout"), said("quiet", "bob"))),
        Effects(arrangements=(said("optout", ended=True, at=soon), said("delegate", "bob", other="ann", team="nova"))),
        Effects(ledger=chain(entry(act="asked"), entry()), gates=(gate(1), gate(2, due=soon)), audits=(audit(),)),
        Effects(gates=(gate(1, state="landed", value=1),)),
    )
    assert _shown(new, clock()) == _shown(used, clock())
    assert (new.items_of("ann"), new.items_of("bob")) == ({"gerrit:5"}, {"gerrit:2", "gerrit:3"})
    assert [one.item for one in new.about("rework", "zed", since=START)] == ["gerrit:1", "gerrit:3"]
    assert (new.was_read("gerrit:1", "m1"), new.replies("ann", since=START - HOUR)) == (True, 1)
    assert len(new.arrangements) == 4


def read(message: str, who: str = "ann", number: int = 1, **given_: Any) -> Read:
    return Read(**{"message": message, "item": f"gerrit:{number}", "person": who, "at": START, **given_})


def said(kind: str, who: str = "ann", **given_: Any) -> Arrangement:
    return Arrangement(**{"kind": kind, "person": who, "at": START, **given_})


def test_what_was_said_first_is_arranged_first_whenever_it_was_read(journal: Journal, clock: Clock) -> None:
    back = said("back", first=START.date(), at=START + HOUR)
    used, new = both(journal, clock, Effects(arrangements=(back,)), Effects(arrangements=(said("optout"),)))
    assert not used.roster(roster()).people["ann"].opt_out
    assert not new.roster(roster()).people["ann"].opt_out


def test_several_things_arranged_by_one_message_are_the_same_anew(journal: Journal, clock: Clock) -> None:
    today = START.date()
    told = (said("optout"), said("back", first=today), said("away", first=today, last=today, other="bob"))
    used, new = both(journal, clock, Effects(arrangements=told))
    assert new.roster(roster()) == used.roster(roster())


def test_who_was_answered_counts_for_a_day(journal: Journal, clock: Clock) -> None:
    _, new = both(journal, clock, Effects(read=(read("m1", replied=True), read("m2"))))
    assert new.replies("ann", since=clock() - DAY) == 1
    clock.pass_s(25 * 3600)
    assert journal.deciding.book().replies("ann", since=clock() - DAY) == 0


def test_topics_count_for_two_weeks(journal: Journal, clock: Clock) -> None:
    both(journal, clock, Effects(cases=(case(1, topic="rework", owner="zed"),)))
    clock.pass_s(13 * 86400)
    assert [one.item for one in journal.deciding.book().about("rework", "zed", since=START)] == ["gerrit:1"]
    clock.pass_s(2 * 86400)
    assert journal.deciding.book().about("rework", "zed", since=START) == ()


def test_what_is_only_suggested_is_no_ask_and_no_turn(journal: Journal, clock: Clock) -> None:
    used, new = both(journal, clock, Effects(cases=(case(1, as_="suggest"),)))
    assert _shown(new, clock()) == _shown(used, clock())
    assert (new.turns("ann"), new.last_asked("ann"), new.asked(since=START - HOUR)) == (0, None, 0)


def test_who_is_asked_again_under_another_topic_is_asked_about_that_one(journal: Journal, clock: Clock) -> None:
    first = case(1, topic="old", owner="zed")
    used, new = both(
        journal,
        clock,
        Effects(cases=(first,)),
        Effects(cases=(close(first, "reassigned", ""), case(2, topic="new", owner="zed"))),
        Effects(cases=(replace(first, topic="new", opened=START + HOUR, times=2),)),
    )
    assert _topics(new) == _topics(used) == {"old": [], "new": ["gerrit:2", "gerrit:1"]}


def test_who_is_asked_again_within_a_day_was_asked_as_often_anew(journal: Journal, clock: Clock) -> None:
    again = case(1, opened=START + HOUR, times=2)
    used, new = both(
        journal,
        clock,
        Effects(cases=(case(1),)),
        Effects(cases=(close(case(1), "reassigned", ""),)),
        Effects(cases=(again,)),
    )
    assert new.last_asked("ann") == used.last_asked("ann") == START + HOUR
    assert new.asked(since=START - HOUR) == used.asked(since=START - HOUR)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)  # emptied by each example
@given(st.data())
def test_whatever_was_done_a_book_made_anew_equals_the_one_in_use(
    sqlite_journal: Journal, clock: Clock, data: st.DataObject
) -> None:
    with sqlite_journal.database.write() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    clock.now = START
    known: dict[str, Case] = {}
    head = Head()
    steps = []
    for n in range(data.draw(st.integers(1, 8))):
        clock.pass_s(60)
        kind = data.draw(st.sampled_from(["ask", "ask", "change", "say", "decline", "sign"]))
        if kind == "ask":
            one = replace(data.draw(ASKS), opened=clock())
            if one.key in known and known[one.key].state != "closed":
                continue
            one = replace(one, times=known[one.key].times + 1 if one.key in known else 1)
            known[one.key] = one
            steps.append(Effects(cases=(one,)))
        elif kind == "change" and known:
            key = data.draw(st.sampled_from(sorted(known)))
            changes = data.draw(st.sampled_from(CHANGES))
            known[key] = replace(known[key], **changes) if known[key].person else known[key]
            steps.append(Effects(cases=(known[key],)))
        elif kind == "say":
            told = tuple(replace(one, at=clock()) for one in data.draw(st.lists(TOLD, max_size=3)))
            answered = read(f"m{n}", data.draw(WHO), data.draw(st.integers(1, 5)), at=clock(), replied=data.draw(YES))
            steps.append(Effects(arrangements=told, read=(answered,)))
        elif kind == "sign":
            signed = chain(*(replace(one, at=clock()) for one in data.draw(st.lists(ENTRIES, max_size=3))), head=head)
            head = Head(number=signed[-1].number, hash=signed[-1].hash) if signed else head
            found = tuple({(one.release.repo, one.release.version): one for one in data.draw(AUDITS)}.values())
            steps.append(Effects(ledger=signed, gates=tuple(data.draw(GATES)), audits=found))
        else:
            no = Declined(item=data.draw(st.sampled_from(ITEMS)), person="bob", how="declined", because="", at=clock())
            steps.append(Effects(declined=(no,)))
    used, new = both(sqlite_journal, clock, *steps)
    assert _shown(new, clock()) == _shown(used, clock())


YES = st.booleans()
ENTRIES = st.builds(entry, release=st.sampled_from(SIGNED), act=st.sampled_from(ACTS), own=YES)
GATES = st.lists(
    st.builds(gate, st.integers(1, 5), state=st.sampled_from(["open", "open", "landed"]), value=st.integers(-1, 1)),
    max_size=2,
    unique_by=lambda one: one.item,
)
AUDITS = st.lists(st.builds(audit, release=st.sampled_from(SIGNED), state=st.sampled_from(["signed", "mismatch"])))
WHO = st.sampled_from(["ann", "bob"])
ASKS = st.builds(
    case,
    st.integers(1, 5),
    slot=st.sampled_from(["release", "docs"]),
    person=st.sampled_from(["ann", "bob", ""]),
    observed=YES,
    topic=st.sampled_from(["", "rework", "fix"]),
    owner=st.sampled_from(["zed", "dev"]),
    as_=st.sampled_from(["reviewer", "cc", "suggest"]),
    rule=st.sampled_from(["ask-release", "other"]),
).map(lambda one: one if one.person else replace(one, state="unrouted"))
CHANGES: list[dict[str, Any]] = [
    {"state": "closed", "end": "acted"},
    {"state": "closed", "end": "removed", "because": "was taken off"},
    {"state": "snoozed", "paused": START, "due": START + HOUR},
    {"state": "open", "began": START, "step": 2, "paused": None},
]
DAYS = st.none() | st.dates(START.date() - 3 * DAY, START.date() + 3 * DAY)
TOLD = st.builds(
    said,
    st.sampled_from(["away", "back", "optout", "quiet", "swap", "delegate"]),
    WHO,
    other=WHO,
    team=st.sampled_from(["", "nova"]),
    duty=st.sampled_from(["", "release"]),
    first=DAYS,
    last=DAYS,
    ended=YES,
)


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


def test_what_is_due_is_told_once_for_each_item(journal: Journal) -> None:
    soon, later = START + HOUR, START + 2 * HOUR
    waiting_ = (
        case(1, due=soon),
        case(1, slot="docs", due=START),
        case(2, state="snoozed", due=soon),
        case(3, due=later),
        case(4),
        close(case(5, due=START), "acted", ""),
        replace(case(6, due=START), state="closed"),
    )
    journal.deciding.record(batch(1, decision(effects=Effects(cases=waiting_))))
    assert journal.deciding.due(START - HOUR) == []
    assert sorted(journal.deciding.due(soon)) == [
        ("gerrit:1", "openstack/nova", "docs is due"),
        ("gerrit:2", "openstack/nova", "release is due"),
    ]


def test_what_waits_for_somebody_is_told_oldest_first(journal: Journal) -> None:
    told = (case(3), case(1, state="snoozed"), close(case(2), "acted", ""), case(4, person="", state="unrouted"))
    journal.deciding.record(batch(1, decision(effects=Effects(cases=told))))
    assert journal.deciding.open() == [told[0], told[1]]


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


def _shown(book: Book, now: datetime) -> object:
    """All that a decision may ask a book for."""
    people = ("ann", "bob", "")
    since = [now - hours * HOUR for hours in (0, 1, 23)]
    return (
        {item: (book.cases(item), dict(book.declined(item)), book.commanded(item)) for item in ITEMS},
        {who: (book.items_of(who), book.turns(who), book.last_asked(who)) for who in people},
        [(book.asked(since=at), *(book.asked(since=at, person=who, rule="other") for who in people)) for at in since],
        [book.replies(who, since=at) for who in people for at in since],
        {key: book.about(*key, since=START - HOUR) for key in TOPICS},
        set(book.arrangements),
        book.roster(roster()),
        (book.paused, book.resumed),
        {one: book.entries(one) for one in SIGNED},
        {item: (book.gate(item), book.entries_on(item)) for item in ITEMS},
        {one.item: one for one in book.open_gates()},
        [book.audit(one.repo, one.version) for one in SIGNED],
        book.head,
    )


TOPICS = [(topic, owner) for topic in ("", "rework", "fix", "old", "new") for owner in ("zed", "dev", "")]


def _topics(book: Book) -> dict[str, list[str]]:
    return {topic: [one.item for one in book.about(topic, "zed", since=START)] for topic in ("old", "new")}

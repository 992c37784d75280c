"""The ledger only grows, by what follows its end; what is known of releases and tags is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import ledger
from integrations.contract import Transient
from rules.signoff.ledger import Entry, Head
from rules.state import Effects
from tests.clock import START
from tests.daemon.journals import Place, decision
from tests.daemon.signed import OTHER_SHA, SHA, audit, chain, entry, gate, release


def record(journal: Journal, **effects: object) -> None:
    """In a batch of its own."""
    upto = journal.deciding.upto() + 1
    decided = decision(verdicts=(), effects=Effects(**effects))  # type: ignore[arg-type]
    journal.deciding.record(Batch(upto=upto, decided=[(upto, decided, None)]))


def test_a_new_ledger_is_empty(journal: Journal) -> None:
    assert journal.signoffs.entries() == ()
    assert journal.deciding.book().head == Head()
    assert journal.signoffs.readable() == ((), ())


def test_entries_are_kept_in_order_across_starts(place: Place) -> None:
    made = chain(entry("1.0.0", act="vetoed"), entry("1.0.0"), entry("2.0.0", own=True, rights=()))
    record(place.open(), ledger=made[:1])
    record(place.open(), ledger=made[1:])
    journal = place.open()
    assert journal.signoffs.entries() == made
    assert journal.deciding.book().head == Head(number=3, hash=made[-1].hash)


class TestABatchThatDoesNotFollow:
    @pytest.fixture
    def made(self, journal: Journal) -> tuple[Entry, ...]:
        """Two entries are there."""
        made = chain(entry("1.0.0"), entry("2.0.0"))
        record(journal, ledger=made)
        return made

    def test_is_refused_wholly_where_its_number_is_taken(self, journal: Journal, made: tuple[Entry, ...]) -> None:
        (again,) = chain(entry("3.0.0"), head=Head(number=1, hash=made[0].hash))
        with pytest.raises(Transient, match="grown to number 2 meanwhile"):
            record(journal, ledger=(again,), gates=(gate(),))
        assert journal.signoffs.entries() == made
        assert journal.signoffs.gate("gerrit:1") is None

    def test_is_refused_where_it_leaves_a_gap_or_follows_another(
        self, journal: Journal, made: tuple[Entry, ...]
    ) -> None:
        (far,) = chain(entry("3.0.0"), head=Head(number=3, hash=made[1].hash))
        (strange,) = chain(entry("3.0.0"), head=Head(number=2, hash=made[0].hash))
        for one in (far, strange):
            with pytest.raises(Transient):
                record(journal, ledger=(one,))
        assert journal.signoffs.entries() == made

    def test_never_takes_the_place_of_another_whatever_it_claims_to_follow(
        self, journal: Journal, made: tuple[Entry, ...]
    ) -> None:
        with pytest.raises(IntegrityError):
            journal.signoffs.restore([replace(made[0], because="never said")])
        assert journal.signoffs.entries() == made


def test_the_ledger_of_a_release_is_told_oldest_first(journal: Journal) -> None:
    made = chain(entry("1.0.0"), entry("2.0.0"), entry("1.0.0", act="withdrawn"), entry(release=release(sha=OTHER_SHA)))
    record(journal, ledger=made)
    found = journal.signoffs.of_releases([release("1.0.0"), release("9.9.9")])
    assert found == {release("1.0.0"): (made[0], made[2]), release("9.9.9"): ()}


def test_a_book_learns_a_release_with_all_that_is_known_of_its_tag(journal: Journal) -> None:
    made = chain(entry("1.0.0"), entry("2.0.0"))
    record(journal, ledger=made, audits=(audit("1.0.0"), audit("2.0.0")))
    book = journal.deciding.book()
    journal.deciding.learn_releases(book, [release("1.0.0"), release("1.0.0", OTHER_SHA)])
    assert (book.entries(release("1.0.0")), book.entries(release("1.0.0", OTHER_SHA))) == (made[:1], ())
    assert book.knows_release(release("1.0.0", OTHER_SHA))
    assert (book.audit("openstack/nova", "1.0.0"), book.audit("openstack/nova", "2.0.0")) == (audit("1.0.0"), None)


def test_a_book_learns_all_commits_signed_for_a_tag(journal: Journal) -> None:
    made = chain(entry("1.0.0"), entry(release=release(sha=OTHER_SHA)), entry("2.0.0"))
    record(journal, ledger=made, audits=(audit("1.0.0"),))
    book = journal.deciding.book()
    journal.deciding.learn_tags(book, [("openstack/nova", "1.0.0")])
    assert (book.entries(release()), book.entries(release(sha=OTHER_SHA))) == (made[:1], made[1:2])
    assert not book.knows_release(release("2.0.0"))
    assert book.audit("openstack/nova", "1.0.0") == audit("1.0.0")


def test_what_the_book_knows_is_not_read_again(journal: Journal) -> None:
    book = journal.deciding.book()
    book.learn_ledger([release()], [])
    record(journal, ledger=chain(entry()))
    journal.deciding.learn_releases(book, [release()])
    assert book.entries(release()) == ()


def test_names_that_no_database_takes_are_known_to_have_nothing(journal: Journal) -> None:
    book = journal.deciding.book()
    journal.deciding.learn_releases(book, [release("1.0\x00")])
    journal.deciding.learn_tags(book, [("openstack/nova", "1.0\x00")])
    assert book.entries(release("1.0\x00")) == ()


def test_very_many_releases_are_learnt_at_once(journal: Journal) -> None:
    made = chain(*(entry(f"{n}.0") for n in range(600)))
    record(journal, ledger=made)
    book = journal.deciding.book()
    journal.deciding.learn_releases(book, [release(f"{n}.0") for n in range(2_000)])
    assert [book.entries(release(f"{n}.0")) for n in range(600)] == [(one,) for one in made]
    assert book.knows_release(release("1999.0"))


def test_a_gate_has_one_row_with_its_last_state(journal: Journal) -> None:
    record(journal, gates=(gate(1), gate(2)))
    landed = gate(1, state="landed", value=1, because="all signed")
    record(journal, gates=(landed,))
    assert journal.signoffs.gate("gerrit:1") == landed
    assert journal.deciding.book().open_gates() == (gate(2),)


def test_a_gate_that_is_closed_is_learnt_with_its_item(journal: Journal) -> None:
    landed = gate(1, state="landed")
    record(journal, gates=(landed,))
    book = journal.deciding.book()
    assert book.gate("gerrit:1") is None
    journal.deciding.refresh(book, ["gerrit:1"])
    assert book.gate("gerrit:1") == landed


def test_what_open_gates_want_is_known_from_the_start(journal: Journal) -> None:
    made = chain(entry())
    record(journal, ledger=made, gates=(gate(),))
    assert journal.deciding.book().entries(release()) == made


def test_what_was_said_at_the_item_of_a_gate_is_learnt_with_it(journal: Journal) -> None:
    made = chain(entry("1.0.0"), entry("2.0.0"), entry("3.0.0", item="gerrit:9"))
    asked = ((release("3.0.0"), START),)
    record(journal, ledger=made, gates=(gate(1, state="landed", wanted=()), gate(2, wanted=(), asked=asked)))
    book = journal.deciding.book()
    assert (book.entries_on("gerrit:1"), book.entries(release("3.0.0"))) == ((), made[2:])
    journal.deciding.refresh(book, ["gerrit:1"])
    journal.deciding.learn_gates(book, ["gerrit:1", "gerrit:2", "gerrit:3"])
    assert book.entries_on("gerrit:1") == made[:2]


def test_a_tag_is_kept_as_it_was_found_last(journal: Journal) -> None:
    record(journal, audits=(audit("1.0.0"), audit("2.0.0", state="unsigned"), audit("3.0.0", state="mismatch")))
    moved = audit(release=release(sha=OTHER_SHA), state="mismatch", because="another commit was signed")
    record(journal, audits=(moved,))
    assert moved in journal.signoffs.audits()
    assert len(journal.signoffs.audits()) == 3
    assert journal.signoffs.tags_of("openstack/nova") == {"1.0.0": OTHER_SHA, "2.0.0": SHA, "3.0.0": SHA}
    assert journal.signoffs.strange_tags_of("openstack/nova") == {"1.0.0", "2.0.0", "3.0.0"}
    record(journal, audits=(audit("2.0.0"),))
    assert journal.signoffs.strange_tags_of("openstack/nova") == {"1.0.0", "3.0.0"}
    assert journal.signoffs.strange_tags_of("openstack/glance") == frozenset()


def test_with_a_tag_the_requests_that_asked_for_it_are_learnt(journal: Journal) -> None:
    record(journal, ledger=chain(entry("1.0.0")), gates=(gate(1, state="landed"), gate(2, state="landed")))
    book = journal.deciding.book()
    assert book.gate("gerrit:1") is None
    journal.deciding.learn_tags(book, [("openstack/nova", "1.0.0")])
    assert (book.gate("gerrit:1"), book.gate("gerrit:2")) == (gate(1, state="landed"), None)


def test_what_waits_and_what_was_not_signed_is_counted(journal: Journal) -> None:
    record(
        journal,
        ledger=chain(entry(act="vetoed"), entry()),
        gates=(gate(1), gate(2, value=1), gate(3, state="landed"), gate(4, value=-1)),
        audits=(audit("1.0.0"), audit("2.0.0", state="unsigned"), audit("3.0.0", state="mismatch")),
    )
    stats = journal.views.stats()
    assert (stats.gates_open, stats.ledger_entries, stats.tags_unsigned) == (2, 2, 2)
    assert [one.item for one in journal.signoffs.gates()] == ["gerrit:1", "gerrit:2", "gerrit:3", "gerrit:4"]


def test_a_row_that_cannot_be_read_any_more_is_told_with_its_number(journal: Journal) -> None:
    made = chain(entry("1.0.0"), entry("2.0.0"), entry("3.0.0"))
    record(journal, ledger=made)
    with journal.database.write() as connection:
        connection.execute(ledger.update().where(ledger.c.number == 2).values(rights="nova"))
    entries, ((number, _),) = journal.signoffs.readable()
    assert (entries, number) == ((made[0], made[2]), 2)
    with pytest.raises(ValueError, match="number 2 of the ledger cannot be read: czar ledger --verify"):
        journal.signoffs.entries()

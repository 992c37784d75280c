"""What the decider learns of the ledger, and which release requests it looks at again."""

from __future__ import annotations

from datetime import timedelta

from daemon.journal.deciding import Batch
from daemon.workers.gates import CHANGED, DUE, RETRY, Gates, releases_in, tag_of
from rules.events import Account
from rules.facts import ChangeFacts, Facts, Message
from rules.signoff.requests import Request, Upload
from rules.state import Book, Effects, Gate
from tests.clock import START
from tests.daemon.journals import decision
from tests.daemon.signed import OTHER_SHA, RELEASES, SHA, chain, entry, gate, release, wanted

MINUTE = timedelta(minutes=1)
BY_NOW = ("one",)


def book_of(*gates: Gate) -> Book:
    """With these gates."""
    book = Book()
    book.learn_gates(gates)
    return book


def looked(*gates: Gate) -> tuple[Gates, Book]:
    """All of them were looked at."""
    made, book = Gates(), book_of(*gates)
    made.ticks(book, BY_NOW, START)
    return made, book


def signed_at(item: str, act: str = "signed") -> Batch:
    """Somebody acted on nova's release."""
    effects = Effects(ledger=chain(entry(act=act, item=item)))
    return Batch(upto=1, decided=[(1, decision(effects=effects), None)])


class TestWhatMustBeKnown:
    def test_is_what_is_asked_for_was_asked_for_and_is_named(self) -> None:
        lines = (
            (0, f"czar: signoff openstack/nova 3.0.0 {SHA.upper()}"),
            (1, "czar: signoff"),
            (2, f"czar: veto openstack/nova 4.0.0 {SHA} is broken"),
            (3, f"czar: signoff openstack/nova 5.0.0 {SHA}00"),
        )
        change = ChangeFacts(
            repo=RELEASES,
            branch="master",
            request=Request(wanted=(wanted("1.0.0"),)),
            uploads=(
                Upload(patch_set=1, revision="a", uploader="7", at=START, brought=(release("2.0.0", OTHER_SHA),)),
            ),
            messages=(Message(id="m1", by=Account(), at=START, lines=lines),),
        )
        assert list(releases_in(Facts(change=change))) == [
            release("1.0.0"),
            release("2.0.0", OTHER_SHA),
            release("3.0.0"),
            release("4.0.0"),
        ]

    def test_is_nothing_where_there_is_no_change_or_no_request(self) -> None:
        bare = Facts(change=ChangeFacts(repo=RELEASES, branch="master"))
        assert [list(releases_in(facts)) for facts in (None, Facts(change=None), bare)] == [[], [], []]

    def test_is_told_by_the_name_of_a_tag(self) -> None:
        assert tag_of("tag:openstack/nova@25.0.0") == ("openstack/nova", "25.0.0")
        assert [tag_of(item) for item in ("gerrit:1", "tag:broken", "job:a@b:c")] == [None, None, None]


class TestLookingAgain:
    def test_all_open_gates_at_the_start_and_where_the_circumstances_change(self) -> None:
        gates, book = Gates(), book_of(gate(1), gate(2, state="landed"))
        all_open = {("gerrit:1", RELEASES): CHANGED}
        assert gates.ticks(book, BY_NOW, START) == all_open
        assert gates.ticks(book, BY_NOW, START) == {}
        assert gates.ticks(book, ("two",), START) == all_open

    def test_those_who_want_what_was_signed_elsewhere_once(self) -> None:
        gates, book = looked(gate(1), gate(2), gate(3, wanted=(wanted("2.0.0"),)), gate(4, state="closed"))
        gates.recorded(signed_at("gerrit:1"), book)
        because = f"openstack/nova 1.0.0 {SHA} was signed in gerrit:1"
        assert gates.ticks(book, BY_NOW, START) == {("gerrit:2", RELEASES): because}
        assert gates.ticks(book, BY_NOW, START) == {}

    def test_those_that_are_due_once_and_again_after_a_while(self) -> None:
        gates, book = looked(gate(1, due=START + MINUTE), gate(2))
        due = {("gerrit:1", RELEASES): DUE}
        assert gates.ticks(book, BY_NOW, START) == {}
        assert gates.ticks(book, BY_NOW, START + MINUTE) == due
        assert gates.ticks(book, BY_NOW, START + 2 * MINUTE) == {}
        assert gates.ticks(book, BY_NOW, START + MINUTE + RETRY) == due

    def test_one_that_is_due_anew_is_told_at_once(self) -> None:
        gates, book = looked(gate(1, due=START + MINUTE))
        gates.ticks(book, BY_NOW, START + MINUTE)
        book.learn_gates([gate(1, due=START + 2 * MINUTE)])
        assert gates.ticks(book, BY_NOW, START + 2 * MINUTE) == {("gerrit:1", RELEASES): DUE}

"""Values of `rules` as rows, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.journal.instants import from_us, to_us
from daemon.journal.journal import Journal
from daemon.journal.records import asks_of, decode_action, decode_detail, encode_action, encode_detail
from daemon.journal.tables import arrangements, cases, declined, messages_read
from rules.actions import KINDS, Action, DrawAttention, Notify, RemoveReviewer, Vote
from rules.arrangements import ARRANGEMENTS, Arrangement
from rules.events import Account
from rules.facts import Ballot, ChangeFacts, Facts, Message
from rules.picking import Candidate
from rules.state import Book, Case, Declined, Effects, Pause, Read
from rules.verdicts import Decision, Passed, Verdict
from tests.clock import START
from tests.daemon.journals import REPO, add_reviewer, batch, case, comment, decision, facts

ACTIONS: tuple[Action, ...] = (
    add_reviewer(cc=True),
    replace(comment(), tell=("id-of-ann",), text="schön ☂ \x00 \U0001f600"),
    Vote(item="gerrit:1", repo=REPO, key="v", label="Code-Review", value=-1, revision="c0ffee"),
    DrawAttention(item="gerrit:1", repo=REPO, key="d", account="id-of-ann", reason="asked"),
    RemoveReviewer(item="gerrit:1", repo=REPO, key="r", person="ann", account="id-of-ann"),
    Notify(item="gerrit:1", repo=REPO, key="n", person="ann", reason="reminder", text="☂", digest=True),
)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: type(action).__name__)
def test_every_kind_of_action_comes_back(action: Action) -> None:
    assert decode_action(type(action).__name__, encode_action(action)) == action


def test_no_kind_of_action_is_left_out() -> None:
    assert {type(action) for action in ACTIONS} == set(KINDS.values())


def test_a_decision_is_stored_with_everything_that_explains_it() -> None:
    one = Candidate(person="ann", role="czar", code="away", because="away until Friday")
    verdict = Verdict(rule="r", slot="s", outcome="ask", because="b", team="nova", people=("bob",), candidates=(one,))
    passed = Passed(rule="other", key="branch", because="branch does not match")
    given = Decision(
        event="Tick",
        item="gerrit:1",
        at=START,
        verdicts=(verdict,),
        passed=(passed,),
        notes=("ann was reminded",),
        version="7",
        revision="abc",
    )
    change = ChangeFacts(
        repo=REPO,
        branch="master",
        created=START,
        files=("a/b",),
        removed=MappingProxyType({"id-of-bob": "ann"}),
        attention=("id-of-ann",),
        attention_since=MappingProxyType({"id-of-ann": START}),
        votes=(Ballot(label="Code-Review", value=-2, account="id-of-bob", name="bob", at=START),),
        cherry_pick_of=7,
        related=(8, 9),
        messages=(Message(id="m1", by=Account(username="ann"), at=START, lines=((0, "czar: claim"),)),),
        lines=MappingProxyType({"requirements.txt": ("oslo.db>=17",)}),
    )
    turns = MappingProxyType({"ann": ("gerrit:5",)})
    looked_up = Facts(change=change, accounts=MappingProxyType({"ann": ""}), turns=turns, seen=START)
    raw = encode_detail(given, looked_up)
    assert raw is not None
    detail = decode_detail(raw)
    assert (detail.verdicts, detail.passed, detail.version, detail.revision) == ((verdict,), (passed,), "7", "abc")
    assert detail.facts == looked_up
    assert detail.notes == ("ann was reminded",)


def test_a_decision_of_notes_alone_is_stored() -> None:
    raw = encode_detail(Decision(event="Tick", item="gerrit:1", at=START, notes=("ann was reminded",)), None)
    assert raw is not None
    assert decode_detail(raw).notes == ("ann was reminded",)


def test_a_decision_without_a_look_has_no_facts() -> None:
    raw = encode_detail(decision(), None)
    assert raw is not None
    assert decode_detail(raw).facts is None


def test_nothing_is_stored_where_no_rule_looked() -> None:
    assert encode_detail(Decision(event="ChangeMerged", item="gerrit:1", at=START), facts()) is None


WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.integers(0, to_us(START) * 3).map(from_us)


DAYS = st.none() | st.dates()
CASES = st.builds(
    Case,
    **dict.fromkeys(
        (
            "item",
            "repo",
            "slot",
            "duty",
            "team",
            "rule",
            "person",
            "role",
            "because",
            "end",
            "ladder",
            "topic",
            "owner",
        ),
        WORDS,
    ),
    state=st.sampled_from(["open", "snoozed", "unrouted", "closed"]),
    as_=st.sampled_from(["reviewer", "cc", "suggest"]),
    opened=INSTANTS,
    **dict.fromkeys(("began", "paused", "due"), st.none() | INSTANTS),
    **dict.fromkeys(("step", "times"), st.integers(0, 100)),
    **dict.fromkeys(("observed", "added"), st.booleans()),
)
ARRANGED = st.builds(
    Arrangement,
    kind=st.sampled_from(ARRANGEMENTS),
    **dict.fromkeys(("person", "other", "team", "duty", "item"), WORDS),
    first=DAYS,
    last=DAYS,
    ended=st.booleans(),
    at=INSTANTS,
)
EMPTIED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)  # by each example


@EMPTIED
@given(st.data())
def test_any_case_comes_back(sqlite_journal: Journal, data: st.DataObject) -> None:
    given_case = data.draw(CASES)
    with sqlite_journal.database.write() as connection:
        connection.execute(cases.delete())
    _record(sqlite_journal, Effects(cases=(given_case,)))
    assert sqlite_journal.views.cases() == (given_case,)


@EMPTIED
@given(ARRANGED)
def test_anything_arranged_comes_back(sqlite_journal: Journal, one: Arrangement) -> None:
    with sqlite_journal.database.write() as connection:
        connection.execute(arrangements.delete())
    _record(sqlite_journal, Effects(arrangements=(one,)))
    assert sqlite_journal.deciding.book().arrangements == (one,)


def test_what_was_arranged_and_read_comes_back(journal: Journal) -> None:
    away = Arrangement(
        kind="away",
        person="ann",
        other="bob",
        first=date(2026, 3, 1),
        last=date(2026, 3, 9),
        ended=True,
        at=START,
        item="gerrit:1",
    )
    delegate = Arrangement(kind="delegate", person="pat", other="bob", team="nova", duty="docs", at=START, item="")
    read = Read(message="m1", item="gerrit:1", person="ann", at=START, replied=True)
    _record(journal, Effects(arrangements=(away, delegate), read=(read,)))
    book = journal.deciding.book()
    journal.deciding.refresh(book, ["gerrit:1"])
    assert set(book.arrangements) == {away, delegate}
    assert book.commanded("gerrit:1") == {("ann", START)}
    assert (book.was_read("gerrit:1", "m1"), book.replies("ann", since=START - timedelta(hours=1))) == (True, 1)


def test_a_case_comes_back(journal: Journal) -> None:
    given_case = case(due=START + timedelta(days=1), observed=True, step=3, because="schön ☂")
    _record(journal, Effects(cases=(given_case,)))
    assert journal.views.cases() == (given_case,)


def test_who_declined_and_what_is_paused_come_back(journal: Journal) -> None:
    no = Declined(item="gerrit:1", person="ann", how="removed", because="was taken off by bob", at=START)
    pause = Pause(scope="ask-release", because="60 asks within an hour", at=START)
    _record(journal, Effects(declined=(no,), pauses=(pause,)))
    book = journal.deciding.book()
    journal.deciding.refresh(book, ["gerrit:1"])
    assert (dict(book.declined("gerrit:1")), book.paused) == ({"ann": no}, {"ask-release": pause})


def _record(journal: Journal, effects: Effects) -> Case | None:
    journal.deciding.record(batch(1, replace(decision(), effects=effects)))
    return None


def test_tables_have_a_column_for_every_field() -> None:
    assert {column.name for column in declined.columns} == set(Declined.__dataclass_fields__)
    assert set(Case.__dataclass_fields__) < {column.name for column in cases.columns}
    assert set(Arrangement.__dataclass_fields__) < {column.name for column in arrangements.columns}
    assert set(Read.__dataclass_fields__) == {column.name for column in messages_read.columns}
    assert isinstance(Book().paused, dict)


@pytest.mark.parametrize(
    ("key", "asks"),
    [
        ("AddReviewer:gerrit:7/code/ann", (("gerrit:7/code/ann", 1),)),
        ("Comment:gerrit:7/code/ann,gerrit:7/docs/bob~2", (("gerrit:7/code/ann", 1), ("gerrit:7/docs/bob", 2))),
        ("Comment:gerrit:7/code/ann#1~3", (("gerrit:7/code/ann#1", 3),)),
        ("Notify:library:oslo:~x:ann", (("library:oslo:", 1),)),
    ],
)
def test_a_key_tells_which_asks_an_action_is_about(key: str, asks: tuple[tuple[str, int], ...]) -> None:
    assert asks_of(key) == asks

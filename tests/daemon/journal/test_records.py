"""Values of `rules` as rows, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.journal.instants import from_us, to_us
from daemon.journal.journal import Journal
from daemon.journal.records import decode_action, decode_detail, encode_action, encode_detail
from daemon.journal.tables import cases, declined
from rules.actions import KINDS, Action, DrawAttention, Vote
from rules.facts import ChangeFacts, Facts
from rules.picking import Candidate
from rules.state import Book, Case, Declined, Effects, Pause
from rules.verdicts import Decision, Passed, Verdict
from tests.clock import START
from tests.daemon.journals import REPO, add_reviewer, batch, case, comment, decision, facts

ACTIONS: tuple[Action, ...] = (
    add_reviewer(cc=True),
    replace(comment(), tell=("id-of-ann",), text="schön ☂ \x00 \U0001f600"),
    Vote(item="gerrit:1", repo=REPO, key="v", label="Code-Review", value=-1, revision="c0ffee"),
    DrawAttention(item="gerrit:1", repo=REPO, key="d", account="id-of-ann", reason="asked"),
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
        event="Tick", item="gerrit:1", at=START, verdicts=(verdict,), passed=(passed,), version="7", revision="abc"
    )
    removed = MappingProxyType({"id-of-bob": "ann"})
    change = ChangeFacts(repo=REPO, branch="master", created=START, files=("a/b",), removed=removed)
    looked_up = Facts(change=change, accounts=MappingProxyType({"ann": ""}), seen=START)
    raw = encode_detail(given, looked_up)
    assert raw is not None
    detail = decode_detail(raw)
    assert (detail.verdicts, detail.passed, detail.version, detail.revision) == ((verdict,), (passed,), "7", "abc")
    assert detail.facts == looked_up


def test_a_decision_without_a_look_has_no_facts() -> None:
    raw = encode_detail(decision(), None)
    assert raw is not None
    assert decode_detail(raw).facts is None


def test_nothing_is_stored_where_no_rule_looked() -> None:
    assert encode_detail(Decision(event="ChangeMerged", item="gerrit:1", at=START), facts()) is None


WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.integers(0, to_us(START) * 3).map(from_us)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)  # emptied by each example
@given(st.data())
def test_any_case_comes_back(sqlite_journal: Journal, data: st.DataObject) -> None:
    given_case = case(
        slot=data.draw(WORDS),
        person=data.draw(WORDS),
        because=data.draw(WORDS),
        end=data.draw(st.sampled_from(["", "acted", "merged"])),
        state=data.draw(st.sampled_from(["open", "snoozed", "unrouted", "closed"])),
        opened=data.draw(INSTANTS),
        due=data.draw(st.none() | INSTANTS),
        step=data.draw(st.integers(0, 100)),
        observed=data.draw(st.booleans()),
    )
    with sqlite_journal.database.write() as connection:
        connection.execute(cases.delete())
    _record(sqlite_journal, Effects(cases=(given_case,)))
    assert sqlite_journal.views.cases() == (given_case,)


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
    assert isinstance(Book().paused, dict)

"""Who is told what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daemon.config.service import Notify as Section
from daemon.journal.telling import Notice, Waiting
from daemon.post import Piece, Rules, next_piece
from rules.actions import Notify
from rules.arrangements import Arrangement
from rules.roster import Person, Roster
from tests.daemon.journals import case
from tests.daemon.notices import PEOPLE, arrangement, notice

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday, 21:00 in Tokyo
LONG_AGO = timedelta(hours=1)


def notices(*actions: Notify, ago: timedelta = LONG_AGO, **fields: Any) -> dict[str, tuple[Notice, ...]]:
    """By person, all since then."""
    found: dict[str, tuple[Notice, ...]] = {}
    for action in actions:
        one = Notice(action=action, since=NOON - ago, **fields)
        found[action.person] = (*found.get(action.person, ()), one)
    return found


def waiting(by_person: dict[str, tuple[Notice, ...]] | None = None, **fields: Any) -> Waiting:
    """All else is as on the first day, and this week's digests are out."""
    given: dict[str, Any] = {"notices": by_person or {}, "cases": {}, "told": {}, "last": {}}
    given |= {"unreachable": {}, "again": {}}
    digests = {"digests": dict.fromkeys(PEOPLE, NOON), "arrangements": ()}
    return Waiting(**(given | digests | fields))


def rules(people: dict[str, Person] | None = None, **section: Any) -> Rules:
    """The usual ones."""
    roster = Roster(people=PEOPLE if people is None else people, teams={})
    return Rules(roster=roster, notify=Section.model_validate(section), started=NOON - timedelta(days=30))


def chosen(what: Waiting, at: datetime = NOON, by: Rules | None = None) -> Piece | None:
    """What is done first."""
    return next_piece(what, by or rules(), at)


def keys(piece: Piece | None) -> Sequence[str] | None:
    """Of what is sent."""
    return piece.keys if piece and not piece.refusal else None


def test_nothing_waits_at_first() -> None:
    assert chosen(waiting()) is None


def test_all_for_one_person_goes_out_together_once_the_window_is_over() -> None:
    both = notices(notice(1), notice(2))
    late = waiting({"ann": (*both["ann"][:1], Notice(action=notice(2), since=NOON))})
    assert keys(chosen(late)) == (notice(1).key, notice(2).key)
    fresh = waiting(notices(notice(1), ago=timedelta(seconds=119)))
    assert chosen(fresh) is None
    assert keys(chosen(fresh, NOON + timedelta(seconds=1))) == (notice(1).key,)
    assert keys(chosen(fresh, by=rules(batch="60s"))) == (notice(1).key,)


def test_after_a_message_the_next_waits_for_more_to_come_up_unless_it_is_urgent_or_was_tried() -> None:
    told = {"ann": NOON - timedelta(minutes=30)}
    again = waiting(notices(notice(1)), last=told)
    assert chosen(again) is None
    assert keys(chosen(again, NOON + timedelta(minutes=30))) == (notice(1).key,)
    assert keys(chosen(again, by=rules(batch="60s"))) == (notice(1).key,)
    assert keys(chosen(waiting(notices(notice(1), tries=1), last=told))) == (notice(1).key,)
    both = notice(1), notice(2, reason="embargo")
    assert keys(chosen(waiting(notices(*both), last=told))) == tuple(one.key for one in both)


def reminds(number: int = 1, **fields: Any) -> Notify:
    """Of Ann's case on that change."""
    return notice(number, case=case(number).key, **fields)


@pytest.mark.parametrize(
    ("now_it_is", "why"),
    [
        ({"state": "closed", "end": "merged"}, "no longer needed: the change is merged"),
        ({"state": "closed", "end": "reassigned"}, "no longer needed: somebody else is asked in their place"),
        ({"state": "snoozed"}, "no longer needed: it is snoozed"),
        ({"paused": NOON, "because": "it is the owner's turn"}, "no longer needed: it is the owner's turn"),
    ],
)
@pytest.mark.parametrize("at", [NOON, NOON + timedelta(hours=11)], ids=["by day", "at night"])
def test_a_reminder_of_what_does_not_wait_for_them_any_more_is_dropped(
    now_it_is: dict[str, Any], why: str, at: datetime
) -> None:
    cases = {one.key: one for one in (case(1, **now_it_is), case(2))}
    waits = notices(reminds(1), reminds(2), notice(3, reason="library"))
    piece = chosen(waiting(waits, cases=cases), at)
    assert piece
    assert (piece.person, piece.keys, piece.needless, piece.refusal) == ("ann", (notice(1).key,), why, "")


def test_a_reminder_of_what_waits_and_one_of_no_known_case_are_told() -> None:
    waits = reminds(1), reminds(2)
    piece = chosen(waiting(notices(*waits), cases={case(1).key: case(1)}))
    assert piece
    assert (piece.keys, piece.needless) == (tuple(one.key for one in waits), "")


def test_what_may_have_been_sent_is_left_whole_while_some_of_it_is_needed() -> None:
    closed = {case(1).key: case(1, state="closed", end="acted")}
    doubtful = notices(reminds(1), reminds(2), tries=1, doubt=True)
    assert keys(chosen(waiting(doubtful, cases=closed))) == (notice(1).key, notice(2).key)
    alone = chosen(waiting(notices(reminds(1), tries=1, doubt=True), cases=closed))
    assert alone
    assert alone.needless == "no longer needed: they did something on the item"


def test_each_person_is_told_alone_and_nobody_whom_others_tell() -> None:
    two = waiting(notices(notice(1), notice(1, "pat")))
    assert [piece.person for piece in (next_piece(two, rules(), NOON, but) for but in _buts()) if piece] == [
        "ann",
        "pat",
    ]


def _buts() -> list[frozenset[str]]:
    return [frozenset(), frozenset({"ann"}), frozenset({"ann", "pat"})]


def test_at_night_where_they_are_nobody_is_told() -> None:
    tokyo = waiting(notices(notice(1, "bob")))
    assert keys(chosen(tokyo)) == (notice(1, "bob").key,)
    assert chosen(tokyo, NOON + timedelta(hours=1)) is None
    assert chosen(tokyo, NOON + timedelta(hours=9, minutes=59)) is None
    assert keys(chosen(tokyo, NOON + timedelta(hours=10))) == (notice(1, "bob").key,)
    assert keys(chosen(tokyo, NOON + timedelta(hours=1), rules(quiet="never"))) == (notice(1, "bob").key,)


def test_over_the_ceiling_it_waits_for_their_next_day() -> None:
    full = waiting(notices(notice(1)), told={("ann", NOON.date()): 5})
    assert chosen(full) is None
    assert chosen(full, NOON + timedelta(hours=9)) is None
    assert keys(chosen(full, NOON + timedelta(hours=19))) == (notice(1).key,)
    assert keys(chosen(full, by=rules(per_day=6))) == (notice(1).key,)


def test_who_could_not_be_reached_is_tried_again_at_their_time_without_a_window() -> None:
    failed = waiting(notices(notice(1), ago=timedelta(0), tries=1), again={"ann": NOON + timedelta(minutes=1)})
    assert chosen(failed) is None
    assert keys(chosen(failed, NOON + timedelta(minutes=1))) == (notice(1).key,)


def test_what_may_have_been_sent_goes_again_as_it_was() -> None:
    doubtful = notices(notice(1), tries=1, doubt=True)["ann"]
    assert keys(chosen(waiting({"ann": (*doubtful, *notices(notice(2))["ann"])}))) == (notice(1).key,)


@pytest.mark.parametrize(
    ("person", "arranged", "why"),
    [("eve", (), "is not in the roster"), ("ann", (arrangement("optout"),), "has opted out")],
)
def test_who_is_gone_or_opted_out_is_told_nothing(person: str, arranged: tuple[Arrangement, ...], why: str) -> None:
    piece = chosen(waiting(notices(notice(1, person)), arrangements=arranged))
    assert piece
    assert (piece.person, piece.keys, piece.refusal) == (person, (notice(1, person).key,), why)


@pytest.mark.parametrize("arranged", [(arrangement("quiet"),), ()])
def test_what_can_wait_waits_for_the_digest(arranged: tuple[Arrangement, ...]) -> None:
    """As does everything for people who asked for quiet."""
    one = notice(1, digest=not arranged)
    assert chosen(waiting(notices(one), arrangements=arranged)) is None
    never = chosen(waiting(notices(one), arrangements=arranged), by=rules(digest="never"))
    assert never
    assert never.refusal == "no digest is sent (notify.digest is never)"
    monday = NOON + timedelta(days=5)
    piece = next_piece(waiting(notices(one), arrangements=arranged), rules(), monday, frozenset(PEOPLE) - {"ann"})
    assert piece
    assert (piece.digest, piece.keys) == (monday.replace(hour=9), (one.key,))


def test_a_digest_has_what_came_before_it_was_due() -> None:
    late = waiting(notices(notice(1, digest=True), ago=timedelta(0)), digests={})
    piece = chosen(late, by=rules({"ann": PEOPLE["ann"]}))
    assert piece
    assert (piece.digest, piece.keys) == (NOON.replace(day=2, hour=9), ())


def test_a_digest_goes_out_once_a_week_to_each_person() -> None:
    due = chosen(waiting(digests={}), by=rules({"bob": PEOPLE["bob"]}))
    assert due
    assert due.digest == datetime(2026, 3, 2, 0, tzinfo=UTC)  # Monday 09:00 in Tokyo
    assert chosen(waiting(digests={"bob": due.digest}), by=rules({"bob": PEOPLE["bob"]})) is None
    assert chosen(waiting(digests={}), by=rules({"bob": PEOPLE["bob"]}, digest="never")) is None


def test_another_day_for_digests_brings_no_second_one_in_the_same_week() -> None:
    sent = waiting(digests={"ann": datetime(2026, 3, 2, 9, tzinfo=UTC)})
    only_ann = rules({"ann": PEOPLE["ann"]}, digest="wednesday")
    assert chosen(sent, NOON, only_ann) is None
    next_week = chosen(sent, NOON + timedelta(days=7), only_ann)
    assert next_week
    assert next_week.digest == datetime(2026, 3, 11, 9, tzinfo=UTC)


def test_a_digest_that_was_due_before_the_first_start_is_none_of_ours() -> None:
    began = Rules(roster=rules().roster, notify=Section(), started=NOON - timedelta(hours=1))
    assert chosen(waiting(digests={}), by=began) is None


def test_a_digest_waits_for_the_morning_and_for_the_ceiling_as_all_else() -> None:
    only_ann = rules({"ann": PEOPLE["ann"]})
    assert chosen(waiting(digests={}), NOON + timedelta(hours=11), only_ann) is None
    assert chosen(waiting(digests={}, told={("ann", NOON.date()): 5}), NOON, only_ann) is None


def test_who_opted_out_gets_no_digest() -> None:
    piece = chosen(waiting(digests={}, arrangements=(arrangement("optout"),)), by=rules({"ann": PEOPLE["ann"]}))
    assert piece
    assert (piece.digest is not None, piece.refusal) == (True, "has opted out")


def test_who_cannot_be_reached_and_has_nothing_left_to_be_told_is_forgotten() -> None:
    piece = chosen(waiting(unreachable={"eve": NOON}))
    assert piece
    assert (piece.person, piece.refusal) == ("eve", "nothing is left to tell them")
    assert chosen(waiting(notices(notice(1)), unreachable={"ann": NOON}, again={"ann": NOON + LONG_AGO})) is None

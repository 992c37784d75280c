from __future__ import annotations

from datetime import date

import pytest

from rules.roster import Duty, Rotation, Shift, Term
from tests.daemon.config.makers import roster_of

PEOPLE = "people: {ann: {launchpad: ann}, bob: {}}\n"


def duty(text: str, people: str = PEOPLE) -> tuple[Duty, list[str]]:
    roster, wrong = roster_of(f"{people}community: {{duties: {{vmt: {text}}}}}\n")
    return roster.community["vmt"], wrong


def test_czars_deputies_and_a_term() -> None:
    found, wrong = duty(
        "{czars: [ann, bob], deputies: bob, term: {from: 2026-01-01, until: 2026-06-30, appointed_by: the TC}}"
    )
    assert not wrong
    assert found == Duty(
        name="vmt",
        czars=("ann", "bob"),
        deputies=("bob",),
        term=Term(first=date(2026, 1, 1), last=date(2026, 6, 30), appointed_by="the TC"),
    )


@pytest.mark.parametrize(
    ("every", "days", "workdays"),
    [("7d", 7, False), ("1 workday", 1, True), ("5 workdays", 5, True), ("2w", 14, False), ("1 day", 1, False)],
)
def test_turns_of_a_rotation(every: str, days: int, workdays: bool) -> None:
    found, wrong = duty(f"{{rotation: {{order: [ann, bob, ann], every: {every}, start: 2026-01-05, tz: Asia/Tokyo}}}}")
    assert not wrong
    assert found.rotation == Rotation(
        order=("ann", "bob", "ann"), every=days, workdays=workdays, start=date(2026, 1, 5), tz="Asia/Tokyo"
    )


@pytest.mark.parametrize("every", ["0d", "d", "1.5d", "1 month", "-1d", "99999d"])
def test_what_is_no_length_of_a_turn(every: str) -> None:
    _, wrong = duty(f"{{rotation: {{order: [ann], every: {every}, start: 2026-01-05}}}}")
    assert len(wrong) == 1
    assert "is no length of a turn: write e.g. 7d, 2w or 1 workday" in wrong[0]


def test_a_rotation_without_anybody_is_told() -> None:
    assert duty("{rotation: {order: [], start: 2026-01-05}}")[1] == [
        "roster.yaml:2:46: a rotation needs somebody in its order"
    ]


def test_slots() -> None:
    found, wrong = duty("{slots: [{person: ann, from: 2026-01-01, to: 2026-01-31}]}")
    assert not wrong
    assert found.shifts == (Shift(person="ann", first=date(2026, 1, 1), last=date(2026, 1, 31)),)


def test_a_duty_may_be_vacant_if_it_says_so() -> None:
    assert duty("{czars: []}") == (Duty(name="vmt"), [])


@pytest.mark.parametrize(
    "holders",
    [
        "czars: [ann, bob]",
        "czars: [ann], deputies: [bob]",
        "rotation: {order: [bob], start: 2026-01-05}",
        "slots: [{person: bob, from: 2026-01-01, to: 2026-01-31}]",
    ],
)
def test_a_private_duty_only_goes_to_people_with_a_launchpad_name(holders: str) -> None:
    found, wrong = duty(f"{{{holders}, private: true}}")
    assert found.private
    assert len(wrong) == 1
    assert "'bob' has no launchpad name" in wrong[0]
    assert not duty(f"{{{holders}}}")[1]

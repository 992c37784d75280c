"""The weekly digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from daemon.config.service import Notify as Section
from daemon.digest import MOST_LISTED, World, digest
from daemon.letters import Sender
from integrations.contract import Letter
from rules.actions import Notify
from rules.roster import Duty, Roster, Team
from rules.state import Case
from tests.daemon.journals import REPO, case
from tests.daemon.notices import PEOPLE, notice

DUE = datetime(2026, 3, 9, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SENDER = Sender(notify=Section(), gerrit_url="https://review.example.org")
DUTIES = {"release": Duty(name="release", czars=("ann",)), "code": Duty(name="code", czars=("ann", "bob"))}
NOVA = Team(name="nova", repos=(REPO,), ptl=("pat",), duties=DUTIES)
FILLED = Team(
    name="filled",
    ptl=("pat",),
    duties={name: Duty(name=name, czars=("ann", "bob")) for name in ("release", "security", "code")},
)


def waits(number: int = 1, **fields: Any) -> Case:
    """A case of the last days."""
    return case(number, **({"opened": DUE - DAY, "due": DUE + DAY} | fields))


def written(
    person: str = "ann", cases: Sequence[Case] = (), notices: Sequence[Notify] = (), teams: Sequence[Team] = (FILLED,)
) -> Letter | None:
    """Their digest."""
    roster = Roster(people=PEOPLE, teams={team.name: team for team in teams})
    return digest(PEOPLE[person], notices, World(roster=roster, cases=cases), DUE, SENDER)


def text(*args: Any, **fields: Any) -> str:
    """Of a digest that is not empty."""
    found = written(*args, **fields)
    assert found
    return found.text


def test_nobody_gets_an_empty_digest() -> None:
    assert written() is None
    others = waits(person="bob"), waits(2, state="closed"), waits(3, observed=True), waits(4, opened=DUE + DAY)
    assert written(cases=others) is None
    assert written("pat") is None


def test_it_says_what_waits_since_when_and_what_comes_next() -> None:
    told = text(cases=[waits(), waits(2, state="snoozed", due=None), waits(3, as_="suggest", due=None)])
    assert "Waiting for you (3):" in told
    assert (
        f"[waiting] gerrit:1 ({REPO}) as release czar of nova, since 2026-03-08, next step on 2026-03-10 09:00 UTC\n"
        f"  https://review.example.org/c/{REPO}/+/1\n"
    ) in told
    assert "since 2026-03-08, snoozed\n" in told
    assert "since 2026-03-08, suggested\n" in told
    assert "Late (" not in told
    assert "“czar: quiet”" in told


def test_who_never_heard_of_it_reads_what_it_is_and_what_to_do() -> None:
    told = text(cases=[waits()])
    assert told.startswith("Hello Ann,\n\nthis is czar, which asks people for reviews by what their teams have written")
    assert "“czar: decline” passes it on to the next in line." in told
    assert "decline" not in text(notices=[notice(9, reason="library", digest=True)])


def test_the_ptl_reads_why_they_are_told_and_what_they_can_do() -> None:
    told = " ".join(text("pat", teams=[NOVA]).split())
    assert "You are told how it stands with nova because you are its PTL." in told
    assert "“czar: delegate DUTY @NAME until DATE”" in told


def test_what_is_late_comes_first_and_is_counted() -> None:
    cases = [waits(1), waits(2, step=1), waits(3, due=DUE - DAY), waits(4, step=1, state="snoozed")]
    found = written(cases=[*cases, waits(5, step=1, paused=DUE)], notices=[notice(9, reason="library", digest=True)])
    assert found
    assert found.subject == "czar: your week: 5 waiting, 2 late, 1 to know"
    assert found.by_mail
    late, waiting = found.text.index("Late (2):"), found.text.index("Waiting for you (3):")
    assert late < found.text.index("gerrit:2 ") < waiting < found.text.index("gerrit:1 ")


def test_what_could_wait_till_then_is_in_it_with_its_reason() -> None:
    told = text(notices=[notice(9, reason="library", text="oslo.messaging 15.0.0", digest=True)])
    assert "To know (1):\n[library] oslo.messaging 15.0.0\nhttps://review.example.org/" in told


def test_the_ptl_hears_of_duties_with_nobody_or_one_person() -> None:
    told = text("pat", teams=[NOVA])
    assert (
        "Duties of nova with nobody or one person (2):\n[coverage] release: ann only\n[coverage] security: nobody"
        in told
    )
    assert written("ann", teams=[NOVA]) is None


def test_the_ptl_hears_of_what_nobody_could_be_asked_for_and_of_what_is_stuck() -> None:
    of = {"team": "filled"}
    cases = [
        waits(1, state="unrouted", person="", because="nobody is\navailable", **of),
        waits(2, opened=DUE - 7 * DAY, **of),
        waits(3, step=2, due=None, **of),
        waits(4, **of),
        waits(5, opened=DUE - 9 * DAY, state="snoozed", **of),
        waits(6, opened=DUE - 9 * DAY, person="bob", team="other"),
    ]
    told = text("pat", cases=cases)
    assert (
        f"Nobody could be asked in filled (1):\n[unrouted] gerrit:1 ({REPO}) for release, since 2026-03-08: nobody is "
        in told
    )
    assert "Waiting for long in filled (2):\n[stuck] gerrit:2 " in told
    assert f"[stuck] gerrit:3 ({REPO}) for release with ann, since 2026-03-08" in told
    assert "Duties of" not in told


def test_teams_that_named_nobody_or_only_watch_are_not_written_about() -> None:
    assert written("pat", teams=[replace(NOVA, duties={})]) is None
    assert written("pat", teams=[replace(NOVA, mode="observe")]) is None


def test_a_long_list_is_cut_but_nothing_is_left_out_of_what_is_told_only_here() -> None:
    many = range(1, MOST_LISTED + 11)
    told = text(cases=[waits(n) for n in many], notices=[notice(n, text=f"news {n}.", digest=True) for n in many])
    assert "… and 10 more" in told
    assert all(f"news {n}." in told for n in many)


def test_the_digest_of_one_week_has_one_id() -> None:
    one, other = written(cases=[waits()]), written(cases=[waits(2)])
    assert one
    assert other
    assert one.id == other.id

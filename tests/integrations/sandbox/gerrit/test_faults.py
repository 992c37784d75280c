"""Orders to fail."""

from __future__ import annotations

from integrations.sandbox.gerrit.faults import Faults


def test_rules_are_used_up_in_the_order_they_were_given() -> None:
    faults = Faults()
    faults.answer(500, path="/a")
    faults.answer(503, times=2)
    found = [faults.next_rule("GET", "/a") for _ in range(4)]
    assert [rule and rule.status for rule in found] == [500, 503, 503, None]


def test_a_refused_login_is_for_one_user() -> None:
    faults = Faults()
    faults.refuse_login("bot")
    assert [faults.is_login_refused(name) for name in ("ann", "bot", "bot")] == [False, True, False]


def test_streams_are_cut_and_lose_lines_on_order() -> None:
    faults, told = Faults(), list[object]()
    ended = faults.stream_opened(told.append, told.append)
    assert (faults.cut_streams("reset"), faults.drop_output(3)) == (1, 1)
    ended()
    assert (faults.cut_streams(), told) == (0, ["reset", 3])


def test_clearing_makes_everything_work_again() -> None:
    faults = Faults()
    faults.hang(times=9)
    faults.freeze()
    faults.clear()
    assert faults.next_rule("GET", "/") is None
    assert faults.is_flowing()

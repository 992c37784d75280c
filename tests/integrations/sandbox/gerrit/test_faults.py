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


def test_rest_is_shut_until_it_is_opened_whatever_else_is_on_order() -> None:
    faults = Faults()
    faults.hang()
    faults.shut_rest()
    found = [faults.next_rule("GET", "/") for _ in range(3)]
    assert [rule and (rule.what, rule.status) for rule in found] == [("answer", 503)] * 3
    assert faults.is_flowing()
    assert faults.orders_left() == 1
    faults.open_rest()
    assert [rule and rule.what for rule in (faults.next_rule("GET", "/"), faults.next_rule("GET", "/"))] == [
        "hang",
        None,
    ]


def test_clearing_makes_everything_work_again() -> None:
    faults = Faults()
    faults.hang(times=9)
    faults.freeze()
    faults.shut_rest()
    faults.clear()
    assert faults.next_rule("GET", "/") is None
    assert faults.is_flowing()

from __future__ import annotations

from datetime import timedelta

from daemon.config.ladders import read_ladders
from daemon.config.reading import Reading
from rules.ladders import Ladders, Step
from tests.daemon.config.makers import marked, said


def ladders(text: str) -> tuple[Ladders, list[str]]:
    reading = Reading("rules.yaml")
    return read_ladders(reading, marked(text)), said(reading)


def test_hours_go_by_the_clock_and_days_by_business() -> None:
    found, wrong = ladders("{a: [{after: 4h, do: notify}, {after: 2d, do: ping}, {after: 2d, do: add, to: deputies}]}")
    assert not wrong
    assert found["a"] == (
        Step(after=timedelta(hours=4), business=False, do="notify"),
        Step(after=timedelta(days=2), business=True, do="ping"),
        Step(after=timedelta(days=2), business=True, do="add", to="deputies"),
    )


def test_a_ladder_goes_up() -> None:
    assert ladders("{a: [{after: 2d, do: ping}, {after: 30m, do: ping}]}")[1] == [
        "rules.yaml:1:37: this step comes before the one above it"
    ]


def test_who_is_added_must_be_said() -> None:
    assert ladders("{a: [{after: 2d, do: add}]}")[1] == ["rules.yaml:1:6: a step needs 'to'"]
    assert ladders("{a: [{after: 2d, do: add, to: plt}]}")[1] == [
        "rules.yaml:1:31: unknown to 'plt' (did you mean 'ptl'?)"
    ]


def test_a_step_comes_within_a_year() -> None:
    assert not ladders("{a: [{after: 366d, do: ping}]}")[1]
    assert ladders("{a: [{after: 367d, do: ping}]}")[1] == ["rules.yaml:1:14: '367d' is too late: write at most 366d"]


def test_what_is_no_list_is_told() -> None:
    assert ladders("{a: ping}")[1] == ["rules.yaml:1:5: ladder 'a' must be a list"]

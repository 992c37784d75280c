from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.config.conditions import Conditions, read_conditions, read_defaults
from daemon.config.reading import Reading
from rules.routing import View
from tests.daemon.config.makers import marked, said

VIEW = View(
    repo="openstack/nova",
    branch="master",
    topic="",
    hashtags=("urgent",),
    subject="Fix it",
    message="Fix it",
    owner=("ann",),
    wip=False,
    private=False,
    size=12,
    files=("doc/a.rst",),
)


def when(text: str, event: str = "change") -> tuple[Conditions, list[str]]:
    reading = Reading("rules.yaml")
    return read_conditions(reading, marked(text), "when", event), said(reading)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("{repo: openstack/nova}", True),
        ('{repo: "openstack/*", branch: [master, "stable/*"]}', True),
        ('{branch: "!master"}', False),
        ("{wip: false}", True),
        ("{wip: true}", False),
        ('{size: ">=12"}', True),
        ("{size: 12}", True),
        ("{size: 0x0c}", None),
        ('{only: ["doc/**"]}', True),
        ('{hashtag: "urgent"}', True),
        ('{subject: "re:^Fix"}', True),
    ],
)
def test_the_words_of_the_file_make_tests(text: str, passes: bool | None) -> None:
    found, wrong = when(text)
    if passes is None:
        assert wrong == ["rules.yaml:1:8: size: '0x0c' is no number: write e.g. '>=3', '<10' or '5'"]
        return
    assert not wrong
    assert all(test(VIEW) for _, test in found.tests) is passes


def test_the_repo_is_there_for_the_index() -> None:
    assert when("{repo: [a, b]}")[0].repo is not None
    assert when("{branch: master}")[0].repo is None


@pytest.mark.parametrize(("event", "key"), [("bug", "status"), ("gate", "kind"), ("tag", "version")])
def test_keys_belong_to_events(event: str, key: str) -> None:
    assert not when(f"{{{key}: job}}", event)[1]
    assert f"unknown key '{key}'" in when(f"{{{key}: job}}")[1][0]


def test_a_bad_pattern_is_told_at_its_very_value() -> None:
    assert when('{title: [fine, "re:(", "re:["]}', "bug")[1] == [
        "rules.yaml:1:16: title: '(' is no regular expression (re2 syntax): missing ): ("
    ]


def test_two_truths_are_told_although_each_is_one() -> None:
    assert when("{wip: [true, false]}")[1] == ["rules.yaml:1:8: wip: 'true, false' is neither true nor false"]


def test_defaults_go_to_the_events_that_know_them() -> None:
    reading = Reading("rules.yaml")
    found = read_defaults(reading, marked("{hashtag: no-czar, status: Invalid, repo: old}"))
    assert not said(reading)
    assert {event: sorted(one.keys) for event, one in found.items()} == {
        "change": ["hashtag", "repo"],
        "bug": ["status"],
        "gate": ["repo"],
        "tag": ["repo"],
    }
    (_, repo), (_, hashtag) = found["change"].tests
    assert hashtag(replace(VIEW, hashtags=("no-czar",)))
    assert not repo(VIEW)

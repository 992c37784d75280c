from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from daemon.config.reading import Reading
from daemon.config.rules import RuleBook, read_rules
from rules.routing import Ask, Rule, View, match
from rules.verdicts import Limits
from tests.daemon.config.makers import ROSTER, marked, roster_of, said


def book(text: str) -> tuple[RuleBook, Reading]:
    reading = Reading("rules.yaml")
    return read_rules(marked(text), reading, roster_of(ROSTER)[0]), reading


def rule(text: str, rest: str = "") -> tuple[Rule, list[str]]:
    found, reading = book(f"rules: [{text}]\n{rest}")
    return found.rules[0], said(reading)


def test_a_rule_with_everything() -> None:
    found, wrong = rule(
        '{id: a, event: change, mode: observe, when: {repo: openstack/nova, only: "doc/**"}, unless: {hashtag: x}, '
        "allow: [wip, hashtag], slot: text, ask: {duty: docs}, else: {people: [ann]}, ladder: slow, redact: true, "
        "say: hello}",
        "ladders: {slow: [{after: 2d, do: ping}]}\ntemplates: {hello: 'Dear {person}'}\n",
    )
    assert not wrong
    assert (found.id, found.event, found.mode, found.slot, found.ladder) == ("a", "change", "observe", "text", "slow")
    assert (found.ask, found.else_) == (Ask(duty="docs"), Ask(people=("ann",)))
    assert [key for key, _ in found.tests] == ["repo", "only"]
    assert [key for key, _ in found.unless] == ["hashtag"]
    assert found.allow == {"wip", "hashtag"}
    assert found.redact
    assert found.say == "Dear {person}"
    assert found.repo is not None
    assert found.repo.literals == ("openstack/nova",)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("{id: a, event: change, ask: {duty: docs}}", "docs"),
        ("{id: a, event: change, ask: {people: [ann]}}", "a"),
        ("{id: a, event: change, slot: code, ask: {duty: docs}}", "code"),
        ("{id: a, event: change, slot: code}", "code"),
    ],
)
def test_the_slot_is_the_duty_unless_said(text: str, slot: str) -> None:
    found, wrong = rule(text)
    assert not wrong
    assert (found.slot, found.mode) == (slot, "act")


def test_a_rule_that_asks_nobody_must_say_for_which_slot() -> None:
    assert rule("{id: a, event: change}")[1] == [
        "rules.yaml:1:9: rule 'a' asks nobody: it needs 'ask', or else a 'slot' for which nobody shall be asked"
    ]
    assert rule("{id: a, event: change, slot: code, else: {duty: docs}}")[1]


def test_what_all_rules_leave_alone_is_merged_with_their_own() -> None:
    found, wrong = rule(
        "{id: a, event: change, unless: {hashtag: mine, branch: old}, allow: topic, ask: {duty: code}}",
        "defaults: {unless: {hashtag: ours, topic: bulk, status: Invalid}}\n",
    )
    assert not wrong
    assert sorted(key for key, _ in found.unless) == ["branch", "hashtag", "hashtag", "topic"]


def test_only_what_suppresses_can_be_allowed() -> None:
    assert rule("{id: a, event: change, allow: [wip, priv], ask: {duty: code}}")[1] == [
        "rules.yaml:1:45: unknown suppression 'priv' (did you mean 'private'?)"
    ]


def test_what_holds_for_all() -> None:
    found, reading = book(
        "rules: []\ndefaults: {since: 2026-08-03, limits: {rule_per_hour: 5}, backlog: {per_day: 4}}\n"
    )
    assert not said(reading)
    assert found.since == datetime(2026, 8, 3, tzinfo=UTC)
    assert found.limits == Limits(rule_per_hour=5)
    assert found.backlog == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "1:21: backlog needs 'per_day'"),
        ("5", "1:21: backlog must be a mapping"),
        ("{per_day: 0}", "1:31: per_day is a whole number from 1"),
        ("{per_week: 5}", "1:22: unknown key 'per_week' (known: per_day)"),
    ],
)
def test_what_is_no_backlog(text: str, told: str) -> None:
    found, reading = book(f"defaults: {{backlog: {text}}}\nrules: []\n")
    assert f"rules.yaml:{told}" in said(reading)
    assert found.backlog is None


def test_what_is_said_is_a_template() -> None:
    found, wrong = rule("{id: a, event: change, ask: {duty: code}, say: helo}", "templates: {hello: Hello}\n")
    assert wrong == ["rules.yaml:1:56: unknown template 'helo' (did you mean 'hello'?)"]
    assert found.say is None


def test_rules_must_be_there() -> None:
    assert said(book("defaults: {}\n")[1]) == ["rules.yaml:1:1: rules.yaml needs 'rules'"]


def test_what_is_not_yet_followed_is_noted_once_for_each_kind() -> None:
    _, reading = book("""\
        ladders: {slow: []}
        rules:
          - {id: a, event: bug, ask: {duty: code}}
          - {id: b, event: bug, slot: b, ask: {duty: code}}
          - {id: c, event: tag, ask: {duty: code}}
          - {id: d, event: change, when: {repo: openstack/nowa}, ask: {duty: code}}
          - {id: e, event: change, allow: [private], slot: e, ask: {duty: code}}
          - {id: f, event: change, slot: f, ask: {duty: code}, ladder: slow, redact: true}
        """)
    assert not said(reading)
    assert sorted(str(note) for note in reading.notes) == [
        "rules.yaml:3:20: note: rules for bugs are checked but not yet followed (2 rules)",
        "rules.yaml:5:20: note: rules for tags are checked but not yet followed (1 rule)",
        "rules.yaml:6:41: note: no team owns the repo 'openstack/nowa' (did you mean 'openstack/nova'?)",
        "rules.yaml:7:35: note: 'code' is no private duty: private items will not be asked about",
    ]


def test_a_repo_that_nobody_owns_is_fine_where_somebody_else_is_asked() -> None:
    _, reading = book("""\
        rules:
          - {id: a, event: change, when: {repo: shared}, ask: {duty: code, of: {path: "{team}/**"}}}
          - {id: b, event: change, when: {repo: shared}, slot: b, ask: {duty: code, of: nova}}
          - {id: c, event: change, when: {repo: shared}, slot: c, ask: {people: [ann]}}
          - {id: d, event: change, when: {repo: shared}, slot: d, ask: {duty: code}}
        """)
    assert [str(note) for note in reading.notes] == [
        "rules.yaml:5:41: note: no team owns the repo 'shared' (known: openstack/nova)"
    ]


def test_a_file_that_would_suppress_is_waited_for() -> None:
    found, _ = rule('{id: a, event: change, unless: {file: "doc/**"}, ask: {duty: code}}')
    view = View(
        repo="openstack/nova",
        branch="master",
        topic="",
        hashtags=(),
        subject="",
        message="",
        owner=(),
        wip=False,
        private=False,
        size=1,
    )
    roster = roster_of(ROSTER)[0]
    assert match(found, view, roster).hit is None
    assert match(found, replace(view, files=("doc/a.rst",)), roster).hit is False
    assert match(found, replace(view, files=("a.py",)), roster).hit is True

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.reading import Reading
from daemon.config.rules import RuleBook, read_rules
from rules.routing import View, match
from tests.daemon.config.makers import marked, roster_of

ROSTER = roster_of("""
    people: {ann: {launchpad: ann}, bob: {}}
    community: {duties: {infra: {czars: [ann]}}}
    teams:
      nova: {repos: [nova, nova-specs], ptl: bob, duties: {code: {czars: [ann]}, docs: {czars: [ann], deputies: [bob]}}}
      glance: {repos: [glance], mode: off, duties: {code: {czars: [bob]}}}
    """)[0]
LADDERS = """\
ladders:
  slow: [{after: 2d, do: ping}, {after: 3d, do: add, to: deputies}]
  nag: [{after: 2d, do: ping}, {after: 3d, do: add, to: ptl}]
"""


def read(*rules: str) -> tuple[RuleBook, list[str]]:
    """Rules as `{event: change, slot: s, …}`, and the notes on them."""
    lines = (f"  - {{id: r{n}, {rule}}}\n" for n, rule in enumerate(rules))
    reading = Reading("rules.yaml")
    found = read_rules(marked(LADDERS + "rules:\n" + "".join(lines)), reading, ROSTER)
    assert not reading.mistakes
    return found, [str(note) for note in reading.notes if note.code in ("unreachable", "idle", "vacant")]


def unreachable(*whens: str) -> list[str]:
    return read(*(f"event: change, slot: s, ask: {{duty: code}}, {when}" for when in whens))[1]


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("", ""),
        ("", "when: {branch: master}"),
        ("", "when: {repo: [nova, glance]}"),
        ("when: {branch: master}", "when: {branch: master, file: 'doc/**'}"),
        ("when: {branch: [master, 'stable/*']}", "when: {branch: master}"),
        ("when: {branch: ['!master']}", "when: {branch: '!master'}"),
        ("when: {repo: ['x/**', nova]}", "when: {repo: 'x/**', topic: x}"),
        ("unless: {topic: a}", "unless: {topic: [a, b], branch: x}"),
        ("unless: {topic: a}, allow: [topic]", ""),
        ("allow: [wip, owner]", "allow: [wip]"),
        ("mode: observe", ""),
    ],
)
def test_a_rule_that_another_takes_everything_from_is_told(first: str, later: str) -> None:
    assert unreachable(first, later) == [
        "rules.yaml:6:10: note: rule 'r1' is never reached: rule 'r0' (line 5) of slot 's' takes everything before it"
    ]


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("when: {branch: master}", ""),
        ("when: {branch: master}", "when: {branch: [master, stable]}"),
        ("when: {branch: [master, '!stable']}", "when: {branch: master}"),
        ("when: {branch: 'm*'}", "when: {branch: master}"),
        ("", "when: {repo: elsewhere}"),
        ("", "when: {repo: 'n*'}"),
        ("when: {repo: nova}", ""),
        ("unless: {topic: a}", ""),
        ("unless: {topic: a}", "unless: {topic: a}, allow: [topic]"),
        ("", "allow: [wip]"),
        ("allow: [private]", "allow: [private]"),
        ("mode: off", ""),
    ],
)
def test_what_may_be_reached_is_not_told(first: str, later: str) -> None:
    assert not unreachable(first, later)


@pytest.mark.parametrize("of", ["glance", "{path: 'x/{team}/*'}"])
def test_a_rule_that_may_be_off_takes_nothing_away(of: str) -> None:
    assert not read(
        f"event: change, slot: s, ask: {{duty: code, of: {of}}}", "event: change, slot: s, ask: {duty: code}"
    )[1]


def test_slots_and_events_stand_beside_each_other() -> None:
    assert not read(
        "event: change, slot: s, ask: {duty: code}",
        "event: change, slot: t, ask: {duty: code}",
        "event: tag, slot: s, ask: {duty: code}",
    )[1]


def test_who_is_only_kept_informed_is_not_reminded() -> None:
    assert read(
        "event: change, ask: {duty: docs, as: cc}, ladder: slow",
        "event: change, slot: b, ask: {duty: docs, as: suggest}, else: {duty: docs, as: reviewer}, ladder: slow",
        "event: bug, ask: {duty: docs, as: subscriber}, ladder: slow",
    )[1] == ["rules.yaml:5:56: note: 'as: cc' has no ladder: nobody is reminded"]


def test_deputies_that_are_nowhere_are_told_once_for_each_duty() -> None:
    assert read(
        "event: change, slot: a, ask: {duty: code}, ladder: slow",
        "event: change, slot: b, ask: {duty: code}, ladder: slow",
        "event: change, slot: c, ask: {duty: code}, else: {duty: docs}, ladder: slow",
        "event: change, slot: d, ask: {people: [ann]}, ladder: slow",
        "event: change, slot: e, ask: {duty: code}, ladder: nag",
        "event: change, slot: f, ask: {duty: infra, of: community}, ladder: slow",
    )[1] == [
        "rules.yaml:5:65: note: ladder 'slow' adds deputies, but nobody is deputy for 'code'",
        "rules.yaml:8:68: note: ladder 'slow' adds deputies, but nobody is deputy for whom a rule names",
        "rules.yaml:10:81: note: ladder 'slow' adds deputies, but nobody is deputy for 'infra'",
    ]


WORDS = {
    "repo": ["nova", "nova*", "glance", "!glance"],
    "branch": ["master", "stable/*", "!master", "m*"],
    "topic": ["a", "b", "!a"],
    "file": ["doc/**", "a.py", "**/*.py"],
}
CONDITIONS = st.fixed_dictionaries(
    {}, optional={key: st.lists(st.sampled_from(words), min_size=1, max_size=2) for key, words in WORDS.items()}
)
RULES = st.lists(
    st.tuples(CONDITIONS, CONDITIONS, st.lists(st.sampled_from(["wip", "owner", "private"]), unique=True, max_size=2)),
    min_size=2,
    max_size=5,
)
VIEWS = st.builds(
    View,
    repo=st.sampled_from(["nova", "nova-specs", "elsewhere", "glance"]),
    branch=st.sampled_from(["master", "main", "stable/1"]),
    topic=st.sampled_from(["", "a", "b"]),
    hashtags=st.just(()),
    subject=st.just(""),
    message=st.just(""),
    owner=st.just(("eve",)),
    wip=st.booleans(),
    private=st.booleans(),
    size=st.just(1),
    files=st.lists(st.sampled_from(["doc/a.rst", "doc/a.py", "a.py"]), max_size=2).map(tuple),
)


@given(RULES, st.lists(VIEWS, min_size=20, max_size=20))
def test_what_is_said_to_be_never_reached_never_is(
    rules: list[tuple[dict[str, list[str]], dict[str, list[str]], list[str]]], views: list[View]
) -> None:
    book, notes = read(
        *(
            f"event: change, slot: s, when: {when}, unless: {unless}, allow: {allow}, ask: {{duty: code}}"
            for when, unless, allow in rules
        )
    )
    never = {note.split("'")[1] for note in notes}
    for view in views:
        matching = [rule.id for rule in book.rules if _takes(rule.repo, view.repo) and match(rule, view, ROSTER).hit]
        assert not matching or matching[0] not in never


def _takes(repo: object, name: str) -> bool:
    """As the index of rules does."""
    return bool(repo(name)) if callable(repo) else name in ROSTER.owners

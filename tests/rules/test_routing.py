"""Which rules look at a change, and whether one takes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.patterns import BadPattern
from rules.roster import Duty, Roster
from rules.routing import (
    Index,
    Match,
    Rule,
    View,
    compile_tests,
    match,
    needs_files,
    strictest,
    view_of_event,
    view_of_facts,
)
from tests.rules.makers import REPO, World, account, asks, by_segment, event, facts, person, roster, rule, view

BOTS = roster(bots=frozenset({"bot"}))
OTHER = "elsewhere/tool"


def takes(when: Mapping[str, tuple[str, ...]], **given: Any) -> bool | None:
    return match(rule(when=when), view(**given), BOTS).hit


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "texts", "given", "hit"),
        [
            ("repo", ("openstack/*",), {}, True),
            ("repo", ("openstack/*", "!openstack/nova"), {}, False),
            ("branch", ("stable/*",), {"branch": "stable/1"}, True),
            ("branch", ("stable/*",), {}, False),
            ("topic", ("bp/**",), {"topic": "bp/x/y"}, True),
            ("topic", ("!bp/**",), {"topic": "bp/x/y"}, False),
            ("hashtag", ("urgent",), {"hashtags": ("x", "urgent")}, True),
            ("hashtag", ("!urgent",), {"hashtags": ("x", "urgent")}, False),
            ("hashtag", ("urgent",), {}, False),
            ("subject", ("re:^Fix",), {"subject": "Fix it"}, True),
            ("message", ("re:Closes-Bug",), {"message": "It\n\nCloses-Bug: #1"}, True),
            ("owner", ("zed",), {}, True),
            ("owner", ("!zed",), {}, False),
            ("owner", ("*@example.org",), {"owner": ("ann", "ann@example.org")}, True),
            ("wip", ("false",), {}, True),
            ("private", ("true",), {}, False),
            ("size", (">=10",), {"size": 10}, True),
            ("size", (">=10", "3"), {"size": 3}, True),
            ("size", (">=10",), {"size": 9}, False),
            ("file", ("doc/**",), {"files": ("a.py", "doc/a")}, True),
            ("file", ("doc/**",), {"files": ("a.py",)}, False),
            ("file", ("!doc/**",), {"files": ("doc/a", "a.py")}, True),
            ("file", ("!doc/**",), {"files": ("doc/a",)}, False),
            ("only", ("doc/**", "*.rst"), {"files": ("doc/a", "README.rst")}, True),
            ("only", ("doc/**",), {"files": ("a.py", "doc/a")}, False),
            ("only", ("doc/**",), {"files": ()}, False),
            ("only", ("!doc/**",), {"files": ("a.py",)}, True),
            ("file", ("doc/**",), {}, None),
            ("only", ("doc/**",), {}, None),
            ("size", (">=10",), {"size": None}, None),
        ],
    )
    def test_each_asks_for_its_own(
        self, key: str, texts: tuple[str, ...], given: dict[str, Any], *, hit: bool | None
    ) -> None:
        assert takes({key: texts}, **given) is hit

    def test_all_must_match(self) -> None:
        both = {"branch": ("master",), "topic": ("x",)}
        assert takes(both, topic="x")
        assert takes(both) is False

    def test_the_first_that_fails_is_named(self) -> None:
        told = match(rule(when={"topic": ("x",), "branch": ("stable/*",), "file": ("a",)}), view(), BOTS)
        assert told == Match(hit=False, key="branch", because="branch does not match")

    def test_what_is_known_to_fail_needs_no_files(self) -> None:
        assert takes({"topic": ("x",), "file": ("a",)}) is False

    def test_neither_true_nor_false_is_refused(self) -> None:
        with pytest.raises(BadPattern, match="neither true nor false"):
            compile_tests("change", {"wip": ("maybe",)})

    @pytest.mark.parametrize("kind", ["change", "bug", "gate", "tag"])
    def test_bad_patterns_are_refused_for_every_kind_of_event(self, kind: str) -> None:
        key = {"bug": "title"}.get(kind, "repo")
        with pytest.raises(BadPattern):
            compile_tests(kind, {key: ("re:(",)})


class TestSuppression:
    @pytest.mark.parametrize(
        ("key", "given"), [("wip", {"wip": True}), ("private", {"private": True}), ("owner", {"owner": ("bot",)})]
    )
    def test_keeps_a_rule_away_unless_it_allows_it(self, key: str, given: dict[str, Any]) -> None:
        assert match(rule(), view(**given), BOTS).key == key
        assert match(rule(allow=[key]), view(**given), BOTS).hit is True

    def test_one_allowance_lifts_one_suppression(self) -> None:
        assert match(rule(allow=["wip"]), view(wip=True, private=True), BOTS).key == "private"

    def test_unless_keeps_away_and_is_lifted_by_name(self) -> None:
        later = {"hashtag": ("later",)}
        told = match(rule(unless=later), view(hashtags=("later",)), BOTS)
        assert (told.hit, told.because) == (False, "suppressed: unless hashtag")
        assert match(rule(unless=later, allow=["hashtag"]), view(hashtags=("later",)), BOTS).hit is True

    def test_each_key_of_unless_is_enough(self) -> None:
        either = {"hashtag": ("later",), "topic": ("x",)}
        assert match(rule(unless=either), view(topic="x"), BOTS).hit is False

    def test_unless_about_files_leaves_it_open_until_they_are_known(self) -> None:
        docs = rule(unless={"only": ("doc/**",)})
        assert match(docs, view(), BOTS).hit is None
        assert match(docs, view(files=("doc/a",)), BOTS).hit is False
        assert match(docs, view(files=("a",)), BOTS).hit is True

    def test_a_lifted_unless_about_files_needs_none(self) -> None:
        assert match(rule(unless={"only": ("doc/**",)}, allow=["only"]), view(), BOTS).hit is True

    def test_files_are_needed_where_when_or_unless_speaks_of_them(self) -> None:
        assert needs_files(rule(when={"file": ("a",)}))
        assert needs_files(rule(unless={"only": ("a",)}))
        assert not needs_files(rule(when={"topic": ("a",)}))


class TestIndex:
    def found(self, repo: str, *rules: Rule) -> list[str]:
        return [one.id for _, taken in Index(rules=rules, roster=BOTS).slots(repo) for one in taken]

    def test_gives_rules_in_file_order_whatever_their_repo(self) -> None:
        rules = [
            rule("wide", when={"repo": ("openstack/**",)}),
            rule("exact", when={"repo": (REPO,)}),
            rule("any"),
            rule("again", when={"repo": ("x", REPO)}),
        ]
        assert self.found(REPO, *rules) == ["wide", "exact", "any", "again"]

    def test_a_rule_without_repo_looks_only_at_owned_ones(self) -> None:
        assert self.found(OTHER, rule("any"), rule("told", when={"repo": ("elsewhere/*",)})) == ["told"]

    def test_an_exception_makes_no_exact_word(self) -> None:
        assert self.found(REPO, rule("not", when={"repo": (REPO, "!" + REPO)})) == []

    def test_gives_the_same_the_second_time(self) -> None:
        index = Index(rules=(rule(),), roster=BOTS)
        assert index.slots(REPO) is index.slots(REPO)

    def test_made_up_repos_do_not_fill_the_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rules.routing.MOST_REPOS", 2)
        index = Index(rules=(rule(),), roster=BOTS)
        assert [len(index.slots(repo)) for repo in ("a", "b", "c", REPO, "d", REPO)] == [0, 0, 0, 1, 0, 1]
        assert len(index._tables) <= 2


class TestModes:
    @pytest.mark.parametrize(
        ("modes", "wins"),
        [
            (("act", "act", "act"), "act"),
            (("act", "observe", "act"), "observe"),
            (("observe", "off", "act"), "off"),
            (("act", None), "act"),
            ((None,), "act"),
        ],
    )
    def test_the_most_careful_wins(self, modes: tuple[str | None, ...], wins: str) -> None:
        assert strictest(*modes) == wins


class TestViews:
    def test_an_owner_is_seen_by_every_name(self) -> None:
        who = roster(person("zoe", gerrit="zed", emails=("Zoe@Example.com",)))
        assert view_of_event(event(), who).owner == ("zed", "zed@example.org", "zoe")
        assert view_of_facts(seen(owner_names=("zed",)), who).owner == ("zed", "zoe")
        assert view_of_facts(seen(owner_names=("zoe@example.com",)), who).owner == ("zoe@example.com", "zoe")

    def test_a_change_without_an_owner_is_nobodys(self) -> None:
        assert view_of_event(event(owner=None), BOTS).owner == ()

    def test_an_event_shows_no_files_and_without_patch_set_no_size(self) -> None:
        shown = view_of_event(event(owner=account("ann")), BOTS)
        assert (shown.files, shown.size) == (None, None)


def seen(**given: Any) -> Any:
    return facts(**given).change


# What a rule takes, told a second time: over all rules, key by key, straight from the texts.


def text_takes(text: str, value: str) -> bool:
    if text.startswith("re:"):
        return re.search(text[3:], value) is not None
    return by_segment(text.split("/"), value.split("/"))


def words_take(texts: tuple[str, ...], values: tuple[str, ...]) -> bool:
    wanted = [text for text in texts if not text.startswith("!")]
    refused = [text[1:] for text in texts if text.startswith("!")]
    good = not wanted or any(text_takes(text, value) for text in wanted for value in values)
    return good and not any(text_takes(text, value) for text in refused for value in values)


def key_takes(key: str, texts: tuple[str, ...], seen: View) -> bool:
    if key == "hashtag":
        return words_take(texts, seen.hashtags)
    if key == "owner":
        return words_take(texts, seen.owner)
    if key == "file":
        return any(words_take(texts, (path,)) for path in seen.files or ())
    if key == "only":
        return bool(seen.files) and all(words_take(texts, (path,)) for path in seen.files or ())
    if key == "size":
        return eval(f"{seen.size}{texts[0]}", {}) is True
    return words_take(texts, (getattr(seen, key),))


def naively(drafts: list[dict[str, Any]], seen: View, who: Roster) -> list[str]:
    taken = []
    for number, draft in enumerate(drafts):
        when, unless, allow = draft["when"], draft["unless"], draft["allow"]
        for_it = "repo" in when or any(seen.repo in team.repos for team in who.teams.values())
        matches = all(key_takes(key, texts, seen) for key, texts in when.items())
        bot = any(name in who.bots for name in seen.owner)
        barred = any(key_takes(key, texts, seen) for key, texts in unless.items() if key not in allow)
        barred |= (seen.wip and "wip" not in allow) or (seen.private and "private" not in allow)
        barred |= bot and "owner" not in allow
        if for_it and matches and not barred:
            taken.append(str(number))
    return taken


def texts(*given: str) -> st.SearchStrategy[tuple[str, ...]]:
    one = st.sampled_from([*given, *(f"!{text}" for text in given)])
    return st.lists(one, min_size=1, max_size=3).map(tuple)


KEYS: dict[str, st.SearchStrategy[tuple[str, ...]]] = {
    "repo": texts(REPO, OTHER, "openstack/*", "**", "**/tool", "re:^else", "*"),
    "branch": texts("master", "stable/*", "re:1$"),
    "topic": texts("", "t", "bp/**", "re:."),
    "hashtag": texts("urgent", "l*", "re:^u"),
    "subject": texts("Fix", "re:^(Fix|Add)", "*it"),
    "owner": texts("zed", "bot", "*@example.org", "re:e"),
    "size": st.sampled_from([(">=3",), ("<3",), ("==3",)]),
    "file": texts("doc/**", "**/*.py", "a.py", "re:^d", "*"),
    "only": texts("doc/**", "**/*.py", "a.py", "re:^d"),
}
conditions = st.fixed_dictionaries({}, optional=KEYS)
drafts = st.lists(
    st.fixed_dictionaries(
        {
            "when": conditions,
            "unless": st.fixed_dictionaries({}, optional={key: KEYS[key] for key in ("hashtag", "only", "topic")}),
            "allow": st.sets(st.sampled_from(["wip", "private", "owner", "hashtag", "only"])),
        }
    ),
    max_size=6,
)
views = st.builds(
    view,
    repo=st.sampled_from([REPO, OTHER, "openstack/cinder"]),
    branch=st.sampled_from(["master", "stable/1"]),
    topic=st.sampled_from(["", "t", "bp/a/b"]),
    hashtags=st.lists(st.sampled_from(["urgent", "later"]), max_size=2).map(tuple),
    subject=st.sampled_from(["Fix", "Add it", ""]),
    owner=st.sampled_from([("zed",), ("bot",), ("ann", "ann@example.org"), ()]),
    wip=st.booleans(),
    private=st.booleans(),
    size=st.sampled_from([0, 3, 9]),
    files=st.lists(st.sampled_from(["doc/a", "a.py", "doc/x.py", "c"]), max_size=3).map(tuple),
)


def as_written(condition: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The naive one compares as Python does; the language writes `=`."""
    return {key: tuple(text.replace("==", "=") for text in texts) for key, texts in condition.items()}


@given(drafts, views)
@example([{"when": {"repo": (REPO, REPO)}, "unless": {}, "allow": set()}], view(files=()))
def test_index_and_match_take_what_a_naive_evaluator_takes(given: list[dict[str, Any]], seen: View) -> None:
    rules = tuple(
        rule(str(number), when=as_written(draft["when"]), unless=draft["unless"], allow=draft["allow"])
        for number, draft in enumerate(given)
    )
    slots = Index(rules=rules, roster=BOTS).slots(seen.repo)
    taken = [one.id for _, candidates in slots for one in candidates if match(one, seen, BOTS).hit]
    assert taken == naively(given, seen, BOTS)


IN_CONFIDENCE = roster(bots=BOTS.bots, duties={"code": Duty(name="code", czars=("ann", "cyd"), private=True)})


@given(drafts.filter(bool), st.lists(st.sampled_from(["one", "other"]), min_size=6, max_size=6), views)
def test_in_each_slot_asks_the_first_rule_that_a_naive_evaluator_takes(
    given: list[dict[str, Any]], slots: list[str], seen: View
) -> None:
    rules = tuple(
        rule(str(n), slot=slots[n], when=as_written(draft["when"]), unless=draft["unless"], allow=draft["allow"])
        for n, draft in enumerate(given)
    )
    shown = {name: getattr(seen, name) for name in View.__dataclass_fields__ if name != "owner"}
    found = facts(**shown, owner_names=seen.owner)
    named = {name: shown[name] for name in ("repo", "branch", "topic", "hashtags", "subject", "wip", "private")}
    owner = account(seen.owner[0]) if seen.owner else None
    decided = World(*rules, who=IN_CONFIDENCE).decide(event(**named, owner=owner), found)
    winners: dict[str, str] = {}
    in_confidence = not seen.private or seen.repo in IN_CONFIDENCE.owners  # no team, no private duty
    for number in naively(given, seen, IN_CONFIDENCE) if in_confidence else ():
        winners.setdefault(slots[int(number)], number)
    assert {one.slot: one.rule for one in decided.verdicts} == winners
    before = {str(n) for n, slot in enumerate(slots[: len(given)]) if n < int(winners.get(slot, 99))}
    assert {one.rule for one in decided.passed} <= before


@given(conditions, conditions, views)
def test_what_is_decided_without_files_stays_so_with_them(
    when: dict[str, tuple[str, ...]], unless: dict[str, tuple[str, ...]], seen: View
) -> None:
    one = rule(when=as_written(when), unless=as_written(unless), ask=asks())
    unseen = View(**{name: getattr(seen, name) for name in View.__dataclass_fields__} | {"files": None, "size": None})
    early = match(one, unseen, BOTS).hit
    assert early is None or early == match(one, seen, BOTS).hit

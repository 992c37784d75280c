"""Words, globs, expressions, exceptions and numbers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.patterns import NAMED_BY_PATH, BadPattern, matcher, number, path_names, pattern
from tests.rules.makers import by_segment

segments = st.sampled_from(["a", "b", "ab", "a.b", ""])
globs = st.lists(segments | st.sampled_from(["*", "**", "a*", "?", "*b", "?b"]), min_size=1, max_size=5).map("/".join)
paths = st.lists(segments, min_size=1, max_size=5).map("/".join)


class TestGlobs:
    @pytest.mark.parametrize(
        ("glob", "value", "takes"),
        [
            ("openstack/*", "openstack/nova", True),
            ("openstack/*", "openstack/nova/deep", False),
            ("openstack/*", "xopenstack/nova", False),
            ("stable/*", "stable/2026.1", True),
            ("doc/**", "doc/a/b.rst", True),
            ("doc/**", "doc", True),
            ("doc/**", "docs/a", False),
            ("**/*.py", "a.py", True),
            ("**/*.py", "a/b/c.py", True),
            ("**/*.py", "a/b/c.pyc", False),
            ("a/**/z", "a/z", True),
            ("a/**/z", "a/b/c/z", True),
            ("a/**/z", "abz", False),
            ("**/**/z", "z", True),
            ("a/**/**", "a", True),
            ("a**z", "a/b/z", True),
            ("**", "", True),
            ("v?", "v1", True),
            ("v?", "v", False),
            ("v?", "v/", False),
            ("a+b*", "a+bc", True),
            ("a+b*", "aabc", False),
            ("ä*", "äöü", True),
            ("[a]*", "a", False),
            ("a*", "a\n", True),
            ("*a", "a\n", False),
        ],
    )
    def test_stay_within_a_segment_unless_doubled(self, glob: str, value: str, *, takes: bool) -> None:
        assert matcher(glob)(value) is takes

    @given(globs, paths)
    def test_take_what_they_take_segment_by_segment(self, glob: str, path: str) -> None:
        assert matcher(glob)(path) is by_segment(glob.split("/"), path.split("/"))

    @given(
        st.text(alphabet=st.characters(exclude_characters="*?", exclude_categories=["Cs"])).filter(
            lambda text: not text.startswith("re:")
        )
    )
    def test_other_signs_stand_for_themselves(self, text: str) -> None:
        assert matcher(text + "*")(text)


class TestWords:
    def test_match_the_whole_value(self) -> None:
        assert matcher("master")("master")
        assert not matcher("master")("master2")

    def test_dots_are_no_signs(self) -> None:
        assert not matcher("a.b")("axb")


class TestExpressions:
    def test_search_anywhere(self) -> None:
        assert matcher("re:sec(urity)?")("a security fix")
        assert not matcher("re:^sec")("a security fix")

    def test_may_be_negated(self) -> None:
        assert not pattern(["!re:^WIP"])("WIP: it")
        assert pattern(["!re:^WIP"])("it")

    def test_take_time_in_proportion_to_the_value(self) -> None:
        began = time.process_time()
        assert not matcher("re:^(a+)+$")("a" * 20_000 + "b")
        assert time.process_time() - began < 1

    @pytest.mark.parametrize(
        ("bad", "why"),
        [
            ("re:(", "missing )"),
            ("re:[z-a]", "invalid character class range"),
            ("re:(?=a)b", "invalid perl operator"),
            (r"re:(a)\1", "invalid escape sequence"),
            ("!re:*", "no argument for repetition operator"),
            ("re:a{1001}", "repetition"),
        ],
    )
    def test_are_refused_with_the_reason(self, bad: str, why: str) -> None:
        with pytest.raises(BadPattern) as refused:
            pattern(["good", bad])
        assert why in str(refused.value)
        assert repr(bad.removeprefix("!").removeprefix("re:")) in str(refused.value)

    def test_are_refused_in_silence(self, capfd: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(BadPattern):
            matcher("re:(")
        assert capfd.readouterr() == ("", "")


class TestSeveral:
    def test_values_of_a_list_are_alternatives(self) -> None:
        assert [pattern(["a", "b*"])(value) for value in ("a", "bb", "c")] == [True, True, False]

    def test_an_exception_stands_above_the_alternatives(self) -> None:
        passes = pattern(["openstack/*", "!openstack/nova"])
        assert [passes(repo) for repo in ("openstack/cinder", "openstack/nova", "x/y")] == [True, False, False]

    def test_exceptions_alone_let_all_others_pass(self) -> None:
        assert [pattern(["!a", "!b"])(value) for value in "abc"] == [False, False, True]

    def test_a_set_of_words_needs_an_alternative_and_no_exception_among_them(self) -> None:
        passes = pattern(["urgent", "!later"])
        assert passes.some(["x", "urgent"])
        assert not passes.some(["urgent", "later"])
        assert not passes.some([])
        assert pattern(["!later"]).some([])

    def test_a_set_of_words_may_be_read_only_once(self) -> None:
        assert not pattern(["a", "!b"]).some(iter(["b", "a"]))

    def test_only_exact_words_are_literals(self) -> None:
        assert pattern(["a", "b"]).literals == ("a", "b")
        assert pattern(["a", "b*"]).literals is None
        assert pattern(["a", "re:b"]).literals is None
        assert pattern(["a", "!b"]).literals is None


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "passing"),
        [
            (">=3", [3, 4, 5]),
            (">3", [4, 5]),
            ("<3", [1, 2]),
            ("<=3", [1, 2, 3]),
            ("=3", [3]),
            ("3", [3]),
            (">= 3", [3, 4, 5]),
        ],
    )
    def test_are_compared(self, text: str, passing: list[int]) -> None:
        assert [value for value in range(1, 6) if number(text)(value)] == passing

    @pytest.mark.parametrize("bad", ["", "many", ">=", "=>3", "-3", "3.5", "²", "1e3"])
    def test_are_refused_with_an_example_of_a_good_one(self, bad: str) -> None:
        with pytest.raises(BadPattern, match=r"write e\.g\. '>=3'"):
            number(bad)


class TestNamesInPaths:
    @pytest.mark.parametrize(
        ("text", "path", "name"),
        [
            ("deliverables/**/{deliverable}.yaml", "deliverables/wallaby/nova.yaml", "nova"),
            ("deliverables/**/{deliverable}.yaml", "deliverables/nova.yaml", "nova"),
            ("deliverables/**/{deliverable}.yaml", "deliverables/_independent/a/b/oslo.db.yaml", "oslo.db"),
            ("deliverables/**/{deliverable}.yaml", "deliverables/wallaby/nova.yml", None),
            ("deliverables/**/{deliverable}.yaml", "deliverables/wallaby/.yaml", None),
            ("deliverables/**/{deliverable}.yaml", "x/deliverables/wallaby/nova.yaml", None),
            ("deliverables/*/{deliverable}.yaml", "deliverables/nova.yaml", None),
            ("deliverables/*/{deliverable}.yaml", "deliverables/a/b/nova.yaml", None),
            ("teams/{team}/**", "teams/nova/a/b.rst", "nova"),
            ("teams/{team}/**", "teams/nova", "nova"),
            ("teams/{team}/**", "teams", None),
            ("{team}", "nova", "nova"),
            ("{team}", "nova/x", None),
            ("acls/{repo}.config", "acls/openstack/nova.config", "openstack/nova"),
            ("acls/{repo}.config", "acls/nova.config", "nova"),
            ("acls/{repo}.config", "acls/openstack/novaXconfig", None),
            ("{repo}/**/z", "openstack/nova/z", "openstack/nova"),
            ("a+{team}?", "a+nova1", "nova"),
            ("a+{team}?", "aanova1", None),
            ("ä/{team}.☂", "ä/növa.☂", "növa"),
            ("{{team}}", "{nova}", "nova"),
        ],
    )
    def test_stand_where_the_place_is(self, text: str, path: str, name: str | None) -> None:
        assert path_names(text).names([path]) == ((name,) if name else ())

    def test_are_told_once_each_in_order(self) -> None:
        found = path_names("d/{deliverable}/*")
        assert found.names(["d/nova/x", "README", "d/glance/x", "d/nova/y"]) == ("nova", "glance")
        assert found.names([]) == ()

    @pytest.mark.parametrize("kind", NAMED_BY_PATH)
    def test_are_of_one_kind(self, kind: str) -> None:
        found = path_names(f"x/{{{kind}}}")
        assert (found.kind, found.text) == (kind, f"x/{{{kind}}}")

    @pytest.mark.parametrize(
        "bad", ["", "a/**", "{}", "{person}/x", "{team}/{repo}", "{team}/{team}", "{Team}", "{team", "{ team }"]
    )
    def test_need_exactly_one_place_of_a_known_kind(self, bad: str) -> None:
        with pytest.raises(BadPattern, match=r"needs one of \{deliverable\}, \{team\}, \{repo\}, once"):
            path_names(bad)

    def test_are_found_in_time_in_proportion_to_the_path(self) -> None:
        began = time.process_time()
        assert path_names("**/a*a*a*a*{repo}*b/**/c").names(["/".join(["a" * 50] * 200)]) == ()
        assert time.process_time() - began < 1

    words = st.text(st.characters(exclude_characters="/{}*?", exclude_categories=["Cs"]), min_size=1, max_size=8)

    @given(
        kind=st.sampled_from(["deliverable", "team"]),
        before=st.lists(words, max_size=3),
        name=words,
        end=st.sampled_from(["", ".yaml", ".y+l", "-x"]),
    )
    def test_are_found_in_any_path_made_with_them(self, kind: str, before: list[str], name: str, end: str) -> None:
        text = "/".join([*before, f"{{{kind}}}{end}"])
        assert path_names(text).names(["/".join([*before, name + end])]) == (name,)
        assert path_names(f"**/{{{kind}}}{end}").names(["/".join([*before, name + end])]) == (name,)

    @given(
        before=globs,
        after=st.sampled_from(["", "/**", "/*", "/a", "?", "*", ".b", "/**/b"]),
        place=st.sampled_from(["{team}", "{repo}"]),
        path=paths,
    )
    def test_are_in_paths_that_the_glob_takes(self, before: str, after: str, place: str, path: str) -> None:
        names = path_names(f"{before}/{place}{after}").names([path])
        for name in names:
            assert name
            assert name in path
            assert "/" not in name or place == "{repo}"
            assert matcher(f"{before}/**{after}" if place == "{repo}" else f"{before}/*{after}")(path)
        if not names and place == "{team}" and not after.startswith("*"):  # else `?**` would say something else
            assert not matcher(f"{before}/?*{after}")(path)

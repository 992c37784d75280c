"""Texts before and after a change become a request: never an exception, never a silent pass, however it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from integrations.releases.reading import FileText, read_request, read_texts, request_of
from tests.integrations.releases.makers import NOVA, ONE, THREE, TWO, Plain, asked, release, text, tuples

SAMPLE = Path(__file__).parents[2] / "samples" / "releases" / "odd.jsonl"
ODD = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("recorded", ODD, ids=[one["commit"][:9] for one in ODD])
def test_odd_requests_of_history_are_read_as_somebody_else_read_them(recorded: dict[str, Any]) -> None:
    files = [FileText(one["path"], one["before"], one["after"]) for one in recorded["deliverables"]]
    request = read_request(files)
    assert request.refusals == ()
    assert [(one.file, *tuples([one])[0], one.provenance, one.team) for one in request.wanted] == [
        (
            *(one[key] for key in ("file", "version", "repo", "sha", "kind", "provenance")),
            one["team"] if one["team_from"] == "file" else "",
        )
        for one in recorded["requests"]
    ]
    keys = ("file", "branch", "location", "kind")
    assert [(one.file, one.branch, one.location, one.kind) for one in request.branches] == [
        tuple(one[key] for key in keys) for one in recorded["branches"]
    ]


def test_bytes_are_read_as_text_is() -> None:
    after = text(release("1.0.0"))
    assert asked(None, after.encode()) == asked(None, after)


def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_still_read() -> None:
    good = FileText("deliverables/zed/glance.yaml", None, text(release("1.0.0", repo="openstack/glance")))
    request = read_request([FileText(NOVA, text(), b"\xff"), good])
    assert [(one.file, one.line) for one in request.refusals] == [(NOVA, 1)]
    assert [one.repo for one in request.releases] == ["openstack/glance"]


@pytest.mark.parametrize("before", [b"\xff", "a: [", "", "- a\n", "a: 1\na: 2\n", "x" * 1_000_001])
def test_what_was_broken_before_does_not_block_its_mending(before: str | bytes) -> None:
    request = asked(before, text(release("1.0.0")), tagged=lambda *_: TWO)
    assert request.refusals == ()
    assert [one.provenance for one in request.wanted] == ["unknown"]
    assert [one.because for one in request.notes] == [
        "could not be read before this change: all its releases count as new"
    ]


def test_a_short_hash_is_mended() -> None:
    request = asked(text(release("1.0.0", ONE[:7])), text(release("1.0.0")))
    assert request.refusals == ()
    assert [one.sha for one in request.releases] == [ONE]


def test_deleting_a_broken_file_asks_for_nothing() -> None:
    assert asked(b"\xff", None) == asked(None, None)


def test_read_texts_can_be_kept_and_asked_again() -> None:
    read = read_texts([FileText(NOVA, None, text(release("1.0.0")))])
    assert request_of(read) == request_of(read) == asked(None, text(release("1.0.0")))


ANYTHING = st.one_of(st.none(), st.binary(max_size=100), st.text(max_size=100))


@given(ANYTHING, ANYTHING)
def test_no_bytes_raise(before: str | bytes | None, after: str | bytes | None) -> None:
    request = asked(before, after)
    assert after is None or request.refusals or not request.wanted or request.releases


SCRAPS = st.recursive(
    st.sampled_from(
        ["", "~", "1.0.0", "2026.10", "openstack/nova", ONE, ONE[:9], ONE.upper(), "x y", "\u202e", "nova"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["releases", "version", "projects", "repo", "hash", "branches", "name", "location", "team"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(SCRAPS, SCRAPS, st.sampled_from([None, "", ONE, TWO]))
def test_no_shape_raises_and_what_is_wanted_is_whole(before: object, after: object, tag: str | None) -> None:
    texts = (yaml.dump(one, Dumper=Plain, allow_unicode=True) for one in (before, after))
    request = asked(*texts, tagged=lambda *_: tag)
    for one in request.wanted:
        assert len(one.release.sha) == 40
        assert one.release.version
        assert one.release.repo


LISTED = st.lists(
    st.tuples(
        st.sampled_from(["1.0.0", "2.0", "2026.10", "zed-eol", "1.0.0.0rc1"]),
        st.dictionaries(
            st.sampled_from(["openstack/nova", "openstack/glance"]), st.sampled_from([ONE, TWO, THREE]), min_size=1
        ),
    ),
    max_size=4,
    unique_by=lambda one: one[0],
)


def as_value(listed: list[tuple[str, dict[str, str]]]) -> dict[str, object]:
    releases = [
        {"version": version, "projects": [{"repo": repo, "hash": sha} for repo, sha in projects.items()]}
        for version, projects in listed
    ]
    return {"team": "nova", "type": "service", "releases": releases}


def other_order(value: object) -> object:
    if isinstance(value, dict):
        return {key: other_order(one) for key, one in reversed(value.items())}
    return [other_order(one) for one in value] if isinstance(value, list) else value


@given(LISTED, LISTED, st.sampled_from([True, False, None]), st.sampled_from([None, '"', "'"]), st.booleans())
def test_the_way_a_file_is_written_changes_nothing(
    before: list[tuple[str, dict[str, str]]],
    after: list[tuple[str, dict[str, str]]],
    flow: bool | None,
    style: str | None,
    crlf: bool,
) -> None:
    def written(value: object) -> str:
        return yaml.dump(value, Dumper=Plain, default_flow_style=flow, default_style=style, sort_keys=False)

    straight = asked(*(yaml.dump(as_value(one), Dumper=Plain) for one in (before, after)))
    other = f"# a comment\n\n---\n{written(other_order(as_value(after)))}# another\n"
    request = asked(written(as_value(before)), other.replace("\n", "\r\n") if crlf else other)
    assert tuples(request.wanted) == tuples(straight.wanted)
    assert request.refusals == straight.refusals == ()
    assert asked(written(as_value(after)), other).wanted == ()

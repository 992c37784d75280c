"""The values of a release file, and everything that can be wrong with them."""

from __future__ import annotations

import pytest

from integrations.releases.shapes import reading, wrong_sha
from rules.signoff.request_diff import ReleaseFile
from rules.signoff.requests import Release
from tests.integrations.releases.makers import NOVA, ONE, TWO, asked, refused, release, text

ODD = f"""\
# no leading ---
release-type: python
releases:
  - projects:
      - hash: {ONE}  # a comment
        repo: openstack/nova
    version: '2015.1'
  - projects:
    - {{repo: openstack/nova, hash: {TWO}}}
    diff-start: 1.0.0
    version: 2.29
branches:
  - name: stable/zed
    location: 2.29
  - location: {{openstack/nova: {TWO}}}
    name: feature/x"""


def test_odd_shapes_of_history_are_read() -> None:
    found = reading(NOVA, ODD)
    assert found.faults == ()
    assert [one.release for one in found.file.listed()] == [
        Release("openstack/nova", "2015.1", ONE),
        Release("openstack/nova", "2.29", TWO),
    ]
    assert [one.line for one in found.file.listed()] == [5, 9]
    assert found.file.branches == (("stable/zed", "2.29"), ("feature/x", {"openstack/nova": TWO}))
    assert found.file.team == ""


@pytest.mark.parametrize("more", ["", "releases:\n", "releases: []\n", "releases: ~\nbranches:\n"])
def test_a_file_without_releases_asks_for_nothing(more: str) -> None:
    assert reading(NOVA, f"team: nova\n{more}").file == ReleaseFile(team="nova")


def test_the_series_status_is_no_release_file() -> None:
    assert reading("deliverables/series_status.yaml", "- name: zed\n").faults == ()
    assert reading(NOVA, "- name: zed\n").faults != ()
    assert list(reading("deliverables/series_status.yaml", text(release("1.0.0"))).file.listed()), "no way around"


@pytest.mark.parametrize(
    ("sha", "because"),
    [
        (ONE[:39], "has 39 hex digits: write all 40"),
        (ONE + "0", "has 41 hex digits"),
        (ONE.upper(), "is in upper case: write it in lower case"),
        ("master", "is master: write the 40 hex digits"),
        ("g" * 40, "write the 40 hex digits"),
    ],
)
def test_a_wrong_hash_is_refused_with_what_to_do(sha: str, because: str) -> None:
    assert because in wrong_sha(sha)
    line, told = refused(text(release("1.0.0", sha)))
    assert line == 7
    assert told.startswith("the hash of openstack/nova")
    assert because in told


@pytest.mark.parametrize("sha", ["0123456701234567012345670123456701234567", "1234567890" * 4, "12345678e1" * 4])
def test_a_hash_that_looks_like_a_number_is_a_hash(sha: str) -> None:
    assert [one.sha for one in asked(None, text(release("1.0.0", sha))).releases] == [sha]


@pytest.mark.parametrize(
    "version", ["1..0", "a b", "-x", "1.0^", "1:0", "1.lock", "a/", "/a", "1~", "\u0661.0", '"a\\u202eb"']
)
def test_a_version_that_cannot_be_a_tag_is_refused(version: str) -> None:
    line, because = refused(text(release(version)))
    assert line == 4
    assert "cannot be the name of a tag" in because
    assert because.isascii()


@pytest.mark.parametrize("repo", ["../nova", "/nova", "openstack//nova", "-x", "a b", "nova.git", "nova/", '"a\\0"'])
def test_a_repo_that_cannot_be_a_project_is_refused(repo: str) -> None:
    line, because = refused(text(release("1.0.0", repo=repo)))
    assert line == 6
    assert "cannot be the name of a repo" in because


@pytest.mark.parametrize(
    ("body", "line", "because"),
    [
        ("releases: 1.0.0\n", 1, "releases is not a list"),
        ("releases: {version: 1.0.0}\n", 1, "releases is not a list"),
        ("team: nova\nreleases:\n  - 1.0.0\n", 3, "a release is not a mapping"),
        ("releases:\n  -\n", 2, "a release is not a mapping"),
        ("releases:\n  - projects: []\n", 2, "a release has no version"),
        ("releases:\n  - version: 1.0.0\n    projects: {}\n", 3, "projects of 1.0.0 is not a list"),
        ("releases:\n  - version: 1.0.0\n    projects:\n      - nova\n", 4, "a project of 1.0.0 is not a mapping"),
        (f"releases:\n  - version: 1.0.0\n    projects:\n      - hash: {ONE}\n", 4, "a project of 1.0.0 has no repo"),
        ("releases:\n  - version: 1.0.0\n    projects:\n      - repo: a\n", 4, "a project of 1.0.0 has no hash"),
        ("releases:\n  - version: 1.0.0\n    projects:\n      - repo: a\n        hash: []\n", 5, "has no hash"),
        ("team: [nova]\n", 1, "team is not a name"),
        ('team: "no\\u200bva"\n', 1, "letters that cannot be seen"),
        ("branches:\n  - stable/zed\n", 2, "a branch is not a mapping"),
        ("branches:\n  - name: stable/zed\n", 2, "has no location"),
        ("branches:\n  - name: a..b\n    location: 1.0.0\n", 2, "cannot be the name of a branch"),
        ("branches:\n  - name: a\n    location: {b: [c]}\n", 3, "is not at a hash"),
        ("nothing\n", 1, "is not a mapping with the key releases"),
    ],
)
def test_a_wrong_shape_is_refused_at_its_line(body: str, line: int, because: str) -> None:
    found = refused(body)
    assert because in found[1]
    assert found[0] == line


def test_a_version_listed_twice_is_refused() -> None:
    line, because = refused(text(release("1.0.0"), release("1.0.0", TWO)))
    assert (line, because) == (8, "the version 1.0.0 is listed again (first at line 4)")


def test_a_repo_with_two_hashes_under_one_version_is_refused() -> None:
    twice = f"{release('1.0.0')}      - repo: openstack/nova\n        hash: {TWO}\n"
    assert refused(text(twice)) == (9, "openstack/nova has two hashes for 1.0.0 (first at line 7)")


def test_old_faults_that_a_change_leaves_alone_refuse_nothing() -> None:
    before = text(release("0.9", ONE[:7]), release("1.0.0"), release("1.0.0"), release("1.1.0"))
    after = before + release("1.2.0", TWO)
    request = asked(before, after)
    assert request.refusals == ()
    assert [one.version for one in request.releases] == ["1.2.0"]
    assert sorted(one.line for one in request.notes) == [7, 12]


def test_an_old_fault_in_the_last_release_refuses_since_the_tagger_acts_on_it() -> None:
    before = text(release("1.0.0", ONE[:7]))
    (problem,) = asked(before, before + "type: library\n").refusals
    assert "has 7 hex digits" in problem.because


def test_a_duplicate_that_changes_is_refused() -> None:
    before = text(release("1.0.0"), release("1.0.0"))
    assert "listed again" in refused(text(release("1.0.0"), release("1.0.0", TWO)), before)[1]


@pytest.mark.parametrize(
    ("version", "read"), [("2026.10", "2026.1"), ("1e5", ""), ("1.0e+5", "100000.0"), ("1_0", "10")]
)
def test_a_version_that_others_read_as_another_number_is_noted(version: str, read: str) -> None:
    request = asked(None, text(release(version)))
    assert [one.version for one in request.releases] == [version]
    assert request.refusals == ()
    assert [one.because.endswith(f" as {read}") for one in request.notes] == ([True] if read else [])
    assert asked(None, text(release(f"'{version}'"))).notes == ()

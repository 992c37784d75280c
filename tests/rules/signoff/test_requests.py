"""Release requests as values."""

from __future__ import annotations

from rules.signoff.requests import Problem, Release, Request, Wanted

SHA = "a" * 40


def test_a_release_is_told_as_people_write_it_in_a_command() -> None:
    assert str(Release("openstack/nova", "1.0.0", SHA)) == f"openstack/nova 1.0.0 {SHA}"


def test_a_release_that_two_files_ask_for_is_signed_once() -> None:
    one, other = (Release("openstack/nova", version, SHA) for version in ("1.0.0", "2.0.0"))
    wanted = [Wanted(release=release, file=file, kind="new-version") for file in "ab" for release in (one, other)]
    assert Request(wanted=tuple(wanted)).releases == (one, other)


def test_a_problem_names_its_line_where_it_has_one() -> None:
    assert str(Problem(file="a.yaml", line=3, because="is odd")) == "a.yaml:3: is odd"
    assert str(Problem(file="a.yaml", line=0, because="is odd")) == "a.yaml: is odd"

"""What changed between two states of release files, and what the tagger would do about it."""

from __future__ import annotations

import pytest

from rules.signoff.request_diff import Listed, ReleaseFile, Tagged, Touched, Version, compared, deliverable_of
from rules.signoff.requests import HIDDEN, Branch, Release, Request

ONE, TWO, THREE = (digit * 40 for digit in "abc")
PATH, OTHER = "deliverables/zed/nova.yaml", "deliverables/yoga/nova.yaml"


def file(*listed: str, team: str = "nova", branches: dict[str, str] | None = None) -> ReleaseFile:
    """Each listed release as "version repo sha"; those of one version stand together."""
    versions: dict[str, list[Listed]] = {}
    for line, words in enumerate(listed, 1):
        version, repo, sha = words.split()
        versions.setdefault(version, []).append(Listed(Release(repo, version, sha), line))
    found = (Version(version=one, line=those[0].line, listed=tuple(those)) for one, those in versions.items())
    return ReleaseFile(team=team, versions=tuple(found), branches=tuple((branches or {}).items()))


def asked(before: ReleaseFile | None, after: ReleaseFile | None, tagged: Tagged | None = None) -> Request:
    return compared([Touched(path=PATH, before=before, after=after)], tagged)


def kinds(before: ReleaseFile | None, after: ReleaseFile) -> list[tuple[str, str]]:
    return [(one.release.version, one.kind) for one in asked(before, after).wanted]


OLD = f"1.0 nova {ONE}"


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        ([OLD, f"1.1 nova {TWO}"], "new-version"),
        ([f"1.0 nova {TWO}"], "hash-changed"),
        ([OLD, f"1.0 glance {TWO}"], "repo-added"),
        ([OLD, f"1.0 glance {ONE}"], "repo-added"),
        ([f"1.0 glance {ONE}"], "repo-renamed"),
        ([f"2.0 nova {ONE}"], "version-renamed"),
        ([OLD, f"2.0 nova {ONE}"], "new-version"),
    ],
)
def test_what_became_of_a_release_is_told(after: list[str], kind: str) -> None:
    assert [one for _, one in kinds(file(OLD), file(*after))] == [kind]


def test_all_of_a_new_file_is_new() -> None:
    assert kinds(None, file(OLD, f"1.1 nova {TWO}")) == [("1.0", "new-version"), ("1.1", "new-version")]


def test_leaving_out_and_deleting_ask_for_nothing() -> None:
    assert kinds(file(OLD, f"1.1 nova {TWO}"), file(OLD)) == []
    assert asked(file(OLD), None) == Request()


def test_what_is_wanted_says_where_it_stands_and_whose_it_is() -> None:
    (one,) = asked(file(team="nova"), file(OLD, team="placement")).wanted
    assert (one.file, one.line, one.deliverable) == (PATH, 1, "nova")
    assert (one.team, one.team_before, one.provenance) == ("placement", "nova", "fresh")


@pytest.mark.parametrize(("stays", "provenance"), [(True, "copied"), (False, "moved")])
def test_a_release_from_another_file_is_known(stays: bool, provenance: str) -> None:
    there = Touched(path=OTHER, before=file(OLD, team="glance"), after=file(OLD) if stays else None)
    (one,) = compared([there, Touched(path=PATH, before=None, after=file(OLD))]).wanted
    assert (one.provenance, one.origin, one.team_before) == (provenance, OTHER, "glance")


def test_a_file_that_moves_keeps_its_team_also_for_what_is_new_in_it() -> None:
    there = Touched(path=OTHER, before=file(OLD, team="nova"), after=None)
    wanted = compared([there, Touched(path=PATH, before=None, after=file(OLD, f"1.1 nova {TWO}", team="mine"))]).wanted
    assert [(one.provenance, one.team, one.team_before) for one in wanted] == [
        ("moved", "mine", "nova"),
        ("fresh", "mine", "nova"),
    ]


def test_branches_are_new_or_elsewhere_than_before() -> None:
    before = file(branches={"stable/a": "1.0", "stable/b": "1.0", "stable/c": "1.0"})
    after = file(branches={"stable/a": "1.0", "stable/b": "1.1", "stable/d": "1.1"})
    assert asked(before, after).branches == (
        Branch(file=PATH, branch="stable/b", location="1.1", kind="location-changed", team="nova"),
        Branch(file=PATH, branch="stable/d", location="1.1", kind="new-branch", team="nova"),
    )


@pytest.mark.parametrize("tag", ["", None])
def test_a_tag_that_the_diff_does_not_show_must_be_signed_too(tag: str | None) -> None:
    """The tagger takes the last release of each touched file, whatever was changed in it."""
    request = asked(file(OLD, team="glance"), file(OLD, team="nova"), lambda *_: tag)
    (one,) = request.wanted
    assert (one.kind, one.release, one.team, one.team_before) == (HIDDEN, Release("nova", "1.0", ONE), "nova", "glance")
    assert [note.because for note in request.notes] == [
        "the tag 1.0 of nova is not in this change, but the tagger would make it"
    ]
    assert request.refusals == ()


def test_only_the_last_release_can_be_hidden() -> None:
    both = file(f"0.9 nova {TWO}", OLD)
    assert [one.release.version for one in asked(both, both, lambda *_: "").wanted] == ["1.0"]


def test_a_tag_that_is_there_asks_for_nothing() -> None:
    assert asked(file(OLD), file(OLD), lambda *_: ONE) == Request()
    assert asked(file(OLD), file(OLD), lambda *_: ONE.upper()) == Request()


def test_an_old_tag_on_another_commit_is_noted() -> None:
    request = asked(file(OLD), file(OLD), lambda *_: TWO)
    assert (request.wanted, request.refusals) == ((), ())
    assert [note.because for note in request.notes] == [f"the tag 1.0 of nova is on {TWO}, not on {ONE}"]


def test_a_new_tag_that_is_on_another_commit_already_is_refused() -> None:
    (refusal,) = asked(None, file(OLD), lambda *_: TWO).refusals
    assert (refusal.file, refusal.line) == (PATH, 1)
    assert refusal.because.startswith(f"the tag 1.0 of nova is there already, on {TWO}")


def test_history_that_moves_is_not_refused_for_its_tags() -> None:
    there = Touched(path=OTHER, before=file(OLD), after=None)
    here = Touched(path=PATH, before=None, after=file(OLD))
    assert compared([there, here], lambda *_: TWO).refusals == ()


def test_a_new_release_that_does_not_stand_last_is_noted() -> None:
    after = file(OLD, f"1.1 nova {TWO}")
    (note,) = asked(file(f"1.1 nova {TWO}"), after).notes
    assert note.because == "the tag 1.0 of nova is not in the file's last release: the tagger would not make it"
    tags = {"1.0": ONE, "1.1": TWO}
    assert asked(file(f"1.1 nova {TWO}"), after, lambda _, version: tags[version]).notes == ()


def test_without_tags_only_what_the_files_prove_is_noted() -> None:
    both = file(OLD, f"1.1 nova {TWO}")
    assert asked(both, both).notes == ()
    (note,) = asked(both, file(OLD)).notes
    assert note.because == "the tag 1.0 of nova is the file's last now: the tagger would make it if it is not there"


def test_each_tag_is_asked_for_once() -> None:
    asked_for: list[tuple[str, str]] = []

    def tagged(repo: str, version: str) -> str:
        asked_for.append((repo, version))
        return ""

    files = [Touched(path=path, before=None, after=file(OLD, f"1.1 nova {THREE}")) for path in (PATH, OTHER)]
    compared(files, tagged)
    assert sorted(asked_for) == [("nova", "1.0"), ("nova", "1.1")]


def test_the_deliverable_is_named_like_the_file() -> None:
    assert deliverable_of("deliverables/zed/oslo.config.yml") == "oslo.config"

"""A file as of an instant, from repositories made for the purpose."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.governance.history import GOVERNANCE_PATH, LIAISONS_PATH, NO_VERSION, History
from integrations.governance.shapes import Unreadable
from tests.integrations.governance.conftest import Mainline

FORMER = "reference/programs.yaml"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_version_counts_from_the_second_it_landed(mainline: Mainline) -> None:
    first = mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    second = mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "two\n"})
    history = History(mainline.path)
    assert history.at(at("2020-01-02T09:59:59.999Z")) == ("one\n", first)
    assert history.at(at("2020-01-02T10:00:00Z")) == ("two\n", second)
    assert history.at(at("2020-01-02T12:00:00+02:00")) == ("two\n", second)


def test_of_several_in_one_second_the_last_counts(mainline: Mainline) -> None:
    for text in ("one\n", "two\n", "three\n"):
        mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: text})
    assert History(mainline.path).at(at("2020-01-01T10:00:00Z"))[0] == "three\n"


def test_before_the_first_version_there_is_nothing(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    assert History(mainline.path).at(at("2020-01-01T09:00:00Z")) == ("", "")
    assert History(mainline.path).version(at("2020-01-01T09:00:00Z")) == NO_VERSION


def test_a_change_counts_from_its_merge_not_from_its_writing(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    mainline.git("switch", "--quiet", "-c", "side", at=mainline.path)
    mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "two\n"})
    mainline.git("switch", "--quiet", "main", at=mainline.path)
    merged = mainline.merge("2020-01-05T10:00:00Z", "side")
    history = History(mainline.path)
    assert history.at(at("2020-01-03T10:00:00Z"))[0] == "one\n"
    assert history.at(at("2020-01-05T10:00:00Z")) == ("two\n", merged)


def test_a_commit_dated_before_its_parent_landed_no_earlier_than_that(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    mainline.land("2020-01-05T10:00:00Z", {"README": "another file\n"})
    mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "two\n"})
    history = History(mainline.path)
    assert history.at(at("2020-01-05T09:59:59Z"))[0] == "one\n"
    assert history.at(at("2020-01-05T10:00:00Z"))[0] == "two\n"


def test_the_file_is_found_under_its_former_name(mainline: Mainline) -> None:
    mainline.land("2014-01-01T10:00:00Z", {FORMER: "old\n"})
    mainline.land("2015-01-28T15:57:41Z", {FORMER: None, GOVERNANCE_PATH: "new\n"})
    history = History(mainline.path)
    assert history.at(at("2015-01-28T15:57:40Z"))[0] == "old\n"
    assert history.at(at("2015-01-28T15:57:41Z"))[0] == "new\n"


def test_a_deleted_file_is_empty_and_its_revision_is_the_deletion(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {LIAISONS_PATH: "one\n", "README": "kept\n"})
    deletion = mainline.land("2020-01-02T10:00:00Z", {LIAISONS_PATH: None})
    assert History(mainline.path, LIAISONS_PATH).latest() == ("", deletion)


def test_the_latest_is_what_refresh_has_seen(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    history = History(mainline.path)
    assert not history.refresh()
    mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "two\n"})
    assert history.latest()[0] == "one\n"
    assert history.refresh()
    assert history.latest()[0] == "two\n"


def test_a_branch_that_was_rewound_or_replaced_is_as_it_is_now(mainline: Mainline) -> None:
    first = mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "two\n"})
    history = History(mainline.path)
    mainline.git("reset", "--quiet", "--hard", first, at=mainline.path)
    assert history.refresh()
    assert history.at(at("2020-01-03T10:00:00Z")) == ("one\n", first)
    mainline.git("switch", "--quiet", "--orphan", "other", at=mainline.path)
    other = mainline.land("2020-01-02T12:00:00Z", {GOVERNANCE_PATH: "three\n"})
    mainline.git("branch", "--force", "main", other, at=mainline.path)
    mainline.git("switch", "--quiet", "main", at=mainline.path)
    assert history.refresh()
    assert history.at(at("2020-01-01T12:00:00Z")) == ("", "")
    assert history.at(at("2020-01-03T10:00:00Z")) == ("three\n", other)


def test_what_becomes_unreadable_leaves_what_was_known(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    history = History(mainline.path)
    (mainline.path / ".git").rename(mainline.path / "gone")
    with pytest.raises(Unreadable):
        history.refresh()
    (mainline.path / "gone").rename(mainline.path / ".git")
    assert not history.refresh()
    assert history.latest()[0] == "one\n"


def test_another_branch_and_a_bare_clone_do_as_well(mainline: Mainline, tmp_path: Path) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    mainline.git("branch", "stable/x", at=mainline.path)
    mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "two\n"})
    bare = tmp_path / "bare.git"
    mainline.git("clone", "--quiet", "--bare", str(mainline.path), str(bare), at=None)
    assert History(bare, branch="stable/x").latest()[0] == "one\n"


def test_a_path_is_never_a_pattern(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {"a.yaml": "one\n"})
    with pytest.raises(Unreadable, match=r"no \*\.yaml in the history of HEAD"):
        History(mainline.path, "*.yaml")


def test_a_shallow_clone_does_not_pretend_that_there_was_nothing(mainline: Mainline, tmp_path: Path) -> None:
    for day in ("01", "02"):
        mainline.land(f"2020-01-{day}T10:00:00Z", {GOVERNANCE_PATH: f"{day}\n"})
    clone = tmp_path / "clone"
    mainline.git("clone", "--quiet", "--depth=1", mainline.path.as_uri(), str(clone), at=None)
    history = History(clone)
    assert history.latest()[0] == "02\n"
    with pytest.raises(Unreadable, match="git fetch --unshallow"):
        history.at(at("2020-01-01T12:00:00Z"))


def test_a_folder_that_is_no_repository_is_refused_even_inside_one(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    with pytest.raises(Unreadable, match=r"reference: not a git repository"):
        History(mainline.path / "reference")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file or directory"):
        History(tmp_path / "nowhere")


@pytest.mark.parametrize("branch", ["nowhere", "--output=/tmp/x"])
def test_a_branch_that_is_not_there_is_refused(mainline: Mainline, branch: str) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    with pytest.raises(Unreadable, match=branch):
        History(mainline.path, branch=branch)


def test_a_path_that_never_was_is_refused(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {"README": "one\n"})
    with pytest.raises(Unreadable, match=r"no reference/projects\.yaml in the history of HEAD"):
        History(mainline.path)


def test_a_link_is_not_followed(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    (mainline.path / GOVERNANCE_PATH).unlink()
    (mainline.path / GOVERNANCE_PATH).symlink_to("/etc/passwd")
    mainline.land("2020-01-02T10:00:00Z", {})
    assert History(mainline.path).latest()[0] == ""


def test_text_that_is_not_utf8_is_refused(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    (mainline.path / GOVERNANCE_PATH).write_bytes(b"caf\xe9\n")
    mainline.land("2020-01-02T10:00:00Z", {})
    with pytest.raises(Unreadable, match="not UTF-8"):
        History(mainline.path).latest()


def test_without_git_the_reader_says_so(mainline: Mainline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unreadable, match="git is not installed"):
        History(mainline.path)


def test_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\nexec sleep 30\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("integrations.governance.history.TIMEOUT_S", 0.1)
    with pytest.raises(Unreadable, match=r"took longer than 0\.1 s"):
        History(tmp_path)


def test_the_users_own_git_configuration_changes_nothing(
    mainline: Mainline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    (tmp_path / ".gitconfig").write_text(
        "[log]\n  showSignature = true\n  showRoot = false\n[diff]\n  external = false\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert History(mainline.path).latest()[0] == "one\n"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a repository to somebody else")
def test_a_repository_of_another_owner_can_be_read(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    shutil.chown(mainline.path, 65534)
    shutil.chown(mainline.path / ".git", 65534)
    assert History(mainline.path).latest()[0] == "one\n"


def test_an_instant_without_a_time_zone_is_refused(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "one\n"})
    with pytest.raises(ValueError, match="time zone"):
        History(mainline.path).at(datetime.now(UTC).replace(tzinfo=None))

"""Rosters as of an instant from two files, in git or not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.governance.history import GOVERNANCE_PATH, LIAISONS_PATH, History
from integrations.governance.shapes import Unreadable
from integrations.governance.source import GovernanceRosters, PlainFile
from tests.integrations.governance.conftest import Mainline

NOW = datetime(2020, 6, 1, tzinfo=UTC)


def test_both_histories_are_asked_as_of_the_same_instant(mainline: Mainline) -> None:
    first = mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "nova: {ptl: Ann (ann)}\n"})
    second = mainline.land("2020-01-02T10:00:00Z", {LIAISONS_PATH: "nova: [{name: Bob}]\n"})
    mainline.land("2020-01-03T10:00:00Z", {LIAISONS_PATH: "nova: [{name: Cy}]\n"})
    rosters = GovernanceRosters(History(mainline.path), History(mainline.path, LIAISONS_PATH))

    alone = rosters.at(datetime(2020, 1, 1, 12, tzinfo=UTC))
    assert [s.person for s in alone.who("nova", "release", NOW)] == ["Ann"]
    assert alone.revision == f"governance {first[:8]}"

    with_bob = rosters.at(datetime(2020, 1, 2, 12, tzinfo=UTC))
    assert [s.person for s in with_bob.who("nova", "release", NOW)] == ["Bob", "Ann"]
    assert with_bob.revision == f"governance {first[:8]}, liaisons {second[:8]}"


def test_the_same_versions_are_read_once(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "nova:\n"})
    rosters = GovernanceRosters(History(mainline.path))
    assert rosters.at(NOW) is rosters.at(datetime(2020, 2, 1, tzinfo=UTC))


def test_a_new_version_is_seen_after_refresh(mainline: Mainline) -> None:
    mainline.land("2020-01-01T10:00:00Z", {GOVERNANCE_PATH: "nova:\n"})
    rosters = GovernanceRosters(History(mainline.path))
    mainline.land("2020-01-02T10:00:00Z", {GOVERNANCE_PATH: "glance:\n"})
    assert set(rosters.at(NOW).teams) == {"nova"}
    assert rosters.refresh()
    assert set(rosters.at(NOW).teams) == {"glance"}


def test_a_plain_file_is_the_same_at_every_instant_and_named_as_git_would(tmp_path: Path, mainline: Mainline) -> None:
    file = tmp_path / "projects.yaml"
    file.write_text("nova: {ptl: Ann (ann)}\n")
    blob = mainline.git("hash-object", str(file), at=mainline.path).strip()
    rosters = GovernanceRosters(PlainFile(file))
    assert rosters.at(datetime(1999, 1, 1, tzinfo=UTC)) is rosters.at(NOW)
    assert rosters.at(NOW).revision == f"governance {blob[:8]}"


def test_a_plain_file_is_read_again_on_refresh(tmp_path: Path) -> None:
    governance, liaisons = tmp_path / "projects.yaml", tmp_path / "release_liaisons.yaml"
    governance.write_text("nova:\n")
    liaisons.write_text("")
    rosters = GovernanceRosters(PlainFile(governance), PlainFile(liaisons))
    assert not rosters.refresh()
    liaisons.write_text("nova: [{name: Bob}]\n")
    assert rosters.at(NOW).people == {}
    assert rosters.refresh()
    assert set(rosters.at(NOW).people) == {"Bob"}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"nowhere\.yaml: No such file or directory"):
        PlainFile(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin1.yaml").write_bytes(b"caf\xe9\n")
    with pytest.raises(Unreadable, match="not UTF-8 text at byte 3"):
        PlainFile(tmp_path / "latin1.yaml")

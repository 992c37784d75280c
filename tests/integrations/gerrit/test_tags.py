"""Where a tag is, and what it means that none is found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integrations.contract import Transient
from integrations.gerrit import tags
from integrations.gerrit.tags import LASTS, Tags, tagged_commit
from tests.integrations.gerrit.answers import Answers, Clock

TAG = "projects/openstack%2Fnova/tags/25.0.0"
PROJECT = "projects/openstack%2Fnova"
SHA = "5e" * 20


def tag(**more: Any) -> dict[str, Any]:
    return {"ref": "refs/tags/25.0.0", "revision": SHA} | more


@pytest.mark.parametrize(
    ("table", "commit"),
    [
        ({TAG: tag()}, SHA),
        ({TAG: tag(revision="7a" * 20, object=SHA)}, SHA),  # an annotated one
        ({PROJECT: {}}, ""),
        ({}, None),
        ({TAG: tag(ref="refs/tags/refs/tags/25.0.0")}, None),
        ({TAG: tag(ref="refs/tags/5.0"), PROJECT: {}}, ""),
    ],
)
def test_a_tag_is_on_a_commit_or_is_not_there_or_cannot_be_told(table: dict[str, Any], commit: str | None) -> None:
    assert tagged_commit(Answers(table), "openstack/nova", "25.0.0") == commit
    assert Tags(Answers(table), Clock()).of("openstack/nova", "25.0.0") == commit


def test_what_is_no_name_goes_into_no_url() -> None:
    rest = Answers({PROJECT: {}})
    for version in ("", ".", "..", "a/../b"):
        assert tagged_commit(rest, "openstack/nova", version) == ""
    assert tagged_commit(rest, "..", "1.0") is None
    assert {path for _, path, _ in rest.asked} == {PROJECT}


def test_a_server_that_cannot_now_says_nothing_about_a_tag() -> None:
    with pytest.raises(Transient):
        tagged_commit(Answers({TAG: Transient("503")}), "openstack/nova", "25.0.0")


def test_a_tag_is_asked_for_once_in_a_minute_and_its_project_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rest, clock = Answers({PROJECT: {}}), Clock()
    kept = Tags(rest, clock)
    assert [kept.of("openstack/nova", "25.0.0") for _ in range(3)] == [""] * 3
    assert kept.of("openstack/nova", "25.0.1") == ""
    assert [path for _, path, _ in rest.asked] == [TAG, PROJECT, TAG.replace("25.0.0", "25.0.1")]
    rest.table[TAG] = tag()
    clock.now += LASTS
    assert kept.of("openstack/nova", "25.0.0") == SHA
    clock.now -= timedelta(hours=1)  # a clock that was set back
    del rest.table[TAG]
    assert kept.of("openstack/nova", "25.0.0") == ""
    monkeypatch.setattr(tags, "MOST_KEPT", 1)
    kept.of("openstack/nova", "26.0.0")  # forgets all
    kept.of("openstack/nova", "26.0.1")
    assert rest.asked[-1][1] == PROJECT

"""What is left of sign-offs: the ledger and who tampered with it, tags after the fact, and watching at first."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.release_community import (
    OVERRIDE,
    WITHIN_S,
    ReleaseCommunity,
    Story,
    quoted,
    told_at_once,
    told_by_hook,
)
from tests.czar_process import Czar
from tests.integrations.gerrit.loopback import Loopback, answer, serving
from tests.real.downloads import VERSIONS
from tests.real.fixtures import Gerrits
from tests.waiting import WaitedInVain, until

pytestmark = pytest.mark.full
_numbers = itertools.count()
ALL = "czar: signoff"
TOLD = ("rel", "sec")
"""Who hears of a tag that was not signed."""
REGISTERED = "global:Registered-Users"
Here = ReleaseCommunity


def signed_tag_is_as_it_was_signed(here: Here) -> None:
    line = here.line(sha=_tip(here))
    change, _ = here.open_one(line)
    here.submit("core", change)
    _tag(here, line.version, line.sha)
    row = _until_tag(here, line.version, "signed")
    assert row["sha"] == line.sha
    assert here.czar.command("signoff", "show", row["item"]).returncode == 0
    assert not any(_alarms(here, who, line.version) for who in TOLD)


def annotated_tag_is_as_it_was_signed(here: Here) -> None:
    line = here.line(sha=_tip(here))
    here.open_one(line)
    _tag(here, line.version, line.sha, message="The release")
    _until_tag(here, line.version, "signed")


def unsigned_tag_alarms_release_managers_and_security(here: Here) -> None:
    version, sha = here.line().version, _tip(here)
    _tag(here, version, sha)
    row = _until_tag(here, version, "unsigned")
    assert row["sha"] == sha
    _until_alarmed(here, version, "nobody signed it")
    assert here.czar.command("signoff", "show", row["item"]).returncode == 1


def tag_on_another_commit_than_was_signed_is_an_alarm(here: Here) -> None:
    line, other = here.line(sha=_tip(here)), _another(here)
    here.open_one(line)
    _tag(here, line.version, other)
    row = _until_tag(here, line.version, "mismatch")
    assert row["sha"] == other
    _until_alarmed(here, line.version, f"{line.sha} was signed by ann")


def signed_tag_that_is_moved_is_an_alarm(here: Here) -> None:
    line, other = here.line(sha=_tip(here)), _another(here)
    here.open_one(line)
    _tag(here, line.version, line.sha)
    _until_tag(here, line.version, "signed")
    here.rest("admin", "DELETE", _tag_path(here, line.version))
    _tag(here, line.version, other)
    _until_alarmed(here, line.version, other)
    assert _until_tag(here, line.version, "mismatch")["sha"] == other


STORIES: tuple[Story, ...] = (
    signed_tag_is_as_it_was_signed,
    annotated_tag_is_as_it_was_signed,
    unsigned_tag_alarms_release_managers_and_security,
    tag_on_another_commit_than_was_signed_is_an_alarm,
    signed_tag_that_is_moved_is_an_alarm,
)


@pytest.fixture(scope="module")
def hook() -> Iterator[Loopback]:
    """Where people are told things."""
    with serving(answer(200)) as server:
        yield server


@pytest.fixture(scope="module", params=VERSIONS)
def here(
    request: pytest.FixtureRequest, hook: Loopback, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Here]:
    """A community whose daemon is at work and can reach its people."""
    with Czar(tmp_path_factory.mktemp("audit-")) as czar:
        community = ReleaseCommunity(real_gerrits.get(request.param), czar, f"audit{next(_numbers)}")
        community.open(hook=hook)
        yield community


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, here: Here) -> Iterator[Mapping[Story, Future[None]]]:
    """All stories, at the same time."""
    with told_at_once(here, STORIES, request) as futures:
        yield futures


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_after_the_fact(story: Story, told: Mapping[Story, Future[None]]) -> None:
    told[story].result()


def test_tags_that_came_or_went_while_the_daemon_was_down_are_found(here: Here) -> None:
    sha = _tip(here)
    line, version = here.line(sha=sha), here.line().version
    here.open_one(line)
    _tag(here, line.version, sha)
    _until_tag(here, line.version, "signed")
    _until_swept(here)
    here.czar.kill()
    _tag(here, version, sha)
    here.rest("admin", "DELETE", _tag_path(here, line.version))
    here.czar.start()
    _until_tag(here, version, "unsigned")
    _until_alarmed(here, version, "nobody signed it")
    _until_alarmed(here, line.version, "it is gone")


def test_the_ledger_shows_who_tampered_with_it_and_is_made_again_from_gerrit(here: Here) -> None:
    first, _ = here.open_one(here.line())
    second, _ = here.asked(here.line())
    here.vote("bob", second, 1)
    here.until_open(second)
    here.vote("bob", second, 0)
    here.until_shut(second)
    here.say("bob", second, "czar: veto näh, not “yet”")
    here.until_shut(second, -1)
    here.until_quiet()
    assert here.czar.stop() == 0
    told = here.czar.command("ledger", "--verify")
    assert told.returncode == 0, told.stdout
    before = here.ledger()
    assert {row["state"] for row in before} >= {"signed", "withdrawn", "vetoed"}
    original = here.czar.state
    _rebuild_in(here, _elsewhere(here))
    again = [row for row in here.ledger() if row["item"].startswith("gerrit:")]
    assert again == [row for row in before if row["item"].startswith("gerrit:")]
    _use_state(here, original)
    with sqlite3.connect(original / "czar.db") as journal:
        tampering = "update ledger set person = 'zed' where act = 'signed' and item = ?"
        journal.execute(tampering, (f"gerrit:{first.number}",))
    journal.close()
    told = here.czar.command("ledger", "--verify")
    assert told.returncode == 1
    assert f"gerrit:{first.number}" in told.stdout
    assert "was changed after it was written" in told.stdout
    refused = here.czar.command("ledger", "--rebuild")
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert "nothing was written" in refused.stderr
    _use_state(here, _elsewhere(here))
    here.czar.start()
    here.heard_out(first)
    here.until_open(first)
    here.until_shut(second, -1)


@pytest.mark.parametrize("version", VERSIONS)
def test_observing_it_lists_where_the_vote_that_people_go_by_differs(
    version: str, real_gerrits: Gerrits, tmp_path: Path
) -> None:
    signoff = {"releases": f"compare: PTL-Approved, {OVERRIDE}"}
    with Czar(tmp_path) as czar:
        here = ReleaseCommunity(real_gerrits.get(version), czar, f"observe{next(_numbers)}", signoff)
        _let_approve(here)
        here.open(more="mode: observe\n", setup=False)
        approved, signed, both = (here.ask(here.line())[0] for _ in range(3))
        for change in (approved, both):
            here.review("core", change.number, labels={"PTL-Approved": 1})
        for change in (signed, both):
            here.say("ann", change, ALL)

        def differing() -> dict[str, str]:
            return {row["item"]: row["differs"] for row in czar.json("report") if row.get("differs")}

        expected = {
            f"gerrit:{approved.number}": "PTL-Approved is given, and we vote +0",
            f"gerrit:{signed.number}": "PTL-Approved is not given, and we vote +1",
        }
        until(lambda: differing() == expected, WITHIN_S, f"the disagreements; now {differing()}")
        for change in (approved, signed):
            explained = czar.command("explain", f"gerrit:{change.number}").stdout
            assert "PTL-Approved is" in explained
        for change in (approved, signed, both):
            seen = here.look(change)
            assert (seen.said, seen.vote) == ((), 0)
        assert here.look(approved).reviewers == ("core",)  # Ann was not asked


def _let_approve(here: Here) -> None:
    """A label as OpenStack's releases have it."""
    path = f"/projects/{quoted(f'{here.name}/releases')}"
    body = {"values": {" 0": "Not approved yet", "+1": "Approved"}, "function": "NoBlock"}
    here.rest("admin", "PUT", f"{path}/labels/PTL-Approved", body)
    rule = {"label": "PTL-Approved", "rules": {REGISTERED: {"action": "ALLOW", "min": 0, "max": 1}}}
    add = {"refs/heads/*": {"permissions": {"label-PTL-Approved": rule}}}
    here.rest("admin", "POST", f"{path}/access", {"add": add})


def _tip(here: Here) -> str:
    return str(here.rest("admin", "GET", f"/projects/{quoted(f'{here.name}/nova')}/branches/master")["revision"])


def _another(here: Here) -> str:
    """Another commit of nova's."""
    here.merged({f"src/{next(_numbers)}.py": "\n"}, repo="nova")
    return _tip(here)


def _tag_path(here: Here, version: str) -> str:
    return f"/projects/{quoted(f'{here.name}/nova')}/tags/{version}"


def _tag(here: Here, version: str, sha: str, **more: str) -> None:
    here.rest("admin", "PUT", _tag_path(here, version), {"revision": sha, **more})


def _until_tag(here: Here, version: str, state: str) -> dict[str, Any]:
    """The row of `czar ledger REPO` about a tag, once it is so."""
    item = f"tag:{here.name}/nova@{version}"

    def found() -> list[dict[str, Any]]:
        return [row for row in here.ledger("nova") if row["item"] == item and row["state"] == state]

    try:
        return until(found, WITHIN_S, f"{item} to be {state}")[-1]
    except WaitedInVain as error:
        explained = here.czar.command("explain", item).stdout
        raise WaitedInVain(f"{error}\n{here.ledger('nova')}\n{explained}\n{here.czar.logged()[-3000:]}") from None


def _until_alarmed(here: Here, version: str, words: str) -> None:
    """All of TOLD have heard these words of a tag."""

    def all_told() -> bool:
        return all(any(words in text for text in _alarms(here, who, version)) for who in TOLD)

    try:
        until(all_told, WITHIN_S, f"{TOLD} to be told {words!r} of {version}")
    except WaitedInVain as error:
        explained = here.czar.command("explain", f"tag:{here.name}/nova@{version}").stdout
        heard = [_alarms(here, who, version) for who in TOLD]
        raise WaitedInVain(f"{error}\n{heard}\n{explained}") from None


def _alarms(here: Here, who: str, version: str) -> list[str]:
    assert here.hook is not None
    return [text for text in told_by_hook(here.hook, who) if f"Tag {version} of {here.name}/nova" in text]


def _until_swept(here: Here) -> None:
    """The repo was looked at once: what comes from now on is new."""
    with sqlite3.connect(f"file:{here.czar.state / 'czar.db'}?mode=ro", uri=True) as journal:
        sql = "select 1 from marks where name = ?"
        until(lambda: journal.execute(sql, (f"gerrit_tags:{here.name}/nova",)).fetchone(), WITHIN_S, "the first look")
    journal.close()


def _elsewhere(here: Here) -> Path:
    return here.czar.config.parent / "rebuilt"


def _use_state(here: Here, folder: Path) -> None:
    file = here.czar.config / "czar.yaml"
    file.write_text(file.read_text().replace(f"state: {here.czar.state}\n", f"state: {folder}\n"))
    here.czar.state = folder


def _rebuild_in(here: Here, folder: Path) -> None:
    """A journal made of nothing but what stands in Gerrit."""
    folder.mkdir()
    _use_state(here, folder)
    told = here.czar.command("ledger", "--rebuild")
    assert told.returncode == 0, told.stdout + told.stderr

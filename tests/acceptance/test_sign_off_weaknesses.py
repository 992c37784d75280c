"""The twenty weaknesses of the check that OpenStack's releases went by: none of them is ours.

Each is shown on a real Gerrit with the daemon that people run, or, where no server has a part in it, on what reads the
files. They are numbered as they were found.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from daemon.config.governance import GovernanceSettings, Kept
from daemon.wiring import governance_rosters
from tests.acceptance.release_community import (
    LABEL,
    OVERRIDE,
    ReleaseCommunity,
    Story,
    deliverable,
    quoted,
    told_at_once,
)
from tests.czar_process import Czar
from tests.gerrit_world import Person
from tests.real.downloads import VERSIONS
from tests.real.fixtures import Gerrits
from tests.waiting import until

pytestmark = pytest.mark.full
_numbers = itertools.count()
ALL = "czar: signoff"
SIGNOFF = {"releases": OVERRIDE, "wordy": f"counts: [comment], {OVERRIDE}", "modest": f"self_sign: false, {OVERRIDE}"}
Here = ReleaseCommunity


def weakness_01_unknown_team_is_no_traceback(here: Here) -> None:
    change, _ = here.ask(here.line("nothing"), team="Never A Team")
    here.until(change, lambda seen: "nobody can sign" in seen.state, "it to be told")
    here.until_shut(change)
    here.say("rel", change, "czar: override release its team was retired")
    here.until_open(change)
    assert "Traceback" not in here.czar.logged()


def weakness_02_team_before_is_asked_too(here: Here) -> None:
    path, line = "deliverables/zed/moving.yaml", here.line("placement")
    change = here.push({path: deliverable(*here.old_lines, line, team="placement")})
    here.review("core", change.number, labels={"Code-Review": 2})
    seen = here.until(change, lambda seen: {"ann", "dee"} <= set(seen.reviewers), "both teams to be asked")
    here.say("dee", change, ALL)
    seen = here.until(change, lambda seen: "signed by dee" in seen.state, "the first signature")
    assert "the file was theirs before this change" in seen.state
    here.until_shut(change)
    here.say("ann", change, ALL)
    here.until_open(change)


def weakness_03_owner_of_the_repo_is_asked_too(here: Here) -> None:
    change, _ = here.asked(here.line("placement"), team="nova")
    here.say("ann", change, ALL)
    here.until(change, lambda seen: "signed by ann" in seen.state, "the first signature")
    here.until_shut(change)
    here.say("dee", change, ALL)
    here.until_open(change)


def weakness_04_sign_off_is_bound_to_the_sha_and_kept(here: Here) -> None:
    line = here.line()
    change, path = here.open_one(line)
    other = here.line(version=line.version)
    here.push({path: deliverable(other)}, onto=change)
    here.until_shut(change)
    here.until(change, lambda seen: other.sha in seen.state, "people to be asked again")
    rows = {row["sha"]: row for row in here.ledger("nova")}
    assert (rows[line.sha]["state"], rows[line.sha]["by"], rows[line.sha]["role"]) == ("signed", "ann", "czar")
    assert rows.get(other.sha, {}).get("state", "waiting") == "waiting"


def weakness_05_governance_that_is_not_merged_appoints_nobody(here: Here) -> None:
    """Neither a branch beside the main line nor a Depends-On on it."""
    folder = here.czar.config.parent / "governance"
    email = here.people["zed"].email
    git = _repository(folder, {"reference/projects.yaml": _gov("ann@example.org", here.name)})
    git("checkout", "-q", "-b", "appoint-myself")
    (folder / "reference/projects.yaml").write_text(_gov(email, here.name))
    git("commit", "-q", "-a", "-m", "Appoint me")
    git("checkout", "-q", "main")
    settings = GovernanceSettings(governance=Kept(git=folder, path="reference/projects.yaml"))
    roster = governance_rosters(settings).at(datetime.now(UTC) + timedelta(days=1))
    assert roster.teams["gov"].ptl == ("ann@example.org",)
    subject = "Release it\n\nDepends-On: https://review.example.org/c/openstack/governance/+/1"
    change, _ = here.asked(here.line("gov"), team="gov", subject=subject)
    here.say("zed", change, ALL)
    here.heard_out(change)
    here.until_shut(change)


def weakness_06_vote_that_is_taken_away_is_noticed(here: Here) -> None:
    change, _ = here.asked(here.line())
    here.vote("ann", change, 1)
    here.until_open(change)
    here.change("admin", "DELETE", change, f"/reviewers/{here.people['ann'].account_id}")
    here.until_shut(change)


def weakness_08_pressing_a_button_on_somebodys_change_approves_nothing(here: Here) -> None:
    change, _ = here.asked(here.line())
    here.edit_message("ann", change)
    here.until(change, lambda seen: seen.patch_set == 2, "the second patch set")
    here.heard_out(change)
    here.until_shut(change)
    own, _ = here.asked(here.line(), who="ann", repo="modest")
    here.answered("ann", own, ALL, "somebody else has to sign")
    here.until_shut(own)


def weakness_09_looks_good_is_not_release_this_and_a_minus_counts(here: Here) -> None:
    change, _ = here.asked(here.line(), repo="wordy")
    here.vote("pat", change, 1)
    here.heard_out(change)
    here.until_shut(change)
    here.say("ann", change, ALL)
    here.until_open(change)
    here.vote("pat", change, -1)
    here.until_shut(change, -1)


def weakness_10_people_are_accounts_not_the_spelling_of_an_address(here: Here) -> None:
    """Gil's address is written otherwise in governance's file; Nom's account has none at all; Zed calls himself Ann."""
    ours, _ = here.asked(here.line("gov"), team="gov")
    here.say("gil", ours, ALL)
    here.until_open(ours)
    nameless, _ = here.asked(here.line("anon"), team="anon")
    here.say("nom", nameless, ALL)
    here.until_open(nameless)
    here.rest("zed", "PUT", "/accounts/self/name", {"name": here.people["ann"].username})
    change, _ = here.asked(here.line())
    here.say("zed", change, ALL)
    here.heard_out(change)
    here.until_shut(change)


def weakness_11_odd_shapes_of_leadership_are_read_and_placeholders_are_nobody(here: Here) -> None:
    change, _ = here.ask(here.line("vitrage"), team="vitrage")
    here.until(change, lambda seen: "nobody can sign for vitrage" in seen.state, "it to be told")
    here.until_shut(change)
    folder = here.czar.config.parent
    for number, text in enumerate(ODD_TEAMS):
        file = folder / f"odd-{number}.yaml"
        file.write_text(text)
        roster = governance_rosters(GovernanceSettings(governance=Kept(file=file))).at(datetime.now(UTC))
        assert "odd" in roster.teams, text
        assert "example@example.org" not in roster.people


ODD_TEAMS = (
    "odd:\n  ptl: 'Ann Example (ann)'\n  projects: {}\n",
    "odd:\n  ptl: {name: Ann, irc: ann}\n  deliverables: {}\n",
    "odd:\n  leadership_type: distributed\n  liaisons: [ann, bob]\n  deliverables: {}\n",
    "odd:\n  leadership_type: distributed\n  liaisons: {release: [{name: A, email: a@b.org}]}\n  deliverables: {}\n",
    "odd:\n  ptl: {name: APPOINTMENT NEEDED, email: example@example.org}\n  deliverables: {odd: {repos: x/odd}}\n",
)


def weakness_12_merge_commit_without_files_of_its_own_is_looked_into(here: Here) -> None:
    line = here.line()
    brought = here.push({here.path(): deliverable(line)})
    project = f"{here.name}/releases"
    where = f"/projects/{quoted(project)}/branches/beside"
    here.rest("admin", "PUT", where, {"revision": brought.revision})
    merge = {"project": project, "branch": "master", "subject": "Merge", "merge": {"source": "beside"}}
    number = int(here.rest("zed", "POST", "/changes/", merge)["_number"])
    here.until(number, lambda seen: line.sha in seen.state and "waits for" in seen.state, "people to be asked")
    assert here.look(number).gate == "UNSATISFIED"


def weakness_13_deleted_and_moved_files_are_read(here: Here) -> None:
    """All over the web page's editor, which can delete and move."""
    project = f"{here.name}/releases"
    asked = {"project": project, "branch": "master", "subject": "Take it away"}
    gone = int(here.rest("zed", "POST", "/changes/", asked)["_number"])
    here.change("zed", "DELETE", gone, f"/edit/{quoted('deliverables/zed/gone.yaml')}")
    here.change("zed", "POST", gone, "/edit:publish", {"notify": "NONE"})
    here.until(gone, lambda seen: seen.patch_set == 2 and seen.vote == 1, "it to be let through")
    moved = int(here.rest("zed", "POST", "/changes/", asked | {"subject": "Move it"})["_number"])
    names = {"old_path": "deliverables/zed/stays.yaml", "new_path": "deliverables/yoga/stays.yaml"}
    here.change("zed", "POST", moved, "/edit", names)
    here.change("zed", "POST", moved, "/edit:publish", {"notify": "NONE"})
    here.until(
        moved, lambda seen: seen.patch_set == 2 and "moved from deliverables/zed/stays.yaml" in seen.state, "the move"
    )
    assert "Traceback" not in here.czar.logged()


def weakness_14_word_about_an_old_patch_set_is_none_about_the_new_one(here: Here) -> None:
    line = here.line()
    change, path = here.asked(line)
    other = here.line(version=line.version)
    here.push({path: deliverable(other)}, onto=change)
    here.review("ann", change.number, change.revision, message=ALL)
    here.review("bob", change.number, change.revision, labels={"Code-Review": 1})
    here.until(change, lambda seen: other.sha in seen.state and "waits for" in seen.state, "people to be asked again")
    here.heard_out(change)
    here.until_shut(change)


def weakness_16_all_that_is_wrong_is_told_at_once(here: Here) -> None:
    first, second, good = here.path(), here.path(), here.line()
    files = {first: "releases: [\n", second: deliverable(here.line(sha="abc123")), here.path(): deliverable(good)}
    change = here.push(files)
    here.until_shut(change, -1)
    seen = here.until(change, lambda seen: bool(seen.state), "the reasons to be told")
    assert all(f"{path}:" in seen.state for path in (first, second)), seen.state
    assert good.sha in seen.state


def weakness_17_what_the_tagger_would_make_is_what_is_signed(here: Here) -> None:
    (old,) = here.old_lines
    path = "deliverables/zed/untagged.yaml"
    change = here.push({path: deliverable(old, more="launchpad: other\n")})
    here.review("core", change.number, labels={"Code-Review": 2})
    seen = here.until(change, lambda seen: "waits for" in seen.state, "people to be asked")
    assert old.named in seen.state
    assert "this tag will be made too" in seen.state
    here.until_shut(change)


def weakness_18_what_is_replayed_is_read_as_the_daemon_reads_it(here: Here) -> None:
    lines, path = (here.line(), here.line("placement")), here.path()
    text = deliverable(*lines)
    change = here.push({path: text})
    here.until(change, lambda seen: "waits for" in seen.state, "people to be asked")
    file = here.czar.config.parent / "requests.jsonl"
    before_and_after = {"path": path, "status": "A", "before": None, "after": text}
    recorded = {"commit": "c" * 40, "parent": "d" * 40, "date": "2026-01-01T00:00:00+00:00"}
    file.write_text(json.dumps(recorded | {"deliverables": [before_and_after]}) + "\n")
    (replayed,) = here.czar.json("signoff", "replay", str(file))
    told = [(one["repo"], one["version"], one["sha"]) for one in replayed["requests"]]
    assert told == [(row["repo"], row["version"], row["sha"]) for row in here.shown(change)]


def weakness_19_override_is_no_vote_and_leaves_a_trace(here: Here) -> None:
    line = here.line()
    change, _ = here.asked(line)
    with pytest.raises(requests.HTTPError, match=r"^403 "):
        here.review("rel", change.number, labels={LABEL: 1})
    here.say("rel", change, "czar: override release the deadline is today")
    here.until_open(change)
    (row,) = [row for row in here.ledger("nova") if row["sha"] == line.sha]
    assert (row["state"], row["by"], row["role"]) == ("overridden", "rel", "releases")
    assert "the deadline is today" in row["because"]


def weakness_20_names_with_dots_are_names(here: Here) -> None:
    change, _ = here.asked(here.line("dotted"), team="dotted")
    here.say("dot", change, ALL)
    here.until_open(change)


STORIES: tuple[Story, ...] = (
    weakness_01_unknown_team_is_no_traceback,
    weakness_02_team_before_is_asked_too,
    weakness_03_owner_of_the_repo_is_asked_too,
    weakness_04_sign_off_is_bound_to_the_sha_and_kept,
    weakness_05_governance_that_is_not_merged_appoints_nobody,
    weakness_06_vote_that_is_taken_away_is_noticed,
    weakness_08_pressing_a_button_on_somebodys_change_approves_nothing,
    weakness_09_looks_good_is_not_release_this_and_a_minus_counts,
    weakness_10_people_are_accounts_not_the_spelling_of_an_address,
    weakness_11_odd_shapes_of_leadership_are_read_and_placeholders_are_nobody,
    weakness_12_merge_commit_without_files_of_its_own_is_looked_into,
    weakness_13_deleted_and_moved_files_are_read,
    weakness_14_word_about_an_old_patch_set_is_none_about_the_new_one,
    weakness_16_all_that_is_wrong_is_told_at_once,
    weakness_17_what_the_tagger_would_make_is_what_is_signed,
    weakness_18_what_is_replayed_is_read_as_the_daemon_reads_it,
    weakness_19_override_is_no_vote_and_leaves_a_trace,
    weakness_20_names_with_dots_are_names,
)


@pytest.fixture(scope="module")
def here(real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A community whose daemon is at work; one server is enough, the other tests take both."""
    with Czar(tmp_path_factory.mktemp("weak-")) as czar:
        community = ReleaseCommunity(real_gerrits.get(VERSIONS[-1]), czar, f"weak{next(_numbers)}", SIGNOFF)
        _people_with_odd_accounts(community)
        community.old_lines = (community.line(version="0.1.0"),)
        text = deliverable(*community.old_lines, more="launchpad: nova\n")
        names = ("moving", "untagged", "gone", "stays")
        community.merged({f"deliverables/zed/{name}.yaml": text for name in names})
        community.open()
        yield community


def _people_with_odd_accounts(here: Here) -> None:
    """Dot has dots in his name, Nom has no address."""
    world = here.world
    dot = world.add_person(f"{here.name}.d.o.t")
    password, username = "a long password", f"{here.name}-nom"
    account = here.rest("admin", "PUT", f"/accounts/{username}", {"http_password": password})["_account_id"]
    nom = Person(account_id=account, username=username, email="", password=password, key_file=dot.key_file)
    here.people |= {"dot": dot, "nom": nom}
    for repo in ("dotted", "anon", "vitrage"):
        world.add_project(f"{here.name}/{repo}")
    here.more_people = f"  dot: {{gerrit: {dot.username}}}\n  nom: {{gerrit: {username}}}\n"
    here.more_teams = "".join(
        f"  {team}: {{repos: [{here.name}/{team}], leadership: distributed, duties: {{release: {{czars: [{who}]}}}}}}\n"
        for team, who in (("dotted", "dot"), ("anon", "nom"))
    )
    here.more_governance = f"""\
vitrage:
  ptl: {{name: APPOINTMENT NEEDED, irc: No nick supplied, email: example@example.org}}
  deliverables: {{vitrage: {{repos: [{here.name}/vitrage]}}}}
"""
    here.governance_email = here.people["gil"].email.upper()


def _gov(email: str, name: str) -> str:
    ptl = f"{{name: Somebody, irc: some, email: {email}}}"
    return f"gov:\n  ptl: {ptl}\n  deliverables: {{gov: {{repos: [{name}/gov]}}}}\n"


def _repository(folder: Path, files: Mapping[str, str]) -> Callable[..., None]:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=Tia", "-c", "user.email=tia@example.org")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, timeout=30)

    folder.mkdir()
    git("init", "-q", "-b", "main")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git("add", ".")
    git("commit", "-q", "-m", "As it is")
    return git


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, here: Here) -> Iterator[Mapping[Story, Future[None]]]:
    """All stories, at the same time."""
    with told_at_once(here, STORIES, request) as futures:
        yield futures


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_community_is_spared(story: Story, told: Mapping[Story, Future[None]]) -> None:
    told[story].result()


def test_weakness_07_no_vote_is_carried_to_another_patch_set(here: Here) -> None:
    """Whoever looks before the daemon did finds the gate shut."""
    change, _ = here.open_one(here.line())
    assert here.czar.command("pause", "a test").returncode == 0
    here.edit_message("zed", change)
    here.review("core", change.number, labels={"Code-Review": 2})
    here.until_shut(change)
    assert here.czar.command("resume").returncode == 0
    here.until_open(change)


def test_weakness_15_what_is_broken_is_told_and_shuts_the_gate(here: Here) -> None:
    change, _ = here.open_one(here.line())
    file = here.czar.config / "projects.yaml"
    good = file.read_text()
    file.write_text("gov: [\n")
    try:
        here.reread()
        here.until_shut(change)
        here.until(change, lambda seen: "while the roster cannot be read" in seen.state, "the reason to be told")
        assert not here.czar.is_ready()
    finally:
        file.write_text(good)
    here.reread()
    here.until_open(change)
    until(here.czar.is_ready, 60, "the daemon to be well")

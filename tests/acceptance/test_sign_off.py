"""Releases go out on the word of who may sign them: the whole daemon, on real Gerrits, all stories at the same time."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future

import pytest
import requests

from tests.acceptance.release_community import (
    LABEL,
    OVERRIDE,
    WITHIN_S,
    ReleaseCommunity,
    Story,
    deliverable,
    quoted,
    told_at_once,
)
from tests.czar_process import Czar
from tests.gerrit_world import Pushed
from tests.real.downloads import VERSIONS
from tests.real.fixtures import Gerrits
from tests.real.git import GitFailed
from tests.waiting import until

pytestmark = pytest.mark.full
_numbers = itertools.count()
LAPSE_AFTER_S = 20
ROUNDED_S = 1  # Gerrit tells whole seconds
FALLBACK = "fallback: {duty: tc, of: community}"
SIGNOFF = {
    "releases": OVERRIDE,
    "strict": f"self_sign: false, quorum: 2, {OVERRIDE}",
    "brief": f"lapse_after: {LAPSE_AFTER_S}s, expires: 20s, counts: [comment], {FALLBACK}, {OVERRIDE}",
    "loose": OVERRIDE,
}
ALL = "czar: signoff"
Here = ReleaseCommunity
WOULD_OPEN = ("zed", "core", "rel", "admin")
REGISTERED = "global:Registered-Users"


def refused(status: int) -> pytest.RaisesExc[requests.HTTPError]:
    """Gerrit says no."""
    return pytest.raises(requests.HTTPError, match=f"^{status} ")


def nobody_but_a_czar_opens_the_gate(here: Here) -> None:
    change, _ = here.asked(here.line())
    for who in WOULD_OPEN:
        with refused(403):
            here.review(who, change.number, labels={LABEL: 1})
    for who in ("core", "rel", "admin"):
        with refused(409):
            here.submit(who, change)
    here.until_shut(change)
    here.answered("dee", change, ALL, "you may not sign this")  # czar of another team
    here.answered("zed", change, ALL, "not in the roster")
    assert not here.look(change).submittable
    here.say("ann", change, ALL)
    here.until_open(change)
    here.submit("core", change)
    assert here.look(change).status == "MERGED"


def stray_right_to_vote_opens_nothing(here: Here) -> None:
    """A grant on the very branch beats the exclusive one; admin's own vote and a push with a vote count for nothing."""
    change, _ = here.asked(here.line(), repo="loose")
    with pytest.raises(GitFailed):
        here.push({here.path(): deliverable(here.line())}, repo="loose", options=(f"l={LABEL}+1",))
    rule = {"label": LABEL, "rules": {REGISTERED: {"action": "ALLOW", "min": -1, "max": 1}}}
    add = {"add": {"refs/heads/master": {"permissions": {f"label-{LABEL}": rule}}}}
    here.rest("admin", "POST", f"/projects/{quoted(f'{here.name}/loose')}/access", add)
    for who in WOULD_OPEN:
        here.review(who, change.number, labels={LABEL: 1})
    seen = here.look(change)
    assert (seen.gate, seen.submittable) == ("UNSATISFIED", False)
    with refused(409):
        here.submit("admin", change)
    told = here.czar.command("check", "--live", "--as", "admin", "--password-file", here.admin_password)
    assert told.returncode == 1
    assert "misleads people" in told.stdout + told.stderr


def rebase_keeps_the_sign_off(here: Here) -> None:
    change, _ = here.open_one(here.line())
    here.move_master()
    here.change("zed", "POST", change, "/rebase", {})
    here.until(change, lambda seen: seen.patch_set == 2 and seen.vote == 1 and seen.submittable, "the vote again")


def edited_message_keeps_the_sign_off(here: Here) -> None:
    change, _ = here.open_one(here.line())
    here.edit_message("zed", change)
    here.until(change, lambda seen: seen.patch_set == 2 and seen.vote == 1, "the vote again")


def another_sha_drops_the_sign_off_until_it_is_signed_too(here: Here) -> None:
    line = here.line()
    change, path = here.open_one(line)
    other = here.line(version=line.version)
    here.push({path: deliverable(other)}, onto=change)
    here.review("core", change.number, labels={"Code-Review": 2})
    assert not here.look(change).submittable
    here.until(change, lambda seen: other.sha in seen.state and "waits for" in seen.state, "people to be asked again")
    here.until_shut(change)
    here.say("ann", change, f"czar: signoff {line.named}")  # what they saw first is not what is asked for now
    here.heard_out(change)
    here.until_shut(change)
    here.say("ann", change, f"czar: signoff {other.named}")
    here.until_open(change)


def who_signed_before_is_asked_again_for_another_sha(here: Here) -> None:
    line = here.line()
    change, path = here.open_one(line)
    other = here.line(version=line.version)
    here.push({path: deliverable(other)}, onto=change)
    here.until(change, lambda seen: other.sha in seen.state and "asked: ann" in seen.state, "Ann to be asked again")
    assert "ann" in here.look(change).attention


def every_state_is_told_once(here: Here) -> None:
    line = here.line()
    change, path = here.open_one(line)
    here.edit_message("zed", change)
    here.move_master()
    here.change("zed", "POST", change, "/rebase", {})
    here.until(change, lambda seen: seen.patch_set == 3 and seen.vote == 1, "the vote on the third patch set")
    here.push({path: deliverable(here.line(version=line.version))}, onto=change)
    here.until(change, lambda seen: len(seen.states) == 3 and seen.vote == 0, "people to be asked again")
    here.say("bob", change, ALL)
    here.until(change, lambda seen: seen.vote == 1, "the vote")
    states = here.heard_out(change).states
    assert ["waits for nova" in one for one in states] == [True, False, True, False], states
    assert ["signed by" in one for one in states] == [False, True, False, True], states


def who_is_asked_is_on_the_change(here: Here) -> None:
    change, _ = here.asked(here.line(), here.line("placement"))
    seen = here.until(change, lambda seen: {"ann", "dee"} <= set(seen.reviewers), "both teams to be asked")
    assert {"ann", "dee"} <= set(seen.attention)
    here.say("ann", change, ALL)
    here.until(change, lambda seen: "signed by ann" in seen.state, "the first signature")
    here.until_shut(change)
    here.say("dee", change, ALL)
    here.until(change, lambda seen: seen.vote == -0 or seen.vote == 1, "a verdict")
    here.say("bob", change, ALL)
    here.until_open(change)


def reminder_names_what_waits(here: Here) -> None:
    line = here.line()
    change, _ = here.asked(line)
    here.until(change, lambda seen: seen.says("has been waiting for you"), "a reminder")
    reminder = next(one for one in here.look(change).said if "has been waiting for you" in one)
    assert f"{line.repo} {line.version} ({line.sha[:12]})" in reminder


def deleted_vote_of_ours_comes_back(here: Here) -> None:
    change, _ = here.open_one(here.line())
    for who in ("zed", "admin"):
        _is_taken_away(here, change, who, f"/reviewers/{here.bot.account_id}/votes/{LABEL}")


def removed_from_the_change_we_come_back(here: Here) -> None:
    change, _ = here.open_one(here.line())
    _is_taken_away(here, change, "zed", f"/reviewers/{here.bot.account_id}")


def _is_taken_away(here: Here, change: Pushed, who: str, what: str) -> None:
    """Until we have voted again."""
    known = len(here.change("admin", "GET", change, "/messages"))
    here.change(who, "DELETE", change, what)

    def voted_again() -> bool:
        fresh = here.change("admin", "GET", change, "/messages")[known:]
        return any(f"{LABEL}+1" in one["message"] for one in fresh)

    until(voted_again, WITHIN_S, "our vote again")
    here.until_open(change)


def vote_signs_and_its_removal_by_anybody_withdraws(here: Here) -> None:
    change, _ = here.asked(here.line())
    here.vote("ann", change, 1)
    here.until_open(change)
    here.vote("ann", change, 0)
    here.until_shut(change)
    here.vote("ann", change, 1)
    here.until_open(change)
    here.change("admin", "DELETE", change, f"/reviewers/{here.people['ann'].account_id}/votes/Code-Review")
    seen = here.until_shut(change)
    assert "withdrawn" in [row["state"] for row in here.shown(change)], seen
    here.say("bob", change, ALL)
    here.until_open(change)


def core_approval_signs_nothing(here: Here) -> None:
    change, _ = here.asked(here.line())
    here.vote("core", change, 2)
    here.heard_out(change)
    here.until_shut(change)


def veto_shuts_until_it_is_taken_back(here: Here) -> None:
    change, _ = here.open_one(here.line())
    here.say("bob", change, "czar: veto the notes are missing")
    seen = here.until_shut(change, -1)
    seen = here.until(change, lambda seen: "VETOED by bob" in seen.state, "the reason to be told")
    assert "the notes are missing" in seen.state
    here.answered("rel", change, "czar: lapse nobody answers", "there is a veto")
    here.say("bob", change, "czar: unveto")
    here.until_open(change)
    here.vote("bob", change, -1)
    here.until_shut(change, -1)
    here.vote("bob", change, 0)
    here.until_open(change)


def override_needs_the_release_manager_and_a_reason(here: Here) -> None:
    line = here.line()
    change, _ = here.asked(line)
    for who in ("tia", "ann"):
        here.answered(who, change, "czar: override release we are late", "only releases of community may")
    here.answered("rel", change, "czar: override release", "write: override release why")
    here.until_shut(change)
    here.say("rel", change, "czar: override release the gate is on fire")
    here.until_open(change)
    seen = here.until(change, lambda seen: "overridden by rel" in seen.state, "the reason to be told")
    assert "the gate is on fire" in seen.state
    (row,) = here.shown(change)
    assert (row["state"], row["by"]) == ("overridden", "rel")


def silence_is_consent_only_after_the_time_that_was_announced(here: Here) -> None:
    change, _ = here.asked(here.line(), repo="brief")
    asked = time.monotonic()
    assert "Without an answer by" in here.look(change).states[0]
    here.answered("rel", change, "czar: lapse milestone 2", "not before")
    here.answered("ann", change, "czar: lapse let us", "only releases of community may")
    here.until_shut(change)
    over = asked + LAPSE_AFTER_S + ROUNDED_S
    until(lambda: time.monotonic() > over, LAPSE_AFTER_S + 5, "the time to be over")
    here.say("rel", change, "czar: lapse milestone 2")
    here.until_open(change)
    here.until(change, lambda seen: "lapsed by rel" in seen.state, "it to be told")
    (row,) = here.shown(change)
    assert (row["state"], row["by"]) == ("lapsed", "rel")


def sign_off_that_is_too_old_counts_no_more(here: Here) -> None:
    change, _ = here.open_one(here.line(), repo="brief")
    seen = here.until_shut(change, within_s=90)
    here.until(change, lambda seen: "is too old" in seen.state, f"the reason to be told, {seen}")
    here.say("ann", change, ALL)
    here.until_open(change)


def vote_is_no_signature_where_only_comments_are(here: Here) -> None:
    change, _ = here.asked(here.line(), repo="brief")
    here.vote("ann", change, 1)
    here.heard_out(change)
    here.until_shut(change)


def quorum_of_two_takes_two_people(here: Here) -> None:
    change, _ = here.asked(here.line(), repo="strict")
    here.say("ann", change, ALL)
    here.until(change, lambda seen: "signed by ann" in seen.state, "the first signature")
    here.vote("ann", change, 1)
    here.heard_out(change)
    here.until_shut(change)
    here.say("cyd", change, ALL)
    here.until_open(change)


def own_request_counts_as_signed(here: Here) -> None:
    change, _ = here.ask(here.line(), who="ann")
    seen = here.until_open(change)
    seen = here.until(change, lambda seen: "own request" in seen.state, f"it to be told, {seen}")
    assert here.shown(change)[0]["self"] is True


def own_request_counts_nothing_where_nobody_signs_their_own(here: Here) -> None:
    change, _ = here.asked(here.line(), who="ann", repo="strict")
    here.answered("ann", change, ALL, "somebody else has to sign")
    for who in ("bob", "pat"):
        here.until_shut(change)
        here.say(who, change, ALL)
    here.until_open(change)


def pressing_rebase_or_editing_the_message_signs_nothing(here: Here) -> None:
    change, _ = here.asked(here.line())
    here.edit_message("ann", change)
    here.move_master()
    here.change("ann", "POST", change, "/rebase", {})
    here.until(change, lambda seen: seen.patch_set == 3, "the third patch set")
    here.heard_out(change)
    here.until_shut(change)


def lines_for_a_topic_sign_all_its_changes(here: Here) -> None:
    topic, lines = f"{here.name}-milestone", [here.line(), here.line(), here.line("placement")]
    changes = [here.asked(line, team=line.repo.rpartition("/")[2], options=(f"topic={topic}",))[0] for line in lines]
    here.say("ann", changes[0], "\n".join(f"czar: signoff {line.named}" for line in lines[:2]))
    for change in changes[:2]:
        here.until_open(change)
    here.heard_out(changes[2])
    here.until_shut(changes[2])


def reply_of_the_web_page_signs(here: Here) -> None:
    change, _ = here.asked(here.line())
    here.say("bob", change, f"Looks good.\n\n{ALL}", on_page=True)
    here.until_open(change)


def file_that_cannot_be_read_is_refused_with_line_and_reason(here: Here) -> None:
    line = here.line()
    path = here.path()
    broken = deliverable(line).replace("    projects:", "   projects: [")
    change = here.push({path: broken})
    here.review("core", change.number, labels={"Code-Review": 2})
    here.until_shut(change, -1)
    seen = here.until(change, lambda seen: f"{path}:" in seen.state, "the reason to be told")
    assert f"{path}:4" in seen.state or f"{path}:5" in seen.state or f"{path}:6" in seen.state, seen.state
    here.say("ann", change, ALL)
    here.heard_out(change)
    here.until_shut(change, -1)
    here.push({path: deliverable(line)}, onto=change)
    here.review("core", change.number, labels={"Code-Review": 2})
    here.until(change, lambda seen: seen.patch_set == 2 and "waits for" in seen.state, "people to be asked")
    here.say("ann", change, ALL)
    here.until_open(change)


def change_without_release_files_is_let_through(here: Here) -> None:
    change = here.push({"README.rst": "hello\n"})
    here.review("core", change.number, labels={"Code-Review": 2})
    seen = here.until_open(change)
    assert seen.said == ()


def edit_of_what_is_no_release_is_let_through(here: Here) -> None:
    change = here.push({"deliverables/yoga/tagged.yaml": _edited(here, "tagged")})
    here.review("core", change.number, labels={"Code-Review": 2})
    here.until_open(change)


def tag_that_was_never_made_needs_a_signature_though_the_diff_does_not_show_it(here: Here) -> None:
    change = here.push({"deliverables/yoga/untagged.yaml": _edited(here, "untagged")})
    here.review("core", change.number, labels={"Code-Review": 2})
    seen = here.until(change, lambda seen: "waits for" in seen.state, "people to be asked")
    assert "not in the diff, but this tag will be made too" in seen.state
    here.until_shut(change)
    here.say("ann", change, ALL)
    here.until_open(change)


def _seed(here: Here) -> dict[str, str]:
    """Files that were there before the gate, one of them with its tag."""
    sha = _tip(here, "nova")
    here.rest("admin", "PUT", f"/projects/{quoted(f'{here.name}/nova')}/tags/0.1.0", {"revision": sha})
    tagged, untagged = here.line(version="0.1.0", sha=sha), here.line(version="0.2.0", sha=sha)
    return {
        "deliverables/yoga/tagged.yaml": deliverable(tagged, more="launchpad: nova\n"),
        "deliverables/yoga/untagged.yaml": deliverable(untagged, more="launchpad: nova\n"),
    }


def _tip(here: Here, repo: str) -> str:
    return str(here.rest("admin", "GET", f"/projects/{quoted(f'{here.name}/{repo}')}/branches/master")["revision"])


def _edited(here: Here, which: str) -> str:
    return here.seeds[f"deliverables/yoga/{which}.yaml"].replace("launchpad: nova", "launchpad: nova-x")


def merge_commit_is_looked_into(here: Here) -> None:
    project, branch = f"{here.name}/releases", "side"
    line = here.line()
    brought = here.push({here.path(): deliverable(line)})
    where = f"/projects/{quoted(project)}/branches/{branch}"
    here.rest("admin", "PUT", where, {"revision": brought.revision})
    asked = {"project": project, "branch": "master", "subject": "Merge side", "merge": {"source": branch}}
    number = int(here.rest("zed", "POST", "/changes/", asked)["_number"])
    here.review("core", number, labels={"Code-Review": 2})
    here.until(number, lambda seen: line.sha in seen.state and "waits for" in seen.state, "people to be asked")
    here.until_shut(number)
    here.say("ann", number, ALL)
    here.until(number, lambda seen: seen.vote == 1, "the gate to open")


def sign_off_goes_with_the_release_to_another_change(here: Here) -> None:
    line = here.line()
    first, _ = here.open_one(line)
    here.change("zed", "POST", first, "/abandon", {})
    second, _ = here.ask(line)
    seen = here.until_open(second)
    seen = here.until(second, lambda seen: f"gerrit:{first.number}" in seen.state, f"it to be told, {seen}")
    assert "ann" not in seen.reviewers


def who_leaves_the_roster_takes_their_sign_off_along(here: Here) -> None:
    change, _ = here.asked(here.line("rover"), team="rover")
    here.say("roy", change, ALL)
    here.until_open(change)
    here.reload(("tia",))
    seen = here.until_shut(change)
    seen = here.until(change, lambda seen: "does not hold the right" in seen.state, f"the reason to be told, {seen}")
    here.say("roy", change, ALL)
    here.heard_out(change)
    here.until_shut(change)
    here.say("tia", change, ALL)
    here.until_open(change)


def who_leaves_governance_takes_their_sign_off_along_without_a_reload(here: Here) -> None:
    change, _ = here.asked(here.line("gov"), team="gov")
    here.say("gil", change, ALL)
    here.until_open(change)
    here.govern("tia")
    here.until_shut(change, within_s=150)
    here.say("tia", change, ALL)
    here.until_open(change)


def where_nobody_can_sign_it_stays_shut(here: Here) -> None:
    change, _ = here.ask(here.line("nothing"), team="retired")
    here.until(change, lambda seen: "nobody can sign" in seen.state, "it to be told")
    here.say("ann", change, ALL)
    here.heard_out(change)
    here.until_shut(change)


def where_a_team_has_nobody_the_fallback_signs(here: Here) -> None:
    change, _ = here.ask(here.line("nothing"), team="retired", repo="brief")
    here.until(change, lambda seen: "waits for" in seen.state, "the TC to be asked")
    here.say("tia", change, ALL)
    here.until_open(change)


STORIES: tuple[Story, ...] = (
    who_leaves_governance_takes_their_sign_off_along_without_a_reload,
    silence_is_consent_only_after_the_time_that_was_announced,
    sign_off_that_is_too_old_counts_no_more,
    who_leaves_the_roster_takes_their_sign_off_along,
    reminder_names_what_waits,
    nobody_but_a_czar_opens_the_gate,
    stray_right_to_vote_opens_nothing,
    rebase_keeps_the_sign_off,
    edited_message_keeps_the_sign_off,
    another_sha_drops_the_sign_off_until_it_is_signed_too,
    who_signed_before_is_asked_again_for_another_sha,
    every_state_is_told_once,
    who_is_asked_is_on_the_change,
    deleted_vote_of_ours_comes_back,
    removed_from_the_change_we_come_back,
    vote_signs_and_its_removal_by_anybody_withdraws,
    core_approval_signs_nothing,
    veto_shuts_until_it_is_taken_back,
    override_needs_the_release_manager_and_a_reason,
    vote_is_no_signature_where_only_comments_are,
    quorum_of_two_takes_two_people,
    own_request_counts_as_signed,
    own_request_counts_nothing_where_nobody_signs_their_own,
    pressing_rebase_or_editing_the_message_signs_nothing,
    lines_for_a_topic_sign_all_its_changes,
    reply_of_the_web_page_signs,
    file_that_cannot_be_read_is_refused_with_line_and_reason,
    change_without_release_files_is_let_through,
    edit_of_what_is_no_release_is_let_through,
    tag_that_was_never_made_needs_a_signature_though_the_diff_does_not_show_it,
    merge_commit_is_looked_into,
    sign_off_goes_with_the_release_to_another_change,
    where_nobody_can_sign_it_stays_shut,
    where_a_team_has_nobody_the_fallback_signs,
)


@pytest.fixture(scope="module", params=VERSIONS)
def here(
    request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Here]:
    """A community whose daemon is at work."""
    with Czar(tmp_path_factory.mktemp("signing-")) as czar:
        community = ReleaseCommunity(real_gerrits.get(request.param), czar, f"signs{next(_numbers)}", SIGNOFF)
        community.seeds = _seed(community)
        community.merged(community.seeds)
        community.open()
        yield community


def test_from_comment_to_submittable_takes_less_than_five_seconds(
    here: Here, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = [here.ask(here.line())[0] for _ in range(10)]
    for change in changes:
        here.until(change, lambda seen: "waits for" in seen.state, "people to be asked")
    here.until_quiet()
    spans = []
    for change in changes:
        began = time.monotonic()
        here.say("ann", change, ALL)
        here.until_open(change, 30, every_s=0)
        spans.append(time.monotonic() - began)
    with capsys.disabled():
        times = f"median {statistics.median(spans):.2f} s, longest {max(spans):.2f} s"
        print(f"\n{here.world.name}: from comment to submittable: {times}")
    assert max(spans) < 5, spans


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, here: Here) -> Iterator[Mapping[Story, Future[None]]]:
    """All stories, at the same time."""
    with told_at_once(here, STORIES, request) as futures:
        yield futures


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_gate(story: Story, told: Mapping[Story, Future[None]]) -> None:
    told[story].result()


def test_while_the_daemon_is_down_what_comes_is_shut_and_judged_later(here: Here) -> None:
    signed, path = here.open_one(here.line())
    here.czar.kill()
    new = here.line()
    pushed = here.push({path: deliverable(new)}, onto=signed)
    here.review("core", pushed.number, labels={"Code-Review": 2})
    fresh, _ = here.ask(here.line())
    own, _ = here.ask(here.line(), who="ann")
    here.say("ann", fresh, ALL)
    for change in (pushed, fresh, own):
        here.until_shut(change)
        with refused(409):
            here.submit("core", change)
    here.czar.start()
    for change in (fresh, own):
        here.until_open(change)
    here.until(pushed, lambda seen: new.sha in seen.state, "people to be asked again")
    here.until_shut(pushed)

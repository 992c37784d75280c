"""The gate on real Gerrits: who tries to open it, who can, and what `czar check --live` tells when somebody tinkers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from integrations.contract import Refused
from integrations.gerrit import setup
from integrations.gerrit.gate import proofs
from integrations.gerrit.gate import setup as gate_setup
from integrations.gerrit.gate.gate import Gate, patch
from integrations.gerrit.rest import Rest
from integrations.gerrit.ssh import Server, login, run
from tests.command_line import czar
from tests.gerrit_world import GerritWorld, Person, Pushed
from tests.real.gerrit import RealGerrit
from tests.real.git import GitFailed

pytestmark = pytest.mark.full

LABEL = "Release-Signoff"
REGISTERED = "global:Registered-Users"
CODES = {"gate-bot", "gate-label", "gate-requirement", "gate-group", "gate-access", "gate-parents", "gate-children",
         "gate-powers", "gate-tags", "gate-vote"}  # fmt: skip
WOULD_OPEN = ("owner", "core", "manager", "admin")
_numbers = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """A release repo whose gate was set up, and everybody who would like to open it."""

    world: GerritWorld
    people: dict[str, Person]
    gate: Gate

    def rest(self, who: str) -> Rest:
        person = self.people[who]
        return Rest(self.world.url, person.username, person.password)

    def call(self, who: str, method: str, path: str, body: object = None) -> Any:
        return self.world.rest(self.people[who], method, path, body)

    def push(self, **how: Any) -> Pushed:
        """A change of the owner's, which core has reviewed."""
        number = next(_numbers)
        given = {"subject": f"Release {number}", "files": {f"deliverables/{number}.yaml": f"{number}\n"}} | how
        pushed = self.world.push(self.people["owner"], self.gate.project, **given)
        self.vote("core", pushed, label="Code-Review", value=2)
        return pushed

    def vote(self, who: str, pushed: Pushed, *, label: str = LABEL, value: int = 1, **more: Any) -> None:
        path = f"/changes/{pushed.number}/revisions/{pushed.revision}/review"
        self.call(who, "POST", path, {"labels": {label: value}} | more)

    def submit(self, who: str, pushed: Pushed) -> None:
        self.call(who, "POST", f"/changes/{pushed.number}/submit", {})

    def is_open(self, pushed: Pushed) -> bool:
        """Whether it may be submitted."""
        return bool(self.call("admin", "GET", f"/changes/{pushed.number}?o=SUBMITTABLE")["submittable"])

    def grant(self, ref: str, right: str, group: str, *, project: str = "") -> None:
        """Somebody gives a right away."""
        rule = {group: {"action": "ALLOW", "min": -1, "max": 1}}
        named = {"label": right.partition("-")[2]} if "abel" in right else {}
        add = {"add": {ref: {"permissions": {right: named | {"rules": rule}}}}}
        self.call("admin", "POST", f"/projects/{quoted(project or self.gate.project)}/access", add)

    def label(self, project: str, name: str = LABEL, **body: Any) -> None:
        """Somebody makes or changes a label."""
        body = {"values": {" 0": "No", "+1": "Yes"}, "function": "NoBlock"} | body
        self.call("admin", "PUT", f"/projects/{quoted(project)}/labels/{name}", body)

    def requirement(self, project: str, expression: str, name: str = LABEL, **more: Any) -> None:
        """Somebody makes or changes a submit requirement."""
        body = {"name": name, "submittability_expression": expression} | more
        self.call("admin", "PUT", f"/projects/{quoted(project)}/submit_requirements/{name}", body)

    def child(self) -> str:
        """A child repo."""
        name = f"{self.gate.project}-child"
        self.call("admin", "PUT", f"/projects/{quoted(name)}", {"parent": self.gate.project})
        return name

    @property
    def group_id(self) -> str | None:
        """Of the bot's group."""
        return gate_setup.group_id(self.rest("admin"), self.gate)

    def tag(self, name: str, revision: str) -> None:
        """The administrator tags a commit."""
        path = f"/projects/{quoted(self.gate.project)}/tags/{name}"
        self.call("admin", "PUT", path, {"revision": revision})

    def tags(self, who: str) -> list[str]:
        """Those that somebody sees."""
        return [one["ref"] for one in self.call(who, "GET", f"/projects/{quoted(self.gate.project)}/tags/")]

    def told(self, eyes: str = "admin") -> dict[tuple[str, bool | None], list[str]]:
        """What `check --live` tells, by code and by whether it is fine."""
        told: dict[tuple[str, bool | None], list[str]] = {}
        for answer in proofs.prove(self.rest("bot"), self.rest(eyes), self.gate):
            told.setdefault((answer.code, answer.fine), []).append(answer.message)
        return told

    def wrong(self, eyes: str = "admin") -> dict[str, str]:
        """Only what is wrong."""
        return {code: "\n".join(said) for (code, fine), said in self.told(eyes).items() if fine is False}


def quoted(name: str) -> str:
    return quote(name, safe="")


def refused(status: int) -> Any:
    """Gerrit says no."""
    return pytest.raises(requests.HTTPError, match=f"^{status} ")


@pytest.fixture(scope="module")
def people(real_gerrit: RealGerrit) -> dict[str, Person]:
    """All who take part; the bot as `czar gerrit setup --apply` leaves it."""
    names = {"owner": "gate-owner", "core": "gate-core", "manager": "gate-manager", "bot": "gate-bot"}
    made = {part: real_gerrit.add_person(name, service=part == "bot") for part, name in names.items()}
    setup.apply(Rest(real_gerrit.url, "admin", real_gerrit.admin.password), "gate-bot")
    return made | {"admin": real_gerrit.admin}


@pytest.fixture(scope="module")
def groups(real_gerrit: RealGerrit, people: dict[str, Person]) -> dict[str, str]:
    """UUIDs of groups of one."""
    made = {part: {"members": [people[part].username]} for part in ("core", "manager")}
    rest = real_gerrit.rest
    return {part: rest(real_gerrit.admin, "PUT", f"/groups/gate-{part}s", body)["id"] for part, body in made.items()}


@pytest.fixture
def bare(real_gerrit: RealGerrit, people: dict[str, Person], groups: dict[str, str]) -> Court:
    """A repo of this test's own, without a gate."""
    return new_court(real_gerrit, people, groups)


@pytest.fixture
def court(bare: Court) -> Court:
    """The same after `czar gerrit setup --apply`."""
    return with_gate(bare)


@pytest.fixture(scope="module")
def quiet(real_gerrit: RealGerrit, people: dict[str, Person], groups: dict[str, str]) -> Court:
    """One with a gate that nobody tinkers with: for all tests."""
    return with_gate(new_court(real_gerrit, people, groups))


def new_court(world: GerritWorld, people: dict[str, Person], groups: dict[str, str]) -> Court:
    """A repo with a parent of its own, where core and manager may do all but open the gate."""
    name, admin = f"gates/releases-{next(_numbers)}", world.admin
    world.rest(admin, "PUT", f"/projects/{quoted(name)}-parent", {"permissions_only": True})
    world.rest(admin, "PUT", f"/projects/{quoted(name)}", {"create_empty_commit": True, "parent": f"{name}-parent"})
    review = {"label": "Code-Review", "rules": {one: rule(-2, 2) for one in groups.values()}}
    rights = {"label-Code-Review": review} | {
        right: {"rules": {one: rule() for one in groups.values()}} for right in ("submit", "abandon", "removeReviewer")
    }
    world.rest(admin, "POST", f"/projects/{quoted(name)}/access", {"add": {"refs/heads/*": {"permissions": rights}}})
    return Court(world=world, people=people, gate=Gate(project=name, label=LABEL, bot="gate-bot"))


def with_gate(court: Court) -> Court:
    """As `czar gerrit setup --apply` does."""
    assert all(step.done for step in gate_setup.apply(court.rest("admin"), [court.gate]))
    return court


def rule(low: int = 0, high: int = 0) -> dict[str, Any]:
    return {"action": "ALLOW"} | ({"min": low, "max": high} if low else {})


# Setting up


def test_what_is_missing_is_listed_then_made_then_there(bare: Court) -> None:
    rest, gates = bare.rest("admin"), [bare.gate]
    bare.push()
    assert set(bare.wrong()) >= {"gate-label", "gate-requirement", "gate-access", "gate-vote"}
    missing = gate_setup.needed(rest, gates)
    assert not any(step.done for step in missing[2:])
    assert gate_setup.needed(rest, gates) == missing  # looking changes nothing
    made = gate_setup.apply(rest, gates)
    assert all(step.done for step in made)
    assert made[2].because == "put right; before: there is none"
    config = f"/projects/{quoted(bare.gate.project)}/branches/refs%2Fmeta%2Fconfig"
    revision = bare.call("admin", "GET", config)["revision"]
    again = gate_setup.apply(rest, gates)
    assert [(step.done, step.because) for step in again] == [(True, "")] * 6
    assert gate_setup.needed(rest, gates) == again
    assert bare.call("admin", "GET", config)["revision"] == revision  # nothing was written


def test_all_is_proven_to_an_administrator_right_after_the_setup(quiet: Court) -> None:
    quiet.push()
    told = quiet.told()
    assert {code for code, _ in told} == CODES
    assert {fine for _, fine in told} == {True}, told


def test_what_the_bot_may_not_see_is_not_proven(quiet: Court) -> None:
    quiet.push()
    told = quiet.told("bot")
    fine = {code for code, fine in told if fine}
    assert fine == {"gate-bot", "gate-label", "gate-requirement", "gate-group", "gate-access", "gate-vote"}
    unproven = {code for code, fine in told if fine is None}
    assert unproven == {"gate-access", "gate-parents", "gate-children", "gate-powers", "gate-tags"}
    assert quiet.wrong("bot") == {}


def test_what_exists_and_differs_is_shown_and_put_right(bare: Court) -> None:
    rest, gate = bare.rest("admin"), bare.gate
    bare.label(gate.project, values={" 0": "No", "+2": "Yes"}, copy_condition="is:ANY", allow_post_submit=True,
               can_override=True, function="NoOp")  # fmt: skip
    bare.requirement(gate.project, f"label:{LABEL}>0", override_expression="label:Code-Review=MAX",
                     allow_override_in_child_projects=True)  # fmt: skip
    bare.grant("refs/heads/*", f"label-{LABEL}", REGISTERED)
    because = {step.what.split(":")[0]: step.because for step in gate_setup.needed(rest, [gate])}
    said = "\n".join(because.values())
    for words in (
        "its values are [0, 1, 2]",
        "its function is NoOp",
        "copy_condition is is:ANY",
        "allow_post_submit is True",
        "can_override is True",
        f"it is fulfilled by 'label:{LABEL}>0'",
        "overridden by 'label:Code-Review=MAX'",
        "child projects may override it",
        "Registered Users may too",
        "it is not exclusive",
    ):
        assert words in said, words
    made = gate_setup.apply(rest, [gate])
    assert all(step.done for step in made)
    assert "put right; before: " in made[3].because
    assert f"it is fulfilled by 'label:{LABEL}>0'" in made[3].because
    bare.push()
    assert bare.wrong() == {}


def test_others_in_the_bots_group_are_told_and_taken_out(quiet: Court) -> None:
    path = f"/groups/{quiet.gate.group}"
    quiet.call("admin", "PUT", f"{path}/members/gate-core", {})
    quiet.call("admin", "PUT", f"{path}/groups/gate-managers", {})
    try:
        assert "it also holds gate-core, group gate-managers" in quiet.wrong()["gate-group"]
        pushed = quiet.push()
        quiet.vote("core", pushed)
        assert not quiet.is_open(pushed)
    finally:
        step = gate_setup.apply(quiet.rest("admin"), [quiet.gate])[0]
    assert (step.done, step.because) == (True, "put right; before: there is also gate-core, group gate-managers")
    assert "gate-group" not in quiet.wrong()


@pytest.mark.usefixtures("quiet")
def test_the_patch_for_review_makes_the_same(bare: Court) -> None:
    """Of another label, whose group is there: only the commit is missing."""
    gate = Gate(project=bare.gate.project, label="Go-Ahead", bot=bare.gate.bot)
    config = f"/projects/{quoted(gate.project)}/branches/refs%2Fmeta%2Fconfig/files"
    there = {name: bare.call("admin", "GET", f"{config}/{name}/content") for name in ("project.config", "groups")}
    uuid = gate_setup.group_id(bare.rest("admin"), gate)
    added = patch(gate)
    files = {
        "project.config": there["project.config"] + added,
        "groups": there["groups"] + added.splitlines()[-1].removeprefix("# ").replace("UUID<tab>", f"{uuid}\t") + "\n",
    }
    admin = bare.people["admin"]
    pushed = bare.world.push(admin, gate.project, subject="Set up", files=files, branch="refs/meta/config")
    bare.vote("admin", pushed, label="Code-Review", value=2)
    bare.submit("admin", pushed)
    assert [(step.done, step.because) for step in gate_setup.needed(bare.rest("admin"), [gate])] == [(True, "")] * 6


def test_only_an_administrator_or_owner_may_apply_it(bare: Court) -> None:
    with pytest.raises(Refused):
        gate_setup.apply(bare.rest("core"), [bare.gate])
    nowhere = Gate(project="gates/none", label=LABEL, bot="gate-bot")
    with pytest.raises(Refused, match="there is no repo gates/none"):
        gate_setup.apply(bare.rest("admin"), [nowhere])
    step = gate_setup.needed(bare.rest("admin"), [nowhere])[-1]
    assert (step.done, step.because) == (False, "there is no repo gates/none, or it is hidden from us")


@pytest.fixture
def config(bare: Court, tmp_path: Path) -> Path:
    """A config directory for it."""
    folder = tmp_path / "config"
    folder.mkdir()
    bot, world, repo = bare.people["bot"], bare.world, bare.gate.project
    ssh = f"{{host: {world.ssh_host}, port: {world.ssh_port}}}"
    gerrit = f"gerrit: {{url: '{world.url}', user: {bot.username}, ssh: {ssh}}}"
    texts = {
        "czar.yaml": f"{gerrit}\nsignoff: [{{project: {repo}}}]\n",
        "roster.yaml": f"people: {{own: {{gerrit: gate-owner}}}}\nteams: {{t: {{repos: [{repo}], ptl: own}}}}\n",
        "rules.yaml": "rules: []\n",
        "known_hosts": world.known_hosts.read_text(),
        "gerrit-password": bot.password,
        "gerrit-key": bot.key_file.read_text(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    (tmp_path / "password").write_text(world.admin.password)
    (tmp_path / "password").chmod(0o600)
    return folder


def test_the_commands_set_up_and_prove(bare: Court, config: Path) -> None:
    admin = ("--as", "admin", "--password-file", config.parent / "password")
    listed = czar("gerrit", "setup", "--config", config, *admin)
    assert (listed.code, listed.err) == (1, "")
    assert f"MISSING: {bare.gate.project} has the label {LABEL}" in listed.out
    made = czar("gerrit", "setup", "--config", config, *admin, "--apply")
    assert (made.code, made.err) == (0, "")
    again = czar("gerrit", "setup", "--config", config, *admin, "--apply", "--json")
    assert again.code == 0
    assert {(row["done"], row["because"]) for row in again.rows} == {(True, "")}
    bare.push()
    checked = czar("check", config, "--live", *admin)
    assert (checked.code, checked.err) == (0, ""), checked.out
    assert "WRONG" not in checked.out
    assert "not proven" not in checked.out
    bare.requirement(bare.gate.project, f"label:{LABEL}>0")
    checked = czar("check", config, "--live", "--json", *admin)
    assert checked.code == 1
    assert {row["code"] for row in checked.rows} == {"gate-requirement", "gate-vote"}


# Opening it


def test_nobody_but_the_bot_opens_it_by_vote(quiet: Court) -> None:
    pushed = quiet.push()
    for who in WOULD_OPEN:
        with refused(403):
            quiet.vote(who, pushed)
        with refused(403):
            quiet.vote(who, pushed, on_behalf_of="gate-bot")
        with pytest.raises(GitFailed):
            quiet.world.push(quiet.people[who], quiet.gate.project, subject="With a vote", files={"a": f"{who}\n"},
                             options=(f"l={LABEL}+1",))  # fmt: skip
    assert not quiet.is_open(pushed)


def test_nobody_submits_before_the_bots_vote_and_they_do_after_it(quiet: Court) -> None:
    pushed = quiet.push()
    for who in ("core", "manager", "admin"):
        with refused(409):
            quiet.submit(who, pushed)
    quiet.vote("bot", pushed)
    assert quiet.is_open(pushed)
    quiet.submit("core", pushed)
    assert quiet.call("admin", "GET", f"/changes/{pushed.number}")["status"] == "MERGED"


def test_a_refusal_shuts_it_and_nobody_else_takes_that_back(quiet: Court) -> None:
    pushed = quiet.push()
    quiet.vote("bot", pushed, value=-1)
    assert not quiet.is_open(pushed)
    bot = quiet.people["bot"].account_id
    with refused(403):
        quiet.call("owner", "DELETE", f"/changes/{pushed.number}/reviewers/{bot}/votes/{LABEL}")
    with refused(403):
        quiet.vote("owner", pushed, value=0, on_behalf_of="gate-bot")
    assert not quiet.is_open(pushed)


def test_each_patch_set_starts_shut(quiet: Court) -> None:
    pushed = quiet.push()
    quiet.vote("bot", pushed)
    words = {"message": f"Another message\n\nChange-Id: {pushed.change_id}\n"}
    quiet.call("owner", "PUT", f"/changes/{pushed.number}/message", words)
    quiet.call("core", "POST", f"/changes/{pushed.number}/revisions/current/review", {"labels": {"Code-Review": 2}})
    assert not quiet.is_open(pushed)
    quiet.vote("bot", pushed)  # on the patch set before
    assert not quiet.is_open(pushed)


# Tinkering with it


def test_a_grant_on_one_branch_opens_nothing_and_a_vote_in_the_bots_name_does_and_both_are_told(
    court: Court, groups: dict[str, str]
) -> None:
    court.grant("refs/heads/master", f"label-{LABEL}", groups["core"])
    pushed = court.push()
    court.vote("core", pushed)
    assert not court.is_open(pushed)
    with refused(409):
        court.submit("core", pushed)
    assert court.wrong() == {
        "gate-access": f"gate-cores may vote {LABEL}: it opens nothing while the bot is named, but misleads people; "
        f"take label-{LABEL} on refs/heads/master of {court.gate.project} away"
    }
    assert "gate-cores may vote" in court.wrong("bot")["gate-access"]
    court.grant("refs/heads/*", f"labelAs-{LABEL}", groups["core"])
    court.vote("core", pushed, on_behalf_of="gate-bot")
    assert court.is_open(pushed)
    assert f"gate-cores may vote {LABEL} in the bot's name: that opens the gate" in court.wrong()["gate-access"]


def test_a_child_with_a_label_a_requirement_or_a_grant_of_the_same_name_is_told(court: Court) -> None:
    child = court.child()
    assert court.wrong() == {}
    assert court.told()["gate-children", True] == [f"inherit the gate of {court.gate.project} as it is: {child}"]
    court.label(child, LABEL.lower())
    court.requirement(child, "is:true", LABEL.lower())
    court.grant("refs/heads/*", f"label-{LABEL}", REGISTERED, project=child)
    said = court.wrong()["gate-children"].splitlines()
    assert [line.split(": ")[0] for line in said] == [
        f"{child} has a label {LABEL} of its own",
        f"{child} has a submit requirement {LABEL} of its own",
        f"Registered Users may vote {LABEL}",
    ]
    assert set(court.wrong()) == {"gate-children"}


def test_a_label_or_requirement_of_a_parent_beats_ours_which_is_told(court: Court) -> None:
    parent = f"{court.gate.project}-parent"
    court.requirement(parent, "is:true", allow_override_in_child_projects=False)
    pushed = court.push()
    assert court.is_open(pushed)
    assert f"{parent} has a submit requirement {LABEL} of its own" in court.wrong()["gate-parents"]
    assert f"what opens change {pushed.number}: 'is:true' does" in court.wrong("bot")["gate-vote"]
    court.label(parent, can_override=False)
    wrong = court.wrong()
    assert f"{parent} has a label {LABEL} of its own" in wrong["gate-parents"]
    assert f"what gate-bot may vote on change {pushed.number}: only [0, 1]" in wrong["gate-vote"]


EDITS: tuple[tuple[str, dict[str, Any]], ...] = (
    (f"label:{LABEL}>0", {}),
    (f"label:{LABEL}=MAX,user=gate-core AND -label:{LABEL}=MIN", {}),
    ("", {"override_expression": "label:Code-Review=MAX"}),
    ("", {"applicability_expression": "branch:refs/heads/stable"}),
    ("", {"allow_override_in_child_projects": True}),
)


def test_a_requirement_or_label_that_was_edited_is_told(court: Court) -> None:
    court.push()
    for expression, more in EDITS:
        court.requirement(court.gate.project, expression or court.gate.opens(), **more)
        seen = court.wrong("bot")
        assert "gate-requirement" in seen
        in_force = not expression and "allow_override_in_child_projects" in more
        assert ("gate-vote" in seen) != in_force, seen
    court.label(court.gate.project, values={"-1": "No", " 0": "?", "+1": "Yes"}, copy_condition="is:ANY")
    assert "copy_condition is is:ANY" in court.wrong("bot")["gate-label"]


def test_a_requirement_may_name_the_bot_by_its_account_which_a_rename_leaves_alone(court: Court) -> None:
    assert court.told()["gate-vote", None]  # no change is open to see it by
    court.requirement(court.gate.project, court.gate.opens(court.people["bot"].account_id))
    pushed = court.push()
    court.vote("bot", pushed)
    assert court.is_open(pushed)
    assert court.wrong() == {}
    assert all(step.done for step in gate_setup.needed(court.rest("admin"), [court.gate]))


def test_another_username_than_the_bots_is_told(quiet: Court) -> None:
    renamed = Gate(project=quiet.gate.project, label=LABEL, bot="gate-manager")
    answers = proofs.prove(quiet.rest("bot"), quiet.rest("admin"), renamed)
    wrong = {answer.code: answer.message for answer in answers if answer.fine is False}
    assert "is account" in wrong["gate-bot"]
    assert f"it is fulfilled by '{quiet.gate.opens()}'" in wrong["gate-requirement"]


def test_who_may_go_past_it_or_change_the_rules_is_named_and_who_may_vote_or_remove_votes_is_told(
    court: Court, groups: dict[str, str]
) -> None:
    court.grant("refs/heads/*", "push", groups["manager"])
    court.grant("refs/*", "owner", groups["core"])
    told = court.told()
    (past,) = told["gate-powers", None]
    assert past.startswith("gate-managers may go past review, and so past the gate, by push on refs/heads/*")
    rulers = told["gate-powers", True][0]
    assert rulers.endswith(": Administrators, Project Owners, gate-cores")
    assert {fine for _, fine in told} == {True, None}
    court.grant("refs/*", f"label-{LABEL}", REGISTERED, project=f"{court.gate.project}-parent")
    court.grant("refs/heads/*", f"removeLabel-{LABEL}", groups["core"])
    removes, votes = court.wrong()["gate-access"].splitlines()
    assert removes.startswith(f"gate-cores may remove votes of {LABEL}")
    assert votes.startswith(f"Registered Users may vote {LABEL}")
    assert votes.endswith(f"on refs/* of {court.gate.project}-parent away")


# Tags


def test_only_once_it_is_set_up_the_bot_hears_of_a_tag_on_a_commit_of_no_branch(quiet: Court) -> None:
    pushed = quiet.push()
    everywhere: dict[str, Any] = {"refs/*": {"permissions": {"read": {"rules": {quiet.group_id: {}}}}}}
    quiet.call("admin", "POST", "/projects/All-Projects/access", {"remove": everywhere})
    quiet.tag("1.0.0", pushed.revision)
    assert quiet.tags("admin") == ["refs/tags/1.0.0"]
    assert quiet.tags("bot") == []
    assert quiet.wrong()["gate-tags"].endswith("czar gerrit setup --apply puts it right")
    step = gate_setup.apply(quiet.rest("admin"), [quiet.gate])[1]
    assert (step.done, step.because) == (True, "put right; before: not refs/*")
    assert quiet.tags("bot") == ["refs/tags/1.0.0"]
    assert "gate-tags" not in quiet.wrong()
    assert pushed.revision in heard_by_the_bot(quiet, pushed.revision)


def heard_by_the_bot(court: Court, revision: str) -> str:
    """The first words of the stream while tags are put on that commit: one at least comes after it has begun."""
    bot = court.people["bot"]
    server = Server(
        host=court.world.ssh_host,
        port=court.world.ssh_port,
        user=bot.username,
        key_file=bot.key_file,
        known_hosts=court.world.known_hosts,
    )
    with login(server) as client:
        channel = run(client, "gerrit stream-events -s ref-updated")
        channel.settimeout(1)
        for number in range(20):
            court.tag(f"2.{number}.0", revision)
            try:
                return channel.recv(10_000).decode()
            except TimeoutError:
                continue
    return ""

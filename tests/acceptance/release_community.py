"""A community that signs off its releases: real Gerrit, real gate, real daemon, and the truth by Gerrit's own REST."""

from __future__ import annotations

import base64
import itertools
import json
import re
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest

from tests.acceptance.community import metric
from tests.acceptance.stage import wanted
from tests.czar_process import Czar
from tests.gerrit_world import Pushed
from tests.integrations.gerrit.loopback import Loopback
from tests.real.gerrit import RealGerrit
from tests.real.ports import LOOPBACK
from tests.waiting import WaitedInVain, until

KEYS = ("ann", "bob", "cyd", "pat", "dee", "roy", "gil", "rel", "tia", "sec", "zed", "core")
"""Nova's release czars are Ann and Bob, Cyd is their deputy, Pat the PTL; Placement's is Dee, without a PTL. Roy is
czar of Rover, and Gil is what governance's file says. Rel releases, Tia is of the TC, Sec looks after security. Zed
uploads and Core reviews: neither may sign anything.
"""
LABEL = "Release-Signoff"
WITHIN_S = 60.0
AT_ONCE = 8
LOOK_EVERY_S = 0.5
RULES = """\
defaults: {limits: {rule_per_hour: 10000, total_per_hour: 10000, person_per_day: 10000}}
ladders: {release: [{after: 15s, do: ping}]}
rules: []
"""
OVERRIDE = "override: {duty: releases, of: community}"
PLAIN: Mapping[str, str] = {"releases": OVERRIDE}
"""Repos of release requests and what `signoff` says of them."""
_STATE = re.compile(r"^Release sign-off[: ]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One release as a file lists it."""

    version: str
    repo: str
    sha: str

    @property
    def named(self) -> str:
        """As `czar: signoff` names it."""
        return f"{self.repo} {self.version} {self.sha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A change as Gerrit shows it in one answer. People are named by their keys."""

    status: str
    patch_set: int
    revision: str
    submittable: bool
    vote: int  # the bot's
    gate: str  # status of the submit requirement
    reviewers: tuple[str, ...]
    attention: tuple[str, ...]
    said: tuple[str, ...]  # by the bot, without votes alone

    @property
    def states(self) -> tuple[str, ...]:
        """The comments on where it stands."""
        return tuple(one for one in self.said if _STATE.search(one))

    @property
    def state(self) -> str:
        """The last of them."""
        return self.states[-1] if self.states else ""

    def says(self, words: str) -> bool:
        """Whether the bot used these words."""
        return any(words in one for one in self.said)


class ReleaseCommunity:
    """`name` keeps it apart from others; `signoff` are its repos of release requests, with their terms."""

    def __init__(self, world: RealGerrit, czar: Czar, name: str, signoff: Mapping[str, str] = PLAIN) -> None:
        self.world, self.czar, self.name, self.signoff = world, czar, name, signoff
        self.people = {key: world.add_person(f"{name}-{key}") for key in KEYS} | {"admin": world.admin}
        self.bot = world.add_person(f"{name}-bot", service=True)
        self.rovers: tuple[str, ...] = ("roy",)
        self.hook: Loopback | None = None
        self.seeds: dict[str, str] = {}
        self.old_lines: tuple[Line, ...] = ()
        self.more_people = self.more_teams = self.more_governance = ""
        self.governance_email = ""  # how governance's file spells the PTL's
        self._editing = threading.Lock()
        self._numbers = itertools.count(1)
        self._witnesses = itertools.cycle(
            ("sec", "tia", "gil", "roy")
        )  # nobody is answered more than ten times an hour
        for repo in (*signoff, "nova", "placement", "rover", "gov"):
            world.add_project(f"{name}/{repo}")

    # the server and the daemon

    def open(self, *, more: str = "", hook: Loopback | None = None, start: bool = True, setup: bool = True) -> None:
        """Give rights, write the config, set the gate up and start the daemon."""
        self._grant()
        self.govern("gil")
        self.hook = hook
        if hook:
            more += "notify: {default: {url_file: channel}, batch: 1s, quiet: never, per_day: 100}\n"
            channel = self.czar.config / "channel"
            channel.write_text(f"json://{LOOPBACK}:{hook.server_port}/{{person}}")
            channel.chmod(0o600)
        entries = "".join(f"  - {{project: {self.name}/{repo}, {terms}}}\n" for repo, terms in self.signoff.items())
        more = f"signoff:\n{entries}{more}"
        self.czar.write(self.world, self.bot, roster=self.roster(), rules=RULES, more=more)
        if setup:
            self.set_up()
        if start:
            self.czar.start()

    def set_up(self) -> None:
        """As an administrator does."""
        done = self.czar.command("gerrit", "setup", "--apply", "--as", "admin", "--password-file", self.admin_password)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def admin_password(self) -> str:
        """The file that holds it."""
        file = self.czar.config.parent / "admin-password"
        file.write_text(self.world.admin.password)
        file.chmod(0o600)
        return str(file)

    def roster(self) -> str:
        """See KEYS. Rover's czars may change."""
        people = "".join(
            f"  {key}: {{gerrit: {self.people[key].username}, email: {self.people[key].email}}}\n"
            for key in KEYS
            if key not in ("zed", "core")
        )
        return f"""\
governance: {{file: projects.yaml}}
people:
{people}{self.more_people}community:
  duties:
    releases: {{czars: [rel]}}
    tc: {{czars: [tia]}}
    security: {{czars: [sec]}}
teams:
  nova:
    repos: [{self.name}/nova]
    ptl: pat
    duties: {{release: {{czars: [ann, bob], deputies: [cyd]}}}}
  placement:
    repos: [{self.name}/placement]
    leadership: distributed
    duties: {{release: {{czars: [dee]}}}}
  rover:
    repos: [{self.name}/rover]
    leadership: distributed
    duties: {{release: {{czars: [{", ".join(self.rovers)}]}}}}
{self.more_teams}"""

    def govern(self, ptl: str) -> None:
        """Governance's file names the PTL of its team."""
        email = self.governance_email or self.people[ptl].email
        (self.czar.config / "projects.yaml").write_text(f"""\
gov:
  ptl: {{name: {ptl}, irc: {ptl}, email: {email}}}
  mission: To be governed.
  deliverables:
    gov:
      repos: [{self.name}/gov]
{self.more_governance}""")

    def reload(self, rovers: tuple[str, ...]) -> None:
        """Another roster, on SIGHUP."""
        with self._editing:
            self.rovers = rovers
            (self.czar.config / "roster.yaml").write_text(self.roster())
            self.reread()

    def reread(self) -> None:
        """SIGHUP; the config is taken over, or refused."""
        since = len(self.czar.logged())
        self.czar.signal(signal.SIGHUP)

        def answered() -> bool:
            log = self.czar.logged()[since:]
            return "config.reloaded" in log or "config.refused" in log

        until(answered, WITHIN_S, "the reload")

    def until_quiet(self) -> None:
        """The daemon has done all that it decided so far."""
        until(self.czar.is_ready, WITHIN_S, "the daemon to be ready")
        until(lambda: metric(self.czar, 'czar_actions{state="pending"}') == 0, WITHIN_S, "nothing to be left to do")

    # files

    def line(self, repo: str = "nova", *, version: str = "", sha: str = "") -> Line:
        """A release that nobody else asks for."""
        number = next(self._numbers)
        return Line(version=version or f"{number}.0.0", repo=f"{self.name}/{repo}", sha=sha or new_sha())

    def path(self, repo: str = "nova") -> str:
        """A file that nobody else has."""
        return f"deliverables/zed/{repo}-{next(self._numbers)}.yaml"

    # changes

    def push(
        self,
        files: Mapping[str, str],
        *,
        who: str = "zed",
        onto: Pushed | None = None,
        repo: str = "releases",
        **how: Any,
    ) -> Pushed:
        """A change, or another patch set of one."""
        change_id = onto.change_id if onto else ""
        project = onto.project if onto else f"{self.name}/{repo}"
        given = {"subject": f"Release, take {next(self._numbers)}", "files": files, "change_id": change_id} | how
        return self.world.push(self.people[who], project, **given)

    def edit(self, onto: Pushed, path: str, text: str, who: str = "zed") -> Pushed:
        """Another patch set, made in the web page."""
        content = base64.b64encode(text.encode()).decode()
        where, body = f"/edit/{quoted(path)}", {"binary_content": f"data:text/plain;base64,{content}"}
        self.change(who, "PUT", onto, where, body)
        self.change(who, "POST", onto, "/edit:publish", {"notify": "NONE"})
        seen = self.look(onto)
        return replace(onto, patch_set=seen.patch_set, revision=seen.revision)

    def ask(self, *lines: Line, path: str = "", team: str = "nova", **how: Any) -> tuple[Pushed, str]:
        """A request for these releases, and its file; Core has reviewed it."""
        path = path or self.path()
        pushed = self.push({path: deliverable(*lines, team=team)}, **how)
        self.review("core", pushed.number, labels={"Code-Review": 2})
        return pushed, path

    def asked(self, *lines: Line, within_s: float = WITHIN_S, **how: Any) -> tuple[Pushed, str]:
        """The same, once people were asked for it."""
        pushed, path = self.ask(*lines, **how)
        self.until(pushed, lambda seen: "waits for" in seen.state, "people to be asked", within_s)
        return pushed, path

    def open_one(self, *lines: Line, **how: Any) -> tuple[Pushed, str]:
        """A request that Ann has signed."""
        pushed, path = self.asked(*lines, **how)
        self.say("ann", pushed, "czar: signoff")
        self.until_open(pushed)
        return pushed, path

    def say(self, who: str, change: Pushed | int, text: str, *, on_page: bool = False) -> None:
        """A plain message, or the web page's reply."""
        how: dict[str, Any] = {"message": text}
        if on_page:
            how = {"comments": {"/PATCHSET_LEVEL": [{"message": text, "unresolved": False}]}}
        self.review(who, _number(change), **how)

    def vote(self, who: str, change: Pushed | int, value: int) -> None:
        """Code-Review."""
        self.review(who, _number(change), labels={"Code-Review": value})

    def review(self, who: str, number: int, revision: str = "current", **how: Any) -> None:
        """One review call."""
        self.rest(who, "POST", f"/changes/{number}/revisions/{revision}/review", how)

    def change(self, who: str, method: str, change: Pushed | int, path: str = "", body: object = None) -> Any:
        """REST on a change."""
        return self.rest(who, method, f"/changes/{_number(change)}{path}", body)

    def rest(self, who: str, method: str, path: str, body: object = None) -> Any:
        """REST as somebody."""
        return self.world.rest(self.people[who], method, path, body)

    def edit_message(self, who: str, change: Pushed) -> None:
        """A new patch set by another message."""
        words = f"Another message, {time.monotonic_ns()}\n\nChange-Id: {change.change_id}\n"
        self.change(who, "PUT", change, "/message", {"message": words})

    def move_master(self, repo: str = "releases") -> None:
        """Something that asks for no release is merged."""
        pushed = self.push({f"doc/{next(self._numbers)}.rst": "moved\n"}, repo=repo)
        self.review("core", pushed.number, labels={"Code-Review": 2})
        self.until_open(pushed)
        self.submit("core", pushed)

    def merged(self, files: Mapping[str, str], repo: str = "releases") -> None:
        """What was there before the gate."""
        pushed = self.push(files, repo=repo)
        self.review("admin", pushed.number, labels={"Code-Review": 2})
        self.submit("admin", pushed)

    def submit(self, who: str, change: Pushed) -> None:
        """Or requests.HTTPError."""
        self.change(who, "POST", change, "/submit", {})

    # how it is

    def look(self, change: Pushed | int) -> Seen:
        """In one answer of the server."""
        options = "o=CURRENT_REVISION&o=SUBMIT_REQUIREMENTS&o=SUBMITTABLE"
        detail = self.change("admin", "GET", change, f"/detail?{options}")
        votes = detail["labels"].get(LABEL, {}).get("all", ())
        mine = (vote.get("value", 0) for vote in votes if vote["_account_id"] == self.bot.account_id)
        gates = (one["status"] for one in detail["submit_requirements"] if one["name"] == LABEL)
        revision = detail["current_revision"]
        return Seen(
            status=detail["status"],
            patch_set=detail["revisions"][revision]["_number"],
            revision=revision,
            submittable=detail.get("submittable", False),
            vote=next(mine, 0),
            gate=next(gates, ""),
            reviewers=tuple(sorted(self.key(one) for one in detail["reviewers"].get("REVIEWER", ()))),
            attention=tuple(sorted(self.key(one["account"]) for one in detail.get("attention_set", {}).values())),
            said=tuple(one["message"] for one in detail["messages"] if self._is_said(one)),
        )

    def _is_said(self, message: Mapping[str, Any]) -> bool:
        ours = message.get("author", {}).get("_account_id") == self.bot.account_id
        return ours and message.get("tag") == "autogenerated:czar" and "\n" in message["message"].strip()

    def key(self, account: Mapping[str, Any]) -> str:
        """`ann` for `signs3-ann`."""
        return str(account["username"]).removeprefix(f"{self.name}-")

    def until(
        self,
        change: Pushed | int,
        condition: Callable[[Seen], bool],
        what: str,
        within_s: float = WITHIN_S,
        every_s: float = LOOK_EVERY_S,
    ) -> Seen:
        """The change as it was when it became so. Looking costs the server most of what is done here."""
        seen: list[Seen] = []
        looked = float("-inf")

        def so() -> bool:
            nonlocal looked
            if time.monotonic() - looked < every_s:
                return False
            seen[:] = [self.look(change)]
            looked = time.monotonic()
            return condition(seen[0])

        try:
            until(so, within_s, what)
        except WaitedInVain as error:
            raise WaitedInVain(f"{error}\n{self.story(_number(change))}") from None
        return seen[0]

    def until_open(self, change: Pushed | int, within_s: float = WITHIN_S, every_s: float = LOOK_EVERY_S) -> Seen:
        """It may be submitted."""
        return self.until(
            change, lambda seen: seen.vote == 1 and seen.submittable, "the gate to open", within_s, every_s
        )

    def until_shut(self, change: Pushed | int, vote: int = 0, within_s: float = WITHIN_S) -> Seen:
        """It may not be submitted."""

        def shut(seen: Seen) -> bool:
            return seen.vote == vote and not seen.submittable and seen.gate == "UNSATISFIED"

        return self.until(change, shut, f"the gate to be shut at {vote}", within_s)

    def answered(self, who: str, change: Pushed, text: str, words: str) -> Seen:
        """Say something and get these words in answer."""
        before = len(self.look(change).said)
        self.say(who, change, text)
        return self.until(change, lambda seen: any(words in one for one in seen.said[before:]), f"{words!r}")

    def heard_out(self, change: Pushed) -> Seen:
        """The change once all that happened on it was judged: things of one change are taken up in order."""
        return self.answered(next(self._witnesses), change, "czar: status", "status: ")

    def story(self, number: int) -> str:
        """All that is known, for whoever looks for what went wrong."""
        explained = self.czar.command("explain", f"gerrit:{number}")
        log = "\n".join(line[:1000] for line in self.czar.logged().splitlines()[-15:])
        messages = self.change("admin", "GET", number, "/messages")
        said = [(one.get("author", {}).get("username"), one["message"]) for one in messages]
        told = "\n".join(f"{who}: {text}" for who, text in said)
        return f"{told}\n--- explain\n{explained.stdout}{explained.stderr}\n--- log\n{log}"

    # the ledger

    def ledger(self, repo: str = "", *more: str) -> list[dict[str, Any]]:
        """What `czar ledger` tells."""
        return self.czar.json("ledger", *([f"{self.name}/{repo}"] if repo else []), *more)

    def shown(self, change: Pushed) -> list[dict[str, Any]]:
        """What `czar signoff show` tells."""
        return self.czar.json("signoff", "show", f"gerrit:{change.number}")

    # rights

    def _grant(self) -> None:
        """Core and Rel review and submit, everybody may rebase."""
        group = f"{self.name}-core"
        members = [self.people[key].username for key in ("core", "rel")]
        uuid = self.rest("admin", "PUT", f"/groups/{group}", {"members": members})["id"]
        allow = {"action": "ALLOW"}
        permissions = {
            "label-Code-Review": {"label": "Code-Review", "rules": {uuid: {**allow, "min": -2, "max": 2}}},
            "submit": {"rules": {uuid: allow}},
            "rebase": {"rules": {"global:Registered-Users": allow}},
        }
        for repo in self.signoff:
            add = {"add": {"refs/heads/*": {"permissions": permissions}}}
            self.rest("admin", "POST", f"/projects/{quoted(f'{self.name}/{repo}')}/access", add)


Story = Callable[[ReleaseCommunity], None]


@contextmanager
def told_at_once(
    here: ReleaseCommunity, stories: Iterable[Story], request: pytest.FixtureRequest
) -> Iterator[Mapping[Story, Future[None]]]:
    """The stories that this run of pytest asks for, all at the same time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {story: pool.submit(story, here) for story in wanted(request, stories)}


def new_sha() -> str:
    """40 digits."""
    return secrets.token_hex(20)


def deliverable(*lines: Line, team: str = "nova", more: str = "") -> str:
    """A release file; lines of one version belong together."""
    head = f"---\nteam: {team}\n{more}" if team else f"---\n{more}"
    if not lines:
        return head
    text = f"{head}releases:\n"
    for version, together in itertools.groupby(lines, key=lambda one: one.version):
        projects = "".join(f"      - repo: {one.repo}\n        hash: {one.sha}\n" for one in together)
        text += f"  - version: {version}\n    projects:\n{projects}"
    return text


def quoted(name: str) -> str:
    """For a path of REST."""
    return quote(name, safe="")


def told_by_hook(hook: Loopback, person: str) -> Iterable[str]:
    """What somebody was told through the channel."""
    for _, path, body in hook.requests:
        if path.strip("/") == person:
            yield str(json.loads(body)["message"])


def _number(change: Pushed | int) -> int:
    return change if isinstance(change, int) else change.number

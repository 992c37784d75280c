"""What people do about releases, as the seed chooses: they ask for them, sign, veto, take back, meddle, merge, tag."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.gerrit.said import PATCH_SET_LEVEL
from integrations.sandbox.gerrit.records import NO_SHA, Change, Refusal
from integrations.sandbox.gerrit.requirements import unsatisfied
from integrations.sandbox.gerrit.state import Review, Said, State
from tests.simulation.community import BOT, CZARS, DEVELOPERS, LABEL, MANAGER, OWNERS, RELEASES, SIGNERS

FILES = {
    "deliverables/nova.yaml": ("nova", "org/nova"),
    "deliverables/client.yaml": ("nova", "org/client"),
    "deliverables/glance.yaml": ("glance", "org/glance"),
    "deliverables/shared.yaml": ("nova", "org/glance"),  # two teams must sign
}
TOPICS = ("", "", "cycle")
EVERY_SIGNER = tuple(dict.fromkeys(one for many in SIGNERS.values() for one in many))
BROKEN = "releases: [\n"

Asked = tuple[str, str, str]
"""Repo, version, commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something somebody did about a change, and on which patch set: sign, vote (with a value), deleted (`by` is whose
    vote is gone), veto, unveto, override, lapse, abandon. `named`: for that release alone.
    """

    number: int
    patch_set: int
    by: str
    at: datetime
    what: str
    value: int = 0
    named: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A tag was pushed, moved, or deleted (no commit)."""

    repo: str
    version: str
    commit: str
    at: datetime


class ReleasePeople:
    """`acts` and `tags` are all they did, in order. `wait` lets a second pass, for people are not as fast as that."""

    def __init__(self, state: State, accounts: dict[str, int], chance: random.Random, wait: Callable[[], None]) -> None:
        self._state = state
        self._accounts = accounts
        self._names = {account: name for name, account in accounts.items()}
        self._chance = chance
        self._wait = wait
        self._versions = 0
        self.acts: list[Act] = []
        self.tags: list[Tagged] = []
        self.merged: list[tuple[Change, str]] = []  # and whether that was by the gate
        self._ways: dict[Callable[[], str], int] = {
            self.ask: 5,
            self._change_commits: 3,
            self._touch: 2,
            self._break: 1,
            self._rebase: 2,
            self._edit_message: 2,
            self.sign: 12,
            self._sign_named: 3,
            self._vote: 8,
            self._take_back: 4,
            self._veto: 2,
            self._unveto: 3,
            self._manage: 3,
            self._meddle: 5,
            self._set_topic: 1,
            self._flip_wip: 1,
            self._abandon: 1,
            self._restore: 3,
            self.merge: 3,
            self._tag: 4,
        }

    def act(self) -> str:
        """One act of somebody; says what it was."""
        (act,) = self._chance.choices([*self._ways], [*self._ways.values()])
        try:
            return act()
        except Refusal as refusal:
            return f"refused: {refusal.message}"
        finally:
            self._wait()

    # requests

    def ask(self) -> str:
        """A new change that asks for releases."""
        by = self._chance.choice((*DEVELOPERS * 2, *EVERY_SIGNER))
        paths = self._chance.sample(sorted(FILES), k=self._chance.choice((1, 1, 1, 2)))
        files = {path: self._with_another(path, self._on_branch(path)) for path in paths}
        topic = self._chance.choice(TOPICS)
        options = [f"topic={topic}"] if topic else []
        change = self._state.push(self._accounts[by], RELEASES, subject="Release", files=files, options=options)
        return f"{by} asks for {', '.join(paths)} in {change.number} {topic}"

    def _change_commits(self) -> str:
        """Other commits for the same versions, or one release more."""
        change = self._some()
        files = {path: self._text(change, path) for path in change.current.files if path in FILES}
        path = self._chance.choice(sorted(files) or [*FILES])
        text, more = files.get(path, self._on_branch(path)), self._chance.random() < 0.3
        head, found, _ = text.rpartition("hash: ")
        anew = self._with_another(path, text) if more or not found else f"{head}hash: {self._state.new_sha()}\n"
        return self._amend(change, {**files, path: anew}, "asks for something else")

    def _touch(self) -> str:
        """Words that release nothing; the tagger looks at the file all the same."""
        change = self._some() if self._chance.random() < 0.5 else None
        path = self._chance.choice(sorted(change.current.files) if change else sorted(FILES))
        if path not in FILES:
            raise Refusal(409, "nothing to touch")
        text = self._text(change, path) if change else self._on_branch(path)
        text = f"# {self._state.new_sha()}\n{text}"
        if change:
            files = {one: self._text(change, one) for one in change.current.files if one in FILES}
            return self._amend(change, {**files, path: text}, "edits words")
        number = self._state.push(self._accounts["dev"], RELEASES, subject="Words", files={path: text}).number
        return f"dev edits words of {path} in {number}"

    def _break(self) -> str:
        change = self._some()
        path = next(iter(change.current.files))
        files = {one: self._text(change, one) for one in change.current.files if one in FILES}
        return self._amend(change, {**files, path: f"{self._text(change, path)}{BROKEN}"}, "breaks it")

    def _amend(self, change: Change, files: dict[str, str], what: str) -> str:
        by = self._chance.choice((change.owner, change.owner, self._accounts[self._chance.choice(EVERY_SIGNER)]))
        files = {path: text.replace(BROKEN, "") if what != "breaks it" else text for path, text in files.items()}
        self._state.push(by, RELEASES, subject="Release", change_id=change.change_id, files=files)
        return f"{self._names[by]} {what} in {change.number}, patch set {change.current.number}"

    def _rebase(self) -> str:
        change, by = self._some(), self._chance.choice((*DEVELOPERS, *EVERY_SIGNER))
        self._state.rebase(change.number, self._accounts[by])
        return f"{by} rebases {change.number}"

    def _edit_message(self) -> str:
        change, by = self._some(), self._chance.choice((*DEVELOPERS, *EVERY_SIGNER))
        message = f"Release {self._state.new_sha()}\n\nChange-Id: {change.change_id}\n"
        self._state.edit_message(change.number, self._accounts[by], message)
        return f"{by} edits the message of {change.number}"

    # words and votes

    def sign(self, change: Change | None = None, by: str = "") -> str:
        """Somebody says that they sign, whether they may or not."""
        change = change or self._some()
        by = by or self._somebody()
        self._say(change, by, "czar: signoff")
        self._done(change, by, "sign")
        return f"{by} signs {change.number}"

    def _sign_named(self) -> str:
        change, by = self._some(), self._somebody()
        others = [one for one in self._open() if one.topic == change.topic and one.topic] or [change]
        about = self._chance.choice(others)
        named = [one for path in about.current.files for one in releases_in(self._text(about, path))]
        if not named:
            raise Refusal(404, "no release to name")
        release = self._chance.choice(named[-2:])
        self._say(change, by, f"czar: signoff {' '.join(release)}")
        self._done(change, by, "sign", named=release)
        return f"{by} signs {release} of {about.number} on {change.number}"

    def _vote(self) -> str:
        change, by = self._some(), self._somebody()
        value = self._chance.choice((1, 1, 1, 2, 2, -1))
        said = len(change.messages)
        self._state.review(change.number, self._accounts[by], Review(labels={"Code-Review": value}))
        if len(change.messages) > said:
            self._done(change, by, "vote", value)
        return f"{by} votes {value:+d} on {change.number}"

    def _take_back(self) -> str:
        change = self._some()
        account = self._chance.choice(self._voters(change))
        self._state.review(change.number, account, Review(labels={"Code-Review": 0}))
        self._done(change, self._names[account], "vote", 0)
        return f"{self._names[account]} takes their vote on {change.number} back"

    def _veto(self) -> str:
        change, by = self._some(), self._somebody()
        self._say(change, by, "czar: veto not so fast")
        self._done(change, by, "veto")
        return f"{by} vetoes {change.number}"

    def _unveto(self) -> str:
        vetoes = [one for one in self.acts if one.what == "veto" or one.value < 0]
        if not vetoes:
            raise Refusal(404, "no veto")
        act = self._chance.choice(vetoes[-5:])
        change = self._state.changes[act.number]
        self._say(change, act.by, "czar: unveto")
        self._done(change, act.by, "unveto")
        return f"{act.by} takes their veto on {act.number} back"

    def _manage(self) -> str:
        change, by = self._some(), self._chance.choice((MANAGER, MANAGER, MANAGER, "ann"))
        what, words = self._chance.choice((("override", "override release it burns"), ("lapse", "lapse it is Friday")))
        self._say(change, by, f"czar: {words}")
        self._done(change, by, what)
        return f"{by}: {what} {change.number}"

    def _meddle(self) -> str:
        """Somebody deletes votes, or takes reviewers off, ours among them."""
        change = self._some()
        voters = [who for number, who, _ in change.votes if number == change.current.number]
        if not voters:
            raise Refusal(404, "no votes")
        who, whole = self._chance.choice(voters), self._chance.random() < 0.4
        label = LABEL if who == self._accounts[BOT] else "Code-Review"
        by = self._accounts[self._chance.choice((*DEVELOPERS, *EVERY_SIGNER))]
        if whole and self._names[who] not in CZARS:
            self._state.remove_reviewer(change.number, by, who)
        else:
            whole = False
            self._state.remove_vote(change.number, by, who, label)
        self._done(change, self._names[who], "deleted")
        return (
            f"{self._names[by]} deletes {'reviewer' if whole else 'the vote of'} {self._names[who]} on {change.number}"
        )

    # the change

    def _set_topic(self) -> str:
        change = self._some()
        self._state.set_topic(change.number, change.owner, self._chance.choice(TOPICS))
        return f"{change.number} has topic {change.topic!r}"

    def _flip_wip(self) -> str:
        change = self._some()
        self._state.set_wip(change.number, change.owner, not change.wip)
        return f"{change.number} is {'wip' if change.wip else 'ready'}"

    def _abandon(self) -> str:
        change = self._some()
        self._state.abandon(change.number, change.owner)
        self._done(change, "", "abandon")
        return f"{change.number} is abandoned"

    def _restore(self) -> str:
        change = self._some("ABANDONED")
        self._state.restore(change.number, change.owner)
        self._done(change, "", "abandon")
        return f"{change.number} is restored"

    def merge(self) -> str:
        """What the gate lets through."""
        ready = [change for change in self._open() if LABEL not in unsatisfied(self._state, change)]
        if not ready:
            raise Refusal(409, "nothing is submittable")
        change = self._chance.choice(ready)
        wanted = [change, *(one for one in self._state.related(change) if one.status == "NEW")]
        if any(LABEL in unsatisfied(self._state, one) for one in wanted):
            raise Refusal(409, "what it stands on is not submittable")
        self._state.merge(change.number, change.owner)
        return f"{change.number} is merged"

    def _tag(self) -> str:
        repo = self._chance.choice([*OWNERS])
        landed = [one for path in FILES for one in releases_in(self._on_branch(path)) if one[0] == repo]
        wanted = [
            one
            for change in self._open()
            for path in change.current.files
            for one in releases_in(self._text(change, path))
            if one[0] == repo
        ]
        there = [(one.repo, one.version, one.commit) for one in self.tags if one.repo == repo]
        known = self._chance.choice([one for one in (landed, landed, landed, wanted, there) if one] or [[]])
        _, version, commit = self._chance.choice(known) if known else (repo, "0.0.1", self._state.new_sha())
        if self._chance.random() < 0.2:
            commit = self._chance.choice((self._state.new_sha(), self._state.new_sha(), NO_SHA))
        ref = f"refs/tags/{version}"
        if self._state.project(repo).refs.get(ref, NO_SHA) == commit:
            raise Refusal(409, "it is there")
        self._state.update_ref(repo, ref, commit, by=self._accounts["dev"])
        self.tags.append(
            Tagged(repo=repo, version=version, commit="" if commit == NO_SHA else commit, at=self._state.now())
        )
        return f"dev tags {repo} {version} {commit}"

    # helpers

    def _say(self, change: Change, by: str, text: str) -> None:
        if self._chance.random() < 0.3:
            review = Review(comments=(Said(path=PATCH_SET_LEVEL, text=text),))
        else:
            review = Review(message=text)
        self._state.review(change.number, self._accounts[by], review)

    def _done(self, change: Change, by: str, what: str, value: int = 0, named: Asked | None = None) -> None:
        now, patch_set = self._state.now(), change.current.number
        self.acts.append(
            Act(number=change.number, patch_set=patch_set, by=by, at=now, what=what, value=value, named=named)
        )

    def _open(self) -> list[Change]:
        return [one for one in self._state.changes.values() if one.project == RELEASES and one.status == "NEW"]

    def _some(self, status: str = "NEW") -> Change:
        changes = [one for one in self._state.changes.values() if (one.project, one.status) == (RELEASES, status)]
        if not changes:
            raise Refusal(404, "no such change")
        return self._chance.choice(changes[-6:])

    def _somebody(self) -> str:
        return self._chance.choice((*EVERY_SIGNER * 3, "dee", "hal", *DEVELOPERS))

    def _voters(self, change: Change) -> list[int]:
        there = change.current.number
        voters = [who for number, who, label in change.votes if number == there and label == "Code-Review"]
        if not voters:
            raise Refusal(404, "nobody voted")
        return voters

    def _on_branch(self, path: str) -> str:
        return self._state.project(RELEASES).branches["master"].tree.get(path) or f"team: {FILES[path][0]}\nreleases:\n"

    def _text(self, change: Change, path: str) -> str:
        file = change.current.files.get(path)
        return (file.content if file else None) or self._on_branch(path)

    def _with_another(self, path: str, text: str) -> str:
        self._versions += 1
        return (
            f"{text}  - version: 1.{self._versions}.0\n    projects:\n"
            f"      - repo: {FILES[path][1]}\n        hash: {self._state.new_sha()}\n"
        )


def releases_in(text: str) -> list[Asked]:
    """What a file lists, in its order; nothing where it is broken."""
    lines = [line.strip().removeprefix("- ") for line in text.splitlines()]
    found: list[Asked] = []
    version = repo = ""
    for line in [] if BROKEN.strip() in lines else lines:
        key, _, value = line.partition(": ")
        version, repo = (value, repo) if key == "version" else (version, value) if key == "repo" else (version, repo)
        if key == "hash":
            found.append((repo, version, value))
    return found


def team_in(text: str) -> str:
    """Whose the file is."""
    return next(line.partition(": ")[2] for line in text.splitlines() if line.startswith("team: "))

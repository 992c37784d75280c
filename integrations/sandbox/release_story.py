"""A release in the sandbox: somebody asks for it, its czar signs, and it goes in; told in steps beside a recording."""

from __future__ import annotations

import hashlib

from integrations.sandbox.cast import Cast
from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.records import Label, Requirement
from integrations.sandbox.gerrit.requirements import unsatisfied
from integrations.sandbox.gerrit.state import Review, State

REPO = "releases"
LABEL = "Release-Signoff"
ASKED_AT, SIGNED_AT = 10, 30
"""Steps of the recording after which somebody asks, and the czar has looked at it."""


class ReleaseStory:
    """`step` after each step of the recording; `state` holds the recording's people, and the bot `bot`."""

    repo = REPO

    def __init__(self, state: State, cast: Cast, bot: str) -> None:
        self._state = state
        self._team = cast.project.rsplit("/", 1)[-1]
        self._project = cast.project
        self._signer = state.find_account(cast.reviewers[0]).account_id
        self._asker = state.add_account("robin", name="robin", email="robin@example.org").account_id
        self._steps = 0
        self._number = 0
        self._done = False
        self._gate(bot)

    def step(self) -> None:
        """What happens now, if anything does."""
        self._steps += 1
        if self._steps == ASKED_AT:
            self._ask()
        if self._steps == SIGNED_AT:
            self._state.review(self._number, self._signer, Review(message="czar: signoff"))
        if self._number and not self._done and self._is_let_out():
            self._state.merge(self._number, self._asker)
            self._done = True

    def _gate(self, bot: str) -> None:
        values = {-1: "Refused or vetoed", 0: "Waits for sign-off", 1: "Signed off"}
        label = Label(name=LABEL, values=values, allow_post_submit=False, can_override=False)
        self._state.add_project(REPO)
        self._state.set_label(REPO, label)
        self._state.allow_vote(REPO, LABEL, self._state.groups[SERVICE_USERS].uuid)
        opens = f"label:{LABEL}=MAX,user={bot} AND -label:{LABEL}=MIN"
        self._state.set_requirement(REPO, Requirement(name=LABEL, submittable_if=opens))

    def _ask(self) -> None:
        sha = hashlib.sha1(self._project.encode(), usedforsecurity=False).hexdigest()
        text = (
            f"---\nteam: {self._team}\nreleases:\n  - version: 1.0.0\n    projects:\n"
            f"      - repo: {self._project}\n        hash: {sha}\n"
        )
        path = f"deliverables/sandbox/{self._team}.yaml"
        self._number = self._state.push(
            self._asker, REPO, files={path: text}, subject=f"Release {self._team} 1.0.0"
        ).number

    def _is_let_out(self) -> bool:
        return LABEL not in unsatisfied(self._state, self._state.change(self._number))

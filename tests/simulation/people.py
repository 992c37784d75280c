"""What people do to changes, as the seed chooses. What Gerrit would refuse is not done."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection

from integrations.sandbox.gerrit.records import Change, Refusal
from integrations.sandbox.gerrit.reviewers import ReviewerAsk
from integrations.sandbox.gerrit.state import Review, State
from tests.simulation.community import BOT, BRANCHES, CZARS, DEVELOPERS, MACHINE, OWNERS, RELEASES, UNOWNED
from tests.simulation.talk import Talk

TOPICS = ("", "api-v2", "api-v3", "tidy")
VOTES = (-2, -1, 0, 1, 2)


class People:
    """`busy` are changes on which a call of the daemon is under way: there nobody takes a reviewer off, since a call
    that was sent before and arrives after would undo that, which no look can prevent."""

    def __init__(
        self, state: State, accounts: dict[str, int], chance: random.Random, busy: Callable[[], Collection[int]]
    ) -> None:
        self._state = state
        self._accounts = accounts
        self._chance = chance
        self._busy = busy
        self._files = 0
        self.talk = Talk(state, accounts, chance)
        self.ever_inactive: set[int] = set()
        self._acts: dict[Callable[[], str], int] = {
            self.push: 8,
            self._amend: 5,
            self._reply: 8,
            self._merge: 2,
            self._abandon: 3,
            self._restore: 4,
            self._set_wip: 4,
            self._set_topic: 4,
            self._set_hashtag: 3,
            self._add_reviewer: 3,
            self._remove_reviewer: 5,
            self._flip_private: 1,
            self._flip_account: 1,
            self._command: 10,
            self._turn_attention: 3,
        }

    def act(self) -> str:
        """One act of somebody; says what it was."""
        (act,) = self._chance.choices([*self._acts], [*self._acts.values()])
        try:
            return act()
        except Refusal as refusal:
            return f"refused: {refusal.message}"

    def push(self) -> str:
        """A new change."""
        by = self._chance.choice((*DEVELOPERS * 4, *CZARS, MACHINE))
        project = self._chance.choice((*OWNERS, *OWNERS, UNOWNED))
        branch = self._chance.choice((*BRANCHES, BRANCHES[0]))
        options = [f"topic={topic}"] if (topic := self._chance.choice(TOPICS)) else []
        options += self._chance.choice(([], [], [], [], ["wip"])) + self._chance.choice(([],) * 15 + (["private"],))
        options += self._chance.choice(([],) * 6 + ([f"r={self._chance.choice(CZARS)}"],))
        account_id = self._accounts[by]
        change = self._state.push(
            account_id, project, branch=branch, subject="Do it", files=self._new_files(), options=options
        )
        return f"{by} pushes {change.number} to {project} {branch} {' '.join(options)}"

    def _new_files(self) -> dict[str, str]:
        self._files += 1
        where = self._chance.choice(("doc/a.rst", "src/a.py", "src/b.py"))
        return {where: f"content {self._files}\n"}

    def _some(self, status: str = "NEW") -> Change:
        all_ = (change for change in self._state.changes.values() if change.project != RELEASES)
        changes = [change for change in all_ if change.status == status]
        if not changes:
            raise Refusal(404, "no such change")
        return self._chance.choice(changes[-12:])

    def _amend(self) -> str:
        change = self._some()
        by = self._chance.choice((change.owner, change.owner, self._accounts[self._chance.choice(CZARS)]))
        self._state.push(
            by,
            change.project,
            branch=change.branch,
            subject="Do it better",
            change_id=change.change_id,
            files=self._new_files(),
            options=self._chance.choice(([], [], [], ["wip"], ["ready"])),
        )
        return f"{self._name(by)} amends {change.number}"

    def _reply(self) -> str:
        change = self._some(self._chance.choice(("NEW", "NEW", "NEW", "MERGED", "ABANDONED")))
        reviewers = [who for who in change.reviewers if who != self._accounts[BOT]]
        by = self._chance.choice((*reviewers, *reviewers, change.owner, self._accounts[self._chance.choice(CZARS)]))
        labels = {"Code-Review": self._chance.choice(VOTES)} if self._chance.random() < 0.5 else {}
        self._state.review(change.number, by, Review(message="I see.", labels=labels))
        return f"{self._name(by)} replies on {change.number} {labels or ''}"

    def _merge(self) -> str:
        change = self._some()
        self._state.merge(change.number, change.owner)
        return f"{change.number} is merged"

    def _abandon(self) -> str:
        change = self._some()
        self._state.abandon(change.number, change.owner, message="no")
        return f"{change.number} is abandoned"

    def _restore(self) -> str:
        change = self._some("ABANDONED")
        self._state.restore(change.number, change.owner)
        return f"{change.number} is restored"

    def _set_wip(self) -> str:
        change = self._some()
        self._state.set_wip(change.number, change.owner, not change.wip)
        return f"{change.number} is {'wip' if change.wip else 'ready'}"

    def _set_topic(self) -> str:
        change = self._some()
        self._state.set_topic(change.number, change.owner, self._chance.choice(TOPICS))
        return f"{change.number} has topic {change.topic!r}"

    def _set_hashtag(self) -> str:
        change = self._some()
        self._state.set_hashtags(change.number, change.owner, add=["urgent"])
        return f"{change.number} is urgent"

    def _add_reviewer(self) -> str:
        change = self._some()
        who = self._chance.choice(CZARS)
        self._state.add_reviewer(change.number, change.owner, ReviewerAsk(reviewer=who))
        return f"{change.number}'s owner adds {who}"

    def _remove_reviewer(self) -> str:
        change = self._some()
        reviewers = [who for who in change.reviewers if who != self._accounts[BOT]]
        if not reviewers or change.number in self._busy():
            raise Refusal(404, "nobody to take off")
        who = self._chance.choice(reviewers)
        by = self._chance.choice((who, change.owner))
        self._state.remove_reviewer(change.number, by, who)
        return f"{self._name(by)} takes {self._name(who)} off {change.number}"

    def _command(self) -> str:
        return self.talk.say(self._some(self._chance.choice(("NEW",) * 9 + ("ABANDONED",))))

    def _turn_attention(self) -> str:
        change = self._some()
        who = self._chance.choice((change.owner, *change.reviewers))
        if who in change.attention:
            self._state.remove_attention(change.number, change.owner, who, "enough")
            return f"it is {self._name(who)}'s turn on {change.number} no longer"
        self._state.add_attention(change.number, change.owner, str(who), "please")
        return f"it is {self._name(who)}'s turn on {change.number}"

    def _flip_private(self) -> str:
        change = self._some()
        self._state.set_private(change.number, change.owner, not change.private)
        return f"{change.number} is {'private' if change.private else 'public'}"

    def _flip_account(self) -> str:
        who = self._chance.choice(CZARS)
        account = self._state.accounts[self._accounts[who]]
        self._state.edit_account(account.account_id, active=not account.active)
        self.ever_inactive.add(account.account_id)
        return f"{who}'s account is {'closed' if account.active else 'open again'}"

    def _name(self, account_id: int) -> str:
        return self._state.accounts[account_id].username

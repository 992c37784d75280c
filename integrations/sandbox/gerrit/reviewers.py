"""Who is on a change: added, taken off, and the votes that go with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integrations.sandbox.gerrit import events, votes
from integrations.sandbox.gerrit.lifecycle import Lifecycle
from integrations.sandbox.gerrit.records import Change, Refusal

MOST_WITHOUT_CONFIRMATION = 10  # addreviewer.maxWithoutConfirmation
MOST_AT_ONCE = 20  # addreviewer.maxAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerAsk:
    """One ReviewerInput."""

    reviewer: str  # id, user name, address, or a group
    state: str = "REVIEWER"  # CC, REMOVED
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerDone:
    """What became of it: the accounts this call really changed."""

    ask: ReviewerAsk
    accounts: tuple[int, ...]


class Reviewers(Lifecycle):
    """`names_last_reviewer` shows the server's race: when one update adds several reviewers, all `reviewer-added`
    lines name the last of them."""

    names_last_reviewer = False

    def add_reviewer(self, number: int, by: int, ask: ReviewerAsk) -> ReviewerDone:
        """Idempotent; a bad reviewer is refused with 400 and JSON."""
        with self.lock:
            change = self.change(number)
            accounts = self._resolved(change, ask)
            if ask.state == "REMOVED":
                return self._removed(change, by, ask, accounts)
            new = self._put(change, by, ask.state, accounts)
            if new:
                self.write(change, by)
                self._tell_added(change, by, [(ask.state, who) for who in new])
            return ReviewerDone(ask=ask, accounts=new)

    def remove_reviewer(self, number: int, by: int, account_id: int, *, silently: bool = False) -> None:
        """`silently`: a review's message stands for it already."""
        with self.lock:
            change = self.change(number)
            state = change.reviewers.get(account_id)
            if state is None:
                raise Refusal(404, f"Not found: {account_id}")
            lost = self._values(change, account_id)
            text = f"Removed {'cc' if state == 'CC' else 'reviewer'} <GERRIT_ACCOUNT_{account_id}>"
            listed = "".join(
                f"* {label}{value:+d} by <GERRIT_ACCOUNT_{account_id}>\n" for label, value in sorted(lost.items())
            )
            text += f" with the following votes:\n\n{listed}" if lost else "."
            change.put_reviewer(account_id, "REMOVED", by=by, at=self.now())
            change.leave([account_id], reason="Reviewer/Cc was removed", by=by, at=self.now())
            if not silently:
                self.say(change, by, text, tag="deleteReviewer")
            self.write(change, by)
            self.emit(events.reviewer_deleted(self, change, account_id, by, lost, text))

    def remove_vote(self, number: int, by: int, account_id: int, label: str, *, reason: str = "") -> None:
        with self.lock:
            change = self.change(number)
            value = change.value(change.current.number, account_id, label)
            if not value:
                raise Refusal(404, "Not Found")
            votes.put_vote(self, change, change.current.number, account_id, label, 0, "")
            text = f"Removed {votes.shown(label, value)} by <GERRIT_ACCOUNT_{account_id}>\n"
            message = self.say(change, by, text + (f"\n{reason}\n" if reason else ""), tag="deleteVote")
            self.write(change, by)
            self.emit(events.vote_deleted(self, change, account_id, by, label, value, message))

    def _put(self, change: Change, by: int, state: str, accounts: Iterable[int]) -> tuple[int, ...]:
        """Who of them is new in this state. Who is a reviewer already stays one when added again or as owner."""
        new = tuple(who for who in accounts if who != change.owner and change.reviewers.get(who) != state)
        for who in new:
            change.put_reviewer(who, state, by=by, at=self.now())
        if state == "REVIEWER":
            self.attend(change, new, by, "Reviewer was added")
        return new

    def _tell_added(self, change: Change, by: int, added: Sequence[tuple[str, int]]) -> None:
        reviewers = [who for state, who in added if state == "REVIEWER"]
        for who in reviewers:
            named = reviewers[-1] if self.names_last_reviewer else who
            self.emit(events.reviewer_added(self, change, named, by))

    def _resolved(self, change: Change, ask: ReviewerAsk) -> tuple[int, ...]:
        try:
            account = self.find_account(ask.reviewer)
        except Refusal as refusal:
            return self._resolved_group(change, ask, refusal)
        if not account.active:
            raise _bad_reviewer(ask, f"Account '{ask.reviewer}' is inactive and can not be added as a reviewer")
        return (account.account_id,)

    def _resolved_group(self, change: Change, ask: ReviewerAsk, unknown: Refusal) -> tuple[int, ...]:
        try:
            group = self.group(ask.reviewer)
        except Refusal as error:
            text = f"{unknown.message}\n{ask.reviewer} does not identify a registered user or group"
            raise _bad_reviewer(ask, text) from error
        people = tuple(sorted(who for who in group.members if who != change.owner and self.accounts[who].active))
        if len(people) > MOST_AT_ONCE:
            raise _bad_reviewer(ask, f"The group {group.name} has too many members to add them all as reviewers.")
        if len(people) > MOST_WITHOUT_CONFIRMATION and not ask.confirmed:
            text = f"The group {group.name} has {len(people)} members. Do you want to add them all as reviewers?"
            raise _bad_reviewer(ask, text, confirm=True)
        return people

    def _removed(
        self, change: Change, by: int, ask: ReviewerAsk, accounts: Iterable[int], *, silently: bool = False
    ) -> ReviewerDone:
        gone = tuple(who for who in accounts if who in change.reviewers)
        for who in gone:
            self.remove_reviewer(change.number, by, who, silently=silently)
        return ReviewerDone(ask=ask, accounts=gone)

    def _all_there(self, change: Change, asked: Iterable[tuple[ReviewerAsk, tuple[int, ...]]]) -> None:
        """Who is to be taken off must be on it."""
        for account_id in (who for ask, accounts in asked if ask.state == "REMOVED" for who in accounts):
            if account_id not in change.reviewers:
                name = self.accounts[account_id].name
                raise Refusal(404, f"Reviewer {name} doesn't exist in the change, hence can't delete it")

    def _all_resolved(self, change: Change, asks: Iterable[ReviewerAsk]) -> list[tuple[ReviewerAsk, tuple[int, ...]]]:
        found = []
        bad: dict[str, object] = {}
        for ask in asks:
            try:
                found.append((ask, self._resolved(change, ask)))
            except Refusal as refusal:
                bad[ask.reviewer] = refusal.json
        if bad:
            bad |= {ask.reviewer: {"input": ask.reviewer} for ask, _ in found}
            raise Refusal(400, "error adding reviewer", json={"reviewers": bad, "error": "error adding reviewer"})
        return found

    def _values(self, change: Change, account_id: int) -> dict[str, int]:
        here = change.current.number
        return {key[2]: vote.value for key, vote in change.votes.items() if key[:2] == (here, account_id)}


def _bad_reviewer(ask: ReviewerAsk, text: str, *, confirm: bool = False) -> Refusal:
    body: dict[str, object] = {"input": ask.reviewer, "error": text}
    return Refusal(400, text, json=body | ({"confirm": True} if confirm else {}))

"""The promise of sign-off: nothing goes out that nobody signed, and everything that was signed does; the ledger is
whole, and every tag is held against it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import requests

from integrations.gerrit.published import published
from integrations.gerrit.rest import Rest
from integrations.sandbox.gerrit.faults import Faults
from integrations.sandbox.gerrit.in_process import InProcess
from integrations.sandbox.gerrit.records import Change
from integrations.sandbox.gerrit.requirements import unsatisfied
from integrations.sandbox.gerrit.rest import Rest as StandInRest
from rules.signoff.ledger import faults
from rules.signoff.restored import restored
from rules.signoff.standing import SIGN_OFF
from tests.simulation.community import BOT, LABEL, MANAGER, PASSWORD, RELEASES
from tests.simulation.letting_out import LettingOut
from tests.simulation.process import URL
from tests.simulation.world import World

STATE = "Release sign-off"
_OURS = re.compile(r"^(czar-ledger .*|\[czar [0-9a-f]{12}\]|Patch Set \d+:.*)$", re.MULTILINE)
SIGNS = frozenset({"signed", "lapsed", "overridden"})


class SignPromise:
    """`each_step` holds at any time, `in_the_end` once the world is calm. `must` is told what does not hold."""

    def __init__(self, world: World, must: Callable[[bool, str], None]) -> None:
        self._world = world
        self._must = must
        self._spec = LettingOut(world)
        self._bot = world.accounts[BOT]
        self._turns: dict[int, int] = {}

    def each_step(self) -> None:
        """Of the requests that were written since: no gate is open for what nobody signed, nothing is said twice."""
        for change in self._requests():
            if self._turns.get(change.number) == change.turn:
                continue
            self._turns[change.number] = change.turn
            self._nothing_is_said_again(change)
            if LABEL not in unsatisfied(self._world.state, change):
                self._must(self._spec.ever_let_out(change), f"{change.number} is {change.status} and nobody signed it")

    def in_the_end(self) -> None:
        """Everything."""
        self.each_step()
        self._the_ledger_is_whole()
        self._every_tag_is_audited()
        for change in self._requests():
            self._it_is_said_no_more_often_than_needed(change)
            if change.status == "NEW":
                self._our_vote_is_right(change)
                self._who_must_sign_was_asked(change)

    def _requests(self) -> list[Change]:
        return [change for change in self._world.state.changes.values() if change.project == RELEASES]

    def _vote(self, change: Change) -> int:
        return change.value(change.current.number, self._bot, LABEL)

    def _our_vote_is_right(self, change: Change) -> None:
        if not self._spec.is_settled(change):
            return
        may, is_ = self._spec.may_stand(change), self._vote(change)
        gate = self._world.process.journal.signoffs.gate(f"gerrit:{change.number}")
        self._must(is_ in may, f"{change.number}: our vote is {is_:+d}, right is {sorted(may)}; gate: {gate}")

    def _state_comments(self, change: Change) -> list[str]:
        return [one.text for one in change.messages if one.author == self._bot and STATE in one.text]

    def _nothing_is_said_again(self, change: Change) -> None:
        said = self._state_comments(change)
        for one, other in pairwise(said):
            same = _OURS.sub("", one).strip() == _OURS.sub("", other).strip() and "czar-ledger" not in other
            same = same and self._world.always_acted  # what was only observed meanwhile was not said
            self._must(not same, f"{change.number}: said twice in a row: {other}")

    def _it_is_said_no_more_often_than_needed(self, change: Change) -> None:
        """Once for what each deed of people brings about, on this change or another of the topic, each sign-off that
        ends, each ask, and each change of the roster."""
        item, journal = f"gerrit:{change.number}", self._world.process.journal
        deeds = len(change.patch_sets) + len(self._world.releasing.acts) + len(self._world.releasing.tags)
        ended = sum(entry.item == item and not entry.source for entry in journal.signoffs.entries())
        asked = sum(max(1, case.times) for case in journal.views.cases_of(item))
        most = deeds + ended + asked + len(self._world.rosters)
        said = len(self._state_comments(change))
        self._must(said <= most, f"{change.number}: {said} comments on where it stands, for {most} causes")

    def _the_ledger_is_whole(self) -> None:
        entries = self._world.process.journal.signoffs.entries()
        wrong = [f"{entry.number} {because}" for entry, because in faults(entries)]
        self._must(not wrong, f"the ledger: {wrong}")
        sources = Counter((one.source, one.release) for one in entries if one.source.startswith(("upload", "message")))
        twice = [source for source, times in sources.items() if times > 1]
        self._must(not twice, f"judged twice: {twice}")
        shown = list(published(self._rest(), [RELEASES]))
        self._must(all(one.entry for one in shown), f"lines nobody can read: {[one.because for one in shown]}")
        found = {one.entry.number: one for one in shown if one.entry}
        changes = self._world.state.changes
        for entry in entries:
            one, change = found.get(entry.number), changes[int(entry.item.partition(":")[2])]
            if one is None:
                observed = change.status != "NEW" and not self._world.always_acted
                self._must(observed, f"number {entry.number} stands in no comment: {entry}")
            elif one.entry != entry or one.item != entry.item:
                self._must(False, f"number {entry.number} is {entry}, and shown on {one.item} as {one.entry}")
        made = restored([(one.item, one.entry) for one in shown if one.entry], ())
        here = tuple(entry for entry in entries if entry.number in found)
        self._must(made.fresh == here, "the ledger made again from comments is another")

    def _rest(self) -> Rest:
        def session() -> requests.Session:
            made = requests.Session()
            made.trust_env = False
            made.mount(URL, InProcess(StandInRest(self._world.state, Faults())))
            return made

        return Rest(URL, BOT, PASSWORD, make_session=session)

    def _every_tag_is_audited(self) -> None:
        signoffs = self._world.process.journal.signoffs
        audits = {(one.release.repo, one.release.version): one for one in signoffs.audits()}
        entries = signoffs.entries()
        for tag in {(one.repo, one.version): one for one in self._world.releasing.tags}.values():
            audit, what = audits.get((tag.repo, tag.version)), f"tag {tag.repo} {tag.version}"
            sha = self._world.state.project(tag.repo).refs.get(f"refs/tags/{tag.version}", "")
            if audit is None:
                self._must(not sha, f"{what} on {sha} was not audited")
                continue
            self._must(audit.release.sha == sha, f"{what} is on {sha}, audited on {audit.release.sha}")
            signed = any(one.release == audit.release and one.act in SIGNS for one in entries)
            self._must(signed or audit.state != "signed", f"{what} is held for signed, and nobody signed")
            landed = any(tuple(audit.release) in self._landed(change) for change in self._requests())
            late = landed and audit.state in ("unsigned", "mismatch") and signed
            self._must(not late or not self._was_only_here(tag.repo, tag.version), f"{what} was let out: {audit}")

    def _landed(self, change: Change) -> set[tuple[str, str, str]]:
        return set(self._spec.content(change, change.current).wanted) if change.status == "MERGED" else set()

    def _was_only_here(self, repo: str, version: str) -> bool:
        """Whether the tag was never anywhere else, and the change in before it was made."""
        return sum((one.repo, one.version) == (repo, version) for one in self._world.releasing.tags) == 1

    def _who_must_sign_was_asked(self, change: Change) -> None:
        item = f"gerrit:{change.number}"
        cases = [one for one in self._world.process.journal.views.cases_of(item) if one.rule == SIGN_OFF]
        value = self._vote(change)
        waits = [(one.slot, one.person, one.state) for one in cases if one.waits or one.state == "unrouted"]
        self._must(not (value == 1 and waits), f"{item}: signed, and somebody is still asked: {waits}")
        if value == 0 and self._world.always_acted and not change.wip:
            self._must(bool(waits), f"{item} waits, and nobody is asked: {cases}")
        asked = [one for one in cases if one.person == MANAGER]
        self._must(not asked, f"{item}: who may not sign is asked: {asked}")

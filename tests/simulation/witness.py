"""Sees every decision that the journal took, in order, and holds each against the promise of routing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from daemon.journal.deciding import Batch
from daemon.journal.journal import Journal
from daemon.journal.tables import decisions
from rules.actions import Comment, RemoveReviewer
from rules.arrangements import Arrangement, arranged
from rules.facts import UNKNOWN, Facts
from rules.roster import Roster
from rules.signoff.standing import SIGN_OFF
from rules.state import Case
from rules.verdicts import Decision, Settings

BY_HAND = ("claimed", "assigned")
"""Roles of whom a person's command asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    decision: Decision
    facts: Facts | None
    settings: Settings


class Witness:
    """`check` says what was wrong with the decisions since the last time."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []
        self._doubted: dict[int, _Seen] = {}
        self._arrangements: dict[str, Arrangement] = {}
        self.cases: dict[str, Case] = {}
        self.gone: set[tuple[str, str]] = set()  # (item, person) not to be asked again
        self.read: dict[str, datetime] = {}
        self.replies: list[tuple[datetime, str]] = []

    def watch(self, journal: Journal, settings: Callable[[], Settings]) -> None:
        """From now on."""
        record = journal.deciding.record
        self._settle_doubts(journal)

        def witnessed(batch: Batch) -> None:
            self._settle_doubts(journal)
            by = settings()
            seen = {seq: _Seen(decision=one, facts=facts, settings=by) for seq, one, facts in batch.decided}
            try:
                record(batch)
            except BaseException:
                self._doubted = seen
                raise
            self._seen += seen.values()

        journal.deciding.record = witnessed  # type: ignore[method-assign]

    def check(self) -> list[str]:
        """Each is told as a sentence."""
        seen, self._seen = self._seen, []
        return [f"{one.decision.item} {one.decision.event}: {wrong}" for one in seen for wrong in self._judge(one)]

    @property
    def arrangements(self) -> tuple[Arrangement, ...]:
        """What people arranged."""
        return tuple(self._arrangements.values())

    def roster(self, settings: Settings) -> Roster:
        """As people arranged it."""
        return arranged(settings.changes.roster, self._arrangements.values())

    def of_item(self, item: str) -> list[Case]:
        """Its cases."""
        return [case for case in self.cases.values() if case.item == item]

    def _settle_doubts(self, journal: Journal) -> None:
        """What was written although the process was killed over it."""
        if not self._doubted:
            return
        with journal.database.read() as connection:
            found = connection.execute(select(decisions.c.seq).where(decisions.c.seq.in_(list(self._doubted))))
            written = set(found.scalars())
        self._seen += [one for seq, one in self._doubted.items() if seq in written]
        self._doubted = {}

    def _judge(self, seen: _Seen) -> list[str]:
        effects = seen.decision.effects
        for arrangement in effects.arrangements:
            self._arrangements[arrangement.key] = arrangement
        new = {case.key: case for case in effects.cases}
        wrong = [*self._asked(seen, new), *self._handed_over(seen, new), *self._stepped(seen, new)]
        wrong += [*self._obeyed(seen), *self._reminded(seen, new)]
        self.cases.update(new)
        self.gone |= {(one.item, one.person) for one in effects.declined}
        return [*wrong, *self._crowded(seen)]

    def _asked(self, seen: _Seen, new: dict[str, Case]) -> Iterator[str]:
        """Nobody is newly asked who must not be."""
        roster, no = self.roster(seen.settings), {one.person for one in seen.decision.effects.declined}
        for case in new.values():
            old = self.cases.get(case.key)
            if not case.person or not case.waits or not _is_new(case, old):
                continue
            what = f"{case.key} ({case.role}) was asked"
            times = old.times if old and not old.observed else 0
            most = len(case.key) if seen.decision.effects.read else times + 1  # claimed, given back, claimed again
            if not case.observed and not times < case.times <= most:
                yield f"{what} for the {case.times}. time after {times}"
            person = roster.people[case.person]
            if person.opt_out and case.role != "claimed":
                yield f"{what}, who has opted out"
            if case.role not in BY_HAND and person.absence(seen.decision.at):
                yield f"{what}, who is away"
            if case.role not in BY_HAND and ((case.item, case.person) in self.gone or case.person in no):
                yield f"{what}, who was declined, taken off or replaced"
            change, accounts = seen.facts.change if seen.facts else None, seen.facts.accounts if seen.facts else {}
            if change is None or change.status != "NEW":
                yield f"{what} without an open change"
            elif case.rule == SIGN_OFF:
                continue  # a signer is asked whoever wrote it
            elif accounts.get(case.person, UNKNOWN) in (change.owner, *change.authors, UNKNOWN):
                yield f"{what}, who wrote it or is unknown"

    def _handed_over(self, seen: _Seen, new: dict[str, Case]) -> Iterator[str]:
        """Nobody is taken off unless somebody else is asked, or a person said so."""
        now = {**{case.key: case for case in self.of_item(seen.decision.item)}, **new}
        for case in new.values():
            old = self.cases.get(case.key)
            if case.end != "reassigned" or (old and old.end == "reassigned" and old.opened == case.opened):
                continue
            others = [one for one in new.values() if one.slot == case.slot and one.waits and one.person != case.person]
            if not others and not seen.decision.effects.read:
                yield f"{case.key} was replaced by nobody"
        for action in (*seen.decision.actions, *seen.decision.would):
            if isinstance(action, RemoveReviewer):
                ends = {case.end for case in now.values() if case.person == action.person and case.key in new}
                if not ends & {"reassigned", "declined"}:
                    yield f"{action.person} is taken off, whose cases are {sorted(ends)}"

    def _stepped(self, seen: _Seen, new: dict[str, Case]) -> Iterator[str]:
        """Each step of a ladder is done once, when it is due, while its clock goes."""
        for case in new.values():
            old = self.cases.get(case.key)
            if old is None or _is_new(case, old) or case.step == old.step:
                continue
            ladder = seen.settings.ladders[case.ladder]
            what = f"{case.key}: step {case.step} after {old.step}"
            if case.step != old.step + 1 or not old.waits:
                yield f"{what}, {old.state}"
            elif old.due is None or old.due > seen.decision.at:
                yield f"{what}, due {old.due}"
            elif old.began and seen.decision.at - old.began < ladder[old.step].after:
                yield f"{what} too early"

    def _obeyed(self, seen: _Seen) -> Iterator[str]:
        """Each message once, with at most one reply, to its author alone, and not too many."""
        effects, accounts = seen.decision.effects, {}
        for message in (seen.facts.change.messages or ()) if seen.facts and seen.facts.change else ():
            accounts[message.id] = message.account
        for read in effects.read:
            if read.message in self.read:
                yield f"message {read.message} was obeyed twice"
            self.read[read.message] = read.at
            if read.replied:
                self.replies.append((read.at, read.person))
        replied = {f"Comment:reply:{one.message}": one for one in effects.read if one.replied}
        replies = [
            one for one in (*seen.decision.actions, *seen.decision.would) if one.key.startswith("Comment:reply:")
        ]
        if len(replies) != len(replied) or {one.key for one in replies} != replied.keys():
            yield f"replies {[one.key for one in replies]} for {[*replied]}"
        for reply in replies:
            if isinstance(reply, Comment) and not set(reply.tell) <= {accounts[reply.key.rpartition(":")[2]]}:
                yield f"{reply.key} goes to {reply.tell}"

    def _reminded(self, seen: _Seen, new: dict[str, Case]) -> Iterator[str]:
        """Nobody is reminded of what does not wait for them."""
        for action in seen.decision.actions:
            key, step, _ = action.key.partition(":")[2].partition("#")
            case = new.get(key) or self.cases.get(key)
            if step and (case is None or case.state != "open" or case.paused):
                yield f"{action.key} although it is {case and case.state}"

    def _crowded(self, seen: _Seen) -> Iterator[str]:
        """Of those asked for a slot, a ladder added all but one."""
        slots: dict[str, list[Case]] = {}
        for case in self.of_item(seen.decision.item):
            rule = seen.settings.changes.by_id.get(case.rule)
            everybody = rule and rule.ask and rule.ask.pick == "all"
            if case.waits and not case.added and not case.observed and not everybody:
                slots.setdefault(case.slot, []).append(case)
        for slot, asked in slots.items():
            if len(asked) > 1:
                yield f"{slot}: asked are {[(one.person, one.role, one.rule) for one in asked]}"


def _is_new(case: Case, old: Case | None) -> bool:
    return old is None or not old.person or old.opened != case.opened or (old.observed and not case.observed)

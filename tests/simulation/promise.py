"""The promise, checked against the stand-in's state: nothing lost, nothing done twice, and the journal is right."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from daemon.journal.deciding import DECIDED
from daemon.journal.tables import actions, heard, marks, quarantine, waiting
from integrations.sandbox.gerrit.records import Change
from rules.state import DAY, Book, Case
from tests.simulation.community import BOT, CAP, CZARS, LIMITS, askable
from tests.simulation.mishaps import number_of
from tests.simulation.world import World

MARK = re.compile(r"^\[czar [0-9a-f]{12}\]$", re.MULTILINE)
GONE = ("removed", "refused")


class Promise:
    """`each_step` is cheap and holds at any time; `in_the_end` holds once the world is calm."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bot = world.accounts[BOT]
        self._names = {account_id: name for name, account_id in world.accounts.items()}
        self._checked: dict[int, int] = {}  # changes as they stood when looked at

    def each_step(self) -> None:
        """Of the changes that were written since: nothing is there twice, nobody was brought back."""
        for change in self._world.state.changes.values():
            if self._checked.get(change.number) != change.turn:
                self._checked[change.number] = change.turn
                self._nothing_is_said_twice(change)
                self._nobody_is_added_twice(change)

    def in_the_end(self) -> None:
        """Everything."""
        self.each_step()
        self._nothing_is_left_to_do()
        self._every_call_is_in_order()
        self._every_message_is_of_a_decision()
        self._the_book_is_what_the_journal_says()
        for change in self._world.state.changes.values():
            self._the_bot_added_who_was_asked(change)
            if change.private:
                continue  # hidden from the bot
            self._cases_tell_what_happened(change)
            if change.status == "NEW":
                self._who_was_asked_is_there(change)
                self._every_slot_is_served(change)

    # on the server

    def _nothing_is_said_twice(self, change: Change) -> None:
        said = Counter(mark for text in self._bot_messages(change) for mark in MARK.findall(text))
        twice = [mark for mark, times in said.items() if times > 1]
        self._must(not twice, f"{change.number}: said twice: {twice}")

    def _nobody_is_added_twice(self, change: Change) -> None:
        gone: set[int] = set()
        added: set[tuple[int, str]] = set()
        for update in change.reviewer_updates:
            who = self._names[update.reviewer]
            if update.state == "REMOVED":
                gone.add(update.reviewer)
            elif update.by == self._bot and update.reviewer != self._bot:
                self._must(update.reviewer not in gone, f"{change.number}: {who} was taken off and is back")
                self._must((update.reviewer, update.state) not in added, f"{change.number}: {who} was added twice")
                added.add((update.reviewer, update.state))

    def _every_call_is_in_order(self) -> None:
        """Nobody is asked about their own change, or named twice: Gerrit refuses such a call, the stand-in does not."""
        for request in self._world.door.written:
            number, body = number_of(request), json.loads(request.body or b"{}")
            asked = [one["reviewer"] for one in body.get("reviewers", ())]
            attend = [one["user"] for one in body.get("add_to_attention_set", ())]
            for named in (asked, attend):
                self._must(len(named) == len(set(named)), f"{number}: {named} in one call")
            owner = self._world.state.changes[number].owner
            self._must(owner not in asked, f"{number}: its owner {self._names[owner]} was asked")

    def _bot_messages(self, change: Change) -> Iterator[str]:
        return (message.text for message in change.messages if message.author == self._bot)

    # in the journal

    def _nothing_is_left_to_do(self) -> None:
        with self._world.process.journal.database.read() as connection:
            newest = connection.execute(select(func.max(heard.c.seq))).scalar() or 0
            decided = connection.execute(select(marks.c.value).where(marks.c.name == DECIDED)).scalar() or 0
            waits = connection.execute(select(func.count()).select_from(waiting)).scalar()
            unread = connection.execute(select(quarantine.c.because)).scalars().all()
            undone = connection.execute(select(actions.c.key).where(actions.c.state == "pending")).scalars().all()
            doubted = connection.execute(select(actions.c.key).where(actions.c.doubt)).scalars().all()
        self._must(newest == decided, f"heard up to {newest}, decided up to {decided}")
        self._must(not waits, f"{waits} events wait for a look-up")
        self._must(not unread, f"quarantined: {unread}")
        self._must(not undone and not doubted, f"pending: {undone}, in doubt: {doubted}")
        trouble = self._world.process.catching.trouble()
        self._must(not trouble, f"not caught up: {trouble}")

    def _every_message_is_of_a_decision(self) -> None:
        for change in self._world.state.changes.values():
            asks = sum(
                any(one.state != "observed" for one in told.actions)
                for told in self._world.process.journal.views.story(f"gerrit:{change.number}")
            )
            said = sum(1 for text in self._bot_messages(change) if MARK.search(text))
            self._must(said <= asks, f"{change.number}: {said} messages for {asks} decisions to ask")

    def _the_book_is_what_the_journal_says(self) -> None:
        used, journal = self._world.process.book, self._world.process.journal
        assert used is not None
        items = [f"gerrit:{number}" for number in self._world.state.changes]
        anew = journal.deciding.book()
        journal.deciding.refresh(anew, items)
        journal.deciding.refresh(used, items)
        mine, theirs = self._answers(used, items), self._answers(anew, items)
        wrong = [f"{question}: {mine[question]} in use, {theirs[question]} anew" for question in mine]
        wrong = [text for text, question in zip(wrong, mine, strict=True) if mine[question] != theirs[question]]
        self._must(not wrong, f"the book in use differs from one made anew: {wrong}")

    def _answers(self, book: Book, items: list[str]) -> dict[str, object]:
        now = self._world.clock()
        given: dict[str, object] = {"paused": dict(book.paused)}
        for who in CZARS:
            given[f"turns of {who}"] = book.turns(who)
            given[f"last asked {who}"] = book.last_asked(who)
            given[f"asked {who}"] = book.asked(since=now - DAY + timedelta(seconds=1), person=who)
        for item in items:
            given[f"cases of {item}"] = book.cases(item)
            given[f"declined {item}"] = dict(book.declined(item))
        return given

    # both together

    def _cases(self, change: Change) -> tuple[Case, ...]:
        return self._world.process.journal.views.cases_of(f"gerrit:{change.number}")

    def _account(self, person: str) -> int:
        return self._world.accounts[person]

    def _the_bot_added_who_was_asked(self, change: Change) -> None:
        asked = {self._account(case.person) for case in self._cases(change) if case.person and not case.observed}
        added = {update.reviewer for update in change.reviewer_updates if update.by == self._bot} - {self._bot}
        extra = [self._names[who] for who in added - asked]
        self._must(not extra, f"{change.number}: {extra} added, and the journal does not know that they were asked")
        old = change.created < self._world.process.since
        self._must(not (old and added), f"{change.number} is older than the daemon's first start")

    def _cases_tell_what_happened(self, change: Change) -> None:
        for case in self._cases(change):
            what = f"{case.key} is {case.state} {case.end} ({case.because})"
            if case.state != "closed":
                self._must(change.status == "NEW", f"{what}, the change is {change.status}")
            match case.end:
                case "merged":
                    self._must(change.status == "MERGED", f"{what}, the change is {change.status}")
                case "abandoned":
                    self._must(change.status != "NEW", f"{what}, the change is open")
                case "acted":
                    self._must(self._acted(change, case.person), f"{what}, but did nothing")
                case "removed":
                    self._must(self._was_removed(change, case.person), f"{what}, but nobody took them off")
                case "refused":
                    ever_inactive = self._account(case.person) in self._world.people.ever_inactive
                    self._must(ever_inactive or self._was_removed(change, case.person), f"{what}, but could be asked")
                case "" if case.waits and case.because != "restored" and not case.observed:
                    self._must(not self._replied(change, case), f"{what}, but they replied")

    def _acted(self, change: Change, person: str) -> bool:
        account = self._account(person)
        by = {message.author for message in change.messages} | {update.by for update in change.reviewer_updates}
        return account in by

    def _replied(self, change: Change, case: Case) -> bool:
        account = self._account(case.person)
        said = (one for one in change.messages if one.author == account and not one.tag.startswith("autogenerated"))
        return any(message.at > case.opened for message in said)

    def _was_removed(self, change: Change, person: str) -> bool:
        account = self._account(person)
        updates = (one for one in change.reviewer_updates if one.reviewer == account and one.by != self._bot)
        return any(update.state == "REMOVED" for update in updates)

    def _who_was_asked_is_there(self, change: Change) -> None:
        for case in self._cases(change):
            if not case.person or case.observed or case.end in GONE:
                continue
            there = self._account(case.person) in change.reviewers
            self._must(there, f"{case.key} was asked ({case.state} {case.end} {case.because}) and is not on the change")
        for told in self._world.process.journal.views.story(f"gerrit:{change.number}"):
            for verdict in told.detail.verdicts if told.detail else ():
                cases = {case.person: case for case in self._cases(change) if case.slot == verdict.slot}
                lost = [who for who in verdict.people if verdict.outcome == "ask" and who not in cases]
                self._must(not lost, f"{change.number}: explain says {lost} won {verdict.slot}, no case does")

    def _every_slot_is_served(self, change: Change) -> None:
        if change.created < self._world.process.since:
            return
        for slot, people in askable(change, self._world.accounts).items():
            cases = [case for case in self._cases(change) if case.slot == slot]
            if any(case.person and case.end not in GONE and not case.observed for case in cases):
                continue
            if any(change.reviewers.get(self._account(who)) == "REVIEWER" for who in people):
                continue
            if not self._world.always_acted:
                continue  # what was off or observed is not judged again by itself
            what = f"{change.number} slot {slot} ({[(one.person, one.state, one.end, one.because) for one in cases]})"
            self._must(any(case.state == "unrouted" for case in cases), f"{what} was forgotten")
            free = [who for who in people if not self._hindrance(change, who, slot)]
            self._must(not free, f"{what} is unrouted, and {free} could be asked")

    def _hindrance(self, change: Change, who: str, slot: str) -> str:
        """Why this person cannot be asked, as the world itself shows it."""
        account, now = self._account(who), self._world.clock()
        cases = self._world.process.journal.views.cases()
        theirs = [case for case in cases if case.person == who and not case.observed]
        if account in (change.owner, change.current.uploader):
            return "self"
        if self._was_removed(change, who):
            return "removed"
        if any(case.item == f"gerrit:{change.number}" and case.end == "refused" for case in theirs):
            return "refused"
        if not self._world.state.accounts[account].active:
            return "inactive"
        if self._world.config.is_away(who, now):
            return "away"
        if slot == "code" and who in CAP and len({case.item for case in theirs if case.waits}) >= CAP[who]:
            return "at capacity"
        assert LIMITS.person_per_day is not None
        return "busy" if sum(case.opened > now - DAY for case in theirs) >= LIMITS.person_per_day else ""

    def _must(self, holds: bool, because: str) -> None:
        if not holds:
            self._world.fail(because)

"""The promise, checked against the stand-in's state: nothing lost, nothing done twice, and the journal is right."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from requests import PreparedRequest
from sqlalchemy import func, select

from daemon.journal.deciding import DECIDED
from daemon.journal.instants import to_us
from daemon.journal.tables import actions, heard, marks, messages_read, quarantine, waiting
from integrations.gerrit.review import mark
from integrations.sandbox.gerrit.records import Change
from rules.actions import Comment
from rules.catalogue.commands import MOST_REPLIES
from rules.signoff.standing import SIGN_OFF
from rules.state import DAY, FREES, Book, Case
from tests.simulation.community import BOT, CAP, CZARS, LIMITS, MACHINE, askable
from tests.simulation.mishaps import number_of
from tests.simulation.sign_promise import SignPromise
from tests.simulation.teller import Delivery
from tests.simulation.witness import BY_HAND
from tests.simulation.world import World

MARK = re.compile(r"^\[czar [0-9a-f]{12}\]$", re.MULTILINE)
GONE = FREES
IN_THE_WINGS = timedelta(hours=2)
"""A notice waits at most so long for others to go out with it."""


HOUR = timedelta(hours=1)


class Promise:
    """`each_step` is cheap and holds at any time; `in_the_end` holds once the world is calm."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bot = world.accounts[BOT]
        self._names = {account_id: name for name, account_id in world.accounts.items()}
        self._checked: dict[int, int] = {}  # changes as they stood when looked at
        self._too_late: list[str] = []
        self._signing = SignPromise(world, self._must)
        world.door.before = self._look_at_call

    def each_step(self) -> None:
        """Of the changes that were written since: nothing is there twice, nobody was brought back."""
        for change in self._world.state.changes.values():
            if self._checked.get(change.number) != change.turn:
                self._checked[change.number] = change.turn
                self._nothing_is_said_twice(change)
                self._nobody_is_added_twice(change)
        self._signing.each_step()
        wrong = self._world.witness.check() + self._world.teller.wrong + self._too_late
        self._must(not wrong, "; ".join(wrong))

    def in_the_end(self) -> None:
        """Everything."""
        self.each_step()
        self._nothing_is_left_to_do()
        self._every_call_is_in_order()
        self._every_message_is_of_a_decision()
        self._the_book_is_what_the_journal_says()
        self._every_command_is_obeyed()
        self._nobody_is_told_twice()
        self._signing.in_the_end()
        self._everybody_is_asked_and_reminded_once()
        for change in self._world.state.changes.values():
            self._the_bot_added_who_was_asked(change)
            if change.private:
                continue  # hidden from the bot
            self._cases_tell_what_happened(change)
            if change.status == "NEW":
                self._who_was_asked_is_there(change)
                self._every_slot_is_served(change)
                self._nothing_is_past_due(change)
                self._nothing_waits_for_who_is_gone(change)

    # on the server

    def _nothing_is_said_twice(self, change: Change) -> None:
        said = Counter(mark for text in self._bot_messages(change) for mark in MARK.findall(text))
        twice = [mark for mark, times in said.items() if times > 1]
        self._must(not twice, f"{change.number}: said twice: {twice}")

    def _look_at_call(self, request: PreparedRequest) -> None:
        """Nobody is asked or reminded by a call that is sent when it does not wait for them any more."""
        number, body = number_of(request), json.loads(request.body or b"{}")
        cases = {case.key: case for case in self._world.process.journal.views.cases_of(f"gerrit:{number}")}
        said = set(MARK.findall(body.get("message", "")))
        with self._world.process.journal.database.read() as connection:
            rows = connection.execute(select(actions.c.key).where(actions.c.item == f"gerrit:{number}")).scalars()
            keys = [key for key in rows if key.startswith("Comment:") and _asks(key) and _mark(key) in said]
        for key in keys:
            about = [cases[case.partition("#")[0].partition("~")[0]] for case in key.partition(":")[2].split(",")]
            if all(case.state == "closed" for case in about):
                self._too_late += [f"{key} is said, and it is over: {[(one.end, one.because) for one in about]}"]
        waiting = {self._account(case.person) for case in cases.values() if case.end not in FREES and case.person}
        asked = {int(one["reviewer"]) for one in body.get("reviewers", ()) if one.get("state") != "REMOVED"}
        late = [self._names[who] for who in asked - waiting]
        self._too_late += [f"gerrit:{number}: {who} is added, for whom nothing waits" for who in late]

    def _nobody_is_added_twice(self, change: Change) -> None:
        item = f"gerrit:{change.number}"
        gone: set[int] = set()
        added: set[tuple[int, str]] = set()
        for update in change.reviewer_updates:
            who = self._names[update.reviewer]
            if update.state == "REMOVED":
                added -= {(update.reviewer, "CC"), (update.reviewer, "REVIEWER")}
                gone |= {update.reviewer} if update.by != self._bot else set()
            elif update.by == self._bot and update.reviewer != self._bot:
                by_hand = any(one.person == who and one.role in BY_HAND for one in self._world.witness.of_item(item))
                self._must(by_hand or update.reviewer not in gone, f"{item}: {who} was taken off and is back")
                self._must((update.reviewer, update.state) not in added, f"{item}: {who} was added twice")
                added.add((update.reviewer, update.state))
            else:
                gone.discard(update.reviewer)  # is back by a person's choice

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
        late = actions.c.next_try <= to_us(self._world.clock() - IN_THE_WINGS)
        pending = (actions.c.state == "pending") & ((actions.c.kind != "Notify") | late)
        with self._world.process.journal.database.read() as connection:
            newest = connection.execute(select(func.max(heard.c.seq))).scalar() or 0
            decided = connection.execute(select(marks.c.value).where(marks.c.name == DECIDED)).scalar() or 0
            waits = connection.execute(select(func.count()).select_from(waiting)).scalar()
            unread = connection.execute(select(quarantine.c.because)).scalars().all()
            undone = connection.execute(select(actions.c.key).where(pending)).scalars().all()
            doubted = connection.execute(select(actions.c.key).where(actions.c.doubt)).scalars().all()
        self._must(newest == decided, f"heard up to {newest}, decided up to {decided}")
        self._must(not waits, f"{waits} events wait for a look-up")
        self._must(not unread, f"quarantined: {unread}")
        self._must(not undone and not doubted, f"pending: {undone}, in doubt: {doubted}")
        trouble = self._world.process.catching.trouble()
        self._must(not trouble, f"not caught up: {trouble}")

    def _every_command_is_obeyed(self) -> None:
        """Once, whatever failed; what bots and we ourselves say never. At most so many replies within an hour."""
        with self._world.process.journal.database.read() as connection:
            read = set(connection.execute(select(messages_read.c.message)).scalars())
        since = self._world.process.since.replace(microsecond=0)
        for told in self._world.people.talk.told:
            what = f"what {told.by} said on {told.number} at {told.at:%m-%d %H:%M:%S} ({told.id})"
            if told.by in (MACHINE, BOT) or told.at < since:
                self._must(told.id not in read, f"{what} was obeyed")
            elif not self._world.state.changes[told.number].private:
                self._must(told.id in read, f"{what} was not obeyed")
        replies = self._world.witness.replies
        for at, who in replies:
            within = sum(1 for then, one in replies if one == who and at - HOUR < then <= at)
            self._must(within <= MOST_REPLIES, f"{who} got {within} replies within an hour")

    def _nobody_is_told_twice(self) -> None:
        """But where it was not known that they were told; then it is the same letter."""
        letters: dict[str, list[Delivery]] = {}
        for one in self._world.teller.delivered:
            for key in one.keys:
                letters.setdefault(key, []).append(one)
        for key, many in letters.items():
            ids = {one.letter for one in many}
            self._must(len(ids) == 1, f"{key} was told in {len(ids)} different letters")
            self._must(not any(one.known for one in many[:-1]), f"{key} was told again although it was known")

    def _everybody_is_asked_and_reminded_once(self) -> None:
        """For each slot and each time: one message that asks, and one for each step that reminds."""
        with self._world.process.journal.database.read() as connection:
            rows = connection.execute(select(actions.c.key, actions.c.item).where(actions.c.kind == "Comment"))
            keys = {_mark(key): (key, item) for key, item in rows}
        said: Counter[tuple[str, str]] = Counter()
        for change in self._world.state.changes.values():
            for text in self._bot_messages(change):
                for key, item in (keys[found] for found in MARK.findall(text)):
                    self._must(item == f"gerrit:{change.number}", f"{key} was said on {change.number}")
                    about, hash_, step = key.partition(":")[2].partition("#")
                    times = step.partition("~")[2]
                    said.update((f"{case}~{times}" if times else case, hash_) for case in about.split(","))
        for (case, reminds), times in said.items():
            most = self._pings(case) if reminds else 1
            self._must(times <= most, f"{times} messages {'remind of' if reminds else 'ask for'} {case}")

    def _pings(self, case: str) -> int:
        ladders = self._world.process.settings.ladders
        ladder = ladders.get(self._world.witness.cases[case.partition("~")[0]].ladder, ())
        return sum(step.do == "ping" for step in ladder)

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
        entries = journal.signoffs.entries()
        for book in (used, anew):
            journal.deciding.learn_gates(book, items)
            journal.deciding.learn_releases(book, [entry.release for entry in entries])
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
            given[f"gate of {item}"] = book.gate(item)
            given[f"entries on {item}"] = book.entries_on(item)
        for entry in self._world.process.journal.signoffs.entries():
            given[f"entries of {entry.release}"] = book.entries(entry.release)
            given[f"tag of {entry.release}"] = book.audit(entry.release.repo, entry.release.version)
        return given | {"the ledger's end": book.head}

    # both together

    def _cases(self, change: Change) -> tuple[Case, ...]:
        return self._world.process.journal.views.cases_of(f"gerrit:{change.number}")

    def _account(self, person: str) -> int:
        return self._world.accounts[person]

    def _the_bot_added_who_was_asked(self, change: Change) -> None:
        cases = [case for case in self._cases(change) if case.person]
        asked = {self._account(case.person) for case in cases if not case.observed or case.times > 1}
        added = {update.reviewer for update in change.reviewer_updates if update.by == self._bot} - {self._bot}
        extra = [self._names[who] for who in added - asked]
        self._must(not extra, f"{change.number}: {extra} added, and the journal does not know that they were asked")
        told = any(one.number == change.number for one in self._world.people.talk.told)
        old = change.created < self._world.process.since and not told
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
                case "" if case.rule == SIGN_OFF:
                    pass  # it ends with the sign-off alone
                case "" if case.waits and case.because != "restored" and not case.observed:
                    self._must(not self._replied(change, case), f"{what}, but they replied")

    def _acted(self, change: Change, person: str) -> bool:
        account = self._account(person)
        by = {message.author for message in change.messages} | {update.by for update in change.reviewer_updates}
        return account in by

    def _replied(self, change: Change, case: Case) -> bool:
        account = self._account(case.person)
        said = (one for one in change.messages if one.author == account and not one.tag.startswith("autogenerated"))
        talk = self._world.people.talk.told  # who tells us something has not replied by that
        told = {one.at for one in talk if (one.number, one.by) == (change.number, case.person)}
        return any(message.at > case.opened and message.at not in told for message in said)

    def _was_removed(self, change: Change, person: str) -> bool:
        account = self._account(person)
        updates = (one for one in change.reviewer_updates if one.reviewer == account and one.by != self._bot)
        return any(update.state == "REMOVED" for update in updates)

    def _who_was_asked_is_there(self, change: Change) -> None:
        off = {case.person for case in self._cases(change) if case.end in GONE}
        for case in self._cases(change):
            if not case.person or case.observed or case.as_ == "suggest" or case.person in off:
                continue
            if case.rule == SIGN_OFF and case.end in ("answered", "obsolete"):
                continue  # it was signed before they could be told
            left = case.end == "acted" and self._was_removed(change, case.person)  # by people, when all was done
            there = self._account(case.person) in change.reviewers or left
            self._must(there, f"{case.key} was asked ({case.state} {case.end} {case.because}) and is not on the change")
        for told in self._world.process.journal.views.story(f"gerrit:{change.number}"):
            for verdict in told.detail.verdicts if told.detail else ():
                cases = {one.person for one in self._cases(change) if one.slot.partition("@")[0] == verdict.slot}
                lost = [who for who in verdict.people if verdict.outcome == "ask" and who not in cases]
                self._must(not lost, f"{change.number}: explain says {lost} won {verdict.slot}, no case does")

    def _every_slot_is_served(self, change: Change) -> None:
        if change.created < self._world.process.since:
            return
        for slot, people in askable(change, self._world.accounts).items():
            cases = [case for case in self._cases(change) if case.slot == slot]
            if any(case.person and case.end not in GONE and not case.observed for case in cases):
                continue
            covers = {one.other for one in self._world.witness.arrangements if one.other}
            if any(change.reviewers.get(self._account(who)) == "REVIEWER" for who in (*people, *covers)):
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
        person = self._world.witness.roster(self._world.process.settings).people[who]
        if person.opt_out or person.absence(now):
            return "away"
        item = f"gerrit:{change.number}"
        if slot in ("code", "hint") and who in CAP and len(self._turns(who) - {item}) >= CAP[who]:
            return "at capacity"
        if (item, who) in self._world.witness.gone:
            return "declined"
        assert LIMITS.person_per_day is not None
        theirs = [case for case in theirs if case.as_ != "suggest"]
        return "busy" if sum(case.opened > now - DAY for case in theirs) >= LIMITS.person_per_day else ""

    def _turns(self, who: str) -> set[str]:
        """What waits for them: by our asks, and by what the server shows."""
        changes = self._world.state.changes.values()
        shown = {one.number for one in changes if one.status == "NEW" and self._account(who) in one.attention}
        asked = (case for case in self._world.process.journal.views.cases() if case.person == who and case.counts)
        return {case.item for case in asked} | {f"gerrit:{number}" for number in shown}

    def _nothing_is_past_due(self, change: Change) -> None:
        for case in self._cases(change):
            late = case.waits and case.due is not None and case.due <= self._world.clock() - timedelta(seconds=5)
            self._must(not late, f"{case.key} ({case.state} {case.because}) was due {case.due}")

    def _nothing_waits_for_who_is_gone(self, change: Change) -> None:
        """Although somebody else is available."""
        if change.wip or change.created < self._world.process.since or not self._world.config.acts:
            return
        roster = self._world.witness.roster(self._world.process.settings)
        for case in self._cases(change):
            person = roster.people.get(case.person)
            if case.state != "open" or case.observed or person is None or case.role not in ("czar", "deputy", "ptl"):
                continue
            if not person.opt_out and not person.absence(self._world.clock()):
                continue
            asked = {one.person for one in self._cases(change) if one.slot == case.slot and one.waits}
            others = set(askable(change, self._world.accounts).get(case.slot, ())) - asked
            others -= {self._world.config.off} if case.duty == "release" else set()
            free = [who for who in others if not self._hindrance(change, who, case.slot)]
            self._must(not free, f"{case.key} waits for who is gone ({case.because}), and {free} could be asked")

    def _must(self, holds: bool, because: str) -> None:
        if not holds:
            self._world.fail(because)


def _asks(key: str) -> bool:
    """Whether a comment asks or reminds somebody."""
    return ":reply:" not in key and "/sign-off/" not in key


def _mark(key: str) -> str:
    return mark(Comment(item="", repo="", key=key, text=""))

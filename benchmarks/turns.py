"""Whose turn it was, and who was asked against the rules: told from raw stream lines, a raw config, and the rows of
`czar replay --json`, without any of the code that decided.

An asked turn begins when we ask somebody. It ends when they act on the change, are taken off or replaced, when it is
merged or abandoned (restored, it goes on for all but whoever restored it), and, where a ladder asked several, when one
of them acts. Beside these a person has the turns that Gerrit's attention set shows, whoever asked; both together are
what a pick by number weighs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from benchmarks.people import Json, Person, holders, names_of, people_of

ACTORS = (
    "uploader",
    "author",
    "adder",
    "remover",
    "submitter",
    "abandoner",
    "restorer",
    "changer",
    "editor",
    "deleter",
)
CO_AUTHOR = re.compile(r"^co-authored-by:.*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
TOLD_LOAD = re.compile(r"with (\d+) waiting")
DAY = timedelta(days=1)
FAULTS = ("owner or author", "bot", "away", "above capacity", "load told wrongly")
"""As what nobody may be asked; and where the reason given for an ask names other turns than are counted here."""


@dataclass(slots=True)
class _Turn:
    """One that we asked for; `added`: by a ladder, beside others."""

    slots: set[str]
    added: bool = False


@dataclass(slots=True)
class _Item:
    """A change. Of people only those of the roster are kept, by key; the owner's names also where they are none."""

    owner: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()  # of owner, uploader, authors: usernames and addresses
    patch_set: int = 0
    wip: bool = False
    asked: dict[str, _Turn] = field(default_factory=dict)
    abandoned: dict[str, _Turn] = field(default_factory=dict)
    reviewers: set[str] = field(default_factory=set)
    voters: set[str] = field(default_factory=set)
    attention: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Load:
    """What a person had to do; the seconds are those in which they could be asked."""

    asks: int = 0
    most: int = 0  # asked turns at once
    held_s: float = 0.0
    asked_s: float = 0.0
    waiting_s: float = 0.0
    asked: set[str] = field(default_factory=set)  # items, now
    waiting: set[str] = field(default_factory=set)


class Turns:
    """`hear` raw lines and take in rows that were `decided`, in order; then read `loads` and `faults`."""

    def __init__(self, roster: Json, rules: Json) -> None:
        self.people = people_of(roster)
        self.czars = holders(roster)
        self.loads = {key: Load() for key in self.people}
        self.faults: dict[str, list[str]] = {name: [] for name in FAULTS}
        self._bots = {str(bot).lower() for bot in roster.get("bots", ())}
        self._by_number = {rule["id"] for rule in rules["rules"] if _picks_by_number(rule)}
        self._ccs = {rule["id"] for rule in rules["rules"] if (rule.get("ask") or {}).get("as") == "cc"}
        self._items: dict[str, _Item] = {}
        self._now: datetime | None = None

    def hear(self, line: Json) -> None:
        """One stream line."""
        self._pass_to(datetime.fromtimestamp(line["eventCreatedOn"], UTC))
        if "change" not in line:
            return
        key = f"gerrit:{line['change']['number']}"
        item = self._items.setdefault(key, _Item())
        was_wip = item.wip
        self._describe(item, line)
        self._end(item, line)
        self._draw(item, line)
        if item.wip or line["change"]["status"] != "NEW":
            item.attention.clear()
        elif was_wip:
            item.attention |= item.reviewers - {self._who(item.owner)}
        self._count(key, item)

    def decided(self, row: Json) -> None:
        """One row of the replay."""
        self._pass_to(datetime.fromisoformat(row["at"]))
        item = self._items[row["item"]]
        replaced = [who for action in row["actions"] if action["kind"] == "RemoveReviewer" for who in action["people"]]
        for who in replaced:
            _take_off(item, who)
        self._count(row["item"], item)
        for action in row["actions"]:
            if action["kind"] == "AddReviewer":
                self._ask(row, item, action["people"][0], added=row["event"] == "Tick" and not replaced)
        self._count(row["item"], item)

    def asked_mean(self, key: str) -> float:
        """How many asked turns they had on average while they could be asked, by weight."""
        return self._by_time(key, self.loads[key].asked_s)

    def waiting_mean(self, key: str) -> float:
        """The same of all turns, whoever asked."""
        return self._by_time(key, self.loads[key].waiting_s)

    def asks_per_year(self, key: str) -> float:
        """How often they were asked in a year in which they could be, by weight."""
        return self._by_time(key, self.loads[key].asks * 365.25 * DAY.total_seconds())

    def years(self, key: str) -> float:
        """How long they could be asked."""
        return self.loads[key].held_s / DAY.total_seconds() / 365.25

    def _by_time(self, key: str, amount: float) -> float:
        held_s = self.loads[key].held_s
        return amount / held_s / self.people[key].weight if held_s else 0.0

    def _pass_to(self, at: datetime) -> None:
        """Time goes on, day by day, never back, and counts for those who can be asked."""
        now = self._now or at
        while now < at:
            midnight = datetime.combine(now.date() + DAY, time(), UTC)
            then = min(at, midnight)
            for key, person in self.people.items():
                if person.can_be_asked(now):
                    self._spend(self.loads[key], (then - now).total_seconds())
            now = then
        self._now = now

    def _spend(self, load: Load, seconds: float) -> None:
        load.held_s += seconds
        load.asked_s += seconds * len(load.asked)
        load.waiting_s += seconds * len(load.waiting)

    def _count(self, key: str, item: _Item) -> None:
        """Whose turn the item is now."""
        for who, load in self.loads.items():
            (load.asked.add if who in item.asked else load.asked.discard)(key)
            (load.waiting.add if who in item.asked or who in item.attention else load.waiting.discard)(key)
            load.most = max(load.most, len(load.asked))

    def _who(self, names: Iterable[str]) -> str | None:
        """The person of the roster that an account is."""
        found = {*names}
        return next((key for key, person in self.people.items() if person.names & found), None)

    def _describe(self, item: _Item, line: Json) -> None:
        change, patch_set = line["change"], line.get("patchSet", {})
        number = int(patch_set.get("number", item.patch_set))
        item.wip = change.get("wip", False)
        item.owner = names_of(change.get("owner"))
        if number < item.patch_set:
            return
        if number > item.patch_set > 0 and patch_set.get("kind") == "REWORK":
            item.attention |= item.voters
            item.voters.clear()
        item.patch_set = number
        mails = {mail.lower() for mail in CO_AUTHOR.findall(change.get("commitMessage", ""))}
        accounts = (patch_set.get(name) for name in ("uploader", "author"))
        item.names = item.owner.union(mails, *(names_of(account) for account in accounts))

    def _end(self, item: _Item, line: Json) -> None:
        """The asked turns that a line ends, or that a restored change has again."""
        kind = line["type"]
        if kind == "change-abandoned":
            item.abandoned = dict(item.asked)
        if kind in ("change-abandoned", "change-merged", "change-deleted"):
            item.asked.clear()
        elif kind == "change-restored":
            item.asked |= item.abandoned
        elif kind == "reviewer-deleted" and (who := self._who(names_of(line["reviewer"]))):
            item.voters.discard(who)
            _take_off(item, who)
        for actor in (line[name] for name in ACTORS if name in line):
            for who in _answered(item, self._who(names_of(actor))):
                del item.asked[who]

    def _draw(self, item: _Item, line: Json) -> None:
        """Whose attention a line draws."""
        if line["type"] == "reviewer-added" and (added := self._who(names_of(line["reviewer"]))):
            item.reviewers.add(added)
            item.attention.add(added)
        elif line["type"] == "vote-deleted":
            item.voters.discard(self._who(names_of(line["reviewer"])) or "")
        elif line["type"] == "comment-added":
            self._replied(item, line)

    def _replied(self, item: _Item, line: Json) -> None:
        author, owner = names_of(line["author"]), self._who(item.owner)
        votes = [int(vote["value"]) for vote in line["approvals"]]
        who, bot = self._who(author), bool(author & self._bots)
        if who and any(votes):
            item.reviewers.add(who)
        if who and int(line["patchSet"]["number"]) == item.patch_set:
            (item.voters.add if any(votes) else item.voters.discard)(who)
        if who and not bot:
            item.attention.discard(who)
        refused = any(int(vote["value"]) < 0 and "oldValue" in vote for vote in line["approvals"])
        if author & item.owner:
            item.attention |= item.reviewers - {owner}
        elif owner and (refused or not bot):
            item.attention.add(owner)

    def _ask(self, row: Json, item: _Item, who: str, *, added: bool) -> None:
        asked = [verdict for verdict in row["verdicts"] if who in verdict["people"]]
        by_number = not added and any(verdict["rule"] in self._by_number for verdict in asked)
        others = len(self.loads[who].waiting - {row["item"]})
        faults = [*self._faults(item, self.people[who]), *(self._misjudged(asked, who, others) if by_number else ())]
        for fault in faults:
            self.faults[fault].append(f"{row['at']} {row['item']} {who}")
        turn = item.asked.setdefault(who, _Turn(set(), added=added))
        turn.slots |= {verdict["slot"] for verdict in asked}
        self.loads[who].asks += 1
        if not all(verdict["rule"] in self._ccs for verdict in asked):
            item.reviewers.add(who)
            item.attention |= set() if item.wip else {who}

    def _faults(self, item: _Item, person: Person) -> Iterator[str]:
        assert self._now
        if person.names & item.names:
            yield "owner or author"
        if person.names & self._bots:
            yield "bot"
        if person.is_away(self._now):
            yield "away"

    def _misjudged(self, asked: Iterable[Json], who: str, others: int) -> Iterator[str]:
        cap = self.people[who].cap
        if cap is not None and others >= cap:
            yield "above capacity"
        told = [int(load) for verdict in asked for load in TOLD_LOAD.findall(verdict["because"])]
        if any(load != others for load in told):
            yield "load told wrongly"


def gini(amounts: list[float]) -> float:
    """How unequal they are: 0 all the same, towards 1 all with one."""
    total = sum(amounts)
    apart = sum(abs(one - other) for one in amounts for other in amounts)
    return apart / (2 * len(amounts) * total) if total else 0.0


def _take_off(item: _Item, who: str) -> None:
    """No reviewer any more, unless they have voted."""
    item.asked.pop(who, None)
    if who not in item.voters:
        item.reviewers.discard(who)
        item.attention.discard(who)


def _answered(item: _Item, who: str | None) -> list[str]:
    """Who acts, and whom a ladder asked for the same beside them."""
    mine = item.asked.get(who) if who else None
    if mine is None:
        return []
    beside = (one for one, turn in item.asked.items() if turn.slots & mine.slots and (turn.added or mine.added))
    return list({who: None, **dict.fromkeys(beside)}) if who else []


def _picks_by_number(rule: Mapping[str, Any]) -> bool:
    asks = [rule[name] for name in ("ask", "else") if rule.get(name)]
    return all(isinstance(ask.get("pick", 1), int) for ask in asks)

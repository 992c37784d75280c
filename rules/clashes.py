"""Votes that stand against each other: a +2 and a -2 of different people on the current patch set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from rules.facts import Ballot, ChangeFacts
from rules.judging import Judging
from rules.patterns import Pattern, pattern
from rules.roster import FinalSay
from rules.state import Case

LABEL, STRONG = "Code-Review", 2
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Votes that stand against each other, all of them; `since` is the time of the first pair of which one is news."""

    plus: tuple[Ballot, ...]
    minus: tuple[Ballot, ...]
    since: datetime

    def words(self, judging: Judging) -> str:
        """`ann +2 and bob -2 stand against each other`."""
        sides = (*self.plus, *self.minus)
        named = [f"{_name(vote, judging)} {vote.value:+d}" for vote in sides]
        return f"{', '.join(named[:-1])} and {named[-1]} stand against each other"


def is_strong(label: str, value: int) -> bool:
    """Whether a vote can stand against another one."""
    return label == LABEL and abs(value) >= STRONG


def find_clash(change: ChangeFacts, asked: Sequence[Case], judging: Judging) -> Clash | None:
    """What stands against each other and was not laid before somebody yet. `asked` are the cases of those it was laid
    before: what stood then is no news once they have answered, and their own votes take no side.
    """
    votes = [vote for vote in change.votes if _counts(vote, change, asked, judging)]
    plus = tuple(vote for vote in votes if vote.value > 0)
    minus = tuple(vote for vote in votes if vote.value < 0)
    waits = any(case.waits for case in asked)
    told = max((case.opened.replace(microsecond=0) for case in asked), default=None)
    pairs = (max(_at(one), _at(other)) for one in plus for other in minus)
    news = [at for at in pairs if told is None or waits or at >= told]
    return Clash(plus=plus, minus=minus, since=min(news)) if news else None


def _counts(vote: Ballot, change: ChangeFacts, asked: Sequence[Case], judging: Judging) -> bool:
    """Neither a bot's, nor the owner's +2, nor what the PTL answered to us."""
    if not is_strong(vote.label, vote.value) or vote.at is None:
        return False
    if vote.name and vote.name in (*judging.roster.bots, judging.settings.ourselves):
        return False
    if vote.value > 0 and vote.account == change.owner:
        return False
    answers = (case for case in asked if judging.account(case.person) == vote.account)
    return not any(vote.at >= case.opened.replace(microsecond=0) for case in answers)


def _at(vote: Ballot) -> datetime:
    return vote.at or NEVER


def frozen(change: ChangeFacts, say: FinalSay) -> str:
    """Why nobody is to be asked about the change as it is, "" if somebody is."""
    if change.wip:
        return "the change is work in progress"
    if change.private:
        return "the change is private"
    fits = _pattern(say.freeze) if say.freeze else None
    if fits and fits(change.subject):
        return "its subject says that it is frozen"
    tag = next((tag for tag in change.hashtags if fits and fits(tag)), None)
    return f"the hashtag {tag} freezes it" if tag else ""


@lru_cache(maxsize=4096)
def _pattern(texts: tuple[str, ...]) -> Pattern:
    return pattern(texts)


def message(clash: Clash, because: str, judging: Judging) -> str:
    """A template: only `{person}` is filled in."""
    plus, minus = (_names(votes, judging) for votes in (clash.plus, clash.minus))
    patch_set = judging.facts.change.patch_set if judging.facts.change else 0
    facts = f"{plus} and {minus} stand against each other in {LABEL} on patch set {patch_set}"
    since = f"since {clash.since:%Y-%m-%d %H:%M} UTC"
    wanted = "please vote, or bring them to agree"
    return f"{{person}}, {_plain(facts)} {since}. The final say is yours, {{person}} {_plain(because)}: {wanted}."


def _plain(text: str) -> str:
    """Text in a template in which nothing is filled in."""
    return text.replace("{", "{{").replace("}", "}}")


def _names(votes: tuple[Ballot, ...], judging: Judging) -> str:
    return ", ".join(f"{_name(vote, judging)} ({vote.value:+d})" for vote in votes)


def _name(vote: Ballot, judging: Judging) -> str:
    """Who voted, as people know them."""
    known = judging.roster.by_gerrit.get(vote.name.lower())
    return known or vote.name or f"account {vote.account}"

"""From a rule that won its slot to an ask: who is picked, the cases that wait for them, what is done and said.

Every reason not to ask (too old, paused, over a limit, nobody available, somebody there already) is a verdict too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.actions import Action, AddReviewer, Comment
from rules.facts import UNKNOWN, Facts
from rules.picking import Candidate, Circumstances, in_confidence, pick
from rules.roster import Roster
from rules.routing import Ask, Rule, View
from rules.state import EVERYTHING, Book, Case, Pause, close
from rules.verdicts import Passed, Settings, Verdict
from rules.wording import Asked, request

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """One item being judged: what is known of it, and by which settings. `now` is the decision's instant."""

    item: str
    repo: str
    view: View | None
    facts: Facts
    settings: Settings
    book: Book
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What one slot comes to. `asks` are told to people where somebody is asked; `observed`: only recorded."""

    verdict: Verdict | None = None
    passed: tuple[Passed, ...] = ()
    cases: tuple[Case, ...] = ()
    pauses: tuple[Pause, ...] = ()
    ask: Ask | None = None
    observed: bool = False


def ask_by(rule: Rule, judging: Judging) -> Slot:
    """The rule that won its slot: ask, or say why not."""
    hindrance = _too_old(judging)
    if hindrance or rule.ask is None:
        return Slot(verdict=_skip(rule, hindrance or "the rule asks nobody"))
    ask, team, table = _pick(rule, rule.ask, judging)
    helping = _already_there(ask, table, judging)
    if helping:
        return Slot(verdict=_skip(rule, helping, team, table), cases=_routed(rule, helping, judging))
    observed = judging.settings.mode_of(rule, team, judging.repo) != "act"
    book = judging.book
    paused = book.paused.get(rule.id) or book.paused.get(EVERYTHING)
    pause = None if paused else _over_limit(rule, judging)
    if stopped := paused or pause:
        slot = _unrouted(rule, ask, team, table, f"paused: {stopped.because}", judging, observed=observed)
        return replace(slot, pauses=(pause,) if pause else ())
    if not any(one.picked for one in table):
        return _unrouted(rule, ask, team, table, _nobody(team, ask, table), judging, observed=observed)
    return _asked(rule, ask, team, table, judging, observed=observed)


def _pick(rule: Rule, first: Ask, judging: Judging) -> tuple[Ask, str, tuple[Candidate, ...]]:
    """The rule's ask, or its `else` where the first finds nobody."""
    tried: tuple[Candidate, ...] = ()
    ask, team = first, ""
    for ask in (first, rule.else_) if rule.else_ else (first,):
        team = team_asked(ask, judging.repo, judging.settings.changes.roster)
        if ask is not first and not _discreet(ask, team, judging):
            break
        table = pick(ask, team, _circumstances(judging))
        tried += table
        if any(one.picked for one in table):
            break
    return ask, team, tried


def _discreet(ask: Ask, team: str, judging: Judging) -> bool:
    private = judging.view is not None and judging.view.private
    return not private or in_confidence(ask, team, judging.settings.changes.roster)


def _circumstances(judging: Judging) -> Circumstances:
    return Circumstances(
        item=judging.item,
        facts=judging.facts,
        roster=judging.settings.changes.roster,
        book=judging.book,
        now=judging.now,
        person_per_day=judging.settings.limits.person_per_day,
    )


def _too_old(judging: Judging) -> str:
    since, change = judging.settings.since, judging.facts.change
    if since and change and change.created and change.created < since:
        return f"the change is from {change.created:%Y-%m-%d}, older than since ({since:%Y-%m-%d %H:%M})"
    return ""


def _already_there(ask: Ask, table: tuple[Candidate, ...], judging: Judging) -> str:
    """Somebody of those who could be asked reviews it already, by their own or a person's choice."""
    change = judging.facts.change
    if change is None or ask.pick == "all" or ask.as_ == "cc":
        return ""
    accounts = judging.facts.accounts
    there = [one.person for one in table if not one.code and accounts.get(one.person, UNKNOWN) in change.reviewers]
    return f"{', '.join(there)} reviews it already" if there else ""


def _over_limit(rule: Rule, judging: Judging) -> Pause | None:
    limits, book, hour_ago = judging.settings.limits, judging.book, judging.now - HOUR
    all_since = max(hour_ago, book.resumed.get(EVERYTHING, hour_ago))
    since = max(all_since, book.resumed.get(rule.id, hour_ago))
    if limits.rule_per_hour is not None and book.asked(since=since, rule=rule.id) >= limits.rule_per_hour:
        because = f"rule {rule.id} asked {limits.rule_per_hour} times within an hour"
        return Pause(scope=rule.id, because=because, at=judging.now)
    if limits.total_per_hour is not None and book.asked(since=all_since) >= limits.total_per_hour:
        because = f"{limits.total_per_hour} asks within an hour"
        return Pause(scope=EVERYTHING, because=because, at=judging.now)
    return None


def _skip(rule: Rule, because: str, team: str = "", table: tuple[Candidate, ...] = ()) -> Verdict:
    return Verdict(rule=rule.id, slot=rule.slot, outcome="skip", because=because, team=team, candidates=table)


def _nobody(team: str, ask: Ask, table: tuple[Candidate, ...]) -> str:
    if not team and not ask.people:
        return "no team owns the repo"
    if not table:
        return f"nobody holds {ask.duty} of {team}, and it has no PTL to ask"
    return "nobody is available: " + "; ".join(f"{one.person} {one.because}" for one in table)


def _case(rule: Rule, ask: Ask, team: str, judging: Judging, **fields: object) -> Case:
    common = {"item": judging.item, "repo": judging.repo, "slot": rule.slot, "duty": ask.duty or "", "team": team}
    return Case(**{**common, "rule": rule.id, "opened": judging.now, **fields})  # type: ignore[arg-type]


def _unrouted(
    rule: Rule,
    ask: Ask,
    team: str,
    table: tuple[Candidate, ...],
    because: str,
    judging: Judging,
    *,
    observed: bool,
) -> Slot:
    nobody = tuple(replace(one, picked=False) for one in table)
    verdict = Verdict(
        rule=rule.id, slot=rule.slot, outcome="ask", because=f"UNROUTED: {because}", team=team, candidates=nobody
    )
    opened = min((case.opened for case in _unrouted_before(rule, judging)), default=judging.now)
    case = _case(
        rule,
        ask,
        team,
        judging,
        person="",
        role="",
        state="unrouted",
        observed=observed,
        opened=opened,
        because=because,
    )
    return Slot(verdict=verdict, cases=(case,))


def _asked(rule: Rule, ask: Ask, team: str, table: tuple[Candidate, ...], judging: Judging, *, observed: bool) -> Slot:
    chosen = [one for one in table if one.picked]
    verdict = Verdict(
        rule=rule.id,
        slot=rule.slot,
        outcome="ask",
        because="; ".join(f"{one.person} {one.because}" for one in chosen),
        team=team,
        people=tuple(one.person for one in chosen),
        candidates=table,
    )
    opened = [
        _case(
            rule,
            ask,
            team,
            judging,
            person=one.person,
            role=one.role,
            state="open",
            observed=observed,
            because=one.because,
        )
        for one in chosen
    ]
    routed = _routed(rule, f"asked {', '.join(verdict.people)}", judging)
    return Slot(verdict=verdict, cases=(*routed, *opened), ask=ask, observed=observed)


def _unrouted_before(rule: Rule, judging: Judging) -> tuple[Case, ...]:
    cases = judging.book.cases(judging.item)
    return tuple(case for case in cases if case.slot == rule.slot and case.state == "unrouted")


def _routed(rule: Rule, because: str, judging: Judging) -> tuple[Case, ...]:
    """What waited for somebody to be found, closed."""
    return tuple(close(case, "routed", because) for case in _unrouted_before(rule, judging))


def actions(slots: tuple[Slot, ...], judging: Judging, *, observed: bool) -> tuple[Action, ...]:
    """Everybody newly asked is added, and one message tells all of them."""
    asked = [
        (slot.ask, case)
        for slot in slots
        if slot.ask and slot.observed == observed
        for case in slot.cases
        if case.state == "open"
    ]
    if not asked:
        return ()
    adds = _adds(asked, judging)
    people = judging.settings.changes.roster.people
    told = [
        Asked(
            name=people[case.person].name or case.person,
            duty=case.duty,
            team=case.team,
            role=case.role,
            because=case.because,
            rule=case.rule,
            cc=ask.as_ == "cc",
        )
        for ask, case in asked
    ]
    comment = Comment(
        item=judging.item,
        repo=judging.repo,
        key="Comment:" + ",".join(case.key for _, case in asked),
        text=request(judging.item, told, judging.settings.term),
        tell=tuple(dict.fromkeys(add.account for add in adds)),
    )
    return (*adds, comment)


def _adds(asked: list[tuple[Ask, Case]], judging: Judging) -> list[AddReviewer]:
    """One for each person, whatever the number of slots they are asked for; a reviewer rather than CC."""
    adds: dict[str, AddReviewer] = {}
    for ask, case in sorted(asked, key=lambda one: one[0].as_ == "cc"):
        add = AddReviewer(
            item=judging.item,
            repo=judging.repo,
            key=f"AddReviewer:{case.key}",
            person=case.person,
            account=judging.facts.accounts[case.person],
            cc=ask.as_ == "cc",
        )
        adds.setdefault(case.person, add)
    return list(adds.values())


def team_asked(ask: Ask | None, repo: str, roster: Roster) -> str:
    """The team a rule's duty is asked of, "" where nobody owns the repo."""
    of = ask.of if ask else "owner"
    return roster.owners.get(repo, "") if of == "owner" else of

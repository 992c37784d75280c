"""Policy `route`: a change's rules, slot by slot, find who is asked.

A slot that somebody was asked for stays theirs: no rule is tried again. Else the rules of the slot are tried in file
order, the first that matches decides, and its ask is picked from the first tier with somebody available.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rules.actions import Action
from rules.asking import Judging, Slot, actions, ask_by, team_asked
from rules.events import ChangeEvent, Event
from rules.facts import Facts, Need
from rules.picking import everyone, in_confidence
from rules.roster import Roster
from rules.routing import Match, Rule, View, match, needs_files, view_of_event, view_of_facts
from rules.state import Case, close
from rules.verdicts import Passed, Settings, Verdict


def needs(judging: Judging, ending: tuple[Case, ...]) -> Need | None:
    """What must be looked up before the item can be routed; None where no rule could come to ask.

    `ending` are the cases that the event itself changes: those it closes as taken off or refused hold no slot any more.
    """
    settings, roster = judging.settings, judging.settings.changes.roster
    freed = {case.key for case in ending}
    asking = [
        rule
        for slot, rules in settings.changes.slots(judging.repo)
        if all(case.key in freed for case in _served(slot, judging))
        for rule in _possible(rules, judging)
    ]
    if not asking:
        return None
    people = (person for rule in asking for person in _people(rule, judging))
    files = any(needs_files(rule) for rule in asking)
    known = tuple(roster.people[person] for person in dict.fromkeys(people) if person in roster.people)
    return Need(item=judging.item, repo=judging.repo, files=files, people=known)


def _people(rule: Rule, judging: Judging) -> tuple[str, ...]:
    """All whom the rule may come to ask; nobody where it will fail."""
    roster = judging.settings.changes.roster
    asks = [(ask, team_asked(ask, judging.repo, roster)) for ask in (rule.ask, rule.else_) if ask]
    try:
        return tuple(person for ask, team in asks for person in everyone(ask, team, roster, judging.now))
    except Exception:  # noqa: BLE001  told as the rule's verdict once it is judged
        return ()


def route(judging: Judging) -> tuple[tuple[Slot, ...], tuple[Action, ...], tuple[Action, ...]]:
    """All slots of the item; then the actions to do, and those that observing leaves undone."""
    slots = tuple(_judge_slot(slot, rules, judging) for slot, rules in judging.settings.changes.slots(judging.repo))
    slots = (*slots, *_nobody_asks_any_more(slots, judging))
    return slots, actions(slots, judging, observed=False), actions(slots, judging, observed=True)


def _nobody_asks_any_more(slots: tuple[Slot, ...], judging: Judging) -> tuple[Slot, ...]:
    """What waited for somebody to be found, where no rule wants anybody now."""
    kept = {case.key for slot in slots for case in slot.cases}
    failed = {slot.verdict.slot for slot in slots if slot.verdict and slot.verdict.outcome == "fail"}
    waiting = (case for case in judging.book.cases(judging.item) if case.state == "unrouted")
    over = [case for case in waiting if case.key not in kept and case.slot not in failed]
    return tuple(Slot(cases=(close(case, "obsolete", "no rule asks for it any more"),)) for case in over)


def _possible(rules: tuple[Rule, ...], judging: Judging) -> Iterator[Rule]:
    """The rules of a slot that may turn out to win it, once files are known."""
    for rule in rules:
        try:
            tried = _try(rule, judging.view, judging) if judging.view else Match(hit=None)
        except Exception:  # noqa: BLE001  told as the rule's verdict once it is judged
            tried = Match(hit=None)
        if tried.hit is not False:
            yield rule
        if tried.hit:
            return


def _try(rule: Rule, view: View, judging: Judging) -> Match:
    roster = judging.settings.changes.roster
    team = team_asked(rule.ask, judging.repo, roster)
    if judging.settings.mode_of(rule, team, judging.repo) == "off":
        return Match(hit=False, key="mode", because="switched off")
    tried = match(rule, view, roster)
    if tried.hit is not False and view.private and rule.ask and not in_confidence(rule.ask, team, roster):
        because = f"the change is private, and {rule.ask.duty} of {team or 'nobody'} is no private duty"
        return Match(hit=False, key="private", because=because)
    return tried


def _served(slot: str, judging: Judging) -> tuple[Case, ...]:
    """The cases in which somebody was asked for the slot and was neither taken off nor refused."""
    asked = (case for case in judging.book.cases(judging.item) if case.slot == slot and case.person)
    return tuple(case for case in asked if case.end not in ("removed", "refused") and _counts(case, judging.settings))


def _counts(case: Case, settings: Settings) -> bool:
    """What was only observed counts while its rule still only observes."""
    if not case.observed:
        return True
    rule = next((rule for rule in settings.changes.rules if rule.id == case.rule), None)
    return rule is not None and settings.mode_of(rule, case.team, case.repo) != "act"


def _judge_slot(slot: str, rules: tuple[Rule, ...], judging: Judging) -> Slot:
    if served := _served(slot, judging):
        return Slot(verdict=_already(served))
    passed: list[Passed] = []
    for rule in rules:
        try:
            tried = _match(rule, judging)
            if tried.hit:
                decided = ask_by(rule, judging)
                return replace(decided, passed=tuple(passed))
            passed.append(Passed(rule=rule.id, key=tried.key, because=tried.because))
        except Exception as error:  # noqa: BLE001  one bad rule must not silence the other slots; shown as its verdict
            return Slot(verdict=_failure(rule, error), passed=tuple(passed))
    return Slot(passed=tuple(passed))


def _match(rule: Rule, judging: Judging) -> Match:
    if judging.view is None:
        return Match(hit=False, key="item", because="the change is gone or hidden from us")
    return _try(rule, judging.view, judging)


def _failure(rule: Rule, error: Exception) -> Verdict:
    return Verdict(
        rule=rule.id, slot=rule.slot, outcome="fail", because=f"the rule failed: {type(error).__name__}: {error}"
    )


def _already(cases: tuple[Case, ...]) -> Verdict:
    first = cases[0]
    who = ", ".join(case.person for case in cases)
    because = f"{who} was asked on {first.opened:%Y-%m-%d %H:%M}"
    if first.end == "acted":
        because += f"; {first.because}"
    return Verdict(rule=first.rule, slot=first.slot, outcome="skip", because=because, team=first.team)


def view_of(event: Event, facts: Facts | None, roster: Roster) -> View | None:
    """The server's facts, else what the event itself shows; None for a change that is gone."""
    if facts:
        return view_of_facts(facts.change, roster) if facts.change else None
    return view_of_event(event, roster) if isinstance(event, ChangeEvent) else None

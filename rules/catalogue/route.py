"""Policy `route`: a change's rules, slot by slot, find who is asked.

A slot that somebody was asked for stays theirs: no rule is tried again. Else the rules of the slot are tried in file
order, the first that matches decides, and its ask is picked from the first tier with somebody available.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.asking import ask_by, teams_asked
from rules.catalogue.final_say import FINAL_SAY
from rules.events import ChangeEvent, Event
from rules.facts import Facts, Need
from rules.judging import Judging, Ruling
from rules.picking import everyone, in_confidence
from rules.roster import Roster
from rules.routing import Match, Rule, View, match, needs_files, view_of_event, view_of_facts
from rules.signoff.acts import asked
from rules.signoff.standing import SIGN_OFF, SIGNERS, lacking
from rules.state import FREES, Case, Effects, close
from rules.verdicts import Passed, Settings, Verdict


def needs(judging: Judging, ending: tuple[Case, ...]) -> Need | None:
    """What must be looked up before the item can be routed; None where no rule could come to ask.

    `ending` are the cases that the event itself changes: those it closes as taken off or refused hold no slot any more.
    """
    roster = judging.roster
    freed = {case.key for case in ending}
    asking = [
        rule
        for slot, rules in judging.settings.changes.slots(judging.repo)
        if all(case.key in freed for case in _served(slot, judging))
        for rule in _possible(rules, judging)
    ]
    if not asking:
        return None
    people = (person for rule in asking for person in people_of(rule, judging))
    known = tuple(roster.people[person] for person in dict.fromkeys(people) if person in roster.people)
    picks = [ask.pick for rule in asking for ask in (rule.ask, rule.else_) if ask]
    return Need(
        item=judging.item,
        repo=judging.repo,
        files=any(needs_files(rule) for rule in asking),
        people=known,
        related=any(pick not in ("all", "rotation") for pick in picks),
        turns=any(isinstance(pick, int) for pick in picks),
    )


def people_of(rule: Rule, judging: Judging) -> tuple[str, ...]:
    """All whom the rule may come to ask; nobody where it will fail."""
    asks = [(ask, team) for ask in (rule.ask, rule.else_) if ask for team in teams_asked(ask, judging)]
    try:
        return tuple(person for ask, team in asks for person in everyone(ask, team, judging.roster, judging.now))
    except Exception:  # noqa: BLE001  told as the rule's verdict once it is judged
        return ()


def route(judging: Judging) -> Ruling:
    """All slots of the item: who is asked for each, or why nobody is."""
    slots = judging.settings.changes.slots(judging.repo)
    ruling = sum((_judge_slot(slot, rules, judging) for slot, rules in slots), start=Ruling())
    return ruling + _nobody_asks_any_more(ruling, judging)


def _nobody_asks_any_more(ruling: Ruling, judging: Judging) -> Ruling:
    """What waited for somebody to be found, where no rule wants anybody now."""
    kept = {case.key for case in ruling.effects.cases}
    failed = {verdict.slot for verdict in ruling.verdicts if verdict.outcome == "fail"}
    waiting = (case for case in judging.book.cases(judging.item) if case.state == "unrouted" and case.rule != FINAL_SAY)
    over = [case for case in waiting if case.key not in kept and plain_slot(case.slot) not in failed]
    closed = tuple(close(case, "obsolete", "no rule asks for it any more") for case in over)
    return Ruling(effects=Effects(cases=closed))


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
    teams = teams_asked(rule.ask, judging)
    if all(judging.settings.mode_of(rule, team, judging.repo) == "off" for team in teams):
        return Match(hit=False, key="mode", because="switched off")
    tried = match(rule, view, judging.roster)
    if tried.hit and rule.ask and rule.ask.of == SIGNERS:
        tried = _waits_for_signers(judging)
    team = teams[0]
    if tried.hit is not False and view.private and rule.ask and not in_confidence(rule.ask, team, judging.roster):
        because = f"the change is private, and {rule.ask.duty} of {team or 'nobody'} is no private duty"
        return Match(hit=False, key="private", because=because)
    return tried


def _waits_for_signers(judging: Judging) -> Match:
    """Not known before the request was looked up."""
    if asked(judging) is None:
        return Match(hit=None, key="release", because="its release request was not looked at")
    return Match(hit=bool(lacking(judging)), key="release", because="no release waits for a sign-off")


def slot_of(rule: Rule, team: str) -> str:
    """The slot of a rule's cases: one for each team where paths or releases say which are asked."""
    by_team = rule.ask is not None and (rule.ask.path is not None or rule.ask.of == SIGNERS)
    return f"{rule.slot}@{team}" if by_team and team else rule.slot


def plain_slot(slot: str) -> str:
    """The slot as rules name it."""
    return slot.partition("@")[0]


def _served(slot: str, judging: Judging) -> tuple[Case, ...]:
    """The cases in which somebody was asked for the slot and was neither taken off nor refused."""
    asked = (case for case in judging.book.cases(judging.item) if case.slot == slot and case.person)
    return tuple(case for case in asked if case.end not in FREES and _counts(case, judging.settings))


def _counts(case: Case, settings: Settings) -> bool:
    """What was only observed counts while its rule still only observes; signers are asked anew for what is new."""
    if case.rule == SIGN_OFF and not case.waits:
        return False
    if not case.observed:
        return True
    rule = settings.changes.by_id.get(case.rule)
    return rule is not None and settings.mode_of(rule, case.team, case.repo) != "act"


def _judge_slot(slot: str, rules: tuple[Rule, ...], judging: Judging) -> Ruling:
    if served := _served(slot, judging):
        return Ruling(verdicts=(_already(served),))
    passed: list[Passed] = []
    for rule in rules:
        try:
            tried = _match(rule, judging)
            if tried.hit:
                return Ruling(passed=tuple(passed)) + _ask_teams(rule, judging)
            passed.append(Passed(rule=rule.id, key=tried.key, because=tried.because))
        except Exception as error:  # noqa: BLE001  one bad rule must not silence the other slots; shown as its verdict
            return Ruling(verdicts=(_failure(rule, error),), passed=tuple(passed))
    return Ruling(passed=tuple(passed))


def _ask_teams(rule: Rule, judging: Judging) -> Ruling:
    """Mostly of one team; where paths say whose it is, of each that was not asked yet."""
    ruling = Ruling()
    for team in teams_asked(rule.ask, judging):
        slot = slot_of(rule, team)
        served = _served(slot, judging) if slot != rule.slot else ()
        ruling += Ruling(verdicts=(_already(served),)) if served else ask_by(rule, judging, team, slot)
    return ruling


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
    return Verdict(
        rule=first.rule, slot=plain_slot(first.slot), outcome="skip", because=because, team=first.team, served=True
    )


def view_of(event: Event, facts: Facts | None, roster: Roster) -> View | None:
    """The server's facts, else what the event itself shows; None for a change that is gone."""
    if facts:
        return view_of_facts(facts.change, roster) if facts.change else None
    return view_of_event(event, roster) if isinstance(event, ChangeEvent) else None

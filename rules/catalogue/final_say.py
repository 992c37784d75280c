"""Policy `final-say`: where a +2 and a -2 of different people stand against each other for long, the PTL is asked.

Off unless the team that owns the repo has `final_say`. While both votes are not old enough a case without a person is
snoozed until they are; then it is the PTL's, or unrouted where no PTL can be asked. It ends as agreed once nothing
stands against anything. What the PTL was asked about they are not asked about again: only later votes are news.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.asking import times_asked
from rules.clashes import Clash, find_clash, frozen, is_strong, message
from rules.events import JUDGED, ChangeSeen, CommentAdded, Event, VoteRemoved
from rules.facts import ChangeFacts, Need
from rules.judging import NOTHING, Judging, NewAsk, Ruling, changed
from rules.picking import Candidate, Circumstances, pick
from rules.roster import FinalSay
from rules.routing import Ask, strictest
from rules.state import EVERYTHING, FREES, Case, close
from rules.verdicts import Verdict

FINAL_SAY = "final-say"
"""The slot of its cases, and the name they have instead of a rule's."""
DUTY = "ptl"
LOOK_AGAIN = timedelta(hours=1)
"""How often a change is looked at that is hidden from us."""
ASK = Ask(duty=DUTY, pick="all")
MAY_GO_ON = FREES | {"obsolete", "abandoned"}
"""Ends after which the PTL may still have to be asked about the same votes."""


def needs(event: Event, judging: Judging) -> Need | None:
    """The votes, and the accounts of the PTL and of whoever has the say instead, where a contradiction may have come up
    or ended.
    """
    if not _looks(event, judging):
        return None
    roster = judging.roster
    reachable = roster.reachable(judging.team, DUTY) if judging.team else ()
    keys = dict.fromkeys((*reachable, *(case.person for case in _all(judging))))
    people = tuple(roster.people[key] for key in keys if key in roster.people)
    return Need(item=judging.item, repo=judging.repo, people=people)


def final_say(event: Event, judging: Judging) -> Ruling:
    """What becomes of the item's contradiction, if there is one."""
    if not _looks(event, judging):
        return NOTHING
    change, say = judging.facts.change, _say(judging)
    if change is None:
        return _put_off(judging)
    if say is None:
        return _end(judging, "obsolete", f"{judging.team or 'nobody'} has no final say any more")
    clash = find_clash(change, _laid_before(judging), judging)
    if clash is None:
        return _end(judging, "agreed", "no votes stand against each other any more")
    if any(case.person for case in _alive(judging)):
        because = frozen(change, say)
        return _end(judging, "obsolete", f"{clash.words(judging)}, but {because}") if because else NOTHING
    return _follow(clash, change, say, judging)


def _looks(event: Event, judging: Judging) -> bool:
    """Only votes of full weight can begin a contradiction; what is pending is looked at more often."""
    if any(case.state != "closed" or case.end in MAY_GO_ON for case in _all(judging)):
        return isinstance(event, (*JUDGED, CommentAdded, VoteRemoved))
    if _say(judging) is None:
        return False
    if isinstance(event, CommentAdded):
        return any(is_strong(vote.label, vote.value) and vote.old is not None for vote in event.votes)
    return isinstance(event, ChangeSeen)


def _say(judging: Judging) -> FinalSay | None:
    team = judging.roster.teams.get(judging.team)
    off = team is None or strictest(judging.settings.mode, team.mode) == "off"
    return None if team is None or off else team.final_say


def _all(judging: Judging) -> list[Case]:
    """All of this policy on the item."""
    return [case for case in judging.book.cases(judging.item) if case.rule == FINAL_SAY]


def _cases(judging: Judging) -> list[Case]:
    """Those that count: nobody was asked by what was only observed, once something may be done."""
    acts = judging.acts_here
    return [case for case in _all(judging) if not (case.observed and acts and case.person)]


def _alive(judging: Judging) -> list[Case]:
    return [case for case in _cases(judging) if case.state != "closed"]


def _laid_before(judging: Judging) -> list[Case]:
    """The cases of those who were asked, and whose silence or answer stands."""
    asked = (case for case in _cases(judging) if case.person)
    return [case for case in asked if case.state != "closed" or case.end not in MAY_GO_ON]


def _put_off(judging: Judging) -> Ruling:
    """The change is gone or hidden, maybe for a while."""
    due = [case for case in _alive(judging) if not case.person and case.due and case.due <= judging.now]
    return Ruling(effects=changed(*(replace(case, due=judging.now + LOOK_AGAIN) for case in due)))


def _end(judging: Judging, end: str, because: str) -> Ruling:
    """Nothing is left to ask, for now (`obsolete`) or for good."""
    waits_for_thaw = "obsolete" if end != "obsolete" else ""
    over = [case for case in _all(judging) if case.state != "closed" or case.end == waits_for_thaw]
    notes = (f"{FINAL_SAY}: {because}",) if over else ()
    return Ruling(effects=changed(*(close(case, end, because) for case in over)), notes=notes)


def _follow(clash: Clash, change: ChangeFacts, say: FinalSay, judging: Judging) -> Ruling:
    """Nobody is asked yet: wait, ask, or leave it."""
    words = clash.words(judging)
    if because := frozen(change, say):
        return _freeze(f"{words}, but {because}", judging)
    if not judging.taken_up and _too_old(change, judging):
        return NOTHING
    due = clash.since + say.after
    if judging.now < due:
        return _snooze(words, due, judging)
    return _ask(clash, judging)


def _freeze(because: str, judging: Judging) -> Ruling:
    """Kept as closed, so that it is looked at again once the change is as it was."""
    cases = _cases(judging)
    if not any(case.state != "closed" for case in cases) and any(case.end == "obsolete" for case in cases):
        return NOTHING
    waiting = _unasked(judging, state="closed", end="obsolete", because=because)
    return Ruling(effects=changed(waiting), notes=(f"{FINAL_SAY}: {because}",))


def _too_old(change: ChangeFacts, judging: Judging) -> bool:
    since = judging.settings.since
    return since is not None and change.created is not None and change.created < since


def _snooze(words: str, due: datetime, judging: Judging) -> Ruling:
    waiting = _unasked(judging, state="snoozed", due=due, because=words)
    if waiting in _alive(judging):
        return NOTHING
    return Ruling(
        effects=changed(waiting), notes=(f"{FINAL_SAY}: {words}; the PTL is asked on {due:%Y-%m-%d %H:%M} UTC",)
    )


def _unasked(judging: Judging, *, state: str, because: str, due: datetime | None = None, end: str = "") -> Case:
    """The one case of the item that waits for nobody in particular."""
    opened = min((case.opened for case in _alive(judging) if not case.person), default=judging.now)
    return replace(_case(judging), state=state, due=due, because=because, end=end, opened=opened, as_="suggest")


def _case(judging: Judging) -> Case:
    change = judging.facts.change
    return Case(
        item=judging.item,
        repo=judging.repo,
        slot=FINAL_SAY,
        duty=DUTY,
        team=judging.team,
        rule=FINAL_SAY,
        person="",
        role="",
        state="open",
        opened=judging.now,
        observed=not judging.acts_here,
        topic=change.topic if change else "",
        owner=change.owner if change else "",
    )


def _ask(clash: Clash, judging: Judging) -> Ruling:
    table = _candidates(clash, judging)
    chosen = [one for one in table if one.picked]
    paused = judging.book.paused.get(EVERYTHING)
    if paused or not chosen:
        return _unrouted(clash, f"paused: {paused.because}" if paused else _nobody(table, judging), table, judging)
    words = clash.words(judging)
    opened = tuple(_asked(one, words, several=len(chosen) > 1, judging=judging) for one in chosen)
    people = tuple(case.person for case in opened)
    routed = tuple(close(case, "routed", f"asked {', '.join(people)}") for case in _alive(judging))
    return Ruling(
        verdicts=(replace(_verdict(words, table, judging), people=people),),
        effects=changed(*routed, *opened),
        asked=tuple(
            NewAsk(case=case, say=message(clash, one.because, judging))
            for case, one in zip(opened, chosen, strict=True)
        ),
    )


def _candidates(clash: Clash, judging: Judging) -> tuple[Candidate, ...]:
    """The PTL, and whoever covers them, with what stands in the way."""
    if not judging.team:
        return ()
    sides = {vote.account for vote in (*clash.plus, *clash.minus)}
    partial = {who: "is one of the two sides" for who, account in judging.facts.accounts.items() if account in sides}
    circumstances = Circumstances(
        item=judging.item,
        facts=judging.facts,
        roster=judging.roster,
        book=judging.book,
        now=judging.now,
        person_per_day=judging.settings.limits.person_per_day,
        passed_over=partial,
    )
    return pick(ASK, judging.team, circumstances, roles=frozenset({DUTY}))


def _asked(one: Candidate, words: str, *, several: bool, judging: Judging) -> Case:
    """Of several PTLs the first to act answers for all."""
    times = times_asked(judging, FINAL_SAY, one.person) + 1
    because = f"{one.because}: {words}"
    return replace(
        _case(judging), person=one.person, role=DUTY, began=judging.now, times=times, added=several, because=because
    )


def _unrouted(clash: Clash, because: str, table: tuple[Candidate, ...], judging: Judging) -> Ruling:
    shown = f"{clash.words(judging)}, and {because}"
    verdict = _verdict(f"UNROUTED: {shown}", tuple(replace(one, picked=False) for one in table), judging)
    return Ruling(verdicts=(verdict,), effects=changed(_unasked(judging, state="unrouted", because=shown)))


def _nobody(table: tuple[Candidate, ...], judging: Judging) -> str:
    if table:
        return "no PTL can be asked: " + "; ".join(f"{one.person} {one.because}" for one in table)
    team = judging.roster.teams.get(judging.team)
    return f"leadership of {judging.team} is distributed" if team and team.distributed else "there is no PTL to ask"


def _verdict(because: str, table: tuple[Candidate, ...], judging: Judging) -> Verdict:
    return Verdict(rule=FINAL_SAY, slot=FINAL_SAY, outcome="ask", because=because, team=judging.team, candidates=table)

"""Policy `climb`: what waits for somebody is followed up, by its ladder, until somebody has acted.

A ladder's clock stands still while the change is work in progress, while it is its owner's turn, and while it is
snoozed. Somebody who is away, has opted out or holds the duty no longer hands over to whoever is next; nobody is taken
off before somebody else is found.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.actions import Action, Notify
from rules.asking import ask_instead, ask_tier, is_asked_still, is_team, with_due
from rules.catalogue.route import people_of
from rules.events import ChangeEvent, Event, Tick
from rules.facts import UNKNOWN, Need
from rules.judging import NOTHING, Judging, Ruling, changed, resumed
from rules.ladders import Step, due
from rules.picking import tiers
from rules.roster import Person, Standing, local_date
from rules.state import ACTING, EVERYTHING, FREES, Case, Declined, Effects, close
from rules.telling import draw, remind, take_off
from rules.wording import capacity

LOOK_AGAIN = timedelta(hours=1)
"""How often it is looked whether a clock that stands still may go on."""
SAME_REPLY = timedelta(seconds=2)
"""The server moves its attention set with a reply, by its own clock."""
NOBODY_ELSE = ", but nobody else is available"
LATE = timedelta(minutes=5)
"""A step later than that (we were away) moves the clock, so that the next steps keep their distance."""

TIER_OF = {"deputies": "deputy", "ptl": "ptl"}
TIERS = ("czar", "deputy", "ptl")


def needs(event: Event, judging: Judging) -> Need | None:
    """What must be looked up before the item's cases can be followed up."""
    cases = [case for case in judging.waiting() if _is_looked_after(case, event, judging)]
    if not cases:
        return None
    roster = judging.roster
    asked = (case.person for case in judging.waiting())
    others = (person for case in cases if (rule := judging.rule_of(case)) for person in people_of(rule, judging))
    known = (roster.people[key] for key in dict.fromkeys((*asked, *others)) if key in roster.people)
    return Need(item=judging.item, repo=judging.repo, people=tuple(known), turns=True)


def climb(event: Event, judging: Judging) -> Ruling:
    """What becomes of each case that waits. The book has taken it over already: a place is given away once."""
    ruling = NOTHING
    for case in judging.waiting():
        if (heir := _inherits(case, judging)) is not None:
            judging.book.apply(changed(heir))
            ruling += Ruling(effects=changed(heir))
    for case in judging.waiting():
        if _is_looked_after(case, event, judging) or (judging.view and judging.view.wip and case.ladder):
            followed = _follow_up(case, judging)
            judging.book.apply(followed.effects)
            ruling += followed
    return ruling


def _inherits(case: Case, judging: Judging) -> Case | None:
    """Somebody whom a ladder added goes on alone, with the ladder, when whoever was asked first is off the item."""
    if not case.added:
        return None
    slot = [one for one in judging.book.cases(case.item) if one.slot == case.slot and not one.added]
    before = next((one for one in reversed(slot) if one.end in FREES and one.ladder), None)
    if before is None or any(one.waits for one in slot):
        return None
    return with_due(replace(case, added=False, ladder=before.ladder, began=before.began, step=before.step), judging)


def gone(case: Case, judging: Judging) -> str:
    """Why the person does not answer for it any more, "" if they do."""
    rule = judging.rule_of(case)
    if rule is None or rule.ask is None or case.observed:
        return ""
    person = judging.roster.people.get(case.person)
    if person and person.opt_out:
        return "opted out"
    if case.role not in TIERS:
        return _left(person, case, judging.now) if person else ""
    if not is_team(case.team, judging.roster):
        return f"was asked for {case.team}, which is no team any more"
    asks = [ask for ask in (rule.ask, rule.else_) if ask]
    everybody = (tier for ask in asks for tier in tiers(ask, case.team, judging.roster, judging.now))
    found = [(role, one) for role, tier in everybody for one in tier]
    mine = [one for _, one in found if one.person == case.person]
    if not mine:
        return f"does not hold {case.duty or 'it'} any more"
    if not any(one.available for one in mine):
        return f"{_BEFORE.get(mine[0].code, '')}{mine[0].because}"
    if rule.ask.pick == "rotation" and case.role == "czar":
        return _relieved(case, [one for role, one in found if role == "czar"])
    return ""


_BEFORE = {"away": "is ", "term": "holds it no longer: "}


def _left(person: Person, case: Case, now: datetime) -> str:
    """Who took it on, or was named, keeps it until they go away; whoever is named while away was meant."""
    away = person.absence(now)
    began = away is not None and away.first > local_date(case.opened, person.tz)
    return f"is away until {away.last}" if away and began else ""


def _relieved(case: Case, czars: list[Standing]) -> str:
    on_duty = next((one.person for one in czars if one.available), case.person)
    return "" if on_duty == case.person else f"is relieved: {on_duty} is on duty now"


def _is_looked_after(case: Case, event: Event, judging: Judging) -> bool:
    """What is due, stands still or is open again, and at a tick everything: somebody may be gone."""
    if not case.person:  # see `final_say`
        return False
    if isinstance(event, Tick) or (case.due is not None and case.due <= judging.now):
        return True
    stands = case.paused is not None or _lost_its_clock(case, judging)
    return stands and case.state == "open" and isinstance(event, ChangeEvent)


def _lost_its_clock(case: Case, judging: Judging) -> bool:
    """Open again after the change was given up: closing it took its clock away."""
    steps = judging.settings.ladders.get(case.ladder, ())
    return case.state == "open" and case.due is None and case.paused is None and case.step < len(steps)


def _follow_up(case: Case, judging: Judging) -> Ruling:
    now = judging.now
    if case.state == "snoozed":
        return _wake(case, judging) if _is_due(case, now) else NOTHING
    if not judging.acts(case) or {ACTING, EVERYTHING} & set(judging.book.paused):
        return Ruling(effects=changed(replace(case, due=now + LOOK_AGAIN))) if _is_due(case, now) else NOTHING
    if judging.view is None:  # gone or hidden from us, maybe for a while
        return Ruling(effects=changed(replace(case, due=now + LOOK_AGAIN))) if _is_due(case, now) else NOTHING
    still = _stands_still(case, judging)
    if not judging.view.wip and judging.facts.change and (because := gone(case, judging)):
        handed = _hand_over(case, judging, f"{case.person} {because}")
        if handed.asked or not _is_due(case, now):
            return handed
        return handed + _go_on(handed.effects.cases[0], still, judging)
    if case.because.endswith(NOBODY_ELSE):
        case = replace(case, because=f"{case.person} answers for it again")
        return Ruling(effects=changed(case)) + _follow_up(case, judging)
    if still:
        return _pause(case, judging, *still)
    if case.paused:
        going = with_due(resumed(case, now, f"waits for {case.person} again"), judging)
        return Ruling(effects=changed(going))
    if _lost_its_clock(case, judging):
        return Ruling(effects=changed(with_due(replace(case, began=now), judging)))
    return _climb(case, judging) if _is_due(case, now) else NOTHING


def _go_on(case: Case, still: tuple[str, datetime] | None, judging: Judging) -> Ruling:
    """Nobody else is available: the ladder goes on as ever, since whom it adds may be."""
    if still:
        standing = replace(case, paused=case.paused or still[1], due=judging.now + LOOK_AGAIN)
        return Ruling(effects=changed(standing))
    if case.paused:
        return Ruling(effects=changed(with_due(resumed(case, judging.now, case.because), judging)))
    return _climb(case, judging)


def _wake(case: Case, judging: Judging) -> Ruling:
    """A snooze is over; the clock may have to stand still for another reason now."""
    woken = with_due(resumed(case, judging.now, "was snoozed, and waits again"), judging)
    note, ready = f"{case.person}'s snooze is over", judging.view is not None and not judging.view.wip
    turn = draw(case, judging, f"{case.key}@{case.due:%Y-%m-%dT%H:%M:%S}") if ready else ()
    return Ruling(effects=changed(woken), actions=turn, notes=(note,)) + _follow_up(woken, judging)


def _is_due(case: Case, now: datetime) -> bool:
    return case.due is not None and case.due <= now


def _stands_still(case: Case, judging: Judging) -> tuple[str, datetime] | None:
    """Why its clock stands still, and since when."""
    if judging.view and judging.view.wip:
        return "the change is work in progress", judging.now
    change, account = judging.facts.change, judging.account(case.person)
    if change is None or account == UNKNOWN or account in change.attention or change.owner not in change.attention:
        return None
    since = change.attention_since.get(change.owner, judging.now)
    told = (at for who, at in judging.book.commanded(case.item) if who == case.person)
    if any(abs(at - since) <= SAME_REPLY for at in told):  # they only told us what to do
        return None
    return "it is the owner's turn", max(min(since, judging.now), case.began or case.opened)


def _pause(case: Case, judging: Judging, because: str, since: datetime) -> Ruling:
    paused = replace(case, paused=case.paused or since, due=judging.now + LOOK_AGAIN, because=because)
    notes = () if case.paused else (f"{case.slot}: the clock stands still: {because}",)
    return Ruling(effects=changed(paused), notes=notes)


def _climb(case: Case, judging: Judging) -> Ruling:
    """The step that is due."""
    ladder = judging.settings.ladders.get(case.ladder, ())
    if case.step >= len(ladder):
        return Ruling(effects=changed(replace(case, due=None)))
    step = ladder[case.step]
    late = judging.now - due(step, case.began or case.opened, judging.roster.people.get(case.person))
    began = (case.began or case.opened) + (late if late > LATE else timedelta(0))
    climbed = with_due(replace(case, step=case.step + 1, began=began), judging)
    if step.do in ("reassign", "add") and judging.view and judging.view.private:
        return Ruling(effects=changed(climbed), notes=(f"{case.slot}: the change is private, nobody else is let in",))
    return _STEPS[step.do](climbed, step, judging)


def _ping(case: Case, _step: Step, judging: Judging) -> Ruling:
    actions = remind(case, judging, what_next(case, judging))
    return Ruling(effects=changed(case), actions=actions, notes=(f"{case.slot}: reminded {case.person}",))


def _notify(case: Case, _step: Step, judging: Judging) -> Ruling:
    private = judging.view is not None and judging.view.private
    what = judging.item if private else f"{judging.item} ({judging.repo})"
    as_what = capacity(case.role, case.duty, case.team, judging.settings.term)
    told: tuple[Action, ...] = (
        Notify(
            item=judging.item,
            repo="" if private else judging.repo,  # its number alone leaves the server
            key=f"Notify:{case.key}#{case.step}~{case.times}",
            person=case.person,
            reason="reminder",
            text=f"{what} has been waiting for you since {case.opened:%Y-%m-%d %H:%M} UTC, {as_what}. "
            f"{what_next(case, judging)}",
            case=case.key,
        ),
    )
    return Ruling(effects=changed(case), actions=told, notes=(f"{case.slot}: told {case.person}",))


def _unanswered(case: Case) -> str:
    return f"{case.person} was asked on {case.opened:%Y-%m-%d} and has not answered"


def _reassign(case: Case, _step: Step, judging: Judging) -> Ruling:
    because = _unanswered(case)
    handed = hand_over(case, judging, because, goes_on=True)
    if not handed.asked:
        return Ruling(effects=changed(case), notes=(f"{case.slot}: {because}{NOBODY_ELSE}",))
    return handed + Ruling(effects=never_again(case, judging, because))


def _add(case: Case, step: Step, judging: Judging) -> Ruling:
    rule = judging.rule_of(case)
    if rule is None:
        return Ruling(effects=changed(case), notes=(f"{case.slot}: the rule that asked is gone, nobody is added",))
    because = _unanswered(case)
    ruling = ask_tier(case, rule, judging, TIER_OF[step.to or "ptl"], because)
    added = ", ".join(one.case.person for one in ruling.asked) or "nobody is available to be"
    return Ruling(effects=changed(case), notes=(f"{case.slot}: {added} added",)) + ruling


_STEPS = {"ping": _ping, "notify": _notify, "reassign": _reassign, "add": _add}


def hand_over(case: Case, judging: Judging, because: str, *, goes_on: bool = False) -> Ruling:
    """Somebody else is asked in a person's place, who is taken off; nothing of it where there is nobody else.

    The ladder begins anew for them, unless it `goes_on`.
    """
    rule = judging.rule_of(case)
    instead = ask_instead(case, rule, judging, because, goes_on=goes_on) if rule else None
    if instead is None:
        return NOTHING
    others = ", ".join(one.case.person for one in instead.asked)
    closed = close(case, "reassigned", f"{because}; {others} is asked instead")
    notes = (f"{case.slot}: {because}; {others} is asked instead",)
    return instead + Ruling(effects=changed(closed), actions=take_off(case, judging), notes=notes)


def never_again(case: Case, judging: Judging, because: str) -> Effects:
    """Whose place was taken is not asked about the item any more, unless this decision asks them for another slot."""
    others = (one for one in judging.waiting() if one.person == case.person and one.slot != case.slot)
    if any(one.opened == judging.now for one in others):
        return Effects()
    no = Declined(item=case.item, person=case.person, how="reassigned", because=because, at=judging.now)
    return Effects(declined=(no,))


def _hand_over(case: Case, judging: Judging, because: str) -> Ruling:
    """From who is gone; not where rules and facts would have it come back to them (say, who is on duty owns it)."""
    rule = judging.rule_of(case)
    handed = NOTHING if rule and is_asked_still(case, rule, judging) else hand_over(case, judging, because)
    if handed.asked:
        return handed
    kept = replace(case, because=f"{because}{NOBODY_ELSE}")
    notes = (f"{case.slot}: {kept.because}",) if kept != case else ()
    return Ruling(effects=changed(kept), notes=notes)


def what_next(case: Case, judging: Judging) -> str:
    """What happens next if nothing is done, in words."""
    if case.state == "snoozed":
        return (
            f"It rests until {case.due:%Y-%m-%d %H:%M} UTC." if case.due else "It rests until somebody says “unhold”."
        )
    if case.paused:
        return f"Its clock stands still: {case.because}."
    ladder = judging.settings.ladders.get(case.ladder, ())
    return next_words(case, ladder[case.step] if case.step < len(ladder) and case.due else None)


def next_words(case: Case, step: Step | None) -> str:
    """What a step will do to a case, and when."""
    if step is None or case.due is None:
        return "Nothing more happens by itself."
    deeds = {
        "ping": f"{case.person} is reminded",
        "notify": f"{case.person} is told",
        "reassign": "somebody else is asked",
        "add": f"{'the PTL is' if step.to == 'ptl' else 'the deputies are'} asked too",
    }
    return f"Without an answer {deeds[step.do]} on {case.due:%Y-%m-%d %H:%M} UTC."

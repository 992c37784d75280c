"""Orders about an item: who is asked, when its clock stands still, and why it is as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from rules.asking import ask_by, times_asked, with_due
from rules.catalogue.climb import hand_over, never_again, what_next
from rules.judging import NOTHING, Judging, NewAsk, Ruling, changed, resumed
from rules.orders import Answer, No, Order, holds, is_of_team, may_ask_for, may_take, person_named, short, span_of
from rules.roster import Person
from rules.routing import Ask, Rule
from rules.state import FREES, Case, Declined, Effects, close
from rules.telling import take_off
from rules.wording import BY_COMMAND, by_rule, capacity


def _claim(order: Order) -> Answer:
    """What waits here becomes theirs: what they hold the duty of, else all of it."""
    judging, by = order.judging, order.by
    may_take(by, judging)
    waiting = _to_be_taken(judging)
    others = [case for case in waiting if case.person != by.key or not case.waits]
    if not others:
        raise No("it is yours already" if waiting else "nothing waits for anybody here")
    held = [case for case in others if holds(by, case.team, case.duty, judging)]
    slots = dict.fromkeys(case.slot for case in held or others)
    ruling = NOTHING
    for slot in slots:
        ruling += _give(slot, [case for case in waiting if case.slot == slot], by, "claimed it", "claimed", judging)
    return ruling, f"it is yours now ({', '.join(slots)})"


def _assign(order: Order) -> Answer:
    """Somebody else is asked, whoever was asked before."""
    judging = order.judging
    person = person_named(order.command.words, judging.roster)
    duty = next((word for word in order.command.words if not word.startswith("@")), None)
    cases = _to_be_taken(judging)
    wanted = [case for case in cases if duty in (None, case.duty, case.slot)]
    slots = dict.fromkeys(case.slot for case in wanted)
    if len(slots) > 1:
        raise No(f"say for which of {', '.join(slots)}")
    if not slots and duty is None:
        raise No("nothing waits here: say for which duty")
    if not slots and duty not in judging.roster.duty_names:
        raise No(f"nobody has heard of a duty {short(duty or '')}")
    slot = next(iter(slots), duty or "")
    team, held = (wanted[0].team, wanted[0].duty) if wanted else (judging.team, slot)
    if not holds(order.by, team, held, judging):
        raise No(f"only who answers for {held} of {team or 'a team'} may")
    trusted = may_ask_for(held, team, judging)
    if judging.facts.change and judging.facts.change.private and person.key not in trusted.people():
        raise No(f"the change is private, and {person.key} does not hold {held} of {team}")
    if wanted and all(case.waits and case.person == person.key for case in wanted):
        raise No(f"{person.key} is asked already")
    may_take(person, judging)
    if person.opt_out:
        raise No(f"{person.key} does not want to be asked")
    because = f"was named by {order.by.key}"
    away = person.absence(judging.now)
    told = f"{person.key} is asked" + (f", but is away until {away.last}" if away else "")
    return _give(slot, wanted, person, because, "assigned", judging, team=team, duty=held), told


def _to_be_taken(judging: Judging) -> list[Case]:
    """What waits for a person, or for one to be found: also what somebody has just given up, before routing sees it."""
    cases = judging.book.cases(judging.item)
    held = {case.slot for case in cases if case.end not in FREES}
    freed = [case for case in cases if case.end in FREES and case.slot not in held]
    return [case for case in cases if (case.waits and case.person) or case.state == "unrouted"] + freed


def _give(
    slot: str,
    cases: list[Case],
    person: Person,
    because: str,
    role: str,
    judging: Judging,
    *,
    team: str = "",
    duty: str = "",
) -> Ruling:
    """A slot becomes a person's: others asked for it are taken off, what waited for somebody is found."""
    ended = [case for case in cases if case.person != person.key and case.state != "closed"]
    closed = [close(case, "reassigned" if case.person else "routed", f"{person.key} {because}") for case in ended]
    off = tuple(action for case in ended if case.person for action in take_off(case, judging))
    first = cases[0] if cases else None
    change = judging.facts.change
    new = Case(
        item=judging.item,
        repo=judging.repo,
        slot=slot,
        duty=first.duty if first else duty,
        team=first.team if first else team,
        rule=first.rule if first else BY_COMMAND,
        person=person.key,
        role=role,
        state="open",
        opened=judging.now,
        observed=not judging.acts_here,
        times=times_asked(judging, slot, person.key) + 1,
        ladder=_ladder(first, judging),
        began=judging.now,
        because=because,
        topic=change.topic if change else "",
        owner=change.owner if change else "",
    )
    new = with_due(new, judging) if new.ladder else new
    asked = NewAsk(case=new, silent=role == "claimed")
    return Ruling(effects=changed(*closed, new), asked=(asked,), actions=off)


def _ladder(case: Case | None, judging: Judging) -> str:
    rule = judging.rule_of(case) if case else None
    return (rule.ladder or "") if rule else ""


def _decline(order: Order) -> Answer:
    return _give_up(order, f"declined: {order.command.rest}" if order.command.words else "declined")


def _release(order: Order) -> Answer:
    return _give_up(order, "gave it back")


def _give_up(order: Order, because: str) -> Answer:
    """They are not asked about this item any more; routing finds the next one."""
    judging, by = order.judging, order.by
    closed = [close(case, "declined", because) for case in order.mine]
    off = tuple(action for case in order.mine for action in take_off(case, judging))
    no = Declined(item=judging.item, person=by.key, how="declined", because=because, at=order.message.at)
    ruling = Ruling(effects=Effects(cases=tuple(closed), declined=(no,)), actions=off[:1])
    if not closed:
        return ruling, "noted, you will not be asked about this one"
    return ruling, "noted, the next in line is asked, if there is one"


def _reroll(order: Order) -> Answer:
    """Somebody else is asked in the place of who is asked now."""
    judging, duty = order.judging, order.command.words[0] if order.command.words else None
    cases = [case for case in order.cases if case.person and duty in (None, case.duty, case.slot)]
    allowed = [case for case in cases if case in order.mine or holds(order.by, case.team, case.duty, judging)]
    if not allowed:
        raise No("only who is asked, or answers for the duty, may" if cases else "nobody is asked here")
    ruling = NOTHING
    for case in allowed:
        because = f"{order.by.key} wants somebody else than {case.person}"
        handed = hand_over(case, judging, because)
        if handed.asked:
            handed += Ruling(effects=never_again(case, judging, because))
            judging.book.apply(handed.effects)  # the next one must not be given to the same person
            ruling += handed
    others = ", ".join(one.case.person for one in ruling.asked)
    if not others:
        raise No("nobody else is available")
    return ruling, f"{others} is asked instead"


def _route(order: Order) -> Answer:
    """Another duty of the owning team is asked as well."""
    judging, team = order.judging, order.judging.team
    if not order.command.words:
        raise No("say which duty")
    duty = order.command.words[0]
    if not team:
        raise No("no team owns this repo")
    if not order.mine and not is_of_team(order.by, judging):
        raise No(f"only people who hold a duty of {team}, or who are asked here, may")
    if duty not in judging.roster.duty_names:
        raise No(f"nobody has heard of a duty {short(duty)}")
    may_ask_for(duty, team, judging)
    cases = [case for case in judging.book.cases(judging.item) if duty in (case.slot, case.duty) and case.person]
    asked = [case for case in cases if case.end not in FREES]
    if any(case.waits for case in asked):
        raise No(f"{', '.join(case.person for case in asked if case.waits)} is asked for {duty} already")
    rule = Rule(id=BY_COMMAND, event="change", slot=duty, ask=Ask(duty=duty))
    ruling = ask_by(rule, replace(judging, taken_up=True), team, duty)
    if not ruling.asked:
        raise No(ruling.verdicts[0].because.removeprefix("UNROUTED: "))
    return ruling, f"{', '.join(one.case.person for one in ruling.asked)} is asked"


def _snooze(order: Order) -> Answer:
    """Their own cases stand still for a time."""
    span = span_of(order.command.words)
    mine = order.mine
    if not mine:
        raise No("nothing waits for you here")
    until = order.judging.now + span
    because = f"snoozed by {order.by.key} until {until:%Y-%m-%d %H:%M} UTC"
    return Ruling(effects=changed(*(_stopped(case, order, because, until) for case in mine))), because


def _stopped(case: Case, order: Order, because: str, until: datetime | None) -> Case:
    return replace(case, state="snoozed", paused=case.paused or order.judging.now, due=until, because=because)


def _hold(order: Order) -> Answer:
    cases = _held_by(order)
    because = f"held by {order.by.key}"
    return Ruling(effects=changed(*(_stopped(case, order, because, None) for case in cases))), "held until unhold"


def _unhold(order: Order) -> Answer:
    cases = [case for case in _held_by(order) if case.state == "snoozed"]
    if not cases:
        raise No("nothing is held here")
    judging = order.judging
    going = (resumed(case, judging.now, f"let go on by {order.by.key}") for case in cases)
    return Ruling(
        effects=changed(*(with_due(case, judging) if case.ladder else replace(case, due=None) for case in going))
    ), "goes on"


def _held_by(order: Order) -> list[Case]:
    """The cases they may hold and let go on: their own, and those of duties they answer for."""
    cases = [
        case
        for case in order.cases
        if case.person and (case.person == order.by.key or holds(order.by, case.team, case.duty, order.judging))
    ]
    if not cases:
        raise No("nothing here waits for you, or for a duty of yours")
    return cases


def _status(order: Order) -> Answer:
    cases = [case for case in order.judging.book.cases(order.judging.item) if case.state != "closed"]
    if not cases:
        return NOTHING, "nothing waits for anybody here"
    return NOTHING, "; ".join(f"{case.slot}: {_state(case, order.judging)}" for case in cases)


def _state(case: Case, judging: Judging) -> str:
    if not case.person:
        return f"nobody, since {case.opened:%Y-%m-%d}: {case.because}"
    if case.observed:
        return f"{case.person} would have been asked on {case.opened:%Y-%m-%d %H:%M} UTC (observing only)"
    asked = "suggested" if case.as_ == "suggest" else "asked"
    return f"{case.person}, {asked} on {case.opened:%Y-%m-%d %H:%M} UTC. {what_next(case, judging)}"


def _explain(order: Order) -> Answer:
    """Why whoever was asked was asked; the whole table is shown by `czar explain`."""
    judging = order.judging
    cases = judging.book.cases(judging.item)
    if not cases:
        return NOTHING, "nobody was asked about this change"
    told = [f"{case.slot}: {_why(case, judging)}" for case in cases if case.person]
    told += [f"{case.slot}: nobody: {case.because}" for case in cases if case.state == "unrouted"]
    return NOTHING, "\n".join(told) + f"\nThe whole table: czar explain {judging.item}"


def _why(case: Case, judging: Judging) -> str:
    as_what = capacity(case.role, case.duty, case.team, judging.settings.term)
    observed = " (observing only)" if case.observed else ""
    return (
        f"{case.person}, {as_what}{by_rule(case.rule)}, on {case.opened:%Y-%m-%d %H:%M} UTC{observed}: {case.because}"
    )


VERBS: Mapping[str, Callable[[Order], Answer]] = MappingProxyType(
    {
        "claim": _claim,
        "decline": _decline,
        "assign": _assign,
        "release": _release,
        "reroll": _reroll,
        "route": _route,
        "snooze": _snooze,
        "hold": _hold,
        "unhold": _unhold,
        "explain": _explain,
        "status": _status,
    }
)
"""What a verb does."""

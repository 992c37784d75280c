"""From a rule that won its slot to an ask: of which teams, who is picked, and the cases that wait for them.

Every reason not to ask (too old, paused, over a limit, nobody available, somebody there already) is a verdict too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from rules.affinity import affine
from rules.facts import UNKNOWN
from rules.judging import Judging, NewAsk, Ruling
from rules.ladders import due
from rules.picking import Candidate, Circumstances, in_confidence, pick
from rules.roster import COMMUNITY, Roster
from rules.routing import Ask, Rule
from rules.signoff.standing import SIGN_OFF, SIGNERS, has_signed, lacking
from rules.state import EVERYTHING, Case, Effects, Pause, close
from rules.verdicts import Verdict

HOUR = timedelta(hours=1)
WITHOUT_LADDER = ("cc", "suggest")
"""Nobody is reminded who is only kept informed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One ask of one team, for one slot of an item."""

    rule: Rule
    slot: str
    ask: Ask
    team: str
    judging: Judging
    instead: Case | None = None  # whose place is taken, and
    because: str = ""  # why
    goes_on: bool = False  # their ladder, where it stood
    passed_over: Mapping[str, str] = field(default_factory=dict)

    @property
    def observed(self) -> bool:
        """Whether it is only recorded."""
        return self.judging.settings.mode_of(self.rule, self.team, self.judging.repo) != "act"


def ask_by(rule: Rule, judging: Judging, team: str, slot: str) -> Ruling:
    """The rule that won its slot asks people of a team, or says why not. `slot` is that of the cases."""
    hindrance = _too_old(judging)
    if hindrance or rule.ask is None:
        return _skip(rule, hindrance or "the rule asks nobody")
    signed = _have_signed(rule, team, judging)
    return _ask(_Asking(rule=rule, slot=slot, ask=rule.ask, team=team, judging=judging, passed_over=signed))


def _have_signed(rule: Rule, team: str, judging: Judging) -> dict[str, str]:
    """Who has done already what the rule asks for, where a team is to sign."""
    return has_signed(team, judging) if rule.ask and rule.ask.of == SIGNERS else {}


def ask_instead(case: Case, rule: Rule, judging: Judging, because: str, *, goes_on: bool = False) -> Ruling | None:
    """Somebody else in the place of who was asked, whose own case is left to the caller; None where there is nobody.

    The ladder begins anew, unless it `goes_on` where it stood.
    """
    asking = _in_place_of(case, rule, judging)
    if asking is None or not _discreet(asking):
        return None
    passed_over = {**asking.passed_over, case.person: because}
    ruling = _ask(replace(asking, because=because, goes_on=goes_on, passed_over=passed_over))
    return ruling if ruling.asked else None


def is_asked_still(case: Case, rule: Rule, judging: Judging) -> bool:
    """Whether, with the others of the slot as they are, the same person would be asked now."""
    asking = _in_place_of(case, rule, judging)
    return asking is not None and any(one.picked and one.person == case.person for one in _pick(asking)[1])


def _in_place_of(case: Case, rule: Rule, judging: Judging) -> _Asking | None:
    """An ask of one person for a place that is taken; where its team is gone, of the one that is asked now."""
    if rule.ask is None:
        return None
    team = case.team if is_team(case.team, judging.roster) else teams_asked(rule.ask, judging)[0]
    if not is_team(team, judging.roster):
        return None
    others = {one.person: "is asked already" for one in judging.waiting() if one.slot == case.slot}
    others.pop(case.person, None)
    return _Asking(
        rule=rule,
        slot=case.slot,
        ask=_one(rule.ask),
        team=team,
        judging=judging,
        instead=case,
        passed_over=_have_signed(rule, team, judging) | others,
    )


def is_team(name: str, roster: Roster) -> bool:
    """Whether somebody can be asked for it: the community, a team of the roster, or "" where a rule names people."""
    return name in ("", COMMUNITY) or name in roster.teams


def ask_tier(case: Case, rule: Rule, judging: Judging, role: str, because: str) -> Ruling:
    """Everybody of a tier (deputy, ptl) who is available, beside who was asked."""
    asked = {one.person: "is asked already" for one in judging.book.cases(judging.item) if _same(one, case)}
    asked |= _have_signed(rule, case.team, judging)
    ask = replace(rule.ask or Ask(), pick="all")
    asking = _Asking(
        rule=rule, slot=case.slot, ask=ask, team=case.team, judging=judging, because=because, passed_over=asked
    )
    let_in = is_team(case.team, judging.roster) and _discreet(asking)
    table = pick(ask, case.team, _circumstances(asking), roles=frozenset({role})) if let_in else ()
    opened = tuple(replace(_case(asking, one), added=True, ladder="", due=None) for one in table if one.picked)
    verdict = Verdict(
        rule=rule.id,
        slot=rule.slot,
        outcome="ask",
        because=because if opened else f"UNROUTED: nobody to add: {_nobody(case.team, ask, table)}",
        team=case.team,
        people=tuple(one.person for one in opened),
        candidates=table,
    )
    return Ruling(verdicts=(verdict,), effects=Effects(cases=opened), asked=_told(asking, opened))


def teams_asked(ask: Ask | None, judging: Judging) -> tuple[str, ...]:
    """The teams a rule's duty is asked of; nobody's where nobody owns the repo, or no path names a team (yet)."""
    if ask and ask.of == SIGNERS:
        return lacking(judging) or ("",)
    if ask is None or ask.path is None:
        of = ask.of if ask else "owner"
        team = judging.team if of == "owner" else of
        return (team,)
    files = judging.view.files if judging.view and judging.view.files else ()
    names = ask.path.names(files)
    found = (_team_of(ask.path.kind, name, judging.roster) for name in names)
    return tuple(dict.fromkeys(team for team in found if team)) or ("",)


def _team_of(kind: str, name: str, roster: Roster) -> str:
    if kind == "deliverable":
        return roster.deliverable_teams.get(name, "")
    if kind == "repo":
        return roster.owners.get(name, "")
    team = roster.find_team(name)
    return team.name if team else ""


def _same(one: Case, case: Case) -> bool:
    return one.slot == case.slot and bool(one.person)


def _one(ask: Ask) -> Ask:
    """One person takes the place of one, however many were asked at first."""
    return replace(ask, pick=1) if isinstance(ask.pick, int) or ask.pick == "all" else ask


def _ask(asking: _Asking) -> Ruling:
    asking, table = _pick(asking)
    helping = "" if asking.instead else _already_there(asking, table)
    if helping:
        skip = _skip(asking.rule, helping, asking.team, table)
        return skip + Ruling(effects=Effects(cases=_routed(asking, helping)))
    book, rule = asking.judging.book, asking.rule
    paused = book.paused.get(rule.id) or book.paused.get(EVERYTHING)
    pause = None if paused else _over_limit(asking)
    if stopped := paused or pause:
        unrouted = _unrouted(asking, table, f"paused: {stopped.because}")
        return unrouted + Ruling(effects=Effects(pauses=(pause,) if pause else ()))
    if not any(one.picked for one in table):
        return _unrouted(asking, table, _nobody(asking.team, asking.ask, table))
    return _asked(asking, table)


def _pick(asking: _Asking) -> tuple[_Asking, tuple[Candidate, ...]]:
    """The rule's ask, or its `else` where the first finds nobody."""
    table = pick(asking.ask, asking.team, _circumstances(asking))
    second = asking.rule.else_
    if second is None or any(one.picked for one in table):
        return asking, table
    (team, *_) = teams_asked(second, asking.judging)
    other = replace(asking, ask=_one(second) if asking.instead else second, team=team)
    if not _discreet(other):
        return asking, table
    return other, table + pick(other.ask, team, _circumstances(other))


def _discreet(asking: _Asking) -> bool:
    view = asking.judging.view
    private = view is not None and view.private
    return not private or in_confidence(asking.ask, asking.team, asking.judging.roster)


def _circumstances(asking: _Asking) -> Circumstances:
    judging = asking.judging
    return Circumstances(
        item=judging.item,
        facts=judging.facts,
        roster=judging.roster,
        book=judging.book,
        now=judging.now,
        person_per_day=judging.settings.limits.person_per_day,
        affine=affine(asking.slot, judging),
        passed_over=asking.passed_over,
    )


def _too_old(judging: Judging) -> str:
    since, change = judging.settings.since, judging.facts.change
    if since and change and change.created and change.created < since and not judging.taken_up:
        return f"the change is from {change.created:%Y-%m-%d}, older than since ({since:%Y-%m-%d %H:%M})"
    return ""


def _already_there(asking: _Asking, table: tuple[Candidate, ...]) -> str:
    """Somebody of those who could be asked reviews it already, by their own or a person's choice. That is no answer
    where a sign-off is wanted: who reviews it may have signed something else.
    """
    change, ask = asking.judging.facts.change, asking.ask
    if change is None or ask.pick == "all" or ask.as_ in WITHOUT_LADDER or asking.rule.id == SIGN_OFF:
        return ""
    accounts = asking.judging.facts.accounts
    shown = (one for one in table if not one.code and accounts.get(one.person, UNKNOWN) in change.reviewers)
    there = [one.person for one in shown if not _is_taken_off(one.person, asking.judging)]
    return f"{', '.join(there)} reviews it already" if there else ""


def _is_taken_off(person: str, judging: Judging) -> bool:
    """Whether we take them off, which the server may not show yet."""
    theirs = [case for case in judging.book.cases(judging.item) if case.person == person]
    return any(case.end == "reassigned" for case in theirs) and not any(case.waits for case in theirs)


def _over_limit(asking: _Asking) -> Pause | None:
    judging, rule = asking.judging, asking.rule
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


def _skip(rule: Rule, because: str, team: str = "", table: tuple[Candidate, ...] = ()) -> Ruling:
    verdict = Verdict(rule=rule.id, slot=rule.slot, outcome="skip", because=because, team=team, candidates=table)
    return Ruling(verdicts=(verdict,))


def _nobody(team: str, ask: Ask, table: tuple[Candidate, ...]) -> str:
    if not team and not ask.people:
        return "the paths name no team's own" if ask.path else "no team owns the repo"
    if not table:
        return f"nobody holds {ask.duty} of {team}, and it has no PTL to ask"
    return "nobody is available: " + "; ".join(f"{one.person} {one.because}" for one in table)


def _unrouted(asking: _Asking, table: tuple[Candidate, ...], because: str) -> Ruling:
    rule, judging = asking.rule, asking.judging
    verdict = Verdict(
        rule=rule.id,
        slot=rule.slot,
        outcome="ask",
        because=f"UNROUTED: {because}",
        team=asking.team,
        candidates=tuple(replace(one, picked=False) for one in table),
    )
    opened = min((case.opened for case in _unrouted_before(asking)), default=judging.now)
    case = replace(
        _case(asking, None), state="unrouted", opened=opened, began=None, due=None, ladder="", because=because
    )
    return Ruling(verdicts=(verdict,), effects=Effects(cases=(case,)))


def _asked(asking: _Asking, table: tuple[Candidate, ...]) -> Ruling:
    chosen = [one for one in table if one.picked]
    verdict = Verdict(
        rule=asking.rule.id,
        slot=asking.rule.slot,
        outcome="ask",
        because="; ".join(f"{one.person} {one.because}" for one in chosen),
        team=asking.team,
        people=tuple(one.person for one in chosen),
        candidates=table,
    )
    opened = tuple(_case(asking, one) for one in chosen)
    routed = _routed(asking, f"asked {', '.join(verdict.people)}")
    return Ruling(verdicts=(verdict,), effects=Effects(cases=routed + opened), asked=_told(asking, opened))


def _told(asking: _Asking, opened: tuple[Case, ...]) -> tuple[NewAsk, ...]:
    return tuple(NewAsk(case=case, say=asking.rule.say, instead=asking.because) for case in opened)


def _case(asking: _Asking, one: Candidate | None) -> Case:
    """What waits for somebody; its ladder begins now, or goes on where that of another one stood."""
    judging, rule, ask = asking.judging, asking.rule, asking.ask
    before = asking.instead if asking.goes_on else None
    change = judging.facts.change
    case = Case(
        item=judging.item,
        repo=judging.repo,
        slot=asking.slot,
        duty=ask.duty or "",
        team=asking.team,
        rule=rule.id,
        person=one.person if one else "",
        role=one.role if one else "",
        state="open",
        opened=judging.now,
        observed=asking.observed,
        as_=ask.as_,
        added=asking.instead is not None and asking.instead.added,
        began=before.began if before and before.began else judging.now,
        step=before.step if before else 0,
        because=one.because if one else "",
        times=times_asked(judging, asking.slot, one.person) + 1 if one else 1,
        topic=change.topic if change else "",
        owner=change.owner if change else "",
    )
    if rule.ladder is None or ask.as_ in WITHOUT_LADDER or case.observed or case.added:
        return case
    return with_due(replace(case, ladder=rule.ladder), judging)


def times_asked(judging: Judging, slot: str, person: str) -> int:
    """How often this person was asked for this slot already."""
    cases = (case for case in judging.book.cases(judging.item) if (case.slot, case.person) == (slot, person))
    return max((case.times for case in cases if not case.observed), default=0)


def with_due(case: Case, judging: Judging) -> Case:
    """The case with the time of its next step; without one where the ladder has no more."""
    ladder = judging.settings.ladders.get(case.ladder, ())
    if case.step >= len(ladder):
        return replace(case, due=None)
    began = case.began or case.opened
    return replace(case, due=due(ladder[case.step], began, judging.roster.people.get(case.person)))


def _unrouted_before(asking: _Asking) -> tuple[Case, ...]:
    cases = asking.judging.book.cases(asking.judging.item)
    return tuple(case for case in cases if case.slot == asking.slot and case.state == "unrouted")


def _routed(asking: _Asking, because: str) -> tuple[Case, ...]:
    """What waited for somebody to be found, closed."""
    return tuple(close(case, "routed", because) for case in _unrouted_before(asking))

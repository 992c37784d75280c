"""Why somebody was never considered for an item: by the roster, and by what its newest decision says of each rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from daemon.journal.records import Detail
from daemon.journal.views import Told
from rules.roster import COMMUNITY, Roster
from rules.routing import Ask, Index, Rule
from rules.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A way in which a rule might ask somebody: a duty of a team in a role, or by name (`role` "")."""

    rule: Rule
    what: str
    role: str


def why_not(person: str, repo: str, story: tuple[Told, ...], index: Index, at: datetime) -> Iterator[str]:
    """For each rule that might ask them why it did not, or what they hold if there is none. `index` is today's."""
    detail = next((told.detail for told in reversed(story) if told.detail and _says(told.detail)), None)
    if detail is None:
        yield f"No rule looked at it: {_whose(repo, index.roster)}, or only events came that are not judged."
        return
    claims = [
        claim for _, rules in index.slots(repo) for rule in rules for claim in _claims(person, rule, repo, index, at)
    ]
    if claims:
        yield from dict.fromkeys(_answer(person, claim, detail) for claim in claims)
    else:
        yield f"{_holdings(person, index.roster)}; no rule asks for that where {repo} is concerned."
    yield from _instead(detail, index)


def _says(detail: Detail) -> bool:
    """Whether it tells more than that somebody was asked before."""
    return bool(detail.passed) or any(not verdict.served for verdict in detail.verdicts)


def _whose(repo: str, roster: Roster) -> str:
    if not repo:
        return "its repo is not known"
    owner = roster.owners.get(repo)
    return f"{repo} is {owner}'s" if owner else f"{repo} is no team's"


def _claims(person: str, rule: Rule, repo: str, index: Index, at: datetime) -> Iterator[Claim]:
    for ask in (rule.ask, rule.else_):
        if ask and person in ask.people:
            yield Claim(rule=rule, what="people by name", role="")
        elif ask and ask.duty:
            for team in _teams(ask, repo, index.roster):
                if role := _role(person, team, ask.duty, index.roster, at):
                    yield Claim(rule=rule, what=f"{ask.duty} of {team}", role=role)


def _teams(ask: Ask, repo: str, roster: Roster) -> tuple[str, ...]:
    """Those that might be asked: any, where paths name them."""
    if ask.path:
        return tuple(roster.teams)
    team = roster.owners.get(repo, "") if ask.of == "owner" else ask.of
    return (team,) if team == COMMUNITY or team in roster.teams else ()


def _role(person: str, team: str, duty: str, roster: Roster, at: datetime) -> str:
    """czar, deputy, ptl, or "not now" for who holds the duty at other times; "" for who never does."""
    for role, people in roster.tiers(team, duty, at):
        if any(one.person == person for one in people):
            return role
    return "not now" if person in roster.reachable(team, duty) else ""


def _answer(person: str, claim: Claim, detail: Detail) -> str:
    rule, what = claim.rule, claim.what
    verdict = _verdict(rule, detail)
    passed = next((one for one in detail.passed if one.rule == rule.id), None)
    if passed:
        return f"Rule {rule.id}, which asks {what}, does not take it: {passed.because} ({passed.key})."
    if verdict and verdict.rule == rule.id:
        return _later_tier(person, claim, verdict)
    if verdict:
        first = f"rule {verdict.rule} came first, and the first that matches decides"
        return f"Rule {rule.id}, which asks {what}, was not reached: in slot {rule.slot} {first}."
    return (
        f"Rule {rule.id}, which asks {what}, did not look: the config was another one then ({detail.version or '-'})."
    )


def _verdict(rule: Rule, detail: Detail) -> Verdict | None:
    """The slot's, its own where there are several (a ladder asks once more in a slot that is served)."""
    of_slot = sorted((one for one in detail.verdicts if one.slot == rule.slot), key=lambda one: one.outcome != "ask")
    return next((one for one in of_slot if one.rule == rule.id), of_slot[0] if of_slot else None)


def _later_tier(person: str, claim: Claim, verdict: Verdict) -> str:
    rule = f"Rule {verdict.rule} asked {claim.what}"
    if verdict.outcome != "ask":
        return f"Rule {verdict.rule}, which asks {claim.what}, asked nobody: {verdict.because}."
    if claim.role == "not now":
        return f"{rule}: {person} holds it at other times only."
    looked_at = {one.role for one in verdict.candidates}
    if claim.role in ("deputy", "ptl") and claim.role not in looked_at:
        place = "a deputy" if claim.role == "deputy" else "the PTL"
        return f"{rule}: {person} is {place}, and somebody before them could be asked ({', '.join(verdict.people)})."
    return f"{rule}: {person} was not among those who held it then."


def _holdings(person: str, roster: Roster) -> str:
    """What they hold at any time, as a sentence."""
    held = [
        f"{duty.name} of {team}"
        for team, duties in ((COMMUNITY, roster.community), *((one.name, one.duties) for one in roster.teams.values()))
        for duty in duties.values()
        if person in duty.people()
    ]
    held += [f"the PTL's office of {team.name}" for team in roster.teams.values() if person in team.ptl]
    return f"{person} holds {', '.join(held) or 'no duty'}"


def _instead(detail: Detail, index: Index) -> Iterator[str]:
    """Whom and what the newest decision asked."""
    for verdict in detail.verdicts:
        rule = index.by_id.get(verdict.rule)
        duty = rule.ask.duty if rule and rule.ask and rule.ask.duty else "somebody"
        if verdict.outcome == "ask":
            whom = ", ".join(verdict.people) or "nobody could be"
            yield f"Asked for {verdict.slot}: {duty} of {verdict.team or 'no team'}: {whom} (rule {verdict.rule})."
        else:
            yield f"For {verdict.slot} nobody was asked: {verdict.because} (rule {verdict.rule})."

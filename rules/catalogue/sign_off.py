"""Policy `sign-off`: a release goes out on the word of who may sign it, for exactly the (repo, version, SHA) they saw.

`note` writes down what people did and what became void; `show`, after people were asked, votes on the very patch set
and says in one comment where every release stands. Whatever is not known for sure keeps the gate shut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from rules.actions import Action, Comment, DrawAttention, Notify, Vote
from rules.command_lines import listens_to, may_be_told
from rules.events import JUDGED, ChangeAbandoned, ChangeDeleted, ChangeMerged, CommentAdded, Event, VoteRemoved
from rules.facts import UNKNOWN, Need
from rules.judging import NOTHING, Judging, Ruling, changed
from rules.signoff.acts import Asked, asked, ended, gone_votes, judge, unjudged, with_judged
from rules.signoff.ledger import Entry
from rules.signoff.orders import recorded
from rules.signoff.signing import Stand, benches, died, holders
from rules.signoff.standing import asked_since, asks_for_sign_off, has_signed, lacking, slot_of, standings, verdict
from rules.signoff.words import state_texts
from rules.state import Case, Effects, Gate, close
from rules.verdicts import Settings

STATES = {"NEW": "open", "MERGED": "landed"}
"""Of a gate, by the change's status; every other one is closed."""


def concerns(event: Event, repo: str, settings: Settings) -> bool:
    """Whether the event may change where a release request stands."""
    if repo not in settings.signoff:
        return False
    if isinstance(event, CommentAdded):
        voted = any(vote.old is not None for vote in event.votes)
        return voted or may_be_told(event.text, listens_to(settings.term))
    return isinstance(event, (*JUDGED, VoteRemoved, ChangeMerged, ChangeAbandoned, ChangeDeleted))


def needs(event: Event, judging: Judging) -> Need | None:
    """The request, what people said and voted, and the accounts of all who may have a say in it."""
    settings, roster = judging.settings, judging.roster
    if not concerns(event, judging.repo, settings) or isinstance(event, ChangeDeleted):
        return None
    return Need(
        item=judging.item,
        repo=judging.repo,
        people=tuple(roster.people[key] for key in dict.fromkeys(_people(judging)) if key in roster.people),
        listen=listens_to(settings.term),
        request=settings.signoff[judging.repo].files,
    )


def _people(judging: Judging) -> Iterator[str]:
    """All who may sign, override, or once signed what the item asks for."""
    gate, request = judging.book.gate(judging.item), asked(judging)
    terms, roster = judging.settings.signoff[judging.repo], judging.roster
    for wanted in (*(gate.wanted if gate else ()), *(request.wanted if request else ())):
        for bench in benches(wanted, roster, terms, judging.now):
            yield from (person for person, _ in bench.people)
            if terms.override:
                yield from (person for person, _ in holders(terms.override, bench.team, roster, judging.now))
        yield from (entry.person for entry in judging.book.entries(wanted.release))


def catch_up(judging: Judging, upto: datetime | None = None) -> Ruling:
    """Uploads and votes not judged yet, up to an instant, in the order they were done. The book has taken them over."""
    request = asked(judging)
    if request is None or request.change.status != "NEW":
        return NOTHING
    ruling, sources = NOTHING, []
    for source, act in unjudged(request, upto):
        ruling += _applied(recorded(judge(source, act, request), judging), judging)
        sources.append(source)
    if not sources:
        return NOTHING
    looked_at = Ruling(effects=Effects(gates=(with_judged(_gate(request), sources),)))
    return ruling + _applied(looked_at, judging)


def note(event: Event, judging: Judging) -> Ruling:
    """What people did, what is void by now, and whose turn it is no more. The book has taken it over."""
    request = asked(judging)
    if request is None or request.change.status != "NEW" or not concerns(event, judging.repo, judging.settings):
        return NOTHING
    ruling = catch_up(judging)
    ruling += _applied(recorded(gone_votes(request), judging), judging)
    ruling += _applied(recorded(_void(request), judging), judging)
    return ruling + _applied(_answered(request), judging)


def show(event: Event, judging: Judging) -> Ruling:
    """Where the request stands now: in the journal, as our vote, and in a comment where something changed."""
    if isinstance(event, ChangeDeleted):
        return _gone(judging)
    request = asked(judging)
    if request is None or not concerns(event, judging.repo, judging.settings):
        return NOTHING
    before, stands = _gate(request), standings(request)
    if before.state == "landed":
        return NOTHING
    value, because = verdict(request, stands)
    gate = replace(
        before,
        topic=request.change.topic,
        patch_set=request.change.patch_set,
        revision=request.change.revision,
        wanted=request.wanted,
        refusals=request.refusals,
        value=value,
        because=because,
        state=STATES.get(request.change.status, "closed"),
        due=_due(request, stands),
        asked=asked_since(before, request, stands),
        disagrees=_disagrees(request, value),
    )
    return _shown(gate, request, stands) if gate.state == "open" else _over(before, gate, request)


def _gone(judging: Judging) -> Ruling:
    gate = judging.book.gate(judging.item)
    return Ruling(effects=Effects(gates=(replace(gate, state="closed", due=None),))) if gate else NOTHING


def _gate(request: Asked) -> Gate:
    judging, change = request.judging, request.change
    known = judging.book.gate(judging.item)
    return known or Gate(item=judging.item, repo=judging.repo, patch_set=change.patch_set, revision=change.revision)


def _applied(ruling: Ruling, judging: Judging) -> Ruling:
    judging.book.apply(ruling.effects)
    return ruling


def _void(request: Asked) -> tuple[Entry, ...]:
    """Sign-offs that died: of those who lost the right, and those too old."""
    found = (dead for one in standings(request) for dead in died(one))
    return tuple(ended(entry, act, because, request.judging) for act, entry, because in found)


def _answered(request: Asked) -> Ruling:
    """Who was asked to sign what nobody waits for any more, or has done their part of it."""
    judging = request.judging
    signed = {slot_of(team): has_signed(team, judging) for team in lacking(judging)}
    cases = (case for case in judging.book.cases(judging.item) if asks_for_sign_off(case) and case.state != "closed")
    over = [case for case in cases if case.slot not in signed or case.person in signed[case.slot]]
    return Ruling(effects=changed(*(_ended_case(case, request) for case in over)))


def _ended_case(case: Case, request: Asked) -> Case:
    entries = (one for wanted in request.wanted for one in request.judging.book.entries(wanted.release))
    acts = [one for one in entries if one.at >= case.opened.replace(microsecond=0)]
    mine = next((one for one in acts if one.person == case.person), None)
    if mine:
        return close(case, "acted", mine.because)
    return close(case, "answered", acts[-1].because) if acts else close(case, "obsolete", "nothing waits for it")


def _due(request: Asked, stands: tuple[Stand, ...]) -> datetime | None:
    """When the first sign-off that counts is too old."""
    counted = (entry for one in stands for seat in one.seats for entry in seat.signed)
    return min((entry.at + request.terms.expires for entry in counted), default=None)


def _disagrees(request: Asked, value: int) -> str:
    """How the vote that people go by until now differs from ours, "" if it does not."""
    label = request.terms.compare
    if not label:
        return ""
    approved = any(vote.label == label and vote.value > 0 for vote in request.change.votes)
    if approved == (value > 0):
        return ""
    return f"{label} is {'given' if approved else 'not given'}, and we vote {value:+d}"


def _over(before: Gate, gate: Gate, request: Asked) -> Ruling:
    """Merged or given up: what counted then stays as it is."""
    gate = replace(gate, due=None)
    if before == gate:
        return NOTHING
    ruling = Ruling(effects=Effects(gates=(gate,)), notes=(f"sign-off: {gate.state}: {gate.because}",))
    if gate.state != "landed" or gate.value > 0 or before.state == "landed":
        return ruling
    return ruling + Ruling(actions=_alarm(gate, request))


def _alarm(gate: Gate, request: Asked) -> tuple[Action, ...]:
    """Whoever may override hears of what went past the gate."""
    judging, held = request.judging, request.terms.override
    people = holders(held, judging.team, judging.roster, judging.now) if held else ()
    text = f"{judging.item} in {judging.repo} was merged without sign-off: {gate.because}. Look at what it releases."
    return tuple(
        Notify(
            item=judging.item,
            repo=judging.repo,
            key=f"Notify:{judging.item}/merged-unsigned/{gate.revision}/{person}",
            person=person,
            reason="signoff",
            text=text,
        )
        for person, _ in people
    )


def _shown(gate: Gate, request: Asked, stands: tuple[Stand, ...]) -> Ruling:
    """Our vote where it is another one, and one comment where something changed that people should know."""
    judging, before = request.judging, _gate(request)
    fresh = tuple(entry for entry in judging.book.entries_on(judging.item) if entry.number > gate.published)
    digest = _digest(gate, stands) if judging.acts_here else f"observed {_digest(gate, stands)}"
    news = digest != gate.shown
    says = (news or (bool(fresh) and judging.acts_here)) and bool(stands or gate.refusals or before.shown)
    vote = _vote(gate, before, request)
    if vote and _stood(gate, before):
        gate, vote = _cast_again(gate, vote, judging.now)
    actions: tuple[Action, ...] = ()
    if says:
        texts = state_texts(gate, request, stands, fresh)
        actions = tuple(_comment(text, n, before, gate, request) for n, text in enumerate(texts))
        actions += _owners_turn(gate, request)
        published = fresh[-1].number if fresh and judging.acts_here else gate.published
        gate = replace(gate, shown=digest, published=published)
    if gate == before and not vote:
        return NOTHING
    notes: tuple[str, ...] = (f"sign-off: {gate.because}",) if says or vote else ()
    notes += (f"sign-off: {gate.disagrees}",) if gate.disagrees and gate.disagrees != before.disagrees else ()
    return Ruling(effects=Effects(gates=(gate,)), notes=notes, actions=(*vote, *actions))


def _digest(gate: Gate, stands: tuple[Stand, ...]) -> str:
    """The same for the same state, whoever is asked and whatever patch set it is."""
    told, asked_for = [f"{gate.value}"], dict(gate.asked)
    for one in stands:
        signed = sorted({entry.account for seat in one.seats for entry in seat.signed})
        teams = [bench.team for bench in one.lacking]
        people_know = one.wanted.release in asked_for
        told.append(f"{one.wanted.release} {one.wanted.kind} {one.state} {signed} {teams} {people_know}")
    told += [str(problem) for problem in gate.refusals]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _vote(gate: Gate, before: Gate, request: Asked) -> tuple[Action, ...]:
    """As it should be, unless it is so already and nothing else is on its way."""
    judging, label = request.judging, request.terms.label
    mine = (one for one in request.change.votes if one.label == label and one.name == judging.settings.ourselves)
    shown = next((vote.value for vote in mine), 0)
    on_its_way = before.value if before.revision == gate.revision else shown
    if gate.value == on_its_way and (gate.value == shown or not judging.acts_here):
        return ()
    key = f"Vote:{judging.item}/{label}/{gate.revision}/{gate.value}/{_instant(judging)}"
    return (Vote(item=judging.item, repo=judging.repo, key=key, label=label, value=gate.value, revision=gate.revision),)


MOST_CAST_AGAIN = 20
"""So often within an hour a +1 that somebody took away is cast again: two daemons with one account would never end."""
HOUR = timedelta(hours=1)


def _stood(gate: Gate, before: Gate) -> bool:
    """Whether the vote was a +1 on this patch set already."""
    return gate.value > 0 and (before.value, before.revision) == (gate.value, gate.revision)


def _cast_again(gate: Gate, vote: tuple[Action, ...], now: datetime) -> tuple[Gate, tuple[Action, ...]]:
    """The gate that remembers it, and the vote, unless it was cast too often: then it is looked at in an hour."""
    lately = tuple(at for at in gate.cast_again if at > now - HOUR)
    if len(lately) < MOST_CAST_AGAIN:
        return replace(gate, cast_again=(*lately, now)), vote
    because = f"our vote was taken away {len(lately)} times within an hour: is there another daemon with this account?"
    return replace(gate, cast_again=lately, because=because, due=now + HOUR), ()


def _comment(text: str, number: int, before: Gate, gate: Gate, request: Asked) -> Comment:
    judging = request.judging
    return Comment(
        item=judging.item,
        repo=judging.repo,
        key=f"Comment:{judging.item}/sign-off/{_instant(judging)}/{number}",
        text=text,
        tell=_told(before, gate, request) if number == 0 else (),
    )


def _told(before: Gate, gate: Gate, request: Asked) -> tuple[str, ...]:
    """The owner when it is their turn or it is done; who is asked already when it is for something else now."""
    told = [request.change.owner] if gate.value and gate.value != before.value else []
    if {one.release for one in gate.wanted} - {one.release for one in before.wanted} and before.wanted:
        waiting = (case for case in request.judging.waiting() if asks_for_sign_off(case) and not case.observed)
        told += [request.judging.account(case.person) for case in waiting]
    return tuple(dict.fromkeys(account for account in told if account != UNKNOWN))


def _owners_turn(gate: Gate, request: Asked) -> tuple[Action, ...]:
    if gate.value >= 0:
        return ()
    judging = request.judging
    return (
        DrawAttention(
            item=judging.item,
            repo=judging.repo,
            key=f"DrawAttention:{judging.item}/sign-off/{_instant(judging)}",
            account=request.change.owner,
            reason="the release request is refused or vetoed",
        ),
    )


def _instant(judging: Judging) -> str:
    """What tells the effects of one decision from those of another: its instant and the end of the ledger."""
    return f"{judging.now:%Y%m%dT%H%M%S%f}-{judging.book.head.number}"

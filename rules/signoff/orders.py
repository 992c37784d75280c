"""What people say about a release request: sign-offs and vetoes of who may sign, lapses and overrides of the duty that
the terms name. Each answer says what was done, or why nothing was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from rules.judging import NOTHING, Judging, Ruling
from rules.orders import Answer, No, Order, short
from rules.signoff.acts import Asked, asked, standing
from rules.signoff.ledger import Entry, chained
from rules.signoff.requests import Release, Wanted
from rules.signoff.signing import DUTY, Law, benches, may_override, stand
from rules.state import Effects


def signoff(order: Order) -> Answer:
    """`signoff`: all of this change that they may; `signoff REPO VERSION SHA`: that one, here or in the topic."""
    request = _request(order)
    if "comment" not in request.terms.counts:
        raise No("comments are no sign-off here: vote instead")
    wanted = _named(order, request) if order.command.words else _covered(order, request)
    entries = [one for one in _entries("signed", wanted, order, request, "said so") if not request.is_in_vain(one)]
    if not entries:
        raise No("your own upload asks for it: somebody else has to sign here")
    return _done(entries, order, "signed")


def veto(order: Order) -> Answer:
    """`veto why`: blocks what they might sign, until they take it back."""
    request = _request(order)
    if not order.command.words:
        raise No("say why")
    seen = _seen(request.touched(order.message.patch_set), request)
    entries = _entries("vetoed", seen, order, request, f"said: {_why(order.command.words)}")
    return _done(entries, order, "vetoed")


def unveto(order: Order) -> Answer:
    """`unveto`: their own veto is taken back."""
    request = _request(order)
    vetoed = [one for one in request.wanted if standing(request, one, order.message.account)[1]]
    if not vetoed:
        raise No("you have not vetoed anything here")
    return _done([_entry("unvetoed", one, order, request, "took the veto back") for one in vetoed], order, "no veto")


def lapse(order: Order) -> Answer:
    """`lapse why`: silence counts as consent, for what was asked long enough ago and nobody vetoed."""
    request = _request(order)
    if not order.command.words:
        raise No("say why")
    waiting = _let_out_by(order, request)
    ripe = [one for one in waiting if _is_ripe(one, order, request)]
    if not ripe:
        raise No(_why_not_ripe(waiting, request))
    return _done(_with_right(ripe, "lapsed", order, request, _why(order.command.words)), order, "lapsed")


def override(order: Order) -> Answer:
    """`override release why`: let out without sign-off, with a reason that is shown."""
    request = _request(order)
    slot, *why = order.command.words or ("",)
    if slot != DUTY or not why:
        raise No(f"write: override {DUTY} why")
    waiting = _let_out_by(order, request, vetoed=True)
    return _done(_with_right(waiting, "overridden", order, request, _why(why)), order, "overridden")


VERBS: Mapping[str, Callable[[Order], Answer]] = MappingProxyType(
    {"signoff": signoff, "veto": veto, "unveto": unveto, "lapse": lapse, "override": override}
)


def recorded(entries: Iterable[Entry], judging: Judging) -> Ruling:
    """The entries at the end of the ledger, which the caller has the book take over."""
    linked, _ = chained(entries, judging.book.head)
    if not linked:
        return NOTHING
    notes = tuple(dict.fromkeys(f"sign-off: {one.release} {one.act}: {one.because}" for one in linked))
    return Ruling(effects=Effects(ledger=linked), notes=notes)


def _request(order: Order) -> Asked:
    judging, message = order.judging, order.message
    request = asked(judging)
    if request is None:
        raise No("no release is asked for here")
    if request.change.status != "NEW":
        raise No(f"the change is {request.change.status.lower()}")
    if not message.account or judging.account(order.by.key) != message.account:
        raise No(f"this account is not the one the roster has for {order.by.key}")
    return request


def _covered(order: Order, request: Asked) -> tuple[Wanted, ...]:
    """What stood in the patch set they wrote on."""
    return _seen(request.covered(order.message.patch_set), request)


def _seen(seen: tuple[Wanted, ...], request: Asked) -> tuple[Wanted, ...]:
    if not seen:
        raise No(
            "nothing is asked for here" if not request.wanted else "a newer patch set asks for something else: look"
        )
    return seen


def _named(order: Order, request: Asked) -> tuple[Wanted, ...]:
    words = order.command.words
    if len(words) != 3:
        raise No("write REPO VERSION SHA after signoff, or nothing for all of this change")
    release = Release(words[0], words[1], words[2].lower())
    here = tuple(one for one in request.wanted if one.release == release)
    found = here or _in_topic(release, request)
    if not found:
        raise No(f"neither this change nor an open one of its topic asks for {short(' '.join(words[:2]))} at that SHA")
    return found[:1]


def _in_topic(release: Release, request: Asked) -> tuple[Wanted, ...]:
    topic, judging = request.change.topic, request.judging
    gates = (gate for gate in judging.book.open_gates() if topic and gate.item != judging.item)
    same = (gate for gate in gates if gate.topic == topic and gate.repo == judging.repo)
    return tuple(one for gate in same for one in gate.wanted if one.release == release)


def _entries(act: str, wanted: Iterable[Wanted], order: Order, request: Asked, because: str) -> list[Entry]:
    """For what they have a right to. Raises No where that is nothing."""
    wanted = tuple(one for one in wanted if not request.is_outdone(one, order.message.account, order.message.at))
    if not wanted:
        raise No("what you did about it later counts")
    made = [_entry(act, one, order, request, because) for one in wanted]
    allowed = [one for one in made if one.rights]
    if not allowed:
        raise No(f"you may not sign this; who may: {_who_may(wanted, request)}")
    return allowed


def _entry(act: str, wanted: Wanted, order: Order, request: Asked, because: str) -> Entry:
    source = f"message:{order.message.id}#{order.command.line}"
    return request.entry(act, wanted, order.message, order.by.key, source, f"{order.by.key} {because}")


def _with_right(wanted: Iterable[Wanted], act: str, order: Order, request: Asked, why: str) -> list[Entry]:
    """Acts by the duty that the terms name, not by a bench's."""
    held, law = request.terms.override, request.law(order.message.at)
    word = "let it lapse" if act == "lapsed" else "overrode"
    made = []
    for one in wanted:
        teams = _teams([one], law) if held and held.of == "owner" else [held.of if held else ""]
        by = tuple((team, held.duty if held else "") for team in teams)
        made.append(replace(_entry(act, one, order, request, f"{word}: {why}"), rights=by))
    return made


def _let_out_by(order: Order, request: Asked, *, vetoed: bool = False) -> tuple[Wanted, ...]:
    """What they saw, waits still and is theirs to let out: for all of whom somebody must sign. Raises No."""
    law = request.law(order.message.at)
    if request.terms.override is None:
        raise No("nobody may let a release out without sign-off here (signoff.override is not set)")
    seen = _covered(order, request)
    theirs = [one for one in seen if all(may_override(order.by.key, team, law) for team in _teams([one], law))]
    if not theirs:
        raise No(f"only {request.terms.override.duty} of {request.terms.override.of} may")
    stands = [stand(one, request.judging.book.entries(one.release), law) for one in theirs]
    waiting = tuple(one.wanted for one in stands if not one.is_let_out and (vetoed or one.state != "vetoed"))
    if not waiting:
        raise No("there is a veto" if any(one.state == "vetoed" for one in stands) else "nothing waits here")
    return waiting


def _teams(wanted: Iterable[Wanted], law: Law) -> tuple[str, ...]:
    return tuple({bench.team: None for one in wanted for bench in benches(one, law.roster, law.terms, law.now)})


def _asked_at(wanted: Wanted, request: Asked) -> datetime | None:
    gate = request.judging.book.gate(request.judging.item)
    return dict(gate.asked if gate else ()).get(wanted.release)


def _is_ripe(wanted: Wanted, order: Order, request: Asked) -> bool:
    """When it was said, however late it was heard."""
    at = _asked_at(wanted, request)
    return at is not None and order.message.at >= at + request.terms.lapse_after


def _why_not_ripe(waiting: Iterable[Wanted], request: Asked) -> str:
    asked = [at for one in waiting if (at := _asked_at(one, request)) is not None]
    if not asked:
        return "nobody has been asked yet"
    ripe = min(asked) + request.terms.lapse_after
    return f"not before {ripe:%Y-%m-%d %H:%M} UTC: people were asked too short a time ago"


def _who_may(wanted: Iterable[Wanted], request: Asked) -> str:
    law = request.law()
    found = (bench for one in wanted for bench in benches(one, law.roster, law.terms, law.now))
    people = dict.fromkeys(person for bench in found for person, _ in bench.people)
    return ", ".join(people) or "nobody at all"


def _why(words: Iterable[str]) -> str:
    return " ".join(words)[:300]


def _done(entries: list[Entry], order: Order, what: str) -> Answer:
    """The comment on the state of the change tells what became of it; where we only observe, nobody is told."""
    ruling = recorded(entries, order.judging)
    releases = ", ".join(f"{one.release.repo} {one.release.version}" for one in entries)
    elsewhere = [one for one in entries if one.release not in _here(order)]
    return ruling, f"{what}: {releases}" if elsewhere else ""


def _here(order: Order) -> set[Release]:
    request = asked(order.judging)
    return {one.release for one in request.wanted} if request else set()

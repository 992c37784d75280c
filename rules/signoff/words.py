"""What people read about a release request: where every release stands, who signed and who is asked, and the lines by
which a lost ledger is made again. Never the change's subject, which may claim anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rules.signoff.acts import Asked
from rules.signoff.ledger import Entry, line_of
from rules.signoff.requests import HIDDEN, Branch, Problem, Wanted
from rules.signoff.signing import LET_OUT, Seat, Stand
from rules.signoff.standing import slot_of
from rules.state import Gate
from rules.wording import office, safe

MOST_CHARS = 12_000
"""Of one comment: a Gerrit takes 16 KiB unless it is told otherwise."""
MOST_PROBLEMS = 20
MOST_OF_A_LINE = 1_000


def state_texts(gate: Gate, request: Asked, stands: tuple[Stand, ...], fresh: tuple[Entry, ...]) -> tuple[str, ...]:
    """The comment on where the request stands, in as many parts as it takes."""
    term = request.judging.settings.term
    lines = [_cut(safe(line, term)) for line in _lines(gate, request, stands)]
    lines += ["", *(line_of(entry) for entry in fresh)] if fresh else []
    return tuple(_parts(lines))


def _lines(gate: Gate, request: Asked, stands: tuple[Stand, ...]) -> Iterator[str]:
    yield f"Release sign-off {gate.value:+d}: {gate.because}." if gate.value else f"Release sign-off: {gate.because}."
    yield ""
    for one in stands:
        yield f"* {_release(one.wanted)}: {_standing(one, request)}"
    found = request.change.request
    for branch in found.branches if found else ():
        yield f"* branch {branch.branch} at {_location(branch)} ({branch.file}): needs no sign-off"
    if found and found.refusals:
        yield "Wrong, to be put right in a new patch set:"
        yield from _problems(found.refusals)
    if found and found.notes:
        yield "To be looked at:"
        yield from _problems(found.notes)
    yield from _what_to_do(gate, request, stands)


def _cut(line: str) -> str:
    return line if len(line) <= MOST_OF_A_LINE else f"{line[:MOST_OF_A_LINE]}…"


def _release(wanted: Wanted) -> str:
    release = wanted.release
    more = f" ({wanted.provenance} from {wanted.origin})" if wanted.origin else ""
    if wanted.kind == HIDDEN:
        more = " (not in the diff, but this tag will be made too)"
    return f"{release.repo} {release.version} {release.sha}{more}"


def _location(branch: Branch) -> str:
    if isinstance(branch.location, str):
        return branch.location
    return ", ".join(f"{repo} {sha}" for repo, sha in branch.location.items())


def _problems(problems: Iterable[Problem]) -> Iterator[str]:
    for number, problem in enumerate(problems):
        if number == MOST_PROBLEMS:
            yield "* … and more"
            return
        yield f"* {problem}"


def _standing(one: Stand, request: Asked) -> str:
    signed = dict.fromkeys(_signature(entry, request) for seat in one.seats for entry in seat.signed)
    if one.state in LET_OUT and one.state != "signed":
        return f"{one.state} by {_signature(one.entry, request)}" if one.entry else one.state
    if one.state == "vetoed" and one.entry:
        return f"VETOED by {_signature(one.entry, request)}"
    waits = [_waits_for(seat, request) for seat in one.seats if seat.lacks]
    went = [one.because] if one.state in ("withdrawn", "expired") else []
    return "; ".join([*went, *(f"signed by {text}" for text in signed), *waits])


def _signature(entry: Entry, request: Asked) -> str:
    team, role = entry.rights[0] if entry.rights else ("", "")
    term = request.judging.settings.term
    as_what = office(role, "release", team, term) if role in ("czar", "deputy", "ptl") else f"{role} of {team}"
    own = ", own request" if entry.own else ""
    where = "" if entry.item == request.judging.item else f", on {entry.item}"
    return f"{entry.person} ({as_what}{own}{where}) on {entry.at:%Y-%m-%d %H:%M} UTC: {entry.because}"


def _waits_for(seat: Seat, request: Asked) -> str:
    bench = seat.bench
    whose = bench.team or "no team of the roster"
    if not bench.people:
        return f"nobody can sign for {whose} ({bench.because}): it stays shut until the roster names somebody"
    waiting = (case for case in request.judging.waiting() if case.slot == slot_of(bench.team) and case.person)
    asked = ", ".join(dict.fromkeys(case.person for case in waiting))
    more = f"{seat.lacks} more of " if seat.signed else ""
    may = ", ".join(person for person, _ in bench.people)
    return f"waits for {more}{whose} ({bench.because}), " + (f"asked: {asked}" if asked else f"who may: {may}")


def _what_to_do(gate: Gate, request: Asked, stands: tuple[Stand, ...]) -> Iterator[str]:
    if gate.value or not stands:
        return
    terms, term = request.terms, request.judging.settings.term
    ways = [f"a line “{term}: signoff”"] if "comment" in terms.counts else []
    ways += ["Code-Review +1"] if "code-review" in terms.counts else []
    yield ""
    yield f"To sign: {' or '.join(ways)}. Not like this: “{term}: veto why”, or Code-Review -1."
    since = [at for _, at in gate.asked]
    if terms.override and since:
        ripe: datetime = max(since) + terms.lapse_after
        yield f"Without an answer by {ripe:%Y-%m-%d %H:%M} UTC, {terms.override.duty} may let it go out all the same."


def _parts(lines: list[str]) -> Iterator[str]:
    """Cut between lines."""
    part: list[str] = []
    size = 0
    for line in lines:
        if part and size + len(line) + 1 > MOST_CHARS:
            yield "\n".join(part)
            part, size = [], 0
        part.append(line)
        size += len(line) + 1
    yield "\n".join(part)

"""What people do about a release request as entries of the ledger: uploads and votes here, words in `orders`.

Each act is judged once, by its source, in the order it was done, with the rights of that instant. An act covers what
its author could see: the releases that were in the patch set then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rules.facts import UNKNOWN, ChangeFacts, Message
from rules.judging import Judging
from rules.signoff.ledger import Entry
from rules.signoff.requests import HIDDEN, Problem, Upload, Wanted
from rules.signoff.signing import Law, may_sign_own, rights
from rules.signoff.terms import Terms
from rules.state import Gate

REVIEW = "Code-Review"
"""The label by which people say what they think of a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A release request being judged: the change with its request, and the terms of its repo."""

    judging: Judging
    terms: Terms
    change: ChangeFacts
    wanted: tuple[Wanted, ...]

    def law(self, at: datetime | None = None) -> Law:
        """By what is judged at an instant, else now."""
        judging = self.judging
        now = at or judging.now
        return Law(roster=judging.roster, terms=self.terms, now=now, accounts=judging.facts.accounts)

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """What is wrong with it for good."""
        return self.change.request.refusals if self.change.request else ()

    def covered(self, patch_set: int) -> tuple[Wanted, ...]:
        """What was asked for in a patch set already and is still; nothing where the patch set is not known (0)."""
        return tuple(one for one in self.wanted if one.since <= patch_set)

    def touched(self, patch_set: int) -> tuple[Wanted, ...]:
        """What was asked for in a patch set or before, and is now, whatever became of it in between."""
        seen = {
            release for upload in self.change.uploads if upload.patch_set <= patch_set for release in upload.brought
        }
        return tuple(one for one in self.wanted if one.since <= patch_set or one.release in seen)

    def is_outdone(self, wanted: Wanted, account: str, at: datetime) -> bool:
        """Whether they did something about the release after that, on another change, which was heard before."""
        entries = self.judging.book.entries(wanted.release)
        return any(one.at > at for one in entries if one.account == account and one.source)

    def is_in_vain(self, entry: Entry) -> bool:
        """Whether it is a sign-off of one's own request where nobody of the benches they sit on may give one."""
        law = self.law(entry.at)
        return entry.own and not any(may_sign_own(team, law) for team, _ in entry.rights)

    def person(self, account: str) -> str:
        """Who of the roster an account is, "" if nobody; accounts are compared by id alone."""
        accounts = self.judging.facts.accounts
        return next((key for key, one in accounts.items() if one == account and one != UNKNOWN), "")

    def entry(self, act: str, wanted: Wanted, message: Message, person: str, source: str, because: str) -> Entry:
        """An act by a message of somebody."""
        return Entry(
            act=act,
            release=wanted.release,
            item=self.judging.item,
            patch_set=message.patch_set or self.change.patch_set,
            at=message.at,
            account=message.account,
            person=person,
            rights=rights(person, wanted, self.law(message.at)),
            own=wanted.brought_by == message.account,
            revision=self.judging.roster.revision,
            source=source,
            because=because,
        )


def asked(judging: Judging) -> Asked | None:
    """The request of the item, None where it is none or cannot be seen."""
    terms, change = judging.settings.signoff.get(judging.repo), judging.facts.change
    if terms is None or change is None or change.request is None:
        return None
    wanted = tuple(_brought(one, change) for one in change.request.wanted)
    return Asked(judging=judging, terms=terms, change=change, wanted=wanted)


def _brought(wanted: Wanted, change: ChangeFacts) -> Wanted:
    """With who brought it in: the last upload in which it was new. What the diff does not show nobody brought."""
    uploads = (one for one in reversed(change.uploads) if wanted.release in one.brought)
    upload = next(uploads, None)
    if upload is None:
        return replace(wanted, since=change.patch_set)
    by = "" if wanted.kind == HIDDEN else upload.uploader
    return replace(wanted, brought_by=by, since=upload.patch_set)


def unjudged(request: Asked, upto: datetime | None = None) -> tuple[tuple[str, Upload | Message], ...]:
    """`(source, act)` of uploads and votes that were not looked at yet, oldest first, up to an instant."""
    gate = request.judging.book.gate(request.judging.item)
    known = frozenset(gate.judged if gate else ()) | _in_ledger(request)
    acts: list[tuple[datetime, int, str, Upload | Message]] = [
        (upload.at, 0, f"upload:{upload.revision}", upload) for upload in request.change.uploads
    ]
    acts += [
        (message.at, 1, f"votes:{message.id}", message)
        for message in request.change.messages or ()
        if message.votes or message.deletes
    ]
    fresh = (one for one in acts if one[2] not in known and (upto is None or one[0] <= upto))
    return tuple((source, act) for _, _, source, act in sorted(fresh, key=lambda one: one[:2]))


def _in_ledger(request: Asked) -> frozenset[str]:
    """What was judged before the ledger was made again from its lines."""
    book = request.judging.book
    return frozenset(entry.source for one in request.wanted for entry in book.entries(one.release))


def judge(source: str, act: Upload | Message, request: Asked) -> tuple[Entry, ...]:
    """What an upload, a vote or the deletion of one comes to."""
    if isinstance(act, Upload):
        return tuple(_by_upload(source, act, request))
    if act.deletes:
        return _by_deletion(source, act, request)
    value = dict(act.votes).get(REVIEW)
    person = request.person(act.account)
    if value is None or not person:
        return ()
    return tuple(_by_vote(source, act, value, person, request))


def _by_upload(source: str, upload: Upload, request: Asked) -> Iterator[Entry]:
    """A signer's own request is signed by it, as far as they may sign their own."""
    person = request.person(upload.uploader) if upload.uploader else ""
    if not person:
        return
    law = request.law(upload.at)
    for wanted in request.wanted:
        if wanted.since != upload.patch_set or wanted.brought_by != upload.uploader:
            continue
        if request.is_outdone(wanted, upload.uploader, upload.at):
            continue
        may = tuple((team, role) for team, role in rights(person, wanted, law) if may_sign_own(team, law))
        if may:
            yield Entry(
                act="signed",
                release=wanted.release,
                item=request.judging.item,
                patch_set=upload.patch_set,
                at=upload.at,
                account=upload.uploader,
                person=person,
                rights=may,
                own=True,
                revision=request.judging.roster.revision,
                source=source,
                because=f"{person} asked for it themselves",
            )


def _by_vote(source: str, message: Message, value: int, person: str, request: Asked) -> Iterator[Entry]:
    """A word for it counts for what was there all the time since, every other one for more."""
    seen = request.covered(message.patch_set) if value > 0 else request.touched(message.patch_set)
    for wanted in seen:
        act, because = _meaning(value, wanted, message.account, request)
        if not act or request.is_outdone(wanted, message.account, message.at):
            continue
        entry = request.entry(act, wanted, message, person, source, f"{person} {because}")
        if act == "signed" and request.is_in_vain(entry):
            continue
        if entry.rights or act in ("withdrawn", "unvetoed"):
            yield entry


def _by_deletion(source: str, message: Message, request: Asked) -> tuple[Entry, ...]:
    """Of somebody's vote, the server does not say whose: a sign-off by one that does not stand now went by it. A veto
    stays, unless who gave it took it away themselves.
    """
    gone = [one for one in _signed_by_vote(request) if one.patch_set <= message.patch_set and one.at <= message.at]
    withdrawn = (replace(one, source=source) for one in _ended_votes(gone, request))
    return (*withdrawn, *_own_vetoes_away(source, message, request))


def _own_vetoes_away(source: str, message: Message, request: Asked) -> Iterator[Entry]:
    """Vetoes by a vote on the current patch set that its voter deleted there."""
    account, person = message.account, request.person(message.account)
    stands = any(one.label == REVIEW and one.account == account and one.value < 0 for one in request.change.votes)
    if stands or not person or message.patch_set != request.change.patch_set:
        return
    for wanted in request.wanted:
        _, veto = standing(request, wanted, account)
        here = veto and _is_vote(veto) and (veto.item, veto.patch_set) == (request.judging.item, message.patch_set)
        if here:
            yield request.entry("unvetoed", wanted, message, person, source, f"{person} took their vote back")


def _meaning(value: int, wanted: Wanted, account: str, request: Asked) -> tuple[str, str]:
    """What a vote does to a release: `(act, because)`, the act "" for nothing."""
    signed, veto = standing(request, wanted, account)
    if value < 0:
        return "vetoed", f"voted {REVIEW} {value}"
    if value > 0 and "code-review" in request.terms.counts:
        kept = signed is not None and not _by_vote_on_other(signed, request)
        return ("", "") if kept and veto is None else ("signed", f"voted {REVIEW} +{value}")
    if veto is not None and _is_vote(veto) and veto.item == request.judging.item:
        return "unvetoed", f"voted {REVIEW} {value:+d}" if value else "took their vote back"
    if signed is not None and _is_vote(signed):
        return "withdrawn", "took their vote back"
    return "", ""


def _by_vote_on_other(signed: Entry, request: Asked) -> bool:
    """A newer vote takes the place of one on another patch set or change: what counts is the last one."""
    return _is_vote(signed) and (signed.item, signed.patch_set) != (request.judging.item, request.change.patch_set)


def _is_vote(entry: Entry) -> bool:
    return entry.source.startswith("votes:")


def standing(request: Asked, wanted: Wanted, account: str) -> tuple[Entry | None, Entry | None]:
    """An account's own sign-off and veto of a release that stand, by the ledger."""
    signed: Entry | None = None
    veto: Entry | None = None
    for entry in request.judging.book.entries(wanted.release):
        if entry.account != account:
            continue
        if entry.act == "signed":
            signed, veto = entry, None
        elif entry.act == "vetoed":
            signed, veto = None, entry
        elif entry.act in ("withdrawn", "expired"):
            signed = None
        elif entry.act == "unvetoed":
            veto = None
    return signed, veto


def gone_votes(request: Asked) -> tuple[Entry, ...]:
    """Sign-offs by votes on the current patch set that the server does not show, whoever took them away."""
    return _ended_votes([one for one in _signed_by_vote(request) if one.patch_set == request.change.patch_set], request)


def _signed_by_vote(request: Asked) -> Iterator[Entry]:
    """The sign-offs that stand by votes on this very change."""
    for wanted in request.wanted:
        accounts = dict.fromkeys(entry.account for entry in request.judging.book.entries(wanted.release))
        for account in accounts:
            signed, _ = standing(request, wanted, account)
            if signed and _is_vote(signed) and signed.item == request.judging.item:
                yield signed


def _ended_votes(signed: Iterable[Entry], request: Asked) -> tuple[Entry, ...]:
    votes = (vote for vote in request.change.votes if vote.label == REVIEW and vote.value > 0)
    there = {vote.account for vote in votes}
    gone = dict.fromkeys(one for one in signed if one.account not in there)
    return tuple(ended(one, "withdrawn", f"the vote of {one.person} is gone", request.judging) for one in gone)


def ended(entry: Entry, act: str, because: str, judging: Judging) -> Entry:
    """A sign-off that goes, by itself or by what was found."""
    return replace(
        entry,
        act=act,
        item=judging.item,
        at=max(judging.now, entry.at),
        revision=judging.roster.revision,
        source="",
        because=because,
    )


def with_judged(gate: Gate, sources: Iterable[str]) -> Gate:
    """The gate, with what was looked at once and for all."""
    return replace(gate, judged=tuple(dict.fromkeys((*gate.judged, *sources))))

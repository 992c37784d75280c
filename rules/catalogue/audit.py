"""Policy `audit`: every tag of a repo whose releases are signed off is compared with the ledger, after the fact.

A tag on a commit that was let out is signed. One that nobody let out, or that is on another commit than was let out, or
that was signed and is gone or moved since, is told to those who may override and to security, once per tag and commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.actions import Notify
from rules.events import Event, TagPushed, TagSeen
from rules.facts import Facts, Need
from rules.judging import NOTHING, Ruling
from rules.roster import COMMUNITY, Roster
from rules.routing import strictest
from rules.signoff.ledger import Entry
from rules.signoff.requests import Release, Wanted
from rules.signoff.signing import LET_OUT, Law, holders, stand
from rules.signoff.terms import Held, Terms
from rules.state import Audit, Book, Effects, Gate
from rules.verdicts import Settings

SECURITY = "security"
SECURITY_OF_ALL = ("security", "vmt")
"""Duties of the community whose holders are told; where there is none, those who hold SECURITY in the owning team."""

ALARMING = frozenset({"unsigned", "mismatch"})
FOREVER = timedelta(days=365_000)


def audited_repos(settings: Settings) -> frozenset[str]:
    """The repos whose tags are looked at: all that teams own, but for those that are released elsewhere."""
    return settings.changes.roster.released_here if settings.signoff else frozenset()


def needs(event: Event, settings: Settings, book: Book) -> Need | None:
    """The commit that the tag is on now. A tag seen by a first look is taken as it was seen."""
    if not isinstance(event, TagPushed) or not _is_audited(event, settings, book) or _is_first_sight(event, book):
        return None
    return Need(item=event.item, repo=event.repo, tag=True)


def audit(event: Event, facts: Facts | None, settings: Settings, book: Book, now: datetime) -> Ruling:
    """What the tag comes to, where that is news."""
    if not isinstance(event, TagPushed) or not _is_audited(event, settings, book):
        return NOTHING
    sha = event.new if _is_first_sight(event, book) else facts.tag if facts else None
    if sha is None or (sha == "" and event.new.strip("0")):
        return NOTHING  # nobody asked; or it is gone by now, which is an event of its own
    tag = _Tag(event=event, sha=sha, settings=settings, book=book, now=now)
    found = tag.compared()
    if found is None or found == tag.known_as:
        return NOTHING
    state, because = found[0], tag.why(found[0])
    by = event.by.username or event.by.name or event.by.email if event.by else ""
    audited = Audit(release=tag.release, state=state, because=because, at=now, person=by)
    news = Ruling(effects=Effects(audits=(audited,)))
    if state == "before":
        return news
    told = tuple(_alarm(audited, tag, settings, now)) if tag.is_alarming(state) else ()
    acts = _acts(event.repo, settings)
    notes = [f"tag is {state}: {because}"]
    notes += [f"{one.person} is told, if not before" if acts else f"{one.person} would be told" for one in told]
    if tag.is_alarming(state) and not told:
        notes.append("nobody holds a duty whose holders are told")
    return news + Ruling(actions=told if acts else (), notes=tuple(notes))


def _acts(repo: str, settings: Settings) -> bool:
    """Whether people may be told at all: by the mode of all and of the owning team."""
    roster = settings.changes.roster
    team = roster.teams.get(roster.owners.get(repo, ""))
    return strictest(settings.mode, team.mode if team else None) == "act"


def _is_audited(event: TagPushed, settings: Settings, book: Book) -> bool:
    if not settings.signoff:
        return False
    return event.repo in audited_repos(settings) or bool(book.releases(event.repo, _version(event)))


def _is_first_sight(event: TagPushed, book: Book) -> bool:
    """There before anybody looked, and nobody has said anything of it."""
    if not isinstance(event, TagSeen) or not event.first:
        return False
    version = _version(event)
    return book.audit(event.repo, version) is None and not book.releases(event.repo, version)


def _version(event: TagPushed) -> str:
    return event.ref.removeprefix("refs/tags/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag:
    """A tag as it is now (`sha` is "" where it is gone), beside how it was found last and what the ledger says."""

    event: TagPushed
    sha: str
    settings: Settings
    book: Book
    now: datetime

    @property
    def release(self) -> Release:
        return Release(self.event.repo, _version(self.event), self.sha)

    @property
    def known(self) -> Audit | None:
        return self.book.audit(self.event.repo, _version(self.event))

    @property
    def known_as(self) -> tuple[str, str] | None:
        return (self.known.state, self.known.release.sha) if self.known else None

    def compared(self) -> tuple[str, str] | None:
        """`(state, sha)`, None where there is nothing to say: a tag that came and went unseen."""
        state = self._state() if self.sha else self._state_of_gone()
        return (state, self.sha) if state else None

    def _state(self) -> str:
        known, signed = self.known, self.signed()
        if self.sha in signed:
            return "signed"
        if known and known.release.sha == self.sha:
            return known.state
        if signed or (known and known.state == "signed"):
            return "mismatch"
        return "before" if _is_first_sight(self.event, self.book) else "unsigned"

    def _state_of_gone(self) -> str:
        """Taking away what was not signed is no new alarm: it is what the alarm asked for."""
        if self.known is None:
            return "mismatch" if self.signed() else ""
        return "mismatch" if self.known.state == "signed" else self.known.state

    def is_alarming(self, state: str) -> bool:
        """Whether people are told."""
        if self.sha:
            return state in ALARMING
        return state == "mismatch" and (self.known is None or self.known.state == "signed")

    def signed(self) -> Mapping[str, Entry]:
        """The commits let out under this version, each with the act that did it."""
        found = self.book.releases(self.event.repo, _version(self.event))
        acts = ((one.sha, let_out(one, self.settings, self.book, self.now)) for one in found)
        return {sha: entry for sha, entry in acts if entry}

    def why(self, state: str) -> str:
        """As people read it."""
        was = self.known.release.sha if self.known else ""
        signed = self.signed()
        if state == "signed":
            return _told(signed[self.sha])
        if not self.sha:
            return "it is gone, or hidden from us" + (f", and was on {was} before" if was else "")
        if state == "mismatch" and self.known and self.known.state == "signed":
            return f"it was on {was}, as signed, and is on {self.sha} now"
        if state == "mismatch":
            other = ", ".join(f"{sha} was {_told(entry)}" for sha, entry in signed.items())
            return f"it is on {self.sha}, but {other}"
        if state == "before":
            return "it was there before anybody looked"
        moved = f", where it was moved from {was}" if was not in ("", self.sha) else ""
        signers = dict.fromkeys(act.person for act in self.book.entries(self.release) if act.act == "signed")
        if signers:
            return f"{', '.join(signers)} signed it for {self.sha}{moved}, which is not enough or does not stand"
        return f"nobody signed it for {self.sha}{moved}"


def let_out(release: Release, settings: Settings, book: Book, now: datetime) -> Entry | None:
    """The act by which a release was let out, None if it is not. What landed so stays so; else it is judged as at its
    gate, but that the rights at signing count and nothing gets too old. Of a request that is not known any more all
    terms may have been the ones that governed, and the bench is that of the repo's owner.
    """
    acts = book.entries(release)
    gates = [gate for item in dict.fromkeys(act.item for act in acts) if (gate := book.gate(item))]
    asked = [(gate, one) for gate in gates for one in gate.wanted if one.release == release]
    if any(_is_landed(gate) for gate, _ in asked):
        return max((act for act in acts if act.act in LET_OUT), key=lambda act: act.number, default=None)
    known = [(terms, one) for gate, one in asked if (terms := settings.signoff.get(gate.repo))]
    roster = book.roster(settings.changes.roster)
    for terms, wanted in known or [(terms, _bare(release, acts, roster)) for terms in settings.signoff.values()]:
        as_signed = replace(terms, rights_at="signing", expires=FOREVER)
        found = stand(wanted, acts, Law(roster=roster, terms=as_signed, now=now))
        if found.is_let_out:
            return found.entry
    return None


def _is_landed(gate: Gate) -> bool:
    """Through the gate, not past it."""
    return gate.state == "landed" and gate.value > 0


def _bare(release: Release, acts: Iterable[Entry], roster: Roster) -> Wanted:
    """What is left of a request in the ledger: of the team only whose rights counted, where the repo is nobody's."""
    teams = (team for act in acts for team, _ in act.rights)
    return Wanted(release=release, file="", kind="", team="" if release.repo in roster.owners else next(teams, ""))


def _told(entry: Entry) -> str:
    act = {"lapsed": "let lapse", "overridden": "overridden"}.get(entry.act, "signed")
    return f"{act} by {entry.person or entry.account or 'nobody'} on {entry.at:%Y-%m-%d} in {entry.item}"


def _alarm(audited: Audit, tag: _Tag, settings: Settings, now: datetime) -> Iterator[Notify]:
    roster = tag.book.roster(settings.changes.roster)
    release, governing = audited.release, _governing(tag, settings)
    by = f" ({audited.person} did that)" if audited.person else ""
    text = f"Tag {release.version} of {release.repo}: {audited.because}{by}. {_what_to_do(audited, governing)}"
    for person in dict.fromkeys(_told_people(release.repo, governing, roster, now)):
        yield Notify(
            item=tag.event.item,
            repo=release.repo,
            key=f"Notify:{tag.event.item}:{release.sha or 'gone'}:{person}",
            person=person,
            reason="signoff",
            text=text,
        )


def _what_to_do(audited: Audit, governing: tuple[Terms, ...]) -> str:
    projects, repo = " or ".join(terms.project for terms in governing), audited.release.repo
    if not audited.release.sha:
        return f"If it should be there, make it again on that commit, and see who may delete tags of {repo}."
    return (
        f"If it is right, ask in {projects} for a release of exactly this commit and have it signed. If not, delete "
        f"the tag, withdraw what was built from it, and see who may push tags to {repo}."
    )


def _governing(tag: _Tag, settings: Settings) -> tuple[Terms, ...]:
    """The terms of the projects where this version was asked for; where that is not known, of all."""
    releases = tag.book.releases(tag.event.repo, _version(tag.event))
    items = dict.fromkeys(entry.item for one in releases for entry in tag.book.entries(one))
    gates = (tag.book.gate(item) for item in items)
    asked = dict.fromkeys(gate.repo for gate in gates if gate and gate.repo in settings.signoff)
    return tuple(settings.signoff[project] for project in asked or settings.signoff)


def _told_people(repo: str, governing: Iterable[Terms], roster: Roster, now: datetime) -> Iterator[str]:
    """Those who may override, then those who answer for security."""
    owner = roster.owners.get(repo, "")
    for terms in governing:
        if terms.override:
            yield from (person for person, _ in holders(terms.override, owner, roster, now))
    of_all = [Held(duty=duty, of=COMMUNITY) for duty in SECURITY_OF_ALL if duty in roster.community]
    for held in of_all or [Held(duty=SECURITY)]:
        yield from (person for person, _ in holders(held, owner, roster, now))

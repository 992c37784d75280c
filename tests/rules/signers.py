"""A release request and the people around it, for the tests of sign-off: a small server's change in memory.

Nova's release czars are Ann and Bob, Cyd is their deputy, Pat the PTL; Placement's is Dee, without a PTL; Rel releases
(community duty `releases`), Tia is of the `tc`; Zed uploads. Ids of accounts are names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rules.command_lines import command_lines
from rules.engine import decide, needs
from rules.events import (
    Change,
    ChangeAbandoned,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    Event,
    PatchsetCreated,
    Tick,
    Vote,
)
from rules.facts import Ballot, ChangeFacts, Facts, Message, Need
from rules.judging import Judging
from rules.roster import Duty, Roster, Team
from rules.routing import Index
from rules.signoff.acts import Asked, asked
from rules.signoff.requests import Problem, Release, Request, Upload, Wanted
from rules.signoff.rule import with_ladder, with_signers
from rules.signoff.terms import Held, Terms
from rules.state import Book, Gate
from rules.verdicts import Decision, Settings
from tests.rules.makers import NOW, UNLIMITED, account, person

RELEASES = "openstack/releases"
ITEM = "gerrit:7"
PEOPLE = ("ann", "bob", "cyd", "dee", "pat", "rel", "tia", "zed")
SHA = "a" * 40
OTHER_SHA = "b" * 40
LABEL = "Release-Signoff"
MINUTE = timedelta(minutes=1)


def release(repo: str = "openstack/nova", version: str = "25.0.0", sha: str = SHA) -> Release:
    """Nova's 25.0.0."""
    return Release(repo, version, sha)


def wanted(one: Release | None = None, *, team: str = "nova", **given: Any) -> Wanted:
    """A new version in a file of the team."""
    one = one or release()
    name = one.repo.rpartition("/")[2]
    file = f"deliverables/yoga/{name}.yaml"
    return Wanted(**{"release": one, "file": file, "kind": "new-version", "deliverable": name, "team": team, **given})


def community(**given: Any) -> Roster:
    """See the module. `given` are fields of the roster."""
    nova = Team(
        name="nova",
        repos=("openstack/nova",),
        ptl=("pat",),
        duties={"release": Duty(name="release", czars=("ann", "bob"), deputies=("cyd",))},
    )
    placement = Team(
        name="placement",
        repos=("openstack/placement",),
        distributed=True,
        duties={"release": Duty(name="release", czars=("dee",))},
    )
    fields = {
        "people": {key: person(key) for key in PEOPLE if key != "zed"},
        "teams": {"nova": nova, "placement": placement},
        "community": {"releases": Duty(name="releases", czars=("rel",)), "tc": Duty(name="tc", czars=("tia",))},
        "revision": "governance 1",
    }
    return Roster(**{**fields, **given})


def terms(**given: Any) -> Terms:
    """What czar.yaml's example says."""
    override = Held(duty="releases", of="community")
    return Terms(**{"project": RELEASES, "override": override, "fallback": Held(duty="tc", of="community"), **given})


def settings(who: Roster | None = None, **given: Any) -> Settings:
    """Nothing but sign-off. `given` are fields of the terms or of the settings."""
    of_terms = {name: given.pop(name) for name in tuple(given) if name in Terms.__dataclass_fields__}
    signoff = {RELEASES: terms(**of_terms)}
    return Settings(
        changes=with_signers(Index(rules=(), roster=who or community()), signoff),
        **{"ourselves": "czar-bot", "limits": UNLIMITED, "ladders": with_ladder({}), **given},
        signoff=signoff,
    )


@dataclass
class Server:
    """One change of release requests on a server, and the decider's book. What people do is heard at once."""

    settings: Settings = field(default_factory=settings)
    item: str = ITEM
    book: Book = field(default_factory=Book)
    now: datetime = NOW
    topic: str = ""
    status: str = "NEW"
    uploads: list[Upload] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    ballots: dict[tuple[str, str], int] = field(default_factory=dict)
    owner: str = "zed"
    reviewers: tuple[str, ...] = ()
    said: list[str] = field(default_factory=list)  # our comments
    decisions: list[Decision] = field(default_factory=list)
    obeys: bool = True  # our votes reach the server

    @property
    def vote(self) -> int:
        """How our label stands on the current patch set."""
        return self.ballots.get((LABEL, "czar-bot"), 0)

    @property
    def gate(self) -> Gate:
        """What the book has on the request."""
        found = self.book.gate(self.item)
        assert found is not None
        return found

    def passes(self, **span: float) -> None:
        """Time goes by."""
        self.now += timedelta(**span)

    def upload(
        self, *wants: Wanted, by: str = "zed", in_the_name_of: str = "", hears: bool = True, **request: Any
    ) -> Decision | None:
        """A new patch set that asks for this; votes on the one before are gone."""
        self.passes(seconds=1)
        before = set(self.requests[-1].releases) if self.requests else set()
        self.requests.append(Request(wanted=wants, **request))
        brought = tuple(one for one in self.requests[-1].releases if one not in before)
        number = len(self.uploads) + 1
        uploader = "" if in_the_name_of else by
        revision = f"{self.item.partition(':')[2]}{number:039d}"
        self.uploads.append(
            Upload(patch_set=number, revision=revision, uploader=uploader, at=self.now, brought=brought)
        )
        self.ballots.clear()
        heard = PatchsetCreated(at=self.now, change=self.change, by=account(in_the_name_of or by))
        return self.hear(heard) if hears else None

    def rebases(self, by: str, *, copies: bool = False, hears: bool = True) -> Decision | None:
        """Somebody presses Rebase, or edits the message; votes go along where the server copies them."""
        kept, last = dict(self.ballots), self.requests[-1]
        self.upload(*last.wanted, by=by, hears=False, refusals=last.refusals, notes=last.notes)
        self.ballots.update({key: value for key, value in kept.items() if copies and key[0] != LABEL})
        return self.hear(PatchsetCreated(at=self.now, change=self.change, by=account(by))) if hears else None

    def says(self, who: str, text: str, *, patch_set: int = 0, hears: bool = True) -> Decision | None:
        """A comment; lines that are commands are read from the server."""
        self.passes(seconds=1)
        self._message(who, patch_set, lines=command_lines(text, ("czar",)))
        heard = CommentAdded(at=self.now, change=self.change, by=account(who), text=text)
        return self.hear(heard) if hears else None

    def votes(
        self, who: str, value: int, *, label: str = "Code-Review", patch_set: int = 0, hears: bool = True
    ) -> Decision | None:
        """A vote, on the current patch set if not on another; 0 takes it back."""
        self.passes(seconds=1)
        old = 0 if patch_set else self.ballots.pop((label, who), 0)
        if value and patch_set in (0, len(self.uploads)):
            self.ballots[label, who] = value
        self._message(who, patch_set, votes=((label, value),))
        vote = Vote(label=label, value=value, old=old)
        return (
            self.hear(CommentAdded(at=self.now, change=self.change, by=account(who), votes=(vote,))) if hears else None
        )

    def deletes_vote(
        self, of: str, *, label: str = "Code-Review", by: str = "zed", hears: bool = True
    ) -> Decision | None:
        """Somebody takes another one's vote away."""
        self.passes(seconds=1)
        self.ballots.pop((label, of), None)
        self._message(by, 0, deletes=True)
        return self.seen() if hears else None

    def merges(self) -> Decision:
        """It is submitted, whatever we say."""
        self.status = "MERGED"
        return self.hear(ChangeMerged(at=self.now, change=self.change))

    def is_abandoned(self, *, again: bool = False) -> Decision:
        """It is given up, or taken up again."""
        self.passes(seconds=1)
        self.status = "NEW" if again else "ABANDONED"
        return self.hear((ChangeRestored if again else ChangeAbandoned)(at=self.now, change=self.change))

    def seen(self) -> Decision:
        """Catch-up looks at it."""
        return self.hear(ChangeSeen(at=self.now, change=self.change))

    def ticks(self) -> Decision:
        """It is looked at because the clock or the roster says so."""
        return self.hear(Tick(at=self.now, item=self.item, repo=RELEASES, because="of a test"))

    @property
    def change(self) -> Change:
        return Change(
            number=int(self.item.partition(":")[2]),
            repo=RELEASES,
            branch="master",
            owner=account(self.owner),
            status=self.status,
            topic=self.topic,
        )

    def hear(self, event: Event) -> Decision:
        """Look up, decide, act: our votes and comments reach the server."""
        known = [one for one in self.requests[-1].releases if not self.book.knows_release(one)] if self.requests else []
        self.book.learn_ledger(known, ())
        facts = None
        for _ in range(2):  # what was found may show that more is needed
            need = needs(event, self.settings, self.book, self.now, facts)
            facts = self.facts(need) if need else facts
        decision = decide(event, facts, self.settings, self.book, self.now)
        self.decisions.append(decision)
        for action in decision.actions:
            kind = type(action).__name__
            if kind == "Vote" and self.obeys and action.revision == self.uploads[-1].revision:  # type: ignore[attr-defined]
                self.ballots[LABEL, "czar-bot"] = action.value  # type: ignore[attr-defined]
            if kind == "Comment":
                self.said.append(action.text)  # type: ignore[attr-defined]
        return decision

    @property
    def asked(self) -> Asked:
        """The request as it is judged now, by all accounts of the roster."""
        need = Need(item=self.item, repo=RELEASES, people=tuple(self.settings.changes.roster.people.values()))
        judging = Judging(
            item=self.item,
            repo=RELEASES,
            view=None,
            facts=self.facts(need),
            settings=self.settings,
            book=self.book,
            now=self.now,
        )
        found = asked(judging)
        assert found is not None
        return found

    def facts(self, need: Need) -> Facts:
        """The change as the server shows it now, and only the accounts that were asked for."""
        last = self.uploads[-1]
        votes = tuple(
            Ballot(label=label, value=value, account=who, name=who, at=self.now)
            for (label, who), value in self.ballots.items()
            if value
        )
        change = ChangeFacts(
            repo=RELEASES,
            branch="master",
            status=self.status,
            patch_set=last.patch_set,
            revision=last.revision,
            topic=self.topic,
            created=NOW,
            owner=self.owner,
            owner_names=(self.owner,),
            authors=(last.uploader,),
            reviewers=self.reviewers,
            files=(),
            related=(),
            votes=votes,
            messages=tuple(self.messages),
            request=self.requests[-1],
            uploads=tuple(self.uploads),
        )
        accounts = {person.key: person.gerrit or "" for person in need.people}
        return Facts(change=change, accounts=accounts, turns=dict.fromkeys(accounts, ()))

    def _message(self, who: str, patch_set: int, **given: Any) -> None:
        self.messages.append(
            Message(
                id=f"m{len(self.messages)}-{self.item}",
                by=account(who),
                account=who,
                at=self.now,
                patch_set=patch_set or len(self.uploads),
                **given,
            )
        )


def refused(because: str = "is no YAML") -> dict[str, Any]:
    """What makes a request a refused one."""
    return {"refusals": (Problem(file="deliverables/yoga/nova.yaml", line=3, because=because),)}

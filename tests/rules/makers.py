"""Makers for the tests of `rules`: each needs only what matters to the test."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from rules.engine import decide, needs
from rules.events import Account, Change, ChangeEvent, Event, PatchsetCreated
from rules.facts import UNKNOWN, ChangeFacts, Facts, Need, together
from rules.judging import Judging
from rules.patterns import pattern
from rules.roster import Duty, Person, Roster, Team
from rules.routing import Ask, Index, Rule, View, compile_tests, view_of_facts
from rules.state import Book, Case
from rules.verdicts import Decision, Limits, Settings, Verdict

NOW = datetime(2026, 1, 7, 12, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
REPO = "openstack/nova"
ITEM = "gerrit:7"
PEOPLE = ("ann", "bob", "cyd", "dee", "pat")
UNLIMITED = Limits(rule_per_hour=None, total_per_hour=None, person_per_day=None)

Kind = TypeVar("Kind", bound=ChangeEvent)


def account(name: str) -> Account:
    """Somebody as the stream names them; `zed` is nobody's in the roster."""
    return Account(username=name, email=f"{name}@example.org", name=name.capitalize())


def change(**given: Any) -> Change:
    """Zed's change 7 of nova, on master."""
    return Change(**{"number": 7, "repo": REPO, "branch": "master", "owner": account("zed"), **given})


def happened(kind: type[Kind], *, at: datetime = NOW, **given: Any) -> Kind:
    """An event of this kind; what `change` takes makes the change."""
    fields = {name: given.pop(name) for name in tuple(given) if name not in Change.__struct_fields__}
    return kind(**{"at": at, "change": change(**given), **fields})


def event(**given: Any) -> PatchsetCreated:
    """A first patch set of Zed's change."""
    return happened(PatchsetCreated, **{"patch_set": None, **given})


def facts(
    *,
    accounts: Mapping[str, str] | None = None,
    people: Iterable[str] = PEOPLE,
    turns: Mapping[str, tuple[str, ...]] | None = None,
    **given: Any,
) -> Facts:
    """The change as the server shows it; the id of a person's account is their name, `turns` the items by person."""
    shown = {"repo": REPO, "branch": "master", "owner": "zed", "owner_names": ("zed",), "created": NOW, **given}
    known = {name: name for name in people} | dict(accounts or {})
    return Facts(change=ChangeFacts(**shown), accounts=known, turns=turns)


def person(key: str, **given: Any) -> Person:
    """Somebody whose username is their key."""
    return Person(**{"key": key, "gerrit": key, "emails": (f"{key}@example.org",), **given})


def roster(*people: Person, duties: Mapping[str, Any] | None = None, **team: Any) -> Roster:
    """Ann, Bob, Cyd, Dee and Pat, or others in their place; nova, whose `code` is Ann's and Bob's, Cyd their deputy,
    Pat the PTL.

    `duties` are tuples of czars or duties by name; `bots` and `community` are the roster's, the rest nova's.
    """
    held = {"code": Duty(name="code", czars=("ann", "bob"), deputies=("cyd",)), **_duties(duties or {})}
    rest = {name: team.pop(name) for name in ("bots", "community", "teams", "revision") if name in team}
    nova = Team(**{"name": "nova", "repos": (REPO,), "ptl": ("pat",), "duties": held, **team})
    return Roster(
        people={key: person(key) for key in PEOPLE} | {one.key: one for one in people},
        teams={"nova": nova, **rest.pop("teams", {})},
        **rest,
    )


def _duties(given: Mapping[str, Any]) -> dict[str, Duty]:
    return {
        name: held if isinstance(held, Duty) else Duty(name=name, czars=tuple(held)) for name, held in given.items()
    }


def rule(
    name: str = "any-code",
    *,
    when: Mapping[str, tuple[str, ...]] | None = None,
    unless: Mapping[str, tuple[str, ...]] | None = None,
    allow: Iterable[str] = (),
    **given: Any,
) -> Rule:
    """A rule for changes that asks one of those who hold `code`, or what `ask` says."""
    when = when or {}
    ask: Ask | None = given.pop("ask", Ask(duty="code"))
    return Rule(
        id=name,
        event="change",
        slot=given.pop("slot", (ask.duty if ask else None) or name),
        ask=ask,
        tests=compile_tests("change", when),
        unless=compile_tests("change", unless or {}),
        allow=frozenset(allow),
        repo=pattern(when["repo"]) if "repo" in when else None,
        **given,
    )


def asks(duty: str = "code", **given: Any) -> Ask:
    """An ask of a duty."""
    return Ask(**{"duty": duty, **given})


def settings(*rules: Rule, who: Roster | None = None, **given: Any) -> Settings:
    """Settings with these rules, or with the one that asks for `code`."""
    return Settings(
        changes=Index(rules=rules or (rule(),), roster=who or roster()), **{"ourselves": "czar-bot", **given}
    )


def view(**given: Any) -> View:
    """Zed's change as rules see it, nobody has looked at its files."""
    nothing = {"topic": "", "hashtags": (), "subject": "", "message": "", "owner": ("zed",), "size": 0}
    return View(**{"repo": REPO, "branch": "master", "wip": False, "private": False, **nothing, **given})


def case(who: str = "ann", **given: Any) -> Case:
    """An open case of change 7 that waits for somebody."""
    common = {"item": ITEM, "repo": REPO, "slot": "code", "duty": "code", "team": "nova", "rule": "any-code"}
    return Case(**{**common, "person": who, "role": "czar", "state": "open", "opened": NOW, **given})


def by_segment(glob: list[str], path: list[str]) -> bool:
    """What a glob means, told a second way: `**` as a whole segment stands for any number of them."""
    if not glob:
        return not path
    if glob[0] == "**":
        return any(by_segment(glob[1:], path[skipped:]) for skipped in range(len(path) + 1))
    return bool(path) and fnmatch.fnmatchcase(path[0], glob[0]) and by_segment(glob[1:], path[1:])


def looked_up(found: Facts, need: Need | None) -> Facts | None:
    """Of all there is what somebody needs."""
    if need is None:
        return None
    accounts = {one.key: found.accounts.get(one.key, UNKNOWN) for one in need.people}
    turns = {name: (found.turns or {}).get(name, ()) for name in accounts} if need.turns else None
    return replace(found, accounts=accounts, turns=turns, change=_seen(found.change, need) if found.change else None)


def _seen(change: ChangeFacts, need: Need) -> ChangeFacts:
    return replace(
        change,
        files=(change.files or ()) if need.files or need.lines_of else None,
        related=(change.related or ()) if need.related else None,
        messages=(change.messages or ()) if need.listen else None,
        lines=(change.lines or {}) if need.lines_of else None,
    )


def judging(*, who: Roster | None = None, files: tuple[str, ...] | None = None, **given: Any) -> Judging:
    """Change 7 being judged, with nothing looked up but its files."""
    found = facts(files=files)
    assert found.change is not None
    view = view_of_facts(found.change, who or roster())
    common = {"item": ITEM, "repo": REPO, "view": view, "facts": found, "settings": settings(who=who), "book": Book()}
    return Judging(**{**common, "now": NOW, **given})


def decided(what: Event, found: Facts, by: Settings, book: Book, now: datetime) -> Decision:
    """What is decided on an event once all is looked up that is needed, also what the facts themselves make needed."""
    need = needs(what, by, book, now)
    seen = looked_up(found, need)
    if seen:
        seen = looked_up(found, together((need, needs(what, by, book, now, seen))))
    return decide(what, seen, by, book, now)


class World:
    """Settings and a book, and events decided in them one after another, as the daemon would."""

    def __init__(self, *rules: Rule, who: Roster | None = None, **given: Any) -> None:
        self.settings = settings(*rules, who=who, **given)
        self.book = Book()
        self.now = NOW

    def pass_s(self, seconds: float) -> None:
        """Let time go by."""
        self.now += timedelta(seconds=seconds)

    def decide(self, what: Event, found: Facts | None = None) -> Decision:
        """What is decided on an event; of `found`, which is all there is, only what the engine needs is looked up."""
        return decided(what, found or facts(), self.settings, self.book, self.now)

    def told(self, found: Facts | None = None, **given: Any) -> Verdict:
        """The one verdict on a new patch set of the change that `given` makes."""
        (verdict,) = self.decide(event(**given), found).verdicts
        return verdict

    def asked(self, found: Facts | None = None, **given: Any) -> tuple[str, ...]:
        """Who is asked about a new patch set of the change that `given` makes."""
        return self.told(found, **given).people

    def codes(self, found: Facts | None = None, **given: Any) -> dict[str, str]:
        """Everybody who was considered, and why not."""
        return {one.person: one.code for one in self.told(found, **given).candidates}

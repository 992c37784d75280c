"""The rule language: what a rule is, which rules look at an event, and whether one matches.

A change is judged by few of many rules: `Index` gives those whose `repo` fits, in file order, from a table made once
per repo. Keys are tried cheapest first, files last, so that most events need no look-up at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from rules.events import ChangeEvent
from rules.facts import ChangeFacts
from rules.patterns import BadPattern, PathNames, Pattern, number, pattern
from rules.roster import Roster

MODES = ("off", "observe", "act")
"""From the most careful to the least."""

EVENTS = ("change", "bug", "gate", "tag")

_CHANGE = "repo branch topic hashtag subject message owner wip private size file only"
_BUG = "project tag status importance title reporter assignee milestone age info_type"
_GATE = "pipeline job repo branch kind streak odds"

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "change": tuple(_CHANGE.split()),
        "bug": tuple(_BUG.split()),
        "gate": tuple(_GATE.split()),
        "tag": ("repo", "version"),
    }
)
"""The keys that `when` and `unless` may have, by event; those of changes in the order they are tried."""

SUPPRESSIONS = ("wip", "private", "owner")
"""What no rule acts on unless it allows it: work in progress, private changes, bots' changes."""

PICKS = ("all", "first", "rotation")
AS = {
    "change": ("reviewer", "cc", "suggest"),
    "bug": ("triager", "subscriber", "assignee"),
    "gate": ("notify",),
    "tag": ("notify",),
}
"""How somebody can be asked, by event; the first is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Whom to ask: a duty (`of` owner, community or a team; `path`: of the teams that the touched paths name) or
    people by name. `pick` is a word of PICKS or N.
    """

    duty: str | None = None
    people: tuple[str, ...] = ()
    of: str = "owner"
    path: PathNames | None = None
    pick: str | int = 1
    as_: str = "reviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A change as rules see it. `size` and `files` are None while nobody has looked."""

    repo: str
    branch: str
    topic: str
    hashtags: tuple[str, ...]
    subject: str
    message: str
    owner: tuple[str, ...]
    wip: bool
    private: bool
    size: int | None
    files: tuple[str, ...] | None = None


Test = Callable[[View], bool | None]
"""True, False, or None where the server must be asked first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, compiled. `tests` are `(key, test)` in the order they are tried; `unless` likewise, each on its own."""

    id: str
    event: str
    slot: str
    ask: Ask | None
    else_: Ask | None = None
    mode: str = "act"
    tests: tuple[tuple[str, Test], ...] = ()
    unless: tuple[tuple[str, Test], ...] = ()
    allow: frozenset[str] = frozenset()
    repo: Pattern | None = None
    ladder: str | None = None
    redact: bool = False
    say: str | None = None  # what people are told, with {placeholders}; None: the usual words


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whether a rule takes a change: `hit` is None while facts are missing; `key` is the first that failed."""

    hit: bool | None
    key: str = ""
    because: str = ""


def compile_tests(event: str, when: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, Test], ...]:
    """`when` or `unless`, values as text, as tests in the order they are tried. Raises BadPattern."""
    if event != "change":
        for texts in when.values():
            pattern(texts)
        return ()
    return tuple((key, _test(key, when[key])) for key in KEYS["change"] if key in when)


def _test(key: str, texts: tuple[str, ...]) -> Test:
    if key in ("wip", "private"):
        wanted = _truth(texts)
        return lambda view: (view.wip if key == "wip" else view.private) == wanted
    if key == "size":
        return _size([number(text) for text in texts])
    passes = pattern(texts)
    return _TEXT_TESTS[key](passes)


def _truth(texts: tuple[str, ...]) -> bool:
    if texts not in (("true",), ("false",)):
        raise BadPattern(f"{', '.join(texts)!r} is neither true nor false")
    return texts == ("true",)


def _size(bounds: Sequence[Callable[[int], bool]]) -> Test:
    return lambda view: None if view.size is None else any(bound(view.size) for bound in bounds)


def _some_file(passes: Pattern) -> Test:
    return lambda view: None if view.files is None else any(passes(path) for path in view.files)


def _only_files(passes: Pattern) -> Test:
    return lambda view: None if view.files is None else bool(view.files) and all(passes(path) for path in view.files)


_TEXT_TESTS: Mapping[str, Callable[[Pattern], Test]] = MappingProxyType(
    {
        "repo": lambda passes: lambda view: passes(view.repo),
        "branch": lambda passes: lambda view: passes(view.branch),
        "topic": lambda passes: lambda view: passes(view.topic),
        "hashtag": lambda passes: lambda view: passes.some(view.hashtags),
        "subject": lambda passes: lambda view: passes(view.subject),
        "message": lambda passes: lambda view: passes(view.message),
        "owner": lambda passes: lambda view: passes.some(view.owner),
        "file": _some_file,
        "only": _only_files,
    }
)


def match(rule: Rule, view: View, roster: Roster) -> Match:
    """Try `when`, then what suppresses the rule."""
    unknown = False
    for key, test in rule.tests:
        passed = test(view)
        if passed is False:
            return Match(hit=False, key=key, because=f"{key} does not match")
        unknown = unknown or passed is None
    suppressed = _suppressed(rule, view, roster)
    if suppressed:
        return suppressed
    unknown = unknown or any(test(view) is None for key, test in rule.unless if key not in rule.allow)
    return Match(hit=None if unknown else True)


def _suppressed(rule: Rule, view: View, roster: Roster) -> Match | None:
    if view.wip and "wip" not in rule.allow:
        return Match(hit=False, key="wip", because="the change is work in progress")
    if view.private and "private" not in rule.allow:
        return Match(hit=False, key="private", because="the change is private")
    if "owner" not in rule.allow and not roster.bots.isdisjoint(view.owner):
        return Match(hit=False, key="owner", because="the change is a bot's")
    for key, test in rule.unless:
        if key not in rule.allow and test(view):
            return Match(hit=False, key=key, because=f"suppressed: unless {key}")
    return None


def needs_files(rule: Rule) -> bool:
    """Whether some key of the rule is about files, or they say whom it asks."""
    by_path = any(ask and ask.path for ask in (rule.ask, rule.else_))
    return by_path or any(key in ("file", "only") for key, _ in (*rule.tests, *rule.unless))


@dataclass(frozen=True, kw_only=True)
class Index:
    """The rules of one event, found by repo. A rule without `repo` is for repos that some team owns."""

    rules: tuple[Rule, ...]
    roster: Roster
    _tables: dict[str, tuple[tuple[str, tuple[Rule, ...]], ...]] = field(default_factory=dict)
    _exact: dict[str, list[int]] = field(default_factory=dict)
    _wide: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for place, rule in enumerate(self.rules):
            literals = rule.repo.literals if rule.repo else None
            if literals is None:
                self._wide.append(place)
            for repo in literals or ():
                self._exact.setdefault(repo, []).append(place)

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """The rules by name."""
        return {rule.id: rule for rule in self.rules}

    def slots(self, repo: str) -> tuple[tuple[str, tuple[Rule, ...]], ...]:
        """The rules whose `repo` takes this one, by slot, both in file order."""
        found = self._tables.get(repo)
        if found is None:
            owned = repo in self.roster.owners
            wide = (place for place in self._wide if _takes(self.rules[place], repo, owned))
            slots: dict[str, list[Rule]] = {}
            for place in sorted({*self._exact.get(repo, ()), *wide}):
                slots.setdefault(self.rules[place].slot, []).append(self.rules[place])
            found = tuple((slot, tuple(rules)) for slot, rules in slots.items())
            if len(self._tables) >= MOST_REPOS:
                self._tables.clear()
            self._tables[repo] = found
        return found


MOST_REPOS = 20_000
"""Repos remembered at once; a server's own listing is far smaller, made-up names cannot fill the memory."""


def _takes(rule: Rule, repo: str, owned: bool) -> bool:
    return rule.repo(repo) if rule.repo else owned


def strictest(*modes: str | None) -> str:
    """The most careful of several modes; None says nothing."""
    return min((mode for mode in modes if mode), key=MODES.index, default="act")


def view_of_event(event: ChangeEvent, roster: Roster) -> View:
    """A change as the event itself shows it, without files."""
    change, owner = event.change, event.change.owner
    return View(
        repo=change.repo,
        branch=change.branch,
        topic=change.topic,
        hashtags=change.hashtags,
        subject=change.subject,
        message=change.message,
        owner=_names(owner.username, owner.email, roster) if owner else (),
        wip=change.wip,
        private=change.private,
        size=None,  # the stream counts the commit message too
    )


def view_of_facts(facts: ChangeFacts, roster: Roster) -> View:
    """A change as the server showed it."""
    return View(
        repo=facts.repo,
        branch=facts.branch,
        topic=facts.topic,
        hashtags=facts.hashtags,
        subject=facts.subject,
        message=facts.message,
        owner=tuple({name: None for one in facts.owner_names for name in _names(one, one, roster)}),
        wip=facts.wip,
        private=facts.private,
        size=facts.size,
        files=facts.files,
    )


def _names(username: str, email: str, roster: Roster) -> tuple[str, ...]:
    person = roster.by_gerrit.get(username.lower()) or roster.by_email.get(email.lower())
    return tuple(dict.fromkeys(name for name in (username, email, person) if name))

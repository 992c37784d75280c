"""rules.yaml as compiled rules, with what holds for all of them and their ladders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType

from daemon.config.asks import World, may_be_private, read_ask
from daemon.config.conditions import Conditions, read_conditions, read_defaults
from daemon.config.ladders import read_ladders
from daemon.config.lint import Written, lint
from daemon.config.marks import Marked, Scalar
from daemon.config.mistakes import near
from daemon.config.reading import Reading, Section
from daemon.config.templates import read_templates
from rules.ladders import Ladders
from rules.patterns import is_literal
from rules.roster import Roster
from rules.routing import EVENTS, MODES, SUPPRESSIONS, Ask, Rule
from rules.verdicts import Limits

FILE_KEYS = ("defaults", "ladders", "templates", "rules")
DEFAULT_KEYS = ("unless", "since", "backlog", "limits")
RULE_KEYS = ("id", "event", "mode", "when", "unless", "allow", "slot", "ask", "else", "ladder", "redact", "say")
MOST_HINTS = 50
FOLLOWED = ("change",)
"""Events whose rules the engine follows; those of others are checked only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """What rules.yaml says. `since` is None where it names no date, `backlog` where older items stay alone."""

    rules: tuple[Rule, ...] = ()
    limits: Limits = field(default_factory=Limits)
    since: datetime | None = None
    backlog: int | None = None
    ladders: Ladders = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What each rule is read with."""

    unless: Mapping[str, Conditions]
    ladders: Ladders
    templates: Mapping[str, str]
    world: World


def read_rules(value: Marked, reading: Reading, roster: Roster | None, term: str = "czar") -> RuleBook:
    """The rules as far as they can be read. Without a roster the names in them are taken on trust."""
    file = Section(reading, value, "rules.yaml", FILE_KEYS)
    file.missing("rules")
    defaults = Section(reading, file.get("defaults") or _NOTHING, "defaults", DEFAULT_KEYS)
    common = _Common(
        unless=read_defaults(reading, defaults.get("unless")),
        ladders=read_ladders(reading, file.get("ladders")),
        templates=read_templates(reading, file.get("templates"), term),
        world=World(roster=roster),
    )
    sections = [Section(reading, item, "a rule", RULE_KEYS) for item in reading.listed(file.get("rules"), "rules")]
    _refuse_doubles(sections)
    _note_unfollowed(reading, sections)
    written = [one for section in sections if (one := _written(section, common))]
    lint(written, common.ladders, common.world)
    return RuleBook(
        rules=tuple(one.rule for one in written),
        limits=_limits(defaults),
        since=defaults.instant("since"),
        backlog=_backlog(defaults),
        ladders=common.ladders,
    )


def _limits(defaults: Section) -> Limits:
    names = [one.name for one in fields(Limits)]
    section = Section(defaults.reading, defaults.get("limits") or _NOTHING, "limits", names)
    return Limits(**{name: section.whole(name, getattr(Limits(), name)) for name in names})


def _backlog(defaults: Section) -> int | None:
    value = defaults.get("backlog")
    if value is None:
        return None
    section = Section(defaults.reading, value, "backlog", ("per_day",))
    section.missing("per_day")
    return section.whole("per_day")


def _refuse_doubles(sections: list[Section]) -> None:
    first: dict[str, int] = {}
    for section in sections:
        word = section.word("id")
        if word and word.text in first:
            again = f"rule '{word.text}' stands twice: first in line {first[word.text]}"
            section.reading.wrong(word, "double", again)
        elif word:
            first[word.text] = word.line


def _written(section: Section, common: _Common) -> Written | None:
    reading = section.reading
    lacking, event = section.missing("id", "event"), section.choice("event", EVENTS)
    word = section.word("id")
    if lacking or event is None or word is None:
        return None
    ask = read_ask(reading, section.get("ask"), event, common.world)
    when = read_conditions(reading, section.get("when"), "when", event)
    own, shared = (
        read_conditions(reading, section.get("unless"), "unless", event),
        common.unless.get(event, Conditions()),
    )
    rule = Rule(
        id=reading.name(word, "an id"),
        event=event,
        slot=_slot(section, ask, word.text),
        ask=ask,
        else_=read_ask(reading, section.get("else"), event, common.world),
        mode=section.choice("mode", MODES) or "act",
        tests=when.tests,
        unless=(*shared.tests, *own.tests),
        allow=_allow(section, own.keys | shared.keys),
        repo=when.repo,
        ladder=_one_of(section, "ladder", common.ladders),
        redact=section.flag("redact", default=False),
        say=common.templates.get(_one_of(section, "say", common.templates, "template") or ""),
    )
    _check_whole(section, rule, common.world)
    if rule.ask and not rule.ask.people and rule.ask.of == "owner":
        _note_unowned(reading, when, common.world)
    return Written(rule=rule, section=section, when=when.words, unless=(shared.words, own.words))


def _slot(section: Section, ask: Ask | None, rule: str) -> str:
    word = section.word("slot")
    if word:
        return section.reading.name(word, "a slot")
    return (ask.duty if ask else None) or rule


def _allow(section: Section, unless: frozenset[str]) -> frozenset[str]:
    """Only what would else suppress the rule can be allowed."""
    known = (*SUPPRESSIONS, *sorted(unless))
    for word in section.words("allow"):
        if word.text not in known:
            section.reading.unknown(word, "suppression", word.text, known)
    return frozenset(section.texts("allow"))


def _one_of(section: Section, key: str, known: Mapping[str, object], what: str = "") -> str | None:
    word = section.word(key)
    if word and word.text not in known:
        section.reading.unknown(word, what or key, word.text, known.keys())
    return word.text if word else None


def _check_whole(section: Section, rule: Rule, world: World) -> None:
    if "ask" not in section and ("slot" not in section or "else" in section):
        needed = "it needs 'ask', or else a 'slot' for which nobody shall be asked"
        section.reading.wrong(section.value, "missing", f"rule '{rule.id}' asks nobody: {needed}")
    if rule.ask and "private" in rule.allow and not may_be_private(rule.ask, world):
        at, duty = section.at("allow"), rule.ask.duty
        section.reading.note(at, "private", f"'{duty}' is no private duty: private items will not be asked about")


def _note_unowned(reading: Reading, when: Conditions, world: World) -> None:
    """A repo that no team owns has nobody who holds a duty for it."""
    for word in when.repos if world.roster else ():
        if is_literal(word.text) and world.roster and word.text not in world.roster.owners:
            hint = near(word.text, world.roster.owners) if len(reading.notes) < MOST_HINTS else ""
            reading.note(word, "unowned", f"no team owns the repo '{word.text}'{hint}")


def _note_unfollowed(reading: Reading, sections: list[Section]) -> None:
    """What is checked but not yet done is told once for each kind of event, where it first stands."""
    for event in (event for event in EVENTS if event not in FOLLOWED):
        theirs = [section for section in sections if _event(section) == event]
        if theirs:
            count = f"{len(theirs)} rule{'s' if len(theirs) > 1 else ''}"
            told = f"rules for {event}s are checked but not yet followed ({count})"
            reading.note(theirs[0].at("event"), "unfollowed", told)


def _event(section: Section) -> str:
    value = section.get("event")
    return value.text if isinstance(value, Scalar) else ""


_NOTHING = Scalar(text="", plain=True, line=1, column=1)

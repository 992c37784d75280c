"""What is odd about rules each of which is fine: those never reached, and ladders that cannot do what they say.

Only what is certain is told: a note that is wrong once is not read twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from daemon.config.asks import World, may_have_deputies
from daemon.config.reading import Section
from rules.asking import WITHOUT_LADDER
from rules.ladders import Ladders
from rules.routing import SUPPRESSIONS, Ask, Rule

Words = Mapping[str, frozenset[str]]
"""Keys with their words, as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A rule and how it was written. `unless`: that of all rules, then its own."""

    rule: Rule
    section: Section
    when: Words
    unless: tuple[Words, ...]


def lint(rules: Sequence[Written], ladders: Ladders, world: World) -> None:
    """Note what is odd, each where it stands."""
    _note_unreachable(rules, world)
    told: set[tuple[str | None, str | None, str]] = set()
    for one in rules:
        asks = [ask for ask in (one.rule.ask, one.rule.else_) if ask]
        if not one.rule.ladder or not asks or one.rule.ladder not in ladders:
            continue
        if all(ask.as_ in WITHOUT_LADDER for ask in asks):
            how = f"as: {asks[0].as_}"
            one.section.reading.note(one.section.key("ladder"), "idle", f"'{how}' has no ladder: nobody is reminded")
        elif any(step.to == "deputies" for step in ladders[one.rule.ladder]):
            _note_no_deputies(one, asks, world, told)


def _note_no_deputies(
    one: Written, asks: Sequence[Ask], world: World, told: set[tuple[str | None, str | None, str]]
) -> None:
    """Told once for each ladder and duty."""
    what = (one.rule.ladder, asks[0].duty, asks[0].of)
    if any(may_have_deputies(ask, world) for ask in asks) or what in told:
        return
    told.add(what)
    duty = f"'{asks[0].duty}'" if asks[0].duty else "whom a rule names"
    message = f"ladder '{one.rule.ladder}' adds deputies, but nobody is deputy for {duty}"
    one.section.reading.note(one.section.at("ladder"), "vacant", message)


def _note_unreachable(rules: Sequence[Written], world: World) -> None:
    slots: dict[tuple[str, str], _Before] = {}
    for one in rules:
        before = slots.setdefault((one.rule.event, one.rule.slot), _Before())
        if taker := next((other for other in before.comparable(one) if _takes_all(other, one, world)), None):
            by = f"rule '{taker.rule.id}' (line {taker.section.value.line}) of slot '{one.rule.slot}'"
            message = f"rule '{one.rule.id}' is never reached: {by} takes everything before it"
            one.section.reading.note(one.section.at("id"), "unreachable", message)
        elif _always_on(one.rule, world):
            before.add(one)


class _Before:
    """The rules of a slot so far, each under the rarest of its keys: to compare all pairs of thousands takes long."""

    def __init__(self) -> None:
        self._unconditional: list[Written] = []
        self._by_word: dict[tuple[str, str], list[Written]] = {}

    def add(self, one: Written) -> None:
        if not one.when:
            self._unconditional.append(one)
            return
        places = {key: [self._by_word.setdefault((key, word), []) for word in words] for key, words in one.when.items()}
        for place in min(places.values(), key=lambda place: sum(map(len, place))):
            place.append(one)

    def comparable(self, later: Written) -> Iterator[Written]:
        """Those that share a key with the later rule, and all its words there; and those without any."""
        yield from self._unconditional
        for key, words in later.when.items():
            yield from self._by_word.get((key, min(words, default="")), ())


def _always_on(rule: Rule, world: World) -> bool:
    """Whether nothing but its keys keeps the rule from winning its slot."""
    if rule.mode == "off" or (rule.ask and rule.ask.path):
        return False
    team = world.roster.teams.get(rule.ask.of) if rule.ask and world.roster else None
    return team is None or team.mode != "off"


def _takes_all(first: Written, later: Written, world: World) -> bool:
    """Whether the first rule certainly matches whatever the later one would match."""
    allowed = later.rule.allow & set(SUPPRESSIONS)
    if "private" in allowed or not allowed <= first.rule.allow:
        return False
    if not _at_least_the_repos(first.when, later.when, world):
        return False
    if not all(_follows(later.when.get(key), words) for key, words in first.when.items() if key != "repo"):
        return False
    return all(_holds_back_too(key, words, later) for key, words in _holding_back(first))


def _at_least_the_repos(first: Words, later: Words, world: World) -> bool:
    """A rule without `repo` is for repos that some team owns."""
    if "repo" in first:
        return _follows(later.get("repo"), first["repo"])
    return "repo" not in later or (world.roster is not None and later["repo"] <= world.roster.owners.keys())


def _follows(narrow: frozenset[str] | None, wide: frozenset[str]) -> bool:
    """Whether what fulfils the one set of words fulfils the other too."""
    if narrow is None:
        return False
    return narrow == wide or (bool(narrow) and narrow <= wide and not any(word.startswith("!") for word in wide))


def _holding_back(one: Written) -> Iterator[tuple[str, frozenset[str]]]:
    return ((key, words) for part in one.unless for key, words in part.items() if key not in one.rule.allow)


def _holds_back_too(key: str, words: frozenset[str], later: Written) -> bool:
    return any(key == other and _follows(words, theirs) for other, theirs in _holding_back(later))

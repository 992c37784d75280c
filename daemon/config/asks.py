"""`ask` and `else` of a rule: whom to ask, of which team, how many and as what."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from daemon.config.marks import Fields, Marked, Scalar
from daemon.config.people import Names
from daemon.config.reading import Reading, Section
from rules.roster import COMMUNITY, Duty, Roster
from rules.routing import AS, PICKS, Ask

ASK_KEYS = ("duty", "people", "of", "pick", "as")
LATER_AS = ("suggest",)
MOST_PICKED = 100
COMMUNITY_DUTIES = frozenset({"vmt", "releases", "infra", "tc"})
"""Duties across teams that may be spoken of although nobody holds them yet."""


@dataclass(kw_only=True)
class World:
    """Whom rules may speak of. `roster` is None where it could not be read: names are taken on trust then."""

    roster: Roster | None
    told: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def names(self) -> Names | None:
        """The people."""
        return Names(self.roster) if self.roster else None

    @cached_property
    def held(self) -> frozenset[str]:
        """Every duty that some team has filled."""
        return (
            frozenset(name for team in self.roster.teams.values() for name in team.duties)
            if self.roster
            else frozenset()
        )

    @cached_property
    def private(self) -> frozenset[str]:
        """Every duty that is private in some team."""
        teams = self.roster.teams.values() if self.roster else ()
        return frozenset(duty.name for team in teams for duty in team.duties.values() if duty.private)


def known_duties(roster: Roster) -> frozenset[str]:
    """Every duty that may be spoken of."""
    return roster.duty_names | COMMUNITY_DUTIES


def read_ask(reading: Reading, value: Marked | None, event: str, world: World) -> Ask | None:
    """The ask, None where there is none or it is misshapen."""
    if value is None:
        return None
    section = Section(reading, value, "ask", ASK_KEYS)
    if ("duty" in section) == ("people" in section):
        reading.wrong(section.value, "shape", "ask needs either 'duty' or 'people'")
        return None
    ask = Ask(
        duty=section.text("duty"),
        people=_people(section, world),
        of=_of(section, world),
        pick=_pick(section),
        as_=_as(section, event),
    )
    _check_duty(section, ask, world)
    return ask


def _people(section: Section, world: World) -> tuple[str, ...]:
    words = section.words("people")
    if world.names is None:
        return tuple(word.text for word in words)
    if "people" in section and not words:
        section.reading.wrong(section.at("people"), "empty", "'people' names nobody")
    return tuple(dict.fromkeys(world.names.find_all(section.reading, words)))


def _of(section: Section, world: World) -> str:
    value = section.get("of")
    if isinstance(value, Fields):
        section.reading.wrong(value, "unsupported", "'of: {path: …}' is not supported yet")
        return "owner"
    word = section.word("of")
    if word is None:
        return "owner"
    if "people" in section:
        section.reading.wrong(section.key("of"), "shape", "'of' goes with 'duty', not with 'people'")
    return team_named(section.reading, word, world.roster)


def team_named(reading: Reading, word: Scalar, roster: Roster | None) -> str:
    """`owner`, `community`, or a team as the roster spells it."""
    if roster is None or word.text in ("owner", COMMUNITY):
        return word.text
    team = roster.find_team(word.text)
    if team is None:
        reading.unknown(word, "team", word.text, ("owner", COMMUNITY, *roster.teams))
    return team.name if team else "owner"


def _pick(section: Section) -> str | int:
    word = section.word("pick")
    if word is None:
        return 1
    if isinstance(word.value, int) and 1 <= word.value <= MOST_PICKED and not isinstance(word.value, bool):
        return word.value
    if word.text not in PICKS:
        section.reading.unknown(word, "pick", word.text, ("a number", *PICKS))
        return 1
    return word.text


def _as(section: Section, event: str) -> str:
    word = section.word("as")
    if word is None:
        return AS[event][0]
    if word.text in LATER_AS:
        section.reading.wrong(word, "unsupported", f"'as: {word.text}' is not supported yet")
    elif word.text not in AS[event]:
        section.reading.unknown(word, "as", word.text, AS[event])
    return word.text


def _check_duty(section: Section, ask: Ask, world: World) -> None:
    """A duty nobody has heard of is a mistake; one that nobody holds is worth knowing."""
    word, roster = section.word("duty"), world.roster
    if word is None or roster is None:
        return
    if word.text not in known_duties(roster):
        section.reading.unknown(word, "duty", word.text, known_duties(roster))
    elif not _held(ask.of, word.text, world, roster) and (ask.of, word.text) not in world.told:
        world.told.add((ask.of, word.text))
        whose = {"owner": "no team", COMMUNITY: "nobody in the community"}.get(ask.of, f"nobody of team '{ask.of}'")
        asked = "nobody can be asked" if ask.of == COMMUNITY else "its PTL will be asked"
        section.reading.note(word, "vacant", f"{whose} holds '{word.text}': {asked}")


def _held(of: str, duty: str, world: World, roster: Roster) -> bool:
    return duty in world.held if of == "owner" else duty in duties_of(of, roster)


def duties_of(of: str, roster: Roster) -> dict[str, Duty]:
    """The duties of the community or of a team by name."""
    return dict(roster.community if of == COMMUNITY else roster.teams[of].duties)


def may_be_private(ask: Ask, world: World) -> bool:
    """Whether the duty asked is a private one, for some team at least."""
    if world.roster is None or ask.duty is None:
        return True
    if ask.of == "owner":
        return ask.duty in world.private
    held = duties_of(ask.of, world.roster).get(ask.duty)
    return held is not None and held.private

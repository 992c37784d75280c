"""`ask` and `else` of a rule: whom to ask, of which team, how many and as what."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from daemon.config.marks import Fields, Marked, Scalar
from daemon.config.people import Names
from daemon.config.reading import Reading, Section
from rules.patterns import BadPattern, PathNames, path_names
from rules.roster import COMMUNITY, Duty, Roster
from rules.routing import AS, PICKS, Ask

ASK_KEYS = ("duty", "people", "of", "pick", "as")
MOST_PICKED = 100
BY_PATH = "path"
"""`of` where the touched paths name the team."""

SOME_TEAM = ("owner", BY_PATH)
"""`of` where the team is known only once there is an item."""

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
    def with_deputies(self) -> frozenset[str]:
        """Every duty that has deputies in some team."""
        teams = self.roster.teams.values() if self.roster else ()
        return frozenset(duty.name for team in teams for duty in team.duties.values() if duty.deputies)

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
    by_path = isinstance(section.get("of"), Fields)
    ask = Ask(
        duty=section.text("duty"),
        people=_people(section, world),
        of=BY_PATH if by_path else _of(section, world),
        path=_path(section, event, world) if by_path else None,
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
    word = section.word("of")
    if word is None:
        return "owner"
    _refuse_people(section)
    return team_named(section.reading, word, world.roster)


def _path(ask: Section, event: str, world: World) -> PathNames | None:
    """The pattern of `of: {path: …}`."""
    _refuse_people(ask)
    reading, section = ask.reading, Section(ask.reading, ask.at("of"), "of", ("path",))
    section.missing("path")
    word = section.word("path")
    if word is None:
        return None
    if event != "change":
        reading.wrong(section.key("path"), "shape", f"'of: {{path: …}}' is for changes: a {event} touches no files")
    try:
        found = path_names(word.text)
    except BadPattern as error:
        reading.wrong(word, "pattern", f"path: {error}")
        return None
    if found.kind == "deliverable" and world.roster and not world.roster.deliverable_teams:
        reading.note(word, "vacant", "no team of the roster has deliverables: nobody will be found by them")
    return found


def _refuse_people(section: Section) -> None:
    if "people" in section:
        section.reading.wrong(section.key("of"), "shape", "'of' goes with 'duty', not with 'people'")


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
    if word.text not in AS[event]:
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
        whose = _WHOSE.get(ask.of, f"nobody of team '{ask.of}'")
        asked = "nobody can be asked" if ask.of == COMMUNITY else "its PTL will be asked"
        section.reading.note(word, "vacant", f"{whose} holds '{word.text}': {asked}")


_WHOSE = {"owner": "no team", BY_PATH: "no team", COMMUNITY: "nobody in the community"}


def _held(of: str, duty: str, world: World, roster: Roster) -> bool:
    return duty in world.held if of in SOME_TEAM else duty in duties_of(of, roster)


def duties_of(of: str, roster: Roster) -> dict[str, Duty]:
    """The duties of the community or of a team by name."""
    return dict(roster.community if of == COMMUNITY else roster.teams[of].duties)


def may_be_private(ask: Ask, world: World) -> bool:
    """Whether the duty asked is a private one, for some team at least."""
    if world.roster is None or ask.duty is None:
        return True
    if ask.of in SOME_TEAM:
        return ask.duty in world.private
    held = duties_of(ask.of, world.roster).get(ask.duty)
    return held is not None and held.private


def may_have_deputies(ask: Ask, world: World) -> bool:
    """Whether the duty asked has deputies, in some team at least; people named by a rule have none."""
    if world.roster is None:
        return True
    if ask.duty is None:
        return False
    if ask.of in SOME_TEAM:
        return ask.duty in world.with_deputies
    held = duties_of(ask.of, world.roster).get(ask.duty)
    return held is not None and bool(held.deputies)

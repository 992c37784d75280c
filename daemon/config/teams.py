"""One team of roster.yaml or teams.d: what it owns, who leads it, what it watches, when its PTL has the final say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from daemon.config.durations import read_duration
from daemon.config.duties import read_duties
from daemon.config.marks import Items, Marked, Scalar
from daemon.config.people import Names
from daemon.config.reading import Reading, Section
from rules.patterns import BadPattern, pattern
from rules.roster import FinalSay, Team, Watch
from rules.routing import MODES

OWNING_KEYS = ("repos", "deliverables", "jobs", "launchpad")
TEAM_KEYS = (*OWNING_KEYS, "ptl", "leadership", "duties", "mode", "self_sign", "watches", "final_say")


def read_team(reading: Reading, name: str, value: Marked, names: Names) -> Team:
    """The team as far as it can be read. What two teams own is not told here: see `owned`."""
    section = Section(reading, value, f"team '{name}'", TEAM_KEYS)
    distributed = section.choice("leadership", ("ptl", "distributed")) == "distributed"
    for key in ("ptl", "final_say") if distributed else ():
        if key in section:
            reading.wrong(section.key(key), "shape", "a team of distributed leadership has no PTL")
    _check_globs(reading, section.words("jobs"))
    deliverables = _deliverables(section)
    repos = (*section.texts("repos"), *(repo for held in deliverables.values() for repo in held))
    return Team(
        name=name,
        repos=tuple(dict.fromkeys(repos)),
        jobs=section.texts("jobs"),
        launchpad=section.texts("launchpad"),
        ptl=names.find_all(reading, section.words("ptl")),
        distributed=distributed,
        duties=read_duties(reading, section.get("duties"), names),
        mode=section.choice("mode", MODES),
        self_sign=section.flag("self_sign", default=True),
        deliverables=deliverables,
        watches=tuple(_watches(section)),
        final_say=_final_say(section),
    )


def owned(value: Marked) -> Iterator[tuple[str, Scalar]]:
    """`(kind, word)` of every repo and deliverable that the team names; told of when the team is read, if misshapen."""
    silent = Reading("")
    section = Section(silent, value, "", TEAM_KEYS)
    yield from (("repo", word) for word in section.words("repos"))
    for key, repos in silent.named(section.get("deliverables"), ""):
        yield "deliverable", key
        yield from (("repo of a deliverable", word) for word in silent.words(repos, ""))


def _deliverables(team: Section) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for key, value in team.reading.named(team.get("deliverables"), "deliverables"):
        name = team.reading.name(key, "a deliverable")
        found[name] = tuple(word.text for word in team.reading.words(value, f"deliverable '{name}'"))
    return MappingProxyType(found)


def _watches(team: Section) -> Iterator[Watch]:
    value = team.get("watches")
    for item in value.items if isinstance(value, Items) else (value,) if value else ():
        section = Section(team.reading, item, "watches", ("repos", "paths", "requirements"))
        if "paths" in section and "repos" not in section:
            team.reading.wrong(section.key("paths"), "missing", "'paths' needs 'repos': those they are in")
        else:
            section.without("repos", "requirements")
        for key in ("repos", "paths"):
            _check_globs(team.reading, section.words(key))
        requirements = section.words("requirements")
        for word in requirements:
            team.reading.name(word, "a requirement")
        yield Watch(
            repos=section.texts("repos"),
            paths=section.texts("paths"),
            requirements=tuple(word.text for word in requirements),
        )


def _final_say(team: Section) -> FinalSay | None:
    value = team.get("final_say")
    if value is None:
        return None
    section = Section(team.reading, value, "final_say", ("after", "freeze"))
    section.missing("after")
    freeze = section.words("freeze")
    _check_globs(team.reading, freeze)
    after = section.word("after")
    if after is None:
        return None
    length = read_duration(after.text)
    if length is None:
        team.reading.wrong(after, "duration", f"'{after.text}' is no duration: write e.g. 12h or 2d")
        return None
    return FinalSay(after=length.length, freeze=tuple(word.text for word in freeze))


def _check_globs(reading: Reading, words: tuple[Scalar, ...]) -> None:
    for word in words:
        try:
            pattern((word.text,))
        except BadPattern as error:
            reading.wrong(word, "pattern", str(error))

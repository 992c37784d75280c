"""Policy `watch`: who answers for libraries in a team hears of changes to those it watches.

Three kinds of news: a change in a watched repo, at once; a new version among requirements, in the weekly digest; and at
once after all where a CI job of the team fails on a change that brings it. Each is told once: an action's key is the
library with the change or the version, and the person, whatever change or patch set it came up on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rules.actions import Notify
from rules.catalogue.follow import person_of
from rules.events import (
    ChangeEvent,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    Event,
    PatchsetCreated,
    PrivateChanged,
    WipChanged,
)
from rules.facts import Need
from rules.job_lines import failed_jobs
from rules.judging import Judging
from rules.patterns import Pattern, pattern
from rules.requirement_lines import LISTS, Bump, bumps
from rules.roster import Team
from rules.routing import strictest
from rules.watched import Watched, watched

LIBS = "libs"
"""The duty whose holders are told."""
NEWS = (PatchsetCreated, ChangeSeen, ChangeRestored, WipChanged, PrivateChanged)
MOST_BUMPS = 50
"""Of one change: somebody may write a list of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told, and who would be if their team were not observing only."""

    actions: tuple[Notify, ...] = ()
    would: tuple[Notify, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """For `czar explain`."""
        told = (f"{one.person} is told of a watched library, if not before" for one in self.actions)
        return (*told, *(f"{one.person} would be told of a watched library" for one in self.would))


NOTHING = Told()


def needs(event: Event, judging: Judging) -> Need | None:
    """The touched files of a watched repo where paths count, the added lines where versions are listed."""
    known = _all_watched(judging)
    if not known or not isinstance(event, ChangeEvent):
        return None
    repo = judging.repo
    if isinstance(event, CommentAdded):
        lines, files = known.lists_versions(repo) and bool(_failing_teams(event, known, judging)), False
    elif isinstance(event, NEWS) and not _is_quiet(event, judging):
        lines, files = known.lists_versions(repo), any(one.paths for one in known.libraries(repo))
    else:
        return None
    return Need(item=judging.item, repo=repo, files=files, lines_of=LISTS if lines else ()) if files or lines else None


def watch(event: Event, judging: Judging) -> Told:
    """Who is told what. Nobody hears of work in progress, of private changes or of their own."""
    known, view = _all_watched(judging), judging.view
    if not known or view is None or view.private or view.wip:
        return NOTHING
    if isinstance(event, CommentAdded):
        return _told(event, _failures(event, known, judging), judging)
    if isinstance(event, NEWS) and not _is_quiet(event, judging):
        return _told(event, [*_touched(known, judging), *_bumped(known, judging)], judging)
    return NOTHING


def _is_quiet(event: ChangeEvent, judging: Judging) -> bool:
    """Old changes are nobody's news, as for rules."""
    change, since = event.change, judging.settings.since
    old = since is not None and change.created is not None and change.created < since and not judging.taken_up
    return old or change.wip or change.private or change.status != "NEW"


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """One thing to tell a team; `key` without the person."""

    team: Team
    key: str
    text: str
    digest: bool = False


def _touched(known: Watched, judging: Judging) -> Iterator[_News]:
    view, repo = judging.view, judging.repo
    for one in known.libraries(repo):
        touched = [path for path in (view.files or ()) if one.paths and one.paths(path)] if view else []
        if one.paths and not touched:
            continue
        where = f" ({', '.join(touched[:3])}{' …' if len(touched) > 3 else ''})" if touched else ""
        yield _News(
            team=one.team,
            key=f"Notify:library:{repo}:{judging.item}",
            text=f"{_change(judging)} changes a library that {one.team.name} watches{where}. "
            f"Please see whether {one.team.name} can live with it, and say so there if not.",
        )


def _bumped(known: Watched, judging: Judging) -> Iterator[_News]:
    for bump in _watched_bumps(known, judging):
        for team in known.names[bump.name]:
            yield _News(
                team=team,
                key=f"Notify:library:{bump.name}:{bump.version}",
                text=f"{bump.name} {bump.version} is on its way: {_change(judging)}. "
                f"Please see whether {team.name} works with it.",
                digest=True,
            )


def _failures(event: CommentAdded, known: Watched, judging: Judging) -> Iterator[_News]:
    teams = _failing_teams(event, known, judging)
    for bump in _watched_bumps(known, judging) if teams else ():
        for team in known.names[bump.name]:
            if team.name not in teams:
                continue
            job, url = teams[team.name]
            yield _News(
                team=team,
                key=f"Notify:library-fails:{bump.name}:{bump.version}",
                text=f"{job} of {team.name} fails with {bump.name} {bump.version} on {_change(judging)}: {url} "
                f"Please repair {team.name}, or say on the change why this version must wait.",
            )


def _watched_bumps(known: Watched, judging: Judging) -> list[Bump]:
    change = judging.facts.change
    lines = (change.lines or {}) if change else {}
    found = (bump for path in sorted(lines) for bump in bumps(lines[path]) if bump.name in known.names)
    return list(dict.fromkeys(found))[:MOST_BUMPS]


def _failing_teams(event: CommentAdded, known: Watched, judging: Judging) -> dict[str, tuple[str, str]]:
    """Teams that watch some requirement and have a job that a CI says failed: team to job and where."""
    voted = any(vote.label == "Verified" and vote.value < 0 for vote in event.votes)
    if not voted or event.by is None or not _is_ci(event, judging):
        return {}
    failed = failed_jobs(event.text)
    if not failed:
        return {}
    teams = {team.name: team for holders in known.names.values() for team in holders if team.jobs}
    found: dict[str, tuple[str, str]] = {}
    for name, team in teams.items():
        takes = _pattern(team.jobs)
        job = next((job for job in failed if takes(job)), None)
        if job:
            found[name] = job, failed[job]
    return found


def _is_ci(event: CommentAdded, judging: Judging) -> bool:
    """A bot; or at least nobody of the roster."""
    roster = judging.roster
    return event.by is not None and (event.by.username in roster.bots or person_of(event.by, roster) is None)


def _change(judging: Judging) -> str:
    subject = " ".join(judging.view.subject.split()) if judging.view else ""
    return f"{judging.item} ({judging.repo}, “{subject}”)" if subject else f"{judging.item} ({judging.repo})"


def _told(event: ChangeEvent, news: Iterable[_News], judging: Judging) -> Told:
    owner = person_of(event.change.owner, judging.roster)
    told: dict[str, dict[str, Notify]] = {"act": {}, "observe": {}}
    for one in news:
        mode = strictest(judging.settings.mode, one.team.mode)
        for person in _libs(one.team.name, judging) if mode in told else ():
            if person != owner:
                notify = _notify(one, person, judging)
                told[mode].setdefault(notify.key, notify)
    would = (notify for key, notify in told["observe"].items() if key not in told["act"])
    return Told(actions=tuple(told["act"].values()), would=tuple(would))


def _notify(news: _News, person: str, judging: Judging) -> Notify:
    return Notify(
        item=judging.item,
        repo=judging.repo,
        key=f"{news.key}:{person}",
        person=person,
        reason="library",
        text=f"{news.text} You are told because you answer for {LIBS} of {news.team.name}.",
        digest=news.digest,
    )


def _libs(team: str, judging: Judging) -> tuple[str, ...]:
    """All of the first tier with somebody available."""
    for _, people in judging.roster.tiers(team, LIBS, judging.now):
        if available := tuple(dict.fromkeys(one.person for one in people if one.available)):
            return available
    return ()


def _all_watched(judging: Judging) -> Watched:
    """By the roster as it was written: nothing of this is arranged by comment."""
    return watched(judging.settings.changes.roster)


@lru_cache(maxsize=4096)
def _pattern(texts: tuple[str, ...]) -> Pattern:
    return pattern(texts)

"""What a change asks for: its release files before and after it, compared.

A file lists releases, oldest first, each a version with one SHA per repo. What is in a file after the change and was
not in the same file before it is wanted. The tagger does not look at the difference: it takes the last release of
each touched file and makes every tag of it that is not there. So that is compared too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from posixpath import basename, splitext

from rules.signoff.requests import HIDDEN, Branch, Problem, Release, Request, Wanted

Tagged = Callable[[str, str], str | None]
"""The commit that a repo's tag is on, "" where there is no such tag, None where that cannot be known."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One release in a file, at a line."""

    release: Release
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """All that a file lists under one version."""

    version: str
    line: int
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFile:
    """What a release file says, in its order; `branches` are `(name, location)`."""

    team: str = ""
    versions: tuple[Version, ...] = ()
    branches: tuple[tuple[str, str | Mapping[str, str]], ...] = ()

    def listed(self) -> Iterator[Listed]:
        """Every release in it."""
        return (one for version in self.versions for one in version.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A file that a change touches; None where it is not there. What it said before may not be known."""

    path: str
    before: ReleaseFile | None
    after: ReleaseFile | None
    is_before_known: bool = True


def compared(files: Sequence[Touched], tagged: Tagged | None = None) -> Request:
    """All that a change to these files asks for. `tagged` is asked once for each tag; without it nothing is known about
    tags.
    """
    tagged = tagged and cache(tagged)
    origins = _Origins(files)
    wanted: list[Wanted] = []
    branches: list[Branch] = []
    refusals: list[Problem] = []
    notes: list[Problem] = []
    for file in files:
        if file.after is None:
            continue
        new = tuple(_wanted(file, file.after, origins))
        last = tuple(_of_the_tagger(file.path, file.after))
        hidden, remarks = _hidden(file, last, new, tagged)
        wanted += [*new, *hidden]
        branches += _branches(file, file.after)
        refusals += _taken(new, tagged)
        notes += [*remarks, *_overlooked(new, last, tagged)]
    return Request(wanted=tuple(wanted), branches=tuple(branches), refusals=tuple(refusals), notes=tuple(notes))


class _Origins:
    """In which of the touched files a release was before the change, and what teams the files had."""

    def __init__(self, files: Sequence[Touched]) -> None:
        self._before: dict[Release, list[Touched]] = defaultdict(list)
        self._gone = {basename(file.path): file for file in files if file.after is None}
        for file in files:
            for release in _releases(file.before):
                self._before[release].append(file)
        self._after = {file.path: frozenset(_releases(file.after)) for file in files}

    def of(self, release: Release, path: str) -> tuple[str, Touched | None]:
        """`(provenance, the other file)`: one that has it no more comes before one that keeps it."""
        others = [file for file in self._before.get(release, ()) if file.path != path]
        left = [file for file in others if release not in self._after[file.path]]
        if left:
            return "moved", left[0]
        if others:
            return "copied", others[0]
        return "fresh", None

    def team_before(self, file: Touched, origin: Touched | None) -> str:
        """What the file said; where it is new or says the same as now, what the file said that it comes from."""
        own = file.before.team if file.before else ""
        if file.after and own not in ("", file.after.team):
            return own
        former = origin or (self._gone.get(basename(file.path)) if file.before is None else None)
        return (former.before.team if former and former.before else "") or own


def _releases(file: ReleaseFile | None) -> Iterator[Release]:
    return (one.release for one in file.listed()) if file else iter(())


def _wanted(file: Touched, after: ReleaseFile, origins: _Origins) -> Iterator[Wanted]:
    """What the file lists and did not list before, each once."""
    kinds = _Kinds(file.before or ReleaseFile(), after)
    met: set[Release] = set()
    for one in after.listed():
        if one.release in kinds.before or one.release in met:
            continue
        met.add(one.release)
        provenance, origin = origins.of(one.release, file.path)
        if provenance == "fresh" and not file.is_before_known:
            provenance = "unknown"
        yield Wanted(
            release=one.release,
            file=file.path,
            kind=kinds.kind(one.release),
            provenance=provenance,
            origin=origin.path if origin else "",
            deliverable=deliverable_of(file.path),
            team=after.team,
            team_before=origins.team_before(file, origin),
            line=one.line,
        )


def deliverable_of(path: str) -> str:
    """`nova` for `deliverables/zed/nova.yaml`."""
    return splitext(basename(path))[0]


class _Kinds:
    """Tells what became of a file's releases."""

    def __init__(self, before: ReleaseFile, after: ReleaseFile) -> None:
        self.before = frozenset(_releases(before))
        self._versions = {version.version for version in before.versions}
        self._repos = {(release.version, release.repo) for release in self.before}
        gone = self.before.difference(_releases(after))
        self._gone_repos = {(release.version, release.sha) for release in gone}
        left = {version.version for version in after.versions}
        self._gone_versions = {(release.repo, release.sha) for release in gone if release.version not in left}

    def kind(self, new: Release) -> str:
        """Of a release that is in the file now and was not before."""
        if new.version not in self._versions:
            return "version-renamed" if (new.repo, new.sha) in self._gone_versions else "new-version"
        if (new.version, new.repo) in self._repos:
            return "hash-changed"
        return "repo-renamed" if (new.version, new.sha) in self._gone_repos else "repo-added"


def _branches(file: Touched, after: ReleaseFile) -> Iterator[Branch]:
    before = dict(file.before.branches) if file.before else {}
    for name, location in after.branches:
        if name not in before:
            yield Branch(file=file.path, branch=name, location=location, kind="new-branch", team=after.team)
        elif before[name] != location:
            yield Branch(file=file.path, branch=name, location=location, kind="location-changed", team=after.team)


def _of_the_tagger(path: str, after: ReleaseFile) -> Iterator[Wanted]:
    """The tags that the tagger looks at: those of the last release."""
    for one in after.versions[-1].listed if after.versions else ():
        deliverable = deliverable_of(path)
        yield Wanted(
            release=one.release, file=path, kind=HIDDEN, deliverable=deliverable, team=after.team, line=one.line
        )


def _hidden(
    file: Touched, last: Iterable[Wanted], new: Sequence[Wanted], tagged: Tagged | None
) -> tuple[list[Wanted], list[Problem]]:
    """Tags that the tagger would make although the file listed them before, and remarks about them."""
    shown = {one.release for one in new}
    team_before = file.before.team if file.before else ""
    found: list[Wanted] = []
    remarks: list[Problem] = []
    for one in last:
        if one.release in shown:
            continue
        if tagged is None:
            remarks += _came_last(file, one)
            continue
        tag = tagged(one.release.repo, one.release.version)
        if not tag:
            found.append(replace(one, team_before=team_before))
            remarks.append(_problem(one, f"{_name(one)} is not in this change, but the tagger would make it"))
        elif tag.lower() != one.release.sha:
            remarks.append(_problem(one, f"{_name(one)} is on {tag}, not on {one.release.sha}"))
    return found, remarks


def _came_last(file: Touched, one: Wanted) -> Iterator[Problem]:
    before = file.before.versions[-1].version if file.before and file.before.versions else ""
    if before != one.release.version:
        yield _problem(one, f"{_name(one)} is the file's last now: the tagger would make it if it is not there")


def _taken(new: Iterable[Wanted], tagged: Tagged | None) -> Iterator[Problem]:
    """Tags that cannot be made: they are on other commits. A release that comes from another file is history."""
    for one in new:
        tag = tagged(one.release.repo, one.release.version) if tagged and one.provenance == "fresh" else ""
        if tag and tag.lower() != one.release.sha:
            yield _problem(one, f"{_name(one)} is there already, on {tag}: take another version or that commit")


def _overlooked(new: Iterable[Wanted], last: Iterable[Wanted], tagged: Tagged | None) -> Iterator[Problem]:
    """New releases that the tagger would not make, since they do not stand last in their file."""
    seen = {one.release for one in last}
    for one in new:
        if one.provenance != "fresh" or one.release in seen:
            continue
        if not (tagged and tagged(one.release.repo, one.release.version)):
            yield _problem(one, f"{_name(one)} is not in the file's last release: the tagger would not make it")


def _name(one: Wanted) -> str:
    return f"the tag {one.release.version} of {one.release.repo}"


def _problem(one: Wanted, because: str) -> Problem:
    return Problem(file=one.file, line=one.line, because=because)

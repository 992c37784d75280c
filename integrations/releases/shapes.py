"""A release file's values, with what is wrong in them.

    team: nova
    releases:
      - version: 25.0.0
        projects:
          - repo: openstack/nova
            hash: 40 hex digits
    branches:
      - name: stable/yoga
        location: 25.0.0, or a mapping of repo to hash

As it was in 42,475 texts since 2015 (openstack/releases). Versions and hashes are text, however they look.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import yaml

from integrations.releases.texts import Listing, Node, Scalar, Table, Unreadable, shown, tree
from rules.signoff.request_diff import Listed, ReleaseFile, Version
from rules.signoff.requests import Release

LISTS = frozenset({"series_status.yaml"})
"""Files that stand among release files and are none: lists, of no releases."""

_SHA = re.compile(r"[0-9a-f]{40}")
_REPO = re.compile(r"(?!.*(//|\.\.|\.git$|/\.))[A-Za-z0-9_][A-Za-z0-9_.+/-]*(?<![/.])")
_TAG = re.compile(r"(?!.*(//|\.\.|\.lock(/|$)|/\.))[A-Za-z0-9_][A-Za-z0-9_.+/-]*(?<![/.])")
_NUMBER = re.compile(r"[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xbo][0-9a-fA-F_]+|[0-9][0-9_:.]*:[0-9_:.]+")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong at a line. `about` is the same before and after a change that leaves it alone; `live`: the
    tagger would act on it all the same. `grave`: no signature helps.
    """

    line: int
    because: str
    about: tuple[object, ...] = ()
    live: bool = False
    grave: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file as far as it can be read. `whole`: it could be read at all."""

    file: ReleaseFile = field(default_factory=ReleaseFile)
    faults: tuple[Fault, ...] = ()
    whole: bool = True


def reading(path: str, text: str | bytes) -> Reading:
    """What a file says and what is wrong with it; never raises."""
    try:
        top = tree(text)
        if isinstance(top, Listing) and path.rpartition("/")[2] in LISTS:
            return Reading()
        if not isinstance(top, Table):
            raise Unreadable(top.line, "is not a mapping with the key releases")
        return _Shapes().read(top)
    except Unreadable as error:
        return Reading(faults=(Fault(line=error.line, because=error.because, live=True),), whole=False)


class _Shapes:
    """Walks through one file and gathers what is wrong."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def read(self, top: Table) -> Reading:
        entries = _listing(top, "releases")
        versions: list[Version] = []
        for place, entry in enumerate(entries, 1):
            first_fault = len(self._faults)
            versions += self._version(entry)
            if place == len(entries):
                self._faults[first_fault:] = [_living(fault) for fault in self._faults[first_fault:]]
        self._twice(versions)
        file = ReleaseFile(
            team=self._team(top.get("team")),
            versions=tuple(versions),
            branches=tuple(one for entry in _listing(top, "branches") for one in self._branch(entry)),
        )
        return Reading(file=file, faults=tuple(self._faults))

    def _wrong(self, line: int, because: str, *about: object, grave: bool = True) -> None:
        self._faults.append(Fault(line=line, because=because, about=(because, *about), grave=grave))

    def _team(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self._wrong(node.line, "team is not a name")
            return ""
        if any(unicodedata.category(letter).startswith("C") for letter in node.text):
            self._wrong(node.line, f"the team {shown(node.text)} has letters that cannot be seen")
            return ""
        return node.text.strip()

    def _version(self, entry: Node) -> Iterator[Version]:
        if not isinstance(entry, Table):
            self._wrong(entry.line, "a release is not a mapping")
            return
        version = self._word(entry, "version", "a release")
        if version is None:
            return
        if not _is_name(_TAG, version.text):
            self._wrong(version.line, f"the version {shown(version.text)} cannot be the name of a tag")
            return
        if other := _otherwise(version):
            because = f"the version {version.text} is a number without quotes, which the tagger may read as {other}"
            self._wrong(version.line, because, grave=False)
        listed = tuple(one for project in self._projects(entry, version) for one in self._listed(project, version))
        yield Version(version=version.text, line=version.line, listed=listed)

    def _projects(self, entry: Table, version: Scalar) -> tuple[Node, ...]:
        projects = entry.get("projects")
        if isinstance(projects, Listing):
            return projects.items
        if projects is not None:
            self._wrong(projects.line, f"projects of {version.text} is not a list")
        return ()

    def _listed(self, project: Node, version: Scalar) -> Iterator[Listed]:
        what = f"a project of {version.text}"
        if not isinstance(project, Table):
            self._wrong(project.line, f"{what} is not a mapping")
            return
        repo, sha = self._word(project, "repo", what), self._word(project, "hash", what)
        if repo is None or sha is None:
            return
        if not _is_name(_REPO, repo.text):
            self._wrong(repo.line, f"{shown(repo.text)} cannot be the name of a repo", version.text)
        elif because := wrong_sha(sha.text):
            self._wrong(sha.line, f"the hash of {repo.text} {because}", version.text)
        else:
            yield Listed(Release(repo.text, version.text, sha.text), sha.line)

    def _twice(self, versions: list[Version]) -> None:
        """A version that stands in the file more than once, or a repo under it; history has a few that stay as they
        are.
        """
        places: dict[str, list[Version]] = defaultdict(list)
        for version in versions:
            places[version.version].append(version)
        for name, those in places.items():
            if len(those) > 1:
                because = f"the version {name} is listed again (first at line {those[0].line})"
                releases = tuple(one.release for version in those for one in version.listed)
                self._faults.append(Fault(line=those[1].line, because=because, about=("twice", name, releases)))
            for version in those:
                self._repos_twice(version)

    def _repos_twice(self, version: Version) -> None:
        met: dict[str, Listed] = {}
        for one in version.listed:
            first = met.setdefault(one.release.repo, one)
            if first.release.sha != one.release.sha:
                because = f"{one.release.repo} has two hashes for {version.version} (first at line {first.line})"
                about = ("two hashes", first.release, one.release)
                self._faults.append(Fault(line=one.line, because=because, about=about))

    def _branch(self, entry: Node) -> Iterator[tuple[str, str | Mapping[str, str]]]:
        if not isinstance(entry, Table):
            self._wrong(entry.line, "a branch is not a mapping")
            return
        name = self._word(entry, "name", "a branch")
        if name is None:
            return
        if not _is_name(_TAG, name.text):
            self._wrong(name.line, f"{shown(name.text)} cannot be the name of a branch")
            return
        location = entry.get("location")
        if isinstance(location, Scalar):
            yield name.text, location.text
        elif isinstance(location, Table):
            yield name.text, {repo: sha.text for repo, sha in self._places(location, name.text)}
        else:
            self._wrong(entry.line, f"the branch {name.text} has no location, or a list of them")

    def _places(self, location: Table, branch: str) -> Iterator[tuple[str, Scalar]]:
        for repo, sha in location.items.items():
            if not _is_name(_REPO, repo):
                self._wrong(sha.line, f"{shown(repo)} cannot be the name of a repo", branch)
            elif not isinstance(sha, Scalar):
                self._wrong(sha.line, f"the branch {branch} of {repo} is not at a hash")
            else:
                yield repo, sha

    def _word(self, table: Table, key: str, what: str) -> Scalar | None:
        """The word under a key; wrong where there is none."""
        found = table.get(key)
        if isinstance(found, Scalar) and found.text:
            return found
        self._wrong(found.line if found else table.line, f"{what} has no {key}")
        return None


def _listing(top: Table, key: str) -> tuple[Node, ...]:
    found = top.get(key)
    if found is None:
        return ()
    if not isinstance(found, Listing):
        raise Unreadable(found.line, f"{key} is not a list")
    return found.items


def _living(fault: Fault) -> Fault:
    return replace(fault, live=True)


def _is_name(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= LONGEST_NAME and pattern.fullmatch(text) is not None


def wrong_sha(text: str) -> str:
    """What is wrong with a hash, and what to do; "" where nothing is."""
    if _SHA.fullmatch(text):
        return ""
    if _SHA.fullmatch(text.lower()):
        return "is in upper case: write it in lower case"
    if re.fullmatch(r"[0-9a-fA-F]+", text):
        return f"has {len(text)} hex digits: write all 40"
    return f"is {shown(text)}: write the 40 hex digits of the commit"


def _otherwise(version: Scalar) -> str:
    """What else a version without quotes may be read as, "" where it stays what it is: 2026.10 is 2026.1 to many."""
    return _as_number(version.text) if version.plain and _NUMBER.fullmatch(version.text) else ""


@lru_cache
def _as_number(text: str) -> str:
    try:
        read = str(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError):
        return ""
    return "" if read == text else read

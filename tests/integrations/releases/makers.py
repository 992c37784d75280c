"""Release files as texts, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from integrations.releases.reading import FileText, read_request
from rules.signoff.request_diff import Tagged
from rules.signoff.requests import Request, Wanted

NOVA = "deliverables/zed/nova.yaml"
ONE, TWO, THREE = (digit * 40 for digit in "abc")


def release(version: str, sha: str = ONE, repo: str = "openstack/nova") -> str:
    """One entry of `releases`, with one project."""
    return f"  - version: {version}\n    projects:\n      - repo: {repo}\n        hash: {sha}\n"


def text(*releases: str, team: str = "nova", more: str = "") -> str:
    """A file that lists these."""
    listed = f"releases:\n{''.join(releases)}" if releases else ""
    return f"---\nteam: {team}\n{listed}{more}"


def asked(
    before: str | bytes | None, after: str | bytes | None, *, path: str = NOVA, tagged: Tagged | None = None
) -> Request:
    """What a change to one file asks for."""
    return read_request([FileText(path, before, after)], tagged)


def refused(after: str | bytes, before: str | bytes | None = None) -> tuple[int, str]:
    """Line and reason of the one refusal that a file brings."""
    (problem,) = asked(before, after).refusals
    assert problem.file == NOVA
    return problem.line, problem.because


def tuples(wanted: Iterable[Wanted]) -> list[tuple[str, str, str, str]]:
    """`(version, repo, sha, kind)` of each."""
    return [(one.release.version, one.release.repo, one.release.sha, one.kind) for one in wanted]


class Plain(yaml.SafeDumper):
    """Writes text without quotes also where it looks like a number, and everything in full."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  (the library's way)

    def ignore_aliases(self, data: object) -> bool:
        return True

"""Who does what in a recording: the people a made-up roster for it is made of. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Usernames by what they did in the recording, most active first."""

    project: str
    reviewers: tuple[str, ...]  # voted on changes of others
    submitters: tuple[str, ...]  # merged changes


def cast(events: Iterable[Mapping[str, Any]]) -> Cast:
    """The people of a recording of one project."""
    reviewers: Counter[str] = Counter()
    submitters: Counter[str] = Counter()
    projects: Counter[str] = Counter()
    for event in events:
        change = event.get("change", {})
        projects[change.get("project", "")] += bool(change)
        author = event.get("author", {}).get("username", "")
        voted = any(int(vote["value"]) for vote in event.get("approvals", ()) if vote["type"] == "Code-Review")
        if event["type"] == "comment-added" and voted and author != change["owner"].get("username"):
            reviewers[author] += 1
        if event["type"] == "change-merged" and "submitter" in event:
            submitters[event["submitter"].get("username", "")] += 1
    project = max(projects, key=lambda name: projects[name], default="")
    return Cast(project=project, reviewers=_ranked(reviewers), submitters=_ranked(submitters))


def _ranked(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0])) if name)

"""What a test may ask of a Gerrit it fills: the same words for the stand-in and for a real server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account with all that is needed to act as it."""

    account_id: int
    username: str
    email: str
    password: str  # HTTP credentials
    key_file: Path  # private key in OpenSSH format, registered at the server


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """One patch set as the server took it."""

    project: str
    number: int
    patch_set: int
    revision: str
    change_id: str


class GerritWorld(Protocol):
    """A Gerrit on loopback that a test may fill with people, projects and changes."""

    name: str  # "stand-in", "3.10.2", "3.13.5"
    url: str  # REST base without a slash at the end
    ssh_host: str
    ssh_port: int
    known_hosts: Path  # pins the server's host key, OpenSSH format
    admin: Person

    def add_person(self, username: str, *, email: str = "", service: bool = False) -> Person:
        """Make an account; `service` puts it into "Service Users" (which may read stream-events)."""

    def add_project(self, name: str) -> None:
        """Make a project with an empty first commit on master."""

    def push(
        self,
        person: Person,
        project: str,
        *,
        subject: str,
        files: Mapping[str, str | None],
        branch: str = "master",
        over: str = "http",
        options: tuple[str, ...] = (),
        change_id: str = "",
        onto: Pushed | None = None,
    ) -> Pushed:
        """Push one commit for review as `person`, over "http" or "ssh"; a file that is None is deleted. With the
        Change-Id of an earlier push: a new patch set of it. `onto`: on top of that patch set. `options` are push
        options without the percent sign, e.g. ("wip", "topic=x").
        """

    def rest(self, person: Person, method: str, path: str, body: object = None) -> Any:
        """Call REST as `person`, e.g. ("GET", "/changes/12/detail"); gives decoded JSON or text.

        Raises requests.HTTPError.
        """

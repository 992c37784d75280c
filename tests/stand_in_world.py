"""The stand-in as a `GerritWorld`: people, projects and pushes go straight into its state, REST over the wire."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from integrations.sandbox.gerrit.access import ANONYMOUS, REGISTERED
from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.server import StandInGerrit
from integrations.sandbox.gerrit.ssh import new_key
from tests.gerrit_world import Person, Pushed


class StandInWorld:
    """Owns a running stand-in until `close`; keys and known_hosts go into `folder`.

    People and projects are made once: asking again for the same gives the same, as with the real servers.
    """

    name = "stand-in"

    def __init__(self, folder: Path, gerrit: StandInGerrit | None = None) -> None:
        self.gerrit = gerrit or StandInGerrit()
        self._folder = folder
        self._people: dict[str, Person] = {}
        self._http = requests.Session()
        self._http.trust_env = False
        self.url = self.gerrit.url
        self.ssh_host = self.gerrit.ssh_host
        self.ssh_port = self.gerrit.ssh_port
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text(self.gerrit.host_key_line + "\n", encoding="utf-8")
        admin = self.gerrit.state.admin
        key_file, public = self._key("admin")
        self.gerrit.state.edit_account(admin.account_id, keys=[public])
        self.admin = Person(
            account_id=admin.account_id,
            username=admin.username,
            email=admin.email,
            password=admin.password,
            key_file=key_file,
        )

    def close(self) -> None:
        self._http.close()
        self.gerrit.close()

    def add_person(self, username: str, *, email: str = "", service: bool = False) -> Person:
        if known := self._people.get(username):
            return known
        key_file, public = self._key(username)
        address, password = email or f"{username}@example.org", secrets.token_hex(8)
        account = self.gerrit.state.add_account(
            username,
            name=username,
            email=address,
            password=password,
            keys=[public],
            groups=[SERVICE_USERS] if service else [],
        )
        person = Person(
            account_id=account.account_id, username=username, email=address, password=password, key_file=key_file
        )
        self._people[username] = person
        return person

    def add_project(self, name: str) -> None:
        if name not in self.gerrit.state.projects:
            self.gerrit.state.add_project(name)

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
        """`over` makes no difference here: the commit goes straight into the state. A new patch set keeps the base of
        the one before."""
        known = self.gerrit.state.by_change_id(project, branch, change_id)
        base = known.current.parents if known else None
        change = self.gerrit.state.push(
            person.account_id,
            project,
            subject=subject,
            files=files,
            branch=branch,
            options=options,
            change_id=change_id,
            parents=(onto.revision,) if onto else base,
        )
        return Pushed(
            project=project,
            number=change.number,
            patch_set=change.current.number,
            revision=change.current.revision,
            change_id=change.change_id,
        )

    def allow_as_little_as_a_fresh_site(self) -> None:
        """From now on +2, -2, submitting and reading what is on no branch are for administrators."""
        admins = self.rest(self.admin, "GET", "/groups/Administrators")["id"]
        votes = {REGISTERED: {"min": -1, "max": 1}, admins: {"min": -2, "max": 2}}
        added = {
            "label-Code-Review": {"label": "Code-Review", "rules": votes},
            "submit": {"rules": {admins: {"action": "ALLOW"}}},
            "read": {"rules": {ANONYMOUS: {"action": "ALLOW"}}},
        }
        change = {"remove": {"refs/*": {}, "refs/heads/*": {}}, "add": {"refs/heads/*": {"permissions": added}}}
        self.rest(self.admin, "POST", "/projects/All-Projects/access", change)

    def rest(self, person: Person, method: str, path: str, body: object = None) -> Any:
        answer = self._http.request(
            method,
            f"{self.url}/a{path}",
            auth=(person.username, person.password),
            json=body,
            timeout=20,
        )
        if not answer.ok:
            raise requests.HTTPError(f"{answer.status_code} {method} {path}: {answer.text[:1000]}", response=answer)
        if answer.text.startswith(")]}'"):
            return json.loads(answer.text.partition("\n")[2])
        return answer.text

    def _key(self, username: str) -> tuple[Path, str]:
        private, public = new_key()
        key_file = self._folder / f"{username}.key"
        key_file.write_text(private, encoding="utf-8")
        key_file.chmod(0o600)
        return key_file, public

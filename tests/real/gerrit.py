"""A real Gerrit behind the words of `GerritWorld`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.gerrit_world import Person, Pushed
from tests.real.downloads import kit
from tests.real.git import Clones
from tests.real.ports import LOOPBACK
from tests.real.server import Server

ADMIN_PASSWORD = "secret"  # Init --dev
SERVICE_USERS = "Service Users"
LONGEST_S = 60
JSON_PREFIX = ")]}'\n"


class RealGerrit:
    """A started Gerrit, with keys and clones in `folder`. Made by `running_gerrit`.

    People and projects are made once: asking again for the same gives the same, so tests may share a server.
    """

    def __init__(self, version: str, server: Server, folder: Path) -> None:
        self.server = server
        self.name = version
        self.url = self.server.url
        self.ssh_host = LOOPBACK
        self.ssh_port = self.server.ssh_port
        self.known_hosts = self.server.known_hosts
        self._keys = folder / "keys"
        self._keys.mkdir()
        self._people: dict[str, tuple[Person, bool]] = {}
        self._clones = Clones(folder / "clones", url=self.url, ssh_port=self.ssh_port, known_hosts=self.known_hosts)
        self.admin = self._first_admin()

    def add_person(self, username: str, *, email: str = "", service: bool = False) -> Person:
        """Make an account, or give the one made before; ValueError if that one was made otherwise."""
        email = email or f"{username}@example.org"
        if known := self._people.get(username):
            person, served = known
            if (person.email, served) != (email, service):
                raise ValueError(f"{username} is there already, as {person.email}, service={served}")
            return person
        if service:
            self._let_service_users_stream()
        person = self._make_person(username, email, groups=[SERVICE_USERS] if service else [])
        self._people[username] = (person, service)
        return person

    def add_project(self, name: str) -> None:
        """Make a project with an empty first commit on master; one that is there stays as it is."""
        try:
            self.rest(self.admin, "PUT", f"/projects/{_quoted(name)}", {"create_empty_commit": True})
        except requests.HTTPError as error:
            if error.response.status_code != requests.codes.conflict:
                raise

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
        """Push one commit for review; raises git.GitFailed when the server refuses it.

        The commit is the base branch with `files` laid over it, also for a new patch set, which keeps the base of
        the patch set before; `onto`: on top of that patch set.
        """
        base, base_ref = _ref_of(onto) if onto else self._base(person, project, branch, change_id)
        change_id = change_id or f"I{secrets.token_hex(20)}"
        message = f"{subject}\n\nChange-Id: {change_id}\n"
        revision = self._clones.commit(person, project, base=base, base_ref=base_ref, message=message, files=files)
        to = f"refs/for/{branch}" + (f"%{','.join(options)}" if options else "")
        self._clones.push(person, project, commit=revision, to=to, over=over)
        change = self._change(person, project, branch, change_id, "o=ALL_REVISIONS")
        return Pushed(
            project=project,
            number=change["_number"],
            patch_set=change["revisions"][revision]["_number"],
            revision=revision,
            change_id=change_id,
        )

    def rest(self, person: Person, method: str, path: str, body: object = None) -> Any:
        """Call REST as `person`: decoded JSON or text, "" if empty; requests.HTTPError on an error status."""
        if body is None:
            return self._call(person, method, path)
        return self._call(person, method, path, json.dumps(body), "application/json; charset=UTF-8")

    def _call(self, person: Person, method: str, path: str, text: str = "", content_type: str = "") -> Any:
        with requests.Session() as session:
            session.trust_env = False  # neither proxies nor ~/.netrc
            answer = session.request(
                method,
                f"{self.url}/a{path}",
                auth=(person.username, person.password),
                headers={"Accept": "application/json"} | ({"Content-Type": content_type} if content_type else {}),
                data=text.encode(),
                timeout=LONGEST_S,
            )
        return _decoded(answer)

    def restart(self) -> None:
        """Stop in good order and start again: same ports, same site."""
        self.server.stop()
        self.server.start()

    def stop(self) -> None:
        """Stop in good order."""
        self.server.stop()

    def start(self) -> None:
        """Start again after `stop` or `kill`."""
        self.server.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.server.kill()

    def freeze(self) -> None:
        """Hold it still: connections stay open, nothing answers."""
        self.server.freeze()

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        self.server.thaw()

    def heal(self) -> None:
        """Make it answer again, whatever a test did to it."""
        self.server.thaw()
        if not self.server.healthy():
            self.restart()

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return self.server.log.read_text(errors="replace")

    def _base(self, person: Person, project: str, branch: str, change_id: str) -> tuple[str, str]:
        """The commit to build on, and a ref it is found in: of the change if there is one, else the branch."""
        if change_id:
            try:
                change = self._change(person, project, branch, change_id, "o=CURRENT_REVISION&o=CURRENT_COMMIT")
            except requests.HTTPError as error:
                if error.response.status_code != requests.codes.not_found:
                    raise
            else:
                current = change["revisions"][change["current_revision"]]
                return current["commit"]["parents"][0]["commit"], current["ref"]
        tip = self.rest(person, "GET", f"/projects/{_quoted(project)}/branches/{_quoted(branch)}")
        return tip["revision"], tip["ref"]

    def _change(self, person: Person, project: str, branch: str, change_id: str, options: str) -> Any:
        return self.rest(person, "GET", f"/changes/{_quoted(project)}~{_quoted(branch)}~{change_id}?{options}")

    def _make_person(self, username: str, email: str, groups: list[str]) -> Person:
        key_file, public_key = self._new_key(username)
        password = secrets.token_hex(16)
        wanted = {
            "name": username,
            "email": email,
            "http_password": password,
            "ssh_key": public_key,
            "groups": groups,
        }
        account = self.rest(self.admin, "PUT", f"/accounts/{_quoted(username)}", wanted)
        return Person(
            account_id=account["_account_id"], username=username, email=email, password=password, key_file=key_file
        )

    def _first_admin(self) -> Person:
        """The account Init made, given an SSH key."""
        key_file, public_key = self._new_key("admin")
        unknown = Person(account_id=0, username="admin", email="", password=ADMIN_PASSWORD, key_file=key_file)
        account = self.rest(unknown, "GET", "/accounts/self")
        self._call(unknown, "POST", "/accounts/self/sshkeys", public_key, "text/plain")
        return Person(
            account_id=account["_account_id"],
            username="admin",
            email=account["email"],
            password=ADMIN_PASSWORD,
            key_file=key_file,
        )

    def _new_key(self, username: str) -> tuple[Path, str]:
        """A private key file and the public line for it."""
        key = Ed25519PrivateKey.generate()
        file = self._keys / username
        file.touch(mode=0o600)
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return file, f"{public} {username}@example.org"

    def _let_service_users_stream(self) -> None:
        """Init gives them streamEvents; should a version not, we do."""
        group = self.rest(self.admin, "GET", f"/groups/{_quoted(SERVICE_USERS)}")["id"]
        access = self.rest(self.admin, "GET", "/access/?project=All-Projects")["All-Projects"]
        capabilities = access["local"]["GLOBAL_CAPABILITIES"]["permissions"]
        if group in capabilities.get("streamEvents", {}).get("rules", {}):
            return
        rule = {"streamEvents": {"rules": {group: {"action": "ALLOW"}}}}
        add = {"add": {"GLOBAL_CAPABILITIES": {"permissions": rule}}}
        self.rest(self.admin, "POST", "/projects/All-Projects/access", add)


@contextmanager
def running_gerrit(version: str, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[RealGerrit]:
    """A started Gerrit, stopped at the end; `settings` for its gerrit.config, by `section.key`.

    Raises downloads.Unavailable where this machine cannot have it, server.NotStarted where it fails.
    """
    server = Server(kit(version), folder, settings or {})
    server.start()
    try:
        yield RealGerrit(version, server, folder)
    finally:
        server.stop()


def _ref_of(pushed: Pushed) -> tuple[str, str]:
    """Its commit, and the ref that commit is found in."""
    return pushed.revision, f"refs/changes/{pushed.number % 100:02d}/{pushed.number}/{pushed.patch_set}"


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _decoded(answer: requests.Response) -> Any:
    text = answer.content.decode()
    if not answer.ok:
        asked = f"{answer.request.method} {answer.request.url}"
        raise requests.HTTPError(f"{answer.status_code} for {asked}: {text.strip()}", response=answer)
    return json.loads(text[len(JSON_PREFIX) :]) if text.startswith(JSON_PREFIX) else text

"""The ground the changes stand on: clock, ids, people, groups, projects, and who hears the stream.

Everything is under one re-entrant lock. Ids and SHAs follow from the seed alone, so a run can be repeated.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.gerrit import events
from integrations.sandbox.gerrit.records import (
    NO_SHA,
    Account,
    Branch,
    Change,
    Group,
    Label,
    Line,
    Project,
    Refusal,
)

SERVICE_USERS = "Service Users"
ADMINISTRATORS = "Administrators"
META_CONFIG = "refs/meta/config"
FIRST_ACCOUNT = 1000000  # as a new Gerrit site counts
CODE_REVIEW = Label(
    name="Code-Review",
    values={
        -2: "This shall not be submitted",
        -1: "I would prefer this is not submitted as is",
        0: "No score",
        1: "Looks good to me, but someone else must approve",
        2: "Looks good to me, approved",
    },
    copy_condition="changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN",
)
CODE_REVIEW_NEEDED = "label:Code-Review=MAX AND -label:Code-Review=MIN"

Hearer = Callable[[Line], None]


def now_utc() -> datetime:
    return datetime.now(UTC)


class Registry:
    """Accounts, groups and projects. `clock` gives aware UTC times; the server keeps whole seconds of them."""

    def __init__(
        self, *, clock: Callable[[], datetime] = now_utc, seed: str = "stand-in", emit_ref_updates: bool = True
    ) -> None:
        self.lock = threading.RLock()
        self.url = "http://127.0.0.1"  # canonical web URL, stands in `change.url`
        self.emit_ref_updates = emit_ref_updates  # for refs/changes/*; branches and tags are always told
        self.accounts: dict[int, Account] = {}
        self.groups: dict[str, Group] = {}
        self.projects: dict[str, Project] = {}
        self.changes: dict[int, Change] = {}
        self.global_access: dict[str, Any] = {}  # of All-Projects, as REST shows it
        self.written: list[str] = []  # "project~ref~old~new" of the refs written, newest last; the reader empties it
        self._clock = clock
        self._seed = seed
        self._serial = 0
        self._hearers: list[Hearer] = []
        for name in (ADMINISTRATORS, SERVICE_USERS):
            self.add_group(name)
        self.add_account(
            "admin",
            name="Administrator",
            email="admin@example.com",
            password="secret",  # noqa: S106  # as Gerrit's --dev makes it
            groups=(ADMINISTRATORS,),
        )

    # the stream

    def subscribe(self, hearer: Hearer) -> Callable[[], None]:
        """`hearer` gets every line, under the lock, so it only queues. Gives the call that ends it."""
        with self.lock:
            self._hearers.append(hearer)

        def end() -> None:
            with self.lock:
                if hearer in self._hearers:
                    self._hearers.remove(hearer)

        return end

    def emit(self, line: Line) -> None:
        for hearer in tuple(self._hearers):
            hearer(line)

    def may_hear(self, account_id: int, line: Line) -> bool:
        change = self.changes.get(line.number)
        return change is None or line.leaks or self.can_see(account_id, change)

    def can_see(self, account_id: int | None, change: Change) -> bool:
        """Private changes are for their owner, their reviewers and administrators."""
        if not change.private:
            return True
        if account_id is None:
            return False
        return account_id == change.owner or account_id in change.reviewers or self.is_admin(account_id)

    # time and names

    def now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def new_sha(self) -> str:
        self._serial += 1
        return hashlib.sha1(f"{self._seed}:{self._serial}".encode(), usedforsecurity=False).hexdigest()

    # people

    def add_account(
        self,
        username: str,
        *,
        name: str = "",
        email: str = "",
        password: str = "",
        keys: Iterable[str] = (),
        groups: Iterable[str] = (),
    ) -> Account:
        """Refuses a user name (in any case) or an address that is taken."""
        with self.lock:
            if username and self._by("username", username):
                raise Refusal(409, f"username '{username}' already exists")
            if email and self._by("email", email):
                raise Refusal(422, f"email '{email}' already exists")
            account = Account(
                account_id=FIRST_ACCOUNT + len(self.accounts),
                username=username,
                name=name,
                email=email,
                password=password,
                keys=tuple(_bare_key(key) for key in keys if key.strip()),
            )
            chosen = [self.group(group) for group in groups]
            self.accounts[account.account_id] = account
            for group in chosen:
                self.add_members(group.name, [account.account_id])
            return account

    @property
    def admin(self) -> Account:
        return self.accounts[FIRST_ACCOUNT]

    def edit_account(self, account_id: int, *, active: bool | None = None, keys: Iterable[str] | None = None) -> None:
        with self.lock:
            account = self.accounts[account_id]
            self.accounts[account_id] = replace(
                account,
                active=account.active if active is None else active,
                keys=account.keys if keys is None else tuple(_bare_key(key) for key in keys),
            )

    def find_account(self, text: str) -> Account:
        """By id, user name, address, "Name <address>" or full name; inactive ones by id only. Refuses with 404."""
        if text.isascii() and text.isdigit():
            if account := self.accounts.get(int(text)):
                return account
            raise Refusal(404, f"Account '{text}' not found")
        address = match[1] if (match := re.search(r"<([^<>]+)>$", text)) else text
        found = self._by("email", address) or self._by("username", text) or self._by("name", text)
        active = [account for account in found if account.active]
        if len(active) == 1:
            return active[0]
        if active:
            raise Refusal(404, f"Account '{text}' is ambiguous:\n" + "\n".join(map(_described, active)))
        if found:
            raise Refusal(
                404,
                f"Account '{text}' only matches inactive accounts. To use an inactive account, retry with one of the "
                "following exact account IDs:\n" + "\n".join(map(_described, found)),
            )
        raise Refusal(404, f"Account '{text}' not found")

    def _by(self, attribute: str, text: str) -> list[Account]:
        wanted = text.lower()
        return [
            account for account in self.accounts.values() if wanted and getattr(account, attribute).lower() == wanted
        ]

    # groups

    def add_group(self, name: str, members: Iterable[int] = ()) -> Group:
        with self.lock:
            if name in self.groups:
                raise Refusal(409, f"group '{name}' already exists")
            group = Group(uuid=self.new_sha(), name=name, group_id=len(self.groups) + 1, members=frozenset(members))
            self.groups[name] = group
            return group

    def group(self, text: str) -> Group:
        """By name, UUID or number; refuses with 404."""
        for group in self.groups.values():
            if text in (group.name, group.uuid, str(group.group_id)):
                return group
        raise Refusal(404, f"Group not found: {text}")

    def add_members(self, name: str, accounts: Iterable[int]) -> None:
        with self.lock:
            group = self.group(name)
            self.groups[group.name] = replace(group, members=group.members | set(accounts))

    def remove_member(self, name: str, account_id: int) -> None:
        with self.lock:
            group = self.group(name)
            self.groups[group.name] = replace(group, members=group.members - {account_id})

    def is_admin(self, account_id: int) -> bool:
        return account_id in self.groups[ADMINISTRATORS].members

    def is_service(self, account_id: int) -> bool:
        return account_id in self.groups[SERVICE_USERS].members

    # projects

    def add_project(self, name: str, *, labels: Iterable[Label] = (), empty_commit: bool = True) -> Project:
        """A project with Code-Review and `labels`; the stream tells its first branch, then `project-created`."""
        with self.lock:
            if name in self.projects:
                raise Refusal(409, "Project already exists")
            project = Project(
                name=name,
                labels={label.name: label for label in (CODE_REVIEW, *labels)},
                requirements={CODE_REVIEW.name: CODE_REVIEW_NEEDED},
            )
            self.projects[name] = project
            self._move(project, META_CONFIG, self.new_sha())
            if empty_commit:
                self.update_ref(name, "refs/heads/master", self.new_sha(), by=self.admin.account_id)
            self.emit(events.project_created(self, name, "refs/heads/master"))
            return project

    def project(self, name: str) -> Project:
        if project := self.projects.get(name):
            return project
        raise Refusal(404, f"Not found: {name}")

    def update_ref(self, project: str, ref: str, new: str, *, by: int | None, old: str | None = None) -> None:
        """Moves a branch, tag or other ref outside refs/changes (`new` all zeros: removes it) and tells it."""
        with self.lock:
            place = self.project(project)
            before = self._move(place, ref, new) if old is None else old
            self._told(project, ref, before, new, by=by)

    def _move(self, place: Project, ref: str, new: str) -> str:
        branch = ref.removeprefix("refs/heads/")
        if branch == ref != META_CONFIG:
            before = place.refs.get(ref, NO_SHA)
            place.refs[ref] = new
            if new == NO_SHA:
                del place.refs[ref]
            return before
        before = place.branches[branch].tip if branch in place.branches else NO_SHA
        place.branches.setdefault(branch, Branch(new)).tip = new
        if new == NO_SHA:
            del place.branches[branch]
        return before

    def _told(self, project: str, ref: str, old: str, new: str, *, by: int | None, number: int = 0) -> None:
        self.written.append(f"{project}~{ref}~{old}~{new}")
        del self.written[:-100]
        if number == 0 or self.emit_ref_updates:
            self.emit(events.ref_updated(self, project, ref, old, new, submitter=by, number=number))

    def set_label(self, project: str, label: Label) -> None:
        with self.lock:
            self.project(project).labels[label.name] = label

    def restrict_label(self, project: str, label: str, groups: Iterable[str]) -> None:
        """Only members of `groups` may vote `label` from now on."""
        with self.lock:
            place = self.project(project)
            place.labels[label] = replace(place.labels[label], voters=frozenset(groups))

    def set_requirement(self, project: str, name: str, expression: str) -> None:
        with self.lock:
            self.project(project).requirements[name] = expression

    def may_vote(self, account_id: int, label: Label) -> bool:
        if label.voters is None:
            return True
        return any(account_id in self.groups[name].members for name in label.voters if name in self.groups)

    def may_remove_others(self, account_id: int, project: str) -> bool:
        """By the right removeReviewer, on the project or on all."""
        sections = (access.get("refs/*", {}) for access in (self.global_access, self.project(project).access))
        rules = (section.get("permissions", {}).get("removeReviewer", {}).get("rules", {}) for section in sections)
        allowed = {uuid for one in rules for uuid, rule in one.items() if rule.get("action") == "ALLOW"}
        return any(group.uuid in allowed and account_id in group.members for group in self.groups.values())

    def labels_of(self, change: Change) -> Mapping[str, Label]:
        return self.projects[change.project].labels


def _bare_key(key: str) -> str:
    return " ".join(key.split()[:2])


def _described(account: Account) -> str:
    return f"{account.account_id}: {account.name or account.username} <{account.email}>"

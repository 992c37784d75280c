"""The ground all else stands on: clock, ids, people, groups, and who hears the stream.

Everything is under one re-entrant lock. Ids and SHAs follow from the seed alone, so a run can be repeated.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from integrations.sandbox.gerrit.records import Account, Group, Line, Refusal

SERVICE_USERS = "Service Users"
ADMINISTRATORS = "Administrators"
FIRST_ACCOUNT = 1000000  # as a new Gerrit site counts
Hearer = Callable[[Line], None]


class Directory:
    """Accounts and groups. `clock` gives aware UTC times; the server keeps whole seconds of them."""

    def __init__(self, *, clock: Callable[[], datetime], seed: str) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[int, Account] = {}
        self.groups: dict[str, Group] = {}
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
                raise Refusal(409, "Group already exists")
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

    def include(self, name: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Changes which groups, by their UUIDs, a group includes."""
        with self.lock:
            group = self.group(name)
            self.groups[group.name] = replace(group, includes=(group.includes | set(add)) - set(remove))

    def is_admin(self, account_id: int) -> bool:
        return account_id in self.groups[ADMINISTRATORS].members

    def is_service(self, account_id: int) -> bool:
        return account_id in self.groups[SERVICE_USERS].members


def _bare_key(key: str) -> str:
    return " ".join(key.split()[:2])


def _described(account: Account) -> str:
    return f"{account.account_id}: {account.name or account.username} <{account.email}>"

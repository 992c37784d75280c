"""Who a person of the roster is on the server: one call for each account not seen lately."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from integrations.contract import Refused
from integrations.gerrit.infos import account_id
from integrations.gerrit.rest import BadRequest, NotFound, Rest
from rules.facts import UNKNOWN
from rules.roster import Person

KNOWN_FOR = timedelta(hours=1)
MISSING_FOR = timedelta(minutes=5)


class Accounts:
    """Any thread may use it."""

    def __init__(self, rest: Rest, clock: Callable[[], datetime]) -> None:
        self._rest = rest
        self._clock = clock
        self._known: dict[tuple[str | None, tuple[str, ...]], tuple[str, datetime]] = {}  # by username, addresses
        self._sees_all_emails = True
        self._lock = threading.Lock()

    def of(self, person: Person) -> str:
        """The id of a person's active account, else UNKNOWN. Raises Transient."""
        now, names = self._clock(), (person.gerrit, person.emails)
        with self._lock:
            known, until = self._known.get(names, (UNKNOWN, now))
        if until > now:
            return known
        found = self._find(person)
        until = now + (MISSING_FOR if found == UNKNOWN else KNOWN_FOR)
        with self._lock:
            self._known[names] = (found, until)
        return found

    def _find(self, person: Person) -> str:
        if person.gerrit:
            return self._by_username(person.gerrit)
        for email in person.emails:
            if (found := self._by_email(email)) != UNKNOWN:
                return found
        return UNKNOWN

    def _by_username(self, username: str) -> str:
        """An identifier may also resolve as id, e-mail or name: only the very username counts."""
        try:
            account = self._rest.get(f"accounts/{quote(username, safe='')}/detail")
        except NotFound:
            return UNKNOWN
        same = str(account.get("username", "")).casefold() == username.casefold()
        return account_id(account) if same and not account.get("inactive") else UNKNOWN

    def _by_email(self, email: str) -> str:
        """The query matches prefixes; the address is compared here, and two accounts are none."""
        found = self._with_email(email)
        ids = {account_id(account) for account in found if email.lower() in _addresses(account)}
        return ids.pop() if len(ids) == 1 else UNKNOWN

    def _with_email(self, email: str) -> list[dict[str, Any]]:
        """Other addresses than the preferred one are shown only to those who may modify accounts."""
        query = [("q", f'email:"{email}"'), ("o", "DETAILS")]
        if self._sees_all_emails:
            try:
                return list(self._rest.get("accounts/", [*query, ("o", "ALL_EMAILS")]))
            except BadRequest:
                return []
            except Refused:
                self._sees_all_emails = False
        try:
            return list(self._rest.get("accounts/", query))
        except BadRequest:  # what the roster has is no address
            return []


def _addresses(account: dict[str, Any]) -> set[str]:
    return {str(email).lower() for email in (account.get("email", ""), *account.get("secondary_emails", ()))}

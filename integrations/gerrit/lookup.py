"""What a rule asks about a change, read from REST: one call for the change, one for each account not seen lately."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from integrations.contract import Refused, Transient
from integrations.gerrit.rest import BadRequest, NotFound, Rest, change_path
from rules.facts import UNKNOWN, ChangeFacts, Facts, Need, co_authors
from rules.roster import Person

ACCOUNT_KNOWN_FOR = timedelta(hours=1)
ACCOUNT_MISSING_FOR = timedelta(minutes=5)
MAGIC_FILES = frozenset({"/COMMIT_MSG", "/MERGE_LIST"})


class GerritLookup:
    """Answers `Need`s. Any thread may use it."""

    def __init__(self, rest: Rest, clock: Callable[[], datetime]) -> None:
        self._rest = rest
        self._clock = clock
        self._accounts: dict[tuple[str | None, tuple[str, ...]], tuple[str, datetime]] = {}  # by username, addresses
        self._sees_all_emails = True
        self._lock = threading.Lock()

    def look(self, need: Need) -> Facts:
        """The change as it is now, with the accounts of the people who may be asked. Raises Transient."""
        try:
            return self._look(need)
        except Refused as error:  # a page of some proxy, a right taken away: nobody may call the change gone for that
            raise Transient(str(error)) from error

    def _look(self, need: Need) -> Facts:
        accounts = {person.key: self.account(person) for person in need.people}
        options = [
            ("o", "CURRENT_REVISION"),
            ("o", "CURRENT_COMMIT"),
            *([("o", "CURRENT_FILES")] if need.files else []),
        ]
        try:
            detail = self._rest.get(f"{change_path(need.item, need.repo)}/detail", options)
        except NotFound:
            return Facts(change=None, accounts=accounts, seen=self._clock())
        change = read_change(detail, self._rest.user, _ids_by_email(need.people, accounts), files=need.files)
        return Facts(change=change, accounts=accounts, seen=self._clock())

    def account(self, person: Person) -> str:
        """The id of a person's active account, else UNKNOWN. Raises Transient."""
        now, names = self._clock(), (person.gerrit, person.emails)
        with self._lock:
            known, until = self._accounts.get(names, (UNKNOWN, now))
        if until > now:
            return known
        found = self._find(person)
        until = now + (ACCOUNT_MISSING_FOR if found == UNKNOWN else ACCOUNT_KNOWN_FOR)
        with self._lock:
            self._accounts[names] = (found, until)
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
        return str(account["_account_id"]) if same and not account.get("inactive") else UNKNOWN

    def _by_email(self, email: str) -> str:
        """The query matches prefixes; the address is compared here, and two accounts are none."""
        found = self._with_email(email)
        ids = {str(account["_account_id"]) for account in found if email.lower() in _addresses(account)}
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


def read_change(detail: dict[str, Any], ourselves: str, emails: dict[str, str], *, files: bool) -> ChangeFacts:
    """ChangeInfo with details as facts. `emails` maps addresses in lower case to account ids."""
    revision, info = detail.get("current_revision", ""), {}
    if revision:
        info = detail["revisions"][revision]
    message = info.get("commit", {}).get("message", "")
    owner = detail.get("owner", {})
    return ChangeFacts(
        repo=detail["project"],
        branch=detail["branch"].removeprefix("refs/heads/"),
        status=detail["status"],
        patch_set=info.get("_number", 0),
        revision=revision,
        subject=detail.get("subject", ""),
        message=message,
        topic=detail.get("topic", ""),
        hashtags=tuple(detail.get("hashtags", ())),
        wip=detail.get("work_in_progress", False),
        private=detail.get("is_private", False),
        size=detail.get("insertions", 0) + detail.get("deletions", 0),
        created=instant(detail["created"]),
        owner=_id(owner),
        owner_names=tuple(name for name in (owner.get("username"), owner.get("email")) if name),
        authors=tuple(dict.fromkeys(_authors(info, message, emails))),
        files=tuple(_paths(info)) if files else None,
        reviewers=tuple(_id(one) for one in detail.get("reviewers", {}).get("REVIEWER", ())),
        ccs=tuple(_id(one) for one in detail.get("reviewers", {}).get("CC", ())),
        removed=_removed(detail.get("reviewer_updates", ()), ourselves),
        attention=tuple(detail.get("attention_set", {})),
    )


def instant(text: str) -> datetime:
    """Gerrit's "2026-01-02 03:04:05.123000000" (UTC)."""
    return datetime.fromisoformat(text[:26]).replace(tzinfo=UTC)


def _id(account: dict[str, Any]) -> str:
    return str(account.get("_account_id", UNKNOWN))


def _authors(info: dict[str, Any], message: str, emails: dict[str, str]) -> Iterable[str]:
    if "uploader" in info:
        yield _id(info["uploader"])
    for address in (info.get("commit", {}).get("author", {}).get("email", ""), *co_authors(message)):
        if address.lower() in emails:
            yield emails[address.lower()]


def _paths(info: dict[str, Any]) -> Iterable[str]:
    """Every path that is touched, the old one of a renamed file too."""
    paths: dict[str, None] = {}
    for path, file in info.get("files", {}).items():
        if path not in MAGIC_FILES:
            paths.update({path: None} | ({file["old_path"]: None} if file.get("status") == "R" else {}))
    return paths


def _removed(updates: Iterable[dict[str, Any]], ourselves: str) -> dict[str, str]:
    """Who was taken off last by somebody else than us, and by whom."""
    removed: dict[str, str] = {}
    for update in updates:
        who, by = _id(update["reviewer"]), update.get("updated_by", {})
        removed.pop(who, None)
        if update["state"] == "REMOVED" and by.get("username") != ourselves:
            removed[who] = by.get("username") or by.get("name") or "somebody"
    return removed


def _ids_by_email(people: Iterable[Person], accounts: dict[str, str]) -> dict[str, str]:
    known = (person for person in people if accounts[person.key] != UNKNOWN)
    return {email.lower(): accounts[person.key] for person in known for email in person.emails}


def _addresses(account: dict[str, Any]) -> set[str]:
    return {str(email).lower() for email in (account.get("email", ""), *account.get("secondary_emails", ()))}

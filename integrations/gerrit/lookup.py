"""What a rule asks about a change, read from REST: one call for the change, further ones for what only those tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from integrations.contract import Refused, Transient
from integrations.gerrit.accounts import Accounts
from integrations.gerrit.infos import account_id, instant
from integrations.gerrit.request import ReadRequest, Requests
from integrations.gerrit.rest import NotFound, Rest, change_path
from integrations.gerrit.revision import added_lines, related
from integrations.gerrit.said import PATCH_SET_LEVEL, commands, may_command
from integrations.gerrit.spoken_votes import with_votes
from integrations.gerrit.tags import tagged_commit
from integrations.gerrit.turns import Turns
from rules.facts import UNKNOWN, Ballot, ChangeFacts, Facts, Message, Need, co_authors
from rules.roster import Person

MAGIC_FILES = frozenset({"/COMMIT_MSG", "/MERGE_LIST"})


class GerritLookup:
    """Answers `Need`s. Any thread may use it. Release requests are read by `read_request`, else not at all."""

    def __init__(
        self,
        rest: Rest,
        clock: Callable[[], datetime],
        read_request: ReadRequest | None = None,
        *,
        files_at_once: int = 1,
    ) -> None:
        self._rest = rest
        self._clock = clock
        self._requests = Requests(rest, clock, read_request, at_once=files_at_once) if read_request else None
        self._accounts = Accounts(rest, clock)
        self._turns = Turns(rest, clock)

    def look(self, need: Need) -> Facts:
        """The change as it is now, with the accounts of the people who may be asked. Raises Transient."""
        try:
            return self._look(need)
        except Refused as error:  # a page of some proxy, a right taken away: nobody may call the change gone for that
            raise Transient(str(error)) from error

    def _look(self, need: Need) -> Facts:
        accounts = {person.key: self._accounts.of(person) for person in need.people}
        turns = self._turns.of(accounts) if need.turns else None
        if need.tag:
            version = need.item.removeprefix(f"tag:{need.repo}@")
            tag = tagged_commit(self._rest, need.repo, version)
            return Facts(change=None, accounts=accounts, turns=turns, tag=tag, seen=self._clock())
        try:
            change = self._change(need, accounts)
        except NotFound:
            change = None
        return Facts(change=change, accounts=accounts, turns=turns, seen=self._clock())

    def _change(self, need: Need, accounts: dict[str, str]) -> ChangeFacts:
        """Raises NotFound where it is gone or hidden, also between two calls."""
        path, files = change_path(need.item, need.repo), need.files or bool(need.lines_of)
        revisions = "ALL_REVISIONS" if need.request else "CURRENT_REVISION"
        options = [revisions, "CURRENT_COMMIT", *(["CURRENT_FILES"] if files else [])]
        detail = self._rest.get(f"{path}/detail", [("o", option) for option in options])
        change = read_change(detail, self._rest.user, _ids_by_email(need.people, accounts), files=files)
        revision_path = f"{path}/revisions/{change.revision}"
        if need.related:
            change = replace(change, related=related(self._rest, revision_path, detail["_number"]))
        if need.listen or need.request:
            change = replace(change, messages=self._messages(path, detail, need))
        if need.request and self._requests:
            request, uploads = self._requests.of(path, detail, need.request)
            change = replace(change, request=request, uploads=uploads)
        if need.lines_of:
            lines = added_lines(self._rest, revision_path, change.files or (), need.lines_of)
            change = replace(change, lines=lines, files=change.files if need.files else None)
        return change

    def _messages(self, path: str, detail: dict[str, Any], need: Need) -> tuple[Message, ...]:
        messages, ourselves = detail.get("messages", ()), self._rest.user
        comments: list[dict[str, Any]] = []
        if need.listen and any(may_command(message, (), ourselves) for message in messages):
            comments = self._rest.get(f"{path}/comments").get(PATCH_SET_LEVEL, [])
        told = commands(messages, comments, need.listen, ourselves)
        return with_votes(told, messages, ourselves) if need.request else told


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
        owner=account_id(owner),
        owner_names=tuple(name for name in (owner.get("username"), owner.get("email")) if name),
        authors=tuple(dict.fromkeys(_authors(info, message, emails))),
        files=tuple(_paths(info)) if files else None,
        reviewers=tuple(account_id(one) for one in detail.get("reviewers", {}).get("REVIEWER", ())),
        ccs=tuple(account_id(one) for one in detail.get("reviewers", {}).get("CC", ())),
        removed=_removed(detail.get("reviewer_updates", ()), ourselves),
        attention=tuple(detail.get("attention_set", {})),
        attention_since={
            who: instant(turn["last_update"])
            for who, turn in detail.get("attention_set", {}).items()
            if "last_update" in turn
        },
        votes=tuple(_ballots(detail.get("labels", {}))),
        cherry_pick_of=detail.get("cherry_pick_of_change"),
    )


def _ballots(labels: dict[str, Any]) -> Iterable[Ballot]:
    """The votes on the current patch set; reviewers who did not vote stand among them with 0 or nothing."""
    for label, info in labels.items():
        for vote in info.get("all", ()):
            if vote.get("value"):
                yield Ballot(
                    label=label,
                    value=vote["value"],
                    account=account_id(vote),
                    name=vote.get("username", ""),
                    at=instant(vote["date"]) if "date" in vote else None,
                )


def _authors(info: dict[str, Any], message: str, emails: dict[str, str]) -> Iterable[str]:
    if "uploader" in info:
        yield account_id(info["uploader"])
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
        who, by = account_id(update["reviewer"]), update.get("updated_by", {})
        removed.pop(who, None)
        if update["state"] == "REMOVED" and by.get("username") != ourselves:
            removed[who] = by.get("username") or by.get("name") or "somebody"
    return removed


def _ids_by_email(people: Iterable[Person], accounts: dict[str, str]) -> dict[str, str]:
    known = (person for person in people if accounts[person.key] != UNKNOWN)
    return {email.lower(): accounts[person.key] for person in known for email in person.emails}

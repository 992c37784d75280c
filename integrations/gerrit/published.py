"""What we published of the ledger: the lines in our own messages on changes
(Documentation/rest-api-changes.html#list-change-messages).

Whoever else writes such a line is not believed: messages count by the author's account id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from integrations.gerrit.infos import account_id
from integrations.gerrit.rest import NotFound, Rest, change_path
from integrations.gerrit.rows import Row, list_changes
from rules.signoff.ledger import LINE_BEGINS, Entry, read_line

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One line: the entry, or why it cannot be read."""

    item: str
    entry: Entry | None
    because: str = ""


def published(rest: Rest, projects: Iterable[str]) -> Iterator[Published]:
    """Every line in our messages on the changes of these projects. Raises Transient, Refused."""
    ourselves = account_id(rest.get("accounts/self"))
    for project in dict.fromkeys(projects):
        for number in sorted(_spoken_on(rest, project, ourselves)):
            yield from _on_change(rest, f"gerrit:{number}", project, ourselves)


def _spoken_on(rest: Rest, project: str, ourselves: str) -> set[int]:
    """The numbers of changes on which we said something. What is updated while pages are read moves to the first one,
    so that is read again until nothing new is on it.
    """
    rows: dict[int, Row] = {}
    while _read_pages(rest, project, rows):
        pass
    return {number for number, row in rows.items() if any(_is_ours(one, ourselves) for one in row.get("messages", ()))}


def _read_pages(rest: Rest, project: str, rows: dict[int, Row]) -> bool:
    """Read on as far as rows are news; whether there were any."""
    start, any_news = 0, False
    while True:
        page = list_changes(
            rest, f'project:"{project}"', count=PAGE, start=start, options=("MESSAGES", "DETAILED_ACCOUNTS")
        )
        known = [rows.get(row["_number"], {}).get("updated") == row["updated"] for row in page]
        rows.update((row["_number"], row) for row in page)
        any_news = any_news or not all(known)
        if not (page and page[-1].get("_more_changes")) or all(known):
            return any_news
        start += len(page)


def _on_change(rest: Rest, item: str, project: str, ourselves: str) -> Iterator[Published]:
    try:
        messages = rest.get(f"{change_path(item, project)}/messages")
    except NotFound:  # gone meanwhile
        return
    for message in messages:
        if _is_ours(message, ourselves):
            lines = (line.strip() for line in message["message"].splitlines())
            yield from (_read(item, line) for line in lines if line.startswith(LINE_BEGINS))


def _is_ours(message: dict[str, Any], ourselves: str) -> bool:
    """Said by us and by nobody in our name."""
    author = message.get("author", {})
    return account_id(message.get("real_author") or author) == ourselves == account_id(author)


def _read(item: str, line: str) -> Published:
    try:
        entry = read_line(line)
        if not isinstance(entry.number, int):
            raise ValueError("its number is none")
        return Published(item=item, entry=entry)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return Published(item=item, entry=None, because=f"a line of the ledger cannot be read: {error}")

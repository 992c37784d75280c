"""Lines of the ledger are read from our own messages, from nobody else's."""

from __future__ import annotations

from typing import Any

from integrations.gerrit.published import PAGE, Published, published
from rules.signoff.ledger import line_of
from tests.daemon.signed import RELEASES, chain, entry
from tests.integrations.gerrit.answers import Answers, account

BOT, ANN = account(7, "bot"), account(8, "ann")
MADE = chain(entry("1.0.0"), entry("2.0.0", item="gerrit:2", because="☂ \x00 \u2028 said"))
OLD, NEW = "2026-01-01 00:00:00.000000000", "2026-01-02 00:00:00.000000000"


def said(text: str, by: dict[str, Any] = BOT, **more: Any) -> dict[str, Any]:
    """A ChangeMessageInfo."""
    return {"id": "m", "author": by, "date": OLD, "message": f"Patch Set 1:\n\n{text}"} | more


def gerrit(*changes: list[dict[str, Any]], **more: Any) -> Answers:
    """Changes of one project by their messages, numbered from 1."""
    rows = [{"_number": n, "updated": OLD, "messages": messages} for n, messages in enumerate(changes, 1)]
    table: dict[str, Any] = {"accounts/self": BOT, "changes/": rows}
    for row in rows:
        table[f"changes/openstack%2Freleases~{row['_number']}/messages"] = row["messages"]
    return Answers(table | more)


def read(rest: Answers) -> list[Published]:
    return list(published(rest, [RELEASES]))


def test_every_line_of_ours_is_an_entry() -> None:
    text = "\n".join(["Release sign-off +1: done.", "", *(line_of(one) for one in MADE)])
    rest = gerrit([said("hello", ANN)], [said(text), said("more")])
    assert read(rest) == [Published(item="gerrit:2", entry=one) for one in MADE]
    assert [path for _, path, _ in rest.asked if path.endswith("messages")] == [
        "changes/openstack%2Freleases~2/messages"
    ]
    query = dict(next(given for _, path, given in rest.asked if path == "changes/"))
    assert query["q"] == f'project:"{RELEASES}"'


def test_what_anybody_else_pastes_is_ignored() -> None:
    line = line_of(MADE[0])
    namesake = account(9, "bot")
    in_our_name = said(line, BOT, real_author=ANN)
    rest = gerrit([said("ours"), said(line, ANN), said(line, namesake), in_our_name, said(line, {})])
    assert read(rest) == []


def test_a_quoted_line_is_none() -> None:
    assert read(gerrit([said(f"> {line_of(MADE[0])}")])) == []


def test_a_line_that_cannot_be_read_is_told() -> None:
    broken = [f"{line_of(MADE[0])[:60]}", "czar-ledger [] abc", 'czar-ledger {"a":1} abc', "czar-ledger " + "[" * 9_999]
    found = read(gerrit([said("\n".join(broken))]))
    assert [(one.item, one.entry) for one in found] == [("gerrit:1", None)] * 4
    assert all(one.because.startswith("a line of the ledger cannot be read: ") for one in found)


def test_a_change_that_is_gone_meanwhile_has_nothing() -> None:
    rest = gerrit([said(line_of(MADE[0]))], [said(line_of(MADE[1]))])
    del rest.table["changes/openstack%2Freleases~1/messages"]
    assert [one.entry for one in read(rest)] == [MADE[1]]


def test_pages_are_read_to_the_end_and_what_moves_meanwhile_is_found() -> None:
    """The last change is updated while the first page is read: it moves to the front, past what was read."""
    count = PAGE + 2
    rest = gerrit(*([said(line_of(MADE[0]))] if n == count else [said("x", ANN)] for n in range(1, count + 1)))
    rows = list(rest.table["changes/"])

    def page(query: list[tuple[str, str]]) -> list[dict[str, Any]]:
        start = int(dict(query)["S"])
        found = [dict(row) for row in rows[start : start + PAGE]]
        if start + PAGE < len(rows):
            found[-1]["_more_changes"] = True
        if rows[-1]["_number"] == count:
            rows.insert(0, rows.pop() | {"updated": NEW})
        return found

    rest.table["changes/"] = page
    assert [one.entry for one in read(rest)] == [MADE[0]]

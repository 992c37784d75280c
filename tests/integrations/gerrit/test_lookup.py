"""What is looked up, and what it is taken for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.lookup import GerritLookup
from integrations.gerrit.request import TouchedFile
from integrations.gerrit.rest import NotFound
from rules.events import Account
from rules.facts import Ballot, ChangeFacts, Message, Need
from rules.roster import Person
from rules.signoff.request_diff import Tagged
from rules.signoff.requests import Release, Request, Wanted
from tests.integrations.gerrit.answers import ANN, BOB, BOT, CYD, DEE, REVISION, Answers, Clock, detail

CHANGE = "changes/plugins%2Fx~7/detail"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def lookup_of(table: dict[str, Any], clock: Clock | None = None) -> tuple[GerritLookup, Answers]:
    rest = Answers(table)
    return GerritLookup(rest, clock or Clock()), rest


def change(people: tuple[Person, ...] = (), *, files: bool = True, **more: Any) -> ChangeFacts:
    table = {CHANGE: detail(**more), "accounts/bob/detail": BOB, "accounts/cyd/detail": CYD}
    facts = lookup_of(table)[0].look(Need(item="gerrit:7", repo="plugins/x", files=files, people=people))
    assert facts.change is not None
    return facts.change


def test_a_change_is_told_as_it_stands() -> None:
    facts = change(
        hashtags=["hot"],
        topic="tea",
        work_in_progress=True,
        is_private=True,
        reviewers={"REVIEWER": [BOB, CYD], "CC": [BOT]},
        attention_set={"3": {"reason": "asked"}},
    )
    assert (facts.repo, facts.branch, facts.status, facts.patch_set) == ("plugins/x", "master", "NEW", 2)
    assert (facts.topic, facts.hashtags, facts.wip, facts.private, facts.size) == ("tea", ("hot",), True, True, 5)
    assert facts.created == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert (facts.owner, facts.owner_names) == ("2", ("ann", "ann@example.org"))
    assert (facts.reviewers, facts.ccs, facts.attention) == (("3", "4"), ("1",), ("3",))
    assert facts.message == "Brew tea\n"


def test_files_are_asked_for_only_where_needed_and_a_renamed_one_counts_twice() -> None:
    revision = detail()["revisions"]
    info = next(iter(revision.values()))
    info["files"] |= {"new.py": {"status": "R", "old_path": "old.py"}, "copy.py": {"status": "C", "old_path": "src"}}
    assert change(revisions=revision).files == ("src/a.py", "new.py", "old.py", "copy.py")
    assert change(files=False).files is None
    lookup, rest = lookup_of({CHANGE: detail()})
    for files in (True, False):
        lookup.look(Need(item="gerrit:7", repo="plugins/x", files=files))
    assert [("o", "CURRENT_FILES") in options for _, _, options in rest.asked] == [True, False]


def test_uploader_author_and_co_authors_are_authors() -> None:
    revisions = detail()["revisions"]
    info = next(iter(revisions.values()))
    info["uploader"] = BOB
    info["commit"]["message"] = "Tea\n\nCo-Authored-By: Cyd <CYD@example.org>\nco-authored-by: X <x@example.org>\n"
    cyd = Person(key="cyd", gerrit="cyd", emails=("cyd@example.org",))
    assert change((cyd,), revisions=revisions).authors == ("3", "4")
    info["commit"]["message"] = "Tea\n\nNot Co-Authored-By: Cyd <cyd@example.org>\n"
    info["commit"]["author"]["email"] = "Cyd@example.org"
    assert change((cyd,), revisions=revisions).authors == ("3", "4")
    assert change(revisions=revisions).authors == ("3",)


def test_who_was_taken_off_by_a_person_is_told_and_by_whom() -> None:
    def update(reviewer: dict[str, Any], state: str, by: dict[str, Any]) -> dict[str, Any]:
        return {"updated": "2026-01-02 03:04:05.000000000", "updated_by": by, "reviewer": reviewer, "state": state}

    updates = [update(BOB, "REVIEWER", BOT), update(BOB, "REMOVED", ANN)]
    assert change(reviewer_updates=updates).removed == {"3": "ann"}
    assert change(reviewer_updates=[*updates, update(BOB, "REVIEWER", ANN)]).removed == {}
    assert change(reviewer_updates=[update(BOB, "REMOVED", BOT)]).removed == {}
    assert change(reviewer_updates=[update(BOB, "REMOVED", {})]).removed == {"3": "somebody"}


def test_a_change_that_is_gone_or_hidden_is_none_and_one_that_cannot_be_read_now_is_transient() -> None:
    bob, need = Person(key="bob", gerrit="bob"), {"item": "gerrit:7", "repo": "plugins/x"}
    lookup, rest = lookup_of({"accounts/bob/detail": BOB})
    facts = lookup.look(Need(**need, people=(bob,)))  # type: ignore[arg-type]
    assert (facts.change, facts.accounts, facts.seen) == (None, {"bob": "3"}, Clock().now)
    rest.table[CHANGE] = Transient("503")
    with pytest.raises(Transient):
        lookup.look(Need(**need))  # type: ignore[arg-type]


AT = "2026-01-02 03:04:05.000000000"
PATH = "changes/plugins%2Fx~7"
AROUND = f"{PATH}/revisions/{REVISION}"


def test_votes_and_turns_come_with_their_times() -> None:
    everybody = [BOB | {"value": -2, "date": AT}, CYD | {"value": 0}, DEE, ANN | {"value": 1, "date": AT}]
    labels = {"Code-Review": {"all": everybody}, "Verified": {}}
    facts = change(labels=labels, attention_set={"3": {"last_update": AT, "reason": "asked"}})
    assert facts.votes == (
        Ballot(label="Code-Review", value=-2, account="3", name="bob", at=NOW),
        Ballot(label="Code-Review", value=1, account="2", name="ann", at=NOW),
    )
    assert (facts.attention, facts.attention_since) == (("3",), {"3": NOW})


def test_where_it_was_picked_from_is_told() -> None:
    assert change(cherry_pick_of_change=5, cherry_pick_of_patch_set=1).cherry_pick_of == 5
    assert change().cherry_pick_of is None


def look(table: dict[str, Any], **need: Any) -> tuple[ChangeFacts | None, list[str]]:
    """The change, and the paths that were asked for besides its details."""
    lookup, rest = lookup_of({CHANGE: detail()} | table)
    facts = lookup.look(Need(item="gerrit:7", repo="plugins/x", **need))
    return facts.change, [path for _, path, _ in rest.asked if path != CHANGE]


def test_what_nobody_needs_is_not_asked_for() -> None:
    seen, asked = look({})
    assert asked == []
    assert seen is not None
    assert (seen.related, seen.messages, seen.lines, seen.files) == (None, None, None, None)


def test_the_relation_chain_is_that_of_the_revision_seen() -> None:
    seen, asked = look({f"{AROUND}/related": {"changes": [{"_change_number": 8}, {"_change_number": 7}]}}, related=True)
    assert seen is not None
    assert (seen.related, asked) == ((8,), [f"{AROUND}/related"])


def test_added_lines_are_those_of_the_named_files_whether_or_not_files_are_needed() -> None:
    diff = {f"{AROUND}/files/src%2Fa.py/diff": {"content": [{"b": ["one", ""]}]}}
    for files in (True, False):
        seen, asked = look(diff, lines_of=("a.py", "b.py"), files=files)
        assert seen is not None
        assert seen.lines == {"src/a.py": ("one",)}
        assert seen.files == (("src/a.py",) if files else None)
        assert len(asked) == 1


def said(id_: str, text: str, by: dict[str, Any] = BOB) -> dict[str, Any]:
    return {"id": id_, "author": by, "date": AT, "message": text}


def test_commands_are_found_in_messages_without_a_further_call() -> None:
    seen, asked = look({CHANGE: detail(messages=[said("m1", "Patch Set 1:\n\nczar: claim")])}, listen=("czar",))
    assert seen is not None
    by = Account(username="bob", email="bob@example.org", name="bob")
    assert seen.messages == (Message(id="m1", by=by, account="3", at=NOW, lines=((2, "czar: claim"),)),)
    assert asked == []


def test_comments_are_asked_for_only_where_a_person_made_some() -> None:
    counted = "Patch Set 1:\n\n(1 comment)"
    for by, calls in ((BOB, 1), (BOT, 0)):
        table = {CHANGE: detail(messages=[said("m1", counted, by)]), f"{PATH}/comments": {"a.py": []}}
        seen, asked = look(table, listen=("czar",))
        assert seen is not None
        assert (seen.messages, len(asked)) == ((), calls)


def test_a_reply_of_the_web_page_is_found_in_its_comment() -> None:
    comment = {"id": "c1", "author": BOB, "updated": AT, "message": "Sure.\nczar: snooze 3d"}
    messages = [said("m1", "Patch Set 1:\n\n(1 comment)")]
    table = {CHANGE: detail(messages=messages), f"{PATH}/comments": {"/PATCHSET_LEVEL": [comment]}}
    seen, _ = look(table, listen=("czar",))
    assert seen is not None
    assert seen.messages is not None
    assert [(one.id, one.lines) for one in seen.messages] == [("c1", ((1, "czar: snooze 3d"),))]


def test_a_change_that_goes_between_two_calls_is_gone() -> None:
    assert look({}, related=True)[0] is None
    assert look({f"{AROUND}/related": NotFound("404")}, related=True)[0] is None


def test_turns_are_told_by_person_and_cannot_be_missing() -> None:
    table = {CHANGE: detail(), "accounts/bob/detail": BOB, "changes/": [{"_number": 9}]}
    lookup, _ = lookup_of(table)
    people = (Person(key="bob", gerrit="bob"), Person(key="zoe", gerrit="zoe"))
    need = Need(item="gerrit:7", repo="plugins/x", people=people, turns=True)
    assert lookup.look(need).turns == {"bob": ("gerrit:9",), "zoe": ()}
    assert lookup.look(Need(item="gerrit:7", repo="plugins/x", people=people)).turns is None
    lookup, _ = lookup_of(table | {"changes/": Refused("403")})
    with pytest.raises(Transient):
        lookup.look(need)


RELEASES = ("deliverables/**",)


def requests(table: dict[str, Any], **need: Any) -> ChangeFacts:
    """The change, where a reader takes each file's text for the version of a release."""

    def read(touched: Sequence[TouchedFile], tagged: Tagged) -> Request:
        texts = [(one.path, (one.after or b"").decode()) for one in touched]
        release = [(path, Release("openstack/nova", text, "5e" * 20)) for path, text in texts]
        return Request(wanted=tuple(Wanted(release=one, file=path, kind="new-version") for path, one in release))

    lookup = GerritLookup(Answers({CHANGE: with_times(detail())} | table), Clock(), read)
    facts = lookup.look(Need(item="gerrit:7", repo="plugins/x", request=RELEASES, **need))
    assert facts.change is not None
    return facts.change


def with_times(info: dict[str, Any]) -> dict[str, Any]:
    for revision in info["revisions"].values():
        revision["created"] = AT
    return info


def test_a_request_comes_with_all_uploads_and_with_the_votes_that_messages_tell() -> None:
    vote = said("m1", "Patch Set 2: Code-Review+1") | {"_revision_number": 2}
    table = {
        CHANGE: with_times(detail(messages=[vote, said("m2", "Patch Set 2:\n\nczar: signoff")])),
        f"{AROUND}/files/": {"deliverables/a.yaml": {"status": "A"}, "src/a.py": {}},
        f"{AROUND}/files/deliverables%2Fa.yaml/content": b"1.0",
    }
    seen = requests(table, listen=("czar",))
    assert seen.request is not None
    assert [one.version for one in seen.request.releases] == ["1.0"]
    assert [(one.patch_set, one.uploader) for one in seen.uploads] == [(2, "2")]
    assert seen.messages is not None
    assert [(one.id, one.votes, len(one.lines)) for one in seen.messages] == [
        ("m1", (("Code-Review", 1),), 0),
        ("m2", (), 1),
    ]
    alone = requests(table)
    assert alone.messages is not None
    assert [one.id for one in alone.messages] == ["m1"]


def test_all_revisions_are_asked_for_where_a_request_is() -> None:
    lookup, rest = lookup_of({CHANGE: detail()})
    seen = lookup.look(Need(item="gerrit:7", repo="plugins/x", request=RELEASES)).change
    assert seen is not None
    assert (seen.request, seen.uploads, seen.messages) == (None, (), ())  # nobody reads requests here
    assert ("o", "ALL_REVISIONS") in rest.asked[0][2]


@pytest.mark.parametrize(("table", "tag"), [({"projects/a%2Fb": {}}, ""), ({}, None)])
def test_a_tag_is_looked_up_instead_of_a_change(table: dict[str, Any], tag: str | None) -> None:
    lookup, rest = lookup_of(table | {"accounts/bob/detail": BOB})
    bob = Person(key="bob", gerrit="bob")
    facts = lookup.look(Need(item="tag:a/b@1.0@x", repo="a/b", tag=True, people=(bob,)))
    assert (facts.tag, facts.change, facts.accounts, facts.seen) == (tag, None, {"bob": "3"}, Clock().now)
    assert "projects/a%2Fb/tags/1.0%40x" in [path for _, path, _ in rest.asked]

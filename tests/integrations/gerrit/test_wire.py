"""What Gerrit's lines become."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.contract import Malformed
from integrations.gerrit import catch_up, wire
from integrations.gerrit.stream import EVENT_TYPES
from rules import events as e

ROOT = Path(__file__).parents[3]
SAMPLES = [json.loads(line) for line in (ROOT / "tests/samples/gerrit/lines.jsonl").read_text().splitlines()]
RECORDING = ROOT / "integrations/sandbox/recordings/webhooks.events.jsonl.gz"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANN, BOB, CYD, ZUUL = (
    e.Account(username=name, email=f"{name}@example.org", name=f"{name.capitalize()} Example")
    for name in ("ann", "bob", "cyd", "zuul")
)
REV1, REV2, BEFORE, NOTHING = "1a" * 20, "2b" * 20, "4d" * 20, "0" * 40
ASKED_BY_NOBODY = {"custom-keyed-values-changed", "batch-ref-updated", "project-head-updated", "ref-replicated"}


def sample(kind: str, number: int = 0) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [line for line in SAMPLES if line["type"] == kind]
    return lines[number]


def raw(line: object) -> bytes:
    """As Gerrit writes it: no blanks between the parts."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def read(kind: str, **other: Any) -> Any:
    return wire.parse(raw(sample(kind) | other))


def test_every_kind_of_the_documentation_has_a_sample() -> None:
    assert {line["type"] for line in SAMPLES} >= {*EVENT_TYPES, *ASKED_BY_NOBODY}


@pytest.mark.parametrize(
    ("kind", "expected", "by"),
    [
        ("patchset-created", e.PatchsetCreated, BOB),
        ("comment-added", e.CommentAdded, CYD),
        ("reviewer-added", e.ReviewerAdded, ZUUL),
        ("reviewer-deleted", e.ReviewerRemoved, ANN),
        ("vote-deleted", e.VoteRemoved, ANN),
        ("change-merged", e.ChangeMerged, BOB),
        ("change-abandoned", e.ChangeAbandoned, ANN),
        ("change-restored", e.ChangeRestored, ANN),
        ("wip-state-changed", e.WipChanged, ANN),
        ("private-state-changed", e.PrivateChanged, ANN),
        ("topic-changed", e.TopicChanged, ANN),
        ("hashtags-changed", e.HashtagsChanged, ANN),
        ("change-deleted", e.ChangeDeleted, ANN),
    ],
)
def test_an_event_of_a_change_says_what_when_and_by_whom(kind: str, expected: type[e.Event], by: e.Account) -> None:
    event = read(kind)
    assert (type(event), event.at, event.by, event.item) == (expected, AT, by, "gerrit:4711")


def test_a_patch_set_comes_with_its_change() -> None:
    event = read("patchset-created")
    assert event.change == e.Change(
        number=4711,
        repo="plugins/made-up",
        branch="master",
        change_id="I" + "3c" * 20,
        subject="Brew tea",
        message=f"Brew tea\n\nWith milk.\n\nChange-Id: I{'3c' * 20}\n",
        topic="tea",
        hashtags=("hot",),
        owner=ANN,
        wip=True,
        created=datetime(2026, 1, 2, 2, 54, 5, tzinfo=UTC),
    )
    assert event.patch_set == e.PatchSet(number=2, revision=REV2, uploader=BOB, author=ANN, size=20)


def test_what_each_kind_adds_is_there() -> None:
    comment = read("comment-added")
    assert comment.text.endswith("More sugar.")
    assert comment.votes == (e.Vote(label="Verified", value=0), e.Vote(label="Code-Review", value=-1, old=2))
    assert read("reviewer-added").reviewer == read("reviewer-deleted").reviewer == CYD
    assert read("vote-deleted").votes == (e.Vote(label="Code-Review", value=0, old=-2),)
    assert (read("change-merged").tip, read("change-merged").change.status) == ("5e" * 20, "MERGED")
    assert (read("change-abandoned").reason, read("change-restored").reason) == ("coffee it is", "tea after all")
    assert read("wip-state-changed").change.wip
    assert read("private-state-changed").change.private
    assert (read("topic-changed").old_topic, read("topic-changed").change.topic) == ("", "tea")
    assert (read("hashtags-changed").added, read("hashtags-changed").removed) == (("hot",), ("cold",))


def test_branches_and_tags_move() -> None:
    branch, tag, noise = (wire.parse(raw(sample("ref-updated", number))) for number in range(3))
    assert branch == e.BranchUpdated(
        at=AT, repo="plugins/made-up", ref="refs/heads/master", old=BEFORE, new=REV2, by=BOB
    )
    assert tag == e.TagPushed(at=AT, repo="plugins/made-up", ref="refs/tags/v1.2", old=NOTHING, new=REV2, by=BOB)
    assert noise is None


def test_a_new_project_and_dropped_output_are_heard() -> None:
    assert read("project-created") == e.ProjectCreated(at=AT, repo="plugins/made-up")
    assert read("dropped-output") == e.EventsDropped(at=AT)
    assert [line["type"] for line in SAMPLES if wire.is_dropped_output(raw(line))] == ["dropped-output"]


@pytest.mark.parametrize("kind", sorted(ASKED_BY_NOBODY))
def test_kinds_nobody_asks_about_are_none(kind: str) -> None:
    assert read(kind) is None


def test_old_servers_send_numbers_as_text() -> None:
    line = sample("patchset-created")
    old = line | {"change": line["change"] | {"number": "4711"}, "patchSet": line["patchSet"] | {"number": "2"}}
    assert wire.parse(raw(old)) == wire.parse(raw(line))


@pytest.mark.parametrize("kind", sorted({line["type"] for line in SAMPLES} - ASKED_BY_NOBODY))
def test_any_field_but_the_change_may_be_missing(kind: str) -> None:
    line = sample(kind)
    for name in line.keys() - {"type", "change", "refUpdate"}:
        assert wire.parse(raw({key: value for key, value in line.items() if key != name})) is not None, name


def test_an_account_may_lack_a_username_or_be_absent() -> None:
    assert read("comment-added", author={"name": "Zoe"}).by == e.Account(name="Zoe")
    line = sample("change-abandoned")
    del line["abandoner"]
    assert getattr(wire.parse(raw(line)), "by") is None  # noqa: B009  the server itself did it


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "not a stream event"),
        (b"[]", "not a stream event"),
        (b'{"type":7}', "not a stream event"),
        (b'{"type":"patchset-created","eventCreatedOn":1', "not a stream event"),
        (b'{"type":"patchset-created"}', "has no change"),
        (b'{"type":"ref-updated"}', "has no refUpdate"),
        (b'{"type":"patchset-created","change":{"number":"x"}}', "patchset-created"),
        (b'{"type":"comment-added","change":{"number":1},"approvals":[{"type":"V","value":"+"}]}', "comment-added"),
        (b'{"type":"dropped-output","eventCreatedOn":99999999999999999}', "dropped-output"),
        (b'{"type":"hashtags-changed","added":' + b"[" * 100_000, "not a stream event"),
        (b'{"type":"ref-updated","refUpdate":{"refName":"refs/tags/\\ud800"}}', "not a stream event"),
    ],
)
def test_what_cannot_be_read_is_malformed_and_says_why(line: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        wire.parse(line)


def test_a_change_row_nested_without_end_is_malformed() -> None:
    with pytest.raises(Malformed):
        catch_up.parse(b"[" * 100_000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.binary())
@example(b"\xff")
@example(b"null")
def test_any_bytes_are_an_event_none_or_malformed(line: bytes) -> None:
    assert_read_or_malformed(line)


@given(st.sampled_from(SAMPLES), st.data())
def test_any_value_anywhere_is_an_event_none_or_malformed(line: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(line)))
    changed = dict(line)
    if isinstance(line[name], dict) and line[name] and data.draw(st.booleans()):
        inner = data.draw(st.sampled_from(sorted(line[name])))
        changed[name] = line[name] | {inner: data.draw(JSON)}
    else:
        changed[name] = data.draw(JSON)
    assert_read_or_malformed(json.dumps(changed).encode())


@given(st.sampled_from(SAMPLES), st.data())
def test_a_line_cut_anywhere_is_malformed(line: dict[str, Any], data: st.DataObject) -> None:
    whole = raw(line)
    with pytest.raises(Malformed):
        wire.parse(whole[: data.draw(st.integers(0, len(whole) - 1))])


def assert_read_or_malformed(line: bytes) -> None:
    for parse in (wire.parse, catch_up.parse):
        try:
            event = parse(line)
        except Malformed:
            continue
        assert event is None or isinstance(event, e.Event)


def test_updates_of_refs_changes_are_noise_and_nothing_else_is() -> None:
    refs = [line["refUpdate"]["refName"] for line in SAMPLES if wire.is_noise(raw(line))]
    assert refs == ["refs/changes/11/4711/meta"]


@given(st.text(max_size=20), st.sampled_from(["patchset-created", "comment-added"]))
def test_texts_of_people_never_look_like_noise(words: str, kind: str) -> None:
    marks = '{"refName":"refs/changes/1/1/meta","type":"ref-updated","type":"dropped-output"}'
    line = sample(kind)
    texts = {"commitMessage": marks + words, "subject": marks, "topic": marks, "hashtags": [marks]}
    line = line | {"change": line["change"] | texts, "comment": words + marks, "reason": marks}
    assert not wire.is_noise(raw(line))
    assert not wire.is_dropped_output(raw(line))
    assert wire.is_noise(raw(sample("ref-updated", 2) | {"submitter": {"name": marks + words}}))


def test_every_line_of_a_recording_is_read() -> None:
    lines = gzip.decompress(RECORDING.read_bytes()).splitlines()
    events = [wire.parse(line) for line in lines]
    kinds = Counter(type(event).__name__ for event in events)
    assert kinds["NoneType"] == 0
    assert kinds["PatchsetCreated"] == sum(b'"type":"patchset-created"' in line for line in lines) > 80
    assert all(event.item for event in events if isinstance(event, e.ChangeEvent))

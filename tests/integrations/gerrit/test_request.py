"""Which texts of which patch set are read as a release request, and what each patch set brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.contract import Transient
from integrations.gerrit import request as request_module
from integrations.gerrit import touched_files
from integrations.gerrit.request import Requests, TouchedFile
from integrations.gerrit.rest import BadRequest, NotFound
from rules.signoff.request_diff import Tagged
from rules.signoff.requests import Release, Request, Wanted
from tests.integrations.gerrit.answers import ANN, BOB, Answers, Clock

PATH = "changes/openstack%2Freleases~7"
FILES = ("deliverables/**/*.yaml",)
NOVA = "deliverables/z/nova.yaml"
ONE, TWO, THREE = "1a" * 20, "2b" * 20, "3c" * 20
REGULAR, LINK, SUBMODULE = 0o100644, 0o120000, 0o160000


def revision(number: int, by: dict[str, Any] = ANN, **more: Any) -> dict[str, Any]:
    return {
        "_number": number,
        "uploader": by,
        "kind": "REWORK",
        "created": f"2026-01-0{number} 03:04:05.000000000",
    } | more


def detail(*numbers: int, **of_last: Any) -> dict[str, Any]:
    """A change with these patch sets; the third one's SHA is THREE."""
    revisions = {sha: revision(n) for n, sha in enumerate((ONE, TWO, THREE), 1) if n in (numbers or (1,))}
    current = list(revisions)[-1]
    revisions[current] |= of_last
    where = {"project": "openstack/releases", "branch": "master", "status": "NEW"}
    return {"revisions": dict(reversed(revisions.items())), "current_revision": current} | where


def name(path: str) -> str:
    return path.replace("/", "%2F")


def commit(
    sha: str, files: dict[str, dict[str, Any]], after: dict[str, bytes], before: dict[str, bytes] | None = None
) -> dict[str, Any]:
    """What the server answers about one commit; an unknown content is not there."""

    def content(path: str) -> Any:
        def give(params: list[tuple[str, str]]) -> bytes:
            texts = before or {} if params == [("parent", "1")] else after
            if path not in texts:
                raise NotFound("404 Not Found")
            return texts[path]

        return give

    where = f"{PATH}/revisions/{sha}/files/"
    listed = {"/COMMIT_MSG": {"status": "A"}, "/MERGE_LIST": {"status": "A"}} | files
    return {where: listed} | {f"{where}{name(path)}/content": content(path) for path in {**after, **(before or {})}}


def lines(touched: Sequence[TouchedFile], tagged: Tagged) -> Request:
    """A reader of files with one `version` a line."""
    new = []
    for file in touched:
        old = (file.before or b"").split()
        new += [(file.path, word.decode()) for word in (file.after or b"").split() if word not in old]
    return Request(
        wanted=tuple(Wanted(release=release(version), file=path, kind="new-version") for path, version in new)
    )


def release(version: str) -> Release:
    return Release("openstack/nova", version, "5e" * 20)


def versions(releases: Sequence[Release]) -> list[str]:
    return [one.version for one in releases]


class Reader:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[TouchedFile, ...]] = []

    def __call__(self, touched: Sequence[TouchedFile], tagged: Tagged) -> Request:
        self.given.append(tuple(touched))
        return lines(touched, tagged)


def read(
    *tables: dict[str, Any], change: dict[str, Any] | None = None
) -> tuple[Request, list[tuple[TouchedFile, ...]]]:
    rest, reader = Answers({path: found for table in tables for path, found in table.items()}), Reader()
    request, _ = Requests(rest, Clock(), reader).of(PATH, change or detail(), FILES)
    return request, reader.given


def test_before_is_the_first_parent_and_only_release_files_count() -> None:
    files: dict[str, dict[str, Any]] = {
        NOVA: {"size": 4, "size_delta": 2},
        "deliverables/a.yml": {"status": "A"},
        "README": {},
    }
    request, given = read(commit(ONE, files, {NOVA: b"1 2"}, {NOVA: b"1"}))
    assert given == [(TouchedFile(NOVA, b"1", b"1 2"),)]
    assert versions(request.releases) == ["2"]


def test_a_renamed_file_is_one_that_goes_and_one_that_comes() -> None:
    old, new, gone, copy = (f"deliverables/z/{letter}.yaml" for letter in "abcd")
    files: dict[str, dict[str, Any]] = {
        new: {"status": "R", "old_path": old},
        gone: {"status": "D"},
        copy: {"status": "C", "old_path": old},
        "elsewhere": {"status": "R", "old_path": NOVA},
    }
    _, given = read(commit(ONE, files, {new: b"1", copy: b"1"}, {old: b"1", gone: b"2", NOVA: b"3"}))
    assert given == [
        (
            TouchedFile(old, b"1", None),
            TouchedFile(new, None, b"1"),
            TouchedFile(gone, b"2", None),
            TouchedFile(copy, None, b"1"),
            TouchedFile(NOVA, b"3", None),
        )
    ]


def test_the_first_commit_of_all_has_no_parent() -> None:
    table = commit(ONE, {NOVA: {"status": "A"}}, {NOVA: b"1"})
    where = f"{PATH}/revisions/{ONE}/files/"
    listed = table[where]

    def files(params: list[tuple[str, str]]) -> Any:
        return BadRequest("400 invalid parent number: 1", "") if params else listed

    assert versions(read(table | {where: files})[0].releases) == ["1"]
    with pytest.raises(BadRequest):
        read({where: BadRequest("400 whatever", "")})


@pytest.mark.parametrize(
    ("info", "because"),
    [
        ({"new_mode": LINK, "size": 3}, "is a symbolic link, not a file of its own"),
        ({"new_mode": SUBMODULE}, "is a submodule, not a file of its own"),
        ({"new_mode": REGULAR, "size": 1_000_001}, "has 1000001 bytes; more than 1000000 are not read"),
    ],
)
def test_what_is_no_file_or_too_large_is_refused_and_not_fetched(info: dict[str, Any], because: str) -> None:
    request, given = read(commit(ONE, {NOVA: {"status": "A"} | info}, {}))
    assert [str(one) for one in request.refusals] == [f"{NOVA}: {because}"]
    assert given == [()]


@pytest.mark.parametrize("info", [{"old_mode": LINK}, {"old_mode": SUBMODULE}, {"size": 2, "size_delta": -2_000_000}])
def test_what_was_no_file_before_refuses_nothing_and_all_of_it_is_new(info: dict[str, Any]) -> None:
    request, given = read(commit(ONE, {NOVA: {"new_mode": REGULAR} | info}, {NOVA: b"1"}))
    assert (given, request.refusals) == ([(TouchedFile(NOVA, b"", b"1"),)], ())
    request, given = read(commit(ONE, {NOVA: {"status": "D"} | info}, {}))
    assert (given, request.refusals) == ([(TouchedFile(NOVA, b"", None),)], ())


def test_too_many_files_are_refused_without_a_look_into_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched_files, "MOST_FILES", 2)
    paths = [f"deliverables/{n}.yaml" for n in range(3)]
    request, given = read(commit(ONE, {path: {"status": "A"} for path in paths}, {}))
    assert [str(one) for one in request.refusals] == [f"{paths[0]}: touches more than 2 release files: split it"]
    assert given == []
    monkeypatch.setattr(touched_files, "MOST_FILES", 3)
    monkeypatch.setattr(touched_files, "MOST_BYTES", 2_000_000)
    request, given = read(commit(ONE, {path: {"status": "A", "size": 900_000} for path in paths}, {}))
    (refusal,) = request.refusals
    assert refusal.because == "touches release files of more than 2 MB in all: split it"


def test_many_files_are_fetched_by_several_threads_in_their_order() -> None:
    texts = {f"deliverables/{n:02}.yaml": b"%d" % n for n in range(30)}
    rest = Answers(commit(ONE, {path: {"status": "A"} for path in texts}, texts))
    request, _ = Requests(rest, Clock(), lines, at_once=4).of(PATH, detail(), FILES)
    assert versions(request.releases) == [str(n) for n in range(30)]


def test_a_listed_file_that_is_not_given_is_looked_for_again() -> None:
    with pytest.raises(Transient, match="listed"):
        read(commit(ONE, {NOVA: {"status": "A"}}, {}))


def test_the_current_patch_set_must_be_readable() -> None:
    with pytest.raises(Transient, match="patch set 1"):
        read({})
    with pytest.raises(Transient, match="no patch set"):
        read({}, change={"revisions": {}, "current_revision": ""})


def test_what_stands_on_another_branch_is_refused() -> None:
    rest = Answers(added(ONE, b"1") | {"changes/": []})
    elsewhere = detail(commit={"parents": [{"commit": THREE}]})
    (refusal,) = Requests(rest, Clock(), lines).of(PATH, elsewhere, FILES)[0].refusals
    assert "rebase" in refusal.because


def added(sha: str, text: bytes) -> dict[str, Any]:
    return commit(sha, {NOVA: {"status": "A"}}, {NOVA: text})


def brought(change: dict[str, Any], *tables: dict[str, Any]) -> list[list[str]]:
    rest = Answers({path: found for table in tables for path, found in table.items()})
    _, uploads = Requests(rest, Clock(), lines).of(PATH, change, FILES)
    return [versions(upload.brought) for upload in uploads]


def test_each_patch_set_brings_what_the_one_before_has_not() -> None:
    three = (added(ONE, b"1"), added(TWO, b"1 2"), added(THREE, b"1 2"))
    assert brought(detail(1, 2, 3), *three) == [["1"], ["2"], []]
    assert brought(detail(1, 3), *three) == [["1"], ["2"]]


@pytest.mark.parametrize("kind", ["TRIVIAL_REBASE", "NO_CODE_CHANGE", "NO_CHANGE", "MERGE_FIRST_PARENT_UPDATE"])
def test_who_rebases_or_edits_the_message_brings_nothing(kind: str) -> None:
    assert brought(detail(1, 2, kind=kind), added(ONE, b"1"), added(TWO, b"1 2")) == [["1"], []]


def test_nothing_is_known_to_be_new_after_a_patch_set_that_cannot_be_read() -> None:
    assert brought(detail(1, 2, 3), added(ONE, b"1"), added(THREE, b"1 2")) == [["1"], [], []]


def test_nor_after_one_that_is_refused_lest_who_mends_it_has_signed_it() -> None:
    link = commit(ONE, {NOVA: {"new_mode": LINK, "size": 3}}, {})
    assert brought(detail(1, 2, 3), link, added(TWO, b"1 2"), added(THREE, b"1 2 3")) == [[], [], ["3"]]


def test_an_upload_is_its_uploaders_unless_somebody_made_it_in_their_name() -> None:
    table = added(ONE, b"1")

    def upload(**more: Any) -> Any:
        return Requests(Answers(table), Clock(), lines).of(PATH, detail(1, **more), FILES)[1][0]

    found = upload(uploader=BOB)
    assert (found.patch_set, found.revision, found.uploader) == (1, ONE, "3")
    assert found.at == datetime(2026, 1, 1, 3, 4, 5, tzinfo=UTC)
    assert upload(uploader=BOB, real_uploader=ANN).uploader == ""
    assert upload(uploader=BOB, real_uploader=BOB).uploader == "3"
    assert upload(uploader={}).uploader == ""


def test_a_commit_is_read_once_and_again_where_a_tag_that_mattered_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def reader(touched: Sequence[TouchedFile], tagged: Tagged) -> Request:
        asked.append(tagged("openstack/nova", "1"))
        return lines(touched, tagged)

    rest, clock = Answers(added(ONE, b"1") | added(TWO, b"2") | {"projects/openstack%2Fnova": {}}), Clock()
    requests = Requests(rest, clock, reader)

    def again(sha: str = ONE) -> int:
        """How often it has been read by now."""
        clock.now = clock.now.replace(minute=clock.now.minute + 2)
        requests.of(PATH, detail() | {"revisions": {sha: revision(1)}, "current_revision": sha}, FILES)
        return len(asked)

    assert (again(), again()) == (1, 1)
    rest.table["projects/openstack%2Fnova/tags/1"] = {"ref": "refs/tags/1", "revision": "5e" * 20}
    assert (again(), again()) == (2, 2)
    assert asked == ["", "5e" * 20]
    monkeypatch.setattr(request_module, "MOST_KNOWN", 1)
    assert (again(TWO), again(TWO), again(), again(TWO)) == (3, 3, 4, 5)

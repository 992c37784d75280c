"""The release request of a change: the release files that each of its patch sets touches, before and after, read by
whom we are handed, and what each patch set brought.

Before is always the first parent. Of a merge the server compares with what it would have merged itself by default, and
an empty list of files must never mean that nothing is asked for.

What a commit holds never changes, so it is read once; which tags are there does, so those that mattered are looked up
each time, and a commit is read again where one of them is another now.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.pool import ThreadPool
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from integrations.contract import Transient
from integrations.gerrit.grounds import Grounds
from integrations.gerrit.infos import account_id, instant
from integrations.gerrit.rest import BadRequest, NotFound, Rest
from integrations.gerrit.tags import Tags
from integrations.gerrit.touched_files import Pair, Side, oddities, path_of, too_much, touched_in
from rules.facts import UNKNOWN
from rules.patterns import pattern
from rules.signoff.request_diff import Tagged
from rules.signoff.requests import Release, Request, Upload

MOST_KNOWN = 5_000  # patch sets remembered
FEW = 8  # calls not worth threads
UNREADABLE = b""
FROM_FIRST_PARENT = (("parent", "1"),)
REWORK = "REWORK"  # the kind of a patch set whose uploader changed its content


class TouchedFile(NamedTuple):
    """A release file before and after a patch set; None where it is not there. A renamed one is two of these."""

    path: str
    before: bytes | None
    after: bytes | None


_Key = tuple[str, tuple[str, ...]]  # a commit and the patterns of release files
_One = TypeVar("_One")
_Other = TypeVar("_Other")

ReadRequest = Callable[[Sequence[TouchedFile], Tagged], Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A commit's request, and the tags that it was read by."""

    request: Request
    tags: Mapping[tuple[str, str], str | None]


class Requests:
    """Reads release requests, `at_once` files at a time. Any thread may use it."""

    def __init__(self, rest: Rest, clock: Callable[[], datetime], read: ReadRequest, *, at_once: int = 1) -> None:
        self._rest = rest
        self._tags = Tags(rest, clock)
        self._grounds = Grounds(rest)
        self._read = read
        self._at_once = at_once
        self._known: OrderedDict[_Key, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, path: str, detail: Mapping[str, Any], patterns: tuple[str, ...]) -> tuple[Request, tuple[Upload, ...]]:
        """What the current patch set asks for in files of the patterns, and what each patch set brought. `path` is the
        change's, `detail` it with all revisions and the current commit. Raises Transient, Refused.
        """
        uploads: list[Upload] = []
        request: Request | None = None
        before: Request | None = Request()
        for revision, info in sorted(detail["revisions"].items(), key=lambda one: one[1]["_number"]):
            request = self._request(f"{path}/revisions/{revision}", revision, patterns)
            if request is None and revision == detail["current_revision"]:
                raise Transient(f"the server does not give us patch set {info['_number']}, which is the current one")
            uploads.append(_upload(revision, info, _brought(info, request, before)))
            before = None if request and request.refusals else request
        if request is None:
            raise Transient("the change has no patch set")
        if problem := self._grounds.problem(detail):
            request = replace(request, refusals=(problem, *request.refusals))
        return request, tuple(uploads)

    def _request(self, path: str, revision: str, patterns: tuple[str, ...]) -> Request | None:
        """None where the patch set cannot be read, any more."""
        key = (revision, patterns)
        known = self._remembered(key)
        if known and self._tags_now(known.tags) == list(known.tags.values()):
            return known.request
        tags: dict[tuple[str, str], str | None] = {}

        def noted(repo: str, version: str) -> str | None:
            tags[repo, version] = self._tags.of(repo, version)
            return tags[repo, version]

        try:
            request = self._fresh(path, patterns, noted)
        except NotFound:
            return None
        self._remember(key, _Known(request=request, tags=tags))
        return request

    def _remembered(self, key: _Key) -> _Known | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _remember(self, key: _Key, known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)

    def _fresh(self, path: str, patterns: tuple[str, ...], tagged: Tagged) -> Request:
        pairs = touched_in(self._files(path), pattern(patterns))
        if problem := too_much(pairs):
            return Request(refusals=(problem,))
        odd = [problem for pair in pairs if pair.after for problem in oddities(pair.after)]
        fine = [pair for pair in pairs if not (pair.after and any(oddities(pair.after)))]
        request = self._read(self._touched(path, fine), tagged)
        return replace(request, refusals=(*odd, *request.refusals))

    def _files(self, path: str) -> Mapping[str, Any]:
        try:
            files: Mapping[str, Any] = self._rest.get(f"{path}/files/", FROM_FIRST_PARENT)
        except BadRequest as error:
            if "invalid parent" not in str(error):
                raise
            files = self._rest.get(f"{path}/files/")  # the first commit of all
        return files

    def _touched(self, path: str, pairs: Sequence[Pair]) -> tuple[TouchedFile, ...]:
        sides = [side for pair in pairs for side in pair if side]
        texts = iter(self._texts(path, sides))
        return tuple(TouchedFile(path_of(pair), *(side and next(texts) for side in pair)) for pair in pairs)

    def _texts(self, path: str, sides: Sequence[Side]) -> list[bytes]:
        return self._each(lambda side: self._text(path, side), sides)

    def _tags_now(self, tags: Iterable[tuple[str, str]]) -> list[str | None]:
        return self._each(lambda tag: self._tags.of(*tag), list(tags))

    def _each(self, what: Callable[[_One], _Other], those: Sequence[_One]) -> list[_Other]:
        """In the same order. Threads of a pool end with the process, whatever they wait for."""
        if self._at_once == 1 or len(those) <= FEW:
            return [what(one) for one in those]
        with ThreadPool(self._at_once) as pool:
            return pool.map(what, those)

    def _text(self, path: str, side: Side) -> bytes:
        if any(oddities(side)):
            return UNREADABLE  # as it was before: nobody has to mend the past, and all that comes is new
        where = f"{path}/files/{quote(side.path, safe='')}/content"
        try:
            return self._rest.get_file(where, FROM_FIRST_PARENT if side.of_parent else ())
        except (NotFound, BadRequest) as error:  # it was listed: this does not say that the patch set is gone
            raise Transient(f"a file that is listed cannot be read: {error}") from error


def _brought(info: Mapping[str, Any], request: Request | None, before: Request | None) -> tuple[Release, ...]:
    """What is new in a patch set. Who pressed Rebase or edited the message brought nothing; what follows on a patch set
    that cannot be read, or not as a request, is not known to be new.
    """
    reworked = info["_number"] == 1 or info.get("kind", REWORK) == REWORK
    if request is None or before is None or not reworked:
        return ()
    return tuple(release for release in request.releases if release not in before.releases)


def _upload(revision: str, info: Mapping[str, Any], brought: tuple[Release, ...]) -> Upload:
    """A patch set is nobody's doing where it was uploaded in their name."""
    uploader = account_id(info.get("uploader", {}))
    real = account_id(info.get("real_uploader") or info.get("uploader", {}))
    return Upload(
        patch_set=info["_number"],
        revision=revision,
        uploader=uploader if real == uploader else UNKNOWN,
        at=instant(info["created"]),
        brought=brought,
    )

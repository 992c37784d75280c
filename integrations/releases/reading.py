"""From the texts of release files before and after a change to what the change asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from integrations.releases.shapes import Fault, Reading, reading
from rules.signoff.request_diff import Tagged, Touched, compared
from rules.signoff.requests import Problem, Request


@dataclass(frozen=True, slots=True)
class FileText:
    """A touched file's text before and after; None where it is not there. A renamed file is two: one that goes and
    one that comes.
    """

    path: str
    before: str | bytes | None
    after: str | bytes | None


@dataclass(frozen=True, slots=True)
class Texts:
    """A touched file's texts, read."""

    path: str
    before: Reading | None
    after: Reading | None


def read_request(files: Sequence[FileText], tagged: Tagged | None = None) -> Request:
    """All that a change to these release files asks for; never raises for what is in them.

    `tagged(repo, version)` gives the commit that a tag is on, "" where there is none, None where that cannot be known
    (then it counts as not there). Without `tagged` nothing is said of hidden tags but what the files prove.
    What cannot be read before the change, and can be after it, refuses nothing: all of the file is new then.
    """
    return request_of(read_texts(files), tagged)


def read_texts(files: Sequence[FileText]) -> tuple[Texts, ...]:
    """The files' values, with what is wrong in them."""
    return tuple(Texts(one.path, _read(one.path, one.before), _read(one.path, one.after)) for one in files)


def request_of(texts: Sequence[Texts], tagged: Tagged | None = None) -> Request:
    """As `read_request`, of files that are read already."""
    request = compared([_touched(one) for one in texts], tagged)
    judged = [(one.path, fault, refuses) for one in texts for fault, refuses in _judged(one.before, one.after)]
    found = [(Problem(file=path, line=fault.line, because=fault.because), refuses) for path, fault, refuses in judged]
    return replace(
        request,
        refusals=(*(problem for problem, refuses in found if refuses), *request.refusals),
        notes=(*(problem for problem, refuses in found if not refuses), *request.notes),
    )


def _read(path: str, text: str | bytes | None) -> Reading | None:
    return None if text is None else reading(path, text)


def _touched(texts: Texts) -> Touched:
    """What cannot be read lists nothing; after the change it is refused anyway."""
    before, after = (one.file if one else None for one in (texts.before, texts.after))
    known = texts.before is None or texts.before.whole
    return Touched(path=texts.path, before=before, after=after, is_before_known=known)


def _judged(before: Reading | None, after: Reading | None) -> Iterator[tuple[Fault, bool]]:
    """What is wrong after the change, and whether it refuses it: not where it was so before and the tagger leaves it
    alone.
    """
    if after is None:
        return
    if before and not before.whole and after.whole:
        yield Fault(line=0, because="could not be read before this change: all its releases count as new"), False
    known = {fault.about for fault in before.faults} if before else set()
    for fault in after.faults:
        old = fault.about in known and not fault.live
        if fault.grave or not old:
            yield fault, fault.grave and not old

"""Recorded requests, read one after the other: what earlier ones showed of other files helps with later ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrations.releases.reading import FileText, Texts, read_texts, request_of
from rules.signoff.requests import Release, Request, Wanted


class Recording:
    """What is known of all files so far; hand in requests from the oldest to the newest."""

    def __init__(self) -> None:
        self._listed: dict[str, frozenset[Release]] = {}  # by path
        self._files: dict[Release, frozenset[str]] = {}  # the same the other way round

    def read(self, files: Sequence[FileText]) -> Request:
        """What a change asks for. Its releases that another file listed when last seen have provenance unknown where
        the change does not touch that file: nobody can tell whether it still did.
        """
        read = read_texts(files)
        request = request_of(read)
        touched = frozenset(one.path for one in read)
        wanted = tuple(self._judged(one, touched) for one in request.wanted)
        for one in read:
            self._learn(one)
        return replace(request, wanted=wanted)

    def _judged(self, wanted: Wanted, touched: frozenset[str]) -> Wanted:
        elsewhere = self._files.get(wanted.release, frozenset()) - touched
        if wanted.provenance != "fresh" or not elsewhere:
            return wanted
        return replace(wanted, provenance="unknown", origin=min(elsewhere))

    def _learn(self, read: Texts) -> None:
        listed = frozenset(one.release for one in read.after.file.listed()) if read.after else frozenset()
        before = self._listed.pop(read.path, frozenset())
        for release in before - listed:
            self._files[release] -= {read.path}
        for release in listed - before:
            self._files[release] = self._files.get(release, frozenset()) | {read.path}
        if listed:
            self._listed[read.path] = listed

"""Recorded requests in a row: what another file was last seen to list is not called fresh."""

from __future__ import annotations

from integrations.releases.reading import FileText
from integrations.releases.recorded import Recording
from tests.integrations.releases.makers import NOVA, TWO, release, text

OLDER = "deliverables/yoga/nova.yaml"


def provenance(recording: Recording, path: str, before: str | None, after: str | None) -> list[tuple[str, str]]:
    return [(one.provenance, one.origin) for one in recording.read([FileText(path, before, after)]).wanted]


def test_what_another_file_listed_when_last_seen_may_be_a_copy() -> None:
    recording = Recording()
    assert provenance(recording, OLDER, None, text(release("1.0.0"))) == [("fresh", "")]
    assert provenance(recording, NOVA, None, text(release("1.0.0"))) == [("unknown", OLDER)]


def test_another_hash_is_fresh() -> None:
    recording = Recording()
    provenance(recording, OLDER, None, text(release("1.0.0")))
    assert provenance(recording, NOVA, None, text(release("1.0.0", TWO))) == [("fresh", "")]


def test_what_the_other_file_lists_no_more_is_forgotten() -> None:
    recording = Recording()
    provenance(recording, OLDER, None, text(release("1.0.0")))
    provenance(recording, OLDER, text(release("1.0.0")), None)
    assert provenance(recording, NOVA, None, text(release("1.0.0"))) == [("fresh", "")]


def test_the_file_itself_is_no_other_file() -> None:
    recording = Recording()
    provenance(recording, NOVA, None, text(release("1.0.0")))
    assert provenance(recording, NOVA, text(), text(release("1.0.0"))) == [("fresh", "")]


def test_a_file_that_the_change_touches_needs_no_guess() -> None:
    recording = Recording()
    old = text(release("1.0.0"))
    provenance(recording, OLDER, None, old)
    request = recording.read([FileText(OLDER, old, None), FileText(NOVA, None, old)])
    assert [(one.provenance, one.origin) for one in request.wanted] == [("moved", OLDER)]

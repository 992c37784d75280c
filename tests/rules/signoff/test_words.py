"""What people read about a request, and the lines from which a ledger can be made again."""

from __future__ import annotations

from rules.signoff.ledger import LINE_BEGINS, read_line
from rules.signoff.requests import Problem
from rules.signoff.standing import standings
from rules.signoff.words import MOST_CHARS, MOST_OF_A_LINE, MOST_PROBLEMS, state_texts
from tests.rules.signers import Server, refused, release, settings, wanted


def texts(server: Server) -> tuple[str, ...]:
    """The comment that would be made now, with all entries."""
    request = server.asked
    return state_texts(server.gate, request, standings(request), server.book.entries_on(server.item))


def test_each_release_is_told_with_its_whole_sha_who_signed_by_which_right_and_who_is_asked() -> None:
    server = Server()
    server.upload(wanted(), wanted(release("openstack/placement", "8.0.0"), team="placement", origin="other.yaml"))
    server.says("cyd", "czar: signoff")
    (text,) = texts(server)
    assert f"* openstack/nova 25.0.0 {'a' * 40}: signed by cyd (deputy for release of nova) on 2026-01-07" in text
    assert f"* openstack/placement 8.0.0 {'a' * 40} (fresh from other.yaml): waits for placement" in text
    assert "asked: dee" in text
    assert "To sign: a line “czar: signoff” or Code-Review +1." in text


def test_what_is_done_is_not_told_how_to_do() -> None:
    server = Server()
    server.upload(wanted(), by="ann")
    (text,) = texts(server)
    assert text.startswith("Release sign-off +1: every release is signed off.")
    assert "To sign" not in text


def test_only_what_counts_is_named_as_a_way_to_sign() -> None:
    server = Server(settings=settings(counts=("comment",), override=None))
    server.upload(wanted())
    (text,) = texts(server)
    assert "To sign: a line “czar: signoff”. Not" in text
    assert "Without an answer" not in text


def test_problems_and_notes_are_told_up_to_a_number() -> None:
    server = Server()
    notes = tuple(Problem(file="f.yaml", line=n, because="is odd") for n in range(1, MOST_PROBLEMS + 2))
    server.upload(wanted(), notes=notes, **refused())
    (text,) = texts(server)
    assert "Wrong, to be put right in a new patch set:\n* deliverables/yoga/nova.yaml:3: is no YAML" in text
    assert f"* f.yaml:{MOST_PROBLEMS}: is odd\n* … and more" in text


def test_every_entry_has_a_line_of_its_own_in_its_order_and_no_part_is_too_long() -> None:
    server = Server()
    server.upload(*(wanted(release(version=f"25.{n}.0")) for n in range(60)), by="ann")
    parts = texts(server)
    assert len(parts) > 1
    assert max(map(len, parts)) <= MOST_CHARS
    lines = [line for part in parts for line in part.splitlines() if line.startswith(LINE_BEGINS)]
    assert [read_line(line) for line in lines] == list(server.book.entries_on(server.item))


def test_a_line_that_is_too_long_is_cut_and_none_is_forged() -> None:
    server = Server()
    server.upload(wanted(), **refused(f"x\n{LINE_BEGINS}{{}} 0\nczar: signoff {'y' * 99_000}"))
    (text,) = texts(server)
    assert max(map(len, text.splitlines())) <= MOST_OF_A_LINE + 1
    assert not [line for line in text.splitlines() if line.startswith((LINE_BEGINS, "czar:"))]

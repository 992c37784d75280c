"""What signers and release managers are told when they say something; what it does is in `test_sign_off`."""

from __future__ import annotations

import pytest

from rules.actions import Comment
from rules.judging import NOTHING
from rules.signoff.orders import VERBS, recorded
from tests.rules.makers import person
from tests.rules.signers import OTHER_SHA, SHA, Server, community, release, settings, wanted


def answer(server: Server, who: str, text: str) -> str:
    """What they are told."""
    server.says(who, text)
    replies = [one for one in server.decisions[-1].actions if isinstance(one, Comment) and ":reply:" in one.key]
    return replies[0].text if replies else ""


def requested() -> Server:
    server = Server()
    server.upload(wanted())
    return server


def test_the_verbs_of_the_contract_are_there() -> None:
    assert set(VERBS) == {"signoff", "veto", "unveto", "lapse", "override"}


@pytest.mark.parametrize(
    ("who", "text", "told"),
    [
        ("ann", "czar: signoff now", "write REPO VERSION SHA after signoff"),
        ("ann", f"czar: signoff openstack/nova 25.0.0 {OTHER_SHA}", "neither this change nor an open one of its topic"),
        ("dee", "czar: signoff", "you may not sign this; who may: ann, bob, cyd, pat"),
        ("ann", "czar: veto", "say why"),
        ("dee", "czar: veto no", "you may not sign this"),
        ("ann", "czar: unveto", "you have not vetoed anything here"),
        ("rel", "czar: lapse", "say why"),
        ("ann", "czar: lapse milestone", "only releases of community may"),
        ("rel", "czar: lapse milestone", "not before 2026-01-14"),
        ("rel", "czar: override", "write: override release why"),
        ("rel", "czar: override docs why", "write: override release why"),
        ("ann", "czar: override release why", "only releases of community may"),
        ("zed", "czar: signoff", "your account is not in the roster"),
    ],
)
def test_who_may_not_is_told_why_not(who: str, text: str, told: str) -> None:
    server = requested()
    assert told in answer(server, who, text)
    assert server.book.entries_on(server.item) == ()


def test_what_is_done_is_told_by_the_comment_on_the_state_alone() -> None:
    assert answer(requested(), "ann", "czar: signoff") == ""


def test_a_sign_off_by_name_may_write_the_sha_in_capitals() -> None:
    server = requested()
    server.says("ann", f"czar: signoff openstack/nova 25.0.0 {SHA.upper()}")
    assert server.vote == 1


def test_where_nothing_waits_there_is_nothing_to_let_out() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    assert "nothing waits here" in answer(server, "rel", "czar: override release why")
    server.says("bob", "czar: veto no")
    assert "there is a veto" in answer(server, "rel", "czar: lapse why")


def test_where_no_duty_is_named_nobody_overrides() -> None:
    server = Server(settings=settings(override=None))
    server.upload(wanted())
    assert "signoff.override is not set" in answer(server, "rel", "czar: override release why")


def test_on_a_newer_patch_set_they_are_asked_to_look() -> None:
    server = requested()
    server.upload(wanted(release(sha=OTHER_SHA)))
    server.says("ann", "czar: signoff", patch_set=1)
    assert any("a newer patch set asks for something else: look" in text for text in server.said)


def test_an_account_that_is_not_the_rosters_one_signs_nothing() -> None:
    people = {**community().people, "ann": person("ann", gerrit="other", emails=("ann@example.org",))}
    server = Server(settings=settings(community(people=people)))
    server.upload(wanted())
    assert "this account is not the one the roster has for ann" in answer(server, "ann", "czar: signoff")


def test_on_a_closed_change_nothing_is_signed() -> None:
    server = requested()
    server.is_abandoned()
    assert "the change is abandoned" in answer(server, "ann", "czar: signoff")


def test_nothing_is_recorded_of_nothing() -> None:
    assert recorded((), requested().asked.judging) is NOTHING

"""Who lets a release out, and what shuts it again; and what people hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.actions import AddReviewer, Comment, Notify
from rules.catalogue.sign_off import MOST_CAST_AGAIN
from rules.command_lines import command_lines
from rules.events import ChangeDeleted
from rules.roster import Absence, Delegate, Duty, Roster, Team
from rules.signoff.ledger import LINE_BEGINS, faults, read_line
from rules.signoff.requests import HIDDEN, Branch, Problem
from rules.signoff.terms import Held
from rules.signoff.words import MOST_CHARS
from rules.state import Book
from tests.rules.makers import NOW, person
from tests.rules.signers import LABEL, OTHER_SHA, RELEASES, Server, community, refused, release, settings, wanted

PLACEMENT = release("openstack/placement", "8.0.0")


def asked(server: Server) -> dict[str, str]:
    """Who is asked to sign now, by slot."""
    return {case.slot: case.person for case in server.book.cases(server.item) if case.waits and case.person}


def comments(server: Server) -> list[str]:
    """What the last decision told people, in all."""
    return [one.text for one in server.decisions[-1].actions if isinstance(one, Comment)]


def acts(server: Server) -> list[str]:
    return [entry.act for entry in server.book.entries_on(server.item)]


def nova(**given: Any) -> Roster:
    """The community with another nova; `given` are its fields."""
    return community(teams={**community().teams, "nova": replace(community().teams["nova"], **given)})


def without(*people: str) -> Roster:
    """The community where these hold nothing in nova any more."""
    left = tuple(one for one in ("ann", "bob") if one not in people)
    return nova(duties={"release": Duty(name="release", czars=left, deputies=("cyd",))})


def requested(by: str = "zed", **given: Any) -> Server:
    """Nova's 25.0.0 is asked for."""
    server = Server(settings=settings(**given))
    server.upload(wanted(), by=by)
    return server


# What signs (2, 3).


@pytest.mark.parametrize("who", ["ann", "bob", "cyd", "pat"])
def test_it_waits_until_a_czar_a_deputy_or_the_ptl_signs_in_a_comment(who: str) -> None:
    server = requested()
    assert server.vote == 0
    server.says(who, "czar: signoff")
    assert server.vote == 1
    assert f"signed by {who}" in comments(server)[0]


@pytest.mark.parametrize("who", ["dee", "rel", "tia", "zed", "nobody"])
def test_who_holds_nothing_in_the_team_signs_nothing(who: str) -> None:
    server = requested()
    server.says(who, "czar: signoff")
    server.votes(who, 2)
    assert server.vote == 0
    assert acts(server) == []


def test_where_leadership_is_distributed_there_is_no_ptl_to_sign() -> None:
    server = Server(settings=settings(nova(distributed=True)))
    server.upload(wanted())
    server.says("pat", "czar: signoff")
    assert server.vote == 0


def test_a_vote_on_the_current_patch_set_signs_and_taking_it_back_withdraws() -> None:
    server = requested()
    server.votes("ann", 1)
    assert server.vote == 1
    server.votes("ann", 0)
    assert server.vote == 0
    assert acts(server) == ["signed", "withdrawn"]


@pytest.mark.parametrize("by", ["zed", "ann", "rel"])
def test_a_vote_that_anybody_deletes_is_no_sign_off_any_more(by: str) -> None:
    server = requested()
    server.votes("ann", 2)
    server.deletes_vote("ann", by=by)
    assert server.vote == 0


def test_a_copied_vote_that_is_deleted_on_the_next_patch_set_is_no_sign_off_any_more() -> None:
    server = requested()
    server.votes("ann", 1)
    server.rebases("zed", copies=True)
    assert server.vote == 1
    server.deletes_vote("ann")
    assert server.vote == 0


def test_the_deletion_of_another_vote_does_not_withdraw_one_that_stands() -> None:
    server = requested()
    server.votes("ann", 1)
    server.votes("zed", 1)
    server.deletes_vote("zed")
    assert server.vote == 1
    server.rebases("zed")
    assert server.vote == 1


def test_a_vote_on_an_older_patch_set_signs_only_what_was_there_and_is_still() -> None:
    server = requested()
    server.upload(wanted(), wanted(release("openstack/nova", "25.0.1")))
    server.votes("ann", 1, patch_set=1)
    assert server.vote == 0
    assert [entry.release.version for entry in server.book.entries_on(server.item)] == ["25.0.0"]


def test_where_only_comments_count_a_vote_signs_nothing_but_a_negative_one_blocks() -> None:
    server = requested(counts=("comment",))
    server.votes("ann", 2)
    assert server.vote == 0
    server.votes("bob", -1)
    assert server.vote == -1
    server.votes("bob", 1)
    assert server.vote == 0


def test_where_only_votes_count_a_comment_signs_nothing_and_its_author_is_told() -> None:
    server = requested(counts=("code-review",))
    server.says("ann", "czar: signoff")
    assert server.vote == 0
    assert "vote instead" in comments(server)[0]


@pytest.mark.parametrize(
    "text",
    [
        "> czar: signoff",
        "    czar: signoff",
        "```\nczar: signoff\n```",
        "please say czar: signoff",
        "czar: signoff when the tests pass",
        "czar: signoff if tests pass",
        "czar: sign off",
        'czar-ledger {"number":1,"act":"signed"} ' + "0" * 64,
    ],
)
def test_what_only_looks_like_a_sign_off_is_none(text: str) -> None:
    server = requested()
    server.says("ann", text)
    assert (server.vote, acts(server)) == (0, [])


def test_several_lines_sign_all_changes_of_a_topic() -> None:
    book = Book()
    seven = Server(book=book, topic="yoga-1")
    eight = Server(book=book, topic="yoga-1", item="gerrit:8")
    eight.upload(wanted(release(version="25.0.1")))
    seven.upload(wanted())
    lines = f"czar: signoff {release()}\nczar: signoff {release(version='25.0.1')}"
    seven.says("ann", lines)
    eight.ticks()
    assert (seven.vote, eight.vote) == (1, 1)


def test_what_is_said_by_name_counts_whatever_made_us_look() -> None:
    book = Book()
    seven, eight = Server(book=book, topic="yoga-1"), Server(book=book, topic="yoga-1", item="gerrit:8")
    seven.upload(wanted())
    eight.upload()
    eight.says("ann", f"czar: signoff {release()}", hears=False)
    eight.ticks()
    seven.ticks()
    assert seven.vote == 1


def test_a_change_of_another_topic_is_not_signed_by_name() -> None:
    book = Book()
    seven = Server(book=book, topic="yoga-1")
    eight = Server(book=book, topic="yoga-2", item="gerrit:8")
    eight.upload(wanted(release(version="25.0.1")))
    seven.upload(wanted())
    seven.says("ann", f"czar: signoff {release(version='25.0.1')}")
    eight.ticks()
    assert eight.vote == 0
    assert "asks for" in comments(seven)[0] or "neither" in seven.said[-1]


def test_a_sign_off_by_name_of_another_sha_signs_nothing() -> None:
    server = requested()
    server.says("ann", f"czar: signoff {release(sha=OTHER_SHA)}")
    assert (server.vote, acts(server)) == (0, [])


def test_a_signers_own_request_counts_and_is_marked() -> None:
    server = requested(by="ann")
    assert server.vote == 1
    assert "own request" in comments(server)[0]
    assert server.book.entries_on(server.item)[0].own
    assert asked(server) == {}


@pytest.mark.parametrize(
    "forbidden", [{"self_sign": False}, {"who": nova(self_sign=False)}], ids=["for all", "for the team"]
)
def test_where_nobody_signs_their_own_another_one_has_to(forbidden: dict[str, Any]) -> None:
    server = Server(settings=settings(**forbidden))
    server.upload(wanted(), by="ann")
    server.says("ann", "czar: signoff")
    assert "somebody else has to sign" in comments(server)[0]
    server.votes("ann", 2)
    assert (server.vote, acts(server)) == (0, [])
    server.says("bob", "czar: signoff")
    assert server.vote == 1


def test_who_may_not_sign_their_own_may_sign_what_others_brought_into_the_same_change() -> None:
    server = Server(settings=settings(self_sign=False))
    server.upload(wanted())
    server.upload(wanted(), wanted(release(version="25.0.1")), by="ann")
    server.says("ann", "czar: signoff")
    assert [entry.release.version for entry in server.book.entries_on(server.item)] == ["25.0.0"]


def test_where_one_team_lets_its_people_sign_their_own_it_counts_for_that_team_alone() -> None:
    both = Duty(name="release", czars=("ann", "bob"))
    teams = {
        "nova": Team(name="nova", repos=("openstack/nova",), duties={"release": both}, self_sign=False),
        "placement": Team(name="placement", duties={"release": both}),
    }
    server = Server(settings=settings(community(teams=teams)))
    server.upload(wanted(team="placement"), by="ann")
    assert asked(server) == {"release@nova": "bob"}
    server.says("bob", "czar: signoff")
    assert server.vote == 1


@pytest.mark.parametrize("value", [-1, -2])
def test_a_negative_vote_of_a_signer_blocks_until_they_take_it_back(value: int) -> None:
    server = requested()
    server.votes("bob", value)
    server.says("ann", "czar: signoff")
    assert server.vote == -1
    server.rebases("zed")
    server.deletes_vote("bob")
    assert server.vote == -1
    server.says("bob", "czar: unveto")
    assert server.vote == 1


def test_a_veto_in_words_blocks_and_nobody_else_lifts_it() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.says("bob", "czar: veto the gate is broken")
    assert server.vote == -1
    assert "the gate is broken" in comments(server)[0]
    for who in ("ann", "pat", "zed"):
        server.says(who, "czar: unveto")
        server.says(who, "czar: signoff")
    assert server.vote == -1
    server.says("bob", "czar: unveto")
    assert server.vote == 1


def test_a_later_own_sign_off_lifts_a_veto_too() -> None:
    server = requested()
    server.says("bob", "czar: veto wait")
    server.says("bob", "czar: signoff")
    assert server.vote == 1


def test_a_stranger_vetoes_nothing() -> None:
    server = requested(by="ann")
    server.says("zed", "czar: veto I do not like it")
    server.votes("dee", -2)
    assert server.vote == 1


def test_a_quorum_is_of_distinct_people_and_the_next_one_is_asked() -> None:
    server = requested(quorum=2)
    assert asked(server) == {"release@nova": "ann"}
    server.says("ann", "czar: signoff")
    server.votes("ann", 2)
    assert server.vote == 0
    assert asked(server) == {"release@nova": "bob"}
    server.says("bob", "czar: signoff")
    assert server.vote == 1
    assert asked(server) == {}


def test_who_has_signed_is_not_asked_again_when_the_next_one_declines_or_does_not_answer() -> None:
    server = requested(quorum=2)
    server.says("ann", "czar: signoff")
    server.says("bob", "czar: decline")
    assert asked(server) == {"release@nova": "cyd"}
    for _ in range(9):
        server.passes(days=1)
        server.ticks()
    assert "ann" not in [case.person for case in server.book.cases(server.item) if case.waits]


def test_one_person_with_a_new_account_is_no_quorum_of_two() -> None:
    server = requested(quorum=2, rights_at="signing")
    server.says("ann", "czar: signoff")
    server.settings = settings(
        community(people={**community().people, "ann": person("ann", gerrit="ann2")}), quorum=2, rights_at="signing"
    )
    server.says("ann2", "czar: signoff")
    assert len(acts(server)) == 2
    assert server.vote == 0


def test_who_sits_on_both_benches_signs_for_both() -> None:
    teams = {
        **community().teams,
        "placement": replace(
            community().teams["placement"], duties={"release": Duty(name="release", czars=("ann", "dee"))}
        ),
    }
    server = Server(settings=settings(community(teams=teams)))
    server.upload(wanted(team="placement"))
    server.says("ann", "czar: signoff")
    assert server.vote == 1


def test_a_delegate_signs_until_the_day_is_over() -> None:
    until = Delegate(person="dee", by="pat", last=NOW.date())
    delegated = nova(duties={"release": Duty(name="release", czars=("ann",), delegates=(until,))})
    server = Server(settings=settings(delegated))
    server.upload(wanted())
    server.says("dee", "czar: signoff")
    assert server.vote == 1
    assert "delegate" in comments(server)[0]
    server.passes(days=1)
    server.ticks()
    assert server.vote == 0
    server.says("dee", "czar: signoff")
    assert server.vote == 0


def test_only_the_named_duty_overrides_with_a_reason_that_is_shown() -> None:
    server = requested()
    for who in ("ann", "zed", "tia"):
        server.says(who, "czar: override release now")
        assert server.vote == 0
    server.says("rel", "czar: override release")
    assert server.vote == 0
    server.says("rel", "czar: override release the team is gone")
    assert server.vote == 1
    assert "overridden by rel" in comments(server)[0]
    assert "the team is gone" in comments(server)[0]


def test_who_overrides_for_their_own_team_does_not_for_another_one() -> None:
    server = Server(settings=settings(override=Held(duty="release", of="owner")))
    server.upload(wanted(), wanted(PLACEMENT, team="placement"))
    server.says("ann", "czar: override release go")
    assert server.vote == 0
    assert [entry.release.repo for entry in server.book.entries_on(server.item)] == ["openstack/nova"]


def test_silence_counts_as_consent_only_after_the_deadline_that_was_announced() -> None:
    server = requested()
    assert "Without an answer by 2026-01-14" in server.said[0] + server.said[-1]
    server.passes(days=6)
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 0
    assert "not before 2026-01-14" in comments(server)[0]
    server.passes(days=1)
    server.says("ann", "czar: lapse I am no release manager")
    assert server.vote == 0
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 1
    assert "lapsed by rel" in comments(server)[0]
    assert acts(server) == ["lapsed"]


def test_a_lapse_that_was_said_too_early_does_not_ripen_while_nobody_hears_it() -> None:
    server = requested()
    server.passes(days=1)
    server.says("rel", "czar: lapse milestone 1", hears=False)
    server.passes(days=20)
    server.seen()
    assert server.vote == 0


def test_nothing_lapses_over_a_veto_and_a_veto_ends_a_lapse() -> None:
    server = requested()
    server.says("bob", "czar: veto no")
    server.passes(days=30)
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == -1
    server.says("bob", "czar: unveto")
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 0  # asked anew
    server.passes(days=7)
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 1
    server.says("bob", "czar: veto no")
    assert server.vote == -1


def test_where_somebody_is_found_only_later_the_deadline_is_told_then() -> None:
    away = (Absence(first=NOW.date(), last=NOW.date()),)
    people = {key: replace(one, away=away) for key, one in community().people.items()}
    server = Server(settings=settings(community(people=people)))
    server.upload(wanted())
    assert (asked(server), server.gate.asked) == ({}, ())
    server.passes(days=1)
    server.ticks()
    assert asked(server) == {"release@nova": "ann"}
    assert "Without an answer by 2026-01-15" in comments(server)[-1]


def test_what_was_brought_in_lately_does_not_lapse_with_the_rest() -> None:
    server = requested()
    server.passes(days=6)
    server.upload(wanted(), wanted(release(version="25.0.1")))
    server.passes(days=2)
    server.says("rel", "czar: lapse milestone 1")
    assert [entry.release.version for entry in server.book.entries_on(server.item)] == ["25.0.0"]
    assert server.vote == 0


def test_a_bench_that_comes_in_later_has_its_own_time_to_answer() -> None:
    server = requested()
    server.passes(days=6)
    server.upload(wanted(team="placement", team_before="nova"))
    server.passes(days=2)
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 0
    server.passes(days=6)
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 1


def test_where_nobody_was_asked_nothing_lapses() -> None:
    nobody = nova(ptl=(), duties={})
    server = Server(settings=settings(nobody, fallback=None))
    server.upload(wanted())
    assert "nobody can sign for nova" in server.said[0]
    server.passes(days=30)
    server.says("rel", "czar: lapse milestone 1")
    assert server.vote == 0


# The ledger (4).


def test_a_sign_off_survives_rebase_message_edit_and_being_moved_to_another_file_or_change() -> None:
    book = Book()
    server = Server(book=book)
    server.upload(wanted())
    server.says("ann", "czar: signoff")
    server.rebases("zed")
    server.upload(wanted(file="deliverables/_independent/nova.yaml", provenance="moved"))
    assert server.vote == 1
    other = Server(book=book, item="gerrit:8")
    other.upload(wanted())
    assert other.vote == 1
    assert "on gerrit:7" in other.said[0]


def test_it_dies_with_the_sha_and_only_that_is_asked_for_again() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.upload(wanted(release(sha=OTHER_SHA)))
    assert server.vote == 0
    assert asked(server) == {"release@nova": "ann"}


def test_it_dies_with_the_right_and_does_not_come_back_with_it() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.settings = settings(without("ann"))
    server.ticks()
    assert server.vote == 0
    assert "does not hold the right" in comments(server)[-1]
    server.settings = settings()
    server.ticks()
    assert server.vote == 0


def test_where_the_right_counts_at_signing_it_lives_on() -> None:
    server = requested(rights_at="signing")
    server.says("ann", "czar: signoff")
    server.settings = settings(without("ann"), rights_at="signing")
    server.ticks()
    assert server.vote == 1


def test_it_expires() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    assert server.gate.due == server.now + timedelta(days=90)
    server.passes(days=90)
    server.ticks()
    assert (server.vote, acts(server)) == (0, ["signed", "expired"])
    assert asked(server) == {"release@nova": "ann"}


def test_every_entry_says_who_where_when_by_which_right_and_is_published_once() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.says("bob", "czar: veto no")
    server.says("bob", "czar: unveto")
    lines = [line for text in server.said for line in text.splitlines() if line.startswith(LINE_BEGINS)]
    entries = [read_line(line) for line in lines]
    assert tuple(entries) == server.book.entries_on(server.item)
    assert list(faults(entries)) == []
    first = entries[0]
    assert (first.account, first.item, first.patch_set, first.revision) == ("ann", server.item, 1, "governance 1")
    assert first.rights == (("nova", "czar"),)


def test_an_account_counts_not_a_name_that_somebody_else_got() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.settings = settings(community(people={**community().people, "ann": person("ann", gerrit="other-ann")}))
    server.ticks()
    assert server.vote == 0


# The gate (5).


def test_nothing_asked_for_is_let_through_and_nobody_is_bothered() -> None:
    server = Server()
    server.upload()
    assert server.vote == 1
    assert comments(server) == []


def test_a_refused_request_is_shut_whatever_is_signed_and_nobody_is_asked() -> None:
    server = Server()
    server.upload(wanted(), by="ann", **refused())
    assert server.vote == -1
    assert "deliverables/yoga/nova.yaml:3: is no YAML" in server.said[0]
    assert asked(server) == {}
    server.upload(wanted(), by="zed")
    assert server.vote == 1


def test_nothing_is_let_out_while_the_roster_cannot_be_read() -> None:
    server = requested(by="ann")
    server.settings = settings(roster_trouble="governance is away")
    server.ticks()
    assert server.vote == 0
    server.settings = settings()
    server.ticks()
    assert server.vote == 1


def test_our_vote_is_given_again_when_somebody_deletes_it() -> None:
    server = requested(by="ann")
    server.deletes_vote("czar-bot", label=LABEL)
    assert server.vote == 1


def test_while_it_only_observes_nobody_hears_of_it() -> None:
    server = requested(by="ann", mode="observe", compare="PTL-Approved")
    assert server.decisions[-1].actions == ()
    assert server.vote == 0
    assert any("PTL-Approved is not given, and we vote +1" in note for note in server.decisions[-1].notes)


def test_the_subject_is_never_shown_and_every_release_is() -> None:
    server = Server()
    server.upload(wanted(), wanted(PLACEMENT, team="placement"))
    table = server.said[0] + server.said[-1]
    assert f"openstack/nova 25.0.0 {'a' * 40}" in table
    assert f"openstack/placement 8.0.0 {'a' * 40}" in table


def test_what_landed_stays_as_it_was() -> None:
    server = requested(by="ann")
    server.merges()
    landed = server.gate
    assert (landed.state, landed.value) == ("landed", 1)
    server.settings = settings(without("ann"))
    server.passes(days=200)
    server.seen()
    assert server.gate == landed


def test_what_was_merged_past_the_gate_is_an_alarm() -> None:
    server = requested()
    server.merges()
    assert [one.person for one in server.decisions[-1].actions if isinstance(one, Notify)] == ["rel"]
    server.seen()
    assert server.decisions[-1].actions == ()


def test_a_change_that_is_deleted_is_closed() -> None:
    server = requested()
    server.hear(ChangeDeleted(at=server.now, change=server.change))
    assert server.gate.state == "closed"


def test_what_is_given_up_is_closed_and_judged_anew_when_it_is_taken_up_again() -> None:
    server = requested(by="ann")
    server.is_abandoned()
    assert server.gate.state == "closed"
    server.says("bob", "czar: veto no")
    assert acts(server) == ["signed"]
    server.settings = settings(without("ann"))
    server.is_abandoned(again=True)
    assert (server.gate.state, server.vote) == ("open", 0)


def test_after_a_restart_all_is_as_it_was() -> None:
    server = requested()
    server.votes("dee", 1)
    server.settings = settings(nova(duties={"release": Duty(name="release", czars=("dee",))}))
    server.book = Book()
    for decision in server.decisions:
        server.book.apply(decision.effects)
    server.seen()
    assert server.vote == 0  # their vote was judged when they had no say


# Asking (6).


def test_each_team_is_asked_by_a_case_of_its_own() -> None:
    server = Server()
    server.upload(wanted(), wanted(PLACEMENT, team="placement"))
    assert asked(server) == {"release@nova": "ann", "release@placement": "dee"}
    server.says("dee", "czar: signoff")
    assert asked(server) == {"release@nova": "ann"}


def test_who_reviews_it_already_is_asked_to_sign_all_the_same() -> None:
    server = Server(reviewers=("ann",))
    server.upload(wanted())
    assert asked(server) == {"release@nova": "ann"}


def test_who_signed_and_reviews_it_still_is_asked_about_another_commit() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.reviewers = ("ann",)
    server.upload(wanted(release(sha="b" * 40)))
    assert asked(server) == {"release@nova": "ann"}


def test_a_reply_to_what_is_read_when_the_clock_looks_is_not_lost() -> None:
    server = requested()
    server.says("stranger", "czar: signoff", hears=False)
    server.ticks()
    assert comments(server) == ["signoff: your account is not in the roster"]


def test_nobody_is_asked_about_what_is_signed_and_a_reply_is_no_answer() -> None:
    server = requested()
    server.says("ann", "I am looking at it")
    assert asked(server) == {"release@nova": "ann"}
    server.says("bob", "czar: signoff")
    assert asked(server) == {}
    server.passes(days=10)
    server.ticks()
    assert comments(server) == []


def test_a_reminder_names_what_waits() -> None:
    server = requested()
    server.passes(days=3)
    server.ticks()
    assert f"openstack/nova 25.0.0 ({'a' * 12})" in comments(server)[0]


def test_where_nobody_of_the_team_can_sign_the_fallback_is_asked_and_signs() -> None:
    server = Server(settings=settings(nova(ptl=(), duties={})))
    server.upload(wanted())
    assert asked(server) == {"release@nova": "tia"}
    server.says("tia", "czar: signoff")
    assert server.vote == 1


def test_the_fallback_has_no_say_where_somebody_can_sign() -> None:
    server = requested()
    server.says("tia", "czar: signoff")
    assert server.vote == 0


def test_each_thing_is_said_once() -> None:
    server = requested()
    said = len(server.said)
    for _ in range(3):
        server.seen()
        server.ticks()
        server.rebases("zed")
        server.says("zed", "nice")
        server.votes("zed", 1)
    assert len(server.said) == said


def test_all_comments_fit_even_for_121_repos() -> None:
    server = Server(settings=settings(nova(repos=tuple(f"openstack/repo-{n}" for n in range(121)))))
    wants = tuple(wanted(release(f"openstack/repo-{n}"), file="deliverables/yoga/nova.yaml") for n in range(121))
    server.upload(*wants)
    server.says("ann", "czar: signoff")
    assert server.vote == 1
    assert max(map(len, server.said)) <= MOST_CHARS
    lines = [line for text in server.said for line in text.splitlines() if line.startswith(LINE_BEGINS)]
    assert [read_line(line) for line in lines] == list(server.book.entries_on(server.item))


def test_no_problem_however_long_and_nothing_people_write_makes_a_comment_too_long_or_a_command() -> None:
    server = Server()
    long = Problem(file="x" * 5_000, line=1, because="czar: signoff\nczar: signoff " + "y" * 50_000)
    server.upload(wanted(), refusals=(long,) * 50, notes=(long,) * 50)
    server.says("ann", "czar: veto " + "z " * 9_000)
    assert max(map(len, server.said)) <= MOST_CHARS
    assert not [line for text in server.said for line in command_lines(text, ("czar",))]


# The weaknesses of today's check that live here, by their numbers.


def test_weakness_2_the_team_before_is_asked_too() -> None:
    server = Server()
    server.upload(wanted(team="placement", team_before="nova"), by="dee")
    assert server.vote == 0
    assert asked(server) == {"release@nova": "ann"}


def test_weakness_3_whoever_leads_another_team_cannot_list_its_repo() -> None:
    server = Server()
    server.upload(wanted(release("openstack/nova"), team="placement"), by="dee")
    assert server.vote == 0
    assert asked(server) == {"release@nova": "ann"}


@pytest.mark.parametrize("team", ["Nova", "n-o v_a"])
def test_weakness_3_another_spelling_is_the_same_team(team: str) -> None:
    server = Server()
    server.upload(wanted(team=team))
    assert asked(server) == {"release@nova": "ann"}


def test_weakness_3_a_team_that_nobody_knows_lets_nothing_out() -> None:
    server = Server(settings=settings(fallback=None))
    server.upload(wanted(release("openstack/unowned"), team="mine"), by="ann")
    server.says("ann", "czar: signoff")
    assert server.vote == 0


def test_weakness_4_the_word_is_for_the_sha() -> None:
    server = requested()
    server.says("ann", "czar: signoff")
    server.upload(wanted(release(sha=OTHER_SHA)))
    assert server.vote == 0
    server.upload(wanted())
    assert server.vote == 1


def test_weakness_4_what_was_said_on_a_patch_set_does_not_count_for_the_next_one() -> None:
    server = requested()
    server.says("ann", "czar: signoff", hears=False)
    server.votes("ann", 2, hears=False)
    server.says("rel", "czar: override release go", hears=False)
    server.upload(wanted(release(sha=OTHER_SHA)))
    assert (server.vote, acts(server)) == (0, [])


def test_weakness_4_what_was_dropped_and_comes_back_unheard_is_not_signed_by_an_old_word_but_stays_vetoed() -> None:
    server = requested()
    server.votes("ann", 1, hears=False)
    server.votes("bob", -1, hears=False)
    server.upload(hears=False)
    server.upload(wanted())
    assert server.vote == -1
    assert acts(server) == ["vetoed"]


def test_weakness_6_a_changed_roster_is_looked_at_again() -> None:
    server = requested(by="ann")
    server.settings = settings(without("ann"))
    server.ticks()
    assert server.vote == 0
    assert asked(server) == {"release@nova": "bob"}


def test_weakness_8_pressing_rebase_or_editing_the_message_signs_nothing() -> None:
    server = requested()
    server.rebases("ann")
    assert (server.vote, acts(server)) == (0, [])


def test_weakness_8_what_is_uploaded_in_somebodys_name_is_not_their_word() -> None:
    server = Server()
    server.upload(wanted(), by="zed", in_the_name_of="ann")
    assert (server.vote, acts(server)) == (0, [])


def test_weakness_8_a_signer_who_mends_another_file_signs_only_what_they_brought() -> None:
    server = requested()
    server.upload(wanted(), wanted(release(version="25.0.1")), by="ann")
    assert [entry.release.version for entry in server.book.entries_on(server.item)] == ["25.0.1"]
    assert server.vote == 0


def test_weakness_9_a_negative_vote_is_heard() -> None:
    server = requested(by="ann")
    server.votes("bob", -1)
    assert server.vote == -1
    server.votes("bob", 0)
    assert server.vote == 1


def test_weakness_9_taking_back_a_vote_elsewhere_does_not_lift_a_veto_here() -> None:
    book = Book()
    seven, eight = Server(book=book), Server(book=book, item="gerrit:8")
    seven.upload(wanted())
    eight.upload(wanted())
    seven.votes("ann", -1)
    eight.votes("ann", 0)
    eight.says("bob", "czar: signoff")
    assert (eight.vote, len(seven.said) > 0) == (-1, True)


def test_weakness_9_an_older_word_that_is_heard_late_does_not_lift_a_veto() -> None:
    book = Book()
    seven, eight = Server(book=book), Server(book=book, item="gerrit:8")
    seven.upload(wanted())
    eight.upload(wanted())
    eight.votes("ann", 1, hears=False)
    seven.passes(seconds=5)
    seven.says("ann", "czar: veto no")
    eight.passes(seconds=9)
    eight.seen()
    assert eight.vote == -1


def test_weakness_10_two_keys_of_one_account_are_one_signer() -> None:
    people = {**community().people, "a-nn@example.org": person("a-nn@example.org", gerrit="ann")}
    duty = {"release": Duty(name="release", czars=("a-nn@example.org",))}
    teams = {"nova": replace(community().teams["nova"], duties=duty)}
    server = Server(settings=settings(community(people=people, teams=teams)))
    server.upload(wanted())
    server.votes("ann", 1)
    assert server.vote == 1


def test_weakness_11_whoever_is_not_among_the_people_is_no_signer() -> None:
    appointed = nova(ptl=("appointment-needed",), duties={})
    server = Server(settings=settings(appointed, fallback=None))
    server.upload(wanted())
    server.says("appointment-needed", "czar: signoff")
    assert server.vote == 0


def test_weakness_12_a_tag_that_the_diff_does_not_show_needs_a_word_too() -> None:
    server = Server()
    server.upload(wanted(kind=HIDDEN), by="ann")
    assert server.vote == 0  # and it is nobody's own
    assert "this tag will be made too" in server.said[0] + server.said[-1]
    server.says("ann", "czar: signoff")
    assert server.vote == 1


def test_weakness_14_the_vote_goes_to_the_patch_set_that_was_judged() -> None:
    server = requested()
    server.obeys = False
    server.says("ann", "czar: signoff")
    votes = [one for one in server.decisions[-1].actions if type(one).__name__ == "Vote"]
    assert [getattr(one, "revision", "") for one in votes] == [server.uploads[-1].revision]


def test_weakness_16_all_that_is_wrong_is_shown() -> None:
    server = Server()
    problems = tuple(Problem(file=f"deliverables/yoga/{n}.yaml", line=n, because="is no YAML") for n in (1, 2, 3))
    server.upload(wanted(), refusals=problems)
    assert all(str(one) in server.said[0] for one in problems)


def test_weakness_17_branches_are_told_and_need_no_word() -> None:
    server = Server()
    branch = Branch(file="f.yaml", branch="stable/yoga", location={"openstack/nova": "c" * 40}, kind="new-branch")
    server.upload(wanted(), by="ann", branches=(branch,))
    assert server.vote == 1
    assert f"branch stable/yoga at openstack/nova {'c' * 40}" in server.said[0]


def test_weakness_19_release_managers_leave_a_trace() -> None:
    server = requested()
    server.votes("rel", 2)
    assert server.vote == 0
    server.says("rel", "czar: override release the PTL is away")
    assert server.book.entries_on(server.item)[0].rights == (("community", "releases"),)


def test_bots_that_ask_for_releases_are_asked_about_like_people() -> None:
    server = Server(settings=settings(community(bots=frozenset({"zed"}))))
    server.upload(wanted())
    assert asked(server) == {"release@nova": "ann"}
    assert any(isinstance(one, AddReviewer) for one in server.decisions[-1].actions)
    assert server.gate.repo == RELEASES


def test_who_deletes_their_own_vote_takes_the_veto_back_and_nobody_else_does() -> None:
    server = Server()
    server.upload(wanted())
    server.votes("ann", -1)
    server.votes("bob", 1)
    server.deletes_vote("ann", by="pat")
    assert server.vote == -1
    server.votes("ann", -1)
    server.deletes_vote("ann", by="ann")
    assert server.vote == 1


def test_who_takes_our_vote_away_again_and_again_is_not_answered_for_ever() -> None:
    server = Server()
    server.upload(wanted())
    server.says("ann", "czar: signoff")
    for _ in range(MOST_CAST_AGAIN):
        server.deletes_vote("czar-bot", label=LABEL, by="zed")
        assert server.vote == 1
    server.deletes_vote("czar-bot", label=LABEL, by="zed")
    assert server.vote == 0
    assert "another daemon" in server.gate.because
    server.passes(hours=1, seconds=1)
    server.ticks()
    assert server.vote == 1


def test_what_is_vetoed_is_shut_however_often_it_was_opened_elsewhere() -> None:
    server = Server()
    server.upload(wanted())
    server.says("ann", "czar: veto not yet")
    for _ in range(MOST_CAST_AGAIN + 2):
        server.ballots[LABEL, "czar-bot"] = 1
        server.seen()
        assert server.vote == -1

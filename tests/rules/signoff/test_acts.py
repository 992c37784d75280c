"""What uploads and votes come to, each judged once; what people say is in `test_orders`."""

from __future__ import annotations

from datetime import timedelta

from rules.facts import ChangeFacts, Facts
from rules.judging import Judging
from rules.signoff.acts import asked, ended, gone_votes, judge, standing, unjudged, with_judged
from rules.signoff.requests import HIDDEN
from rules.state import Book
from tests.rules.makers import NOW
from tests.rules.signers import RELEASES, Server, release, settings, wanted

OTHER = release(version="25.0.1")


def unheard(*wants: object) -> Server:
    """Zed asks for it, and nobody has looked yet."""
    server = Server()
    server.upload(*(wants or (wanted(),)), hears=False)  # type: ignore[arg-type]  # releases that are wanted
    return server


def test_a_change_of_another_repo_or_whose_request_was_not_looked_at_is_no_request() -> None:
    change = ChangeFacts(repo=RELEASES, branch="master")
    for repo, facts in ((RELEASES, Facts(change=change)), (RELEASES, Facts(change=None)), ("openstack/nova", None)):
        judging = Judging(
            item="gerrit:7",
            repo=repo,
            view=None,
            facts=facts or Facts(change=change),
            settings=settings(),
            book=Book(),
            now=NOW,
        )
        assert asked(judging) is None


def test_a_release_is_brought_by_the_last_upload_in_which_it_was_new() -> None:
    server = unheard()
    server.upload(wanted(), wanted(OTHER), by="ann", hears=False)
    server.rebases("bob", hears=False)
    assert [(one.brought_by, one.since) for one in server.asked.wanted] == [("zed", 1), ("ann", 2)]
    server.upload(wanted(OTHER), by="bob", hears=False)
    server.upload(wanted(), wanted(OTHER), by="bob", hears=False)
    assert [(one.brought_by, one.since) for one in server.asked.wanted] == [("bob", 5), ("ann", 2)]


def test_what_the_diff_does_not_show_nobody_brought() -> None:
    assert unheard(wanted(kind=HIDDEN)).asked.wanted[0].brought_by == ""


def test_a_word_covers_what_was_there_ever_since_and_a_veto_what_was_there_once() -> None:
    server = unheard()
    server.upload(hears=False)
    server.upload(wanted(), wanted(OTHER), hears=False)
    request = server.asked
    assert request.covered(1) == request.covered(2) == ()
    assert request.covered(3) == request.wanted
    assert [one.release for one in request.touched(1)] == [release()]
    assert request.covered(0) == request.touched(0) == ()


def test_what_was_done_is_judged_in_its_order_up_to_an_instant_and_once() -> None:
    server = unheard()
    server.votes("ann", 1, hears=False)
    half = server.now
    server.votes("zed", 1, label="Verified", hears=False)
    server.deletes_vote("ann", hears=False)
    sources = [source for source, _ in unjudged(server.asked)]
    assert [source.partition(":")[0] for source in sources] == ["upload", "votes", "votes", "votes"]
    assert [source for source, _ in unjudged(server.asked, half)] == sources[:2]
    server.seen()
    assert unjudged(server.asked) == ()
    assert server.gate.judged == tuple(sources)


def test_what_stands_in_the_ledger_is_not_judged_again_where_the_gate_was_lost() -> None:
    server = unheard()
    server.votes("ann", 1)
    entries, server.book = server.book.entries(release()), Book()
    server.book.learn_ledger([release()], entries)
    assert [source.partition(":")[0] for source, _ in unjudged(server.asked)] == ["upload"]


def test_a_vote_is_a_sign_off_a_veto_or_nothing_by_its_value_and_label() -> None:
    for label, value, acts in (
        ("Code-Review", 1, ["signed"]),
        ("Code-Review", -1, ["vetoed"]),
        ("Code-Review", 0, []),
        ("Verified", 1, []),
        ("Verified", -1, []),
    ):
        server = unheard()
        server.votes("ann", value, label=label, hears=False)
        source, vote = unjudged(server.asked)[-1]
        assert [entry.act for entry in judge(source, vote, server.asked)] == acts


def test_a_vote_that_stands_is_given_anew_on_another_patch_set() -> None:
    server = unheard()
    server.votes("ann", 1)
    server.votes("ann", 2)
    server.rebases("zed")
    server.votes("ann", 1)
    assert [entry.patch_set for entry in server.book.entries_on(server.item)] == [1, 2]


def test_whose_account_the_roster_does_not_know_does_nothing() -> None:
    server = unheard()
    assert (server.asked.person("zed"), server.asked.person(""), server.asked.person("ann")) == ("", "", "ann")


def test_what_stands_of_somebody_is_their_last_word() -> None:
    server = unheard()
    server.votes("ann", 1)
    (one,) = server.asked.wanted
    signed, veto = standing(server.asked, one, "ann")
    assert signed is not None
    assert veto is None
    assert signed.act == "signed"
    server.says("ann", "czar: veto no")
    signed, veto = standing(server.asked, one, "ann")
    assert signed is None
    assert veto is not None
    assert standing(server.asked, one, "bob") == (None, None)


def test_a_vote_that_the_server_does_not_show_any_more_is_gone() -> None:
    server = unheard()
    server.votes("ann", 1)
    assert gone_votes(server.asked) == ()
    server.ballots.clear()
    (gone,) = gone_votes(server.asked)
    assert (gone.act, gone.account, gone.source) == ("withdrawn", "ann", "")


def test_an_older_word_does_not_undo_a_later_one() -> None:
    server = unheard()
    server.votes("ann", 1)
    (one,) = server.asked.wanted
    assert server.asked.is_outdone(one, "ann", server.now - timedelta(seconds=1))
    assert not server.asked.is_outdone(one, "ann", server.now)
    assert not server.asked.is_outdone(one, "bob", server.now - timedelta(seconds=1))


def test_what_ends_is_told_of_the_same_person_and_of_now() -> None:
    server = unheard()
    server.votes("ann", 1)
    (signed,) = server.book.entries_on(server.item)
    server.passes(days=1)
    over = ended(signed, "expired", "it is too old", server.asked.judging)
    assert (over.act, over.account, over.at, over.source) == ("expired", "ann", server.now, "")


def test_each_source_is_noted_once() -> None:
    server = unheard()
    server.seen()
    gate = with_judged(with_judged(server.gate, ["a", "b"]), ["b", "c"])
    assert gate.judged[-3:] == ("a", "b", "c")

"""Where a whole request stands, and of whom something is still wanted."""

from __future__ import annotations

from dataclasses import replace

from rules.engine import NO_FACTS
from rules.signoff.standing import MOST_NAMED, has_signed, lacking, releases_named, slot_of, standings, verdict
from tests.rules.signers import Server, refused, release, settings, wanted

PLACEMENT = wanted(release("openstack/placement", "8.0.0"), team="placement")


def test_the_vote_is_by_the_worst_of_all() -> None:
    server = Server()
    server.upload(wanted(), PLACEMENT)
    assert verdict(server.asked, standings(server.asked)) == (0, "2 of 2 waits for a sign-off")
    server.says("ann", "czar: signoff")
    assert verdict(server.asked, standings(server.asked)) == (0, "1 of 2 waits for a sign-off")
    server.says("dee", "czar: signoff")
    assert verdict(server.asked, standings(server.asked)) == (1, "every release is signed off")
    server.says("bob", "czar: veto no")
    assert verdict(server.asked, standings(server.asked))[0] == -1


def test_what_cannot_be_read_is_shut_and_so_is_all_while_the_roster_cannot_be_read() -> None:
    server = Server(settings=settings(roster_trouble="it is away"))
    server.upload(wanted(), by="ann")
    assert verdict(server.asked, standings(server.asked))[0] == 0
    server.upload(wanted(), by="ann", **refused())
    assert verdict(server.asked, standings(server.asked))[0] == -1
    server.upload()
    assert verdict(server.asked, standings(server.asked)) == (1, "no release is asked for")


def test_the_teams_that_must_still_sign_have_a_slot_each() -> None:
    server = Server()
    server.upload(wanted(), PLACEMENT)
    assert lacking(server.asked.judging) == ("nova", "placement")
    assert (slot_of("nova"), slot_of("")) == ("release@nova", "release")
    server.upload(wanted(), PLACEMENT, **refused())
    assert lacking(server.asked.judging) == ()


def test_people_are_asked_since_each_bench_of_a_release_was() -> None:
    server = Server()
    server.upload(wanted())
    first = server.now
    server.passes(days=1)
    server.upload(wanted(), PLACEMENT)
    assert dict(server.gate.asked) == {release(): first, PLACEMENT.release: server.now}
    server.passes(days=1)
    server.upload(wanted(team="placement", team_before="nova"), PLACEMENT)
    assert dict(server.gate.asked)[release()] > first


def test_who_has_signed_all_that_a_bench_waits_for_has_done_their_part() -> None:
    server = Server(settings=settings(quorum=2))
    server.upload(wanted())
    server.says("ann", "czar: signoff")
    assert set(has_signed("nova", server.asked.judging)) == {"ann"}
    server.upload(wanted(), wanted(release(version="25.0.1")))
    assert has_signed("nova", server.asked.judging) == {}
    assert has_signed("placement", server.asked.judging) == {}


def test_a_reminder_names_the_teams_own_and_not_without_end() -> None:
    server = Server()
    many = [wanted(release(version=f"25.0.{n}")) for n in range(MOST_NAMED + 2)]
    server.upload(PLACEMENT, *many)
    judging = server.asked.judging
    assert releases_named("placement", judging) == "openstack/placement 8.0.0 (aaaaaaaaaaaa)"
    assert releases_named("nova", judging).endswith("25.0.4 (aaaaaaaaaaaa) and 2 more")
    assert "openstack/placement 8.0.0" in releases_named("another", judging)
    unseen = replace(judging, facts=NO_FACTS)
    assert releases_named("placement", unseen) == releases_named("another", judging)

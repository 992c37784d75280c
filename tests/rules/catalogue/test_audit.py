"""Every tag is compared with the ledger: signed, unsigned, on another commit, moved or gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.actions import Notify
from rules.catalogue.audit import audit, audited_repos, let_out, needs
from rules.events import Account, Event, TagPushed, TagSeen
from rules.facts import Facts, Need
from rules.judging import NOTHING, Ruling
from rules.roster import COMMUNITY, Duty, Roster, Team
from rules.signoff.ledger import Entry, chained
from rules.signoff.requests import Release, Wanted
from rules.signoff.terms import Held, Terms
from rules.state import Book, Effects, Gate
from rules.verdicts import Settings
from tests.rules.makers import NOW, REPO, event, roster, settings

A, B, C = "a" * 40, "b" * 40, "c" * 40
GONE = "0" * 40
VERSION = "25.0.0"
RELEASES = "openstack/releases"
TERMS = Terms(project=RELEASES, override=Held(duty="releases", of=COMMUNITY))
MANAGERS = {"releases": Duty(name="releases", czars=("ann",), deputies=("bob",))}


def act(name: str, sha: str = A, who: str = "pat", **given: Any) -> Entry:
    """An entry about version 25.0.0 of nova, by right of that team."""
    release = given.pop("release", Release(REPO, VERSION, sha))
    common: dict[str, Any] = {"item": "gerrit:7", "patch_set": 1, "at": NOW, "rights": (("nova", "ptl"),)}
    return Entry(act=name, release=release, account=who, person=who, **common | given)


def gate(**given: Any) -> Gate:
    """Change 7, which asked for it and was merged with our +1."""
    wanted = Wanted(release=Release(REPO, VERSION, A), file="nova.yaml", kind="new-version", team="nova")
    common = {"item": "gerrit:7", "repo": RELEASES, "patch_set": 1, "revision": C, "wanted": (wanted,)}
    return Gate(**{**common, "value": 1, "state": "landed", **given})


def pushed(new: str = A, *, old: str = GONE, repo: str = REPO, version: str = VERSION) -> TagPushed:
    """By zed, on the stream."""
    return TagPushed(at=NOW, repo=repo, ref=f"refs/tags/{version}", old=old, new=new, by=Account(username="zed"))


def seen(new: str = A, *, first: bool = True, old: str = GONE) -> TagSeen:
    """By a sweep."""
    return TagSeen(at=NOW, repo=REPO, ref=f"refs/tags/{VERSION}", old=old, new=new, first=first)


class World:
    """Nova's tags, a ledger, and who is told."""

    def __init__(
        self, *entries: Entry, who: Roster | None = None, signoff: tuple[Terms, ...] = (TERMS,), mode: str = "act"
    ) -> None:
        self.who = who or roster(community=MANAGERS, duties={"security": ("cyd",)})
        self.by: Settings = settings(who=self.who, signoff={terms.project: terms for terms in signoff}, mode=mode)
        self.book = Book()
        self.acts(*entries)

    def acts(self, *entries: Entry) -> None:
        """More in the ledger."""
        self.book.apply(Effects(ledger=chained(entries, self.book.head)[0]))

    def lets_out(self, sha: str = A) -> bool:
        """Whether version 25.0.0 on that commit was let out."""
        return let_out(Release(REPO, VERSION, sha), self.by, self.book, NOW) is not None

    def hears(self, event: Event, on: str | None = None) -> Ruling:
        """What comes of an event where the tag turns out to be `on` that commit, else on what the event says."""
        need = needs(event, self.by, self.book)
        tag = on if on is not None else getattr(event, "new", "").replace(GONE, "")
        ruling = audit(event, Facts(change=None, tag=tag) if need else None, self.by, self.book, NOW)
        self.book.apply(ruling.effects)
        return ruling

    @property
    def state(self) -> tuple[str, str]:
        """State and commit as recorded."""
        found = self.book.audit(REPO, VERSION)
        assert found
        return found.state, found.release.sha


def told(ruling: Ruling) -> list[str]:
    """Who is told."""
    return [action.person for action in ruling.actions if isinstance(action, Notify)]


def text(ruling: Ruling) -> str:
    """What they are told."""
    (found,) = {action.text for action in ruling.actions if isinstance(action, Notify)}
    return found


@pytest.mark.parametrize("name", ["signed", "lapsed", "overridden"])
def test_a_tag_on_a_commit_that_was_let_out_is_signed_and_nobody_is_told(name: str) -> None:
    world = World(act(name))
    ruling = world.hears(pushed())
    assert world.state == ("signed", A)
    assert told(ruling) == []
    assert "by pat on 2026-01-07 in gerrit:7" in ruling.notes[0]


def test_a_tag_that_nobody_signed_alarms_those_who_may_override_and_security() -> None:
    world = World()
    ruling = world.hears(pushed())
    assert world.state == ("unsigned", A)
    assert told(ruling) == ["ann", "bob", "cyd", "pat"]  # release managers; security of nova and its PTL
    assert {action.reason for action in ruling.actions if isinstance(action, Notify)} == {"signoff"}
    assert f"nobody signed it for {A} (zed did that)" in text(ruling)
    assert "delete the tag" in text(ruling)
    assert RELEASES in text(ruling)


def test_a_tag_on_another_commit_than_was_signed_is_a_mismatch() -> None:
    world = World(act("signed"))
    ruling = world.hears(pushed(B))
    assert world.state == ("mismatch", B)
    assert f"it is on {B}, but {A} was signed by pat" in text(ruling)


@pytest.mark.parametrize("to", [B, GONE])
def test_a_signed_tag_that_is_moved_or_deleted_alarms(to: str) -> None:
    world = World(act("signed"))
    world.hears(pushed())
    ruling = world.hears(pushed(to, old=A))
    assert world.state == ("mismatch", to.replace(GONE, ""))
    assert told(ruling) == ["ann", "bob", "cyd", "pat"]
    assert A in text(ruling)


def test_what_is_heard_by_stream_and_by_sweep_is_told_once() -> None:
    world = World()
    assert told(world.hears(pushed()))
    assert world.hears(seen(first=False)) is NOTHING
    assert world.hears(pushed()) is NOTHING


def test_a_tag_that_moves_between_commits_is_told_once_for_each() -> None:
    world = World()
    keys = [action.key for new in (A, B, A) for action in world.hears(pushed(new)).actions]
    assert len(keys) == 12
    assert len(set(keys)) == 8


def test_taking_an_unsigned_tag_away_is_no_alarm() -> None:
    world = World()
    world.hears(pushed())
    assert told(world.hears(pushed(GONE, old=A))) == []
    assert world.state == ("unsigned", "")
    assert told(world.hears(pushed(B)))


def test_a_tag_put_right_is_signed_without_an_alarm() -> None:
    world = World(act("signed"))
    world.hears(pushed(B))
    assert told(world.hears(pushed(A, old=B))) == []
    assert world.state == ("signed", A)


def test_a_tag_signed_afterwards_is_signed_when_it_is_heard_of_again() -> None:
    world = World()
    world.hears(pushed())
    world.acts(act("signed"))
    assert told(world.hears(seen(first=False))) == []
    assert world.state == ("signed", A)
    assert world.hears(seen(first=False)) is NOTHING


def test_what_was_there_before_anybody_looked_is_recorded_silently_and_costs_no_look_up() -> None:
    world = World()
    assert needs(seen(), world.by, world.book) is None
    ruling = world.hears(seen())
    assert world.state == ("before", A)
    assert (ruling.actions, ruling.notes) == ((), ())
    assert world.hears(pushed()) is NOTHING
    assert told(world.hears(pushed(B, old=A)))
    assert world.state == ("unsigned", B)


def test_a_tag_there_before_whose_version_the_ledger_knows_is_compared_all_the_same() -> None:
    world = World(act("signed"))
    assert needs(seen(B), world.by, world.book) == Need(item=f"tag:{REPO}@{VERSION}", repo=REPO, tag=True)
    assert told(world.hears(seen(B)))
    assert world.state == ("mismatch", B)


def test_a_first_look_does_not_hide_what_the_stream_told_before() -> None:
    world = World()
    world.hears(pushed())
    assert world.hears(seen()) is NOTHING
    assert world.state == ("unsigned", A)


def test_what_was_seen_counts_less_than_what_is_there_now() -> None:
    world = World(act("signed"))
    world.hears(seen(B, first=False), on=A)
    assert world.state == ("signed", A)


@pytest.mark.parametrize("on", [None, ""])
def test_a_tag_that_cannot_be_looked_up_is_not_called_gone(on: str | None) -> None:
    world = World(act("signed"))
    world.hears(pushed())
    found = Facts(change=None, tag=on)
    assert audit(pushed(B, old=A), found, world.by, world.book, NOW) is NOTHING


def test_a_tag_that_came_and_went_unseen_is_nothing_unless_it_was_signed() -> None:
    assert World().hears(pushed(GONE, old=A)) is NOTHING
    assert told(World(act("signed")).hears(pushed(GONE, old=A)))


def test_only_repos_of_teams_are_audited_that_are_released_here_or_that_the_ledger_knows() -> None:
    elsewhere = roster(repos=(REPO, "openstack/nova-specs"), released_elsewhere=("openstack/nova-specs",))
    world = World(act("signed", release=Release("x/y", VERSION, A)), who=elsewhere)
    assert audited_repos(world.by) == {REPO}
    assert needs(pushed(repo="openstack/nova-specs"), world.by, world.book) is None
    assert world.hears(pushed(repo="openstack/nova-specs")) is NOTHING
    assert world.hears(pushed(repo="foreign")) is NOTHING
    assert needs(pushed(repo="x/y"), world.by, world.book)


def test_without_sign_off_nothing_is_audited() -> None:
    world = World(signoff=())
    assert not audited_repos(world.by)
    assert needs(pushed(), world.by, world.book) is None
    assert world.hears(pushed()) is NOTHING


def test_other_events_are_not_its_business() -> None:
    world = World()
    assert needs(event(), world.by, world.book) is None
    assert world.hears(event()) is NOTHING


@pytest.mark.parametrize("duty", ["security", "vmt"])
def test_the_communitys_security_is_told_instead_of_the_teams(duty: str) -> None:
    who = roster(community={**MANAGERS, duty: Duty(name=duty, czars=("dee",))}, duties={"security": ("cyd",)})
    assert told(World(who=who).hears(pushed())) == ["ann", "bob", "dee"]


def test_where_nobody_is_there_to_be_told_that_is_said() -> None:
    who = roster(ptl=(), teams={"glance": Team(name="glance")})
    ruling = World(who=who).hears(pushed())
    assert ruling.actions == ()
    assert ruling.notes[-1] == "nobody holds a duty whose holders are told"


def test_where_it_only_observes_nobody_is_told_and_the_tag_is_recorded() -> None:
    for world in (World(mode="observe"), World(who=roster(community=MANAGERS, mode="observe"))):
        ruling = world.hears(pushed())
        assert ruling.actions == ()
        assert "ann would be told" in ruling.notes
        assert world.state == ("unsigned", A)


def test_of_several_projects_those_are_told_of_where_the_version_was_asked_for() -> None:
    other = Terms(project="x/releases", override=Held(duty="managers", of="nova"))
    who = roster(community=MANAGERS, duties={"managers": ("dee",)}, ptl=())
    world = World(act("signed"), who=who, signoff=(TERMS, other))
    world.book.learn_gates([Gate(item="gerrit:7", repo="x/releases", patch_set=1, revision=C)])
    assert told(world.hears(pushed(B))) == ["dee"]
    assert told(World(who=who, signoff=(TERMS, other)).hears(pushed(B))) == ["ann", "bob", "dee"]


@pytest.mark.parametrize(
    ("acts", "counts"),
    [
        ((), False),
        (("signed",), True),
        (("signed", "withdrawn"), False),
        (("signed", "expired"), False),
        (("signed", "vetoed"), False),
        (("vetoed", "signed"), True),
        (("vetoed", "unvetoed"), False),
        (("vetoed", "overridden"), True),
        (("overridden", "vetoed"), False),
        (("vetoed", "lapsed"), False),
        (("lapsed",), True),
    ],
)
def test_a_release_is_let_out_as_at_its_gate_by_what_stands_of_all_acts(acts: tuple[str, ...], counts: bool) -> None:
    assert World(*map(act, acts)).lets_out() is counts


def test_anothers_veto_holds_what_was_signed() -> None:
    world = World(act("signed"), act("vetoed", who="ann"), who=roster(duties={"release": ("ann",)}))
    assert not world.lets_out()
    world.acts(act("unvetoed", who="ann"))
    assert world.lets_out()


def test_it_takes_as_many_people_as_the_terms_say_however_often_one_signs() -> None:
    world = World(act("signed"), act("signed"), signoff=(replace(TERMS, quorum=2),))
    assert not world.lets_out()
    assert f"pat signed it for {A}, which is not enough or does not stand" in text(world.hears(pushed()))
    world.acts(act("signed", who="ann"))
    assert world.lets_out()


def test_it_takes_those_of_the_team_that_owns_the_repo() -> None:
    assert not World(act("signed", who="zed", rights=(("glance", "ptl"),))).lets_out()
    assert World(act("signed", who="zed", rights=(("glance", "ptl"), ("nova", "czar")))).lets_out()


def test_of_a_request_that_is_known_the_team_of_the_file_signs_too() -> None:
    of_glance = replace(gate().wanted[0], team="glance")
    who = roster(teams={"glance": Team(name="glance", ptl=("ann",))})
    world = World(act("signed"), who=who)
    world.book.learn_gates([gate(value=0, wanted=(of_glance,))])
    assert not world.lets_out()
    world.acts(act("signed", who="ann", rights=(("glance", "ptl"),)))
    assert world.lets_out()


def test_who_has_lost_the_right_or_signed_long_ago_has_signed_all_the_same() -> None:
    world = World(act("signed", who="zed", at=NOW - timedelta(days=1000)))
    assert world.lets_out()


def test_nobody_signs_their_own_where_that_is_not_wanted() -> None:
    own = act("signed", own=True)
    assert World(own).lets_out()
    assert not World(own, signoff=(replace(TERMS, self_sign=False),)).lets_out()


def test_what_landed_through_its_gate_stays_let_out_and_what_went_past_it_does_not() -> None:
    for value, expected in ((1, True), (0, False)):
        world = World(act("signed"), act("withdrawn"))
        world.book.learn_gates([gate(value=value)])
        assert world.lets_out() is expected


def test_of_a_repo_that_nobody_owns_any_more_the_team_that_signed_counts() -> None:
    old = Release("x/old", VERSION, A)
    world = World(act("signed", release=old))
    assert let_out(old, world.by, world.book, NOW)
    nobody = World(act("signed", release=old, rights=()))
    assert let_out(old, nobody.by, nobody.book, NOW) is None


def test_of_a_request_that_is_not_known_any_of_the_terms_may_have_governed() -> None:
    strict = Terms(project="x/releases", quorum=2)
    assert World(act("signed"), signoff=(strict, TERMS)).lets_out()
    world = World(act("signed"), signoff=(strict, TERMS))
    world.book.learn_gates([gate(repo="x/releases", state="closed")])
    assert not world.lets_out()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tag"), st.sampled_from([A, B, GONE])),
        st.tuples(st.sampled_from(["signed", "withdrawn", "overridden", "vetoed"]), st.sampled_from([A, B])),
    ),
    max_size=12,
)


@given(STEPS)
def test_a_tag_is_called_signed_only_on_a_commit_that_was_let_out(steps: list[tuple[str, str]]) -> None:
    world = World()
    signed: set[str] = set()
    for what, sha in steps:
        if what != "tag":
            world.acts(act(what, sha))
            continue
        signed |= {one for one in (A, B) if world.lets_out(one)}
        ruling = world.hears(pushed(sha))
        found = world.book.audit(REPO, VERSION)
        if found and found.state == "signed":
            assert found.release.sha in signed
        if ruling.effects.audits and sha != GONE and not signed:
            assert told(ruling)

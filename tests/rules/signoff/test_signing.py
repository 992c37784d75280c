"""Who may sign, and where a release stands by what is in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from rules.roster import Duty, Roster, Team
from rules.signoff.ledger import Entry, Head, chained
from rules.signoff.requests import Wanted
from rules.signoff.signing import Law, Stand, benches, died, holders, may_override, may_sign_own, rights, stand
from rules.signoff.terms import Held
from tests.rules.makers import NOW
from tests.rules.signers import community, release, terms, wanted

ACCOUNTS = {name: name for name in ("ann", "bob", "cyd", "dee", "pat", "rel", "tia")}


def law(roster: Roster | None = None, *, days: int = 0, **given: Any) -> Law:
    return Law(roster=roster or community(), terms=terms(**given), now=NOW + timedelta(days=days), accounts=ACCOUNTS)


def teams_of(one: Wanted, roster: Roster | None = None) -> list[str]:
    return [bench.team for bench in benches(one, roster or community(), terms(), NOW)]


def said(*acts: tuple[str, str], **given: Any) -> tuple[Entry, ...]:
    """`(act, account)`, a minute each."""
    made = [
        Entry(
            act=act,
            release=release(),
            item="gerrit:7",
            patch_set=1,
            at=NOW + timedelta(minutes=number),
            account=who,
            person=who,
            because=f"{who} {act}",
            **given,
        )
        for number, (act, who) in enumerate(acts)
    ]
    return chained(made, Head())[0]


def standing(*acts: tuple[str, str], **given: Any) -> Stand:
    return stand(wanted(), said(*acts), law(**given))


def test_of_the_file_before_and_after_and_of_the_repo_somebody_must_sign_each_team_once() -> None:
    assert teams_of(wanted()) == ["nova"]
    assert teams_of(wanted(team="placement")) == ["placement", "nova"]
    assert teams_of(wanted(team_before="placement")) == ["nova", "placement"]
    assert teams_of(wanted(team="Placement", team_before="place-ment")) == ["placement", "nova"]


def test_a_file_that_names_no_team_is_its_deliverables_or_the_repos() -> None:
    owned = community().teams["placement"]
    roster = community(teams={**community().teams, "placement": replace(owned, deliverables={"nova": ()})})
    assert teams_of(wanted(team=""), roster) == ["placement", "nova"]
    assert teams_of(wanted(team="")) == ["nova"]


def test_a_team_that_is_not_in_the_roster_is_a_bench_of_the_fallback_or_of_nobody() -> None:
    one = wanted(release("openstack/unowned"), team="gone")
    (bench,) = benches(one, community(), terms(), NOW)
    assert (bench.team, bench.people, bench.role("tia"), bench.role("ann")) == ("", (("tia", "tc"),), "tc", "")
    (bench,) = benches(one, community(), terms(fallback=None), NOW)
    assert bench.people == ()
    assert stand(one, (), law(fallback=None)).because.startswith("nobody can sign for no team of the roster")


def test_who_holds_a_duty_of_the_community_of_a_team_or_of_the_team_in_question() -> None:
    roster = community()
    assert holders(Held(duty="releases", of="community"), "nova", roster, NOW) == (("rel", "releases"),)
    assert [one for one, _ in holders(Held(duty="release", of="placement"), "nova", roster, NOW)] == ["dee"]
    assert [one for one, _ in holders(Held(duty="release"), "nova", roster, NOW)] == ["ann", "bob", "cyd", "pat"]
    assert holders(Held(duty="release"), "", roster, NOW) == ()


def test_rights_are_by_team_and_role() -> None:
    both = wanted(team="placement")
    assert rights("ann", wanted(), law()) == (("nova", "czar"),)
    assert rights("pat", both, law()) == (("nova", "ptl"),)
    assert rights("dee", both, law()) == (("placement", "czar"),)
    assert rights("tia", both, law()) == ()


def test_only_who_holds_the_named_duty_overrides() -> None:
    assert may_override("rel", "nova", law())
    assert not may_override("ann", "nova", law())
    assert not may_override("rel", "nova", law(override=None))


def test_whether_they_may_sign_their_own_is_for_all_and_the_team_to_say() -> None:
    strict = community(teams={"nova": Team(name="nova", self_sign=False)})
    assert may_sign_own("nova", law())
    assert may_sign_own("", law())
    assert not may_sign_own("nova", law(strict))
    assert not may_sign_own("nova", law(self_sign=False))


def test_it_waits_is_signed_withdrawn_vetoed_lapsed_overridden() -> None:
    assert standing().state == "waiting"
    assert standing(("signed", "ann")).state == "signed"
    assert standing(("signed", "ann"), ("withdrawn", "ann")).state == "withdrawn"
    assert standing(("signed", "ann"), ("vetoed", "bob")).state == "vetoed"
    assert standing(("vetoed", "bob"), ("signed", "ann")).state == "vetoed"
    assert standing(("vetoed", "bob"), ("unvetoed", "bob"), ("signed", "ann")).state == "signed"
    assert standing(("vetoed", "bob"), ("signed", "bob")).state == "signed"
    assert standing(("lapsed", "rel")).state == "lapsed"
    assert standing(("lapsed", "rel"), ("vetoed", "bob")).state == "vetoed"
    assert standing(("vetoed", "bob"), ("overridden", "rel")).state == "overridden"
    assert standing(("overridden", "rel"), ("vetoed", "bob")).state == "vetoed"


def test_taking_back_a_sign_off_leaves_the_others() -> None:
    assert standing(("signed", "ann"), ("signed", "bob"), ("withdrawn", "bob")).state == "signed"


def test_the_veto_of_who_has_no_say_any_more_does_not_count() -> None:
    assert standing(("vetoed", "dee"), ("signed", "ann")).state == "signed"


def test_it_is_expired_on_the_day_and_not_before() -> None:
    assert standing(("signed", "ann"), days=89).state == "signed"
    old = standing(("signed", "ann"), days=91)
    assert old.state == "expired"
    assert [(act, entry.person) for act, entry, _ in died(old)] == [("expired", "ann")]


def test_who_lost_the_right_has_not_signed_unless_that_counts_at_signing() -> None:
    left = community(teams={"nova": Team(name="nova", duties={"release": Duty(name="release", czars=("bob",))})})
    lost = standing(("signed", "ann"), roster=left)
    assert lost.state == "withdrawn"
    assert [(act, entry.person) for act, entry, _ in died(lost)] == [("withdrawn", "ann")]
    entries = said(("signed", "ann"), rights=(("nova", "czar"),))
    assert stand(wanted(), entries, law(left, rights_at="signing")).state == "signed"


def test_rights_that_end_while_it_is_vetoed_end_all_the_same() -> None:
    left = community(teams={"nova": Team(name="nova", duties={"release": Duty(name="release", czars=("bob",))})})
    lost = standing(("signed", "ann"), ("vetoed", "bob"), roster=left)
    assert (lost.state, [entry.person for _, entry, _ in died(lost)]) == ("vetoed", ["ann"])


def test_a_quorum_counts_people_of_each_bench() -> None:
    assert [bench.team for bench in standing(("signed", "ann"), quorum=2).lacking] == ["nova"]
    assert standing(("signed", "ann"), ("signed", "ann"), quorum=2).state == "waiting"
    assert standing(("signed", "ann"), ("signed", "bob"), quorum=2).state == "signed"
    assert standing(("signed", "ann"), ("signed", "dee"), quorum=2).state != "signed"


def test_somebody_is_their_account_and_by_name_only_where_the_account_is_not_known() -> None:
    entries = said(("signed", "ann"))
    renamed = replace(law(), accounts={"ann": "somebody else"})
    assert stand(wanted(), entries, renamed).state == "withdrawn"
    assert stand(wanted(), entries, replace(law(), accounts={})).state == "signed"


def test_what_is_let_out_or_vetoed_lacks_nobody() -> None:
    assert standing(("signed", "ann")).lacking == ()
    assert standing(("vetoed", "ann")).lacking == ()
    assert standing(("overridden", "rel")).lacking == ()
    assert [bench.team for bench in standing().lacking] == ["nova"]

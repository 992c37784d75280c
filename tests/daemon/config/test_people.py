from __future__ import annotations

from datetime import date

from rules.roster import Absence
from tests.daemon.config.makers import roster_of


def test_a_person_with_everything() -> None:
    roster, wrong = roster_of("""
        people:
          ann:
            {name: Ann, gerrit: ann, launchpad: ann-l, email: [ann@example.org, a@example.org], irc: ann_,
             tz: Europe/Paris, weight: 0.5, cap: {change: 6}, opt_out: true,
             away: [{from: 2026-08-03, to: 2026-08-03, cover: bob}]}
          bob:
        """)
    ann = roster.people["ann"]
    assert not wrong
    assert (ann.name, ann.gerrit, ann.launchpad, ann.irc, ann.tz) == ("Ann", "ann", "ann-l", "ann_", "Europe/Paris")
    assert ann.emails == ("ann@example.org", "a@example.org")
    assert (ann.weight, dict(ann.cap), ann.opt_out) == (0.5, {"change": 6}, True)
    assert ann.away == (Absence(first=date(2026, 8, 3), last=date(2026, 8, 3), cover="bob"),)
    assert roster.people["bob"].gerrit is None


def test_holidays_go_by_country_or_else_by_time_zone() -> None:
    roster, wrong = roster_of("""
        people:
          ann: {tz: Europe/Paris}
          bob: {tz: Europe/Paris, holidays: US-CA}
          cyd: {tz: Europe/Paris, holidays: none}
          dee: {}
        """)
    assert not wrong
    assert [person.country for person in roster.people.values()] == ["FR", "US-CA", "", ""]


def test_one_person_may_say_an_address_twice() -> None:
    assert not roster_of("people: {ann: {email: [ann@example.org, Ann@example.org]}}")[1]


def test_the_same_name_on_two_servers_is_no_double() -> None:
    assert not roster_of("people: {ann: {gerrit: ann}, bob: {launchpad: ann}}")[1]


def test_a_cover_may_be_named_by_somebody_above_them() -> None:
    text = "people: {ann: {away: [{from: 2026-08-03, to: 2026-08-04, cover: bob}]}, bob: {}}"
    assert not roster_of(text)[1]
    assert roster_of(text.replace("cover: bob", "cover: bobby"))[1] == [
        "roster.yaml:1:65: unknown person 'bobby' (did you mean 'bob'?)"
    ]


def test_a_number_may_be_a_name() -> None:
    assert roster_of("people: {12: {gerrit: 1012345}}")[0].people["12"].gerrit == "1012345"

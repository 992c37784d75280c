"""Made-up communities, rules and histories, for properties that hold whatever people configure and do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from rules.events import (
    ChangeAbandoned,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    PatchsetCreated,
    ReviewerRemoved,
    Tick,
    TopicChanged,
    WipChanged,
)
from rules.roster import COMMUNITY, Absence, Duty, Person, Roster, Rotation, Team
from rules.routing import Ask, Rule
from rules.verdicts import Limits, Settings
from tests.rules.life import step
from tests.rules.makers import REPO, person, rule, settings

PEOPLE = ("ann", "bob", "cyd", "dee", "eve", "pat")
BOT = "zuul"
REPOS = (REPO, "openstack/glance")
ITEMS = (7, 8, 9)
LADDERS = {
    "quick": (step("ping", 1), step("reassign", 2), step("add", 3, to="deputies"), step("add", 5, to="ptl")),
    "slow": (step("notify", 20), step("add", 40, to="ptl"), step("reassign", days=3), step("ping", 200)),
}
TIMES = [timedelta(seconds=1), timedelta(minutes=30), timedelta(hours=3), timedelta(days=2), timedelta(days=9)]

keys = st.sampled_from(PEOPLE)
some = st.lists(keys, max_size=3, unique=True).map(tuple)
rarely = st.sampled_from([False, False, False, False, True])


@st.composite
def absences(draw: st.DrawFn) -> tuple[Absence, ...]:
    """None mostly, else some days around now."""
    if not draw(rarely):
        return ()
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 12)))
    cover = draw(st.none() | keys)
    return (Absence(first=first, last=first + timedelta(days=draw(st.integers(0, 6))), cover=cover),)


def people(key: str) -> st.SearchStrategy[Person]:
    """One person, with what makes them available or not."""
    return st.builds(
        person,
        st.just(key),
        away=absences(),
        opt_out=rarely,
        weight=st.sampled_from([0.5, 1.0, 2.0]),
        cap=st.sampled_from([{}, {}, {"change": 0}, {"change": 1}, {"change": 2}]),
        tz=st.sampled_from(["UTC", "Asia/Tokyo", "America/Chicago"]),
        country=st.sampled_from(["", "FR", "US"]),
    )


def duties(name: str, *, private: bool = False) -> st.SearchStrategy[Duty]:
    """A list or a rotation, and deputies."""
    listed = st.builds(Duty, name=st.just(name), czars=some, deputies=some, private=st.just(private))
    order = st.lists(keys, min_size=1, max_size=4, unique=True).map(tuple)
    turns = st.builds(Rotation, order=order, start=st.just(date(2026, 1, 5)), every=st.sampled_from([1, 7]))
    rotating = st.builds(Duty, name=st.just(name), rotation=turns, deputies=some, private=st.just(private))
    return listed | rotating


DUTIES = {"code": False, "docs": False, "security": True}


def teams(name: str, repo: str) -> st.SearchStrategy[Team]:
    """A team with one repo and all duties."""
    held = st.fixed_dictionaries({duty: duties(duty, private=private) for duty, private in DUTIES.items()})
    ptl = st.lists(keys, max_size=1).map(tuple)
    modes = st.sampled_from([None, None, None, "observe", "off"])
    return st.builds(Team, name=st.just(name), repos=st.just((repo,)), ptl=ptl, duties=held, mode=modes)


rosters = st.builds(
    Roster,
    people=st.fixed_dictionaries({key: people(key) for key in PEOPLE}),
    teams=st.fixed_dictionaries({"nova": teams("nova", REPOS[0]), "glance": teams("glance", REPOS[1])}),
    community=st.fixed_dictionaries({"vmt": duties("vmt", private=True)}),
    bots=st.just(frozenset({BOT})),
)
asks = st.builds(
    Ask,
    duty=st.sampled_from([*DUTIES, "vmt"]),
    of=st.sampled_from(["owner", "owner", "nova", COMMUNITY]),
    pick=st.sampled_from(["all", "first", "rotation", 1, 1, 2]),
    as_=st.sampled_from(["reviewer", "reviewer", "reviewer", "cc", "suggest"]),
)
conditions: st.SearchStrategy[dict[str, tuple[str, ...]]] = st.fixed_dictionaries(
    {},
    optional={
        "topic": st.sampled_from([("t*",), ("!t1",)]),
        "file": st.sampled_from([("doc/**",), ("!doc/**",)]),
        "repo": st.sampled_from([("openstack/*",), (REPO,)]),
    },
)
allowances = st.sets(st.sampled_from(["wip", "private", "owner", "topic"]))


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Up to five rules in up to three slots."""
    return tuple(
        rule(
            f"rule-{number}",
            when=draw(conditions),
            unless=draw(conditions.map(lambda one: {key: one[key] for key in one if key == "topic"})),
            allow=draw(allowances),
            slot=draw(st.sampled_from(["code", "docs", "other"])),
            ask=draw(asks),
            else_=draw(st.none() | st.none() | asks),
            ladder=draw(st.sampled_from([None, "quick", "slow"])),
            mode=draw(st.sampled_from(["act", "act", "act", "observe"])),
        )
        for number in range(draw(st.integers(1, 5)))
    )


def _settings(given: tuple[Rule, ...], who: Roster, limits: Limits) -> Settings:
    return settings(*given, who=who, limits=limits, ladders=LADDERS)


few = st.sampled_from([1, 3, 50])
configs = st.builds(
    _settings, rules(), rosters, st.builds(Limits, rule_per_hour=few, total_per_hour=few, person_per_day=few)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that happens to one of the changes, so long after the deed before."""

    kind: Any
    number: int
    by: str
    after: timedelta
    given: dict[str, Any]


LINES = (
    *("claim", "decline", "release", "reroll", "snooze 3h", "hold", "unhold", "status", "explain", "optout", "back"),
    *("away 2026-01-08..2026-01-12 cover @bob", "swap @bob 2026-W02", "delegate code @eve until 2026-01-20", "quiet"),
    *("assign @cyd", "assign @dee docs", "route docs", "route security", "clame", "gate close", ""),
)
who = st.sampled_from([*PEOPLE, "zed", BOT, "czar-bot"])
DEEDS: dict[Any, st.SearchStrategy[dict[str, Any]]] = {
    PatchsetCreated: st.fixed_dictionaries({}),
    Tick: st.fixed_dictionaries({}),
    ChangeSeen: st.fixed_dictionaries({}),
    CommentAdded: st.fixed_dictionaries(
        {"lines": st.lists(st.sampled_from(LINES), max_size=2).map(tuple), "vote": rarely}
    ),
    WipChanged: st.fixed_dictionaries({"wip": st.booleans()}),
    TopicChanged: st.fixed_dictionaries({"topic": st.sampled_from(["", "t1", "t2"])}),
    ReviewerRemoved: st.fixed_dictionaries({"reviewer": who}),
    ChangeMerged: st.fixed_dictionaries({"status": st.just("MERGED")}),
    ChangeAbandoned: st.fixed_dictionaries({"status": st.just("ABANDONED")}),
    ChangeRestored: st.fixed_dictionaries({"status": st.just("NEW")}),
}
LIKELY = (PatchsetCreated, PatchsetCreated, Tick, Tick, Tick, CommentAdded, CommentAdded, CommentAdded, *DEEDS)


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    """One of them; what happens often in life happens often here."""
    kind = draw(st.sampled_from(LIKELY))
    return Deed(
        kind=kind,
        number=draw(st.sampled_from(ITEMS)),
        by=draw(who),
        after=draw(st.sampled_from(TIMES)),
        given=draw(DEEDS[kind]),
    )


histories = st.lists(deeds(), min_size=5, max_size=15)
shown = st.fixed_dictionaries(
    {
        "repo": st.sampled_from(REPOS),
        "owner": st.sampled_from(["zed", *PEOPLE, BOT]),
        "private": rarely,
        "wip": rarely,
        "files": st.sampled_from([(), ("doc/a",), ("a.py", "doc/a")]),
        "related": st.sampled_from([(), (7,), (8, 9)]),
        "attention": st.sampled_from([(), ("zed",), ("ann", "zed")]),
    }
)
changes = st.fixed_dictionaries(dict.fromkeys(ITEMS, shown))
"""How each change looks at first."""

"""Who lives in the simulated world, what rules they have, and by hand: who may be asked about which change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from integrations.sandbox.gerrit.directory import SERVICE_USERS
from integrations.sandbox.gerrit.records import ALL_PROJECTS, Change, Label, Requirement
from integrations.sandbox.gerrit.state import State
from rules.ladders import Step
from rules.patterns import pattern
from rules.roster import COMMUNITY, Absence, Duty, Person, Roster, Rotation, Team
from rules.routing import Ask, Index, Rule, compile_tests
from rules.signoff.rule import with_ladder, with_signers
from rules.signoff.terms import Held, Terms
from rules.verdicts import Limits, Settings

BOT = "czar-bot"
PASSWORD = "secret"
MACHINE = "proposal-bot"
DEVELOPERS = ("dev", "eve")
CZARS = ("ann", "bob", "cyd", "dee", "gus", "hal", "pat")
MANAGER = "meg"
"""Of releases: may let one out that nobody signed."""
OWNERS = {"org/nova": "nova", "org/client": "nova", "org/glance": "glance"}
UNOWNED = "org/wild"
RELEASES = "org/releases"
"""Where releases are asked for; in no team's hands."""
LABEL = "Release-Signoff"
BRANCHES = ("master", "stable/1")
CAP = {"ann": 2}
WEIGHT = {"bob": 2.0}
TERMS = Terms(
    project=RELEASES,
    files=("deliverables/*.yaml",),
    label=LABEL,
    expires=timedelta(days=6),
    lapse_after=timedelta(days=1),
    override=Held(duty="release", of=COMMUNITY),
)
SIGNERS = {"nova": ("cyd", "ann", "bob", "pat"), "glance": ("gus",)}
"""Who may sign a release of a team, as long as the config does not take one of them off."""
LIMITS = Limits(rule_per_hour=5, total_per_hour=7, person_per_day=5)
RULES = ("docs-only", "any-code", "stable", "api", "hot", "hint")


def _after(number: float, unit: str, do: str, to: str | None = None) -> Step:
    return Step(after=timedelta(**{unit: number}), business=unit == "days", do=do, to=to)


LADDERS = {
    "review": (
        _after(1, "hours", "ping"),
        _after(2, "hours", "notify"),
        _after(3, "hours", "reassign"),
        _after(5, "hours", "add", "deputies"),
        _after(8, "hours", "add", "ptl"),
        _after(2, "days", "notify"),
    ),
    "days": (_after(1, "days", "ping"), _after(2, "days", "notify")),
    "slow": (
        _after(1, "days", "ping"),
        _after(2, "days", "add", "deputies"),
        _after(3, "days", "reassign"),
        _after(4, "days", "add", "ptl"),
    ),
    "quick": (
        _after(30, "minutes", "ping"),
        _after(60, "minutes", "reassign"),
        _after(90, "minutes", "add", "ptl"),
        _after(5, "hours", "ping"),
    ),
}

ASKABLE = {
    ("nova", "code"): ("ann", "bob", "cyd", "pat"),
    ("nova", "docs"): ("dee", "pat"),
    ("nova", "release"): ("cyd", "ann", "bob", "pat"),
    ("glance", "code"): ("gus", "hal"),
    ("glance", "docs"): ("hal", "gus"),
    ("glance", "release"): ("gus",),
}
"""Everybody who answers for a duty in the end, the PTL included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a reload may change."""

    away: tuple[tuple[str, date, date], ...] = ()
    modes: tuple[tuple[str, str], ...] = ()  # of rules
    team_mode: str | None = None  # of glance
    mode: str = "act"
    opted_out: str = ""
    off: str = ""  # a signer of nova who is none now
    trouble: str = ""  # why the roster cannot be read anew

    @property
    def acts(self) -> bool:
        """Whether everything decided is done."""
        return not self.modes and self.team_mode is None and self.mode == "act"

    def signers(self, team: str) -> frozenset[str]:
        """Who may sign its releases now, but for delegates."""
        return frozenset(SIGNERS.get(team, ())) - {self.off}

    def is_away(self, person: str, at: datetime) -> bool:
        """In UTC, where all of them live."""
        return any(who == person and first <= at.date() <= last for who, first, last in self.away)


def settings(config: Config, since: datetime, version: int) -> Settings:
    """What the daemon goes by."""
    modes = dict(config.modes)
    rules = tuple(_rule(name, modes.get(name, "act")) for name in RULES)
    signoff = {RELEASES: TERMS}
    index = with_signers(Index(rules=rules, roster=_roster(config)), signoff)
    return Settings(
        changes=index,
        mode=config.mode,
        since=since,
        limits=LIMITS,
        ladders=with_ladder(LADDERS),
        ourselves=BOT,
        started=since,
        version=f"v{version}",
        signoff=signoff,
        roster_trouble=config.trouble,
    )


def _rule(name: str, mode: str) -> Rule:
    owned = pattern((*OWNERS,))
    ladder: str | None = None
    match name:
        case "docs-only":
            ask, slot, when, ladder = Ask(duty="docs", pick="first"), "code", {"only": ("doc/**",)}, "days"
        case "any-code":
            ask, slot, when, ladder = Ask(duty="code", pick=1), "code", {}, "review"
        case "stable":
            ask, slot, when, ladder = Ask(duty="release", pick="first"), "release", {"branch": ("stable/*",)}, "slow"
        case "hot":
            ask, slot, when, ladder = Ask(duty="code", pick="rotation"), "hot", {"hashtag": ("urgent",)}, "quick"
        case "hint":
            ask, slot, when = Ask(duty="release", pick=1, as_="suggest"), "hint", {"topic": ("tidy",)}
        case _:
            ask, slot, when = Ask(duty="docs", pick="all", as_="cc"), "api", {"topic": ("api-*",)}
    tests = compile_tests("change", when)
    return Rule(id=name, event="change", slot=slot, ask=ask, mode=mode, tests=tests, repo=owned, ladder=ladder)


def _roster(config: Config) -> Roster:
    away = {who: (Absence(first=first, last=last),) for who, first, last in config.away}
    people = {
        name: Person(
            key=name,
            gerrit=None if name == "hal" else name,  # known by address only
            emails=(f"{name}@example.org",),
            cap={"change": CAP[name]} if name in CAP else {},
            weight=WEIGHT.get(name, 1.0),
            opt_out=name == config.opted_out,
            away=away.get(name, ()),
        )
        for name in (*CZARS, MANAGER)
    }
    nova = {
        "code": Duty(name="code", czars=("ann", "bob"), deputies=("cyd",)),
        "docs": Duty(name="docs", czars=("dee",)),
        "release": Duty(name="release", czars=_but(config.off, "cyd", "ann"), deputies=_but(config.off, "bob")),
    }
    turns = Rotation(order=("gus", "hal"), every=7, start=date(2026, 1, 5))
    glance = {"code": Duty(name="code", rotation=turns), "docs": Duty(name="docs", czars=("hal",))}
    teams = {
        "nova": Team(name="nova", repos=_repos("nova"), ptl=("pat",), duties=nova),
        "glance": Team(name="glance", repos=_repos("glance"), ptl=("gus",), duties=glance, mode=config.team_mode),
    }
    community = {"release": Duty(name="release", czars=(MANAGER,))}
    revision = f"without {config.off}"
    return Roster(people=people, teams=teams, community=community, bots=frozenset({MACHINE}), revision=revision)


def _but(off: str, *people: str) -> tuple[str, ...]:
    return tuple(one for one in people if one != off)


def _repos(team: str) -> tuple[str, ...]:
    return tuple(repo for repo, owner in OWNERS.items() if owner == team)


def populate(state: State) -> dict[str, int]:
    """Everybody's account ids, by name; the projects with their branches."""
    for name in (*DEVELOPERS, *CZARS, MANAGER):
        state.add_account(name, name=name.title(), email=f"{name}@example.org", password=PASSWORD)
    state.add_account(MACHINE, name="Proposal Bot", email="proposals@example.org", groups=[SERVICE_USERS])
    state.add_account(BOT, name="czar", email="czar@example.org", password=PASSWORD, groups=[SERVICE_USERS])
    state.allow(ALL_PROJECTS, "refs/*", "removeReviewer", state.groups[SERVICE_USERS].uuid)
    for project in (*OWNERS, UNOWNED):
        state.add_project(project)
        for branch in BRANCHES[1:]:
            state.update_ref(project, f"refs/heads/{branch}", state.new_sha(), by=state.admin.account_id)
    _make_gate(state)
    return {account.username: account.account_id for account in state.accounts.values()}


def _make_gate(state: State) -> None:
    """As `czar gerrit setup` does."""
    values = {-1: "Refused or vetoed", 0: "Waits for sign-off", 1: "Signed off"}
    state.add_project(RELEASES)
    state.set_label(RELEASES, Label(name=LABEL, values=values, allow_post_submit=False, can_override=False))
    state.allow_vote(RELEASES, LABEL, state.groups[SERVICE_USERS].uuid)
    opens = f"label:{LABEL}=MAX,user={BOT} AND -label:{LABEL}=MIN"
    state.set_requirement(RELEASES, Requirement(name=LABEL, submittable_if=opens))


def askable(change: Change, accounts: dict[str, int]) -> dict[str, tuple[str, ...]]:
    """By slot that a rule wants filled now: everybody who could be asked in the end."""
    team = OWNERS.get(change.project)
    if team is None or change.wip or change.private or change.owner == accounts[MACHINE]:
        return {}
    docs = bool(change.current.files) and all(path.startswith("doc/") for path in change.current.files)
    slots = {"code": ASKABLE[team, "docs" if docs else "code"]}
    if change.branch.startswith("stable/"):
        slots["release"] = ASKABLE[team, "release"]
    if change.topic.startswith("api-"):
        slots["api"] = ASKABLE[team, "docs"]
    if "urgent" in change.hashtags:
        slots["hot"] = ASKABLE[team, "code"]
    if change.topic == "tidy":
        slots["hint"] = ASKABLE[team, "release"]
    return slots


def absence(person: str, at: datetime, days: int) -> tuple[str, date, date]:
    """From that day on."""
    return person, at.date(), at.date() + timedelta(days=days)

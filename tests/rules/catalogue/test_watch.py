"""Who answers for libraries hears of those their team watches: once, and of their own changes never."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.actions import Notify
from rules.engine import needs
from rules.events import (
    BacklogSeen,
    ChangeMerged,
    ChangeRestored,
    ChangeSeen,
    CommentAdded,
    Event,
    PatchsetCreated,
    PrivateChanged,
    Tick,
    TopicChanged,
    Vote,
    WipChanged,
)
from rules.facts import Need
from rules.requirement_lines import LISTS
from rules.roster import Absence, Duty, Person, Roster, Team, Watch
from rules.verdicts import Decision
from tests.rules.makers import HOUR, ITEM, NOW, REPO, World, account, facts, happened, person, roster, rule

OSLO = "openstack/oslo.messaging"
LISTED = "openstack/requirements"
LIBRARY = Watch(repos=("openstack/oslo.*",))
PATHS = Watch(repos=("openstack/oslo.*",), paths=("**/rpc/**",))
NAMES = Watch(requirements=("oslo.log", "os_brick"))
UPPER = {"upper-constraints.txt": ("oslo.log===5.4.0", "six===1.16.0")}
JOBS = ("nova-*", "!nova-docs")
FAILED = (
    "Build failed (check pipeline).  For information on how to proceed, see\nhttps://docs.example.org\n\n"
    "- openstack-tox-py313 https://zuul.example.org/build/1 : SUCCESS in 5m 01s\n"
    "- nova-ceph https://zuul.example.org/build/2 : FAILURE in 1h 43m 12s\n"
)


def watching(*watches: Watch, people: tuple[Person, ...] = (), **given: Any) -> Roster:
    """Nova with these watches, whose libs are Bob's, Cyd their deputy."""
    duty = Duty(name="libs", czars=("bob",), deputies=("cyd",))
    return roster(*people, **{"watches": watches, "jobs": JOBS, "duties": {"libs": duty}, **given})


def glance(**given: Any) -> Team:
    """Another team, whose libs are Dee's."""
    duty = Duty(name="libs", czars=("dee",))
    return Team(**{"name": "glance", "repos": ("openstack/glance",), "duties": {"libs": duty}, **given})


class Libraries(World):
    """A world in which no rule asks anybody; the change is in `repo`."""

    def __init__(self, who: Roster, repo: str = OSLO, **given: Any) -> None:
        super().__init__(rule(when={"topic": ("never",)}), who=who, **given)
        self.repo = repo

    def happens(self, kind: Any = PatchsetCreated, *, seen: dict[str, Any] | None = None, **given: Any) -> Decision:
        """Something happens to the change, which the server then shows as `seen` says."""
        return self.decide(happened(kind, repo=self.repo, **given), facts(repo=self.repo, **(seen or {})))

    def hear(self, kind: Any = PatchsetCreated, *, seen: dict[str, Any] | None = None, **given: Any) -> list[str]:
        """Who is told then."""
        return [one.person for one in self.happens(kind, seen=seen, **given).actions if isinstance(one, Notify)]

    def need(self, what: Event) -> Need | None:
        """What that event would have looked up."""
        return needs(what, self.settings, self.book, self.now)

    def fails(self, text: str = FAILED, *, by: str = "zuul", value: int = -1, **given: Any) -> list[str]:
        """What is told when a CI votes so."""
        vote = Vote(label="Verified", value=value, old=0)
        told = self.happens(CommentAdded, by=account(by), text=text, votes=(vote,), seen={"lines": UPPER, **given})
        return [one.key for one in told.actions]


class TestWatchedRepos:
    def test_who_answers_for_libraries_is_told_what_and_why(self) -> None:
        told = Libraries(watching(LIBRARY)).happens()
        text = (
            f"{ITEM} ({OSLO}) changes a library that nova watches. Please see whether nova can live with it, and say "
            "so there if not. You are told because you answer for libs of nova."
        )
        key = f"Notify:library:{OSLO}:{ITEM}:bob"
        notify = Notify(item=ITEM, repo=OSLO, key=key, person="bob", reason="library", text=text)
        assert told.actions == (notify,)
        assert told.notes == ("bob is told of a watched library, if not before",)

    def test_the_subject_is_told_in_one_line(self) -> None:
        (notify,) = Libraries(watching(LIBRARY)).happens(subject="Drop\n the driver").actions
        assert isinstance(notify, Notify)
        assert notify.text.startswith(f"{ITEM} ({OSLO}, “Drop the driver”) changes a library")

    @pytest.mark.parametrize("kind", [PatchsetCreated, ChangeSeen, ChangeRestored, WipChanged, PrivateChanged])
    def test_when_it_comes_up(self, kind: Any) -> None:
        assert Libraries(watching(LIBRARY)).hear(kind) == ["bob"]

    @pytest.mark.parametrize("kind", [TopicChanged, ChangeMerged, CommentAdded])
    def test_not_at_everything(self, kind: Any) -> None:
        assert Libraries(watching(LIBRARY)).hear(kind) == []

    def test_nor_at_a_tick(self) -> None:
        tick = Tick(at=NOW, item=ITEM, repo=OSLO, because="x")
        assert Libraries(watching(LIBRARY)).decide(tick, facts(repo=OSLO)).actions == ()

    def test_a_second_patch_set_is_the_same_news(self) -> None:
        world = Libraries(watching(LIBRARY))
        assert [one.key for one in world.happens().actions] == [one.key for one in world.happens().actions]

    def test_other_repos_are_nobodys_news(self) -> None:
        world = Libraries(watching(LIBRARY), repo=REPO)
        assert world.hear() == []

    @pytest.mark.parametrize("state", ["wip", "private"])
    def test_nor_are_changes_that_are_not_ready(self, state: str) -> None:
        world = Libraries(watching(PATHS))
        ready: dict[str, Any] = {state: True}
        assert world.hear(**ready) == []
        assert world.hear(seen={**ready, "files": ("a/rpc/b.py",)}) == []

    def test_nor_ended_ones(self) -> None:
        world = Libraries(watching(PATHS))
        assert world.hear(ChangeSeen, status="MERGED") == []
        assert world.hear(seen={"status": "ABANDONED", "files": ("a/rpc/b.py",)}) == []

    def test_nor_old_ones(self) -> None:
        world = Libraries(watching(LIBRARY), since=NOW)
        assert world.hear(ChangeSeen, created=NOW - HOUR) == []
        assert world.hear(ChangeSeen, created=NOW) == ["bob"]
        assert world.hear(BacklogSeen, created=NOW - HOUR) == ["bob"]

    def test_whoever_wrote_it_knows(self) -> None:
        assert Libraries(watching(LIBRARY)).hear(owner=account("bob")) == []

    def test_all_of_the_first_tier_with_somebody_available_are_told(self) -> None:
        two = {"libs": Duty(name="libs", czars=("bob", "ann"), deputies=("cyd",))}
        away = (Absence(first=date(2026, 1, 1), last=date(2026, 2, 1)),)
        assert Libraries(watching(LIBRARY, duties=two)).hear() == ["bob", "ann"]
        assert Libraries(watching(LIBRARY, people=(person("bob", away=away),), duties=two)).hear() == ["ann"]
        assert Libraries(watching(LIBRARY, people=(person("bob", away=away),))).hear() == ["cyd"]
        assert Libraries(watching(LIBRARY, duties={})).hear() == ["pat"]
        assert Libraries(watching(LIBRARY, duties={}, ptl=())).hear() == []

    def test_each_watching_team_is_told(self) -> None:
        who = watching(LIBRARY, teams={"glance": glance(watches=(LIBRARY,))})
        assert Libraries(who).hear() == ["bob", "dee"]

    def test_who_answers_for_two_teams_is_told_once(self) -> None:
        both = glance(watches=(LIBRARY,), duties={"libs": Duty(name="libs", czars=("bob",))})
        assert Libraries(watching(LIBRARY, teams={"glance": both})).hear() == ["bob"]


class TestPaths:
    def test_only_matching_files_are_news(self) -> None:
        world = Libraries(watching(PATHS))
        assert world.hear(seen={"files": ("oslo/rpc/server.py", "setup.cfg")}) == ["bob"]
        assert world.hear(seen={"files": ("setup.cfg",)}) == []

    def test_they_are_named(self) -> None:
        files = tuple(f"oslo/rpc/{n}.py" for n in range(5))
        (notify,) = Libraries(watching(PATHS)).happens(seen={"files": files}).actions
        assert isinstance(notify, Notify)
        assert "that nova watches (oslo/rpc/0.py, oslo/rpc/1.py, oslo/rpc/2.py …). " in notify.text

    def test_files_are_looked_up_only_for_them(self) -> None:
        pushed = happened(PatchsetCreated, repo=OSLO)
        assert Libraries(watching(LIBRARY)).need(pushed) is None
        assert Libraries(watching(PATHS)).need(pushed) == Need(item=ITEM, repo=OSLO, files=True)
        other = happened(PatchsetCreated, repo="openstack/cinder")
        assert Libraries(watching(PATHS)).need(other) is None


class TestModes:
    def test_a_team_that_observes_would_be_told(self) -> None:
        told = Libraries(watching(LIBRARY, mode="observe")).happens()
        assert told.actions == ()
        assert [one.key for one in told.would] == [f"Notify:library:{OSLO}:{ITEM}:bob"]
        assert told.notes == ("bob would be told of a watched library",)

    def test_so_is_everybody_where_all_is_observed(self) -> None:
        assert Libraries(watching(LIBRARY), mode="observe").hear() == []

    @pytest.mark.parametrize(("mode", "in_team"), [("off", None), ("act", "off")])
    def test_switched_off_nothing_is_even_written_down(self, mode: str, in_team: str | None) -> None:
        told = Libraries(watching(LIBRARY, mode=in_team), mode=mode).happens()
        assert (told.actions, told.would, told.notes) == ((), (), ())

    def test_the_team_that_owns_the_library_does_not_count(self) -> None:
        who = watching(LIBRARY, teams={"oslo": Team(name="oslo", repos=(OSLO,), mode="observe")})
        assert Libraries(who).hear() == ["bob"]

    def test_who_is_really_told_would_not_be_told_too(self) -> None:
        both = glance(watches=(LIBRARY,), duties={"libs": Duty(name="libs", czars=("bob",))}, mode="observe")
        told = Libraries(watching(LIBRARY, teams={"glance": both})).happens()
        assert (len(told.actions), told.would) == (1, ())


class TestVersions:
    def test_go_into_the_digest(self) -> None:
        told = Libraries(watching(NAMES), repo=LISTED).happens(seen={"lines": UPPER, "subject": "Bump"})
        (notify,) = told.actions
        assert isinstance(notify, Notify)
        assert (notify.key, notify.person) == ("Notify:library:oslo-log:5.4.0:bob", "bob")
        assert (notify.reason, notify.digest) == ("library", True)
        assert notify.text == (
            f"oslo-log 5.4.0 is on its way: {ITEM} ({LISTED}, “Bump”). Please see whether nova works with it. You are "
            "told because you answer for libs of nova."
        )

    def test_are_the_same_news_on_every_change(self) -> None:
        world = Libraries(watching(NAMES), repo=LISTED)
        first = world.happens(number=8, seen={"lines": {"upper-constraints.txt": ("oslo.log===5.4.0",)}})
        second = world.happens(number=9, seen={"lines": {"a/requirements.txt": ("Oslo_Log>=5.4.0,<6  # Apache-2.0",)}})
        assert [one.key for one in first.actions] == [one.key for one in second.actions]

    def test_each_team_hears_of_its_own(self) -> None:
        names = Watch(requirements=("six",))
        world = Libraries(watching(NAMES, teams={"glance": glance(watches=(names,))}), repo=LISTED)
        assert [one.key for one in world.happens(seen={"lines": UPPER}).actions] == [
            "Notify:library:oslo-log:5.4.0:bob",
            "Notify:library:six:1.16.0:dee",
        ]

    def test_lines_are_looked_up_where_versions_are_listed(self) -> None:
        world = Libraries(watching(NAMES, LIBRARY))
        for repo, lines in ((LISTED, LISTS), (OSLO, LISTS)):
            need = world.need(happened(PatchsetCreated, repo=repo))
            assert need == Need(item=ITEM, repo=repo, lines_of=lines)
        assert world.need(happened(PatchsetCreated, repo="openstack/cinder")) is None
        assert Libraries(watching(LIBRARY)).need(happened(PatchsetCreated, repo=LISTED)) is None

    def test_a_list_of_any_length_stays_a_few(self) -> None:
        lines = {"upper-constraints.txt": tuple(f"oslo.log==={n}" for n in range(5000))}
        assert len(Libraries(watching(NAMES), repo=LISTED).happens(seen={"lines": lines}).actions) == 50


class TestFailures:
    WHO = watching(NAMES)

    def test_of_a_job_of_the_team_are_told_at_once(self) -> None:
        world = Libraries(self.WHO, repo=LISTED)
        vote = Vote(label="Verified", value=-1, old=0)
        told = world.happens(
            CommentAdded, by=account("zuul"), text=FAILED, votes=(vote,), seen={"lines": UPPER, "subject": "Bump"}
        )
        (notify,) = told.actions
        assert isinstance(notify, Notify)
        assert (notify.key, notify.digest) == ("Notify:library-fails:oslo-log:5.4.0:bob", False)
        assert notify.text == (
            f"nova-ceph of nova fails with oslo-log 5.4.0 on {ITEM} ({LISTED}, “Bump”): "
            "https://zuul.example.org/build/2 Please repair nova, or say on the change why this version must wait. You "
            "are told because you answer for libs of nova."
        )

    @pytest.mark.parametrize("value", [-1, -2])
    def test_in_check_and_gate(self, value: int) -> None:
        assert Libraries(self.WHO, repo=LISTED).fails(value=value) == ["Notify:library-fails:oslo-log:5.4.0:bob"]

    def test_a_configured_bot_may_be_somebody_of_the_roster(self) -> None:
        ci = watching(NAMES, people=(person("zuul"),), bots=frozenset({"zuul"}))
        assert len(Libraries(ci, repo=LISTED).fails()) == 1

    @pytest.mark.parametrize(
        "text",
        [
            FAILED.replace("nova-ceph", "cinder-ceph"),
            FAILED.replace("nova-ceph", "nova-docs"),
            FAILED.replace("43m 12s", "43m 12s (non-voting)"),
            FAILED.replace("FAILURE", "NODE_FAILURE"),
            "",
        ],
        ids=["other team's", "excluded", "non-voting", "the cloud's", "no jobs"],
    )
    def test_not_of(self, text: str) -> None:
        world = Libraries(self.WHO, repo=LISTED)
        assert world.fails(text) == []
        vote = Vote(label="Verified", value=-1, old=0)
        said = happened(CommentAdded, repo=LISTED, by=account("zuul"), text=text, votes=(vote,))
        assert world.need(said) is None

    def test_not_what_a_person_writes(self) -> None:
        assert Libraries(self.WHO, repo=LISTED).fails(by="ann") == []

    def test_not_what_passed(self) -> None:
        assert Libraries(self.WHO, repo=LISTED).fails(value=1) == []

    def test_not_without_a_new_version(self) -> None:
        assert Libraries(self.WHO, repo=LISTED).fails(lines={"upper-constraints.txt": ("six===1",)}) == []

    def test_not_teams_that_watch_another_library(self) -> None:
        other = glance(watches=(Watch(requirements=("six",)),), jobs=("glance-*",))
        world = Libraries(watching(NAMES, teams={"glance": other}), repo=LISTED)
        assert world.fails() == ["Notify:library-fails:oslo-log:5.4.0:bob"]
        assert world.fails(FAILED.replace("nova", "glance")) == ["Notify:library-fails:six:1.16.0:dee"]

    def test_nothing_is_looked_up_in_other_repos(self) -> None:
        vote = Vote(label="Verified", value=-2, old=0)
        said = happened(CommentAdded, by=account("zuul"), text=FAILED, votes=(vote,))
        assert Libraries(self.WHO).need(said) is None

"""For random histories of release requests, ledger and gate agree with a short specification, which knows nothing of
how either is made: it keeps who last said what, and asks whether that is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from rules.roster import Duty, Roster, Team
from rules.signoff.ledger import faults
from rules.signoff.requests import Release, Wanted
from rules.state import Book, Gate
from rules.verdicts import Settings
from tests.rules.makers import NOW
from tests.rules.signers import OTHER_SHA, SHA, Server, community, refused, release, settings, wanted

ITEMS = ("gerrit:7", "gerrit:8")
OWNERS = {"openstack/nova": "nova", "openstack/placement": "placement"}


def who_signs(rights: dict[str, frozenset[str]], self_sign: bool) -> Roster:
    """Nova's and Placement's release czars as told, and whether Nova's may sign their own."""
    duties = {name: {"release": Duty(name="release", czars=tuple(sorted(people)))} for name, people in rights.items()}
    nova = Team(name="nova", repos=("openstack/nova",), duties=duties["nova"], self_sign=self_sign)
    placement = Team(name="placement", repos=("openstack/placement",), distributed=True, duties=duties["placement"])
    revision = f"{sorted(rights['nova'])} {sorted(rights['placement'])}"
    return community(teams={"nova": nova, "placement": placement}, revision=revision)


@dataclass
class Said:
    """What somebody's last word on a release is: sign or veto, by a vote on (item, patch set) or in words."""

    word: str
    at: datetime
    turn: int
    own: bool = False
    vote: tuple[str, int] | None = None
    benches: frozenset[str] = frozenset()


@dataclass
class Specification:
    """The law as the issue states it; `signs` and `lets_out` are the ten lines."""

    rights: dict[str, frozenset[str]]
    self_sign: bool = True
    team_self_sign: bool = True
    quorum: int = 1
    code_review: bool = True
    signing: bool = False
    said: dict[tuple[Release, str], Said] = field(default_factory=dict)
    out: dict[Release, tuple[str, int]] = field(default_factory=dict)
    turn: int = 0
    now: datetime = NOW

    def benches(self, one: Wanted) -> dict[str, frozenset[str]]:
        teams = {one.team, one.team_before or one.team, OWNERS[one.release.repo]}
        return {team: self.rights[team] or frozenset({"tia"}) for team in teams}

    def may(self, who: str, one: Wanted) -> frozenset[str]:
        return frozenset(team for team, people in self.benches(one).items() if who in people)

    def may_sign_own(self, team: str) -> bool:
        return self.self_sign and (team != "nova" or self.team_self_sign)

    def vetoes(self, one: Wanted) -> list[Said]:
        said = [(who, it) for (of, who), it in self.said.items() if of == one.release and it.word == "veto"]
        return [it for who, it in said if self.may(who, one)]

    def signs(self, one: Wanted, team: str, brought_by: str) -> set[str]:
        """Who has signed for a team: their last word is a sign-off, they hold the right, and it may be their own."""
        people = self.benches(one)[team]
        return {
            who
            for (of, who), it in self.said.items()
            if (of, it.word) == (one.release, "sign")
            and self.now < it.at + timedelta(days=90)
            and (who in people or (self.signing and team in it.benches))
            and (self.may_sign_own(team) or not (it.own or who == brought_by))
        }

    def lets_out(self, one: Wanted, brought_by: str) -> bool:
        how, since = self.out.get(one.release, ("", 0))
        vetoes = self.vetoes(one)
        if vetoes and not (how == "overridden" and since > max(it.turn for it in vetoes)):
            return False
        enough = all(len(self.signs(one, team, brought_by)) >= self.quorum for team in self.benches(one))
        return bool(how) or enough


Act = dict[str, Any]


@dataclass
class World:
    """Two changes of one topic, what the specification says of them, and what was not heard yet."""

    spec: Specification
    book: Book = field(default_factory=Book)
    servers: dict[str, Server] = field(default_factory=dict)
    pending: dict[str, list[Act]] = field(default_factory=dict)
    effects: list[Any] = field(default_factory=list)
    judged_wants: dict[str, tuple[Wanted, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in ITEMS:
            self.servers[item] = Server(settings=self.settings(), item=item, book=self.book, topic="yoga-1")
            self.pending[item] = []

    def settings(self) -> Settings:
        spec = self.spec
        return settings(
            who_signs(spec.rights, spec.team_self_sign),
            self_sign=spec.self_sign,
            quorum=spec.quorum,
            counts=("comment", "code-review") if spec.code_review else ("comment",),
            rights_at="signing" if spec.signing else "landing",
        )

    def at(self, item: str) -> Server:
        server = self.servers[item]
        server.now = max(one.now for one in self.servers.values()) + timedelta(seconds=1)
        return server

    # What happens.

    def upload(self, item: str, by: str, wants: tuple[Wanted, ...], bad: bool, hears: bool) -> None:
        server = self.at(item)
        if server.status != "NEW":
            return
        server.upload(*wants, by=by, hears=False, **(refused() if bad else {}))
        self.pending[item].append({"act": "upload", "by": by, "ps": len(server.uploads), "at": server.now})
        self.look(item, hears)

    def rebase(self, item: str, by: str, copies: bool, hears: bool) -> None:
        server = self.at(item)
        if server.uploads and server.status == "NEW":
            server.rebases(by, copies=copies, hears=False)
            self.look(item, hears)

    def vote(self, item: str, by: str, value: int, back: int, hears: bool) -> None:
        server = self.at(item)
        if server.uploads and server.status == "NEW":
            number = max(1, len(server.uploads) - back)
            server.votes(by, value, patch_set=number if number < len(server.uploads) else 0, hears=False)
            self.pending[item].append({"act": "vote", "by": by, "value": value, "ps": number, "at": server.now})
            self.look(item, hears)

    def delete(self, item: str, of: str, hears: bool) -> None:
        server = self.at(item)
        if server.uploads and server.status == "NEW":
            server.deletes_vote(of, hears=False)
            self.pending[item].append({"act": "delete", "by": "zed", "ps": len(server.uploads), "at": server.now})
            self.look(item, hears)

    def say(self, item: str, by: str, word: str, back: int, hears: bool) -> None:
        server = self.at(item)
        if server.uploads and server.status == "NEW":
            number = max(1, len(server.uploads) - back)
            server.says(by, f"czar: {word}", patch_set=number, hears=False)
            self.pending[item].append({"act": "say", "by": by, "word": word, "ps": number, "at": server.now})
            self.look(item, hears)

    def appoint(self, team: str, people: frozenset[str]) -> None:
        self.spec.rights = {**self.spec.rights, team: people}
        for server in self.servers.values():
            server.settings = self.settings()

    def wait(self, days: int) -> None:
        for server in self.servers.values():
            server.passes(days=days)

    def look(self, item: str, hears: bool = True) -> None:
        server = self.at(item)
        if not hears or not server.uploads:
            return
        decision = server.seen()
        self.effects.append(decision.effects)
        if server.status == "NEW":
            self.heard(item, server)
        self.check(item, server)

    def merge(self, item: str) -> None:
        server = self.at(item)
        if server.uploads and server.vote == 1 and server.status == "NEW":
            self.effects.append(server.merges().effects)

    def restart(self) -> None:
        """All that is known is what decisions wrote down."""
        book = Book()
        for effects in self.effects:
            book.apply(effects)
        assert book.head == self.book.head
        for item, server in self.servers.items():
            assert book.gate(item) == self.book.gate(item)
            server.book = book
        self.book = book

    # What the specification makes of it.

    def heard(self, item: str, server: Server) -> None:
        acts, self.pending[item] = self.pending[item], []
        for act in acts:
            self.spec.turn, self.spec.now = self.spec.turn + 1, act["at"]
            getattr(self, f"_{act['act']}")(item, server, act)
        self.spec.now = server.now
        for (of, who), it in list(self.spec.said.items()):
            wants = [one for one in server.requests[-1].wanted if one.release == of]
            there = server.ballots.get(("Code-Review", who), 0) > 0
            gone = it.vote == (item, len(server.uploads)) and not there
            old = it.at + timedelta(days=90) <= server.now
            lost = not self.spec.signing and not any(self.spec.may(who, one) for one in wants)
            if wants and it.word == "sign" and (gone or old or lost):
                self.spec.said[of, who] = Said("", it.at, self.spec.turn)

    def brought(self, server: Server, one: Wanted) -> tuple[int, str]:
        upload = [it for it in server.uploads if one.release in it.brought][-1]
        return upload.patch_set, upload.uploader

    def seen(self, server: Server, act: Act, *, loosely: bool = False) -> Iterator[tuple[Wanted, Said | None]]:
        """What was asked for when it was done and ever since; or loosely, once before then and now again."""
        for one in server.requests[-1].wanted:
            said = self.spec.said.get((one.release, act["by"]))
            since = [one.release in request.releases for request in server.requests]
            there = any(since[: act["ps"]]) if loosely else all(since[act["ps"] - 1 :])
            if there and not (said and said.at > act["at"]):
                yield one, said

    def _upload(self, item: str, server: Server, act: Act) -> None:
        for one, _ in self.seen(server, act):
            by = self.spec.may(act["by"], one)
            mine = self.brought(server, one) == (act["ps"], act["by"])
            if mine and any(self.spec.may_sign_own(team) for team in by):
                benches = frozenset(team for team in by if self.spec.may_sign_own(team))
                self._sign(one, act, own=True, vote=None, benches=benches)

    def _sign(self, one: Wanted, act: Act, **given: Any) -> None:
        self.spec.said[one.release, act["by"]] = Said("sign", act["at"], self.spec.turn, **given)

    def _sign_unless_in_vain(self, server: Server, one: Wanted, act: Act, vote: tuple[str, int] | None) -> None:
        by, own = self.spec.may(act["by"], one), self.brought(server, one)[1] == act["by"]
        if by and (not own or any(self.spec.may_sign_own(team) for team in by)):
            self._sign(one, act, own=own, vote=vote, benches=by)

    def _vote(self, item: str, server: Server, act: Act) -> None:
        for one, said in self.seen(server, act, loosely=act["value"] <= 0):
            word, here = said.word if said else "", (item, act["ps"])
            if act["value"] < 0:
                if self.spec.may(act["by"], one):
                    self.spec.said[one.release, act["by"]] = Said("veto", act["at"], self.spec.turn, vote=here)
            elif act["value"] > 0 and self.spec.code_review:
                now = (item, len(server.uploads))
                if word != "sign" or (said and said.vote and said.vote != now):
                    self._sign_unless_in_vain(server, one, act, here)
            elif said and said.vote and (word == "sign" or said.vote[0] == item):
                self.spec.said[one.release, act["by"]] = Said("", act["at"], self.spec.turn)

    def _delete(self, item: str, server: Server, act: Act) -> None:
        for (of, who), it in list(self.spec.said.items()):
            ours = of in server.requests[-1].releases and it.word == "sign" and it.vote and it.vote[0] == item
            there = server.ballots.get(("Code-Review", who), 0) > 0
            if ours and it.vote and it.vote[1] <= act["ps"] and it.at <= act["at"] and not there:
                self.spec.said[of, who] = Said("", it.at, self.spec.turn)

    def _say(self, item: str, server: Server, act: Act) -> None:
        verb, *words = act["word"].split()
        if verb == "signoff" and words:
            self._signs_by_name(server, act, Release(*words))
        elif verb == "signoff":
            for one, _ in self.seen(server, act):
                self._sign_unless_in_vain(server, one, act, None)
        elif verb == "veto":
            for one, _ in self.seen(server, act, loosely=True):
                if self.spec.may(act["by"], one):
                    self.spec.said[one.release, act["by"]] = Said("veto", act["at"], self.spec.turn)
        elif verb == "unveto":
            for one in server.requests[-1].wanted:
                said = self.spec.said.get((one.release, act["by"]))
                if said and said.word == "veto":
                    self.spec.said[one.release, act["by"]] = Said("", act["at"], self.spec.turn)
        elif verb == "override" and act["by"] == "rel":
            for one, _ in self.seen(server, act):
                if not self.spec.lets_out(one, self.brought(server, one)[1]):
                    self.spec.out[one.release] = ("overridden", self.spec.turn)

    def _signs_by_name(self, server: Server, act: Act, named: Release) -> None:
        for other in (server, *(one for one in self.servers.values() if one is not server)):
            wants = self.judged_wants.get(other.item, ()) if other is not server else server.requests[-1].wanted
            for one in wants:
                said = self.spec.said.get((one.release, act["by"]))
                if one.release == named and not (said and said.at > act["at"]):
                    self._sign_unless_in_vain(other, one, act, None)
            if any(one.release == named for one in wants):
                return

    # Whether they agree.

    def check(self, item: str, server: Server) -> None:
        gate: Gate = server.gate
        assert not list(faults(entry for effects in self.effects for entry in effects.ledger))
        if server.status != "NEW":
            return
        self.judged_wants[item] = server.requests[-1].wanted
        request = server.requests[-1]
        vetoed = any(
            self.spec.vetoes(one) and not self.spec.lets_out(one, self.brought(server, one)[1])
            for one in request.wanted
        )
        open_ = all(self.spec.lets_out(one, self.brought(server, one)[1]) for one in request.wanted)
        expected = -1 if request.refusals or vetoed else 1 if open_ else 0
        assert gate.revision == server.uploads[-1].revision
        assert (gate.value, server.vote) == (expected, expected), gate.because


signers = st.sampled_from(["ann", "ann", "bob", "dee"])
people, items = (
    st.sampled_from(["ann", "ann", "bob", "bob", "dee", "zed"]),
    st.sampled_from(["gerrit:7"] * 3 + ["gerrit:8"]),
)
hears, backs = st.sampled_from([True, True, False]), st.sampled_from([0, 0, 0, 1, 2])
releases = st.builds(
    release,
    st.sampled_from(["openstack/nova"] * 3 + ["openstack/placement"]),
    st.just("25.0.0"),
    st.sampled_from([SHA, SHA, OTHER_SHA]),
)
wants = st.builds(
    wanted,
    releases,
    team=st.sampled_from(["nova", "nova", "placement"]),
    team_before=st.sampled_from(["", "", "", "nova", "placement"]),
    file=st.sampled_from(["deliverables/yoga/nova.yaml", "deliverables/zed/nova.yaml"]),
)
contents = st.lists(wants, min_size=1, max_size=2, unique_by=lambda one: one.release).map(tuple)
uploads = st.tuples(
    st.just("upload"),
    items,
    people,
    st.one_of(contents, contents, st.just(())),
    st.sampled_from([False] * 9 + [True]),
    hears,
)
votes = st.tuples(st.just("vote"), items, people, st.sampled_from([-2, -1, 0, 1, 1, 1, 2]), backs, hears)
words = st.one_of(
    st.sampled_from(["signoff", "signoff", "signoff", "veto no", "unveto", "frob"]),
    releases.map(lambda one: f"signoff {one}"),
)
steps = st.lists(
    st.one_of(
        uploads,
        votes,
        votes,
        st.tuples(st.just("say"), items, people, words, backs, hears),
        st.tuples(st.just("say"), items, st.just("rel"), st.just("override release we must"), backs, hears),
        st.tuples(st.just("rebase"), items, people, st.booleans(), hears),
        st.tuples(st.just("delete"), items, people, hears),
        st.tuples(st.just("appoint"), st.sampled_from(["nova", "placement"]), st.frozensets(signers, max_size=3)),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 89, 90])),
        st.tuples(st.just("look"), items),
        st.tuples(st.just("merge"), items),
        st.tuples(st.just("restart")),
    ),
    min_size=6,
    max_size=30,
)
specifications = st.builds(
    Specification,
    rights=st.fixed_dictionaries(
        {
            "nova": st.frozensets(signers, min_size=1, max_size=3),
            "placement": st.frozensets(signers, min_size=1, max_size=2),
        }
    ),
    self_sign=st.sampled_from([True, True, False]),
    team_self_sign=st.booleans(),
    quorum=st.sampled_from([1, 1, 2]),
    code_review=st.sampled_from([True, True, False]),
    signing=st.booleans(),
)


@hypothesis.settings(
    max_examples=150, suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]
)
@given(specifications, contents, steps)
def test_for_random_histories_ledger_and_gate_agree_with_a_ten_line_specification(
    spec: Specification, first: tuple[Wanted, ...], history: list[tuple[Any, ...]]
) -> None:
    world = World(spec)
    world.upload(ITEMS[0], "zed", first, False, True)
    for name, *given_ in history:
        getattr(world, name)(*given_)
    world.restart()
    for item in ITEMS:
        world.look(item)

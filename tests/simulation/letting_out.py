"""What may be let out, said once more and in another way: from what people did and from the server's own state, and
from nothing that the daemon knows.

A person's word on one release is a set of *could be*: "signed", "vetoed", "" for nothing. It has one element as far as
it does not matter when the daemon heard of what; where it does, both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from integrations.sandbox.gerrit.records import NO_SHA, Change, PatchSet
from tests.simulation.community import MANAGER, OWNERS, RELEASES, TERMS
from tests.simulation.release_people import BROKEN, FILES, Act, Asked, releases_in, team_in
from tests.simulation.world import World

LAG = timedelta(minutes=15)
"""A tag that was moved so recently may be seen as it was, and an end that is so near may be passed or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one patch set asks for: the teams that must sign each release."""

    wanted: dict[Asked, frozenset[str]]
    refused: bool


@dataclass(slots=True)
class _Word:
    """What one person's word on one release could be."""

    could: set[str] = field(default_factory=lambda: {""})
    by_vote: bool | None = None  # whether what stands, stands by a vote; None: either
    first: Act | None = None
    last: Act | None = None

    def becomes(self, what: str, act: Act | None, *, by_vote: bool | None, sure: bool) -> None:
        if what == "signed" and "signed" not in self.could:
            self.first = act
        same = self.could == {what}
        self.could = {what} if sure else {what, *self.could}
        self.by_vote = by_vote if sure and not (same and self.by_vote != by_vote) else None
        self.last = act or self.last


class LettingOut:
    """The specification, over one world as it is now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._names = {account: name for name, account in world.accounts.items()}
        self.delegates: set[str] = set()

    def may_stand(self, change: Change) -> set[int]:
        """Which votes of ours on the current patch set could be right once the daemon has heard of everything."""
        contents = [self.content(change, patch) for patch in change.patch_sets]
        now = contents[-1]
        if now.refused:
            return {-1}
        found = {1}
        for release, teams in now.wanted.items():
            could = self._of_release(change, contents, release, teams)
            found = {worst for one in found for worst in (min(one, value) for value in could)}
        return found

    def ever_let_out(self, change: Change) -> bool:
        """Whether somebody at some time, rightly or not, stood for each release of the current patch set."""
        now = self.content(change, change.current)
        if any(BROKEN in (file.content or "") for file in change.current.files.values()):
            return False
        return all(self._ever_signed(change, release, teams) for release, teams in now.wanted.items())

    def _elsewhere(self, change: Change, release: Asked) -> list[Change]:
        """The other changes that ever asked for the same."""
        others = [one for one in self._world.state.changes.values() if one.project == RELEASES and one is not change]
        return [
            one
            for one in others
            if any(release in releases_in(f.content or "") for patch in one.patch_sets for f in patch.files.values())
        ]

    def content(self, change: Change, patch: PatchSet) -> Content:
        """Of the files themselves."""
        wanted: dict[Asked, frozenset[str]] = {}
        refused = False
        for path, file in patch.files.items():
            if path not in FILES or file.content is None:
                continue
            refused = refused or BROKEN in file.content
            before, after = file.before or "", releases_in(file.content)
            known, last = releases_in(before), after[-1:]
            team = team_in(file.content)
            for release in after:
                tag = self._tag(release)
                if release not in known:
                    refused = refused or (tag not in ("", release[2]))
                elif release not in last or tag:
                    continue
                wanted[release] = frozenset({team, OWNERS[release[0]]})
        return Content(wanted=wanted, refused=refused)

    def is_settled(self, change: Change) -> bool:
        """Whether the tags that matter were so for a while when all was looked at anew."""
        looked, _ = self._world.rosters[-1]
        named = {
            release[:2] for patch in change.patch_sets for file in patch.files.values()
            for release in releases_in(file.content or "")
        }  # fmt: skip
        return not any((one.repo, one.version) in named and one.at > looked - LAG for one in self._world.releasing.tags)

    def _tag(self, release: Asked) -> str:
        found = self._world.state.project(release[0]).refs.get(f"refs/tags/{release[1]}", "")
        return "" if found == NO_SHA else found

    def _acts(self, change: Change) -> list[Act]:
        return [act for act in self._world.releasing.acts if act.number == change.number]

    def _ever_signed(self, change: Change, release: Asked, teams: Iterable[str]) -> bool:
        changes = [change, *self._elsewhere(change, release)]
        acts = self._world.releasing.acts
        signers = {act.by for act in acts if any(_is_for(act, one, release) for one in changes)}
        signers |= {self._names[patch.uploader] for one in changes for patch in one.patch_sets}
        over = any(act.what in ("override", "lapse") for one in changes for act in self._acts(one))
        return over or all(signers & self._ever_entitled(team) for team in teams)

    def _ever_entitled(self, team: str) -> set[str]:
        return {one for _, config in self._world.rosters for one in config.signers(team)} | self._delegates(team)

    def _delegates(self, team: str) -> set[str]:
        """Whom anybody ever made a delegate for releases."""
        made = (one for one in self._world.witness.arrangements if one.kind == "delegate")
        return {person for one in made for person in (one.person, one.other) if person}

    def _of_release(self, change: Change, contents: list[Content], release: Asked, teams: frozenset[str]) -> set[int]:
        """What our vote could be for this release alone; what was said on another change is not looked into."""
        if self._elsewhere(change, release):
            return {-1, 0, 1} if self._ever_signed(change, release, teams) else {-1, 0}
        people = set[str]().union(*(self._ever_entitled(team) for team in teams))
        words = {who: self._word(who, change, contents, release) for who in people}
        over = [act for act in self._acts(change) if act.what in ("override", "lapse") and act.by == MANAGER]
        must_veto = any(word.could == {"vetoed"} and self._had(who, teams, word) for who, word in words.items())
        may_veto = any("vetoed" in word.could and self._has(who, teams) for who, word in words.items())
        must_sign = all(any(self._signs(who, team, words[who]) for who in words) for team in teams)
        may_sign = bool(over) or all(any(self._may_sign(who, team, words[who]) for who in words) for team in teams)
        if must_veto and not any(act.what == "override" for act in over):
            return {-1}
        found = {1} if may_sign else set()
        found |= set() if must_sign else {0}
        return found | ({-1} if may_veto else set())

    def _has(self, who: str, teams: Iterable[str]) -> bool:
        now = self._world.config
        return any(who in now.signers(team) or who in self._delegates(team) for team in teams)

    def _had(self, who: str, teams: Iterable[str], word: _Word) -> bool:
        """Whether they surely may, from what they did on until now."""
        acts = [act for act in (word.first, word.last) if act]
        if self._world.accounts[who] in self._world.people.ever_inactive or not acts:
            return False
        since = min(act.at for act in acts)
        rosters = [*self._world.rosters, (self._world.clock(), self._world.config)]
        held = [config for (_, config), (until, _) in pairwise(rosters) if until >= since - LAG]
        return any(all(who in config.signers(team) for config in [*held, self._world.config]) for team in teams)

    def _signs(self, who: str, team: str, word: _Word) -> bool:
        if word.could != {"signed"} or not self._had(who, [team], word) or word.first is None:
            return False
        return word.first.at + TERMS.expires > self._world.clock() + LAG

    def _may_sign(self, who: str, team: str, word: _Word) -> bool:
        if "signed" not in word.could or not self._has(who, [team]):
            return False
        return word.last is None or word.last.at + TERMS.expires > self._world.clock() - LAG

    def _word(self, who: str, change: Change, contents: list[Content], release: Asked) -> _Word:
        """What somebody's word on a release is by all that they did."""
        since, word = _since(contents, release), _Word()
        brought = change.patch_sets[since - 1]
        deeds: list[Act] = [act for act in self._world.releasing.acts if act.number == change.number or act.named]
        upload = Act(number=change.number, patch_set=since, by=self._names[brought.uploader], at=brought.created,
                     what="upload")  # fmt: skip
        for act in sorted([*deeds, upload], key=lambda one: (one.at, one.what != "upload")):
            if act.number == change.number or act.named == release:
                self._take(word, act, who, change, contents, release, since)
        return word

    def _take(
        self,
        word: _Word,
        act: Act,
        who: str,
        change: Change,
        contents: list[Content],
        release: Asked,
        since: int,
    ) -> None:
        if act.what == "deleted" and act.by != who:
            if "signed" in word.could and word.by_vote is not False:
                word.could.add("")  # the server does not say whose vote it was
            return
        if act.by != who or (act.named and act.named != release):
            return
        lost = any(one.what == "abandon" for one in self._acts(change))
        early = since > act.patch_set  # on a patch set before the release came, or came back
        seen_before = any(release in one.wanted for one in contents[: act.patch_set])
        closed = self._world.accounts[who] in self._world.people.ever_inactive
        sure = not (lost or early or closed) and act.number == change.number
        if act.what == "upload":
            new = change.patch_sets[since - 1]
            shown = release not in _hidden_in(change, release)
            if since == 1 or new.kind == "REWORK":
                word.becomes("signed", act, by_vote=False, sure=sure and shown)
        elif act.what == "sign":
            if not early or seen_before or act.named:
                word.becomes("signed", act, by_vote=False, sure=sure)
        elif act.what == "veto":
            if not early or seen_before:
                word.becomes("vetoed", act, by_vote=False, sure=sure)
        elif act.what == "unveto":
            if "vetoed" in word.could:
                word.becomes("", act, by_vote=None, sure=sure or not (lost or closed))
        elif act.what == "deleted":
            if "signed" in word.could and word.by_vote is not False:
                word.becomes("", None, by_vote=None, sure=False)
        elif act.what == "vote":
            self._take_vote(word, act, sure=sure, touched=not early or seen_before)

    def _take_vote(self, word: _Word, act: Act, *, sure: bool, touched: bool) -> None:
        if not touched:
            return
        if act.value > 0:
            word.becomes("signed", act, by_vote=True, sure=sure)
        elif act.value < 0:
            word.becomes("vetoed", act, by_vote=True, sure=sure)
        elif word.by_vote is True:
            word.becomes("", act, by_vote=None, sure=sure)
        elif word.by_vote is None:
            word.becomes("", act, by_vote=None, sure=False)


def _since(contents: list[Content], release: Asked) -> int:
    """The patch set from which on it is asked for without a gap."""
    since = len(contents)
    while since > 1 and release in contents[since - 2].wanted:
        since -= 1
    return since


def _hidden_in(change: Change, release: Asked) -> list[Asked]:
    """What the diff does not show."""
    return [one for file in change.current.files.values() for one in releases_in(file.before or "") if one == release]


def _is_for(act: Act, change: Change, release: Asked) -> bool:
    if act.what == "sign" and act.named:
        return act.named == release
    return act.number == change.number and (act.what == "sign" or (act.what == "vote" and act.value > 0))

"""A small community on a stand-in Gerrit: its config, its people, and what a daemon did there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.command_line import Ran, czar
from tests.czar_process import Czar
from tests.gerrit_world import Person, Pushed
from tests.stand_in_world import StandInWorld
from tests.waiting import until

TOOL, LONELY, UNOWNED = "plugins/tool", "plugins/lonely", "plugins/unowned"
ROSTER = f"""\
people:
  ann: {{gerrit: ann, email: ann@example.org}}
  bob: {{gerrit: bob, email: bob@example.org}}
  cyd: {{gerrit: cyd, email: cyd@example.org}}
  pat: {{gerrit: pat, email: pat@example.org}}
teams:
  tools:
    repos: [{TOOL}]
    ptl: pat
    duties: {{code: {{czars: [ann, bob]}}, docs: {{czars: [cyd]}}}}
  lonely:
    repos: [{LONELY}]
    leadership: distributed
    duties: {{code: {{czars: [ann]}}}}
"""
RULES = """\
rules:
  - {id: docs-only, event: change, when: {only: ["doc/**"]}, slot: code, ask: {duty: docs, pick: first}}
  - {id: any-code, event: change, slot: code, ask: {duty: code, pick: 1}}
"""
WITHIN_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """People, projects, and a daemon at work. Add what you like; changes of others stay as they are."""

    world: StandInWorld
    daemon: Czar
    bot: Person
    dev: Person
    asked: Pushed  # for code: ann or bob
    documented: Pushed  # for docs: cyd
    unrouted: Pushed  # by the only one who could be asked
    unowned: Pushed  # in a repo that is no team's

    def czar(self, *arguments: str | Path) -> Ran:
        """A command on this daemon's config."""
        return czar("--config", self.daemon.config, *arguments)

    def push(self, project: str = TOOL, path: str = "src/a.py", by: Person | None = None) -> Pushed:
        """A new change."""
        return self.world.push(by or self.dev, project, subject="Brew tea", files={path: "leaves\n"})

    def reviewers(self, change: Pushed) -> set[str]:
        """Who was asked, by username."""
        state = self.world.gerrit.state
        with state.lock:
            found = state.changes[change.number].reviewers
            return {state.accounts[account].username for account in found} - {"czar-bot"}

    def settled(self) -> bool:
        """Whether everything heard is decided and done."""
        (row,) = self.czar("--json", "stats").rows
        return bool(row["behind_s"] == 0 and not row["actions"]["pending"])


def item(change: Pushed) -> str:
    """As commands name it."""
    return f"gerrit:{change.number}"


def filled(world: StandInWorld, daemon: Czar, bot: Person, people: dict[str, Person]) -> Community:
    dev = people["dev"]
    pushes = {
        "asked": (dev, TOOL, "src/a.py"),
        "documented": (dev, TOOL, "doc/a.md"),
        "unrouted": (people["ann"], LONELY, "src/a.py"),
        "unowned": (dev, UNOWNED, "src/a.py"),
    }
    done = {
        name: world.push(by, project, subject="Brew tea", files={path: "leaves\n"})
        for name, (by, project, path) in pushes.items()
    }
    found = Community(world=world, daemon=daemon, bot=bot, dev=dev, **done)
    until(lambda: found.reviewers(found.asked) and found.reviewers(found.documented), WITHIN_S, "both to be asked")
    until(lambda: found.czar("explain", item(found.unrouted)).code == 0, WITHIN_S, "the unrouted one to be decided")
    until(found.settled, WITHIN_S, "all to be done")
    return found

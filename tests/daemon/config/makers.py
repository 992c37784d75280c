"""Config directories and readings, made of only what a test cares about."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from daemon.config import marks
from daemon.config.marks import Marked
from daemon.config.reading import Reading
from daemon.config.roster import TeamFile, read_roster
from rules.roster import Roster

EXAMPLES = Path(__file__).parents[3] / "examples"

CZAR = "gerrit: {url: https://review.example.org, user: czar-bot}\n"
ROSTER = """
people:
  ann: {gerrit: ann, launchpad: ann-l, email: ann@example.org}
  bob: {gerrit: bobg, email: bob@example.org}
teams:
  nova: {repos: [openstack/nova], ptl: bob, duties: {code: {czars: [ann, bob]}, docs: {czars: [bob]}}}
"""
RULES = "rules: [{id: any-code, event: change, ask: {duty: code}}]\n"


def write(directory: Path, czar: str = CZAR, roster: str = ROSTER, rules: str = RULES, **more: str) -> Path:
    """A config directory; `more` are files by name."""
    files = {"czar.yaml": czar, "roster.yaml": roster, "rules.yaml": rules, **more}
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(dedent(text), encoding="utf-8")
    return directory


def marked(text: str) -> Marked:
    """A text read as YAML."""
    return marks.read(dedent(text), "it.yaml")


def roster_of(text: str, **teams: str) -> tuple[Roster, list[str]]:
    """A roster and what is wrong in it; `teams` are files of teams.d."""
    reading = Reading("roster.yaml")
    files = tuple(
        TeamFile(name=name, value=marked(team), reading=Reading(f"teams.d/{name}.yaml")) for name, team in teams.items()
    )
    roster = read_roster(marked(text), reading, files, directory=Path("/etc/czar"))
    return roster, said(reading, *(file.reading for file in files))


def said(*readings: Reading) -> list[str]:
    """All mistakes as people see them, each once."""
    return [str(mistake) for reading in readings for mistake in sorted(set(reading.mistakes))]

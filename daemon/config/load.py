"""A config directory as one value, or all its mistakes at once."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from daemon.config import marks
from daemon.config.complaints import check_names, check_secrets, read_service
from daemon.config.governance import GovernanceSettings, ReadGovernance
from daemon.config.marks import Marked
from daemon.config.mistakes import Mistake, Mistakes, Note
from daemon.config.reading import Reading
from daemon.config.roster import TeamFile, read_roster
from daemon.config.rules import RuleBook, read_rules
from daemon.config.service import Service
from rules.ladders import Ladders
from rules.roster import Roster
from rules.routing import Index, Rule
from rules.signoff.rule import with_ladder, with_signers
from rules.verdicts import Limits, Settings

TEAMS = "teams.d"
EVERYTHING = ("czar", "roster", "rules")
REMEDIES = {
    "czar.yaml": "it says where Gerrit and Launchpad are; begin with the one in examples/small",
    "roster.yaml": "it says who holds which duty; begin with the one in examples/small",
    "rules.yaml": "it says what goes to whom; 'rules: []' asks nobody",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that a config directory says. Parts that were not needed are as if their file were empty."""

    directory: Path
    service: Service
    roster: Roster
    rules: tuple[Rule, ...] = ()
    limits: Limits = field(default_factory=Limits)
    since: datetime | None = None
    backlog: int | None = None
    ladders: Ladders
    notes: tuple[Note, ...] = ()
    version: str = ""
    governance: GovernanceSettings | None = None
    governance_revision: str = ""  # of governance's roster, as it was read


def load(directory: Path, *, governance: ReadGovernance | None = None, need: Collection[str] = EVERYTHING) -> Config:
    """The config of a directory. `need` may also have `secrets`: they must be there then, and closed to others.

    Raises Mistakes with everything that is wrong in all the files.
    """
    with _uncollected():
        return _Loading(directory, need).config(governance)


def load_roster(file: Path, *, governance: ReadGovernance | None = None) -> Roster:
    """A roster.yaml standing alone. Raises Mistakes."""
    loading = _Loading(file.parent, ())
    value = loading.read(file.name)
    reading = Reading(file.name)
    loading.readings.append(reading)
    found = None
    if value is not None:
        found = read_roster(value, reading, directory=file.parent, governance=governance, revision=loading.version())
    loading.refuse_mistakes()
    assert found is not None  # noqa: S101  (what cannot be read has mistakes)
    return found


def settings(
    config: Config,
    *,
    since: datetime | None,
    ourselves: str,
    started: datetime | None = None,
    limits: Limits | None = None,
    roster_trouble: str = "",
) -> Settings:
    """What deciding needs of a config. `since` is taken as it is (see `config.since`); `started`: first of all."""
    changes = Index(rules=tuple(rule for rule in config.rules if rule.event == "change"), roster=config.roster)
    signoff = MappingProxyType({one.project: one.terms for one in config.service.signoff})
    return Settings(
        changes=with_signers(changes, signoff),
        mode=config.service.mode,
        term=config.service.term,
        since=since,
        limits=limits or config.limits,
        ladders=with_ladder(config.ladders),
        web_url=config.service.web.url or "",
        ourselves=ourselves,
        started=started,
        version=config.version,
        signoff=signoff,
        roster_trouble=roster_trouble,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Next to nothing read is garbage: to look for cycles meanwhile would take a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class _Loading:
    """One pass over a directory: files, mistakes and notes in the order in which they are looked at."""

    def __init__(self, directory: Path, need: Collection[str]) -> None:
        self.directory = directory
        self.need = need
        self.readings: list[Reading] = []
        self._unreadable: list[Mistake] = []
        self._hashes: dict[str, str] = {}
        self._followed: tuple[GovernanceSettings | None, str] = None, ""

    def version(self, *, without: Collection[str] = ()) -> str:
        """Short hash of the bytes of all files read so far."""
        lines = (f"{name} {digest}\n" for name, digest in sorted(self._hashes.items()) if name not in without)
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]

    def config(self, governance: ReadGovernance | None) -> Config:
        if not self.directory.is_dir():
            remedy = "name it with --config DIR or $CZAR_CONFIG; examples/small is one to begin with"
            raise Mistakes([Mistake(str(self.directory), 1, 1, "missing", f"there is no such directory: {remedy}")])
        czar = self.read("czar.yaml") if "czar" in self.need else None
        roster = self._roster(governance) if "roster" in self.need else Roster(people={}, teams={})
        service = self._service(czar, roster)
        book = self._rules(roster, service)
        self.refuse_mistakes()
        return Config(
            directory=self.directory,
            service=service or Service.model_construct(),
            roster=roster or Roster(people={}, teams={}),
            rules=book.rules,
            limits=book.limits,
            since=book.since,
            backlog=book.backlog,
            ladders=book.ladders,
            notes=tuple(dict.fromkeys(note for reading in self.readings for note in reading.notes)),
            version=self.version(),
            governance=self._followed[0],
            governance_revision=self._followed[1],
        )

    def read(self, name: str) -> Marked | None:
        """A file of the directory; None, and mistakes, where it cannot be read."""
        try:
            raw = (self.directory / name).read_bytes()
            self._hashes[name] = hashlib.sha256(raw).hexdigest()
            return marks.read(marks.decode(raw, name), name)
        except FileNotFoundError:
            remedy = REMEDIES.get(name, "")
            self._unreadable.append(Mistake(name, 1, 1, "missing", f"there is no {name}: {remedy}".rstrip(": ")))
        except OSError as error:
            self._unreadable.append(Mistake(name, 1, 1, "unreadable", f"cannot be read: {error.strerror}"))
        except Mistakes as mistakes:
            self._unreadable += mistakes.mistakes
        return None

    def refuse_mistakes(self) -> None:
        """Raise what was found, each once, file by file in the order of lines."""
        found = {*self._unreadable, *(mistake for reading in self.readings for mistake in reading.mistakes)}
        if found:
            raise Mistakes(sorted(found))

    def _reading(self, name: str) -> Reading:
        self.readings.append(Reading(name))
        return self.readings[-1]

    def _service(self, value: Marked | None, roster: Roster | None) -> Service | None:
        if value is None:
            return None
        reading = self._reading("czar.yaml")
        service = read_service(value, reading, self.directory)
        if service and roster and "roster" in self.need:
            check_names(value, service, roster, reading)
        if service and "secrets" in self.need:
            check_secrets(value, service, reading, self.directory)
        return service

    def _roster(self, governance: ReadGovernance | None) -> Roster | None:
        value = self.read("roster.yaml")
        files = tuple(self._team_files())
        if value is None:
            return None
        return read_roster(
            value,
            self._reading("roster.yaml"),
            files,
            directory=self.directory,
            governance=self._noting(governance) if governance else None,
            revision=self.version(without=("czar.yaml", "rules.yaml")),
        )

    def _noting(self, governance: ReadGovernance) -> ReadGovernance:
        """Reads the same, and remembers what was read."""

        def read(settings: GovernanceSettings) -> Roster:
            found = governance(settings)
            self._followed = settings, found.revision
            return found

        return read

    def _team_files(self) -> Iterator[TeamFile]:
        for path in self._in_teams():
            name = f"{TEAMS}/{path.name}"
            if path.name.startswith(".") or path.name.endswith("~"):
                continue  # an editor's
            if path.suffix != ".yaml":
                self._unreadable.append(Mistake(name, 1, 1, "name", "a file here is called TEAM.yaml"))
            elif (value := self.read(name)) is not None:
                yield TeamFile(name=path.stem, value=value, reading=self._reading(name))

    def _in_teams(self) -> list[Path]:
        try:
            return sorted((self.directory / TEAMS).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            self._unreadable.append(Mistake(TEAMS, 1, 1, "unreadable", f"cannot be read: {error.strerror}"))
            return []

    def _rules(self, roster: Roster | None, service: Service | None) -> RuleBook:
        value = self.read("rules.yaml") if "rules" in self.need else None
        if value is None:
            return RuleBook()
        known = roster if "roster" in self.need else None
        term = (service or Service.model_construct()).term
        return read_rules(value, self._reading("rules.yaml"), known, term)

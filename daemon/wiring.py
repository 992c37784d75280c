"""The one place that names concrete integrations: from a config to parts that work."""

from __future__ import annotations

import random
import secrets as secrets_of_python
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.config import channels, secrets
from daemon.config.governance import GovernanceSettings, Kept
from daemon.config.load import Config
from daemon.config.mistakes import Mistake
from daemon.config.service import Gerrit, Service
from daemon.journal.journal import Clock, Journal
from daemon.letters import sender_of
from daemon.post import Rules
from daemon.report_letter import About
from daemon.report_mail import ReportMail
from daemon.workers.messenger import GoesBy
from integrations.contract import Channel, Hands, Hear, Letter, Lookup, Refused, Source, Transient
from integrations.gerrit import backlog, catch_up, live, setup, tag_sweep, wire
from integrations.gerrit.backlog import Backlog
from integrations.gerrit.catch_up import CatchUp
from integrations.gerrit.gate import gate, proofs
from integrations.gerrit.gate import setup as gate_setup
from integrations.gerrit.gate.gate import Gate
from integrations.gerrit.hands import GerritHands
from integrations.gerrit.lookup import GerritLookup
from integrations.gerrit.published import Published, published
from integrations.gerrit.request import TouchedFile
from integrations.gerrit.rest import Rest
from integrations.gerrit.ssh import Server
from integrations.gerrit.stream import NAME as STREAM
from integrations.gerrit.stream import GerritStream, Pulse
from integrations.gerrit.tag_sweep import Known, TagSweep
from integrations.governance.history import GOVERNANCE_PATH, LIAISONS_PATH, History
from integrations.governance.source import GovernanceRosters, PlainFile
from integrations.releases.reading import FileText, read_request
from integrations.releases.recorded import Recording
from rules.command_lines import listens_to
from rules.roster import Person, Roster
from rules.signoff.request_diff import Tagged
from rules.signoff.requests import Request

if TYPE_CHECKING:
    from integrations.sandbox.cast import Cast
    from integrations.sandbox.playback import Playback
    from integrations.sandbox.release_story import ReleaseStory

CAUGHT_UP = "gerrit_caught_up"
WALKED = "gerrit_backlog"
FILES_AT_ONCE = 8  # of a release request
SWEPT = "gerrit_tags:"
PARSERS = {
    STREAM: wire.parse,
    catch_up.NAME: catch_up.parse,
    backlog.NAME: backlog.parse,
    tag_sweep.NAME: tag_sweep.parse,
}
"""Who reads what was heard, by source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GerritParts:
    """Gerrit as the daemon uses it."""

    sources: tuple[Source, ...]
    lookup: Lookup
    hands: Hands


def gerrit_rest(gerrit: Gerrit, config: Config) -> Rest:
    """REST with the bot's password. Raises BadSecret."""
    password = secrets.read(gerrit.password_file, config.directory).get_secret_value()
    return Rest(gerrit.url, gerrit.user, password)


def gerrit_server(gerrit: Gerrit, config: Config) -> Server:
    """Where the stream is. Raises BadSecret."""
    return Server(
        host=gerrit.ssh_host,
        port=gerrit.ssh.port,
        user=gerrit.user,
        key_file=secrets.find(gerrit.ssh.key_file, config.directory),
        known_hosts=gerrit.ssh.known_hosts_file,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OldOnes:
    """How many of the changes older than `since` are taken up a day; asked each time, since a reload may change it."""

    per_day: Callable[[], int]
    since: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsToAudit:
    """Which repos' tags are looked at, asked each time anew, and who is told which of them cannot be seen."""

    repos: Callable[[], Collection[str]]
    hidden: Callable[[str], None]


def gerrit_parts(
    gerrit: Gerrit,
    config: Config,
    journal: Journal,
    clock: Clock,
    chance: random.Random,
    old_ones: OldOnes,
    tags: TagsToAudit,
) -> GerritParts:
    """All parts for Gerrit. Raises BadSecret."""
    rest = gerrit_rest(gerrit, config)
    hear: Hear = journal.intake.hear
    listen = listens_to(config.service.term)
    journal.marks.first(CAUGHT_UP, clock())  # however long the first listing takes to come about, it begins here
    catching = CatchUp(
        rest,
        hear,
        read_mark=lambda: journal.marks.get(CAUGHT_UP),
        write_mark=lambda at: journal.marks.put(CAUGHT_UP, at),
        clock=clock,
        every=gerrit.catch_up_every,
        listen=listen,
    )
    walking = Backlog(
        rest,
        hear,
        per_day=old_ones.per_day,
        since=old_ones.since,
        read_mark=lambda: journal.marks.get(WALKED),
        write_mark=lambda at: journal.marks.put(WALKED, at),
        clock=clock,
        listen=listen,
    )
    sweeping = TagSweep(
        rest,
        hear,
        Known(
            repos=tags.repos,
            tags=journal.signoffs.tags_of,
            strange=journal.signoffs.strange_tags_of,
            hidden=tags.hidden,
        ),
        read_mark=lambda repo: journal.marks.get(SWEPT + repo),
        write_mark=lambda repo, at: journal.marks.put(SWEPT + repo, at),
        clock=clock,
    )

    def missed(because: str) -> None:
        catching.request(because)
        sweeping.request(because)

    stream = GerritStream(gerrit_server(gerrit, config), hear, missed=missed, clock=clock, random=chance)
    return GerritParts(
        sources=(stream, Pulse(stream), catching, walking, sweeping),
        lookup=GerritLookup(rest, clock, request_of, files_at_once=FILES_AT_ONCE),
        hands=GerritHands(rest),
    )


def request_of(touched: Sequence[TouchedFile], tagged: Tagged) -> Request:
    """What a change to release files asks for."""
    return read_request([FileText(one.path, one.before, one.after) for one in touched], tagged)


class LateTeller:
    """Tells people things; apprise with all its services is loaded for the first message."""

    def tell(self, person: Person, channels: Sequence[Channel], letter: Letter) -> None:
        """As Teller."""
        from integrations.notify.teller import AppriseTeller

        AppriseTeller().tell(person, channels, letter)


def ways_to_people(config: Config, started: datetime) -> GoesBy:
    """How people are told, when and by which channels, as the config says."""
    notify = config.service.notify
    return GoesBy(
        rules=Rules(roster=config.roster, notify=notify, started=started),
        sender=sender_of(config.service),
        channels=lambda person: channels.channels(notify, person, config.directory),
    )


def report_mail(config: Config, roster: Roster, since: datetime) -> ReportMail:
    """How the report since an instant is mailed; the roster is as people arranged it."""
    service = config.service
    return ReportMail(
        roster=roster,
        about=About(since=since, mode=service.mode, sender=sender_of(service)),
        teller=LateTeller(),
        channels=lambda person: channels.channels(service.notify, person, config.directory),
    )


def unreadable_channels(config: Config) -> tuple[Mistake, ...]:
    """A mistake for each channel whose URL apprise cannot read, among those whose secrets can be read."""
    from integrations.notify.urls import is_readable

    return channels.unreadable(config.service.notify, config.directory, is_readable)


def read_governance(settings: GovernanceSettings, at: datetime | None = None) -> Roster:
    """Governance's roster as of an instant, else of now. Raises ValueError or OSError, written for people."""
    if settings.governance is None:
        return Roster(people={}, teams={})
    return governance_rosters(settings).at(at or datetime.now(UTC))


def governance_rosters(settings: GovernanceSettings) -> GovernanceRosters:
    """Governance's rosters at any instant."""
    assert settings.governance is not None  # noqa: S101
    liaisons = _kept(settings.liaisons) if settings.liaisons else None
    return GovernanceRosters(_kept(settings.governance), liaisons)


def rosters_in(governance: Path, liaisons: Path | None) -> GovernanceRosters:
    """Governance's rosters at any instant, from repositories as the community keeps them. Raises ValueError."""
    kept = Kept(git=liaisons, path=LIAISONS_PATH) if liaisons else None
    return governance_rosters(GovernanceSettings(governance=Kept(git=governance, path=GOVERNANCE_PATH), liaisons=kept))


def published_ledger(config: Config) -> Iterator[Published]:
    """What we published of the ledger on the changes of all repos of release requests. Raises Transient, Refused."""
    gerrit = config.service.gerrit
    if gerrit is None:
        raise Refused("no gerrit in czar.yaml: there is nowhere to read the comments from")
    return published(gerrit_rest(gerrit, config), [one.project for one in config.service.signoff])


def request_reader() -> Callable[[Iterable[tuple[str, str | None, str | None]]], Request]:
    """Reads recorded changes to release files, each `(path, before, after)`, from the oldest to the newest."""
    recording = Recording()
    return lambda files: recording.read([FileText(*file) for file in files])


def _kept(kept: Kept) -> PlainFile | History:
    if kept.file is not None:
        return PlainFile(kept.file)
    assert kept.git is not None  # noqa: S101
    return History(kept.git, kept.path)


def read_governance_file(file: Path) -> Roster:
    """A governance projects.yaml lying on disk. Raises ValueError, written for people."""
    return read_governance(GovernanceSettings(governance=Kept(file=file)))


stream_parser = wire.parse
"""Reads a line of Gerrit's stream."""


def ask_gerrit(config: Config, user: str | None, password: str | None) -> Iterator[live.Answer]:
    """Is Gerrit there and may we do what we must? `user` looks for repos and accounts where given."""
    gerrit = config.service.gerrit
    if gerrit is None:
        return
    bot = gerrit_rest(gerrit, config)
    seer = Rest(gerrit.url, user, password or "") if user else bot
    usernames = sorted(person.gerrit for person in config.roster.people.values() if person.gerrit)
    removes = any(step.do == "reassign" for ladder in config.ladders.values() for step in ladder)
    repos, server = sorted(config.roster.owners), gerrit_server(gerrit, config)
    known = True
    for answer in live.ask(bot, server, repos, usernames, seer, removes=removes):
        known = known and not (answer.code == "rest" and answer.fine is False)
        yield answer
    for one in _gates(config.service) if known else ():
        yield from proofs.prove(bot, seer, one)


def ask_launchpad(config: Config) -> Iterator[live.Answer]:
    """Is Launchpad there, and does it take our credentials?"""
    launchpad = config.service.launchpad
    if launchpad is None:
        return
    from integrations.launchpad.session import whoami

    try:
        file = secrets.find(launchpad.credentials_file, config.directory)
    except secrets.BadSecret as error:
        yield live.Answer(code="launchpad", fine=None, message=f"launchpad is not used yet, but {error}")
        return
    try:
        name = whoami(launchpad.root, launchpad.version, file)
    except (Transient, Refused) as error:
        yield live.Answer(code="launchpad", fine=False, message=str(error))
        return
    yield live.Answer(code="launchpad", fine=True, message=f"{launchpad.root} knows us as {name}")


def _gates(service: Service) -> tuple[Gate, ...]:
    """Of each repo of release requests."""
    bot = service.gerrit.user if service.gerrit else ""
    return tuple(Gate(project=one.project, label=one.label, bot=bot) for one in service.signoff)


def gerrit_steps(service: Service, user: str, password: str, *, do_it: bool) -> tuple[setup.Step, ...]:
    """What Gerrit needs and has; made first where `do_it`. Raises Transient, Refused."""
    assert service.gerrit is not None  # noqa: S101
    rest, bot = Rest(service.gerrit.url, user, password), service.gerrit.user
    general = setup.apply(rest, bot) if do_it else setup.needed(rest, bot)
    look = gate_setup.apply if do_it else gate_setup.needed
    return (*general, *look(rest, _gates(service)))


def gerrit_instructions(service: Service) -> tuple[str, ...]:
    """The same, for a person to do by hand."""
    assert service.gerrit is not None  # noqa: S101
    return (*setup.instructions(service.gerrit.user), *gate.instructions(_gates(service)))


def gerrit_project_config(service: Service) -> str:
    """What a patch would add to project.config, repo by repo."""
    return setup.project_config() + gate.patches(_gates(service))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """The stand-in Gerrit with the bot in it, and the recording to be played."""

    url: str
    ssh_host: str
    ssh_port: int
    host_key_line: str
    bot_password: str
    bot_key: str
    admin: str
    admin_password: str
    playback: Playback
    cast: Cast
    story: ReleaseStory


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Its servers on free ports of loopback, up until the context is left."""
    from integrations.sandbox.cast import cast
    from integrations.sandbox.gerrit.directory import SERVICE_USERS
    from integrations.sandbox.gerrit.server import StandInGerrit
    from integrations.sandbox.gerrit.ssh import new_key
    from integrations.sandbox.playback import RECORDINGS, Playback, read_lines
    from integrations.sandbox.release_story import ReleaseStory

    events = list(read_lines(RECORDINGS / "webhooks.events.jsonl.gz"))
    people = cast(events)
    private, public = new_key()
    password = secrets_of_python.token_urlsafe(18)
    with StandInGerrit() as gerrit:
        gerrit.state.add_account("czar-bot", name="czar", password=password, keys=[public], groups=[SERVICE_USERS])
        for name in dict.fromkeys((*people.reviewers, *people.submitters)):
            gerrit.state.add_account(name, name=name, email=f"{name}@example.org")
        yield StandIn(
            url=gerrit.url,
            ssh_host=gerrit.ssh_host,
            ssh_port=gerrit.ssh_port,
            host_key_line=gerrit.host_key_line,
            bot_password=password,
            bot_key=private,
            admin=gerrit.state.admin.username,
            admin_password=gerrit.state.admin.password,
            playback=Playback(gerrit.state, events, read_lines(RECORDINGS / "webhooks.files.jsonl.gz")),
            cast=people,
            story=ReleaseStory(gerrit.state, people, "czar-bot"),
        )

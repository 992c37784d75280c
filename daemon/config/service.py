"""czar.yaml: the service, as CONTRACT lists its keys and defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    ValidationInfo,
)

from daemon.config import secrets
from daemon.config.durations import read_duration
from daemon.hours import Hours, read_hours
from rules.patterns import BadPattern, pattern
from rules.signoff.terms import Held, Terms

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?")
_TERM = re.compile(r"[^\W\d][\w-]*")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")  # as Gerrit's LabelType checks names
_LEVELS = Literal["debug", "info", "warning", "error"]


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = read_duration(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("is no duration: write e.g. 60s, 10m, 24h or 90d")
    return found.length


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("is no host name: write it without scheme, user and port")
    return value


def _port(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65_536:
        raise ValueError("is no port: a number from 1 to 65535")
    return value


def _url(value: str) -> str:
    """What is refused is not repeated: it may hold a password."""
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValueError("is no URL: it begins with https:// or http:// and a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a user or password in it: those have keys of their own")
    return value


def _guarded_url(value: str) -> str:
    """Tokens are sent there: plain http goes no further than this machine."""
    if urlsplit(_url(value)).scheme == "http" and not is_loopback(urlsplit(value).hostname or ""):
        raise ValueError("must begin with https:// (http:// only on loopback)")
    return value


def _database(value: str) -> str:
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        return value
    if not value.startswith("postgresql+psycopg://"):
        raise ValueError("must be sqlite:///FILE or postgresql+psycopg://…")
    if "password=" in value or ":" in value.removeprefix("postgresql+psycopg://").rpartition("@")[0]:
        raise ValueError("has a password in it: put the URL into a file of its own and name that as 'database_file'")
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdecimal() or not 0 <= int(port) < 65_536 or not _HOST.fullmatch(host):
        raise ValueError("is no address to listen on: write e.g. 127.0.0.1:8022")
    return value


def _term(value: str) -> str:
    if not _TERM.fullmatch(value):
        raise ValueError("must be one word: comment commands begin with it")
    return value


def _quiet(value: object) -> Hours | None:
    if value is None or isinstance(value, Hours):
        return value
    found = read_hours(value) if isinstance(value, str) else None
    if found is None and value != "never":
        raise ValueError('is no span of hours: write e.g. "22:00-07:00", or never')
    return found


def _here(value: object, info: ValidationInfo) -> object:
    """Paths are relative to the config directory."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be a path")
    return Path((info.context or {}).get("directory", "."), value)


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("is empty")
    return value


def _label(value: str) -> str:
    if not _LABEL.fullmatch(value) or value == "SUBM":
        raise ValueError("is no name of a label: letters, digits and dashes, e.g. Release-Signoff")
    return value


def _gate(value: str) -> str:
    if value == CODE_REVIEW:
        raise ValueError("must be a label of its own: only the bot may vote on it")
    return _label(value)


def _patterns(value: tuple[str, ...]) -> tuple[str, ...]:
    """Of paths, which begin with no slash."""
    for text in value:
        if text.startswith("/"):
            raise ValueError(f"{text!r} begins with /: paths in a repo do not")
    try:
        pattern(value)
    except BadPattern as error:
        raise ValueError(str(error)) from error
    return value


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name or number."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


CODE_REVIEW = "Code-Review"

Word = Annotated[str, Field(min_length=1)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, BeforeValidator(_port)]
Url = Annotated[str, AfterValidator(_url)]
GuardedUrl = Annotated[str, AfterValidator(_guarded_url)]
Quiet = Annotated[Hours | None, BeforeValidator(_quiet)]
Here = Annotated[Path, BeforeValidator(_here)]
Count = Annotated[int, Field(strict=True, ge=1)]
SecretFile = Annotated[str, Field(min_length=1, json_schema_extra={"secret": True})]
"""The name of a file that holds a secret: see `daemon.config.secrets`."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ssh(_Section):
    """Where Gerrit's stream is heard. `host` None: that of the URL."""

    host: Host | None = None
    port: Port = 29418
    key_file: SecretFile = "gerrit-key"
    known_hosts_file: Here = Field(default="known_hosts", validate_default=True)


class Gerrit(_Section):
    """Gerrit's REST base and SSH daemon, and who we are there."""

    url: Url
    user: Word
    password_file: SecretFile = "gerrit-password"  # noqa: S105
    ssh: Ssh = Field(default={}, validate_default=True)
    catch_up_every: Duration = timedelta(minutes=10)

    @property
    def ssh_host(self) -> str:
        """The host of the SSH daemon."""
        return self.ssh.host or urlsplit(self.url).hostname or ""


class Launchpad(_Section):
    """Launchpad's API root, and what we do there."""

    root: GuardedUrl = "https://api.launchpad.net/"
    version: Word = "devel"
    credentials_file: SecretFile = "launchpad-credentials"
    private: StrictBool = False
    poll_every: Duration = timedelta(seconds=60)
    sweep_every: Duration = timedelta(hours=24)
    webhook_secret_file: SecretFile | None = None
    canary_bug: Count | None = None


class Holder(_Section):
    """A duty of the owner, the community or a team."""

    duty: Word
    of: Word = "owner"

    @property
    def held(self) -> Held:
        """The same for the rules."""
        return Held(duty=self.duty, of=self.of)


class Signoff(_Section):
    """One repo that holds release requests, and what counts as a sign-off there."""

    project: Word
    files: Annotated[tuple[Word, ...], AfterValidator(_some), AfterValidator(_patterns)] = (
        "deliverables/**/*.yaml",
        "deliverables/**/*.yml",
    )
    label: Annotated[str, AfterValidator(_gate)] = "Release-Signoff"
    counts: Annotated[tuple[Literal["comment", "code-review"], ...], AfterValidator(_some)] = ("comment", "code-review")
    self_sign: StrictBool = True
    quorum: Count = 1
    rights_at: Literal["landing", "signing"] = "landing"
    expires: Duration = timedelta(days=90)
    lapse_after: Duration = timedelta(days=7)
    compare: Annotated[str, AfterValidator(_label)] | None = None
    fallback: Holder | None = None
    override: Holder | None = None

    @property
    def terms(self) -> Terms:
        """The same for the rules."""
        return Terms(
            project=self.project,
            files=self.files,
            label=self.label,
            counts=self.counts,
            self_sign=self.self_sign,
            quorum=self.quorum,
            rights_at=self.rights_at,
            expires=self.expires,
            lapse_after=self.lapse_after,
            compare=self.compare or "",
            fallback=self.fallback.held if self.fallback else None,
            override=self.override.held if self.override else None,
        )


class Channel(_Section):
    """Where somebody is told things: the file holds an apprise URL."""

    url_file: SecretFile


class Notify(_Section):
    """How people are told: each their own way, all others the default one; when, and how often at most.

    `quiet` are hours of each person's own clock (None: never); what comes within `batch` goes out as one message.
    """

    default: Channel | None = None
    people: Mapping[str, Channel] = Field(default_factory=dict)
    quiet: Quiet = Hours(begin=time(22), end=time(7))
    per_day: Count = 5
    batch: Duration = timedelta(minutes=2)
    digest: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "never"] = "monday"


class Web(_Section):
    """Our own pages: where they listen, and how people reach them."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8022"
    url: Url | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class Log(_Section):
    """How we log."""

    format: Literal["json", "text"] = "json"
    level: _LEVELS = "info"


class Service(_Section):
    """All of czar.yaml, with paths made absolute. What one key asks of another is checked where the file is read."""

    term: Annotated[str, AfterValidator(_term)] = "czar"
    state: Here = Path("/var/lib/czar")
    database: Annotated[str, AfterValidator(_database)] = "sqlite:///czar.db"
    database_file: SecretFile | None = None
    mode: Literal["off", "observe", "act"] = "act"
    gerrit: Gerrit | None = None
    launchpad: Launchpad | None = None
    signoff: tuple[Signoff, ...] = ()
    notify: Notify = Field(default_factory=Notify)
    web: Web = Field(default_factory=Web)
    log: Log = Field(default_factory=Log)


def database_url(service: Service, directory: Path) -> SecretStr:
    """SQLAlchemy's URL of the journal; a SQLite file is relative to `state`. Raises BadSecret."""
    if service.database_file:
        return secrets.read(service.database_file, directory)
    scheme, _, file = service.database.partition(":///")
    if scheme != "sqlite" or file.startswith("/"):
        return SecretStr(service.database)
    return SecretStr(f"sqlite:///{service.state / file}")

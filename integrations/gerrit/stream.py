"""Gerrit's `stream-events` over SSH (Documentation/cmd-stream-events.txt).

The stream has no replay and no cursor, so the reader only appends and never waits on anything else, and each connection
is followed by a catch-up. Silence is normal on a quiet server and keep-alives prove nothing: `Pulse` asks the server
something that must be answered, and closes a link that does not.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime

import paramiko
import structlog

from integrations.contract import Hear, Heard, Transient
from integrations.gerrit.ssh import Server, explain, login, run, unusable_file, within
from integrations.gerrit.wire import is_dropped_output, is_noise

log = structlog.get_logger()

NAME = "gerrit-stream"
FIRST_RETRY_S = 0.4
LONGEST_RETRY_S = 60.0
CHUNK_BYTES = 65_536
AT_ONCE_BYTES = 524_288  # what is there already is committed together, up to so much
MOST_PENDING_BYTES = 20_000_000  # of a line without end; what was read until then is kept as malformed
ASK_AFTER_S = 15.0  # of silence
ANSWER_S = 20.0  # with ASK_AFTER_S: a dead link is noticed within 45 s
EVENT_TYPES = (
    "patchset-created",
    "comment-added",
    "reviewer-added",
    "reviewer-deleted",
    "vote-deleted",
    "change-merged",
    "change-abandoned",
    "change-restored",
    "change-deleted",
    "wip-state-changed",
    "private-state-changed",
    "topic-changed",
    "hashtags-changed",
    "ref-updated",
    "project-created",
    "dropped-output",
)


class Lines:
    """Bytes as they come, to whole lines; numbered within their connection, without noise."""

    def __init__(self) -> None:
        self._rest = b""
        self._sequence = 0

    def take(self, data: bytes) -> list[Heard]:
        """The lines that `data` ends; the last, unfinished one waits for its end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MOST_PENDING_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        wanted = [line for line in lines if line and not is_noise(line)]
        heard = [Heard(sequence=self._sequence + n, raw=line) for n, line in enumerate(wanted)]
        self._sequence += len(heard)
        return heard


class GerritStream:
    """The reader. `missed` is called after each connection, and when the server threw events away."""

    name = NAME

    def __init__(
        self,
        server: Server,
        hear: Hear,
        *,
        missed: Callable[[str], None],
        clock: Callable[[], datetime],
        random: random.Random,
    ) -> None:
        self._server = server
        self._hear = hear
        self._missed = missed
        self._clock = clock
        self._random = random
        self._client: paramiko.SSHClient | None = None
        self._channel: paramiko.Channel | None = None
        self._connection = ""
        self._lines = Lines()
        self._tries = 0
        self._next_try = 0.0
        self._trouble = "not connected yet"
        self._told: set[str] = set()
        self._dropped = False
        self._closing = threading.Event()
        self.heard_at = 0.0  # monotonic seconds, of the last byte

    def step(self, wait_s: float) -> bool:
        """Connect if it is time to, else read what is there."""
        if self._channel is None:
            return self._wait_to_connect(wait_s)
        try:
            data = _what_is_there(self._channel, wait_s)
        except TimeoutError:
            self._after_drop()
            return False
        except OSError as error:
            self._lost(str(error))
            return True
        if not data:
            self._lost(self._last_words())
            return True
        self.heard_at = time.monotonic()
        self._take(data)
        return True

    def trouble(self) -> str:
        """Why nothing can be heard now, "" if all is well."""
        return self._trouble

    def close(self) -> None:
        """End the connection for good."""
        self._closing.set()
        self._disconnect()

    @property
    def transport(self) -> paramiko.Transport | None:
        """Of the connection that is up."""
        return self._client.get_transport() if self._client and self._channel else None

    def _wait_to_connect(self, wait_s: float) -> bool:
        remaining_s = self._next_try - time.monotonic()
        if remaining_s > 0:
            self._closing.wait(min(remaining_s, wait_s))
            return False
        if because := unusable_file(self._server):
            self._retry_later(because)
            return False
        try:
            self._connect()
        except (paramiko.SSHException, OSError, EOFError) as error:
            self._disconnect()
            self._retry_later(explain(error, self._server))
            return False
        return True

    def _connect(self) -> None:
        client = self._client = login(self._server)
        self._channel = run(client, "gerrit stream-events " + " ".join(f"-s {kind}" for kind in EVENT_TYPES))
        self._connection = f"{self._clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        self._lines, self.heard_at = Lines(), time.monotonic()
        if self._trouble:
            log.info("gerrit.stream.connected", host=self._server.host, port=self._server.port)
        self._trouble = ""
        self._told.clear()
        self._missed("connected")

    def _take(self, data: bytes) -> None:
        things = self._lines.take(data)
        if not things:
            return
        if any(is_dropped_output(thing.raw) for thing in things):
            self._dropped = True
            self._missed("the server dropped events")
        try:
            self._hear(NAME, self._connection, things)
        except Transient as error:
            self._lost(f"what was heard cannot be written: {error}")
            return
        except BaseException as error:  # catch-up after the next connection finds what is lost with these
            self._lost(f"what was heard cannot be written: {type(error).__name__}")
            raise
        self._tries = 0

    def _after_drop(self) -> None:
        """The backlog is drained: what was thrown away meanwhile can be caught up now."""
        if self._dropped:
            self._dropped = False
            self._missed("the backlog after dropped events is drained")

    def _last_words(self) -> str:
        """What the server said on its standard error before it ended the stream."""
        channel = self._channel
        said = channel.recv_stderr(CHUNK_BYTES).decode(errors="replace").strip() if channel else ""
        return said or "the server ended the stream"

    def _lost(self, because: str) -> None:
        self._disconnect()
        self._retry_later(because)

    def _retry_later(self, because: str) -> None:
        """Each reason is logged once until there is a connection again, however often it is tried."""
        longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._tries, 10))
        self._next_try = time.monotonic() + longest * self._random.uniform(0.5, 1.0)
        self._tries += 1
        if because not in self._told and not self._closing.is_set():
            log.warning("gerrit.stream.down", host=self._server.host, port=self._server.port, because=because)
        self._trouble = because
        self._told.add(because)

    def _disconnect(self) -> None:
        client, self._client, self._channel = self._client, None, None
        if client:
            client.close()


class Pulse:
    """Asks the server for its version when the stream was silent for a while; closes the link if nothing comes back."""

    name = "gerrit-pulse"

    def __init__(self, stream: GerritStream, *, ask_after_s: float = ASK_AFTER_S, answer_s: float = ANSWER_S) -> None:
        self._stream = stream
        self._ask_after_s = ask_after_s
        self._answer_s = answer_s
        self._answered_at = 0.0
        self._closing = threading.Event()

    def step(self, wait_s: float) -> bool:
        """Ask if it is time to."""
        transport = self._stream.transport
        silent_s = time.monotonic() - max(self._stream.heard_at, self._answered_at)
        if transport is None or silent_s < self._ask_after_s:
            self._closing.wait(wait_s)
            return False
        if self._alive(transport):
            self._answered_at = time.monotonic()
        else:
            log.warning("gerrit.stream.dead", because=f"no answer within {self._answer_s:.0f} s")
            transport.close()
        return True

    def trouble(self) -> str:
        """It has none of its own: see the stream."""
        return ""

    def close(self) -> None:
        """Stop waiting."""
        self._closing.set()

    def _alive(self, transport: paramiko.Transport) -> bool:
        try:
            with within(transport, self._answer_s), transport.open_session(timeout=self._answer_s) as channel:
                channel.exec_command("gerrit version")
                return channel.recv(256) != b""
        except (paramiko.SSHException, OSError, EOFError):
            return False


def _what_is_there(channel: paramiko.Channel, wait_s: float) -> bytes:
    """Waits for the first bytes; what has come with them is committed together. Raises TimeoutError, OSError."""
    channel.settimeout(wait_s)
    data = channel.recv(CHUNK_BYTES)
    while data and len(data) < AT_ONCE_BYTES and channel.recv_ready():
        data += channel.recv(CHUNK_BYTES)
    return data

"""The SSH door: log in with a registered key, `gerrit stream-events` and `gerrit version`.

https://gerrit-review.googlesource.com/Documentation/cmd-stream-events.html. One thread per connection (paramiko's)
and one per command.
"""

from __future__ import annotations

import io
import shlex
import socket
import struct
import threading
from collections.abc import Callable
from itertools import pairwise

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integrations.sandbox.gerrit.faults import CutHow, Faults
from integrations.sandbox.gerrit.records import Account
from integrations.sandbox.gerrit.rest_directory import VERSION
from integrations.sandbox.gerrit.state import State
from integrations.sandbox.gerrit.stream import StreamQueue

HOST = "127.0.0.1"
_TICK_S = 0.1  # how long a thread goes on after the end
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST


def new_key() -> tuple[str, str]:
    """A fresh Ed25519 pair: the private key in OpenSSH format, and the public line."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), public.decode()


class SshServer:
    """Listens at once, on a free port of 127.0.0.1, until `close`."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults
        private, self._public = new_key()
        self._host_key = paramiko.Ed25519Key(file_obj=io.StringIO(private))
        self._closing = threading.Event()
        self._connections: set[_Connection] = set()
        self._lock = threading.Lock()
        self._socket = socket.create_server((HOST, 0), backlog=128)
        self._socket.settimeout(_TICK_S)
        self.port: int = self._socket.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="stand-in SSH", daemon=True)
        self._accepting.start()

    @property
    def host_key_line(self) -> str:
        return f"[{HOST}]:{self.port} {self._public}"

    def close(self) -> None:
        self._closing.set()
        self._accepting.join(1.0)
        self._socket.close()
        with self._lock:
            connections = tuple(self._connections)
        for connection in connections:
            connection.close("eof")
        for connection in connections:
            connection.join(1.0)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._welcome(client)

    def _welcome(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(client, self._state, self._faults)
        connection.add_server_key(self._host_key)
        with self._lock:
            self._connections = {one for one in self._connections if one.is_alive()} | {connection}
        try:
            connection.start_server(event=threading.Event(), server=_Session(connection))
        except paramiko.SSHException:
            connection.close("eof")


class _Connection(paramiko.Transport):
    """One client. Commands start only after the client was told that its request was taken: a short one could
    otherwise close the channel before."""

    def __init__(self, client: socket.socket, state: State, faults: Faults) -> None:
        super().__init__(client)
        self._client = client
        self.daemon = True
        self.state = state
        self.faults = faults
        self.account: Account | None = None
        self.pending: list[threading.Thread] = []
        self._commands: list[threading.Thread] = []
        self._cuts: list[Callable[[], None]] = []

    def _send_user_message(self, data: paramiko.Message) -> None:
        super()._send_user_message(data)  # type: ignore[misc]
        if threading.current_thread() is self:
            waiting, self.pending = self.pending, []
            for command in waiting:
                self._commands.append(command)
                command.start()

    def run_command(self, channel: paramiko.Channel, command: str) -> None:
        """In a thread of its own; ends with an exit status, or with the connection."""
        self.accept(0)  # takes the channel off paramiko's list
        try:
            channel.send_exit_status(self._run(channel, _words(command)))
            channel.close()
        except (OSError, EOFError, paramiko.SSHException):
            pass  # the client or the whole connection is gone, and the channel with it

    def _run(self, channel: paramiko.Channel, words: list[str]) -> int:
        while not self.faults.is_flowing(_TICK_S):
            if not self.is_active():
                return 1
        if words == ["gerrit", "version"]:
            channel.sendall(f"gerrit version {VERSION}\n".encode())
            return 0
        if words[:2] == ["gerrit", "stream-events"]:
            return self._stream(channel, words[2:])
        channel.sendall_stderr(f"fatal: {' '.join(words)}: not found\n".encode())
        return 127

    def _stream(self, channel: paramiko.Channel, options: list[str]) -> int:
        account = self.account
        if account is None:
            return 1
        if not (self.state.is_service(account.account_id) or self.state.is_admin(account.account_id)):
            channel.sendall_stderr(b"fatal: stream events not permitted\n")
            return 1
        kinds = [value for flag, value in pairwise(options) if flag in ("-s", "--subscribe")]
        queue = StreamQueue(self.state, account.account_id, kinds)
        self._cuts.append(queue.close)
        ended = self.faults.stream_opened(self.close_stream, queue.lose)
        try:
            self._pump(channel, queue)
        finally:
            ended()
            queue.close()
        return 0

    def _pump(self, channel: paramiko.Channel, queue: StreamQueue) -> None:
        while self.is_active() and not channel.closed and not queue.closed:
            if not self.faults.is_flowing(_TICK_S):
                continue
            line = queue.take(_TICK_S)
            if line is not None:
                channel.sendall(line.encode() + b"\n")

    def close_stream(self, how: CutHow) -> None:
        self.close(how)

    def close(self, how: CutHow = "eof") -> None:
        """Ends the connection and, within a moment, its commands."""
        if how == "reset":
            try:
                self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            except OSError:
                pass  # closed already
        for cut in tuple(self._cuts):
            cut()
        super().close()
        self._client.close()
        for command in tuple(self._commands):
            if command is not threading.current_thread():
                command.join(1.0)


class _Session(paramiko.ServerInterface):
    """Who may log in, and what may be run."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._turned_away: bool | None = None

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002  # paramiko's signature
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        state = self._connection.state
        if self._turned_away is None:
            self._turned_away = self._connection.faults.is_login_refused(username)
        if self._turned_away:
            return paramiko.common.AUTH_FAILED
        shown = f"{key.get_name()} {key.get_base64()}"
        for account in tuple(state.accounts.values()):
            if account.username == username and account.active and shown in account.keys:
                self._connection.account = account
                return paramiko.common.AUTH_SUCCESSFUL
        return paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return paramiko.common.OPEN_SUCCEEDED if kind == "session" else paramiko.common.OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        run = threading.Thread(
            target=self._connection.run_command, args=(channel, command.decode()), name="stand-in command", daemon=True
        )
        self._connection.pending.append(run)
        return True


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return [command]  # unbalanced quotes: no such command

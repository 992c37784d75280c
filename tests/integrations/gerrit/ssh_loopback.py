"""A small SSH server on loopback: one user, one command that is answered as the test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from integrations.gerrit.ssh import Server
from tests.real.ports import LOOPBACK

USER = "bot"


class Doorman(paramiko.ServerInterface):
    """Lets the one key in; what a command does is the server's `serve`."""

    def __init__(self, server: SshLoopback) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == USER and key == self._server.client_key
        return AUTH_SUCCESSFUL if known else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self._server.commands.append(command.decode())
        if self._server.answers_commands.wait(30):
            later = threading.Timer(0.05, self._serve, args=(channel, command.decode()))  # after our answer
            later.daemon = True
            later.start()
        return True

    def _serve(self, channel: paramiko.Channel, command: str) -> None:
        try:
            self._server.serve(channel, command)
        except (OSError, EOFError, paramiko.SSHException):  # the client has gone
            return


class SshLoopback:
    """`serve` gets the channel of each command; while `answers_commands` is clear, commands are left unanswered."""

    def __init__(self, folder: Path, serve: Callable[[paramiko.Channel, str], None]) -> None:
        self.serve = serve
        self.commands: list[str] = []
        self.answers_commands = threading.Event()
        self.answers_commands.set()
        self.shakes_hands = True
        self.connections = 0
        self._host_key = _new_key(folder / "host")
        self.client_key = _new_key(folder / "client")
        self._transports: list[paramiko.Transport] = []
        self._listening = socket.create_server((LOOPBACK, 0))
        self._port: int = self._listening.getsockname()[1]
        self.known_hosts = folder / "known_hosts"
        self.pin(self._host_key)
        self.server = Server(
            host=LOOPBACK, port=self._port, user=USER, key_file=folder / "client", known_hosts=self.known_hosts
        )

    def pin(self, key: paramiko.PKey) -> None:
        """Have known_hosts name this key."""
        self.known_hosts.write_text(f"[{LOOPBACK}]:{self._port} {key.get_name()} {key.get_base64()}\n")

    def accept(self) -> None:
        """Until closed."""
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            if self.shakes_hands:
                self._greet(connected)
            else:
                connected.close()

    def drop(self) -> None:
        """End all connections."""
        while self._transports:
            self._transports.pop().close()

    def close(self) -> None:
        self.answers_commands.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.drop()

    def _greet(self, connected: socket.socket) -> None:
        transport = paramiko.Transport(connected)
        self._transports.append(transport)
        transport.add_server_key(self._host_key)
        transport.start_server(event=threading.Event(), server=Doorman(self))


@contextmanager
def ssh_serving(folder: Path, serve: Callable[[paramiko.Channel, str], None]) -> Iterator[SshLoopback]:
    """The server, for as long as the context lasts."""
    server = SshLoopback(folder, serve)
    thread = threading.Thread(target=server.accept)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def _new_key(file: Path) -> paramiko.PKey:
    private = Ed25519PrivateKey.generate()
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    file.chmod(0o600)
    return paramiko.PKey.from_path(file)

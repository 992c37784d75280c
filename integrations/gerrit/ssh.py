"""Logging in to Gerrit's own SSH server, and saying to people why that fails. Only the pinned host key is taken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko

CONNECT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to log in, as whom, and the pinned host key."""

    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path


def login(server: Server) -> paramiko.SSHClient:
    """A logged-in client that knows the pinned host key only. Raises SSHException or OSError."""
    client = paramiko.SSHClient()
    client.load_host_keys(str(server.known_hosts))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        client.connect(
            server.host,
            server.port,
            server.user,
            pkey=paramiko.PKey.from_path(server.key_file),
            timeout=CONNECT_S,
            banner_timeout=CONNECT_S,
            auth_timeout=CONNECT_S,
            allow_agent=False,
            look_for_keys=False,
        )
    except EOFError as error:
        client.close()
        raise paramiko.SSHException("the server ended the connection") from error
    except BaseException:
        client.close()
        raise
    return client


def run(client: paramiko.SSHClient, command: str) -> paramiko.Channel:
    """A channel on which the command is running. Raises SSHException, OSError or EOFError."""
    transport = client.get_transport()
    if transport is None:
        raise paramiko.SSHException("the connection ended at once")
    with within(transport, CONNECT_S):
        channel = transport.open_session(timeout=CONNECT_S)
        channel.exec_command(command)
    return channel


@contextmanager
def within(transport: paramiko.Transport, limit_s: float) -> Iterator[None]:
    """End the link if this takes longer: for some answers paramiko waits without any limit."""
    timer = threading.Timer(limit_s, transport.close)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def unusable_file(server: Server) -> str:
    """What is wrong with the files that the login needs, "" if nothing is."""
    try:
        paramiko.HostKeys(str(server.known_hosts))
    except OSError as error:
        return f"{server.known_hosts}: {error.strerror}"
    except (ValueError, paramiko.hostkeys.InvalidHostKey):
        return f"{server.known_hosts} is no known_hosts file: ssh-keyscan -p {server.port} {server.host} writes one"
    try:
        paramiko.PKey.from_path(server.key_file)
    except OSError as error:
        return f"{server.key_file}: {error.strerror}"
    except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, ValueError, TypeError):
        return f"{server.key_file} holds no SSH private key without a passphrase: ssh-keygen makes one"
    return ""


def explain(error: Exception, server: Server) -> str:
    """Why a login failed, for people."""
    where = f"{server.host}:{server.port}"
    if isinstance(error, paramiko.BadHostKeyException):
        return f"{where} shows another host key than {server.known_hosts} pins: {error.key.get_name()}"
    if isinstance(error, paramiko.AuthenticationException) and "saw EOF" not in str(error):
        return f"{where} refuses the login of {server.user} with {server.key_file}"
    if isinstance(error, paramiko.SSHException) and "not found in known_hosts" in str(error):
        return f"{where} has no pinned host key in {server.known_hosts}"
    if isinstance(error, socket.timeout):
        return f"{where} does not answer"
    return f"{where}: {str(error) or 'the connection ended'}"

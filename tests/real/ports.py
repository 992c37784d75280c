"""Ports on loopback that stay ours while a server restarts."""

from __future__ import annotations

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOWEST = 15_000
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int) -> tuple[int, ...]:
    """Different free ports below the range the kernel hands to outgoing connections.

    A port of that range could be taken while our server is down, even by the very client that tries to reconnect
    to it (a TCP self-connect).
    """
    found: list[int] = []
    for port in random.sample(range(LOWEST, _first_ephemeral()), k=200):
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return tuple(found)
    raise OSError(f"no {count} free ports on {LOOPBACK}")


def _first_ephemeral() -> int:
    if not EPHEMERAL.exists():
        return 32_768
    return max(int(EPHEMERAL.read_text().split()[0]), LOWEST + 1_000)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

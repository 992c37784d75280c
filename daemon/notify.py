"""What systemd is told (sd_notify(3)): ready, reloading, stopping, and that the watchdog may stay calm."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send one state, e.g. `READY=1`; nothing happens where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # abstract
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
            sending.sendto(state.encode(), address)
    except OSError:  # the manager is gone: nobody to tell
        return


def watchdog_s() -> float | None:
    """Seconds within which the watchdog wants to hear from us, None without one."""
    us = os.environ.get("WATCHDOG_USEC", "")
    return int(us) / 1e6 if us.isdecimal() and int(us) > 0 else None

"""Follows governance: its files are read again every minute, and what is new there makes the daemon read its config
again, so that it is checked and taken over like any other.

While they cannot be read, or a new version cannot be taken over, the roster in force may be out of date: that is told
as a trouble, under which no release is let out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from daemon.config.governance import GovernanceSettings
from rules.roster import Roster

log = structlog.get_logger()

EVERY_S = 60.0
SETTLE_S = 5.0  # a file may be half written: what is new must stay the same for so long
RETRY_S = 600.0  # how often a version is tried that could not be taken over


class Rosters(Protocol):
    """Governance's rosters, kept in memory."""

    def at(self, instant: datetime) -> Roster:
        """As of an instant. Raises ValueError or OSError, written for people."""

    def refresh(self) -> bool:
        """Look for new versions; whether there were. Raises the same."""


Followed = tuple[GovernanceSettings | None, str]
"""What the config in force says of governance, and the revision of governance's roster in it."""


class GovernanceWatch:
    """The worker. `trouble` is told each time what is wrong, "" if nothing is; `reload` has ended when it returns."""

    name = "governance"

    def __init__(
        self,
        make: Callable[[GovernanceSettings], Rosters],
        *,
        in_force: Callable[[], Followed],
        reload: Callable[[], None],
        trouble: Callable[[str], None],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._in_force = in_force
        self._reload = reload
        self._trouble = trouble
        self._clock = clock
        self._monotonic = monotonic
        self._rosters: tuple[GovernanceSettings, Rosters] | None = None
        self._lock = threading.Lock()
        self._seen = ""  # the revision found last
        self._tried: tuple[str, float] = "", 0.0  # the one the config was read again for, and when
        self._due = 0.0
        self._closing = threading.Event()

    def read(self, settings: GovernanceSettings) -> Roster:
        """Governance's roster as it is now, for whoever loads the config. Raises ValueError or OSError."""
        self._due = 0.0  # whatever comes of it is told at once
        return self._read(settings)

    def step(self, wait_s: float) -> bool:
        """Look once a minute."""
        if self._monotonic() < self._due:
            self._closing.wait(wait_s)
            return False
        self._due = self._monotonic() + self._look()
        return True

    def close(self) -> None:
        """Stop waiting."""
        self._closing.set()

    def _look(self) -> float:
        """Seconds until the next look."""
        settings, revision = self._in_force()
        if settings is None:
            self._trouble("")
            return EVERY_S
        try:
            found = self._read(settings).revision
        except (ValueError, OSError) as error:
            self._trouble(f"governance's roster cannot be read: {error}")
            return EVERY_S
        if found == revision:
            self._seen = found
            self._trouble("")
            return EVERY_S
        if found != self._seen:
            self._seen = found
            return SETTLE_S
        self._take_over(found)
        return EVERY_S

    def _take_over(self, found: str) -> None:
        tried, at = self._tried
        if found != tried or self._monotonic() - at >= RETRY_S:
            log.info("governance.changed", revision=found)
            self._tried = found, self._monotonic()
            self._reload()
        taken_over = self._in_force()[1] == found
        self._trouble("" if taken_over else f"the roster of {found} cannot be taken over: see czar check")

    def _read(self, settings: GovernanceSettings) -> Roster:
        if settings.governance is None:
            return Roster(people={}, teams={})
        with self._lock:
            if self._rosters is None or self._rosters[0] != settings:
                self._rosters = settings, self._make(settings)
            else:
                self._rosters[1].refresh()
            return self._rosters[1].at(self._clock())

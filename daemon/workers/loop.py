"""A thread is a loop around a worker's `step`."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import structlog

from integrations.contract import Transient

log = structlog.get_logger()

WAIT_S = 0.5
AFTER_FAULT_S = 1.0
LONGEST_AFTER_FAULT_S = 20.0  # shorter than any sensible watchdog


class Worker(Protocol):
    """Something that does its work piece by piece."""

    name: str

    def step(self, wait_s: float) -> bool:
        """Do the next piece, waiting at most `wait_s` seconds for it; say whether there was one."""


class Loop:
    """Runs one worker in a thread of its own until told to stop. A fault is shown, and the worker goes on."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.fault = ""
        self._stop = threading.Event()
        self._beat = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=worker.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Do not begin another step."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the step under way to end; whether it did."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def beat_age_s(self) -> float:
        """Seconds since it last began a step: a worker that hangs grows old."""
        return time.monotonic() - self._beat

    def _run(self) -> None:
        faults = 0
        while not self._stop.is_set():
            self._beat = time.monotonic()
            try:
                self.worker.step(WAIT_S)
                faults = 0
            except Exception as error:  # noqa: BLE001  one bad piece must not end the worker; shown in log and /readyz
                faults += 1
                self._report(error)
                self._stop.wait(min(LONGEST_AFTER_FAULT_S, AFTER_FAULT_S * 2.0 ** min(faults - 1, 10)))
                continue
            self.fault = ""

    def _report(self, error: Exception) -> None:
        """Once for each fault, not once a second. What a transient error says is written for people."""
        because = str(error) if isinstance(error, Transient) else f"{type(error).__name__}: {error}"
        if because != self.fault and not self._stop.is_set():
            log.error(
                "worker.fault", worker=self.worker.name, because=because, exc_info=not isinstance(error, Transient)
            )
        self.fault = because

"""What is wrong now, in one place: for `/readyz`, the metrics, systemd's status and the log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from daemon.journal.views import Views
from daemon.workers.loop import Loop
from integrations.contract import Source, Transient

STUCK_AFTER_S = 300.0


class Health:
    """Thread-safe."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._said: dict[str, str] = {}
        self._mild: set[str] = set()
        self._lock = threading.Lock()
        self.sources: Sequence[Source] = ()
        self.loops: Sequence[Loop] = ()

    def reporter(self, name: str, *, mild: bool = False) -> Callable[[str], None]:
        """What a worker calls with its trouble, or "" once that is over. `mild`: shown, but nothing is stuck by it."""
        if mild:
            self._mild.add(name)

        def report(because: str) -> None:
            with self._lock:
                self._said[name] = because

        return report

    def mild(self) -> dict[str, str]:
        """Troubles that hinder nobody else, by worker."""
        with self._lock:
            return {name: because for name, because in self._said.items() if because and name in self._mild}

    def troubles(self) -> dict[str, str]:
        """By source or worker; empty where all is well but for mild ones."""
        with self._lock:
            found = {name: because for name, because in self._said.items() if because and name not in self._mild}
        found |= {source.name: because for source in self.sources if (because := source.trouble())}
        found |= {loop.worker.name: because for loop in self.loops if (because := loop.fault)}
        return found | self._journal_trouble()

    def _journal_trouble(self) -> dict[str, str]:
        try:
            behind_s = self._views.stats().behind_s
        except Transient as error:
            return {"journal": str(error)}
        if behind_s > STUCK_AFTER_S:
            return {"journal": f"something heard {behind_s:.0f} s ago is not decided yet"}
        return {}

"""The web server as a worker: Flask behind waitress, in the thread it is given."""

from __future__ import annotations

import threading
from typing import Any

import structlog

from daemon.config.service import Web
from daemon.health import Health
from daemon.journal.views import Views
from integrations.contract import Transient

log = structlog.get_logger()

THREADS = 4


class Pages:
    """Serves until closed. Where it listens is in `port` once it does."""

    name = "web"

    def __init__(self, web: Web, health: Health, views: Views) -> None:
        self._address = web.address
        self._health = health
        self._views = views
        self._server: Any = None
        self._closed = threading.Event()
        self.port = 0

    def step(self, wait_s: float) -> bool:
        """Begin listening, then serve what comes."""
        if self._closed.is_set():
            return False
        if self._server is None:
            self._server = self._listen()
        self._server.asyncore.loop(timeout=wait_s, map=self._server._map, count=1)
        return True

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._server is not None:
            self._server.close()

    def _listen(self) -> Any:
        from waitress.server import create_server

        from daemon.web.app import make_app

        host, port = self._address
        try:
            made: Any = create_server(
                make_app(self._health, self._views), host=host, port=port, threads=THREADS, ident=None
            )
        except OSError as error:
            raise Transient(f"cannot listen on {host}:{port}: {error.strerror}") from error
        self.port = made.effective_port
        log.info("web.listening", host=host, port=self.port)
        return made

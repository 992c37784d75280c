"""The web server as a worker: Flask behind waitress, in the thread it is given."""

from __future__ import annotations

import socket
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
        """Stop listening, end connections, and let the threads go."""
        self._closed.set()
        if self._server is not None:
            self._server.task_dispatcher.set_thread_count(0)
            self._server.asyncore.close_all(self._server._map, ignore_all=True)

    def _listen(self) -> Any:
        from waitress.server import create_server

        from daemon.web.app import make_app

        host, port = self._address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:  # by ourselves: where it cannot listen, waitress leaves its threads behind
            listening = socket.create_server((host, port), family=family)
        except OSError as error:
            raise Transient(f"cannot listen on {host}:{port}: {error.strerror}") from error
        app = make_app(self._health, self._views)
        made: Any = create_server(app, sockets=[listening], threads=THREADS, ident=None)
        self.port = listening.getsockname()[1]
        log.info("web.listening", host=host, port=self.port)
        return made

"""REST on a socket: a thread per connection around `Rest.handle`, and an end that leaves nothing behind."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integrations.sandbox.gerrit.faults import Cut, Hang
from integrations.sandbox.gerrit.rest import Rest

LONGEST_HANG_S = 600.0


class RestServer(ThreadingHTTPServer):
    """Serves at once, on a free port of 127.0.0.1, until `close`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, rest: Rest) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rest = rest
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._handlers: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._serving = threading.Thread(target=self.serve_forever, args=(0.05,), name="stand-in REST", daemon=True)
        self._serving.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Ends the listening and every open connection; what hangs is let go."""
        self.closing.set()
        self.shutdown()
        self._serving.join(1.0)
        self.server_close()
        with self._lock:
            connections, handlers = tuple(self._open), tuple(self._handlers)
        for connection in connections:
            _end(connection)
        for handler in handlers:
            handler.join(1.0)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
            self._handlers.add(threading.current_thread())
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)
                self._handlers.discard(threading.current_thread())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; the connection is closed by the caller."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one piece
    server: RestServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, headers, content = self.server.rest.handle(self.command, self.path, dict(self.headers), body)
        except Hang:
            self.server.closing.wait(LONGEST_HANG_S)
            self._drop()
            return
        except Cut:
            self._drop()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  # names http.server looks for

    def _drop(self) -> None:
        self.close_connection = True
        _end(self.connection)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's signature
        """Silent: the tests and the sandbox print what matters."""


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # ended already

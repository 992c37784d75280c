"""A small HTTP server on loopback that does to each request what the test says, in order."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.real.ports import LOOPBACK

Deed = Callable[["Handler"], None]


class Loopback(ThreadingHTTPServer):
    """`deeds` are done one per request, the last one again and again; `requests` keeps what was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *deeds: Deed) -> None:
        super().__init__((LOOPBACK, 0), Handler)
        self.deeds = list(deeds)
        self.requests: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Loopback
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, body))
        self.server.headers.append(dict(self.headers))
        deeds = self.server.deeds
        (deeds.pop(0) if len(deeds) > 1 else deeds[0])(self)

    do_GET = do_POST = do_PUT = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


def answer(status: int, body: bytes = b"", **headers: str) -> Deed:
    """An ordinary answer; underscores in header names stand for dashes."""

    def deed(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return deed


def reset(handler: Handler) -> None:
    """Throw the connection away after the request was read."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def hang_up_half_way(handler: Handler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b")]}'\n{")
    handler.close_connection = True


def hang(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.ended.wait(30)
    handler.close_connection = True


@contextmanager
def serving(*deeds: Deed) -> Iterator[Loopback]:
    """The server, for as long as the context lasts."""
    with Loopback(*deeds) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()

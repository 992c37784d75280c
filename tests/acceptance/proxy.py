"""Proxies on loopback that stand between the daemon and a Gerrit and fail as networks and servers do."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.real.ports import LOOPBACK, free_ports

CHUNK_BYTES = 65_536
LONGEST_S = 120.0


class Link:
    """One connection through the proxy, and what is done to it."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.mute = False
        self._ends = (client, server)

    def start(self, delay_s: Callable[[], float]) -> None:
        """Carry bytes both ways until one side ends."""
        client, server = self._ends
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._carry, args=(source, target, delay_s), daemon=True).start()

    def reset(self) -> None:
        """Both sides see a reset."""
        for end in self._ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()

    def end(self) -> None:
        """Both sides see the end."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RD)  # wakes whoever reads here
            end.close()

    def _carry(self, source: socket.socket, target: socket.socket, delay_s: Callable[[], float]) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                time.sleep(delay_s())
                if not self.mute:
                    target.sendall(data)
        if not self.mute:  # of a link that is dead without saying so, no side hears that the other one went
            self.end()


class TcpProxy:
    """Carries bytes to `port` on loopback. Its own port stays the same."""

    def __init__(self, port: int) -> None:
        (self.port,) = free_ports(1)
        self.delay_s = 0.0  # of every piece
        self._target = port
        self._links: list[Link] = []
        self._listening = socket.create_server((LOOPBACK, self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Reset all connections there are."""
        self._each(Link.reset)

    def end(self) -> None:
        """End all connections in good order."""
        self._each(Link.end)

    def half_open(self) -> None:
        """What is sent over the connections there are vanishes, both ways; new ones are not concerned."""
        for link in self._links:
            link.mute = True

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.end()

    def _each(self, deed: Callable[[Link], None]) -> None:
        links, self._links = self._links, []
        for link in links:
            deed(link)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((LOOPBACK, self._target), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            link = Link(client, server)
            self._links.append(link)
            link.start(lambda: self.delay_s)


class HttpProxy:
    """Passes requests on to `port` on loopback, one by one."""

    def __init__(self, port: int) -> None:
        (self.port,) = free_ports(1)
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.failed = 0  # requests that a fault met
        self.swallowed = 0  # answers to POSTs that were kept
        self.delayed = 0  # POSTs that were passed on late
        self.posted: list[tuple[str, bytes]] = []  # path and body of all POSTs that came, in order
        self.target = port
        self._asked: Counter[str] = Counter()
        self._status = 0
        self._hanging = threading.Event()
        self._goes_on = threading.Event()
        self._to_swallow = 0
        self._to_delay, self._delay_s = 0, 0.0
        self._server = _Server((LOOPBACK, self.port), _Handler, self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @contextmanager
    def answering(self, status: int) -> Iterator[None]:
        """Answer so to everything, and pass nothing on."""
        self._status = status
        try:
            yield
        finally:
            self._status = 0

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Take requests, and neither answer them nor pass them on, also afterwards."""
        self._goes_on.clear()
        self._hanging.set()
        try:
            yield
        finally:
            self._hanging.clear()
            self._goes_on.set()

    def asked(self, method: str) -> int:
        """How many requests of a method have come."""
        return self._asked[method]

    def swallow_answers(self, count: int) -> None:
        """Of the next so many POSTs the server's answer is lost after it was given."""
        self._to_swallow = count

    def delay_posts(self, count: int, by_s: float) -> None:
        """The next so many POSTs lose their connection at once and reach the server only so much later."""
        self._to_delay, self._delay_s = count, by_s

    def close(self) -> None:
        self._goes_on.set()
        self._server.shutdown()
        self._server.server_close()

    def treat(self, handler: _Handler) -> None:
        """One request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self._asked[handler.command] += 1
        if handler.command == "POST":
            self.posted.append((handler.path, body))
        if self._hanging.is_set():
            self.failed += 1
            self._goes_on.wait(LONGEST_S)
            handler.close_connection = True
        elif self._status:
            self.failed += 1
            handler.reply(self._status, {}, b"the test says no")
        else:
            self._pass_on(handler, body)

    def _pass_on(self, handler: _Handler, body: bytes) -> None:
        if handler.command == "POST" and self._to_delay:
            self._to_delay -= 1
            handler.cut()
            time.sleep(self._delay_s)
            self.delayed += 1
        upstream = http.client.HTTPConnection(LOOPBACK, self.target, timeout=LONGEST_S)
        try:
            upstream.request(handler.command, handler.path, body, dict(handler.headers))
            answer = upstream.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            handler.close_connection = True
            return
        finally:
            upstream.close()
        if handler.command == "POST" and self._to_swallow:
            self._to_swallow -= 1
            self.swallowed += 1
            handler.cut()
        else:
            handler.reply(answer.status, dict(answer.getheaders()), content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[_Handler], proxy: HttpProxy) -> None:
        super().__init__(address, handler)
        self.proxy = proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the game."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        self.server.proxy.treat(self)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

    def reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def cut(self) -> None:
        """Reset the connection."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""

"""HTTP/1.1 on a socket: reads requests, sends answers in the manner they ask for."""

from __future__ import annotations

import socket
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from testbed.catalogue.response import Request, Response

CHUNK = b" " * 65_536


class Site(Protocol):
    """What is served; `stopping` ends answers that wait."""

    stopping: threading.Event

    def serve(self, request: Request) -> Response: ...
    def enter_request(self) -> None: ...
    def leave_request(self) -> None: ...


class Server(ThreadingHTTPServer):
    """A thread for each connection; none of them keeps the process alive."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        super().__init__(address, Handler)
        self.site = site


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        # Without it the second small write of an answer waits for the client's delayed ACK (40 ms).
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _answer(self) -> None:
        try:
            self._send(self._response())
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up, as clients do under faults

    def _response(self) -> Response:
        """The answer, when it is time to send it.

        A request counts as under way until here: were it until the last byte is sent, a client that asks
        again at once would look like two at the same time.
        """
        site = self.server.site
        if self.path.startswith("/-/"):
            return site.serve(self._request())
        site.enter_request()
        try:
            response = site.serve(self._request())
            if response.delay:
                site.stopping.wait(response.delay)
            if response.manner == "hang":
                self._hang()
            return response
        finally:
            site.leave_request()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - names of http.server

    def _request(self) -> Request:
        parts = urllib.parse.urlsplit(self.path)
        query = dict(reversed(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(self.command, self.path, urllib.parse.unquote(parts.path), query, headers, body)

    def _send(self, response: Response) -> None:
        if response.manner in ("hang", "drop"):
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body) + response.padding))
        for name, value in response.headers:
            self.send_header(name, value)
        if self.path.startswith("/api/v1/"):
            self.send_header("Set-Cookie", "csrf=testbed; Path=/; HttpOnly; Secure; SameSite=Strict")
        self.end_headers()
        if self.command == "HEAD":
            return
        if response.manner == "cut":
            self.wfile.write(response.body[: len(response.body) // 2])
            self.close_connection = True
            return
        self.wfile.write(response.body)
        for start in range(0, response.padding, len(CHUNK)):
            self.wfile.write(CHUNK[: response.padding - start])

    def _hang(self) -> None:
        """Until the client closes its end or the catalogue stops."""
        self.connection.settimeout(0.05)
        while not self.server.site.stopping.is_set() and self._client_is_there():
            pass

    def _client_is_there(self) -> bool:
        try:
            return bool(self.connection.recv(1))
        except TimeoutError:
            return True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Silent: `Catalogue.log()` has the requests."""

"""A reverse proxy before a real API server: its answers are real, and late, refused or cut off where a test says so.

Plain HTTP on 127.0.0.1, so that a kubeconfig needs nothing but its address. It identifies itself with the client
certificate that it was given; a caller's own token goes through instead. Upgrades (WebSocket, SPDY) are passed on.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "trailer"))
_BLOCK = 65_536


@dataclass(frozen=True)
class Trouble:
    """What happens to the requests whose `VERB path?query` the pattern is found in.

    delay: seconds before the request is passed on; status: answered with this instead, with `body`, `content_type` and
    `retry_after` (seconds; 0: none); cut: half of the real body, then nothing; times: only the first so many (0: all).
    """

    pattern: str = ""
    delay: float = 0.0
    status: int = 0
    body: str = ""
    content_type: str = "application/json"
    retry_after: int = 0
    cut: bool = False
    times: int = 0


@dataclass(frozen=True)
class Upstream:
    """The real server: host, port, and the TLS identity to show it."""

    host: str
    port: int
    identified: ssl.SSLContext
    anonymous: ssl.SSLContext

    def tls(self, authorization: str | None) -> ssl.SSLContext:
        """A caller with a token speaks for itself."""
        return self.anonymous if authorization else self.identified


def upstream_of(kubeconfig: Path, folder: Path) -> Upstream:
    """The one cluster and the one user of a kubeconfig with certificates inside. folder: a place for them."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    pair = folder / "client.pem"
    pair.touch(mode=0o600)
    pair.write_bytes(
        base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"])
    )
    identified = ssl.create_default_context(cadata=authority)
    identified.load_cert_chain(pair)
    pair.unlink()
    place = urlsplit(cluster["server"])
    assert place.hostname
    assert place.port
    return Upstream(place.hostname, place.port, identified, ssl.create_default_context(cadata=authority))


class FaultyServer(ThreadingHTTPServer):
    """Serves inside `with`. trouble: what is wrong now, the first that fits; seen: `VERB path` of every request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.seen: list[str] = []
        self._trouble: list[list[Any]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> FaultyServer:
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @contextlib.contextmanager
    def troubled(self, *troubles: Trouble) -> Iterator[None]:
        """In here these are in force, and no others."""
        self.seen.clear()
        self._trouble = [[trouble, trouble.times or -1] for trouble in troubles]
        try:
            yield
        finally:
            self._trouble = []

    def trouble_for(self, request: str) -> Trouble:
        with self._lock:
            self.seen.append(request)
            for row in self._trouble:
                if row[1] and re.search(row[0].pattern, request):
                    row[1] -= 1
                    return row[0]  # type: ignore[no-any-return]
        return Trouble()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no fault of this server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.server.trouble_for(f"{self.command} {self.path}")
        time.sleep(trouble.delay)
        if trouble.status:
            self._answer(trouble)
        elif self.headers.get("Upgrade"):
            self._upgraded(body)
        else:
            self._passed_on(body, trouble)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def log_message(self, *_: object) -> None:
        """`seen` tells it already."""

    def _answer(self, trouble: Trouble) -> None:
        body = trouble.body.encode()
        self.send_response(trouble.status)
        self.send_header("Content-Type", trouble.content_type)
        self.send_header("Content-Length", str(len(body)))
        if trouble.retry_after:
            self.send_header("Retry-After", str(trouble.retry_after))
        self.end_headers()
        self.wfile.write(body)

    def _passed_on(self, body: bytes, trouble: Trouble) -> None:
        upstream = self.server.upstream
        tls = upstream.tls(self.headers.get("Authorization"))
        connection = http.client.HTTPSConnection(upstream.host, upstream.port, context=tls, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            if trouble.cut:
                return self._cut_off(answer.read())
            self._stream(answer)
        finally:
            connection.close()

    def _cut_off(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        """In pieces as they come: a watch never ends."""
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command == "HEAD" or answer.status in (204, 304):
            return
        while piece := answer.read1(_BLOCK):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _upgraded(self, body: bytes) -> None:
        upstream = self.server.upstream
        plain = socket.create_connection((upstream.host, upstream.port), timeout=60)
        with upstream.tls(self.headers.get("Authorization")).wrap_socket(
            plain, server_hostname=upstream.host
        ) as far:
            lines = [f"{self.command} {self.path} HTTP/1.1", f"Host: {upstream.host}:{upstream.port}"]
            lines += [f"{name}: {value}" for name, value in self.headers.items() if name.lower() != "host"]
            far.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            _join(self.connection, far)
        self.close_connection = True


def _join(near: socket.socket, far: ssl.SSLSocket) -> None:
    """Both directions, until one side ends."""
    while True:
        readable = [far] if far.pending() else select.select([near, far], [], [])[0]
        for source in readable:
            data = source.recv(_BLOCK)
            if not data:
                return
            (far if source is near else near).sendall(data)

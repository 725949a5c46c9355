"""An API server that answers as a test tells it, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.cluster.client import Cluster

Answer = tuple[int, Any]
HANG_UP: Answer = (0, {})


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    content_type: str


@dataclass
class FakeApi:
    """answer: what a call gets, HANG_UP for a cut connection; calls: all that came."""

    answer: Callable[[Call], Answer]
    calls: list[Call] = field(default_factory=list)

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]


def status(code: int, message: str, reason: str = "", *causes: tuple[str, str]) -> Answer:
    """A Kubernetes Status; causes: (field, message)."""
    listed = [{"field": field, "message": text} for field, text in causes]
    details = {"details": {"causes": listed}} if listed else {}
    return code, {"kind": "Status", "message": message, "reason": reason, "code": code} | details


@contextmanager
def serving(api: FakeApi, timeout: float = 30.0) -> Iterator[Cluster]:
    handler = type("Bound", (_Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        with Cluster(Access(server=f"http://127.0.0.1:{server.server_port}"), {}, timeout=timeout) as cluster:
            yield cluster
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    api: FakeApi
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        call = Call(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            json.loads(raw) if raw else {},
            self.headers.get("content-type", ""),
        )
        self.api.calls.append(call)
        code, body = self.api.answer(call)
        if code == 0:
            self.close_connection = True
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

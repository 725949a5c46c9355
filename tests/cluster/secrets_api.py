"""An API server that keeps Secrets as the real one does: versions, conflicts, its bound, metadata only where asked."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.cluster.client import Cluster

LIMIT = 1 << 20


@dataclass
class SecretsApi:
    """secrets: by name; refuse: (verb, code) of calls that are refused; delay: seconds before an answer; lose: answers
    of so many writes never arrive; calls: (verb, bytes sent, bytes answered)."""

    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: dict[str, int] = field(default_factory=dict)
    delay: float = 0.0
    lose: int = 0
    calls: list[tuple[str, int, int]] = field(default_factory=list)
    version: int = 0

    def of(self, verb: str) -> list[tuple[str, int, int]]:
        return [call for call in self.calls if call[0] == verb]

    def answer(self, verb: str, name: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if verb in self.refuse:
            return refused(self.refuse[verb], "Forbidden" if self.refuse[verb] == 403 else "")
        if verb == "GET" and not name:
            wanted = dict(pair.split("=") for pair in query["labelSelector"][0].split(","))
            items = [item for item in self.secrets.values() if wanted.items() <= labels(item).items()]
            return 200, {"kind": "List", "items": items or None}  # as the real one writes it
        if verb == "POST":
            name = body["metadata"]["name"]
            return refused(409, "AlreadyExists") if name in self.secrets else self._store(name, body)
        if name not in self.secrets:
            return refused(404, "NotFound")
        there = self.secrets[name]
        if verb == "GET":
            return 200, there
        sent = (body.get("preconditions") or body.get("metadata") or {}).get("resourceVersion")
        if sent != there["metadata"]["resourceVersion"]:
            return refused(409, "Conflict")
        if verb == "DELETE":
            del self.secrets[name]
            return 200, {"kind": "Status", "status": "Success"}
        return self._store(name, merged(there, body) if verb == "PATCH" else body)

    def _store(self, name: str, item: dict[str, Any]) -> tuple[int, Any]:
        if sum(len(base64.b64decode(text)) for text in item["data"].values()) > LIMIT:
            return refused(422, "Invalid")
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        self.secrets[name] = json.loads(json.dumps(item))
        return 200, item


def labels(item: dict[str, Any]) -> dict[str, str]:
    return dict(item["metadata"].get("labels") or {})


def refused(code: int, reason: str) -> tuple[int, Any]:
    return code, {"kind": "Status", "message": f"refused: {reason or code}", "reason": reason, "code": code}


def merged(old: Any, patch: Any) -> Any:
    """JSON merge patch."""
    if not isinstance(patch, dict) or not isinstance(old, dict):
        return patch
    found = {**old, **{key: merged(old.get(key), value) for key, value in patch.items()}}
    return {key: value for key, value in found.items() if value is not None}


@contextmanager
def serving(api: SecretsApi) -> Iterator[Cluster]:
    handler = type("Bound", (_Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        with Cluster(Access(server=f"http://127.0.0.1:{server.server_port}"), {}) as cluster:
            yield cluster
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    api: SecretsApi
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        name = url.path.partition("/secrets")[2].strip("/")
        time.sleep(self.api.delay)
        code, body = self.api.answer(self.command, name, parse_qs(url.query), json.loads(raw) if raw else {})
        data = json.dumps(self._wanted(body)).encode()
        self.api.calls.append((self.command, len(raw), len(data)))
        if self.api.lose and self.command != "GET":
            self.api.lose -= 1
            self.close_connection = True
            return
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(BrokenPipeError):  # whoever asked has waited long enough
            self.wfile.write(data)

    def _wanted(self, body: Any) -> Any:
        if "as=PartialObjectMetadata" not in self.headers.get("Accept", ""):
            return body
        if "items" in body:
            return {
                "kind": "PartialObjectMetadataList",
                "items": [self._wanted(item) for item in body["items"]] if body["items"] else None,
            }
        return {key: value for key, value in body.items() if key != "data"}

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

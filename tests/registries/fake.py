"""A registry with a token server behind it, as the distribution and token specifications have them, and with faults.

One server plays several hosts; which one was meant stands in the Host header. All is TLS.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def document(**content: Any) -> bytes:
    return json.dumps(content).encode()


@dataclass(frozen=True)
class Seen:
    """One request. host: without its port."""

    method: str
    host: str
    path: str
    authorization: str


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class FakeRegistry(ThreadingHTTPServer):
    """auth: `none`, `basic` or `bearer`; private: repositories that only users may read; answers: what a path answers
    instead, by its beginning."""

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.auth = "none"
        self.users: dict[str, str] = {}
        self.private: set[str] = set()
        self.realm = f"https://auth.test:{self.port}/token"
        self.content: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.tags: dict[str, list[str]] = {}
        self.answers: dict[str, Callable[[], Reply]] = {}
        self.seen: list[Seen] = []
        self.tokens: dict[str, str] = {}
        self.stopping = threading.Event()
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what is tested."""

    def push(self, repository: str, tag: str, *platforms: str) -> str:
        """An index with an image for each platform; without platforms: a single image for linux/amd64. Its digest."""
        if not platforms:
            return self.put(repository, tag, MANIFEST, self.image(repository, "linux/amd64"))
        entries = []
        for platform in platforms:
            os, _, rest = platform.partition("/")
            architecture, _, variant = rest.partition("/")
            image = self.image(repository, platform)
            said = {"os": os, "architecture": architecture} | ({"variant": variant} if variant else {})
            entries.append({"mediaType": MANIFEST, "digest": digest(image), "platform": said})
        body = document(schemaVersion=2, mediaType=INDEX, manifests=entries)
        return self.put(repository, tag, INDEX, body)

    def image(self, repository: str, platform: str) -> bytes:
        os, _, architecture = platform.partition("/")
        config = document(os=os, architecture=architecture, rootfs={})
        self.content[repository, digest(config)] = ("application/octet-stream", config)
        layers: list[object] = []
        return document(schemaVersion=2, mediaType=MANIFEST, config={"digest": digest(config)}, layers=layers)

    def put(self, repository: str, tag: str, kind: str, body: bytes) -> str:
        self.content[repository, tag] = self.content[repository, digest(body)] = (kind, body)
        self.tags.setdefault(repository, []).append(tag)
        return digest(body)

    def told(self, host: str) -> list[str]:
        """The credentials that a host was given, in order, "" for a request without any."""
        return [seen.authorization for seen in self.seen if seen.host == host]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FakeRegistry

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        parts = urlsplit(self.path)
        authorization = self.headers.get("Authorization", "")
        self.server.seen.append(Seen(self.command, host, self.path, authorization))
        for start, answer in self.server.answers.items():
            if self.path.startswith(start):
                self.reply(answer())
                return
        if host == "auth.test":
            self.reply(self.token(parse_qs(parts.query), authorization))
        elif host == "cdn.test":
            self.reply(self.stored(*parts.path.rpartition("/")[::2]))
        else:
            self.reply(self.registry(parts.path, parse_qs(parts.query), authorization))

    def token(self, query: dict[str, list[str]], authorization: str) -> Reply:
        user = self.user(authorization)
        if user is None:
            return Reply(401, document(errors=[{"code": "UNAUTHORIZED"}]))
        token = secrets.token_urlsafe(12)
        self.server.tokens[token] = f"{user} {query['scope'][0]}"
        return Reply(200, document(token=token))

    def user(self, authorization: str) -> str | None:
        """The user of a Basic header, "" without one, None for a wrong one."""
        if not authorization:
            return ""
        name, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return name if password and self.server.users.get(name) == password else None

    def registry(self, path: str, query: dict[str, list[str]], authorization: str) -> Reply:
        repository, _, rest = path.removeprefix("/v2/").rpartition("/")
        repository, _, kind = repository.rpartition("/")
        refusal = self.refusal(repository, authorization)
        if refusal is not None:
            return refusal
        if (kind, rest) == ("tags", "list"):
            return self.page(repository, query)
        if kind == "blobs":  # as Docker Hub: the bytes are somewhere else
            return Reply(
                307, headers={"Location": f"https://cdn.test:{self.server.port}/{repository}/{rest}"}
            )
        return self.stored(f"/{repository}", rest)

    def refusal(self, repository: str, authorization: str) -> Reply | None:
        server = self.server
        if server.auth == "none":
            return None
        denied = document(errors=[{"code": "UNAUTHORIZED", "message": "authentication required"}])
        if server.auth == "basic":
            if self.user(authorization):
                return None
            return Reply(401, denied, {"WWW-Authenticate": 'Basic realm="fake"'})
        user, _, scope = server.tokens.get(authorization.removeprefix("Bearer "), "? none").partition(" ")
        if scope == f"repository:{repository}:pull" and (user or repository not in server.private):
            return None
        asked = f'scope="repository:{repository}:pull,push"'
        challenge = f'Bearer realm="{server.realm}",service="fake.test",{asked}'
        return Reply(401, denied, {"WWW-Authenticate": challenge})

    def page(self, repository: str, query: dict[str, list[str]]) -> Reply:
        """Three tags a page, whatever is asked for."""
        tags = sorted(self.server.tags.get(repository, []))
        after = [tag for tag in tags if tag > query.get("last", [""])[0]]
        headers = {}
        if len(after) > 3:
            headers["Link"] = f'</v2/{repository}/tags/list?n=3&last={after[2]}>; rel="next"'
        return Reply(200, document(name=repository, tags=after[:3]), headers)

    def stored(self, repository: str, reference: str) -> Reply:
        name = repository.strip("/")
        if (name, reference) not in self.server.content:
            code = (
                "MANIFEST_UNKNOWN" if any(name == held for held, _ in self.server.content) else "NAME_UNKNOWN"
            )
            return Reply(404, document(errors=[{"code": code}]))
        kind, body = self.server.content[name, reference]
        return Reply(200, body, {"Content-Type": kind, "Docker-Content-Digest": digest(body)})

    def reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

"""Against the Docker project's own registry: open, with passwords, with tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.registries.client import Held, held, tags
from helm_tyk_upgrade.registries.credentials import ANONYMOUS, Credential
from helm_tyk_upgrade.registries.reference import parse
from tests.registries import real

pytestmark = pytest.mark.slow
USER = Credential("pull secret regcred", "ann", "canary-pass")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def asked(image: str, *identities: Credential, platforms: bool = True) -> Maybe[Held]:
    http = Http(timeout=5.0)
    return held(http, parse(image), map(Known, identities or (ANONYMOUS,)), platforms=platforms)


def absent_for(identity: Credential) -> Known[Held]:
    return Known(Held(False, code="MANIFEST_UNKNOWN", asked_as=identity.source))


class Pusher:
    """Puts images where no credentials are needed, by the same API."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(self, method: str, url: str, body: bytes = b"", kind: str = "application/octet-stream") -> Any:
        request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
        return self.direct.open(request, timeout=10).headers

    def blob(self, repository: str, data: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        place = self.send("POST", f"http://{self.address}/v2/{repository}/blobs/uploads/")["Location"]
        self.send("PUT", f"{place}&digest={digest}", data)
        return {"digest": digest, "size": len(data), "mediaType": "application/octet-stream"}

    def manifest(self, repository: str, tag: str, kind: str, **content: Any) -> dict[str, Any]:
        body = json.dumps({"schemaVersion": 2, "mediaType": kind, **content}).encode()
        tag = tag or f"sha256:{hashlib.sha256(body).hexdigest()}"
        told = self.send("PUT", f"http://{self.address}/v2/{repository}/manifests/{tag}", body, kind)
        return {"digest": told["Docker-Content-Digest"], "size": len(body), "mediaType": kind}

    def image(self, repository: str, tag: str, architecture: str) -> dict[str, Any]:
        config = self.blob(repository, json.dumps({"os": "linux", "architecture": architecture}).encode())
        config["mediaType"] = "application/vnd.docker.container.image.v1+json"
        return self.manifest(repository, tag, MANIFEST, config=config, layers=[])

    def index(self, repository: str, tag: str, *architectures: str) -> str:
        entries = [
            self.image(repository, "", name) | {"platform": {"os": "linux", "architecture": name}}
            for name in architectures
        ]
        return str(self.manifest(repository, tag, INDEX, manifests=entries)["digest"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def filled(folder: Path) -> Iterator[tuple[str, str]]:
    """Address, and the digest of team/tyk:v1; stays open while the others read the same content."""
    with real.running(folder) as address:
        push = Pusher(address)
        digest = push.index("team/tyk", "v1", "amd64", "arm64")
        push.image("team/tyk", "v0", "amd64")
        for number in range(2, 5):
            push.image("team/tyk", f"v{number}", "amd64")
        yield address, digest


def test_an_index_a_single_image_and_a_digest_are_found(filled: tuple[str, str]) -> None:
    address, digest = filled
    both = Known(Held(True, digest, Known(("linux/amd64", "linux/arm64"))))
    assert asked(f"{address}/team/tyk:v1") == both
    assert asked(f"{address}/team/tyk@{digest}") == both
    single = asked(f"{address}/team/tyk:v0")
    assert isinstance(single, Known)
    assert single.value.platforms == Known(("linux/amd64",))
    head = asked(f"{address}/team/tyk:v1", platforms=False)
    assert isinstance(head, Known)
    assert (head.value.present, head.value.digest) == (True, digest)


@pytest.mark.parametrize("image", ["team/tyk:v9", "nobody/nothing:v1", f"team/tyk@sha256:{'0' * 64}"])
def test_what_it_does_not_have_is_absent(filled: tuple[str, str], image: str) -> None:
    for platforms in (True, False):
        answer = asked(f"{filled[0]}/{image}", platforms=platforms)
        assert answer in (
            Known(Held(False, code="MANIFEST_UNKNOWN")),
            Known(Held(False, code="NAME_UNKNOWN")),
        )


def test_its_tags_are_listed(filled: tuple[str, str]) -> None:
    found = tags(Http(timeout=5.0), parse(f"{filled[0]}/team/tyk"), ANONYMOUS)
    assert isinstance(found, Known)
    assert sorted(found.value) == ["v0", "v1", "v2", "v3", "v4"]


def test_its_passwords_are_honoured(filled: tuple[str, str], folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "data", tmp_path / "data")
    (tmp_path / "htpasswd").write_text(real.PASSWORD_FILE)
    auth = f"auth: {{htpasswd: {{realm: test, path: {tmp_path / 'htpasswd'}}}}}\n"
    with real.running(tmp_path, auth) as address:
        answer = asked(f"{address}/team/tyk:v1", ANONYMOUS, USER)
        assert isinstance(answer, Known)
        assert (answer.value.present, answer.value.digest) == (True, filled[1])
        assert asked(f"{address}/team/tyk:v9", USER) == absent_for(USER)
        wrong = asked(f"{address}/team/tyk:v1", Credential("x", "ann", "wrong"))
        assert isinstance(wrong, Unknown)
        assert "access is refused" in wrong.reason


class TokenServer(ThreadingHTTPServer):
    """Gives ann tokens that the registry believes, because they bear the key's signature."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), TokenHandler)
        self.folder = folder
        self.scopes: list[str] = []
        subject = ["-subj", "/CN=tokens", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
        files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
        self.openssl("req", "-x509", *subject, *files)
        self.chain = base64.b64encode(
            self.openssl("x509", "-in", str(folder / "cert.pem"), "-outform", "DER")
        )

    def openssl(self, *args: str, given: bytes = b"") -> bytes:
        done = subprocess.run(["openssl", *args], input=given, capture_output=True, check=True, timeout=60)
        return done.stdout

    def token(self, service: str, scope: str) -> str:
        kind, name, actions = scope.split(":")
        now = int(time.time())
        access = [{"type": kind, "name": name, "actions": actions.split(",")}]
        claims = {"iss": "tokens", "aud": service, "sub": "ann", "access": access, "jti": "1"}
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self.chain.decode()]}
        signed = _part(head) + b"." + _part({**claims, "nbf": now - 10, "iat": now, "exp": now + 60})
        signature = self.openssl("dgst", "-sha256", "-sign", str(self.folder / "key.pem"), given=signed)
        return (signed + b"." + _encoded(signature)).decode()


class TokenHandler(BaseHTTPRequestHandler):
    server: TokenServer

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        known = self.headers.get("Authorization") == USER.basic
        self.server.scopes += query["scope"]
        body = b"{}"
        if known:
            body = json.dumps({"token": self.server.token(query["service"][0], query["scope"][0])}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _part(content: dict[str, Any]) -> bytes:
    return _encoded(json.dumps(content).encode())


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@pytest.fixture
def token_server(tmp_path: Path) -> Iterator[TokenServer]:
    if not shutil.which("openssl"):
        pytest.skip("no openssl to sign tokens with")
    server = TokenServer(tmp_path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_its_tokens_are_fetched(
    filled: tuple[str, str], folder: Path, tmp_path: Path, token_server: TokenServer
) -> None:
    shutil.copytree(folder / "data", tmp_path / "data")
    realm = f"http://127.0.0.1:{token_server.server_address[1]}/token"
    trust = f"service: here, issuer: tokens, rootcertbundle: {tmp_path / 'cert.pem'}"
    with real.running(tmp_path, f"auth: {{token: {{realm: '{realm}', {trust}}}}}\n") as address:
        nobody = asked(f"{address}/team/tyk:v1")
        assert isinstance(nobody, Unknown)
        assert "no token is given (HTTP 401" in nobody.reason
        answer = asked(f"{address}/team/tyk:v1", USER)
        both = Known(("linux/amd64", "linux/arm64"))
        assert answer == Known(Held(True, filled[1], both, asked_as=USER.source))
        assert asked(f"{address}/team/tyk:v9", USER) == absent_for(USER)
        listed = tags(Http(timeout=5.0), parse(f"{address}/team/tyk"), USER)
        assert isinstance(listed, Known)
        assert len(listed.value) == 5
    assert set(token_server.scopes) == {"repository:team/tyk:pull"}

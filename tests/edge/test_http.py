"""GET with bounds, against a server that misbehaves."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from helm_tyk_upgrade.edge.http import Http
from helm_tyk_upgrade.errors import CatalogueError


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self.path == "/loop":
            self.answer(302, b"", "Location", "/loop")
        elif self.path == "/moved":
            self.answer(302, b"", "Location", "/plain")
        elif self.path == "/cut":
            self.answer(200, b"half", length=100)
            self.close_connection = True
        elif self.path == "/slow":
            self.slowly()
        elif self.path == "/large":
            self.answer(200, bytes(3 << 20))
        elif self.path == "/zipped":
            self.answer(200, gzip.compress(b"unpacked" * 1000), "Content-Encoding", "gzip")
        elif self.path == "/broken-zip":
            self.answer(200, b"no gzip", "Content-Encoding", "gzip")
        elif self.path == "/bomb":
            self.answer(200, gzip.compress(bytes(8 << 20)), "Content-Encoding", "gzip")
        elif self.path == "/status":
            self.answer(418, b"no")
        elif self.path == "/who":
            self.answer(200, self.headers.get("Authorization", "nobody").encode())
        else:
            agent = self.headers["User-Agent"].encode()
            self.answer(200, agent, "Content-Type", "Text/Plain; charset=utf-8")

    def slowly(self) -> None:
        """A byte at a time: no single read takes long, all together do."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            try:
                self.wfile.write(b"x")
                self.wfile.flush()
            except OSError:
                return
            if self.server.stopping.wait(0.05):  # type: ignore[attr-defined]
                return

    def answer(self, status: int, body: bytes, header: str = "", value: str = "", length: int = -1) -> None:
        self.send_response(status)
        if header:
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what is tested."""


@pytest.fixture
def url() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Handler)
    server.stopping = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.stopping.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_answer_is_complete(url: str) -> None:
    answer = Http().get(f"{url}/plain")
    assert (answer.status, answer.content_type) == (200, "text/plain")
    assert answer.body.startswith(b"helm-tyk-upgrade/")


def test_a_packed_answer_is_unpacked(url: str) -> None:
    assert Http().get(f"{url}/zipped").body == b"unpacked" * 1000


def test_any_status_is_an_answer(url: str) -> None:
    assert Http().get(f"{url}/status").status == 418


def test_redirects_are_followed_and_the_last_address_is_told(url: str) -> None:
    assert Http().get(f"{url}/moved").url == f"{url}/plain"


def test_head_has_no_body(url: str) -> None:
    assert Http().get(f"{url}/status", method="HEAD").body == b""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/loop", "circle"),
        ("/broken-zip", "cut off"),
        ("/bomb", "larger than 1 MiB"),
        ("/cut", "cut off"),
        ("/large", "larger than 1 MiB"),
        ("/slow", "longer than 1 s"),
    ],
)
def test_bounds(url: str, path: str, words: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        Http(timeout=1.0).get(f"{url}{path}", limit=1 << 20)
    assert words in caught.value.message
    assert caught.value.message.startswith("127.0.0.1:")


def test_a_netrc_file_does_not_speak_for_us(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password canary-pass\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert Http().get(f"{url}/who").body == b"nobody"
    assert Http().get(f"{url}/who", headers={"Authorization": "Bearer x"}).body == b"Bearer x"


def test_nobody_listening_is_an_error_with_a_hint() -> None:
    with pytest.raises(CatalogueError, match="no connection") as caught:
        Http().get("http://user:canary-pass@127.0.0.1:9/")
    assert "HTTPS_PROXY" in caught.value.hint
    assert "canary-pass" not in caught.value.message + str(caught.value)


def test_the_proxy_of_the_environment_is_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(CatalogueError, match="the proxy does not answer"):
        Http().get(f"{url}/plain")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert Http().get(f"{url}/plain").status == 200

"""Retries, identity and errors against a small HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.refusals import ApiRefused, Unreachable
from helm_tyk_upgrade.errors import ClusterError

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
Script = list[tuple[int, object]]


class Handler(BaseHTTPRequestHandler):
    script: Script
    seen: list[tuple[str, str, dict[str, str]]]

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        groups = self.headers.get_all("Impersonate-Group") or []
        self.seen.append((self.command, self.path, headers | {"groups": ",".join(groups)}))
        self.rfile.read(int(headers.get("content-length", 0)))
        code, body = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if code == 0:  # hang up
            self.close_connection = True
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        if code == 429:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


Serve = Callable[..., tuple[Cluster, list[tuple[str, str, dict[str, str]]]]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ThreadingHTTPServer] = []

    def start(script: Script, **access: object) -> tuple[Cluster, list[tuple[str, str, dict[str, str]]]]:

        class Scripted(Handler):
            pass

        Scripted.script, Scripted.seen = list(script), []
        server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        return Cluster(Access(url, **access), {}, timeout=1.0), Scripted.seen  # type: ignore[arg-type]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("trouble", [(429, {}), (500, {}), (503, b"busy"), (0, b"")])
def test_a_read_is_repeated_until_it_succeeds(serve: Serve, trouble: tuple[int, object]) -> None:
    cluster, seen = serve([trouble, trouble, (200, POD)])
    assert cluster.get("v1", "Pod", "p", "tyk")["metadata"]["name"] == "p"
    assert len(seen) == 3


def test_a_read_is_given_up_with_the_last_answer(serve: Serve) -> None:
    cluster, seen = serve(
        [(503, {"kind": "Status", "reason": "ServiceUnavailable", "message": "etcd is away"})]
    )
    with pytest.raises(ApiRefused) as refused:
        cluster.get("v1", "Pod", "p", "tyk")
    assert "etcd is away" in refused.value.message
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("trouble", "calls"), [((503, {}), 1), ((500, {}), 1), ((0, b""), 1), ((429, {}), 4)]
)
def test_a_write_is_repeated_only_when_it_was_not_done(
    serve: Serve, trouble: tuple[int, object], calls: int
) -> None:
    cluster, seen = serve([trouble])
    with pytest.raises(ClusterError):
        cluster.create({**POD, "metadata": {"name": "p", "namespace": "tyk"}})
    assert len(seen) == calls


def test_what_is_refused_is_not_repeated(serve: Serve) -> None:
    cluster, seen = serve([(403, {"kind": "Status", "reason": "Forbidden", "message": "no"})])
    with pytest.raises(ApiRefused):
        cluster.list("v1", "Pod", "tyk")
    assert len(seen) == 1


def test_behind_a_proxy_of_the_server_every_answer_is_one(serve: Serve) -> None:
    cluster, seen = serve([(503, {"status": "error", "message": "Redis connection not available"})])
    answer = cluster.service_proxy_get("tyk", "svc", 8080, "/ready", headers={"x-tyk-authorization": "s"})
    assert (answer.status, answer.answered) == (503, True)
    assert [(verb, path) for verb, path, _ in seen] == [
        ("GET", "/api/v1/namespaces/tyk/services/http:svc:8080/proxy/ready")
    ]
    assert seen[0][2]["x-tyk-authorization"] == "s"


def test_identity_and_impersonation_are_on_every_call(serve: Serve) -> None:
    cluster, seen = serve([(200, POD)], token="t", as_user="boss", as_groups=("a", "b"))
    cluster.get("v1", "Pod", "p", "tyk")
    headers = seen[0][2]
    assert headers["authorization"] == "Bearer t"
    assert (headers["impersonate-user"], headers["groups"]) == ("boss", "a,b")
    assert headers["user-agent"].startswith("helm-tyk-upgrade/")


@pytest.mark.parametrize("body", [b"<html>please log in</html>", b"", b"[]", b'{"items": 3}'])
def test_an_answer_that_is_no_kubernetes_object_is_an_error_in_words(serve: Serve, body: bytes) -> None:
    cluster, _ = serve([(200, body)])
    for call in (
        lambda: cluster.list("v1", "Pod", "tyk"),
        lambda: cluster.get("v1", "Pod", "p", "tyk"),
    ):
        with pytest.raises(ClusterError) as refused:
            call()
        assert "not understood" in refused.value.message


def test_a_server_below_a_path_keeps_its_path(serve: Serve) -> None:
    cluster, seen = serve([(200, POD)])
    with Cluster(Access(f"{cluster.access.server}/k8s/clusters/c-1"), {}) as below:
        below.get("v1", "Pod", "p", "tyk")
        below.server_version()
    assert [path for _, path, _ in seen] == [
        "/k8s/clusters/c-1/api/v1/namespaces/tyk/pods/p",
        "/k8s/clusters/c-1/version",
    ]


def test_a_proxy_of_an_unknown_kind_is_refused_in_words() -> None:
    with pytest.raises(ClusterError) as refused:
        Cluster(Access("https://x", proxy="gopher://user:secret@proxy:70"), {})
    assert "proxy:70" in refused.value.message
    assert "secret" not in refused.value.message


def test_a_slow_server_is_told_as_slow(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = threading.Event()
    monkeypatch.setattr(Handler, "do_GET", lambda self: slept.wait(5))
    cluster, _ = serve([(200, POD)])
    with pytest.raises(Unreachable) as refused:
        cluster.get("v1", "Pod", "p", "tyk")
    slept.set()
    assert "in time" in refused.value.message

"""From where requests are counted: the Service that really leads to the gateway's health path."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from helm_tyk_upgrade.cluster.proxied import Proxied
from helm_tyk_upgrade.errors import CatalogueError, ClusterError
from helm_tyk_upgrade.gateway.availability import Availability
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.targets import metering
from helm_tyk_upgrade.targets.metering import PROXY, meter
from tests.targets.build import ScriptedCluster, TestDoors, gateway_manifest, service

OURS = {"app": "gateway-tyk"}


def proxied(status: int, answered: bool = True, reason: str = "") -> Proxied:
    return Proxied(status, b"", answered=answered, reason=reason)


def counted(manifest: str, cluster: ScriptedCluster) -> Availability:
    found = meter(TestDoors(cluster), manifest, "apis", RunSettings(rate=100.0))
    assert isinstance(found, Known)
    found.value.start()
    time.sleep(0.1)
    return found.value.stop()


@pytest.mark.parametrize(
    ("services", "chosen"),
    [
        ([service("gw", 80, 8080, OURS)], ("gw", 80)),
        ([service("gw", 443, "http", OURS)], ("gw", 443)),
        ([service("dashboard", 80, 8080, {"app": "dashboard"}), service("gw", 81, 8080, OURS)], ("gw", 81)),
        ([service("headless", 80, 8080, None), service("gw", 81, 8080, OURS)], ("gw", 81)),
        ([service("metrics", 9090, 9090, OURS), service("gw", 81, 8080, OURS)], ("gw", 81)),
        ([service("two", 80, 8080, {**OURS, "release": "tyk"})], ("two", 80)),
    ],
)
def test_the_service_is_the_one_that_selects_the_gateway(
    services: list[str], chosen: tuple[str, int]
) -> None:
    cluster = ScriptedCluster(proxied=proxied(200))
    found = counted(gateway_manifest(*services), cluster)
    assert found.vantage == PROXY
    assert found.lost == 0
    assert set(cluster.asked) == {("apis", *chosen, "/hello", "http")}


@pytest.mark.parametrize(
    "manifest",
    [
        gateway_manifest(),
        gateway_manifest(service("dashboard", 80, 8080, {"app": "dashboard"})),
        gateway_manifest(service("gw", 80, "grpc", OURS)),
        service("gw", 80, 8080, OURS),
        "",
    ],
)
def test_without_such_a_service_nothing_is_counted(manifest: str) -> None:
    found = meter(TestDoors(ScriptedCluster()), manifest, "apis", RunSettings())
    assert found == Unknown("no Service leads to the gateway's health path")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (proxied(200), ""),
        (proxied(404), ""),
        (proxied(503), "HTTP 503"),
        (proxied(502, answered=False, reason="no endpoints available"), "no endpoints available"),
        (ValueError("odd"), "ValueError"),
    ],
)
def test_what_counts_as_lost(answer: Proxied | Exception, kind: str) -> None:
    found = counted(gateway_manifest(service("gw", 80, 8080, OURS)), ScriptedCluster(proxied=answer))
    assert found.sent > 0
    assert found.losses == (((kind, found.sent),) if kind else ())


@pytest.mark.parametrize(
    "answer",
    [ClusterError("no connection"), proxied(403, answered=False, reason="Forbidden: services/proxy")],
)
def test_what_never_reached_the_gateway_is_not_counted(answer: Proxied | Exception) -> None:
    found = counted(gateway_manifest(service("gw", 80, 8080, OURS)), ScriptedCluster(proxied=answer))
    assert (found.sent, found.lost) == (0, 0)


def test_a_gateway_that_wants_client_certificates_is_not_metered() -> None:
    env = "[{name: TYK_GW_SECURITY_CONTROLAPIUSEMUTUALTLS, value: 'true'}]"
    manifest = gateway_manifest(service("gw", 80, 8080, OURS), env=env)
    found = meter(TestDoors(ScriptedCluster()), manifest, "apis", RunSettings())
    assert found == Unknown("the gateway's control port wants a client certificate")


def test_a_probe_url_is_asked_itself_and_is_the_vantage() -> None:
    settings = RunSettings(rate=20.0, probe_url="http://127.0.0.1:9/hello")
    found = meter(TestDoors(ScriptedCluster()), "", "apis", settings)
    assert isinstance(found, Known)
    found.value.start()
    time.sleep(0.2)
    result = found.value.stop()
    assert result.vantage == "http://127.0.0.1:9/hello"
    assert result.lost == result.sent > 0


def test_an_answer_unlike_the_first_one_is_a_loss_for_clients() -> None:
    """A new pod that has no APIs yet says 404 where the old one said 200."""
    answers = iter([200, 200, 404, 404, 200])

    class Scripted(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(answers, 200))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing to say in a test."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Scripted) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/shop/"
        found = meter(TestDoors(ScriptedCluster()), "", "apis", RunSettings(rate=20.0, probe_url=url))
        assert isinstance(found, Known)
        found.value.start()
        time.sleep(0.5)
        seen = found.value.stop()
        server.shutdown()
    assert seen.lost == 2
    assert dict(seen.losses) == {"HTTP 404": 2}


@pytest.mark.parametrize(
    ("cause", "answered", "ours"),
    [
        ("ProxyError", False, True),
        ("ProxyError", True, True),
        ("SSLError", False, True),
        ("SSLError", True, False),  # a new pod with a certificate that nobody trusts
        ("ConnectionError", False, False),
    ],
)
def test_whose_trouble_it_is(cause: str, answered: bool, ours: bool) -> None:
    error = CatalogueError("host: no")
    error.__cause__ = type(cause, (Exception,), {})()
    assert metering._ours(error, answered=answered) is ours


def test_a_refused_connection_is_called_so() -> None:
    settings = RunSettings(rate=50.0, probe_url="http://127.0.0.1:9/")
    found = meter(TestDoors(ScriptedCluster()), "", "apis", settings)
    assert isinstance(found, Known)
    found.value.start()
    time.sleep(0.2)
    assert dict(found.value.stop().losses).keys() == {"connection refused"}


def served(folder: Path) -> tuple[ThreadingHTTPServer, Path]:
    """A server with a certificate of its own, and that certificate."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    words = (
        "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    argv = ["openssl", *words.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(argv, check=True, capture_output=True)

    class Well(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing to say in a test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Well)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, certificate


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_the_users_ca_is_trusted_and_without_it_nothing_is_called_lost(tmp_path: Path) -> None:
    server, certificate = served(tmp_path)
    url = f"https://127.0.0.1:{server.server_address[1]}/"
    counts = []
    for ca_file in (str(certificate), ""):
        found = meter(
            TestDoors(ScriptedCluster()), "", "apis", RunSettings(rate=10.0, probe_url=url, ca_file=ca_file)
        )
        assert isinstance(found, Known)
        found.value.start()
        time.sleep(0.5)
        counts.append(found.value.stop())
    server.shutdown()
    assert counts[0].sent > 0
    assert counts[0].lost == 0
    assert (counts[1].sent, counts[1].lost) == (0, 0)
    assert "certificate is not trusted" in counts[1].not_asked[0][0]

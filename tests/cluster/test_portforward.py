"""Port-forward against a real API server, kubelet and pod."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException

import pytest

from helm_tyk_upgrade.cluster.access import access_from_env
from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.portforward import PortForward, port_forward
from helm_tyk_upgrade.cluster.tunnel import TunnelError
from tests.cluster.conftest import MANAGER, deployment, wait_for

pytestmark = pytest.mark.cluster


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as response:
        return bytes(response.read())


def test_two_hundred_requests_eight_at_once(cluster: Cluster, namespace: str, pod: str) -> None:
    with port_forward(cluster, namespace, pod, 8080) as forward, ThreadPoolExecutor(8) as workers:
        bodies = list(workers.map(fetch, [f"{forward.base()}/hello"] * 200))
        assert forward.trouble is None
    assert len(bodies) == 200
    assert all(b'"version":"5.8.1"' in body for body in bodies)


def test_closing_leaves_no_thread_and_no_socket(cluster: Cluster, namespace: str, pod: str) -> None:
    with port_forward(cluster, namespace, pod, 8080) as forward:
        idle = socket.create_connection(("127.0.0.1", forward.port))
        fetch(f"{forward.base()}/hello")
    with idle:
        idle.settimeout(5)
        assert idle.recv(1) == b""  # closed from the other side
    assert not [thread for thread in threading.enumerate() if thread.name == "port-forward"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", forward.port), timeout=2)


def test_a_port_without_a_listener_is_the_pods_trouble(cluster: Cluster, namespace: str, pod: str) -> None:
    with port_forward(cluster, namespace, pod, 9) as forward:
        with pytest.raises((HTTPException, OSError)):
            fetch(f"{forward.base()}/")
        assert forward.trouble is not None
        assert forward.trouble.kind == "port-refused"
        assert "nothing listens" in forward.trouble.message


def test_a_pod_that_is_not_there_is_told_at_once(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(TunnelError) as refused, port_forward(cluster, namespace, "nobody", 8080):
        pass
    assert refused.value.kind == "pod-gone"
    assert "nobody" in refused.value.message


def test_without_the_right_it_is_forbidden(cluster: Cluster, namespace: str, pod: str) -> None:
    with (
        Cluster(replace(cluster.access, as_user="nobody"), {}) as stranger,
        pytest.raises(TunnelError) as refused,
        port_forward(stranger, namespace, pod, 8080),
    ):
        pass
    assert refused.value.kind == "forbidden"
    assert "pods/portforward" in refused.value.hint


def test_a_pod_deleted_under_it_is_gone(cluster: Cluster, namespace: str) -> None:
    manifest = deployment("doomed", namespace)["spec"]["template"]
    manifest |= {"apiVersion": "v1", "kind": "Pod"}
    manifest["metadata"] |= {"name": "doomed", "namespace": namespace}
    cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    wait_for(lambda: _ready(cluster, namespace), "the pod")
    with port_forward(cluster, namespace, "doomed", 8080) as forward:
        assert b"version" in fetch(f"{forward.base()}/hello")
        cluster.delete("v1", "Pod", "doomed", namespace)
        wait_for(lambda: _fails(f"{forward.base()}/hello") and _kind(forward) == "pod-gone", "the end", 30)


def _ready(cluster: Cluster, namespace: str) -> bool:
    status = cluster.get("v1", "Pod", "doomed", namespace).get("status", {})
    return any(item["type"] == "Ready" and item["status"] == "True" for item in status.get("conditions", ()))


def _fails(url: str) -> bool:
    try:
        fetch(url)
    except (HTTPException, OSError):
        return True
    return False


def _kind(forward: PortForward) -> str:
    return forward.trouble.kind if forward.trouble else ""


class TestThroughAProxy:
    @pytest.fixture
    def proxy(self) -> Iterator[str]:
        """An HTTP proxy that carries CONNECT, as companies have them."""
        server = socket.create_server(("127.0.0.1", 0))
        self.connects: list[str] = []
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.close()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        target = head.split()[1].decode()
        self.connects.append(target)
        host, _, port = target.rpartition(":")
        with client, socket.create_connection((host, int(port))) as upstream:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(upstream, client), daemon=True)
            back.start()
            _pump(client, upstream)
            back.join(5)

    def test_every_connection_goes_there(
        self,
        proxy: str,
        cluster: Cluster,
        namespace: str,
        pod: str,
        live_env: dict[str, str],
    ) -> None:
        access = replace(access_from_env(live_env), proxy=proxy)
        with (
            Cluster(access, live_env) as behind,
            port_forward(behind, namespace, pod, 8080) as forward,
        ):
            assert behind.list("v1", "Pod", namespace)
            assert b"5.8.1" in fetch(f"{forward.base()}/hello")
        assert len(self.connects) >= 2
        assert set(self.connects) == {cluster.access.server.removeprefix("https://")}


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return

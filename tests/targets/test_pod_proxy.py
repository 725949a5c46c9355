"""The way to a pod through the API server: whose trouble is whose, and that no secret goes there."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.proxied import Proxied
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.gateway.hello import read_hello, read_ready
from helm_tyk_upgrade.model.gateway import GatewaySpec, Hello, NoHello, Ready
from helm_tyk_upgrade.targets.pod_proxy import PodProxy
from tests.applying.build import pod

SPEC = GatewaySpec("gw", "tyk-gateway:v5.13.1", control_port=9696, tls=True)
HELLO = json.dumps({"status": "pass", "version": "5.13.1"}).encode()


class Server:
    def __init__(self, answer: Proxied | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def pod_proxy_get(self, namespace: str, name: str, port: int, path: str, **more: Any) -> Proxied:
        self.asked.append((namespace, name, port, path, more["scheme"]))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def proxy(answer: Proxied | Exception) -> tuple[PodProxy, Server]:
    server = Server(answer)
    return PodProxy(cast(Cluster, server), pod("gateway-1"), SPEC), server


def test_the_health_path_is_asked_on_the_control_port_by_its_scheme() -> None:
    asking, server = proxy(Proxied(200, HELLO, answered=True))
    answer = read_hello(asking, "/hello")
    assert isinstance(answer, Hello)
    assert answer.version == "5.13.1"
    assert asking.trouble is None
    assert server.asked == [("apis", "gateway-1", 9696, "/hello", "https")]


def test_the_gateways_own_no_is_its_answer() -> None:
    asking, _ = proxy(Proxied(503, b'{"status":"error","message":"Redis"}', answered=True))
    assert read_ready(asking, "/ready") == Ready(503, True, False, "Redis")
    asking, _ = proxy(Proxied(404, b"Not Found", answered=True))
    assert read_ready(asking, "/ready") == Ready(404, exists=False, ready=False)


@pytest.mark.parametrize(
    ("answer", "kind", "trouble"),
    [
        (Proxied(403, b"", False, "Forbidden: pods/proxy"), "lost", "forbidden"),
        (
            Proxied(503, b"", False, "error trying to reach service: connection refused"),
            "refused",
            "port-refused",
        ),
        (Proxied(503, b"", False, "ServiceUnavailable: no such host"), "lost", "api-lost"),
        (ClusterError("the API server does not answer"), "lost", "api-lost"),
    ],
)
def test_trouble_on_the_way_is_told_apart(answer: Proxied | Exception, kind: str, trouble: str) -> None:
    asking, _ = proxy(answer)
    found = read_hello(asking, "/hello")
    assert isinstance(found, NoHello)
    assert found.kind == kind
    assert asking.trouble is not None
    assert asking.trouble.kind == trouble


def test_nothing_but_plain_gets_goes_that_way() -> None:
    asking, server = proxy(Proxied(200, b"[]", answered=True))
    with pytest.raises(ValueError, match="plain GETs"):
        asking.request("GET", "/tyk/apis", headers={"x-tyk-authorization": "s"})
    with pytest.raises(ValueError, match="plain GETs"):
        asking.request("POST", "/tyk/apis", content=b"{}")
    assert server.asked == []

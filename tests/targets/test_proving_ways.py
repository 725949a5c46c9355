"""How the proof reaches a pod: through a tunnel, else the API server's pod proxy, else not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.proxied import Proxied
from helm_tyk_upgrade.cluster.tunnel import TunnelError
from helm_tyk_upgrade.model.gateway import GatewaySpec
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.pods import Container, WorkloadRef
from helm_tyk_upgrade.model.verdict import Status, Verdict
from helm_tyk_upgrade.targets import proving
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload
from helm_tyk_upgrade.targets.pod_proxy import VANTAGE
from helm_tyk_upgrade.targets.proving import Expected
from tests.applying.build import StillClock, pod
from tests.targets.build import ScriptedCluster, TestDoors

GATEWAY = GatewayWorkload(
    WorkloadRef("Deployment", "apis", "gw"),
    GatewaySpec("gateway-tyk-gateway", "tyk-gateway:v5.13.1", "v5.13.1", "5.13.1"),
)
EXPECTED = Expected(Known("5.13.1"), Unknown("nothing"), Unknown("nothing"), RunSettings(proof_timeout=60.0))


class Server(ScriptedCluster):
    """A gateway that looks at its Redis every 10 s of the clock."""

    def __init__(self, clock: StillClock, refused: str = "") -> None:
        super().__init__()
        self.clock = clock
        self.refused = refused

    def pod_proxy_get(self, namespace: str, name: str, port: int, path: str, **more: Any) -> Proxied:
        self.asked.append((path,))
        if self.refused:
            return Proxied(403, b"", False, self.refused)
        if path == "/ready":
            return Proxied(200, b'{"status": "pass"}', answered=True)
        redis = {"status": "pass", "time": f"T{self.clock.passed // 10}"}
        body = {"status": "pass", "version": "5.13.1", "details": {"redis": redis}}
        return Proxied(200, json.dumps(body).encode(), answered=True)

    def pod_logs(self, *_: object) -> str:
        return 'level=info msg="Tyk API Gateway 5.13.1" prefix=main'


def proven(
    monkeypatch: pytest.MonkeyPatch, kind: Any, refused: str = ""
) -> tuple[dict[str, Verdict], Server]:
    """The verdicts on a pod whose port-forward is refused in this way."""

    def no_tunnel(*_: object) -> None:
        raise TunnelError(kind, "port-forward to apis/gateway-1:8080: no")

    monkeypatch.setattr(proving, "port_forward", no_tunnel)
    clock = StillClock()
    server = Server(clock, refused)
    doors = TestDoors(server)
    doors.clock = clock
    found = proving._prove(doors, GATEWAY, pod("gateway-1"), EXPECTED, Known("s"))
    return {verdict.check: verdict for verdict in found.verdicts}, server


def test_where_it_is_forbidden_health_comes_through_the_api_server(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, _ = proven(monkeypatch, "forbidden")
    for check in ("health-endpoint", "gateway-version", "redis-connected", "ready-endpoint"):
        assert verdicts[check].status is Status.PASS, verdicts[check]
    assert VANTAGE in verdicts["health-endpoint"].evidence


def test_the_secret_and_the_definitions_do_not_go_that_way(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, server = proven(monkeypatch, "forbidden")
    assert verdicts["apis-kept"].status is Status.UNKNOWN
    assert {path for (path,) in server.asked} == {"/hello", "/ready"}


def test_where_that_is_forbidden_too_nothing_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, server = proven(monkeypatch, "forbidden", "Forbidden: cannot get pods/proxy")
    assert verdicts["health-endpoint"].status is Status.UNKNOWN
    assert "port-forward to apis/gateway-1:8080: no" in verdicts["health-endpoint"].reason
    assert "cannot get pods/proxy" in verdicts["health-endpoint"].reason
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["pod-gone", "api-lost"])
def test_other_trouble_is_no_reason_to_go_another_way(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    verdicts, server = proven(monkeypatch, kind)
    assert verdicts["health-endpoint"].status is Status.UNKNOWN
    assert server.asked == []


def test_a_pod_that_does_not_run_is_told_in_the_kubelets_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise TunnelError("pod-gone", "port-forward to apis/gateway-1:8080: no")

    monkeypatch.setattr(proving, "port_forward", broken)
    doors = TestDoors(Server(StillClock()))
    stopped = Container(GATEWAY.spec.container, GATEWAY.spec.image, "", "waiting", "CrashLoopBackOff")
    one = replace(pod("gateway-1"), containers=(stopped,))
    found = proving._prove(doors, GATEWAY, one, EXPECTED, Known("s"))
    health = next(verdict for verdict in found.verdicts if verdict.check == "health-endpoint")
    assert health.status is not Status.PASS
    assert "pod gateway-1 is not running (CrashLoopBackOff)" in f"{health.reason} {health.evidence}"

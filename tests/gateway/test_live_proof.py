"""The whole proof of a pod on the test cluster: spec from the pod, tunnel, readings, log, APIs, verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.portforward import PortForward, port_forward
from helm_tyk_upgrade.edge.clock import Clock
from helm_tyk_upgrade.gateway.admin import GatewayAdmin
from helm_tyk_upgrade.gateway.http import Loopback
from helm_tyk_upgrade.gateway.loglines import signatures
from helm_tyk_upgrade.gateway.probe import Pace, probe
from helm_tyk_upgrade.gateway.spec import gateway_spec
from helm_tyk_upgrade.gateway.verdict import Expected, Observed, prove
from helm_tyk_upgrade.model.gateway import ApiDefinition, GatewaySpec, Inventory
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.pods import WorkloadRef
from helm_tyk_upgrade.model.verdict import Status
from tests.cluster.conftest import MANAGER, deployment, wait_for

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

SECRET = "the-api-secret"


def gateway(name: str, version: str, namespace: str, **env: str) -> dict[str, Any]:
    """As the chart makes it: two ports, files in an emptyDir, Redis by its Service."""
    variables = {
        "TYK_GW_LISTENPORT": "8080",
        "TYK_GW_CONTROLAPIPORT": "9696",
        "TYK_GW_SECRET": SECRET,
        "TYK_GW_STORAGE_TYPE": "redis",
        "TYK_GW_STORAGE_ADDRS": "redis:6379",
        "TYK_GW_APPPATH": "/mnt/tyk-gateway/apps",
        "TYK_GW_POLICIES_POLICYPATH": "/mnt/tyk-gateway/policies",
        "TYK_GW_LIVENESSCHECK_CHECKDURATION": "2000000000",
    } | env
    probe_of = {"httpGet": {"path": "/hello", "port": 9696}, "periodSeconds": 1}
    made = deployment(
        name,
        namespace,
        name="gateway-tyk-gateway",
        image=f"tyk-upgrade.test/tyk-gateway:v{version}",
        env=[{"name": key, "value": value} for key, value in variables.items()],
        readinessProbe=probe_of,
        volumeMounts=[{"name": "scratch", "mountPath": "/mnt/tyk-gateway"}],
    )
    pod = made["spec"]["template"]["spec"]
    pod["securityContext"] = {"fsGroup": 65532, "runAsUser": 65532}
    pod["volumes"] = [{"name": "scratch", "emptyDir": {}}]
    pod["initContainers"] = [
        {
            "name": "setup-directories",
            "image": "docker.io/library/busybox:1.32",
            "command": ["sh", "-c", "mkdir -p /mnt/tyk-gateway/apps /mnt/tyk-gateway/policies"],
            "volumeMounts": [{"name": "scratch", "mountPath": "/mnt/tyk-gateway"}],
        }
    ]
    return made


@pytest.fixture(scope="module")
def redis(cluster: Cluster, namespace: str) -> WorkloadRef:
    made = deployment(
        "redis",
        namespace,
        name="redis",
        image="tyk-upgrade.test/redis:7",
        env=[],
        readinessProbe={"tcpSocket": {"port": 6379}},
    )
    ports = [{"port": 6379, "targetPort": 6379}]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "redis", "namespace": namespace},
        "spec": {"selector": {"app": "redis"}, "ports": ports},
    }
    return _rolled_out(cluster, namespace, made, service)


def _rolled_out(cluster: Cluster, namespace: str, *manifests: dict[str, Any]) -> WorkloadRef:
    for manifest in manifests:
        cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    ref = WorkloadRef("Deployment", namespace, manifests[0]["metadata"]["name"])
    wait_for(lambda: observe_rollout(cluster, ref).complete, str(ref))
    return ref


class Pod:
    """One gateway pod with its tunnel."""

    def __init__(
        self, cluster: Cluster, namespace: str, name: str, spec: GatewaySpec, forward: PortForward
    ) -> None:
        self.cluster, self.namespace, self.name, self.spec, self.forward = (
            cluster,
            namespace,
            name,
            spec,
            forward,
        )

    def inventory(self) -> Any:
        with Loopback(self.forward.base(self.spec.scheme)) as http:
            return GatewayAdmin(http, SECRET).inventory()

    def observe(self, planned: str, deadline: float = 30.0) -> Observed:
        readings = probe(
            self.forward.base(self.spec.scheme),
            self.spec,
            planned,
            pace=Pace(interval=0.5, deadline=deadline),
            clock=Clock(),
            trouble=lambda: self.forward.trouble,
        )
        log = Known(self.cluster.pod_logs(self.namespace, self.name, self.spec.container))
        return Observed(self.name, self.spec, readings, log=log, inventory=self.inventory())


@pytest.fixture
def opened(cluster: Cluster, namespace: str, redis: WorkloadRef, request: Any) -> Iterator[Pod]:
    version = request.param
    ref = _rolled_out(cluster, namespace, gateway(f"gw-{version.replace('.', '-')}", version, namespace))
    [pod] = observe_rollout(cluster, ref).new_pods
    spec = gateway_spec(cluster.get("v1", "Pod", pod.name, namespace)["spec"])
    assert spec is not None
    with port_forward(cluster, namespace, pod.name, spec.probe_port) as forward:
        yield Pod(cluster, namespace, pod.name, spec, forward)


def statuses(observed: Observed, expected: Expected) -> dict[str, Status]:
    return {verdict.check: verdict.status for verdict in prove(observed, expected)}


@pytest.mark.parametrize("opened", ["5.8.1", "5.13.1", "5.14.0"], indirect=True)
def test_a_healthy_gateway_is_proven(opened: Pod) -> None:
    assert opened.spec.probe_port == 9696
    assert opened.spec.apps_in_emptydir
    log = opened.cluster.pod_logs(opened.namespace, opened.name, opened.spec.container)
    expected = Expected(
        Known(opened.spec.version), signatures=Known(frozenset(signatures(log))), inventory=Known(Inventory())
    )
    found = statuses(opened.observe(opened.spec.version), expected)
    ready = Status.NOT_APPLICABLE if opened.spec.version == "5.8.1" else Status.PASS
    assert found.pop("ready-endpoint") is ready
    assert set(found.values()) == {Status.PASS}, found


@pytest.mark.parametrize("opened", ["5.8.1"], indirect=True)
def test_another_version_fails_at_once(opened: Pod) -> None:
    found = statuses(opened.observe("5.13.1"), Expected(Known("5.13.1")))
    assert found["gateway-version"] is Status.FAIL
    assert found["startup-log"] is Status.FAIL


@pytest.mark.parametrize("opened", ["5.13.1"], indirect=True)
def test_an_api_put_back_is_there_after_a_reload(opened: Pod) -> None:
    document = {
        "api_id": "kept",
        "name": "Kept",
        "slug": "kept",
        "org_id": "o",
        "use_keyless": True,
        "active": True,
        "version_data": {"not_versioned": True, "versions": {"Default": {"name": "Default"}}},
        "proxy": {"listen_path": "/kept/", "target_url": "http://localhost:1/"},
    }
    before = Known(Inventory((ApiDefinition("kept", "Kept", "classic", document),)))
    assert (
        statuses(opened.observe("5.13.1"), Expected(Known("5.13.1"), inventory=before))["apis-kept"]
        is Status.FAIL
    )
    with Loopback(opened.forward.base()) as http:
        admin = GatewayAdmin(http, SECRET)
        assert admin.create_api(before.value.apis[0]) == Known("kept")
        assert admin.reload() == Known(None)
    wait_for(lambda: opened.inventory().value.apis, "the API", 10)
    assert (
        statuses(opened.observe("5.13.1"), Expected(Known("5.13.1"), inventory=before))["apis-kept"]
        is Status.PASS
    )
    with Loopback(opened.forward.base()) as http:
        assert isinstance(GatewayAdmin(http, "wrong").inventory(), Unknown)


@pytest.mark.parametrize("opened", ["5.13.1", "5.8.12"], indirect=True)
def test_a_gateway_whose_redis_dies_fails(opened: Pod, redis: WorkloadRef) -> None:
    cluster, namespace = opened.cluster, opened.namespace
    cluster.patch("apps/v1", "Deployment", "redis", {"spec": {"replicas": 0}}, namespace)
    try:
        wait_for(lambda: observe_rollout(cluster, redis).complete, "no Redis")
        found = statuses(opened.observe(opened.spec.version, 15), Expected(Known(opened.spec.version)))
    finally:
        cluster.patch("apps/v1", "Deployment", "redis", {"spec": {"replicas": 1}}, namespace)
        wait_for(lambda: observe_rollout(cluster, redis).complete, "Redis again")
    assert found["health-endpoint"] is Status.FAIL
    assert found["redis-connected"] is Status.FAIL
    assert found["gateway-version"] is Status.PASS

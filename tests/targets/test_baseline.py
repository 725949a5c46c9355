"""What a pod's log tells before an upgrade: usual errors, and the Go plugins it names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.errors import ClusterError
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.baseline import LoggedPlugin, PodBaseline
from helm_tyk_upgrade.model.known import Known, Unknown
from helm_tyk_upgrade.model.pods import Container, ContainerState, Rollout, WorkloadRef
from helm_tyk_upgrade.targets import baseline
from helm_tyk_upgrade.targets.gateway_pods import GatewayWorkload, gateway_workload
from tests.applying.build import look, pod
from tests.targets.build import ScriptedCluster, TestDoors, gateway_manifest

LINE = 'level=error msg="Could not load Go-plugin" error="plugin.Open: no such file" mwPath=/p/auth.so prefix=main'


class Logging(ScriptedCluster):
    log: str | Exception = LINE

    def pod_logs(self, namespace: str, name: str, container: str) -> str:
        if isinstance(self.log, Exception):
            raise self.log
        return self.log


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> GatewayWorkload:
    """One pod; its control port wants a client certificate, so that only the log can be read."""

    def observe(cluster: Cluster, ref: WorkloadRef) -> Rollout:
        return look(pod("a")).rollouts[0]

    monkeypatch.setattr(baseline, "observe_rollout", observe)
    return workload()


def workload() -> GatewayWorkload:
    found = gateway_workload(split(gateway_manifest()), "tyk")
    assert found is not None
    return replace(found, spec=replace(found.spec, mutual_tls=True))


def told(cluster: ScriptedCluster, gateway: GatewayWorkload) -> PodBaseline:
    (one,) = baseline.read_baseline(TestDoors(cluster), gateway).pods
    return one


def test_a_log_is_read_once_for_errors_and_plugins(gateway: GatewayWorkload) -> None:
    found = told(Logging(), gateway)
    assert found.signatures == Known(
        frozenset(["error: Could not load Go-plugin (plugin.Open: no such file)"])
    )
    assert found.plugins == Known((LoggedPlugin("/p/auth.so", "plugin.Open: no such file"),))
    assert isinstance(found.inventory, Unknown)


def test_a_log_that_cannot_be_read_is_unknown_in_both(gateway: GatewayWorkload) -> None:
    cluster = Logging()
    cluster.log = ClusterError("pods/log is forbidden")
    found = told(cluster, gateway)
    assert found.signatures == found.plugins == Unknown("pods/log is forbidden")


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("waiting", "CrashLoopBackOff", "pod a is not running (CrashLoopBackOff)"),
        ("waiting", "ImagePullBackOff", "pod a is not running (ImagePullBackOff)"),
        ("terminated", "OOMKilled", "pod a is not running (OOMKilled)"),
        ("waiting", "", "pod a is not running (Running)"),
    ],
)
def test_a_pod_that_does_not_run_is_not_asked_and_says_so(
    monkeypatch: pytest.MonkeyPatch, state: ContainerState, reason: str, words: str
) -> None:
    gateway = workload()
    stopped = Container(gateway.spec.container, "tyk-gateway:v1", "", state, reason)

    def observe(cluster: Cluster, ref: WorkloadRef) -> Rollout:
        return look(replace(pod("a"), containers=(stopped,))).rollouts[0]

    monkeypatch.setattr(baseline, "observe_rollout", observe)
    found = told(Logging(), replace(gateway, spec=replace(gateway.spec, mutual_tls=False)))
    assert found.version == found.health == found.inventory == Unknown(words)

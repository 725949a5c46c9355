"""What a real cluster says of rollouts that do not complete, and what we make of it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.client import Cluster
from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.rollout_evidence import Exits, evidence_of, remember
from helm_tyk_upgrade.model.pods import Evidence, WorkloadRef
from tests.cluster.conftest import IMAGE, MANAGER, deployment, wait_for

pytestmark = pytest.mark.cluster

_NO_SECRET = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "nobody", "key": "k"}}}]
BROKEN: dict[str, dict[str, Any]] = {
    "invalid-image-name": {"image": "Not A Name:v1"},
    "image-never-pulled": {"image": "tyk-upgrade.test/absent:v1", "imagePullPolicy": "Never"},
    "config-missing": {"env": _NO_SECRET},
    "runs-as-root": {"securityContext": {"runAsNonRoot": True, "runAsUser": 0}},
    "unschedulable": {"resources": {"requests": {"cpu": "1000"}}},
    "not-ready": {"readinessProbe": {"tcpSocket": {"port": 9}}},
    "crashing": {"command": ["/nobody"]},
}
TERMINAL_AT_ONCE = {"invalid-image-name", "image-never-pulled", "runs-as-root"}


@pytest.fixture(scope="module")
def broken(cluster: Cluster, namespace: str) -> dict[str, WorkloadRef]:
    for what, container in BROKEN.items():
        manifest = deployment(what, namespace, **container)
        cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    return {what: WorkloadRef("Deployment", namespace, what) for what in BROKEN}


@pytest.mark.parametrize("what", BROKEN)
def test_the_reason_is_found(cluster: Cluster, broken: dict[str, WorkloadRef], what: str) -> None:
    accepted = {what, "same-exit"} if what == "crashing" else {what}
    wait_for(lambda: {item.what for item in _evidence(cluster, broken[what])} & accepted, what)
    [found] = _evidence(cluster, broken[what])
    assert found.detail
    if what in TERMINAL_AT_ONCE:
        assert found.kind == "terminal"


def test_the_same_exit_three_times_is_terminal(cluster: Cluster, namespace: str) -> None:
    """Three that were looked at: a pod tells only its last exit, so the watch begins with the pod."""
    ref = WorkloadRef("Deployment", namespace, "same-exit")
    manifest = deployment(ref.name, namespace, **BROKEN["crashing"])
    cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    exits: Exits = {}

    def called() -> bool:
        nonlocal exits
        exits = remember(exits, observe_rollout(cluster, ref).new_pods)
        return any(
            (item.what, item.kind) == ("same-exit", "terminal") for item in _evidence(cluster, ref, exits)
        )

    wait_for(called, "three exits", 120)


def test_a_complete_rollout_has_its_pods_and_no_evidence(cluster: Cluster, workload: WorkloadRef) -> None:
    rollout = observe_rollout(cluster, workload)
    assert rollout.complete
    assert len(rollout.new_pods) == 2
    assert {pod.containers[0].image for pod in rollout.new_pods} == {IMAGE}
    assert _evidence(cluster, workload) == ()


def test_a_rollout_is_complete_only_when_the_old_pods_are_gone(cluster: Cluster, namespace: str) -> None:
    ref = WorkloadRef("Deployment", namespace, "moving")
    manifest = deployment("moving", namespace)
    manifest["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 10
    cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    wait_for(lambda: observe_rollout(cluster, ref).complete, "the first revision")
    [before] = observe_rollout(cluster, ref).new_pods
    manifest["spec"]["template"]["metadata"]["annotations"] = {"again": "yes"}
    cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    assert not observe_rollout(cluster, ref).complete
    wait_for(lambda: observe_rollout(cluster, ref).complete, "the second revision")
    after = observe_rollout(cluster, ref)
    assert [pod.name for pod in after.new_pods] != [before.name]
    assert after.old_pods == ()
    assert before.name not in {item["metadata"]["name"] for item in cluster.list("v1", "Pod", namespace)}


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_other_workloads_have_revisions_too(cluster: Cluster, namespace: str, kind: str) -> None:
    manifest = deployment(kind.lower(), namespace) | {"kind": kind}
    if kind == "DaemonSet":
        del manifest["spec"]["replicas"]
    else:
        manifest["spec"]["serviceName"] = "none"
    cluster.apply(manifest, dry_run=False, force=True, field_manager=MANAGER)
    ref = WorkloadRef(kind, namespace, kind.lower())
    wait_for(lambda: observe_rollout(cluster, ref).complete, kind)
    rollout = observe_rollout(cluster, ref)
    assert rollout.workload.revision_hash
    assert {pod.template_hash for pod in rollout.new_pods} == {rollout.workload.revision_hash}


def _evidence(cluster: Cluster, ref: WorkloadRef, exits: Exits | None = None) -> tuple[Evidence, ...]:
    rollout = observe_rollout(cluster, ref)
    events = cluster.events(ref.namespace, [rollout.workload.uid, *(pod.uid for pod in rollout.new_pods)])
    return evidence_of(rollout, events, datetime.now(timezone.utc), exits=exits)

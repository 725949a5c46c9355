"""When a rollout is complete, decided on records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.cluster.podparse import parse_pod, parse_workload, workload_refs
from helm_tyk_upgrade.cluster.pods import revision_hash, rollout_of
from helm_tyk_upgrade.model.pods import Pod, Workload, WorkloadRef

DONE = Workload(
    kind="Deployment",
    namespace="tyk",
    name="gateway",
    uid="u",
    generation=2,
    observed_generation=2,
    desired=2,
    updated=2,
    ready=2,
    available=2,
    total=2,
    selector=(("app", "gateway"),),
    revision_hash="new",
)


def pod(name: str, revision: str = "new", **changes: Any) -> Pod:
    found = Pod(name, "tyk", name, "n", "Running", True, (), "ReplicaSet/x", revision, None, False)
    return replace(found, **changes)


TWO = (pod("a"), pod("b"))


@pytest.mark.parametrize(
    ("workload", "pods", "reason"),
    [
        (DONE, TWO, ""),
        (replace(DONE, desired=0, updated=0, available=0), (), ""),
        (replace(DONE, observed_generation=1), TWO, "controller has not seen"),
        (replace(DONE, paused=True), TWO, "paused"),
        (replace(DONE, updated=1), TWO, "1 of 2 pods are of the new revision"),
        (replace(DONE, updated=1, strategy="OnDelete"), TWO, "OnDelete"),
        (DONE, (pod("a"), pod("b", ready=False)), "1 of 2 new pods are ready"),
        (DONE, (pod("a"), pod("b", deleting=True)), "1 of 2 new pods are ready"),
        (replace(DONE, available=1), TWO, "1 of 2 pods are available"),
        (DONE, (*TWO, pod("c", "old")), "1 old pods are still there"),
        (DONE, (*TWO, pod("c", "old", deleting=True)), "1 old pods are still there"),
        (DONE, (*TWO, pod("c", "old", phase="Failed")), ""),
        (DONE, (*TWO, pod("c", phase="Failed", ready=False)), ""),
        (replace(DONE, kind="StatefulSet", partition=1, updated=1), (pod("a"), pod("b", "old")), ""),
        (replace(DONE, kind="StatefulSet", partition=1, updated=0), TWO, "0 of 1 pods are of the new"),
    ],
)
def test_completeness(workload: Workload, pods: tuple[Pod, ...], reason: str) -> None:
    rollout = rollout_of(workload, pods)
    assert rollout.complete == (reason == "")
    assert reason in rollout.reason
    assert rollout.reason


def test_before_the_controller_has_seen_the_change_no_pod_is_new() -> None:
    rollout = rollout_of(replace(DONE, observed_generation=1), TWO)
    assert rollout.new_pods == ()
    assert rollout.old_pods == TWO


def test_a_partition_is_told() -> None:
    workload = replace(DONE, kind="StatefulSet", partition=1, updated=1)
    assert "partition 1" in rollout_of(workload, (pod("a"), pod("b", "old"))).notes[0]


REVISION = "deployment.kubernetes.io/revision"


def replica_set(revision: str, label: str) -> dict[str, Any]:
    return {"metadata": {"annotations": {REVISION: revision}, "labels": {"pod-template-hash": label}}}


@pytest.mark.parametrize(
    ("workload", "revisions", "found"),
    [
        ({"annotations": {REVISION: "3"}}, [replica_set("2", "b"), replica_set("3", "c")], "c"),
        ({"annotations": {REVISION: "3"}}, [replica_set("2", "b")], ""),
        ({}, [replica_set("1", "a")], ""),
    ],
)
def test_the_newest_replica_set_has_the_deployments_revision(
    workload: dict[str, Any], revisions: list[dict[str, Any]], found: str
) -> None:
    assert revision_hash({"kind": "Deployment", "metadata": workload}, revisions) == found


def test_the_newest_controller_revision_has_the_highest_number() -> None:
    revisions = [
        {"revision": number, "metadata": {"labels": {"controller-revision-hash": label}}}
        for number, label in ((9, "i"), (10, "j"), (2, "b"))
    ]
    assert revision_hash({"kind": "DaemonSet", "metadata": {}}, revisions) == "j"


def test_workloads_of_a_manifest_are_found_with_their_namespace() -> None:
    objects = [
        {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "a"}},
        {"kind": "StatefulSet", "apiVersion": "apps/v1", "metadata": {"name": "b", "namespace": "other"}},
        {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "c"}},
        {"kind": "Deployment", "apiVersion": "company.io/v1", "metadata": {"name": "d"}},
    ]
    assert workload_refs(objects, "tyk") == (
        WorkloadRef("Deployment", "tyk", "a"),
        WorkloadRef("StatefulSet", "other", "b"),
    )


def test_a_daemon_set_counts_nodes() -> None:
    status = {
        "desiredNumberScheduled": 3,
        "updatedNumberScheduled": 2,
        "numberReady": 1,
        "numberAvailable": 1,
    }
    item = {"kind": "DaemonSet", "metadata": {"name": "d"}, "spec": {}, "status": status}
    workload = parse_workload(item, "h")
    assert (workload.desired, workload.updated, workload.ready) == (3, 2, 1)
    assert workload.hash_label == "controller-revision-hash"


def test_a_deployment_without_replicas_wants_one() -> None:
    assert parse_workload({"kind": "Deployment", "metadata": {"name": "d"}, "spec": {}}).desired == 1


def test_a_pods_containers_tell_why_they_wait_and_how_they_ended() -> None:
    crashed = {
        "name": "web",
        "restartCount": 2,
        "imageID": "reg/web@sha256:abc",
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}},
    }
    item = {
        "metadata": {
            "name": "p",
            "labels": {"pod-template-hash": "h"},
            "deletionTimestamp": "2026-11-23T20:00:00Z",
            "ownerReferences": [{"kind": "ReplicaSet", "name": "rs", "controller": True}],
        },
        "spec": {
            "initContainers": [{"name": "setup"}],
            "containers": [{"name": "web", "image": "web:1"}, {"name": "new"}],
        },
        "status": {
            "phase": "Running",
            "containerStatuses": [crashed],
            "initContainerStatuses": [{"name": "setup", "state": {"terminated": {"exitCode": 0}}}],
        },
    }
    found = parse_pod(item)
    assert (found.owner, found.template_hash, found.deleting, found.ready) == (
        "ReplicaSet/rs",
        "h",
        True,
        False,
    )
    setup, web, new = found.containers
    assert (setup.init, setup.state, setup.exit_code) == (True, "terminated", 0)
    assert (web.state, web.reason, web.last_exit_code, web.restarts) == ("waiting", "CrashLoopBackOff", 3, 2)
    assert web.digest == "sha256:abc"
    assert (new.state, new.reason, new.digest) == ("waiting", "", "")
    assert found.restarts == 2
    assert found.container("web") == web
    assert found.container("nobody") is None

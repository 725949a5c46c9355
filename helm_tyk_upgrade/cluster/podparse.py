"""Workloads and pods from the API's JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from helm_tyk_upgrade.cluster.events import moment
from helm_tyk_upgrade.model.pods import Condition, Container, ContainerState, Pod, Workload, WorkloadRef

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_HASHES = ("pod-template-hash", "controller-revision-hash")


def workload_refs(objects: Iterable[Mapping[str, Any]], namespace: str) -> tuple[WorkloadRef, ...]:
    """The workloads among the parsed objects of a manifest; `namespace` is the release's, for those that name
    none."""
    return tuple(
        WorkloadRef(
            str(item["kind"]),
            str(item["metadata"].get("namespace") or namespace),
            str(item["metadata"]["name"]),
        )
        for item in objects
        if item.get("kind") in WORKLOADS and str(item.get("apiVersion", "")).startswith("apps/")
    )


def parse_workload(item: Mapping[str, Any], revision_hash: str = "") -> Workload:
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    daemon = item.get("kind") == "DaemonSet"
    names = _DAEMON_COUNTS if daemon else _REPLICA_COUNTS
    updated, ready, available, total = (int(status.get(name) or 0) for name in names)
    desired = status.get("desiredNumberScheduled", 0) if daemon else spec.get("replicas", 1)
    return Workload(
        kind=str(item.get("kind")),
        namespace=str(metadata.get("namespace") or ""),
        name=str(metadata.get("name")),
        uid=str(metadata.get("uid") or ""),
        generation=int(metadata.get("generation") or 0),
        observed_generation=int(status.get("observedGeneration") or 0),
        desired=int(desired),
        updated=updated,
        ready=ready,
        available=available,
        total=total,
        selector=tuple(sorted(((spec.get("selector") or {}).get("matchLabels") or {}).items())),
        revision_hash=revision_hash or str(status.get("updateRevision") or ""),
        strategy=str(strategy.get("type") or "RollingUpdate"),
        partition=int(rolling.get("partition") or 0),
        paused=bool(spec.get("paused")),
        conditions=_conditions(status),
    )


_REPLICA_COUNTS = ("updatedReplicas", "readyReplicas", "availableReplicas", "replicas")
_DAEMON_COUNTS = ("updatedNumberScheduled", "numberReady", "numberAvailable", "currentNumberScheduled")


def parse_pod(item: Mapping[str, Any]) -> Pod:
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    labels = metadata.get("labels") or {}
    owner = controller(item)
    conditions = _conditions(status)
    return Pod(
        name=str(metadata["name"]),
        namespace=str(metadata.get("namespace") or ""),
        uid=str(metadata.get("uid") or ""),
        node=str(spec.get("nodeName") or ""),
        phase=str(status.get("phase") or ""),
        ready=any(condition.type == "Ready" and condition.status == "True" for condition in conditions),
        containers=tuple(_containers(spec, status)),
        owner=f"{owner.get('kind', '')}/{owner.get('name', '')}" if owner else "",
        template_hash=next((str(labels[name]) for name in _HASHES if name in labels), ""),
        created=moment(metadata.get("creationTimestamp")),
        deleting=bool(metadata.get("deletionTimestamp")),
        conditions=conditions,
        reason=str(status.get("reason") or ""),
        message=str(status.get("message") or ""),
    )


def controller(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The owner reference of what controls an object, {} where nothing does."""
    owners = item["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), {})


def _conditions(status: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            str(item.get("type") or ""),
            str(item.get("status") or ""),
            str(item.get("reason") or ""),
            str(item.get("message") or ""),
            moment(item.get("lastTransitionTime")),
        )
        for item in status.get("conditions") or ()
    )


def _containers(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterable[Container]:
    """Init containers first. A container the kubelet has not looked at yet is waiting, for no reason so
    far."""
    for key, statuses, init in (
        ("initContainers", "initContainerStatuses", True),
        ("containers", "containerStatuses", False),
    ):
        seen = {str(item.get("name")): item for item in status.get(statuses) or ()}
        for container in spec.get(key) or ():
            yield _container(container, seen.get(str(container.get("name"))) or {}, init)


def _container(container: Mapping[str, Any], seen: Mapping[str, Any], init: bool) -> Container:
    state, last = seen.get("state") or {}, (seen.get("lastState") or {}).get("terminated") or {}
    kind = next(iter(state), "waiting")
    now = state.get(kind) or {}
    return Container(
        name=str(container.get("name")),
        image=str(container.get("image") or ""),
        image_id=str(seen.get("imageID") or ""),
        state=_STATES.get(kind, "unknown"),
        reason=str(now.get("reason") or ""),
        message=str(now.get("message") or ""),
        ready=bool(seen.get("ready")),
        restarts=int(seen.get("restartCount") or 0),
        exit_code=now.get("exitCode"),
        last_reason=str(last.get("reason") or ""),
        last_exit_code=last.get("exitCode"),
        init=init,
        started=moment(now.get("startedAt")),
    )


_STATES: dict[str, ContainerState] = {"waiting": "waiting", "running": "running", "terminated": "terminated"}

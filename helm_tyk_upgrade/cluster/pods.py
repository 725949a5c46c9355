"""How far a rollout is: the workload, the pods of its new revision by name, and the others that are still
there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.cluster.podparse import controller, parse_pod, parse_workload
from helm_tyk_upgrade.model.pods import Pod, Rollout, Workload, WorkloadRef

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

_REVISION = "deployment.kubernetes.io/revision"
_OVER = ("Failed", "Succeeded")


def observe_rollout(cluster: Cluster, ref: WorkloadRef) -> Rollout:
    """Look once: three calls. Raises ClusterError, and NotFound when the workload does not exist."""
    item = cluster.get("apps/v1", ref.kind, ref.name, ref.namespace)
    workload = parse_workload(item)
    labels = dict(workload.selector)
    revisions: list[dict[str, Any]] = []
    if ref.kind != "StatefulSet":  # a StatefulSet's status names its revision
        kind = "ReplicaSet" if ref.kind == "Deployment" else "ControllerRevision"
        revisions = owned(cluster.list("apps/v1", kind, ref.namespace, labels), workload.uid)
        workload = parse_workload(item, revision_hash(item, revisions))
    owners = {workload.uid, *(revision["metadata"]["uid"] for revision in revisions)}
    pods = [
        pod
        for pod in cluster.list("v1", "Pod", ref.namespace, labels)
        if controller(pod).get("uid") in owners
    ]
    return rollout_of(workload, [parse_pod(pod) for pod in pods])


def owned(objects: Sequence[dict[str, Any]], uid: str) -> list[dict[str, Any]]:
    """The objects that this owner controls: a selector alone may match those of another workload."""
    return [item for item in objects if controller(item).get("uid") == uid]


def revision_hash(workload: Mapping[str, Any], revisions: Sequence[Mapping[str, Any]]) -> str:
    """The pods' label value of the newest revision of a Deployment (the ReplicaSet with the Deployment's own
    revision number) or a DaemonSet (the ControllerRevision with the highest one); "" before its controller
    has made it."""
    if workload.get("kind") == "Deployment":
        number = (workload["metadata"].get("annotations") or {}).get(_REVISION)
        newest = [item for item in revisions if _annotation(item, _REVISION) == number and number]
        label = "pod-template-hash"
    else:
        newest = sorted(revisions, key=lambda item: int(item.get("revision") or 0))[-1:]
        label = "controller-revision-hash"
    return str(newest[0]["metadata"].get("labels", {}).get(label, "")) if newest else ""


def rollout_of(workload: Workload, pods: Sequence[Pod]) -> Rollout:
    """Pure. Pods that ended for good (evicted ones stay in the list) count neither as new nor as old."""
    live = [pod for pod in pods if pod.phase not in _OVER or pod.deleting]
    current = workload.observed_generation >= workload.generation
    # Before the controller has seen the change, its newest revision is the old one.
    wanted = workload.revision_hash if current else ""
    new = tuple(pod for pod in live if wanted and pod.template_hash == wanted and not pod.deleting)
    old = tuple(pod for pod in live if pod not in new)
    missing = missing_of(workload, new, old)
    notes = (
        (f"partition {workload.partition}: the pods below it stay as they are",) if workload.partition else ()
    )
    return Rollout(workload, new, old, not missing, missing or _done(workload), notes)


def missing_of(workload: Workload, new: Sequence[Pod], old: Sequence[Pod]) -> str:
    """What keeps a rollout from being complete, "" for nothing. As `kubectl rollout status`, and pods by
    name: the counts of a workload say nothing of old pods that are ending but still answer."""
    wanted = max(0, workload.desired - workload.partition)
    if workload.observed_generation < workload.generation:
        return "its controller has not seen the change yet"
    if workload.paused:
        return "it is paused"
    if workload.updated < wanted:
        return f"{workload.updated} of {wanted} pods are of the new revision" + _on_delete(workload)
    ready = sum(pod.ready for pod in new)
    if ready < wanted:
        return f"{ready} of {wanted} new pods are ready"
    if workload.available < workload.desired:
        return f"{workload.available} of {workload.desired} pods are available"
    if len(old) > workload.partition:
        return f"{len(old) - workload.partition} old pods are still there"
    return ""


def _on_delete(workload: Workload) -> str:
    return "; with strategy OnDelete they change only when deleted" if workload.strategy == "OnDelete" else ""


def _done(workload: Workload) -> str:
    return f"{workload.desired} of {workload.desired} pods are new and available"


def _annotation(item: Mapping[str, Any], name: str) -> str | None:
    value = (item["metadata"].get("annotations") or {}).get(name)
    return None if value is None else str(value)

"""How far the workloads of a manifest are, and what their pods and events prove."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.rollout_evidence import Exits, evidence_of, remember
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.manifests.workloads import ROLLING, workloads
from helm_tyk_upgrade.model.change import ManifestChanges
from helm_tyk_upgrade.model.pods import Evidence, EvidenceClass, PodEvent, Rollout, WorkloadRef
from helm_tyk_upgrade.targets.gateway_pods import gateway_workloads
from helm_tyk_upgrade.targets.observation import Observation

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors


def workload_refs(manifest: str, namespace: str) -> tuple[WorkloadRef, ...]:
    """The Deployments, StatefulSets and DaemonSets of a manifest, hooks left out."""
    return tuple(
        WorkloadRef(found.id.kind, found.id.namespace or namespace, found.id.name)
        for found in workloads(split(manifest))
        if found.id.kind in ROLLING and not found.hook
    )


def concerned(changes: ManifestChanges, manifest: str, namespace: str) -> frozenset[WorkloadRef]:
    """The workloads that a change has to bring to its end: those whose pods it replaces, starts or stops, and the
    gateways, which are proven. What was broken before and stays as it is says nothing about the change."""
    moved = {
        WorkloadRef(item.id.kind, item.id.namespace or namespace, item.id.name) for item in changes.impact
    }
    gateways = {found.ref for found in gateway_workloads(split(manifest), namespace)}
    return frozenset(moved | gateways)


def observe(
    context: Doors,
    manifest: str,
    namespace: str,
    grace: Mapping[EvidenceClass, float],
    exits: Exits,
    only: Collection[WorkloadRef] | None = None,
) -> tuple[Observation, Exits]:
    """Look once at each workload (of `only`, where given); `exits` is what earlier looks returned beside the
    observation, {} at first. Raises ClusterError, or NotFound where a workload does not exist."""
    refs = [ref for ref in workload_refs(manifest, namespace) if only is None or ref in only]
    rollouts = tuple(observe_rollout(context.cluster, ref) for ref in refs)
    exits = remember(exits, (pod for rollout in rollouts for pod in rollout.new_pods))
    evidence = [item for rollout in rollouts for item in _evidence(context, rollout, grace, exits)]
    return Observation(rollouts, tuple(sorted(evidence, key=lambda item: item.kind))), exits


def _evidence(
    context: Doors, rollout: Rollout, grace: Mapping[EvidenceClass, float], exits: Exits
) -> tuple[Evidence, ...]:
    if rollout.complete:
        return ()
    uids = [rollout.workload.uid, *(pod.uid for pod in rollout.new_pods)]
    events = _events(context, rollout.workload.namespace, uids)
    return evidence_of(rollout, events, context.clock.now(), exits=exits, grace=grace)


def _events(context: Doors, namespace: str, uids: list[str]) -> list[PodEvent]:
    """Best effort: without the right to read them the pods' own status still tells most, and the time-out the rest."""
    try:
        return list(context.cluster.events(namespace, uids))
    except (ClusterError, NotFound):
        return []

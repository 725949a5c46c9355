"""How far the workloads of a manifest are, and what their pods and events prove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.pods import observe_rollout
from helm_tyk_upgrade.cluster.rollout_evidence import Exits, evidence_of, remember
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.manifests.workloads import ROLLING, workloads
from helm_tyk_upgrade.model.pods import Evidence, EvidenceClass, Rollout, WorkloadRef
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


def observe(
    context: Doors, manifest: str, namespace: str, grace: Mapping[EvidenceClass, float], exits: Exits
) -> tuple[Observation, Exits]:
    """Look once at each workload; `exits` is what earlier looks returned beside the observation, {} at first.
    Raises ClusterError, or NotFound where a workload does not exist."""
    rollouts = tuple(observe_rollout(context.cluster, ref) for ref in workload_refs(manifest, namespace))
    exits = remember(exits, (pod for rollout in rollouts for pod in rollout.new_pods))
    evidence = [item for rollout in rollouts for item in _evidence(context, rollout, grace, exits)]
    return Observation(rollouts, tuple(sorted(evidence, key=lambda item: item.kind))), exits


def _evidence(
    context: Doors, rollout: Rollout, grace: Mapping[EvidenceClass, float], exits: Exits
) -> tuple[Evidence, ...]:
    if rollout.complete:
        return ()
    uids = [rollout.workload.uid, *(pod.uid for pod in rollout.new_pods)]
    events = context.cluster.events(rollout.workload.namespace, uids)
    return evidence_of(rollout, events, context.clock.now(), exits=exits, grace=grace)

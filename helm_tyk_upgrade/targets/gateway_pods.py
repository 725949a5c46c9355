"""The gateway's workload in a manifest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helm_tyk_upgrade.gateway.spec import find_gateways
from helm_tyk_upgrade.manifests.split import ManifestObject
from helm_tyk_upgrade.model.gateway import GatewaySpec
from helm_tyk_upgrade.model.pods import WorkloadRef


@dataclass(frozen=True)
class GatewayWorkload:
    """Where it is, and what its pod template promises."""

    ref: WorkloadRef
    spec: GatewaySpec


def gateway_workload(objects: Iterable[ManifestObject], namespace: str) -> GatewayWorkload | None:
    """The first workload that runs a gateway; None where there is none. namespace: the release's."""
    found = find_gateways(item.data for item in objects)
    if not found:
        return None
    item, spec = found[0]
    metadata = item["metadata"]
    ref = WorkloadRef(str(item["kind"]), str(metadata.get("namespace") or namespace), str(metadata["name"]))
    return GatewayWorkload(ref, spec)

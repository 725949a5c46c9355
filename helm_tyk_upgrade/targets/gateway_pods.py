"""The gateways' workloads in a manifest: one place decides which they are, for planning, proof and backup alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.gateway.spec import CONTAINER, find_gateways
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.manifests.workloads import GATEWAY_IMAGE, workloads
from helm_tyk_upgrade.model.facts import GatewayObject
from helm_tyk_upgrade.model.gateway import GatewaySpec
from helm_tyk_upgrade.model.pods import Pod, WorkloadRef


@dataclass(frozen=True)
class GatewayWorkload:
    """Where it is, and what its pod template promises."""

    ref: WorkloadRef
    spec: GatewaySpec


def gateway_workloads(objects: Iterable[ManifestObject], namespace: str) -> tuple[GatewayWorkload, ...]:
    """The workloads that run a gateway, the surest first; hooks left out. namespace: the release's.

    By the container's name in Tyk's charts, then by its image. Only where no workload has either, the one with the
    most TYK_GW_ variables is taken: other components (a portal, a bootstrap job) have a few of them too.
    """
    found = find_gateways(item.data for item in objects if not item.hook)
    sure = [(item, spec) for item, spec in found if _rank(spec) < _GUESS]
    if not sure:
        sure = sorted(found, key=lambda pair: -_variables(*pair))[:1]
    return tuple(
        GatewayWorkload(_ref(item, namespace), spec)
        for item, spec in sorted(sure, key=lambda pair: _rank(pair[1]))
    )


def gateway_workload(objects: Iterable[ManifestObject], namespace: str) -> GatewayWorkload | None:
    """The one that is backed up and proven; None where there is none."""
    return next(iter(gateway_workloads(objects, namespace)), None)


def gateway_objects(objects: Iterable[ManifestObject], namespace: str) -> tuple[GatewayObject, ...]:
    """What the checks ask of a manifest's gateways, in the same order."""
    items = tuple(objects)
    replicas = {(found.id.kind, found.id.name): found.replicas for found in workloads(items)}
    return tuple(
        GatewayObject(
            kind=gateway.ref.kind,
            namespace=gateway.ref.namespace,
            name=gateway.ref.name,
            replicas=replicas[gateway.ref.kind, gateway.ref.name],
            in_emptydir=gateway.spec.apps_in_emptydir or gateway.spec.policies_in_emptydir,
        )
        for gateway in gateway_workloads(items, namespace)
    )


def not_running(gateway: GatewayWorkload, pod: Pod) -> str:
    """That the gateway's container does not run, in the kubelet's words; empty where it does, or where nobody says."""
    container = pod.container(gateway.spec.container)
    if container is None or container.state not in ("waiting", "terminated"):
        return ""
    why = container.reason or container.last_reason or pod.reason or pod.phase
    return f"pod {pod.name} is not running ({why})"


_GUESS = 2


def _rank(spec: GatewaySpec) -> int:
    if spec.container == CONTAINER:
        return 0
    return 1 if GATEWAY_IMAGE.search(spec.image) else _GUESS


def _variables(item: Mapping[str, Any], spec: GatewaySpec) -> int:
    pod = mapping(mapping(mapping(item.get("spec")).get("template")).get("spec"))
    return sum(
        str(entry.get("name", "")).startswith("TYK_GW_")
        for container in maps(pod.get("containers"))
        if container.get("name") == spec.container
        for entry in maps(container.get("env"))
    )


def _ref(item: Mapping[str, Any], namespace: str) -> WorkloadRef:
    metadata = item["metadata"]
    return WorkloadRef(str(item["kind"]), str(metadata.get("namespace") or namespace), str(metadata["name"]))

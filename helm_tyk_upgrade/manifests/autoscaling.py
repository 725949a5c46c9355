"""Replica counts that an autoscaler sets and an upgrade sets back. Pure.

Watched with real Helms: a client-side apply writes the manifest's count at every upgrade, changed or not, and writes 1
where the count left the manifest; a server-side apply meets a conflict with the autoscaler instead, and leaves a count
that left the manifest alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helm_tyk_upgrade.manifests.split import ManifestObject, mapping
from helm_tyk_upgrade.model.kubernetes import Rescaled

SCALED = ("Deployment", "StatefulSet", "ReplicaSet")
Key = tuple[str, str, str]


def rescaled(
    stored: Iterable[ManifestObject],
    new: Iterable[ManifestObject],
    autoscalers: Iterable[Mapping[str, Any]],
    namespace: str,
    *,
    server_side: bool,
) -> tuple[Rescaled, ...]:
    """The workloads of the new manifest whose live count would change. autoscalers: live ones; namespace: the
    release's; server_side: how Helm would apply the objects."""
    live = {key: scaler for scaler in autoscalers for key in [target(scaler)] if _replicas(scaler)}
    before = {_key(item, namespace): _written(item) for item in stored if item.id.kind in SCALED}
    return tuple(
        change
        for item in new
        if item.id.kind in SCALED and (key := _key(item, namespace)) in live
        for change in _change(item, before.get(key), live[key], server_side)
    )


def target(autoscaler: Mapping[str, Any]) -> Key:
    """(kind, namespace, name) of what an autoscaler scales."""
    scaled = mapping(mapping(autoscaler.get("spec")).get("scaleTargetRef"))
    namespace = mapping(autoscaler.get("metadata")).get("namespace", "")
    return str(scaled.get("kind", "")), str(namespace), str(scaled.get("name", ""))


def live_counts(autoscalers: Iterable[Mapping[str, Any]]) -> dict[Key, int]:
    """What is scaled -> how many replicas its autoscaler wants there to be now."""
    return {target(scaler): count for scaler in autoscalers if (count := _replicas(scaler))}


def least_counts(objects: Iterable[ManifestObject], namespace: str) -> dict[Key, int]:
    """What a manifest's own autoscalers scale -> how many replicas they keep at least. namespace: the release's."""
    found: dict[Key, int] = {}
    for item in objects:
        if item.id.kind == "HorizontalPodAutoscaler":
            kind, _, name = target(item.data)
            least = mapping(item.data.get("spec")).get("minReplicas")
            found[kind, item.id.namespace or namespace, name] = least if type(least) is int and least else 1
    return found


def _change(
    item: ManifestObject, before: Any, autoscaler: Mapping[str, Any], server_side: bool
) -> Iterator[Rescaled]:
    live, count = _replicas(autoscaler), _written(item)
    name = str(mapping(autoscaler.get("metadata")).get("name", ""))
    if type(count) is int and count != live:
        yield Rescaled(item.id, name, live, count, rendered=True, conflicts=server_side)
    elif count is None and before is not None and live > 1 and not server_side:
        yield Rescaled(item.id, name, live, 1, rendered=False, conflicts=False)


def _replicas(autoscaler: Mapping[str, Any]) -> int:
    """0 where the autoscaler has not said yet."""
    status = mapping(autoscaler.get("status"))
    count = status.get("desiredReplicas") or status.get("currentReplicas")
    return count if type(count) is int else 0


def _written(item: ManifestObject) -> Any:
    return mapping(item.data.get("spec")).get("replicas")


def _key(item: ManifestObject, namespace: str) -> Key:
    return item.id.kind, item.id.namespace or namespace, item.id.name

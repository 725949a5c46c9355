"""What runs pods: the workloads of a manifest, what they need, and which of them an upgrade restarts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from helm_tyk_upgrade.manifests.split import ManifestObject, mapping, maps
from helm_tyk_upgrade.model.change import FieldChange, ObjectChange, ObjectId, WorkloadImpact
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown

ROLLING = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose controller replaces the pods when the pod template changes."""
GATEWAY_CONTAINER = "gateway-tyk-gateway"
"""The gateway's container in tyk-charts 1.0.0 and later (deployment-gw-repset.yaml: gateway-<chart name>)."""
_POD_TEMPLATES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*ROLLING, "ReplicaSet", "ReplicationController", "Job"), ("spec", "template")),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
GATEWAY_IMAGE = re.compile(r"(^|/)tyk-gateway(-ee|-fips)?(?=[:@]|$)")
_UNITS = {"": 1, **{unit: 1000**power for power, unit in enumerate("kMGTPE", 1)}}
_UNITS |= {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}


@dataclass(frozen=True)
class Workload:
    """An object that runs pods. replicas is unknown for a DaemonSet (one a node) and under an autoscaler;
    images: (container, image) with init containers first; the other names are those its pods refer to."""

    id: ObjectId
    replicas: Maybe[int]
    pod: dict[str, Any]
    images: tuple[tuple[str, str], ...]
    configmaps: tuple[str, ...]
    secrets: tuple[str, ...]
    claims: tuple[str, ...]
    hook: tuple[str, ...] = ()


def pod_template(item: ManifestObject) -> dict[str, Any] | None:
    """`metadata` and `spec` of the pods an object makes (of a Pod: its own), None if it makes none."""
    steps = _POD_TEMPLATES.get(item.id.kind)
    if steps is None:
        return None
    value = item.data
    for step in steps:
        value = mapping(value.get(step))
    return value


def claim_path(item: ManifestObject, claim: str) -> str:
    """Where a workload names a claim: `spec.template.spec.volumes[data].persistentVolumeClaim`; empty where not."""
    for volume in maps(mapping((pod_template(item) or {}).get("spec")).get("volumes")):
        if mapping(volume.get("persistentVolumeClaim")).get("claimName") == claim:
            volumes = ".".join((*_POD_TEMPLATES[item.id.kind], "spec", "volumes"))
            return f"{volumes}[{volume.get('name', '')}].persistentVolumeClaim"
    return ""


def workloads(objects: Iterable[ManifestObject]) -> tuple[Workload, ...]:
    """The workloads among the objects, hooks included, in their order."""
    items = tuple(objects)
    scaled = {_scaled(item) for item in items if item.id.kind == "HorizontalPodAutoscaler"}
    return tuple(_workload(item, scaled) for item in items if pod_template(item) is not None)


def gateway(objects: Iterable[ManifestObject]) -> Workload | None:
    """The workload of the Tyk gateway: by its container's name, else by its image (an aliased subchart
    renames the container). None where the manifest has no gateway."""
    candidates = [found for found in workloads(objects) if not found.hook]
    for test in (lambda name, _: name == GATEWAY_CONTAINER, lambda _, image: GATEWAY_IMAGE.search(image)):
        for found in candidates:
            if any(test(name, image) for name, image in found.images):
                return found
    return None


def gateway_image(found: Workload) -> str:
    """The image reference of a workload's gateway container."""
    by_name = dict(found.images)
    named = by_name.get(GATEWAY_CONTAINER)
    return named or next((image for _, image in found.images if GATEWAY_IMAGE.search(image)), "")


def replaces_pods(item: ManifestObject, changed: Iterable[FieldChange]) -> bool:
    """Whether the changed fields of a workload make its controller replace the pods."""
    if item.id.kind not in ROLLING:
        return False
    return any(field.steps[:2] == ("spec", "template") and not field.cosmetic for field in changed)


def impact(
    pairs: Sequence[tuple[ManifestObject | None, ManifestObject | None]], changes: Sequence[ObjectChange]
) -> tuple[WorkloadImpact, ...]:
    """The workloads whose pods are replaced, started or stopped, with what the new pods ask for."""
    touched = {change.id for change in changes if _moves_pods(change)}
    before = {found.id: found for found in workloads(old for old, _ in pairs if old is not None)}
    after = {found.id: found for found in workloads(new for _, new in pairs if new is not None)}
    return tuple(
        _impact(old, new, before, after)
        for old, new in pairs
        if ((new or old) is not None and (new or old).id in touched)  # type: ignore[union-attr]
    )


def _moves_pods(change: ObjectChange) -> bool:
    if change.hook or change.id.kind not in ROLLING:
        return False
    scales = any(field.steps == ("spec", "replicas") for field in change.fields)
    return change.restarts or scales or change.action.value != "changed"


def _impact(
    old: ManifestObject | None,
    new: ManifestObject | None,
    before: dict[ObjectId, Workload],
    after: dict[ObjectId, Workload],
) -> WorkloadImpact:
    was = before[old.id].replicas if old is not None else Known(0)
    item = new or old
    assert item is not None
    now: Maybe[int] = after[new.id].replicas if new is not None else Known(0)
    cpu, memory = requests(pod_template(item) or {}) if new is not None else (0, 0)
    return WorkloadImpact(item.id, was, now, _surge(new, now), cpu, memory)


def _surge(item: ManifestObject | None, replicas: Maybe[int]) -> Maybe[int]:
    """Extra pods during the rollout: a Deployment's maxSurge (25 % rounded up where unset); other kinds
    replace pods in place."""
    if item is None or item.id.kind != "Deployment" or replicas == Known(0):
        return Known(0)
    strategy = mapping(mapping(item.data.get("spec")).get("strategy"))
    if strategy.get("type") == "Recreate":
        return Known(0)
    surge = mapping(strategy.get("rollingUpdate")).get("maxSurge", "25%")
    if isinstance(surge, int):
        return Known(surge)
    percent = str(surge).removesuffix("%")
    if not percent.isdigit():
        return Unknown(f"maxSurge {surge!r} is not a number or a percentage")
    return Known(-(-replicas.value * int(percent) // 100)) if isinstance(replicas, Known) else replicas


def requests(pod: dict[str, Any]) -> tuple[int, int]:
    """CPU (millicores) and memory (bytes) that one pod requests: its containers together, or the largest init
    container where that is more. A limit without a request is the request, as the API server defaults it."""
    spec = mapping(pod.get("spec"))
    containers = [_request(item) for item in maps(spec.get("containers"))]
    first = [_request(item) for item in maps(spec.get("initContainers"))]
    total = [sum(column) for column in zip(*containers, strict=True)] or [0, 0]
    largest = [max(column) for column in zip(*first, strict=True)] or [0, 0]
    return max(total[0], largest[0]), max(total[1], largest[1])


def _request(container: dict[str, Any]) -> tuple[int, int]:
    resources = mapping(container.get("resources"))
    asked = {**mapping(resources.get("limits")), **mapping(resources.get("requests"))}
    cpu = quantity(asked.get("cpu", 0)) or Decimal(0)
    return int(cpu * 1000), int(quantity(asked.get("memory", 0)) or 0)


def quantity(value: Any) -> Decimal | None:
    """A Kubernetes quantity (`100m`, `1.5Gi`, `2`, `1e3`) as a number, None where it is none."""
    text = str(value).strip()
    number = text.rstrip("KMGTPEkimn")
    unit = text[len(number) :]
    try:
        if unit in ("m", "u", "n"):
            return Decimal(number) / {"m": 1000, "u": 10**6, "n": 10**9}[unit]
        return Decimal(number) * Decimal(_UNITS[unit])
    except (InvalidOperation, KeyError):
        return None


def _scaled(item: ManifestObject) -> tuple[str, str]:
    target = mapping(mapping(item.data.get("spec")).get("scaleTargetRef"))
    return str(target.get("kind", "")), str(target.get("name", ""))


def _workload(item: ManifestObject, scaled: set[tuple[str, str]]) -> Workload:
    pod = pod_template(item) or {}
    spec = mapping(pod.get("spec"))
    containers = [*maps(spec.get("initContainers")), *maps(spec.get("containers"))]
    configmaps, secrets, claims = _references(spec, containers)
    return Workload(
        id=item.id,
        replicas=_replicas(item, scaled),
        pod=pod,
        images=tuple((str(box.get("name", "")), str(box.get("image", ""))) for box in containers),
        configmaps=configmaps,
        secrets=secrets,
        claims=claims,
        hook=item.hook,
    )


def _replicas(item: ManifestObject, scaled: set[tuple[str, str]]) -> Maybe[int]:
    if item.id.kind == "DaemonSet":
        return Unknown("a DaemonSet runs one pod a node")
    if (item.id.kind, item.id.name) in scaled:
        return Unknown("an autoscaler decides")
    if item.id.kind not in (*ROLLING, "ReplicaSet", "ReplicationController"):
        return Known(1)
    replicas = mapping(item.data.get("spec")).get("replicas")
    if replicas is None:
        return Known(1)
    return Known(replicas) if type(replicas) is int else Unknown(f"replicas is {replicas!r}")


def _references(
    spec: dict[str, Any], containers: list[dict[str, Any]]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Names of the ConfigMaps, Secrets and claims a pod cannot start without (not `optional: true`)."""
    configmaps: list[dict[str, Any]] = []
    secrets: list[dict[str, Any]] = []
    claims: list[dict[str, Any]] = []
    for volume in maps(spec.get("volumes")):
        sources = [volume, *maps(mapping(volume.get("projected")).get("sources"))]
        for source in sources:
            configmaps.append(mapping(source.get("configMap")))
            secrets.append(mapping(source.get("secret")))
        claims.append(mapping(volume.get("persistentVolumeClaim")))
    for container in containers:
        for source in maps(container.get("envFrom")):
            configmaps.append(mapping(source.get("configMapRef")))
            secrets.append(mapping(source.get("secretRef")))
        for variable in maps(container.get("env")):
            origin = mapping(variable.get("valueFrom"))
            configmaps.append(mapping(origin.get("configMapKeyRef")))
            secrets.append(mapping(origin.get("secretKeyRef")))
    return _names(configmaps), _names(secrets), _names(claims)


def _names(references: list[dict[str, Any]]) -> tuple[str, ...]:
    found = {
        str(reference.get("name") or reference.get("secretName") or reference.get("claimName") or "")
        for reference in references
        if reference.get("optional") is not True
    }
    return tuple(sorted(found - {""}))

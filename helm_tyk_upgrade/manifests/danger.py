"""What in a change loses data, is rejected by the API server, or stops service: findings as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from helm_tyk_upgrade.manifests import addresses, workloads
from helm_tyk_upgrade.manifests.split import ManifestObject, mapping
from helm_tyk_upgrade.model.change import ABSENT, Action, Danger, FieldChange, ObjectChange, ObjectId, Path

Pair = tuple[ManifestObject | None, ManifestObject | None]

_RECREATE = "Delete the object first (its pods or data go with it), or keep the old value."


@dataclass(frozen=True)
class Immutable:
    """A field the API server does not let change. `except_below`: parts of it that may change."""

    kinds: tuple[str, ...]
    field: Path
    except_below: tuple[str, ...] = ()


# Sources: k8s.io/kubernetes pkg/apis/*/validation/validation.go (Validate<Kind>Update of 1.34).
IMMUTABLE = (
    Immutable(("Deployment", "DaemonSet", "ReplicaSet"), ("spec", "selector")),
    Immutable(
        ("StatefulSet",),
        ("spec",),
        (
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ),
    ),
    Immutable(("RoleBinding", "ClusterRoleBinding"), ("roleRef",)),
    Immutable(("Job",), ("spec", "template")),
    Immutable(("Job",), ("spec", "selector")),
    Immutable(("Job",), ("spec", "completionMode")),
    Immutable(("PersistentVolumeClaim",), ("spec",), ("resources", "volumeAttributesClassName")),
    Immutable(("StorageClass",), ("provisioner",)),
    Immutable(("StorageClass",), ("parameters",)),
    Immutable(("StorageClass",), ("reclaimPolicy",)),
    Immutable(("StorageClass",), ("volumeBindingMode",)),
    Immutable(("PriorityClass",), ("value",)),
    Immutable(("PriorityClass",), ("preemptionPolicy",)),
    Immutable(("IngressClass",), ("spec", "controller")),
    Immutable(("CustomResourceDefinition",), ("spec", "scope")),
    Immutable(("CustomResourceDefinition",), ("spec", "group")),
    Immutable(("CustomResourceDefinition",), ("spec", "names", "plural")),
    Immutable(("Secret",), ("type",)),
)

_REMOVED = {
    "PersistentVolumeClaim": "the claim is deleted, and its volume with it unless the volume is retained",
    "PersistentVolume": "the volume is deleted",
    "CustomResourceDefinition": "all its custom resources are deleted with it",
    "Namespace": "everything in it is deleted",
}


def dangers(
    pairs: Sequence[Pair], changes: Sequence[ObjectChange], namespace: str = ""
) -> tuple[Danger, ...]:
    """The dangerous changes, in their order. Hooks are left out: Helm deletes and makes them anew. namespace: the
    release's."""
    old = {(before or after).id: before for before, after in pairs if before or after}  # type: ignore[union-attr]
    for before, after in pairs:
        if before is not None and after is not None:
            old[after.id] = before
    found: list[Danger] = []
    for change in changes:
        if not change.hook:
            for rule in RULES:
                found.extend(rule(change, old.get(change.id)))
    return (*found, *_claims_left(pairs), *_replaced_kinds(changes), *addresses.moved(changes, namespace))


def _immutable(change: ObjectChange, _: ManifestObject | None) -> Iterator[Danger]:
    if change.action is not Action.CHANGED:
        return
    for field in change.fields:
        if field.cosmetic or _shrinks(change.id.kind, field):  # that has a rule of its own
            continue
        if any(_hits(rule, change.id.kind, field) for rule in IMMUTABLE):
            reason = f"{field.path} of a {change.id.kind} cannot be changed"
            yield Danger(change.id, "immutable-field", "rejected", field.path, reason, _RECREATE)


def _hits(rule: Immutable, kind: str, field: FieldChange) -> bool:
    depth = len(rule.field)
    if kind not in rule.kinds or field.steps[:depth] != rule.field:
        return False
    return not (len(field.steps) > depth and field.steps[depth] in rule.except_below)


def _sealed(change: ObjectChange, old: ManifestObject | None) -> Iterator[Danger]:
    """A ConfigMap or Secret with `immutable: true` lets neither its data nor that mark change."""
    if change.action is not Action.CHANGED or change.id.kind not in ("ConfigMap", "Secret"):
        return
    if old is None or old.data.get("immutable") is not True:
        return
    for field in change.fields:
        if field.steps[0] in ("data", "stringData", "binaryData", "immutable"):
            reason = f"{change.id} is marked immutable"
            yield Danger(change.id, "immutable-field", "rejected", field.path, reason, _RECREATE)


def _cluster_ip(change: ObjectChange, _: ManifestObject | None) -> Iterator[Danger]:
    """An address once given stays. Leaving the field out is allowed: the API server keeps the old address."""
    if change.action is not Action.CHANGED or change.id.kind != "Service":
        return
    for field in change.fields:
        if field.steps[:2] in (("spec", "clusterIP"), ("spec", "clusterIPs")) and field.new not in (
            ABSENT,
            None,
            "",
        ):
            reason = "the address of a Service cannot be changed"
            yield Danger(change.id, "immutable-field", "rejected", field.path, reason, _RECREATE)


def _removed(change: ObjectChange, old: ManifestObject | None) -> Iterator[Danger]:
    consequence = _REMOVED.get(change.id.kind)
    if change.action is not Action.REMOVED or consequence is None or old is None or _kept(old):
        return
    hint = "Back the data up, or annotate the object with helm.sh/resource-policy: keep before the upgrade."
    yield Danger(change.id, "removed-object", "data loss", "", f"{change.id} is removed: {consequence}", hint)


def _kept(item: ManifestObject) -> bool:
    annotations = mapping(mapping(item.data.get("metadata")).get("annotations"))
    return annotations.get("helm.sh/resource-policy") == "keep"


def _shrunk(change: ObjectChange, _: ManifestObject | None) -> Iterator[Danger]:
    for field in change.fields:
        if _shrinks(change.id.kind, field):
            reason = f"{change.id} shrinks from {field.old} to {field.new}"
            hint = "A volume can only grow: keep the old size."
            yield Danger(change.id, "claim-shrinks", "rejected", field.path, reason, hint)


def _shrinks(kind: str, field: FieldChange) -> bool:
    """Whether a claim, or the claims that a StatefulSet makes, would get smaller."""
    depth = {"PersistentVolumeClaim": 0, "StatefulSet": 3}.get(kind)
    if depth is None or field.steps[depth:] != ("spec", "resources", "requests", "storage"):
        return False
    if depth and field.steps[:2] != ("spec", "volumeClaimTemplates"):
        return False
    before, after = workloads.quantity(field.old), workloads.quantity(field.new)
    return before is not None and after is not None and after < before


def _to_zero(change: ObjectChange, _: ManifestObject | None) -> Iterator[Danger]:
    for field in change.fields:
        if field.steps == ("spec", "replicas") and field.new == 0 and type(field.new) is int:
            reason = f"{change.id} is scaled to zero: no pod will serve"
            hint = "Set the replica count to at least 1."
            yield Danger(change.id, "replicas-to-zero", "service stops", field.path, reason, hint)


def _claims_left(pairs: Sequence[Pair]) -> Iterator[Danger]:
    """Claims that a workload had and no longer has, by whatever volume: its new pods start without the data."""
    for old, new in pairs:
        if old is None or new is None or new.hook:
            continue
        after = {claim for found in workloads.workloads((new,)) for claim in found.claims}
        for found in workloads.workloads((old,)):
            for claim in found.claims:
                if claim not in after:
                    yield _claim_left(new.id, claim, workloads.claim_path(old, claim))


def _claim_left(identity: ObjectId, claim: str, path: str) -> Danger:
    reason = f"{identity} no longer mounts the claim {claim}"
    hint = "The data stays in the claim, but the new pods do not see it: keep the volume in the values."
    return Danger(identity, "claim-unmounted", "data loss", path, reason, hint)


def _replaced_kinds(changes: Sequence[ObjectChange]) -> Iterator[Danger]:
    """The same workload under another kind: Helm makes the new one, then deletes the old one."""
    gone = {
        (change.id.namespace, change.id.name): change.id.kind
        for change in changes
        if change.action is Action.REMOVED and change.id.kind in workloads.ROLLING
    }
    for change in changes:
        old_kind = gone.get((change.id.namespace, change.id.name))
        if change.action is Action.ADDED and change.id.kind in workloads.ROLLING and old_kind:
            reason = (
                f"{old_kind} {change.id.name} becomes a {change.id.kind}: all its pods are replaced at once"
            )
            hint = "Keep the kind, or plan for the interruption."
            yield Danger(change.id, "workload-kind", "replaced", "kind", reason, hint)


RULES: tuple[Callable[[ObjectChange, ManifestObject | None], Iterator[Danger]], ...] = (
    _immutable,
    _sealed,
    _cluster_ip,
    _removed,
    _shrunk,
    _to_zero,
    lambda change, _: addresses.readdressed(change),
)

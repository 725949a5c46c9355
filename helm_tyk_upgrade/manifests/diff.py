"""What differs between two renders, object by object and field by field; never line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from helm_tyk_upgrade.manifests import danger, workloads
from helm_tyk_upgrade.manifests.fields import fields
from helm_tyk_upgrade.manifests.split import Manifest, ManifestObject, split
from helm_tyk_upgrade.model.change import (
    ABSENT,
    Action,
    FieldChange,
    ManifestChanges,
    ObjectChange,
    ObjectId,
    Path,
)

# One object is served under several groups; a chart that moves from one to another changes the same object.
_MOVED_GROUPS = ("extensions", "apps", "networking.k8s.io", "policy")
Key = tuple[str, str, str, str, bool, int]
Pair = tuple[ManifestObject | None, ManifestObject | None]


def compare(
    old: Manifest, new: Manifest, old_hooks: Manifest = (), new_hooks: Manifest = (), namespace: str = ""
) -> ManifestChanges:
    """The changed objects, those of the new manifest first (in its order), then the removed ones.

    `old` is what Helm stored, `new` what it renders; hooks may come apart or inside. `namespace` is the
    release's: an object that names it and one that leaves it out are the same. Raises UnreadableYaml.
    """
    pairs = _pairs(split(old) + split(old_hooks), split(new) + split(new_hooks), namespace)
    changes = tuple(change for change in (_change(*pair, namespace) for pair in pairs) if change is not None)
    return ManifestChanges(
        objects=_with_replaced_kinds(changes),
        unchanged=len(pairs) - len(changes),
        dangers=danger.dangers(pairs, changes, namespace),
        impact=workloads.impact(pairs, changes),
    )


def _pairs(old: Iterable[ManifestObject], new: Iterable[ManifestObject], namespace: str) -> list[Pair]:
    before, after = _by_key(old, namespace), _by_key(new, namespace)
    changed: list[Pair] = [(before.get(key), found) for key, found in after.items()]
    return changed + [(found, None) for key, found in before.items() if key not in after]


def _by_key(objects: Iterable[ManifestObject], namespace: str) -> dict[Key, ManifestObject]:
    """Objects by what makes them the same object. A hook is never the release object of the same name: Helm
    creates and deletes it on its own. An object given twice keeps its count."""
    found: dict[Key, ManifestObject] = {}
    for item in objects:
        group = item.id.api_version.rpartition("/")[0]
        group = "" if group in _MOVED_GROUPS else group
        place = item.id.namespace or namespace
        count = 0
        while (key := (group, item.id.kind, place, item.id.name, bool(item.hook), count)) in found:
            count += 1
        found[key] = item
    return found


def _change(old: ManifestObject | None, new: ManifestObject | None, namespace: str) -> ObjectChange | None:
    if old is None and new is not None:
        whole = FieldChange("", (), ABSENT, new.data)
        return _object_change(new, Action.ADDED, (whole,))
    if new is None and old is not None:
        return _object_change(old, Action.REMOVED, (FieldChange("", (), old.data, ABSENT),))
    assert old is not None
    assert new is not None
    changed = tuple(
        change for change in fields(old.data, new.data) if not _only_writes_namespace(change, namespace)
    )
    if not changed:
        return None
    return replace(
        _object_change(new, Action.CHANGED, changed),
        restarts=not new.hook and workloads.replaces_pods(new, changed),
    )


def _object_change(item: ManifestObject, action: Action, changed: tuple[FieldChange, ...]) -> ObjectChange:
    return ObjectChange(item.id, action, changed, item.template, ",".join(item.hook))


def _only_writes_namespace(change: FieldChange, namespace: str) -> bool:
    written = {id(value): value for value in (change.old, change.new) if value is not ABSENT}
    return change.steps == ("metadata", "namespace") and list(written.values()) == [namespace]


def _with_replaced_kinds(changes: tuple[ObjectChange, ...]) -> tuple[ObjectChange, ...]:
    """A workload that comes back under another kind (Deployment to StatefulSet) restarts too."""
    gone = {change.id.name for change in changes if _is_workload(change, Action.REMOVED)}
    return tuple(
        replace(change, restarts=True)
        if _is_workload(change, Action.ADDED) and change.id.name in gone
        else change
        for change in changes
    )


def _is_workload(change: ObjectChange, action: Action) -> bool:
    return change.action is action and not change.hook and change.id.kind in workloads.ROLLING


def random_fields(first: Manifest, second: Manifest) -> set[tuple[ObjectId, Path]]:
    """The fields that differ between two renders of the same chart and values (generated passwords,
    certificates). Steps are those of the second render; an object whose very name is random, of either, has none."""
    found: set[tuple[ObjectId, Path]] = set()
    for change in compare(first, second).objects:
        found.update((change.id, field.steps) for field in change.fields)
    return found


def label_random(changes: ManifestChanges, random: set[tuple[ObjectId, Path]]) -> ManifestChanges:
    """The same changes with `random` set where the new value is, or contains, or lies in, a random field."""
    return replace(
        changes,
        objects=tuple(
            replace(
                change,
                fields=tuple(
                    replace(field, random=field.random or _touches(change.id, field, random))
                    for field in change.fields
                ),
            )
            for change in changes.objects
        ),
    )


def _touches(identity: ObjectId, field: FieldChange, random: set[tuple[ObjectId, Path]]) -> bool:
    if field.new is ABSENT:
        return False
    near = [steps for found, steps in random if found == identity]
    return any(
        steps[: len(field.steps)] == field.steps or field.steps[: len(steps)] == steps for steps in near
    )


def without_cosmetics(changes: ManifestChanges) -> ManifestChanges:
    """The changes that alter something that runs: what decides whether an upgrade does anything."""
    kept = tuple(
        change
        for change in changes.objects
        if change.restarts or not all(field.cosmetic for field in change.fields)
    )
    return replace(changes, objects=kept, unchanged=changes.unchanged + len(changes.objects) - len(kept))

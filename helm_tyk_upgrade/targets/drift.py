"""What was changed in the live objects of a release outside Helm, and an upgrade or its rollback would overwrite.

Client-side apply (Helm 3, and 4 for releases made by it) sets every field of the manifest back, also where the stored
and the new manifest agree: tried with 3.19.0 on Kubernetes 1.34, where `kubectl set env` and a patched ConfigMap entry
were undone by an upgrade that changed neither, and added entries stayed. For custom resources, whose merge keys it
does not know, Helm sends only what changed between the two manifests (createPatch in Helm's pkg/kube/client.go; tried
with 3.13.1, 3.19.0 and 4.3.1). A server-side apply stops at such fields as a conflict, or takes them over by force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.cluster.dryrun import MANAGER
from helm_tyk_upgrade.manifests.drifted import drifted
from helm_tyk_upgrade.manifests.managed_fields import Owner, owners
from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import ManifestObject
from helm_tyk_upgrade.manifests.workloads import workloads
from helm_tyk_upgrade.model.change import ABSENT, ManifestChanges, ObjectId
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.server import Drift, Unread
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.targets.server_truth import Asked, is_named

if TYPE_CHECKING:
    from helm_tyk_upgrade.targets.doors import Doors

_BUILT_IN_GROUPS = frozenset((
    "", "apps", "autoscaling", "batch", "extensions", "policy", "admissionregistration.k8s.io",
    "apiregistration.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "certificates.k8s.io",
    "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io",
    "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
))  # fmt: skip
"""Groups whose kinds Helm merges field by field; it treats all others, and definitions of kinds, as plain JSON."""
_REPLICAS = ("spec", "replicas")
_NOBODY = Owner("", "", "", "")
"""Of a field that was taken away: the API server does not record by whom."""


def drift(
    context: Doors,
    stored: Maybe[tuple[Asked, ...]],
    changes: ManifestChanges,
    *,
    server_side: bool,
) -> Maybe[tuple[Drift, ...]]:
    """The fields, object by object. stored: what server_answers said to the stored objects; server_side: how Helm
    applies them. Unknown where nothing was found and some of the objects could not be read (see `unread`). Teaches
    the masker the secrets of the live objects."""
    if isinstance(stored, Unknown):
        return stored
    ours = _ours(stored.value)
    scaled = {run.id for run in workloads(one.item for one in ours) if isinstance(run.replicas, Unknown)}
    found: list[Drift] = []
    for one in ours:
        if isinstance(one.live, Known):
            context.masker.learn(secret_values((ManifestObject(one.item.id, dict(one.live.value)),)))
            merged = server_side or one.item.id.api_version.rpartition("/")[0] in _BUILT_IN_GROUPS
            overwritten = None if merged else _changed_paths(changes, one.item.id)
            found += _of_object(one, one.live.value, overwritten, scaled)
    unseen = unread(stored)
    if unseen and not found:
        return Unknown(f"{count(len(unseen), 'object')} could not be read: {unseen[0].reason}")
    return Known(tuple(found))


def unread(stored: Maybe[tuple[Asked, ...]]) -> tuple[Unread, ...]:
    """The objects of which drift() says nothing, whatever it found in others; none where nothing was asked."""
    if isinstance(stored, Unknown):
        return ()
    return tuple(
        Unread(one.item.id, one.live.reason) for one in _ours(stored.value) if isinstance(one.live, Unknown)
    )


def _ours(stored: tuple[Asked, ...]) -> list[Asked]:
    """Hooks are made anew each time; an object whose name the server makes cannot be asked for."""
    return [one for one in stored if not one.item.hook and is_named(one.item)]


def _changed_paths(changes: ManifestChanges, identity: ObjectId) -> tuple[str, ...]:
    return tuple(field.path for change in changes.objects if change.id == identity for field in change.fields)


def _of_object(
    one: Asked,
    live: Mapping[str, Any],
    overwritten: tuple[str, ...] | None,
    scaled: set[ObjectId],
) -> Iterator[Drift]:
    """overwritten: the only paths that Helm writes, None for all."""
    item = one.item
    if not live:
        yield Drift(item.id, "", item.data, ABSENT)
        return
    for field in drifted(item.data, live, one.applied):
        change = field.change
        if overwritten is not None and not any(_overlap(change.path, path) for path in overwritten):
            continue
        who = owners(live, field.place) if field.place else ()
        if change.steps == _REPLICAS and (item.id in scaled or any(owner.autoscaler for owner in who)):
            continue  # an autoscaler's work, which it does again after the upgrade
        others = [owner for owner in who if owner.manager != MANAGER]
        if who and not others:
            continue  # Helm's own: the stored revision is one that failed on the way
        last = (*others, _NOBODY)[0]
        yield Drift(item.id, change.path, change.old, change.new, change.name, last.manager, last.time)


def _overlap(path: str, other: str) -> bool:
    longer, shorter = (path, other) if len(path) > len(other) else (other, path)
    return longer.startswith(shorter) and longer[len(shorter) : len(shorter) + 1] in ("", ".", "[")
